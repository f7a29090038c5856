//! Recording from JSON, each application in its own durable transaction.
//!
//! Invariant: a line is printed after its application is committed and, with `--receipts`, after
//! its receipt is whole on the disk; so whoever reads the lines may hand the papers out.

use std::fs::{self, File};
use std::io::{self, BufRead, BufReader};
use std::path::Path;

use anyhow::{Context, bail};
use pishkhan_domain::field_error::FieldError;
use pishkhan_ipc::application::{ApplicationView, RecordOutcome, RecordRequest};
use pishkhan_ipc::draft::ApplicationEntry;
use pishkhan_ipc::error::IpcError;
use pishkhan_ipc::receipt::{PrintOutcome, ReceiptRequest};
use serde_json::{Value, json};

use crate::arguments::Record;
use crate::exit::Exit;
use crate::office::Office;
use crate::say;

/// Records every application of the input, in order.
pub(crate) fn run(office: &Office, record: &Record) -> anyhow::Result<Exit> {
    let mut exit = Exit::Done;
    let mut take = |number: usize, text: &str| -> anyhow::Result<()> {
        if !one(office, record, number, text)? {
            exit = Exit::Rejected;
        }
        Ok(())
    };
    if record.file.extension().is_some_and(|extension| extension == "json") {
        take(1, &fs::read_to_string(&record.file).with_context(|| named(&record.file))?)?;
    } else {
        for (number, line) in (1..).zip(lines(&record.file)?) {
            let line = line.with_context(|| format!("line {number}"))?;
            if !line.trim().is_empty() {
                take(number, &line)?;
            }
        }
    }
    Ok(exit)
}

/// Keeps a scan; its line goes into an application's `documents`.
pub(crate) fn attach(office: &Office, code: &str, file: &Path) -> anyhow::Result<Exit> {
    let bytes = fs::read(file).with_context(|| named(file))?;
    let stored = office.told(office.counter.document_take_in(code, &bytes))?;
    say::line(&stored.document)?;
    Ok(Exit::Done)
}

/// Records one; false when it was rejected.
fn one(office: &Office, record: &Record, number: usize, text: &str) -> anyhow::Result<bool> {
    let entry: ApplicationEntry = match serde_json::from_str(text) {
        Ok(entry) => entry,
        Err(error) => {
            let malformed = FieldError::new("", "entry.malformed").with("detail", error);
            return rejected(office, number, &[malformed]);
        }
    };
    match office.counter.application_record(&RecordRequest { draft: None, entry }) {
        Ok(RecordOutcome::Recorded { application }) => {
            recorded(office, record, number, &application)
        }
        Ok(RecordOutcome::Invalid { errors }) => rejected(office, number, &errors),
        Err(IpcError { code, params }) if code == "entry.too_large" => {
            rejected(office, number, &[FieldError { field: String::new(), code, params }])
        }
        Err(error) => office.told(Err(error)),
    }
}

fn recorded(
    office: &Office,
    record: &Record,
    number: usize,
    application: &ApplicationView,
) -> anyhow::Result<bool> {
    let row = &application.row;
    let mut line = json!({
        "line": number,
        "outcome": "recorded",
        "tracking_code": row.tracking_code,
        "id": row.id,
        "due_on": row.due_on,
    });
    if record.receipts.is_some() {
        let request = ReceiptRequest { application: row.id, paper: Some(record.paper.into()) };
        match office.told(office.counter.receipt_save(&request))? {
            PrintOutcome::Saved { path, .. } => line["receipt"] = Value::String(path),
            PrintOutcome::Failed { code, detail } => bail!("{code}: {detail}"),
            PrintOutcome::Printed { .. } => {}
        }
    }
    say::line(&line)?;
    Ok(true)
}

fn rejected(office: &Office, number: usize, errors: &[FieldError]) -> anyhow::Result<bool> {
    let errors: Vec<Value> = errors
        .iter()
        .map(|error| {
            json!({
                "field": error.field,
                "code": error.code,
                "params": error.params,
                "sentence": office.sentence(&error.code, &error.params),
            })
        })
        .collect();
    say::line(&json!({ "line": number, "outcome": "rejected", "errors": errors }))?;
    Ok(false)
}

fn lines(file: &Path) -> anyhow::Result<Box<dyn Iterator<Item = io::Result<String>>>> {
    if file == Path::new("-") {
        return Ok(Box::new(io::stdin().lock().lines()));
    }
    let file = File::open(file).with_context(|| named(file))?;
    Ok(Box::new(BufReader::new(file).lines()))
}

fn named(file: &Path) -> String {
    file.display().to_string()
}
