//! Letters of agencies: what came down with an approval, set here and printed for the citizen.
//!
//! Invariant: a letter is one page of A4 with the same bytes as at the centre, so it never goes to a
//! roll; where no printer for pages is chosen it is saved. No number is claimed before a print, as it
//! is for receipts: every print is the same paper, so a killed process can only forget to count one.

use std::path::Path;
use std::sync::PoisonError;

use pishkhan_domain::ids::ApplicationId;
use pishkhan_domain::tracking_code::TrackingCode;
use pishkhan_ipc::application::{ApplicationRequest, LetterView};
use pishkhan_ipc::error::IpcError;
use pishkhan_ipc::receipt::{LetterPreview, Paper, PrintOutcome};
use pishkhan_ipc::settings::Printer;
use pishkhan_protocol::body::{EventBody, LetterPrinted};
use pishkhan_receipt::{LetterKind, render_letter, render_letter_png};
use pishkhan_store::{KeptLetter, letter_of};

use crate::counter::{Counter, Desk, Seat};
use crate::error::CounterError;
use crate::printer::{self, Job};
use crate::receipt::save::{Saved, file_failed, write_whole};
use crate::receipt::{failed, picture};

/// Pixels per inch of the preview: an A4 page of about 830 pixels.
const PREVIEW_PPI: f64 = 100.0;

impl Counter {
    /// `letter_preview`: the letter as it is printed. Nothing is counted.
    ///
    /// # Errors
    /// `application.not_found`, `letter.not_found`, `session.locked`.
    pub fn letter_preview(&self, request: &ApplicationRequest) -> Result<LetterPreview, IpcError> {
        let seat = self.seat()?;
        let (kept, code) = seat.at_desk(|desk| desk.letter(request.id))?;
        // Typesetting takes tens of milliseconds: not while the store is locked.
        let png = seat.told(render_letter_png(&kept.letter, code, PREVIEW_PPI))?;
        Ok(LetterPreview { picture: picture(&png) })
    }

    /// `letter_print`, on the printer of the settings if it is one for pages; else saved as PDF.
    ///
    /// # Errors
    /// As [`Counter::letter_preview`], and `disk.full`. A printer's trouble is an answer, no error.
    pub fn letter_print(&self, request: &ApplicationRequest) -> Result<PrintOutcome, IpcError> {
        let settings = self.seat()?.at_desk(|desk| desk.settings())?;
        let printer = match (settings.printer, settings.paper) {
            (printer @ Printer::System { .. }, Paper::A5) => printer,
            _ => {
                let dir = self.places.receipts_dir.clone();
                return self.save_letter(request.id, |code, kept| {
                    let reference = kept.letter.reference().replace('/', "-");
                    dir.join(format!("{code}-letter-{reference}.pdf"))
                });
            }
        };
        let seat = self.seat()?;
        let _turn = self.print_turn.lock().unwrap_or_else(PoisonError::into_inner);
        let (kept, code) = seat.at_desk(|desk| desk.letter(request.id))?;
        let pdf = seat.told(render_letter(&kept.letter, code, LetterKind::Issued))?;
        match printer::send(&self.places.spooler, &printer, &Job::Page(pdf)) {
            Ok(()) => Ok(PrintOutcome::Printed { copy: seat.count_letter(request.id, &kept)? }),
            Err(failure) => {
                if failure.may_have_printed() {
                    seat.count_letter(request.id, &kept)?;
                }
                Ok(failed(failure))
            }
        }
    }

    /// The letter as PDF, under a name that the caller chose; a file of that name is replaced.
    ///
    /// # Errors
    /// As [`Counter::letter_print`].
    pub fn letter_save_as(
        &self,
        request: &ApplicationRequest,
        path: &Path,
    ) -> Result<PrintOutcome, IpcError> {
        self.save_letter(request.id, |_, _| path.to_owned())
    }

    fn save_letter(
        &self,
        id: ApplicationId,
        path: impl FnOnce(TrackingCode, &KeptLetter) -> std::path::PathBuf,
    ) -> Result<PrintOutcome, IpcError> {
        let seat = self.seat()?;
        let _turn = self.print_turn.lock().unwrap_or_else(PoisonError::into_inner);
        let (kept, code) = seat.at_desk(|desk| desk.letter(id))?;
        let pdf = seat.told(render_letter(&kept.letter, code, LetterKind::Issued))?;
        let path = path(code, &kept);
        match write_whole(&path, &pdf) {
            Saved::Whole => {
                let copy = seat.count_letter(id, &kept)?;
                Ok(PrintOutcome::Saved { copy, path: path.display().to_string() })
            }
            Saved::Nothing(error) | Saved::Unsure(error) => Ok(file_failed(&error)),
        }
    }
}

impl Seat {
    fn count_letter(&self, id: ApplicationId, kept: &KeptLetter) -> Result<u32, IpcError> {
        let copy = kept.copies.saturating_add(1);
        let printed = LetterPrinted { application: id, copy };
        self.at_desk(|desk| desk.append(EventBody::LetterPrinted(printed), None))?;
        Ok(copy)
    }
}

impl Desk<'_> {
    /// The letter of an application and its tracking code.
    fn letter(&self, id: ApplicationId) -> Result<(KeptLetter, TrackingCode), CounterError> {
        let code = self.store.row(id, self.now_ms)?.tracking_code;
        let kept = letter_of(&self.store.timeline(id)?);
        Ok((kept.ok_or_else(|| CounterError::told("letter.not_found"))?, code))
    }
}

/// As the window shows it.
pub(crate) fn letter_view(kept: KeptLetter) -> LetterView {
    LetterView {
        number: kept.letter.reference(),
        issued_on: kept.letter.issued_on,
        agency: kept.letter.agency,
        subject: kept.letter.subject,
        copies_printed: kept.copies,
    }
}
