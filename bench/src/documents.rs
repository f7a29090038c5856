//! The documents that everybody sends: applications as typed, from the samples of crates/testkit.
//! Invariant: the same seed gives the same lines.

use std::fs::File;
use std::io::{BufWriter, Write as _};
use std::path::{Path, PathBuf};

use anyhow::Context as _;
use jiff::civil::date;
use pishkhan_domain::application::Evidence;
use pishkhan_domain::content_hash::ContentHash;
use pishkhan_testkit::catalogue::cards;
use pishkhan_testkit::samples::Sampler;

/// Of this corpus alone: no dictionary was trained with it.
const SEED: u64 = 14_050_903;

/// The one scan that all applications name: it is sent once, before anything is measured.
pub(crate) const SCAN: &[u8] = b"%PDF-1.4\n% a sample, of no page\n%%EOF\n";

/// A file with one application a line.
pub(crate) struct Documents {
    pub(crate) path: PathBuf,
    pub(crate) average_bytes: u64,
}

impl Documents {
    pub(crate) fn write(folder: &Path, count: usize) -> anyhow::Result<Self> {
        let path = folder.join("applications.jsonl");
        let scan = Evidence::Copy {
            hash: ContentHash::of(SCAN),
            size_bytes: u32::try_from(SCAN.len())?,
            media_type: "application/pdf".to_owned(),
        };
        let today = date(2026, 11, 24);
        let mut sampler = Sampler::new(cards()?, today, SEED).with_scan(scan);
        let mut out = BufWriter::new(File::create(&path)?);
        let mut bytes = 0;
        for _ in 0..count {
            let line = sampler.good().context("no sample")?.to_string();
            bytes += line.len() as u64;
            writeln!(out, "{line}")?;
        }
        out.flush()?;
        Ok(Self { path, average_bytes: bytes / count.max(1) as u64 })
    }
}
