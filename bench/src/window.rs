//! The window of an office that has filed a million applications: how long its answers take, how long
//! it takes to start, and what it holds in memory, beside a window of Tauri with nothing in it.
//!
//! Invariant: every figure that is printed was measured in this run. The office itself is kept for
//! the next run, and grows by what each run records.

mod asking;
mod driving;
mod filling;
mod memory;
pub(crate) mod page;
mod spread;
mod starting;

use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::time::Instant;

use clap::Args;
use jiff::civil::Date;
use pishkhan_domain::jalali::tehran_date;
use pishkhan_testkit::catalogue;
use pishkhan_testkit::display::Display;
use pishkhan_testkit::samples::Sampler;

use crate::report::Surroundings;
use asking::Asked;
use starting::Started;

/// How much.
#[derive(Args)]
pub(crate) struct Run {
    /// Applications in the office's store.
    #[arg(long, default_value_t = 1_000_000)]
    applications: usize,
    /// How many applications are recorded while the clock runs.
    #[arg(long, default_value_t = 300)]
    recorded: usize,
    /// How often each window is started.
    #[arg(long, default_value_t = 5)]
    starts: usize,
    /// Leave the windows out.
    #[arg(long)]
    no_windows: bool,
    /// Folder with the programs; by default the one of this program.
    #[arg(long)]
    programs: Option<PathBuf>,
    /// Write the section of this file too.
    #[arg(long)]
    page: Option<PathBuf>,
}

/// What was measured.
pub(crate) struct Measured {
    pub(crate) applications: u32,
    pub(crate) store_bytes: u64,
    /// Seconds from the PIN to the open store, in this process.
    pub(crate) opening_seconds: f64,
    pub(crate) asked: Vec<Asked>,
    /// Ours and the empty one.
    pub(crate) started: Option<(Started, Started)>,
}

/// Measures, and prints the tables.
pub(crate) async fn run(run: &Run) -> anyhow::Result<()> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..").canonicalize()?;
    let folder = root.join("target/bench/window");
    std::fs::create_dir_all(&folder)?;
    let office = filling::office(&folder, run.applications)?;
    let around = Surroundings::look(&root, 0)?;

    let entries = entries(run.recorded)?;
    let begun = Instant::now();
    let counter = crate::office::unlocked(&office.join("data"))?;
    let opening_seconds = begun.elapsed().as_secs_f64();
    let asked = asking::ask(&counter, &entries)?;
    let status = crate::office::told(counter.sync_status(&Default::default()))?;
    drop(counter);
    let store_bytes = std::fs::metadata(office.join("data/office.db"))?.len();

    let started = if run.no_windows { None } else { Some(windows(run, &office).await?) };
    let applications = status.recorded;
    let measured = Measured { applications, store_bytes, opening_seconds, asked, started };
    let section = page::section(&measured, &around);
    writeln!(std::io::stdout(), "{section}")?;
    if let Some(file) = &run.page {
        page::write(file, &section)?;
    }
    Ok(())
}

async fn windows(run: &Run, office: &Path) -> anyhow::Result<(Started, Started)> {
    let here = std::env::current_exe()?;
    let programs = run.programs.as_deref().or(here.parent()).unwrap_or(Path::new("."));
    let display = Display::start().await?;
    let (ours, empty) = (programs.join("pishkhan"), programs.join("empty-window"));
    let desk = Some("screen.record");
    let ours = starting::start(&display, &ours, office, desk, run.starts).await?;
    let empty = starting::start(&display, &empty, office, None, run.starts).await?;
    Ok((ours, empty))
}

/// Entries as the window sends them, none of which was recorded before.
fn entries(count: usize) -> anyhow::Result<Vec<String>> {
    let now = jiff::Timestamp::now().as_millisecond();
    let today: Date = tehran_date(now);
    let mut sampler = Sampler::new(catalogue::cards()?, today, now.unsigned_abs());
    let entries = (0..count).filter_map(|_| sampler.good());
    Ok(entries.map(|entry| entry.to_string()).collect())
}
