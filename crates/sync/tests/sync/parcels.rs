//! Large exchanges over lines that are cut: what arrived is never sent again.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use pishkhan_sync::engine::{Activity, Config};
use pishkhan_sync::{Options, Outcome, run_once};
use pishkhan_testkit::faulty_line::{Counted, Cuts, End, FaultyLine, Plan};

use crate::memory_office::MemoryOffice;
use crate::mock_centre::{Instead, MockCentre};
use crate::over_http::options;

/// Waits too short to notice; and an engine to which every line is slow, so that what is large
/// goes as a parcel.
fn impatient() -> Options {
    let config = Config {
        back_off_first: Duration::from_millis(1),
        back_off_cap: Duration::from_millis(4),
        retry_after_progress: Duration::from_millis(2),
        whole_target: Duration::from_millis(1),
        ..Config::default()
    };
    Options { config, ..options() }
}

/// Something that no dictionary knows.
fn noise(seed: u64, length: usize) -> String {
    let mut random = pishkhan_sync::engine::Random::from_seed(seed);
    (0..length).map(|_| char::from(b'a' + u8::try_from(random.next_u64() % 26).unwrap())).collect()
}

async fn office_over(
    centre: &MockCentre,
    cuts: Cuts,
    entries: u64,
) -> (Arc<Mutex<MemoryOffice>>, FaultyLine) {
    let to = centre.url.trim_start_matches("http://").parse().unwrap();
    let plan = Plan { cuts, end: End::Reset, ..Plan::default() };
    let line = FaultyLine::start(to, plan).await.unwrap();
    let mut office = MemoryOffice::new(&format!("http://{}", line.address()));
    for seed in 0..entries {
        office.record(&noise(seed, 100));
    }
    (Arc::new(Mutex::new(office)), line)
}

/// Tries until all is there; every try but the last ends by a cut.
async fn drained(office: &Arc<Mutex<MemoryOffice>>) -> Outcome {
    let handle =
        pishkhan_sync::spawn(&tokio::runtime::Handle::current(), Arc::clone(office), impatient())
            .unwrap();
    let mut status = handle.subscribe();
    let all = office.lock().unwrap().log.len() as u64;
    status.wait_for(|status| status.changes.acknowledged >= all).await.unwrap();
    status.wait_for(|status| status.activity == Activity::Idle).await.unwrap();
    handle.stopped().await;
    run_once(Arc::clone(office), impatient()).await.unwrap()
}

async fn bytes_with(cuts: Cuts, entries: u64) -> Counted {
    let centre = MockCentre::start().await;
    let (office, line) = office_over(&centre, cuts, entries).await;
    drained(&office).await;
    assert_eq!(centre.lock().centre.stored.log, office.lock().unwrap().log);
    let mock = centre.lock();
    let arrived: usize = mock.parcels.values().map(|(bytes, _)| bytes.len()).sum();
    assert_eq!(mock.parcel_bytes, arrived, "each byte arrived once");
    line.counted()
}

#[tokio::test]
async fn a_cut_every_ten_kilobytes_costs_little() {
    let whole = bytes_with(Cuts::Never, 3_000).await;
    let cut = bytes_with(Cuts::Every { bytes: 10_000 }, 3_000).await;
    assert!(cut.cuts >= 15, "{cut:?}");
    let ratio = cut.bytes() as f64 / whole.bytes() as f64;
    eprintln!("uncut {whole:?}\ncut {cut:?}\n{ratio:.3}");
    assert!(ratio <= 1.15, "{ratio:.3} times the bytes");
}

#[tokio::test]
async fn a_cut_every_two_kilobytes_still_makes_progress() {
    let cut = bytes_with(Cuts::Every { bytes: 2_000 }, 300).await;
    assert!(cut.cuts >= 10, "{cut:?}");
}

#[tokio::test]
async fn cuts_at_random_bytes_lose_nothing() {
    for seed in 0..4 {
        let cuts = Cuts::AtRandom { seed, most_bytes: 9_000, cuts: 40 };
        bytes_with(cuts, 800).await;
    }
}

#[tokio::test]
async fn one_run_goes_on_over_cuts_as_long_as_something_arrives() {
    let centre = MockCentre::start().await;
    let (office, line) = office_over(&centre, Cuts::Every { bytes: 12_000 }, 2_000).await;
    let outcome = run_once(Arc::clone(&office), impatient()).await.unwrap();
    assert!(outcome.finished, "{outcome:?}");
    assert!(line.counted().cuts >= 8);
}

#[tokio::test]
async fn a_centre_without_parcels_gets_pieces_that_pass() {
    for refusal in [404, 405] {
        let centre = MockCentre::start().await;
        centre.lock().script.parcels = Some(Instead::Status(refusal, 0));
        let (office, _line) = office_over(&centre, Cuts::Never, 1_000).await;
        let outcome = run_once(Arc::clone(&office), impatient()).await.unwrap();
        assert!(outcome.finished, "{outcome:?}");
        let asked = centre.lock().asked.clone();
        let tried = asked.iter().filter(|asked| asked.starts_with("parcel")).count();
        assert_eq!(tried, 1, "{asked:?}");
    }
}

#[tokio::test]
async fn a_parcel_goes_on_where_the_centre_stands() {
    let centre = MockCentre::start().await;
    let (office, line) = office_over(&centre, Cuts::Every { bytes: 30_000 }, 2_000).await;
    let outcome = drained(&office).await;
    assert!(outcome.finished);
    let asked = centre.lock().asked.clone();
    let created = asked.iter().filter(|asked| *asked == "parcel create").count();
    assert_eq!(created, centre.lock().parcels.len(), "none was begun twice: {asked:?}");
    assert!(line.counted().cuts >= 3);
}

#[tokio::test]
async fn progress_is_shown() {
    let centre = MockCentre::start().await;
    let (office, _line) = office_over(&centre, Cuts::Every { bytes: 20_000 }, 3_000).await;
    let handle =
        pishkhan_sync::spawn(&tokio::runtime::Handle::current(), Arc::clone(&office), impatient())
            .unwrap();
    let mut status = handle.subscribe();
    let some = |status: &pishkhan_sync::SyncStatus| {
        status.sending.is_some_and(|sending| {
            sending.entries > 100 && (1..sending.total_bytes).contains(&sending.sent_bytes)
        })
    };
    status.wait_for(some).await.unwrap();
    status.wait_for(|status| status.activity == Activity::Idle).await.unwrap();
    assert_eq!(handle.status().sending, None);
    handle.stopped().await;
}
