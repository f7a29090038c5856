//! A village office whose computer's clock has stood still for weeks, for instance after its battery
//! died. It is a real office in all else: enrolled over the line, with a log of its own. Only here
//! is its clock ours, so it runs in the test instead of as a program.

use std::sync::{Arc, Mutex};

use anyhow::{Context as _, anyhow, bail, ensure};
use jiff::{Timestamp, ToSpan as _};
use pishkhan_counter::printer::Spooler;
use pishkhan_counter::{Counter, Places};
use pishkhan_domain::jalali::tehran_date;
use pishkhan_ipc::application::{RecordOutcome, RecordRequest};
use pishkhan_ipc::error::IpcError;
use pishkhan_ipc::session::EnrolRequest;
use pishkhan_store::Store;
use pishkhan_sync::Options;
use pishkhan_testkit::catalogue::cards;
use pishkhan_testkit::samples::Sampler;
use tempfile::TempDir;

use crate::centre::Centre;
use crate::office_without_window::{Filed, last_four};

/// How far it is behind.
const BEHIND_HOURS: i64 = 60 * 24;
const PIN: &str = "123456";

/// Enrols such an office and files one application of an agency: the receipt promises an answer by
/// a day that is long past, and the centre stands by what the paper says.
pub(crate) async fn files_one(centre: &Centre, code: &str, agency: &str) -> anyhow::Result<Filed> {
    let dir = TempDir::new()?;
    let now_ms = Timestamp::now().checked_sub(BEHIND_HOURS.hours())?.as_millisecond();
    let places = Places {
        data_dir: dir.path().to_owned(),
        receipts_dir: dir.path().join("receipts"),
        spooler: Spooler::default(),
    };
    let counter = Counter::open_with_clock(places, Box::new(move || now_ms)).map_err(told)?;
    let request = EnrolRequest {
        centre_url: centre.url(""),
        code: code.to_owned(),
        operator_name: "کاربر نمونه".to_owned(),
        pin: PIN.to_owned(),
    };
    let (reply, seed) = pishkhan_sync::enrol(&request.centre_url, code, "slow-clock").await?;
    counter.enrol_with(&reply, &seed, &request).map_err(told)?;
    let store = counter.store().context("the store is not open")?;
    synchronised(&store).await?;

    let cards = cards()?.into_iter().filter(|card| card.agency.code.0 == agency).collect();
    let mut sampler = Sampler::new(cards, tehran_date(now_ms), 11);
    let (typed, last_four) = (0..100)
        .filter_map(|_| sampler.good())
        .find_map(|typed| Some((typed.clone(), last_four(&typed)?)))
        .context("no sample")?;
    let request = RecordRequest { draft: None, entry: serde_json::from_value(typed)? };
    let outcome = counter.application_record(&request).map_err(told)?;
    let RecordOutcome::Recorded { application } = outcome else { bail!("{outcome:?}") };
    synchronised(&store).await?;
    Ok(Filed { code: application.row.tracking_code, last_four })
}

fn told(error: IpcError) -> anyhow::Error {
    anyhow!("{}: {:?}", error.code, error.params)
}

async fn synchronised(store: &Arc<Mutex<Store>>) -> anyhow::Result<()> {
    let outcome = pishkhan_sync::run_once(Arc::clone(store), Options::default()).await?;
    ensure!(outcome.finished, "{outcome:?}");
    Ok(())
}
