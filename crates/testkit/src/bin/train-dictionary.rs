//! `train-dictionary FOLDER` writes what `crates/protocol/dictionaries` holds: `columns-2`, the
//! entries from which the columns of codec 2 begin, and `1.zdict`, the dictionary of messages.
//! Made from the catalogue and from samples alone; the same sources give the same bytes.

use std::path::PathBuf;
use std::{fs, io};

use pishkhan_protocol::chain::Entry;
use pishkhan_protocol::columns;
use pishkhan_testkit::training;

/// Bytes of the dictionary of messages.
const SIZE: usize = 64 * 1024;

fn main() -> io::Result<()> {
    let folder = std::env::args().nth(1).map(PathBuf::from);
    let folder = folder.ok_or_else(|| io::Error::other("usage: train-dictionary FOLDER"))?;
    let entries: Vec<Entry> = training::entries()?;
    fs::write(folder.join("columns-2"), columns::encode_prior(&entries))?;
    let dictionary = zstd::dict::from_samples(&training::messages()?, SIZE)?;
    fs::write(folder.join("1.zdict"), dictionary)
}
