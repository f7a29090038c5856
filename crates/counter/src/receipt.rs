//! Receipts: what they say, the preview, printing and saving.
//!
//! Invariant: a receipt is made from the committed event, and no two papers without «المثنی» can
//! exist: see [`copies`].

use std::sync::PoisonError;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use pishkhan_domain::ids::ApplicationId;
use pishkhan_ipc::error::IpcError;
use pishkhan_ipc::receipt::{Paper, PrintOutcome, ReceiptPreview, ReceiptRequest, SystemPrinter};
use pishkhan_ipc::settings::{Printer, Settings};
use pishkhan_receipt::{ReceiptContent, render_pdf, render_png, render_raster};

use crate::counter::{Counter, Seat};
use crate::error::CounterError;
use crate::printer::{self, Job};

mod contents;
mod copies;
pub(crate) mod save;

/// Pixels per inch of the preview: an A5 page of about 820 pixels.
const PREVIEW_PPI: f64 = 140.0;

impl Counter {
    /// `receipt_preview`: the receipt as the next print would be. Nothing is counted.
    ///
    /// # Errors
    /// `application.not_found`, `session.locked`.
    pub fn receipt_preview(&self, request: &ReceiptRequest) -> Result<ReceiptPreview, IpcError> {
        let (png, copy) = self.receipt_png(request)?;
        Ok(ReceiptPreview { picture: picture(&png), copy })
    }

    /// The preview's PNG as it is, and the copy number that it shows.
    ///
    /// # Errors
    /// As [`Counter::receipt_preview`].
    pub fn receipt_png(&self, request: &ReceiptRequest) -> Result<(Vec<u8>, u32), IpcError> {
        let seat = self.seat()?;
        let (content, paper) = seat.at_desk(|desk| {
            let copy = desk.next_copy(request.application)?;
            let paper = request.paper.unwrap_or(desk.settings()?.paper);
            Ok((desk.receipt_content(request.application, copy)?, paper))
        })?;
        // Typesetting takes tens of milliseconds: not while the store is locked.
        let png = render_png(&content, paper_of(paper), PREVIEW_PPI);
        Ok((seat.told(png)?, content.copy))
    }

    /// `receipt_print`, on the printer of the settings; with none chosen it is saved as PDF.
    ///
    /// # Errors
    /// `application.not_found`, `session.locked`, `disk.full`, `internal.failed`. A printer's
    /// trouble is an answer, no error.
    pub fn receipt_print(&self, request: &ReceiptRequest) -> Result<PrintOutcome, IpcError> {
        let seat = self.seat()?;
        let settings = seat.at_desk(|desk| desk.settings())?;
        if settings.printer == Printer::None {
            return self.receipt_save(request);
        }
        let _turn = self.print_turn.lock().unwrap_or_else(PoisonError::into_inner);
        let content = seat.next_receipt(request.application)?;
        let wanted = request.paper.unwrap_or(settings.paper);
        let job = seat.told(job(&content, &settings.printer, wanted))?;
        let copy = content.copy;
        seat.at_desk(|desk| desk.claim_copy(request.application, copy))?;
        match printer::send(&self.places.spooler, &settings.printer, &job) {
            Ok(()) => {
                seat.at_desk(|desk| desk.count_copy(request.application, copy))?;
                Ok(PrintOutcome::Printed { copy })
            }
            Err(failure) => {
                seat.at_desk(|desk| {
                    if failure.may_have_printed() {
                        desk.count_copy(request.application, copy)
                    } else {
                        desk.release_copy(request.application)
                    }
                })?;
                Ok(failed(failure))
            }
        }
    }

    /// `printer_list`.
    ///
    /// # Errors
    /// `session.locked`.
    pub fn printer_list(&self) -> Result<Vec<SystemPrinter>, IpcError> {
        self.seat()?;
        Ok(self.places.spooler.queues())
    }

    /// `printer_test`: a sample page on the printer of these settings; nothing is counted.
    ///
    /// # Errors
    /// `settings.invalid`, `session.locked`.
    pub fn printer_test(&self, settings: &Settings) -> Result<PrintOutcome, IpcError> {
        let seat = self.seat()?;
        if !crate::settings::valid(settings) {
            return Err(IpcError::new("settings.invalid"));
        }
        let content = seat.at_desk(|desk| Ok(desk.sample_content()))?;
        let job = seat.told(job(&content, &settings.printer, settings.paper))?;
        Ok(match printer::send(&self.places.spooler, &settings.printer, &job) {
            Ok(()) => PrintOutcome::Printed { copy: content.copy },
            Err(failure) => failed(failure),
        })
    }
}

impl Seat {
    /// The next receipt of an application, after what a killed process left is settled. Only with
    /// the turn to print.
    fn next_receipt(&self, id: ApplicationId) -> Result<ReceiptContent, IpcError> {
        self.at_desk(|desk| {
            desk.settle_claims()?;
            let copy = desk.next_copy(id)?;
            desk.receipt_content(id, copy)
        })
    }

    pub(crate) fn told<T>(
        &self,
        result: Result<T, impl Into<CounterError>>,
    ) -> Result<T, IpcError> {
        result.map_err(|error| error.into().into_ipc(0))
    }
}

/// Thermal printers on the network take strips only, whatever paper is set.
fn job(
    content: &ReceiptContent,
    printer: &Printer,
    paper: Paper,
) -> Result<Job, pishkhan_receipt::ReceiptError> {
    match (printer, paper) {
        (Printer::Network { .. }, _) | (_, Paper::Thermal80) => {
            render_raster(content, pishkhan_receipt::Paper::Thermal80).map(Job::Strip)
        }
        (_, Paper::A5) => render_pdf(content, pishkhan_receipt::Paper::A5).map(Job::Page),
    }
}

fn paper_of(paper: Paper) -> pishkhan_receipt::Paper {
    match paper {
        Paper::A5 => pishkhan_receipt::Paper::A5,
        Paper::Thermal80 => pishkhan_receipt::Paper::Thermal80,
    }
}

/// A PNG as a page shows it.
pub(crate) fn picture(png: &[u8]) -> String {
    format!("data:image/png;base64,{}", STANDARD.encode(png))
}

pub(crate) fn failed(failure: printer::PrintFailure) -> PrintOutcome {
    PrintOutcome::Failed { code: failure.code().to_owned(), detail: failure.to_string() }
}
