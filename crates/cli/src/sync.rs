//! Enrolment and synchronisation over the line.

use std::collections::BTreeMap;

use anyhow::{Context, anyhow};
use pishkhan_ipc::session::EnrolRequest;
use pishkhan_sync::{EnrolError, Options};
use serde_json::json;

use crate::arguments::{Arguments, Enrol};
use crate::exit::Exit;
use crate::office::{Office, pin};
use crate::say;

/// Enrols this computer.
pub(crate) fn enrol(arguments: &Arguments, enrol: &Enrol) -> anyhow::Result<Exit> {
    let office = Office::locked(arguments)?;
    let request = EnrolRequest {
        centre_url: enrol.centre.clone(),
        code: enrol.code.clone(),
        operator_name: enrol.operator.clone(),
        pin: pin(arguments)?,
    };
    // A code is good once: what can be wrong here is asked first.
    office.told(office.counter.enrol_check(&request))?;
    let machine = machine();
    let asked = pishkhan_sync::enrol(&request.centre_url, &request.code, &machine);
    let (reply, seed) = runtime()?.block_on(asked).map_err(|error| told(&office, &error))?;
    let status = office.told(office.counter.enrol_with(&reply, &seed, &request))?;
    say::line(&status)?;
    Ok(Exit::Done)
}

/// Sends and fetches once.
pub(crate) fn run(office: &Office) -> anyhow::Result<Exit> {
    let store = office.counter.store().context("the store is not open")?;
    let outcome = runtime()?.block_on(pishkhan_sync::run_once(store, Options::default()))?;
    let code = outcome.answer.map_or("line.unreachable", |answer| answer.code());
    let status = office.told(office.counter.sync_status(&Default::default()))?;
    say::line(&json!({
        "finished": outcome.finished,
        "answer": code,
        "sentence": office.sentence(code, &BTreeMap::new()),
        "entries_received": outcome.entries,
        "documents_received": outcome.documents,
        "waiting": status.waiting,
        "other_entries_waiting": status.other_entries_waiting,
        "documents_waiting": status.documents_waiting,
    }))?;
    Ok(if outcome.finished { Exit::Done } else { Exit::Failed })
}

fn told(office: &Office, error: &EnrolError) -> anyhow::Error {
    let code = match error {
        EnrolError::CodeRefused => "enrolment.code_invalid",
        EnrolError::NotCertified => "centre.refused",
        EnrolError::BadAddress(_) | EnrolError::Line(_) => "centre.unreachable",
        EnrolError::NoRandom => "internal.failed",
    };
    anyhow!("{} ({code}: {error})", office.sentence(code, &BTreeMap::new()))
}

/// Name of this machine, for the administrator's list.
fn machine() -> String {
    let set = |name: &str| std::env::var(name).ok();
    let file = || std::fs::read_to_string("/etc/hostname").ok();
    let name = set("COMPUTERNAME").or_else(file).unwrap_or_default();
    let name = name.trim();
    if name.is_empty() { "pishkhan-cli".to_owned() } else { name.to_owned() }
}

fn runtime() -> anyhow::Result<tokio::runtime::Runtime> {
    tokio::runtime::Builder::new_current_thread().enable_all().build().context("no runtime")
}
