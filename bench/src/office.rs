//! One office of ours, in a process of its own: the real counter over the real store, and the real
//! driver of synchronisation with its real numbers.
//!
//! Invariant: "finished" is said when the store has the centre's acknowledgement of its whole log,
//! and no earlier.

use std::fs::File;
use std::io::{BufRead as _, BufReader, Write as _};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use anyhow::{Context as _, anyhow, bail, ensure};
use clap::Subcommand;
use pishkhan_counter::printer::Spooler;
use pishkhan_counter::{Counter, Places};
use pishkhan_ipc::application::{RecordOutcome, RecordRequest};
use pishkhan_ipc::error::IpcError;
use pishkhan_ipc::session::{EnrolRequest, UnlockRequest};
use pishkhan_store::Store;
use pishkhan_sync::{Options, SyncHandle, run_once, spawn};
use serde_json::{Value, json};
use tokio::runtime::Runtime;

use crate::documents::SCAN;

pub(crate) const PIN: &str = "123456";

/// What an office of ours is told to do.
#[derive(Subcommand)]
pub(crate) enum Order {
    /// Enrol, fetch the catalogue, send the scan, go offline, and record applications.
    Prepare { dir: PathBuf, centre: String, code: String, documents: PathBuf, count: usize },
    /// Send everything.
    Drain { dir: PathBuf, patience_seconds: u64 },
    /// Stay connected and record one at each order.
    OneByOne { dir: PathBuf, documents: PathBuf },
}

pub(crate) fn run(order: &Order) -> anyhow::Result<()> {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    match order {
        Order::Prepare { dir, centre, code, documents, count } => {
            let counter = open(dir)?;
            enrol(&runtime, &counter, centre, code)?;
            sync(&runtime, &counter)?;
            let lines = lines(documents)?;
            told(counter.document_take_in("any", SCAN))?;
            let begun = Instant::now();
            for (number, line) in lines.iter().take(count + 1).enumerate() {
                record(&counter, line)?;
                if number == 0 {
                    sync(&runtime, &counter)?;
                }
            }
            say(&json!({ "recorded": count, "seconds": begun.elapsed().as_secs_f64() }))
        }
        Order::Drain { dir, patience_seconds } => {
            drain(&runtime, &unlocked(dir)?, Duration::from_secs(*patience_seconds))
        }
        Order::OneByOne { dir, documents } => {
            one_by_one(&runtime, &unlocked(dir)?, &lines(documents)?)
        }
    }
}

fn drain(runtime: &Runtime, counter: &Counter, patience: Duration) -> anyhow::Result<()> {
    let store = counter.store().context("no store")?;
    let before = waiting(&store)?;
    say(&json!({ "ready": true, "waiting": before }))?;
    let mut orders = std::io::stdin().lines();
    orders.next();
    let begun = Instant::now();
    let handle = spawn(runtime.handle(), Arc::clone(&store), Options::default())?;
    let finished = runtime.block_on(acknowledged(&store, &handle, patience))?;
    let seconds = begun.elapsed().as_secs_f64();
    let arrived = before - waiting(&store)?;
    say(&json!({ "finished": finished, "seconds": seconds, "arrived": arrived }))?;
    orders.next();
    runtime.block_on(handle.stopped());
    Ok(())
}

fn one_by_one(runtime: &Runtime, counter: &Counter, documents: &[String]) -> anyhow::Result<()> {
    let store = counter.store().context("no store")?;
    let handle = spawn(runtime.handle(), Arc::clone(&store), Options::default())?;
    let patience = Duration::from_secs(60);
    ensure!(runtime.block_on(acknowledged(&store, &handle, patience))?, "no connection");
    say(&json!({ "ready": true }))?;
    for (order, document) in std::io::stdin().lines().zip(documents) {
        order?;
        let begun = Instant::now();
        record(counter, document)?;
        handle.wake();
        let finished = runtime.block_on(acknowledged(&store, &handle, patience))?;
        let seconds = begun.elapsed().as_secs_f64();
        say(&json!({ "finished": finished, "seconds": seconds, "arrived": 1 }))?;
    }
    runtime.block_on(handle.stopped());
    Ok(())
}

/// Waits until the centre has acknowledged the whole log; false when the patience ended before.
async fn acknowledged(
    store: &Arc<Mutex<Store>>,
    handle: &SyncHandle,
    patience: Duration,
) -> anyhow::Result<bool> {
    let mut status = handle.subscribe();
    let all = async {
        while waiting(store)? > 0 || status.borrow_and_update().last_answer.is_none() {
            status.changed().await?;
        }
        anyhow::Ok(())
    };
    match tokio::time::timeout(patience, all).await {
        Ok(done) => done.map(|()| true),
        Err(_) => Ok(false),
    }
}

fn waiting(store: &Mutex<Store>) -> anyhow::Result<u64> {
    let store = store.lock().unwrap_or_else(PoisonError::into_inner);
    Ok(store.head()?.seq - store.acknowledged()?.seq)
}

fn enrol(runtime: &Runtime, counter: &Counter, centre: &str, code: &str) -> anyhow::Result<()> {
    let (reply, seed) = runtime.block_on(pishkhan_sync::enrol(centre, code, "bench"))?;
    let request = EnrolRequest {
        centre_url: centre.to_owned(),
        code: code.to_owned(),
        operator_name: "کاربر نمونه".to_owned(),
        pin: PIN.to_owned(),
    };
    told(counter.enrol_with(&reply, &seed, &request)).map(drop)
}

fn sync(runtime: &Runtime, counter: &Counter) -> anyhow::Result<()> {
    let store = counter.store().context("no store")?;
    let outcome = runtime.block_on(run_once(store, Options::default()))?;
    ensure!(outcome.finished, "{outcome:?}");
    Ok(())
}

fn record(counter: &Counter, line: &str) -> anyhow::Result<()> {
    let entry = serde_json::from_str(line)?;
    match told(counter.application_record(&RecordRequest { draft: None, entry }))? {
        RecordOutcome::Recorded { .. } => Ok(()),
        RecordOutcome::Invalid { errors } => bail!("a sample is invalid: {errors:?}"),
    }
}

fn open(dir: &Path) -> anyhow::Result<Counter> {
    told(Counter::open(places(dir)))
}

/// As [`open`], by a clock that stands still.
pub(crate) fn open_at(dir: &Path, now_ms: i64) -> anyhow::Result<Counter> {
    told(Counter::open_with_clock(places(dir), Box::new(move || now_ms)))
}

fn places(dir: &Path) -> Places {
    let (data_dir, receipts_dir) = (dir.to_owned(), dir.join("receipts"));
    Places { data_dir, receipts_dir, spooler: Spooler::default() }
}

pub(crate) fn unlocked(dir: &Path) -> anyhow::Result<Counter> {
    let counter = open(dir)?;
    let operators = told(counter.app_status())?.operators;
    let operator = operators.first().context("nobody is enrolled")?.id;
    told(counter.session_unlock(&UnlockRequest { operator, pin: PIN.to_owned() }))?;
    Ok(counter)
}

fn lines(path: &Path) -> anyhow::Result<Vec<String>> {
    Ok(BufReader::new(File::open(path)?).lines().collect::<Result<_, _>>()?)
}

pub(crate) fn told<T>(result: Result<T, IpcError>) -> anyhow::Result<T> {
    result.map_err(|error| anyhow!("{} {:?}", error.code, error.params))
}

fn say(what: &Value) -> anyhow::Result<()> {
    let mut out = std::io::stdout().lock();
    writeln!(out, "{what}")?;
    Ok(out.flush()?)
}
