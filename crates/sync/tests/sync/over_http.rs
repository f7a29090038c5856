//! The driver against a centre over real HTTP: whoever else answers changes nothing.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use pishkhan_protocol::exchange::Verdict;
use pishkhan_sync::courier::CourierOffice;
use pishkhan_sync::engine::{Activity, Answer, Config};
use pishkhan_sync::{Options, Outcome, SyncHandle, run_once, spawn};
use tokio::runtime::Handle;

use crate::memory_office::MemoryOffice;
use crate::mock_centre::{Instead, MockCentre};

pub fn options() -> Options {
    Options { seed: 5, ..Options::default() }
}

/// An office with one entry that waits.
pub async fn office_and_centre() -> (Arc<Mutex<MemoryOffice>>, MockCentre) {
    let centre = MockCentre::start().await;
    let mut office = MemoryOffice::new(&centre.url);
    office.record("یادداشت نمونه");
    (Arc::new(Mutex::new(office)), centre)
}

pub async fn once<O: CourierOffice>(office: &Arc<Mutex<O>>) -> Outcome {
    run_once(Arc::clone(office), options()).await.unwrap()
}

/// Runs in the background with waits too short to notice.
pub fn in_background(office: &Arc<Mutex<MemoryOffice>>) -> SyncHandle {
    let config = Config {
        back_off_first: Duration::from_millis(1),
        back_off_cap: Duration::from_millis(4),
        ..Config::default()
    };
    spawn(&Handle::current(), Arc::clone(office), Options { config, ..options() }).unwrap()
}

#[tokio::test]
async fn everything_goes_and_news_comes_back() {
    let (office, centre) = office_and_centre().await;
    for number in 0..8 {
        centre.lock().centre.tell(&format!("خبر {number}"));
    }
    for number in 0..300 {
        office.lock().unwrap().record(&"متن ".repeat(number));
    }
    let outcome = once(&office).await;
    assert!(outcome.finished && !outcome.stopped, "{outcome:?}");
    assert_eq!((outcome.entries, outcome.answer), (301, Some(Answer::CentreOk)));
    let office = office.lock().unwrap();
    assert_eq!(centre.lock().centre.stored.log, office.log);
    assert_eq!(office.feed.len(), 8);
    assert_eq!(office.state.acknowledged, centre.lock().centre.head());
}

#[tokio::test]
async fn whoever_answers_in_the_centres_place_changes_nothing() {
    let not_the_centre = Answer::NotTheCentre;
    for (instead, answer) in [
        (Instead::Portal, not_the_centre),
        (Instead::Redirect, not_the_centre),
        (Instead::Flood, not_the_centre),
        (Instead::Status(401, 0), not_the_centre),
        (Instead::Status(403, 0), not_the_centre),
        (Instead::Status(404, 0), not_the_centre),
        (Instead::Status(407, 0), not_the_centre),
        (Instead::Status(429, 30), Answer::CentreBusy),
        (Instead::Status(500, 0), Answer::CentreBusy),
        (Instead::Status(502, 0), Answer::CentreBusy),
        (Instead::Status(503, 5), Answer::CentreBusy),
        (Instead::Status(413, 0), Answer::CentreBusy),
    ] {
        let (office, centre) = office_and_centre().await;
        let before = office.lock().unwrap().clone();
        centre.lock().script.exchange = Some(instead);
        let outcome = once(&office).await;
        assert_eq!(outcome.answer, Some(answer), "{instead:?}");
        assert!(!outcome.finished && !outcome.stopped);
        {
            let office = office.lock().unwrap();
            assert_eq!(office.log, before.log);
            assert_eq!(office.state, before.state);
        }
        centre.lock().script.exchange = None;
        assert!(once(&office).await.finished, "and afterwards all goes");
    }
}

#[tokio::test]
async fn a_portal_that_answers_the_probe_gets_nothing_more_to_read() {
    for instead in [Instead::Portal, Instead::Redirect, Instead::Status(200, 0)] {
        let (office, centre) = office_and_centre().await;
        centre.lock().script.probe = Some(instead);
        centre.lock().script.exchange = Some(instead);
        let handle = in_background(&office);
        let mut status = handle.subscribe();
        status.wait_for(|status| status.activity == Activity::Waiting).await.unwrap();
        let probed = |status: &pishkhan_sync::SyncStatus| status.activity == Activity::Probing;
        for _ in 0..3 {
            status.wait_for(probed).await.unwrap();
            status.wait_for(|status| !probed(status)).await.unwrap();
        }
        handle.stopped().await;
        let asked = centre.lock().asked.clone();
        assert_eq!(asked[..3], ["exchange", "probe", "probe"], "{instead:?}");
        assert!(asked[1..].iter().all(|asked| asked == "probe"), "{asked:?}");
    }
}

#[tokio::test]
async fn nobody_listening_is_an_unreachable_line() {
    let office = Arc::new(Mutex::new(MemoryOffice::new("http://127.0.0.1:9")));
    let outcome = once(&office).await;
    assert_eq!(outcome.answer, Some(Answer::LineUnreachable));
}

#[tokio::test]
async fn a_reply_under_another_key_is_not_believed() {
    let (office, centre) = office_and_centre().await;
    centre.lock().centre.signing = [66; 32];
    let outcome = once(&office).await;
    assert_eq!(outcome.answer, Some(Answer::NotTheCentre));
    assert_eq!(office.lock().unwrap().state.acknowledged.seq, 0);
    // The true centre has it already; that it was stored twice would show here.
    centre.lock().centre.signing = [1; 32];
    assert!(once(&office).await.finished);
    assert_eq!(centre.lock().centre.stored.log, office.lock().unwrap().log);
}

#[tokio::test(start_paused = true)]
async fn an_answer_that_never_comes_ends_at_its_deadline() {
    let (office, centre) = office_and_centre().await;
    centre.lock().script.exchange = Some(Instead::Silence);
    assert_eq!(once(&office).await.answer, Some(Answer::LineTimeout));
    centre.lock().script.probe = Some(Instead::Silence);
    assert_eq!(once(&office).await.answer, Some(Answer::LineTimeout));
    assert_eq!(office.lock().unwrap().state.acknowledged.seq, 0);
}

#[tokio::test]
async fn a_verdict_against_the_device_stops_but_deletes_nothing() {
    for (verdict, answer) in [
        (Verdict::Revoked, Answer::DeviceRevoked),
        (Verdict::Fork, Answer::DeviceFork),
        (Verdict::StaleLease, Answer::DeviceStaleCopy),
    ] {
        let (office, centre) = office_and_centre().await;
        let log = office.lock().unwrap().log.clone();
        centre.lock().centre.verdict = Some(verdict);
        let outcome = once(&office).await;
        assert!(outcome.stopped && !outcome.finished);
        assert_eq!(outcome.answer, Some(answer));
        assert_eq!(office.lock().unwrap().log, log);
        assert_eq!(office.lock().unwrap().state.acknowledged.seq, 0);
    }
}

#[tokio::test]
async fn a_centre_of_another_protocol_is_tried_again_later() {
    let (office, centre) = office_and_centre().await;
    centre.lock().centre.verdict = Some(Verdict::Unsupported);
    let outcome = once(&office).await;
    assert_eq!(outcome.answer, Some(Answer::ProtocolUnsupported));
    assert!(!outcome.stopped);
}

#[tokio::test]
async fn a_full_disk_takes_no_reply_and_loses_nothing() {
    let (office, centre) = office_and_centre().await;
    office.lock().unwrap().disk_full = true;
    let outcome = once(&office).await;
    assert_eq!(outcome.answer, Some(Answer::DiskFailed));
    assert_eq!(office.lock().unwrap().state.acknowledged.seq, 0);
    office.lock().unwrap().disk_full = false;
    assert!(once(&office).await.finished);
    assert_eq!(centre.lock().centre.stored.log, office.lock().unwrap().log);
}

#[tokio::test]
async fn a_restored_centre_gets_back_what_it_lost_and_its_feed_begins_anew() {
    let (office, centre) = office_and_centre().await;
    let backup = centre.lock().centre.stored.clone();
    centre.lock().centre.tell("پیش از بازگردانی");
    assert!(once(&office).await.finished);
    centre.lock().centre.restore(backup, [2; 16]);
    centre.lock().centre.tell("پس از بازگردانی");
    office.lock().unwrap().record("یادداشت دوم");
    let outcome = once(&office).await;
    assert!(outcome.finished, "{outcome:?}");
    let office = office.lock().unwrap();
    assert_eq!(centre.lock().centre.stored.log, office.log);
    let told = office.feed.iter().map(|entry| entry.item.clone());
    assert!(told.eq(centre.lock().centre.stored.feed.iter().cloned()));
}

#[tokio::test]
async fn in_the_background_an_entry_goes_when_it_is_recorded() {
    let (office, centre) = office_and_centre().await;
    let handle = in_background(&office);
    let mut status = handle.subscribe();
    status.wait_for(|status| status.changes.acknowledged == 1).await.unwrap();
    let idle = status.wait_for(|status| status.activity == Activity::Idle).await.unwrap().clone();
    assert_eq!(idle.last_answer.unwrap().answer, Answer::CentreOk);
    assert!(idle.next_try_at.is_some(), "it goes on asking for news");
    office.lock().unwrap().record("یادداشت دوم");
    handle.wake();
    status.wait_for(|status| status.changes.acknowledged == 2).await.unwrap();
    assert_eq!(centre.lock().asked, ["exchange", "short"]);
    handle.stopped().await;
    assert_eq!(Arc::strong_count(&office), 1, "the store is let go");
}

#[tokio::test]
async fn in_the_background_a_centre_that_comes_back_is_found() {
    let (office, centre) = office_and_centre().await;
    centre.lock().script.probe = Some(Instead::Status(502, 0));
    centre.lock().script.exchange = Some(Instead::Status(502, 0));
    let handle = in_background(&office);
    let mut status = handle.subscribe();
    let down = |status: &pishkhan_sync::SyncStatus| {
        status.last_answer.is_some_and(|last| last.answer == Answer::CentreBusy)
    };
    status.wait_for(down).await.unwrap();
    centre.lock().script.probe = None;
    centre.lock().script.exchange = None;
    status.wait_for(|status| status.changes.acknowledged == 1).await.unwrap();
    handle.stopped().await;
}

#[tokio::test]
async fn a_revoked_device_may_be_asked_to_try_again() {
    let (office, centre) = office_and_centre().await;
    centre.lock().centre.revoked = true;
    let handle = in_background(&office);
    let mut status = handle.subscribe();
    status.wait_for(|status| status.activity == Activity::Stopped).await.unwrap();
    centre.lock().centre.revoked = false;
    handle.try_now();
    status.wait_for(|status| status.activity == Activity::Idle).await.unwrap();
    assert_eq!(office.lock().unwrap().state.acknowledged.seq, 1);
    handle.stopped().await;
}
