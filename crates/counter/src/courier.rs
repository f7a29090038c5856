//! Courier (پیک): files that are carried to the centre, and answers that come back.
//!
//! Invariant: a file counts as written when it is whole on the stick under its name and was read
//! back; names say nothing of contents, and no path out of a file is ever used. The store is locked
//! for a part at a time, so that the operator does not wait for a stick.

mod reading;
mod stick;

use std::path::{Path, PathBuf};

use pishkhan_ipc::courier::{
    CourierExport, CourierExportRequest, CourierFile, CourierImport, CourierImportRequest,
};
use pishkhan_ipc::error::IpcError;
use pishkhan_store as store;
use pishkhan_sync::courier::{ExportError, export, verify};

use crate::counter::{Counter, Seat};
use crate::error::CounterError;
use stick::Unfinished;

impl Counter {
    /// `courier_export`: all that the centre is not known to have, as far as the stick has room.
    ///
    /// # Errors
    /// `courier.no_folder`, `courier.not_writable`, `courier.no_room`, `courier.not_verified`,
    /// `session.locked`; there is no file then.
    pub fn courier_export(
        &self,
        request: &CourierExportRequest,
    ) -> Result<CourierExport, IpcError> {
        self.courier_export_to(Path::new(&request.folder), None)
    }

    /// The same into a folder, or into a file that is not there yet; of at most `most_bytes`.
    ///
    /// # Errors
    /// As [`Counter::courier_export`].
    pub fn courier_export_to(
        &self,
        place: &Path,
        most_bytes: Option<u64>,
    ) -> Result<CourierExport, IpcError> {
        let seat = self.seat()?;
        let _turn = self.courier_turn();
        write(&seat, place, most_bytes).map_err(|error| error.into_ipc(seat.now_ms()))
    }

    /// `courier_import`: reads a file, or every courier file of a folder.
    ///
    /// # Errors
    /// `courier.no_file`, `session.locked`, and those of the store.
    pub fn courier_import(
        &self,
        request: &CourierImportRequest,
    ) -> Result<CourierImport, IpcError> {
        let seat = self.seat()?;
        let _turn = self.courier_turn();
        reading::read(&seat, Path::new(&request.path))
            .map_err(|error| error.into_ipc(seat.now_ms()))
    }

    /// `courier_files`: files that were written for the centre, newest first.
    ///
    /// # Errors
    /// `session.locked`.
    pub fn courier_files(&self) -> Result<Vec<CourierFile>, IpcError> {
        self.at_desk(|desk| Ok(desk.store.courier_files()?.into_iter().map(told).collect()))
    }
}

fn write(
    seat: &Seat,
    place: &Path,
    most_bytes: Option<u64>,
) -> Result<CourierExport, CounterError> {
    let identity = seat.store().identity().clone();
    let (folder, name) = stick::place(place)?;
    let room = stick::room(&folder).min(most_bytes.unwrap_or(u64::MAX));
    let unfinished = Unfinished::create(&folder, identity.device.0)?;
    let written = export(seat.shared_store(), unfinished.writer(), room, seat.now_ms());
    let written = written.map_err(not_written)?;
    let back = unfinished.read_back().map_err(stick::refused)?;
    verify(back, &identity, &written).map_err(|error| {
        tracing::warn!(%error, "what was written on the stick cannot be read back");
        CounterError::told("courier.not_verified")
    })?;
    let name = name.unwrap_or_else(|| format!("pishkhan-{}-{}", identity.device.0, written.number));
    let path = unfinished.finish(&name).map_err(stick::refused)?;
    let file = written.left_at(path.to_string_lossy().into_owned());
    seat.store().finish_courier_file(&file)?;
    Ok(CourierExport {
        file: told(file),
        entries_left: count(written.entries_left),
        documents_left: written.documents_left,
    })
}

fn not_written(error: ExportError) -> CounterError {
    match error {
        ExportError::Store(error) => error.into(),
        ExportError::Disk(error) => stick::refused(error),
        ExportError::NoRoom => CounterError::told("courier.no_room"),
        ExportError::NoRandom => CounterError::Internal("no randomness".to_owned()),
    }
}

fn told(file: store::CourierFile) -> CourierFile {
    CourierFile {
        number: file.number,
        path: file.path,
        entries: file.entries,
        documents: file.documents,
        bytes: file.size_bytes,
        made_at: file.made_at,
        answered_at: file.answered_at,
    }
}

fn count(number: u64) -> u32 {
    u32::try_from(number).unwrap_or(u32::MAX)
}

/// The name of an answer or file as it is offered to people, without its folder.
fn shown(path: &Path) -> String {
    PathBuf::from(path.file_name().unwrap_or_default()).to_string_lossy().into_owned()
}
