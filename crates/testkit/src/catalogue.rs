//! The catalogue of this repository, read from its files.

use std::path::{Path, PathBuf};
use std::{fs, io};

use pishkhan_domain::service_card::ServiceCard;
use pishkhan_domain::working_days::WorkingCalendar;

/// The folder `catalogue/` of this repository.
#[must_use]
pub fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../catalogue")
}

/// Every service card, in the order of codes.
///
/// # Errors
/// When a file cannot be read or is no card.
pub fn cards() -> io::Result<Vec<ServiceCard>> {
    let entries = fs::read_dir(folder().join("services"))?;
    let mut paths = entries.map(|entry| Ok(entry?.path())).collect::<io::Result<Vec<PathBuf>>>()?;
    paths.sort();
    paths.iter().map(|path| Ok(serde_json::from_slice(&fs::read(path)?)?)).collect()
}

/// Weekend and holidays.
///
/// # Errors
/// When the file cannot be read.
pub fn calendar() -> io::Result<WorkingCalendar> {
    Ok(serde_json::from_slice(&fs::read(folder().join("working-calendar.json"))?)?)
}
