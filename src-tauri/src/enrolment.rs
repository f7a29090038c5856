//! First start: the one use case that needs both the counter and the line.

use std::sync::{Mutex, PoisonError};

use pishkhan_counter::Counter;
use pishkhan_ipc::error::IpcError;
use pishkhan_ipc::session::{AppStatus, EnrolRequest};
use pishkhan_sync::{EnrolError, Seed, enrol_with_seed, new_seed};

use crate::desk::{Desk, blocking};

/// Until the device is made, so that a code whose answer was lost is good for the next try.
static KEPT_SEED: Mutex<Option<Seed>> = Mutex::new(None);

/// Checks what was typed, asks the centre, and makes the office of its answer.
///
/// # Errors
/// Those of [`Counter::enrol_check`] and [`Counter::enrol_with`]; `enrolment.code_invalid`,
/// `centre.unreachable`, `centre.refused`.
pub(crate) async fn device_enrol(
    desk: &Desk,
    request: EnrolRequest,
) -> Result<AppStatus, IpcError> {
    let counter = desk.counter()?;
    // Before the code is spent.
    counter.enrol_check(&request)?;
    let seed = kept_seed().map_err(refusal)?;
    let asked = enrol_with_seed(&request.centre_url, &request.code, &machine(), &seed).await;
    let reply = asked.map_err(refusal)?;
    let make = move |counter: &Counter| counter.enrol_with(&reply, &seed, &request);
    let status = blocking(move || make(&counter)).await?;
    *KEPT_SEED.lock().unwrap_or_else(PoisonError::into_inner) = None;
    Ok(status)
}

fn kept_seed() -> Result<Seed, EnrolError> {
    let mut kept = KEPT_SEED.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(seed) = &*kept {
        return Ok(seed.clone());
    }
    let seed = new_seed()?;
    *kept = Some(seed.clone());
    Ok(seed)
}

/// Name of this machine, for the administrator's list of devices.
fn machine() -> String {
    let named = ["COMPUTERNAME", "HOSTNAME"].iter().find_map(|name| std::env::var(name).ok());
    let name = named.or_else(|| std::fs::read_to_string("/etc/hostname").ok()).unwrap_or_default();
    name.trim().to_owned()
}

fn refusal(error: EnrolError) -> IpcError {
    tracing::warn!(%error, "enrolment failed");
    IpcError::new(match error {
        EnrolError::CodeRefused => "enrolment.code_invalid",
        EnrolError::BadAddress(_) | EnrolError::Line(_) => "centre.unreachable",
        EnrolError::NotCertified => "centre.refused",
        EnrolError::NoRandom => "internal.failed",
    })
}
