//! Reading what came back: one file, or all that a folder holds.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::{self, BufReader, Read};
use std::path::{Path, PathBuf};

use pishkhan_ipc::courier::{CourierImport, CourierRead};
use pishkhan_protocol::courier::{Cover, Direction, EXTENSION, FileReader, MAGIC_OF_ANY};
use pishkhan_sync::courier::{Imported, Outcome, import};

use super::{count, shown};
use crate::counter::Seat;
use crate::error::CounterError;

/// Files of one folder that are read: far more than any stick brings.
const MOST_FILES: usize = 1_000;

pub(super) fn read(seat: &Seat, path: &Path) -> Result<CourierImport, CounterError> {
    let found = found(path);
    if found.is_empty() {
        return Err(CounterError::told("courier.no_file"));
    }
    let mut files = Vec::with_capacity(found.len());
    for file in found {
        files.push(read_one(seat, &file)?);
    }
    Ok(CourierImport { files })
}

/// The files to read, those that were made earlier first. Links in a folder are not followed, and
/// what lies there for the centre is left out, unless there is nothing else to speak of.
fn found(path: &Path) -> Vec<PathBuf> {
    if !path.is_dir() {
        return if path.is_file() { vec![path.to_owned()] } else { Vec::new() };
    }
    let entries = fs::read_dir(path).into_iter().flatten().filter_map(Result::ok);
    let files = entries.filter(|entry| entry.file_type().is_ok_and(|kind| kind.is_file()));
    let paths = files.map(|entry| entry.path()).filter(|path| looks_like_one(path));
    let mut found: Vec<_> = paths.take(MOST_FILES).map(|path| (cover(&path), path)).collect();
    let leaves = |cover: &Option<Cover>| {
        cover.as_ref().is_some_and(|cover| cover.direction == Direction::ToCentre)
    };
    if !found.iter().all(|(cover, _)| leaves(cover)) {
        found.retain(|(cover, _)| !leaves(cover));
    }
    found.sort_by_key(|(cover, _)| cover.as_ref().map(|cover| cover.made_at_ms));
    found.into_iter().map(|(_, path)| path).collect()
}

/// By its name, or by how it begins: people rename files.
fn looks_like_one(path: &Path) -> bool {
    let named = path.extension().is_some_and(|end| end.eq_ignore_ascii_case(EXTENSION));
    let mut begin = [0; MAGIC_OF_ANY.len()];
    named
        || File::open(path).and_then(|mut file| file.read_exact(&mut begin)).is_ok()
            && begin == *MAGIC_OF_ANY
}

/// What its cover says, signed or not: what is read, and in which order, goes by it, and no more.
fn cover(path: &Path) -> Option<Cover> {
    FileReader::open(BufReader::new(File::open(path).ok()?)).ok()?.cover().read().ok()
}

fn read_one(seat: &Seat, path: &Path) -> Result<CourierRead, CounterError> {
    let imported = match open(path) {
        Ok(file) => import(seat.shared_store(), file, seat.now_ms()).map_err(CounterError::from)?,
        Err(error) => {
            tracing::warn!(%error, "a courier file cannot be opened");
            Imported::nothing(Outcome::Unreadable)
        }
    };
    let outcome = imported.outcome;
    let mut params = BTreeMap::new();
    if let (Outcome::ArrivedCut | Outcome::Gap, Some(number)) = (outcome, imported.number) {
        params.insert("number".to_owned(), number.to_string());
    }
    tracing::info!(?outcome, number = imported.number, "a courier file was read");
    Ok(CourierRead {
        name: shown(path),
        code: code(outcome).to_owned(),
        params,
        number: imported.number,
        made_at: imported.made_at_ms,
        acknowledged: count(imported.acknowledged),
        documents: imported.documents,
        news: count(imported.applications),
        notices: imported.notices,
        services: imported.publications,
    })
}

fn open(path: &Path) -> io::Result<BufReader<File>> {
    Ok(BufReader::with_capacity(256 * 1024, File::open(path)?))
}

fn code(outcome: Outcome) -> &'static str {
    match outcome {
        Outcome::Taken => "courier.taken",
        Outcome::TakenBefore => "courier.taken_before",
        Outcome::Cut => "courier.cut",
        Outcome::ArrivedCut => "courier.arrived_cut",
        Outcome::Gap => "courier.gap",
        Outcome::NewsMissing => "courier.news_missing",
        Outcome::Outdated => "courier.outdated",
        Outcome::OfAnother => "courier.of_another",
        Outcome::ForTheCentre => "courier.for_the_centre",
        Outcome::Damaged => "courier.damaged",
        Outcome::NotOne => "courier.not_one",
        Outcome::NotOfTheCentre => "courier.not_of_the_centre",
        Outcome::TooNew => "courier.too_new",
        Outcome::Unreadable => "courier.unreadable",
        Outcome::Fork => "device.fork",
        Outcome::StaleCopy => "device.stale_copy",
        Outcome::Revoked => "device.revoked",
        Outcome::LogDamaged => "device.log_damaged",
        Outcome::Unsupported => "protocol.unsupported",
    }
}

#[cfg(test)]
mod tests {
    use pishkhan_ipc::courier::COURIER_CODES;

    use super::*;

    #[test]
    fn every_outcome_has_its_code() {
        let all = [
            Outcome::Taken,
            Outcome::TakenBefore,
            Outcome::Cut,
            Outcome::ArrivedCut,
            Outcome::Gap,
            Outcome::NewsMissing,
            Outcome::Outdated,
            Outcome::OfAnother,
            Outcome::ForTheCentre,
            Outcome::Damaged,
            Outcome::NotOne,
            Outcome::NotOfTheCentre,
            Outcome::TooNew,
            Outcome::Unreadable,
            Outcome::Fork,
            Outcome::StaleCopy,
            Outcome::Revoked,
            Outcome::LogDamaged,
            Outcome::Unsupported,
        ];
        let mut codes: Vec<&str> = all.into_iter().map(code).collect();
        codes.sort_unstable();
        let mut listed = COURIER_CODES.to_vec();
        listed.sort_unstable();
        assert_eq!(codes, listed);
    }
}
