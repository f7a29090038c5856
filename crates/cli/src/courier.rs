//! Courier (پیک): files out, answers in.

use std::path::Path;

use pishkhan_ipc::courier::{CourierImportRequest, CourierRead};
use serde_json::json;

use crate::arguments::Courier;
use crate::exit::Exit;
use crate::office::Office;
use crate::say;

/// Codes after which there is nothing to be mended: the file was used, or had been.
const FINE: [&str; 2] = ["courier.taken", "courier.taken_before"];

/// Obeys.
pub(crate) fn run(office: &Office, courier: &Courier) -> anyhow::Result<Exit> {
    match courier {
        Courier::Export { place, most_bytes } => export(office, place, *most_bytes),
        Courier::Import { path } => import(office, path),
        Courier::List => list(office),
    }
}

fn export(office: &Office, place: &Path, most_bytes: Option<u64>) -> anyhow::Result<Exit> {
    say::line(&office.told(office.counter.courier_export_to(place, most_bytes))?)?;
    Ok(Exit::Done)
}

fn import(office: &Office, path: &Path) -> anyhow::Result<Exit> {
    let request = CourierImportRequest { path: path.to_string_lossy().into_owned() };
    let mut exit = Exit::Done;
    for read in office.told(office.counter.courier_import(&request))?.files {
        let CourierRead { code, params, .. } = &read;
        let sentence = office.sentence(code, params);
        if !FINE.contains(&code.as_str()) {
            exit = Exit::Rejected;
        }
        let mut told = serde_json::to_value(&read)?;
        if let Some(fields) = told.as_object_mut() {
            fields.insert("sentence".to_owned(), json!(sentence));
        }
        say::line(&told)?;
    }
    Ok(exit)
}

fn list(office: &Office) -> anyhow::Result<Exit> {
    for file in office.told(office.counter.courier_files())? {
        say::line(&file)?;
    }
    Ok(Exit::Done)
}
