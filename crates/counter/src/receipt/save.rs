//! A receipt as a PDF file.
//!
//! Invariant: a file under its final name is whole and on the disk; it never replaces another.

use std::fs::{self, File};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::sync::PoisonError;

use pishkhan_ipc::error::IpcError;
use pishkhan_ipc::receipt::{PrintOutcome, ReceiptRequest};
use pishkhan_receipt::{ReceiptContent, render_pdf};

use super::paper_of;
use crate::counter::Counter;
use crate::error::is_full;

/// What became of a file.
pub(crate) enum Saved {
    Whole,
    /// Nothing stands under the final name.
    Nothing(io::Error),
    /// It stands there, and whether a power cut would take it is not known.
    Unsure(io::Error),
}

impl Counter {
    /// `receipt_save`: into the directory for receipts.
    ///
    /// # Errors
    /// As [`Counter::receipt_print`]; a disk's trouble with the file is an answer, no error.
    pub fn receipt_save(&self, request: &ReceiptRequest) -> Result<PrintOutcome, IpcError> {
        let dir = &self.places.receipts_dir;
        self.save_receipt(request, |content| free_path(dir, content))
    }

    /// As `receipt_save`, under a name that the caller chose; a file of that name is replaced.
    ///
    /// # Errors
    /// As [`Counter::receipt_save`].
    pub fn receipt_save_as(
        &self,
        request: &ReceiptRequest,
        path: &Path,
    ) -> Result<PrintOutcome, IpcError> {
        self.save_receipt(request, |_| path.to_owned())
    }

    fn save_receipt(
        &self,
        request: &ReceiptRequest,
        path: impl FnOnce(&ReceiptContent) -> PathBuf,
    ) -> Result<PrintOutcome, IpcError> {
        let seat = self.seat()?;
        let _turn = self.print_turn.lock().unwrap_or_else(PoisonError::into_inner);
        let id = request.application;
        let paper = match request.paper {
            Some(paper) => paper,
            None => seat.at_desk(|desk| desk.settings())?.paper,
        };
        let content = seat.next_receipt(id)?;
        let pdf = seat.told(render_pdf(&content, paper_of(paper)))?;
        let (copy, path) = (content.copy, path(&content));
        seat.at_desk(|desk| desk.claim_copy(id, copy))?;
        match write_whole(&path, &pdf) {
            Saved::Whole => {
                seat.at_desk(|desk| desk.count_copy(id, copy))?;
                Ok(PrintOutcome::Saved { copy, path: path.display().to_string() })
            }
            Saved::Nothing(error) => {
                seat.at_desk(|desk| desk.release_copy(id))?;
                Ok(file_failed(&error))
            }
            Saved::Unsure(error) => {
                seat.at_desk(|desk| desk.count_copy(id, copy))?;
                Ok(file_failed(&error))
            }
        }
    }
}

pub(crate) fn file_failed(error: &io::Error) -> PrintOutcome {
    let code = if is_full(error) { "disk.full" } else { "disk.failed" };
    PrintOutcome::Failed { code: code.to_owned(), detail: error.to_string() }
}

/// `0001234567890.pdf`, `0001234567890-2.pdf`: no name, no id; never one that is taken.
fn free_path(dir: &Path, content: &ReceiptContent) -> PathBuf {
    let code = content.tracking_code;
    let named = |suffix: String| dir.join(format!("{code}{suffix}.pdf"));
    let first =
        if content.copy == 1 { named(String::new()) } else { named(format!("-{}", content.copy)) };
    let others = (1..).map(|n| named(format!("-{}-{n}", content.copy)));
    std::iter::once(first.clone()).chain(others).find(|path| !path.exists()).unwrap_or(first)
}

/// Temporary file, fsync, rename, fsync of the directory: a power cut leaves the whole file or none.
pub(crate) fn write_whole(path: &Path, bytes: &[u8]) -> Saved {
    let dir = path.parent().filter(|dir| !dir.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    let partial = dir.join(format!(".{name}.partial"));
    let written = fs::create_dir_all(dir).and_then(|()| {
        let mut file = File::create(&partial)?;
        file.write_all(bytes)?;
        file.sync_all()?;
        fs::rename(&partial, path)
    });
    if let Err(error) = written {
        // It may not be there at all.
        let _ = fs::remove_file(&partial);
        return Saved::Nothing(error);
    }
    match sync_directory(dir) {
        Ok(()) => Saved::Whole,
        Err(error) => Saved::Unsure(error),
    }
}

#[cfg(unix)]
fn sync_directory(dir: &Path) -> io::Result<()> {
    File::open(dir)?.sync_all()
}

/// Windows has no handle to a directory that could be flushed; NTFS journals the rename.
#[cfg(not(unix))]
fn sync_directory(_: &Path) -> io::Result<()> {
    Ok(())
}
