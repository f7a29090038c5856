//! How the office stands, and care of its store.

use std::path::Path;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use pishkhan_counter::SyncActivity;
use serde_json::json;

use crate::exit::Exit;
use crate::office::Office;
use crate::say;

/// Prints office, work and what waits, computed from the store.
pub(crate) fn run(office: &Office) -> anyhow::Result<Exit> {
    let counter = &office.counter;
    say::line(&json!({
        "app": office.told(counter.app_status())?,
        "work": office.told(counter.work_summary())?,
        "sync": office.told(counter.sync_status(&SyncActivity::default()))?,
    }))?;
    Ok(Exit::Done)
}

/// Writes a backup.
pub(crate) fn backup(office: &Office, dir: &Path) -> anyhow::Result<Exit> {
    let file = office.told(office.counter.backup(dir))?;
    say::line(&json!({ "backup": file }))?;
    Ok(Exit::Done)
}

/// Prints the roots that were kept, in the form that `pishkhan-server audit --published` reads.
pub(crate) fn roots(office: &Office) -> anyhow::Result<Exit> {
    for root in office.told(office.counter.day_roots())? {
        say::line(&json!({
            "day": root.day,
            "statement": STANDARD.encode(&root.signed.statement),
            "signature": STANDARD.encode(root.signed.signature.0),
            "fault": root.fault,
        }))?;
    }
    Ok(Exit::Done)
}

/// Reached only by who could unlock.
pub(crate) fn unlock_check(office: &Office) -> anyhow::Result<Exit> {
    let entries = office.told(office.counter.log_check())?;
    say::line(&json!({ "log": "sound", "entries": entries }))?;
    Ok(Exit::Done)
}
