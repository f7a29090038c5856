//! The engine's rules, one by one.

use std::time::Duration;

use pishkhan_domain::content_hash::ContentHash;
use pishkhan_protocol::exchange::Verdict;
use pishkhan_sync::engine::{
    Action, Activity, Answer, Config, Engine, Input, Moment, ReplyFacts, Report, StoreSnapshot,
    Trouble, UploadTrouble,
};

const SECOND: Duration = Duration::from_secs(1);

pub fn snapshot(log_seq: u64, acknowledged_seq: u64) -> StoreSnapshot {
    StoreSnapshot { log_seq, acknowledged_seq, ..StoreSnapshot::default() }
}

pub fn ok(after_seq: u64, received_seq: u64) -> ReplyFacts {
    ReplyFacts {
        verdict: Verdict::Ok,
        received_seq,
        received_is_ours: true,
        after_seq,
        sent_entries: usize::try_from(received_seq - after_seq).unwrap(),
        sent_bytes: 1_000,
        more: false,
        upload_token: true,
        retry_after: None,
    }
}

/// The last action and the report, if there was one.
fn last(actions: Vec<Action>) -> (Action, Option<Report>) {
    let report = actions.iter().find_map(|action| match action {
        Action::Report(report) => Some(*report),
        _ => None,
    });
    (actions.into_iter().next_back().unwrap(), report)
}

fn slept_until(action: &Action) -> Moment {
    match action {
        Action::Sleep { until: Some(until) } => *until,
        other => panic!("not asleep: {other:?}"),
    }
}

/// An engine that has just been told by the centre that all is there, at second 1.
fn content(log_seq: u64) -> Engine {
    let mut engine = Engine::new(Config::default(), 7);
    let store = snapshot(log_seq, log_seq);
    assert_eq!(last(engine.handle(SECOND, Input::Snapshot(store.clone()))).0, Action::Probe);
    engine.handle(SECOND, Input::ProbeAnswered);
    engine.handle(SECOND, Input::ReplyArrived(ok(log_seq, log_seq)));
    let (action, _) = last(engine.handle(SECOND, Input::Applied { snapshot: store, again: false }));
    slept_until(&action);
    engine
}

fn exchange_after(action: &Action) -> u64 {
    match action {
        Action::Exchange { after_seq, .. } => *after_seq,
        other => panic!("no exchange: {other:?}"),
    }
}

#[test]
fn the_first_push_goes_at_once_from_what_the_office_remembers() {
    let mut engine = Engine::new(Config::default(), 7);
    engine.handle(SECOND, Input::Snapshot(snapshot(9, 4)));
    let (action, _) = last(engine.handle(SECOND, Input::ProbeAnswered));
    assert_eq!(exchange_after(&action), 4);
}

#[test]
fn the_centres_head_and_not_the_offices_memory_decides_what_goes_next() {
    let mut engine = Engine::new(Config::default(), 7);
    engine.handle(SECOND, Input::Snapshot(snapshot(100, 90)));
    engine.handle(SECOND, Input::ProbeAnswered);
    // The centre was restored: it holds 60.
    let gap =
        ReplyFacts { verdict: Verdict::Gap, received_seq: 60, sent_entries: 10, ..ok(90, 90) };
    assert_eq!(last(engine.handle(SECOND, Input::ReplyArrived(gap))).0, Action::Apply);
    // Even if the store still said 90.
    let applied = Input::Applied { snapshot: snapshot(100, 90), again: false };
    assert_eq!(exchange_after(&last(engine.handle(SECOND, applied)).0), 60);
}

#[test]
fn a_centre_that_contradicts_itself_is_not_asked_in_a_circle() {
    let mut engine = Engine::new(Config::default(), 7);
    let (mut action, _) = last(engine.handle(SECOND, Input::Snapshot(snapshot(100, 50))));
    let mut exchanges = 0;
    for _ in 0..40 {
        let input = match action {
            Action::Probe => Input::ProbeAnswered,
            Action::Exchange { after_seq, .. } => {
                exchanges += 1;
                let received_seq = if after_seq == 50 { 60 } else { 50 };
                Input::ReplyArrived(ReplyFacts {
                    verdict: Verdict::Gap,
                    received_seq,
                    sent_entries: 5,
                    ..ok(after_seq, after_seq)
                })
            }
            Action::Apply => Input::Applied { snapshot: snapshot(100, 50), again: false },
            _ => break,
        };
        (action, _) = last(engine.handle(SECOND, input));
    }
    assert!(slept_until(&action) >= SECOND + Config::default().back_off_first);
    assert!(exchanges <= 5, "{exchanges} exchanges");
}

#[test]
fn a_centre_that_says_ok_and_stores_nothing_is_not_asked_in_a_circle() {
    let mut engine = Engine::new(Config::default(), 7);
    engine.handle(SECOND, Input::Snapshot(snapshot(9, 4)));
    engine.handle(SECOND, Input::ProbeAnswered);
    let facts = ReplyFacts { sent_entries: 5, ..ok(4, 4) };
    engine.handle(SECOND, Input::ReplyArrived(facts));
    let applied = Input::Applied { snapshot: snapshot(9, 4), again: false };
    let (action, _) = last(engine.handle(SECOND, applied));
    assert!(slept_until(&action) >= SECOND + Config::default().back_off_first);
}

#[test]
fn an_entry_goes_at_once_on_a_good_line() {
    let mut engine = content(4);
    let (action, _) = last(engine.handle(SECOND * 2, Input::Snapshot(snapshot(5, 4))));
    assert_eq!(exchange_after(&action), 4);
}

#[test]
fn an_entry_does_not_shorten_the_wait_on_a_bad_line() {
    let mut engine = content(4);
    engine.handle(SECOND * 2, Input::Snapshot(snapshot(5, 4)));
    let failed = Input::ExchangeFailed(Trouble::Unreachable);
    let until = slept_until(&last(engine.handle(SECOND * 2, failed)).0);
    let (action, _) = last(engine.handle(SECOND * 3, Input::Snapshot(snapshot(6, 4))));
    assert_eq!(slept_until(&action), until);
}

#[test]
fn what_the_centre_orders_is_shortened_by_nobody_and_bounded() {
    let ordered = Duration::from_secs(600);
    let mut engine = content(4);
    engine.handle(SECOND * 2, Input::Snapshot(snapshot(5, 4)));
    let busy = Trouble::Busy { retry_after: Some(ordered) };
    let until = slept_until(&last(engine.handle(SECOND * 2, Input::ExchangeFailed(busy))).0);
    assert!(until >= SECOND * 2 + ordered);
    for input in [
        Input::Snapshot(snapshot(6, 4)),
        Input::Asked(snapshot(6, 4)),
        Input::Tick,
        Input::ProbeAnswered,
        Input::ReplyArrived(ok(4, 6)),
    ] {
        assert_eq!(slept_until(&last(engine.handle(SECOND * 300, input)).0), until);
    }
    let (action, _) = last(engine.handle(until, Input::Tick));
    assert_eq!(action, Action::Probe);
    let busy = Trouble::Busy { retry_after: Some(Duration::from_secs(1_000_000)) };
    let forever = slept_until(&last(engine.handle(until, Input::ProbeFailed(busy))).0);
    assert!(forever - until <= Config::default().retry_after_cap + SECOND * 20);
}

#[test]
fn a_signed_reply_may_order_a_wait_too() {
    let mut engine = content(4);
    engine.handle(SECOND * 2, Input::Snapshot(snapshot(5, 4)));
    let facts = ReplyFacts { retry_after: Some(SECOND * 300), ..ok(4, 5) };
    engine.handle(SECOND * 2, Input::ReplyArrived(facts));
    let applied = Input::Applied { snapshot: snapshot(6, 5), again: false };
    assert!(slept_until(&last(engine.handle(SECOND * 2, applied)).0) >= SECOND * 302);
}

#[test]
fn back_off_starts_anew_only_after_a_full_exchange() {
    let mut engine = Engine::new(Config::default(), 7);
    let mut now = SECOND;
    engine.handle(now, Input::Snapshot(snapshot(5, 4)));
    let mut waits = Vec::new();
    for _ in 0..12 {
        // The probe is answered each time: that alone is no success.
        let (action, _) = last(engine.handle(now, Input::ProbeAnswered));
        if let Action::Sleep { until: Some(spread) } = action {
            now = spread;
            engine.handle(now, Input::Tick);
        }
        let failed = Input::ExchangeFailed(Trouble::Timeout);
        let until = slept_until(&last(engine.handle(now, failed)).0);
        waits.push(until - now);
        now = until;
        engine.handle(now, Input::Tick);
    }
    let cap = Config::default().back_off_cap;
    for (failure, wait) in waits.iter().enumerate() {
        let base = (SECOND * 5 * (1 << failure)).min(cap);
        assert!((base..=base * 2).contains(wait), "failure {failure}: {wait:?}");
    }
}

#[test]
fn capped_waits_of_many_offices_are_spread_over_the_second_cap() {
    let waits: Vec<Duration> = (0..300)
        .map(|seed| {
            let mut engine = Engine::new(Config::default(), seed);
            let mut now = SECOND;
            engine.handle(now, Input::Snapshot(snapshot(5, 4)));
            let mut wait = Duration::ZERO;
            for _ in 0..12 {
                let failed = Input::ProbeFailed(Trouble::Unreachable);
                let until = slept_until(&last(engine.handle(now, failed)).0);
                (wait, now) = (until - now, until);
                engine.handle(now, Input::Tick);
            }
            wait
        })
        .collect();
    let cap = Config::default().back_off_cap;
    let beyond = waits.iter().filter(|wait| **wait > cap + cap / 2).count();
    assert!(waits.iter().all(|wait| (cap..=cap * 2).contains(wait)));
    assert!((100..=200).contains(&beyond), "{beyond} of 300 in the upper half");
}

#[test]
fn only_after_a_long_outage_is_the_first_exchange_put_off() {
    for (outage, most) in [(SECOND * 60, Duration::ZERO), (SECOND * 3_000, SECOND * 20)] {
        let mut waits = Vec::new();
        for seed in 0..40 {
            let mut engine = Engine::new(Config::default(), seed);
            engine.handle(SECOND, Input::Snapshot(snapshot(5, 4)));
            engine.handle(SECOND, Input::ProbeFailed(Trouble::Unreachable));
            let now = SECOND + outage;
            engine.handle(now, Input::Tick);
            match last(engine.handle(now, Input::ProbeAnswered)).0 {
                Action::Sleep { until: Some(until) } => {
                    waits.push(until - now);
                    let (action, _) = last(engine.handle(until, Input::Tick));
                    assert_eq!(exchange_after(&action), 4);
                }
                action => assert_eq!(exchange_after(&action), 4),
            }
        }
        assert!(waits.iter().all(|wait| *wait <= most));
        assert_eq!(waits.is_empty(), most.is_zero());
    }
}

#[test]
fn news_is_asked_for_when_nothing_waits() {
    let mut engine = content(4);
    let actions = engine.handle(SECOND * 2, Input::Snapshot(snapshot(4, 4)));
    let until = slept_until(&last(actions).0);
    let config = Config::default();
    assert!(until <= SECOND + config.poll_every + config.poll_every / 10);
    assert_eq!(exchange_after(&last(engine.handle(until, Input::Tick)).0), 4);
}

#[test]
fn a_verdict_against_the_device_stops_it_until_somebody_asks() {
    for (verdict, answer) in [
        (Verdict::Fork, Answer::DeviceFork),
        (Verdict::Revoked, Answer::DeviceRevoked),
        (Verdict::StaleLease, Answer::DeviceStaleCopy),
    ] {
        let mut engine = content(4);
        engine.handle(SECOND * 2, Input::Snapshot(snapshot(5, 4)));
        let facts = ReplyFacts { verdict, ..ok(4, 4) };
        let (action, report) = last(engine.handle(SECOND * 2, Input::ReplyArrived(facts)));
        assert_eq!(action, Action::Sleep { until: None });
        let report = report.unwrap();
        assert_eq!((report.activity, report.answer), (Activity::Stopped, Some(answer)));
        let (action, _) = last(engine.handle(SECOND * 900, Input::Snapshot(snapshot(6, 4))));
        assert_eq!(action, Action::Sleep { until: None }, "{verdict:?}");
        let (action, _) = last(engine.handle(SECOND * 900, Input::Asked(snapshot(6, 4))));
        assert_eq!(exchange_after(&action), 4);
    }
}

#[test]
fn a_head_that_is_not_ours_is_never_applied() {
    let mut engine = content(4);
    engine.handle(SECOND * 2, Input::Snapshot(snapshot(5, 4)));
    let facts = ReplyFacts { received_is_ours: false, ..ok(4, 5) };
    let (action, report) = last(engine.handle(SECOND * 2, Input::ReplyArrived(facts)));
    assert_eq!(action, Action::Sleep { until: None });
    assert_eq!(report.unwrap().answer, Some(Answer::DeviceFork));
}

#[test]
fn too_large_and_too_slow_halve_what_is_sent() {
    let mut engine = content(4);
    let max = |action: &Action| match action {
        Action::Exchange { max_bytes, .. } => *max_bytes,
        other => panic!("no exchange: {other:?}"),
    };
    let (first, _) = last(engine.handle(SECOND * 2, Input::Snapshot(snapshot(900, 4))));
    let too_large = Input::ExchangeFailed(Trouble::TooLarge);
    let (second, _) = last(engine.handle(SECOND * 2, too_large));
    assert_eq!(max(&second) * 2, max(&first), "and at once: the line is there");
    let until =
        slept_until(&last(engine.handle(SECOND * 2, Input::ExchangeFailed(Trouble::Timeout))).0);
    engine.handle(until, Input::Tick);
    let (third, _) = last(engine.handle(until, Input::ProbeAnswered));
    assert_eq!(max(&third) * 4, max(&first));
    // Everything refused: it ends in a wait, not in a circle.
    let mut action = third;
    for _ in 0..20 {
        match action {
            Action::Exchange { .. } => {
                (action, _) = last(engine.handle(until, Input::ExchangeFailed(Trouble::TooLarge)));
            }
            other => return assert!(slept_until(&other) > until),
        }
    }
    panic!("refused for ever");
}

fn with_papers(log_seq: u64, papers: &[ContentHash]) -> StoreSnapshot {
    StoreSnapshot { documents: papers.to_vec(), ..snapshot(log_seq, log_seq) }
}

#[test]
fn text_goes_before_and_between_the_pieces_of_papers() {
    let paper = ContentHash::of(b"paper");
    let mut engine = content(4);
    let store = with_papers(4, &[paper]);
    let (action, _) = last(engine.handle(SECOND * 2, Input::Snapshot(store.clone())));
    assert!(matches!(action, Action::Upload { hash, .. } if hash == paper));
    // A new entry while a piece is on its way.
    let newer = StoreSnapshot { log_seq: 5, ..store };
    assert!(engine.handle(SECOND * 3, Input::Snapshot(newer.clone())).is_empty());
    let advanced =
        Input::UploadAdvanced { complete: false, sent_bytes: 65_536, snapshot: newer.clone() };
    let (action, _) = last(engine.handle(SECOND * 4, advanced));
    assert_eq!(exchange_after(&action), 4);
    engine.handle(SECOND * 4, Input::ReplyArrived(ok(4, 5)));
    let store = StoreSnapshot { acknowledged_seq: 5, ..newer };
    let (action, _) =
        last(engine.handle(SECOND * 4, Input::Applied { snapshot: store, again: false }));
    assert!(matches!(action, Action::Upload { hash, .. } if hash == paper), "and then goes on");
}

#[test]
fn trouble_with_a_paper_holds_up_neither_text_nor_other_papers() {
    let (bad, good) = (ContentHash::of(b"bad"), ContentHash::of(b"good"));
    let mut engine = content(4);
    let store = with_papers(4, &[bad, good]);
    engine.handle(SECOND * 2, Input::Snapshot(store.clone()));
    let failed = Input::UploadFailed(UploadTrouble::Document(bad), store.clone());
    let (action, _) = last(engine.handle(SECOND * 2, failed));
    assert!(matches!(action, Action::Upload { hash, .. } if hash == good));
    let failed = Input::UploadFailed(UploadTrouble::Line(Trouble::Timeout), store.clone());
    slept_until(&last(engine.handle(SECOND * 2, failed)).0);
    let newer = StoreSnapshot { log_seq: 5, ..store };
    let (action, _) = last(engine.handle(SECOND * 3, Input::Snapshot(newer)));
    assert_eq!(action, Action::Probe, "text tries at once, however the papers fare");
}

#[test]
fn a_token_that_is_no_longer_taken_is_renewed_and_not_in_a_circle() {
    let paper = ContentHash::of(b"paper");
    let mut engine = content(4);
    let store = with_papers(4, &[paper]);
    let (mut action, _) = last(engine.handle(SECOND * 2, Input::Snapshot(store.clone())));
    let (mut now, mut exchanges, mut waits) = (SECOND * 2, 0, Vec::new());
    for _ in 0..60 {
        let input = match action {
            Action::Upload { .. } => {
                Input::UploadFailed(UploadTrouble::TokenRefused, store.clone())
            }
            Action::Exchange { .. } => {
                exchanges += 1;
                Input::ReplyArrived(ok(4, 4))
            }
            Action::Apply => Input::Applied { snapshot: store.clone(), again: false },
            Action::Sleep { until: Some(until) } => {
                waits.push(until - now);
                now = until;
                Input::Tick
            }
            other => panic!("{other:?}"),
        };
        (action, _) = last(engine.handle(now, input));
    }
    assert!(exchanges >= 3, "a new token is asked for");
    assert!(now > SECOND * 300, "but ever more seldom: {waits:?}");
}
