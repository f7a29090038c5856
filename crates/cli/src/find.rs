//! Finding and showing applications.

use anyhow::{Context, bail};
use pishkhan_domain::ids::ApplicationId;
use pishkhan_domain::tracking_code::TrackingCode;
use pishkhan_ipc::application::{ApplicationRequest, ListFilter, ListRequest};

use crate::exit::Exit;
use crate::office::Office;
use crate::say;

/// Prints a line for each application that fits.
pub(crate) fn search(office: &Office, query: &str, limit: u32) -> anyhow::Result<Exit> {
    let request =
        ListRequest { filter: ListFilter::All, query: query.to_owned(), limit, after: None };
    for row in office.told(office.counter.application_list(&request))?.rows {
        say::line(&row)?;
    }
    Ok(Exit::Done)
}

/// Prints an application with its history.
pub(crate) fn show(office: &Office, named: &str) -> anyhow::Result<Exit> {
    let request = ApplicationRequest { id: application(office, named)? };
    say::line(&office.told(office.counter.application_get(&request))?)?;
    Ok(Exit::Done)
}

/// The application of a tracking code or an id.
pub(crate) fn application(office: &Office, named: &str) -> anyhow::Result<ApplicationId> {
    let Ok(code) = TrackingCode::parse(named) else {
        return named.parse().context("neither a tracking code nor an id");
    };
    let code = code.to_string();
    let request =
        ListRequest { filter: ListFilter::All, query: code.clone(), limit: 2, after: None };
    let rows = office.told(office.counter.application_list(&request))?.rows;
    match rows.iter().find(|row| row.tracking_code == code) {
        Some(row) => Ok(row.id),
        None => bail!("no application of this office has the tracking code {code}"),
    }
}
