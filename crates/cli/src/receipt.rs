//! A receipt, or an agency's letter, into a file.

use std::path::Path;

use anyhow::{Context, bail};
use pishkhan_ipc::application::ApplicationRequest;
use pishkhan_ipc::receipt::{PrintOutcome, ReceiptRequest};
use serde_json::json;

use crate::arguments::Receipt;
use crate::exit::Exit;
use crate::find::application;
use crate::office::Office;
use crate::say;

/// Writes the PDF, counted as a copy, and the picture of that copy when asked.
pub(crate) fn run(office: &Office, receipt: &Receipt) -> anyhow::Result<Exit> {
    let application = application(office, &receipt.application)?;
    let request = ReceiptRequest { application, paper: Some(receipt.paper.into()) };
    if let Some(file) = &receipt.png {
        // Before the PDF is counted, so that both show the same number.
        let (png, _) = office.told(office.counter.receipt_png(&request))?;
        std::fs::write(file, png).with_context(|| file.display().to_string())?;
    }
    told(office.told(office.counter.receipt_save_as(&request, &receipt.out))?)
}

/// Writes the PDF of the letter, counted as a print.
pub(crate) fn letter(office: &Office, of: &str, out: &Path) -> anyhow::Result<Exit> {
    let request = ApplicationRequest { id: application(office, of)? };
    told(office.told(office.counter.letter_save_as(&request, out))?)
}

fn told(outcome: PrintOutcome) -> anyhow::Result<Exit> {
    match outcome {
        PrintOutcome::Saved { copy, path } => say::line(&json!({ "copy": copy, "path": path }))?,
        PrintOutcome::Failed { code, detail } => bail!("{code}: {detail}"),
        PrintOutcome::Printed { copy } => say::line(&json!({ "copy": copy }))?,
    }
    Ok(Exit::Done)
}
