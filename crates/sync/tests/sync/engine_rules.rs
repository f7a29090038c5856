//! The engine's rules, one by one.

use std::time::Duration;

use pishkhan_domain::content_hash::ContentHash;
use pishkhan_protocol::exchange::Verdict;
use pishkhan_sync::engine::{
    Action, Activity, Answer, Carried, Config, Engine, Failure, Gone, Input, Moment, Order,
    ParcelRefusal, ReplyFacts, Report, StoreSnapshot, Trouble, UploadTrouble,
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
        body_bytes: 1_000,
        sent_bytes: 300,
        carried: Carried::Whole,
        reply_bytes: 200,
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
    exchange_after(&last(engine.handle(SECOND, Input::Snapshot(store.clone()))).0);
    engine.handle(SECOND, Input::ReplyArrived(ok(log_seq, log_seq)));
    let (action, _) = last(engine.handle(SECOND, Input::Applied { snapshot: store, again: false }));
    slept_until(&action);
    engine
}

fn order(action: &Action) -> Order {
    match action {
        Action::Exchange(order) => *order,
        other => panic!("no exchange: {other:?}"),
    }
}

fn upload_failed(trouble: UploadTrouble, store: &StoreSnapshot) -> Input {
    Input::UploadFailed { trouble, progressed: false, snapshot: store.clone() }
}

fn exchange_after(action: &Action) -> u64 {
    order(action).after_seq
}

#[test]
fn the_first_push_goes_at_once_from_what_the_office_remembers() {
    let mut engine = Engine::new(Config::default(), 7);
    let (action, _) = last(engine.handle(SECOND, Input::Snapshot(snapshot(9, 4))));
    assert_eq!(exchange_after(&action), 4, "and without a probe");
}

#[test]
fn the_centres_head_and_not_the_offices_memory_decides_what_goes_next() {
    let mut engine = Engine::new(Config::default(), 7);
    engine.handle(SECOND, Input::Snapshot(snapshot(100, 90)));
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
            Action::Exchange(Order { after_seq, .. }) => {
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
    let failed = Input::ExchangeFailed(Trouble::Unreachable.into());
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
    let until = slept_until(&last(engine.handle(SECOND * 2, Input::ExchangeFailed(busy.into()))).0);
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
    let (mut action, _) = last(engine.handle(now, Input::Snapshot(snapshot(5, 4))));
    let mut waits = Vec::new();
    for _ in 0..12 {
        if action == Action::Probe {
            // It is answered each time: that alone is no success.
            (action, _) = last(engine.handle(now, Input::ProbeAnswered));
        }
        if let Action::Sleep { until: Some(spread) } = action {
            now = spread;
            engine.handle(now, Input::Tick);
        }
        let failed = Input::ExchangeFailed(Trouble::Timeout.into());
        let until = slept_until(&last(engine.handle(now, failed)).0);
        waits.push(until - now);
        now = until;
        (action, _) = last(engine.handle(now, Input::Tick));
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
            for failure in 0..12 {
                let failed = match failure {
                    0 => Input::ExchangeFailed(Trouble::Unreachable.into()),
                    _ => Input::ProbeFailed(Trouble::Unreachable),
                };
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
            engine.handle(SECOND, Input::ExchangeFailed(Trouble::Unreachable.into()));
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
fn what_is_too_large_or_was_cut_goes_in_smaller_pieces() {
    let mut engine = Engine::new(Config::default(), 7);
    let (first, _) = last(engine.handle(SECOND * 2, Input::Snapshot(snapshot(900, 4))));
    let whole = order(&first).whole_most_bytes;
    let gone = Gone::Whole { bytes: whole };
    let failed = |trouble| Input::ExchangeFailed(Failure { trouble, gone });
    let (second, _) = last(engine.handle(SECOND * 2, failed(Trouble::TooLarge)));
    assert_eq!(order(&second).whole_most_bytes * 2, whole, "and at once: the line is there");
    assert!((order(&second).max_bytes * 2).abs_diff(order(&first).max_bytes) <= 1);
    let cut = Failure { trouble: Trouble::Unreachable, gone: Gone::Whole { bytes: whole / 2 } };
    let until = slept_until(&last(engine.handle(SECOND * 2, Input::ExchangeFailed(cut))).0);
    engine.handle(until, Input::Tick);
    let (third, _) = last(engine.handle(until, Input::ProbeAnswered));
    assert_eq!(order(&third).whole_most_bytes * 4, whole);
    // Everything refused: it ends in a wait, not in a circle.
    let mut action = third;
    for _ in 0..20 {
        match action {
            Action::Exchange(order) => {
                let gone = Gone::Whole { bytes: order.whole_most_bytes };
                let failed = Failure { trouble: Trouble::TooLarge, gone };
                (action, _) = last(engine.handle(until, Input::ExchangeFailed(failed)));
            }
            other => return assert!(slept_until(&other) > until),
        }
    }
    panic!("refused for ever");
}

/// What an order gets back from a line that carries so many bytes in a second.
fn carried(order: &Order, waiting: usize, bytes_per_second: usize) -> (ReplyFacts, Duration) {
    let bodies = (waiting * 500).min(order.max_bytes);
    let entries = (bodies / 500).max(1).min(waiting).min(order.max_entries);
    let sent_bytes = entries * 80 + 300;
    let received = order.after_seq + entries as u64;
    let is_parcel = order.parcels && sent_bytes > order.whole_most_bytes;
    let trips = if is_parcel { 2 } else { 1 };
    let carried = if is_parcel {
        Carried::Parcel { bytes: sent_bytes, trips, piece_bytes: sent_bytes }
    } else {
        Carried::Whole
    };
    let way = Duration::from_millis(if bytes_per_second > 100_000 { 1 } else { 600 });
    let took = way * trips + Duration::from_secs_f64(sent_bytes as f64 / bytes_per_second as f64);
    let body_bytes = entries * 500;
    (ReplyFacts { body_bytes, sent_bytes, carried, ..ok(order.after_seq, received) }, took)
}

/// Drains so many entries; gives the orders that it took.
fn drained_over(count: u64, bytes_per_second: usize) -> Vec<(Order, Carried)> {
    let mut engine = Engine::new(Config::default(), 7);
    let (mut now, mut orders) = (SECOND, Vec::new());
    let (mut action, _) = last(engine.handle(now, Input::Snapshot(snapshot(count, 0))));
    while let Action::Exchange(order) = action {
        let waiting = usize::try_from(count - order.after_seq).unwrap();
        let (facts, took) = carried(&order, waiting, bytes_per_second);
        orders.push((order, facts.carried));
        now += took;
        engine.handle(now, Input::ReplyArrived(facts));
        let snapshot = snapshot(count, facts.received_seq);
        (action, _) = last(engine.handle(now, Input::Applied { snapshot, again: false }));
    }
    slept_until(&action);
    assert!(engine.drained());
    orders
}

#[test]
fn ten_thousand_entries_go_in_few_round_trips_on_a_fast_line() {
    let orders = drained_over(10_000, 10_000_000);
    assert!(orders.len() <= 4, "{} exchanges", orders.len());
    assert!(orders.iter().all(|(_, carried)| *carried == Carried::Whole));
}

#[test]
fn a_thousand_entries_go_in_few_pieces_over_a_slow_line_that_is_not_cut() {
    let orders = drained_over(1_000, 8_000);
    assert!(orders.len() <= 3, "{} exchanges", orders.len());
    assert!(orders[0].0.wants_token, "in case that what follows is cut");
    assert!(orders.iter().all(|(_, carried)| *carried == Carried::Whole));
}

#[test]
fn after_a_cut_what_is_larger_than_half_of_it_goes_as_a_parcel() {
    let mut engine = Engine::new(Config::default(), 7);
    let (action, _) = last(engine.handle(SECOND, Input::Snapshot(snapshot(2_000, 0))));
    let (facts, took) = carried(&order(&action), 2_000, 8_000);
    let mut now = SECOND + took;
    engine.handle(now, Input::ReplyArrived(facts));
    let store = snapshot(2_000, facts.received_seq);
    let applied = Input::Applied { snapshot: store, again: false };
    let (action, _) = last(engine.handle(now, applied));
    let before = order(&action);
    let cut = Failure { trouble: Trouble::Unreachable, gone: Gone::Whole { bytes: 60_000 } };
    now = slept_until(&last(engine.handle(now, Input::ExchangeFailed(cut))).0);
    let after = order(&last(engine.handle(now, Input::Tick)).0);
    assert_eq!(after.whole_most_bytes, 30_000);
    assert!(after.parcels);
    assert_eq!(after.max_bytes, before.max_bytes, "a cut loses nothing of a parcel");
}

#[test]
fn a_batch_is_what_goes_in_ten_seconds_of_the_measured_line() {
    for bytes_per_second in [500, 2_000, 8_000, 30_000] {
        let orders = drained_over(40_000, bytes_per_second);
        let (order, _) = orders[orders.len() / 2];
        let seconds = order.max_bytes * 80 / 500 / bytes_per_second;
        assert!((6..=13).contains(&seconds), "{bytes_per_second} B/s: {seconds} s");
    }
}

#[test]
fn one_entry_on_an_open_session_asks_for_no_token() {
    let mut engine = content(4);
    let (action, _) = last(engine.handle(SECOND * 2, Input::Snapshot(snapshot(5, 4))));
    assert!(!order(&action).wants_token);
}

#[test]
fn a_cut_after_progress_is_tried_again_in_a_moment_and_without_a_probe() {
    let mut engine = content(4);
    let (_, _) = last(engine.handle(SECOND * 2, Input::Snapshot(snapshot(900, 4))));
    let gone = |progressed| Gone::Parcel { progressed, piece_bytes: 70_000 };
    let cut = |progressed| {
        let failure = Failure { trouble: Trouble::Unreachable, gone: gone(progressed) };
        Input::ExchangeFailed(failure)
    };
    let mut now = SECOND * 2;
    for _ in 0..50 {
        let (action, _) = last(engine.handle(now, cut(true)));
        assert!(engine.retries_soon());
        let wait = slept_until(&action) - now;
        assert!((SECOND..=SECOND * 2).contains(&wait), "{wait:?}");
        now += wait;
        let (action, _) = last(engine.handle(now, Input::Tick));
        assert_eq!(exchange_after(&action), 4);
    }
    // Nothing arrived between two cuts: the old waits, and a probe.
    let (action, _) = last(engine.handle(now, cut(false)));
    assert!(!engine.retries_soon());
    let until = slept_until(&action);
    assert!(until - now >= Config::default().back_off_first);
    assert_eq!(last(engine.handle(until, Input::Tick)).0, Action::Probe);
}

#[test]
fn entries_that_were_acknowledged_are_progress_too_but_only_once() {
    let mut engine = content(4);
    engine.handle(SECOND * 2, Input::Snapshot(snapshot(900, 4)));
    let facts = ReplyFacts { more: false, ..ok(4, 100) };
    engine.handle(SECOND * 2, Input::ReplyArrived(facts));
    let applied = Input::Applied { snapshot: snapshot(900, 100), again: false };
    exchange_after(&last(engine.handle(SECOND * 2, applied)).0);
    let cut = Input::ExchangeFailed(Trouble::Unreachable.into());
    let until = slept_until(&last(engine.handle(SECOND * 2, cut.clone())).0);
    assert!(until <= SECOND * 4);
    exchange_after(&last(engine.handle(until, Input::Tick)).0);
    let (action, _) = last(engine.handle(until, cut));
    assert!(slept_until(&action) - until >= Config::default().back_off_first);
}

#[test]
fn what_a_reply_may_weigh_is_halved_by_cuts_and_grows_with_success() {
    let mut engine = content(4);
    let (mut now, mut reply) = (SECOND * 2, 0);
    let (mut action, _) = last(engine.handle(now, Input::Snapshot(snapshot(5, 4))));
    for _ in 0..8 {
        if action == Action::Probe {
            (action, _) = last(engine.handle(now, Input::ProbeAnswered));
        }
        if let Action::Sleep { until: Some(until) } = action {
            now = until;
            (action, _) = last(engine.handle(now, Input::Tick));
            continue;
        }
        reply = order(&action).reply_most_bytes;
        let failure = Failure { trouble: Trouble::Unreachable, gone: Gone::Whole { bytes: 300 } };
        now = slept_until(&last(engine.handle(now, Input::ExchangeFailed(failure))).0);
        (action, _) = last(engine.handle(now, Input::Tick));
    }
    let least = u32::try_from(Config::default().reply.least).unwrap();
    assert!((least..=4 * least).contains(&reply), "{reply}");

    let mut engine = content(4);
    let (mut action, _) = last(engine.handle(now, Input::Snapshot(snapshot(5, 4))));
    let first = order(&action).reply_most_bytes;
    for _ in 0..3 {
        let reply_bytes = order(&action).reply_most_bytes as usize;
        let facts = ReplyFacts { reply_bytes, more: true, ..ok(4, 5) };
        engine.handle(now, Input::ReplyArrived(facts));
        let snapshot = snapshot(5, 5);
        (action, _) = last(engine.handle(now, Input::Applied { snapshot, again: false }));
    }
    assert!(order(&action).reply_most_bytes >= 16 * first);
}

#[test]
fn without_parcels_everything_goes_in_pieces_that_pass() {
    let mut engine = content(4);
    engine.handle(SECOND * 2, Input::Snapshot(snapshot(900, 4)));
    let refused = Input::ParcelRefused(ParcelRefusal::Unknown);
    let (action, _) = last(engine.handle(SECOND * 2, refused));
    let order = order(&action);
    assert!(!order.parcels);
    assert!(order.max_bytes / 11 <= order.whole_most_bytes);
}

#[test]
fn a_token_that_is_refused_for_parcels_is_renewed_and_not_in_a_circle() {
    let mut engine = content(4);
    engine.handle(SECOND * 2, Input::Snapshot(snapshot(900, 4)));
    let refused = Input::ParcelRefused(ParcelRefusal::Token);
    let (action, _) = last(engine.handle(SECOND * 2, refused.clone()));
    assert!(order(&action).wants_token && !order(&action).parcels);
    let (action, _) = last(engine.handle(SECOND * 2, refused));
    assert!(slept_until(&action) >= SECOND * 2 + Config::default().back_off_first);
}

/// An engine with a hub, whose line to the centre has failed so often.
fn cut_off(failures: u32) -> (Engine, Moment, Action) {
    let mut engine = Engine::new(Config::default(), 7).with_hub();
    let mut now = SECOND;
    let (mut action, _) = last(engine.handle(now, Input::Snapshot(snapshot(5, 4))));
    for failure in 0..failures {
        if let Action::Sleep { until: Some(until) } = action {
            now = until;
            engine.handle(now, Input::Tick);
        }
        let failed = match failure {
            0 => Input::ExchangeFailed(Trouble::Unreachable.into()),
            _ => Input::ProbeFailed(Trouble::Unreachable),
        };
        (action, _) = last(engine.handle(now, failed));
    }
    (engine, now, action)
}

fn posted(store: StoreSnapshot, carried: bool) -> Input {
    Input::Posted { carried: carried.then(|| store.clone()), snapshot: store }
}

#[test]
fn the_hub_is_gone_to_only_after_the_line_failed_twice_in_a_row() {
    slept_until(&cut_off(1).2);
    let (mut engine, now, action) = cut_off(2);
    assert_eq!(action, Action::Post { send: true });
    let (action, _) = last(engine.handle(now, posted(snapshot(5, 4), true)));
    let until = slept_until(&action);
    assert!(until >= now + Config::default().back_off_first, "the centre's own wait holds");
    assert_eq!(last(engine.handle(until, Input::Tick)).0, Action::Probe, "and it is tried again");
    engine.handle(until, Input::ProbeAnswered);
    engine.handle(until, Input::ReplyArrived(ok(4, 5)));
    let applied = Input::Applied { snapshot: snapshot(5, 5), again: false };
    slept_until(&last(engine.handle(until, applied)).0);
    // One failure later the hub is not asked: the line had been good.
    engine.handle(until + SECOND, Input::Snapshot(snapshot(6, 5)));
    let failed = Input::ExchangeFailed(Trouble::Unreachable.into());
    engine.handle(until + SECOND, failed.clone());
    let engine_tried = last(engine.handle(until + SECOND * 4, Input::Tick)).0;
    exchange_after(&engine_tried);
    slept_until(&last(engine.handle(until + SECOND * 4, failed)).0);
}

#[test]
fn what_the_hub_has_is_not_left_there_twice_and_a_new_entry_goes_at_once() {
    let (mut engine, mut now, mut action) = cut_off(2);
    let mut sent = Vec::new();
    // Until the waits for the centre are long.
    for _ in 0..60 {
        let input = match action {
            Action::Post { send } => {
                sent.push(send);
                posted(snapshot(5, 4), send)
            }
            Action::Probe => Input::ProbeFailed(Trouble::Unreachable),
            Action::Sleep { until: Some(until) } if until > now + SECOND * 900 => break,
            Action::Sleep { until: Some(until) } => {
                now = until;
                Input::Tick
            }
            other => panic!("{other:?}"),
        };
        (action, _) = last(engine.handle(now, input));
    }
    assert!(sent.len() > 2 && sent[0], "{sent:?}");
    assert!(!sent[1..].contains(&true), "afterwards only the answer is asked for: {sent:?}");
    let until = slept_until(&action);
    let soon = now + SECOND * 2;
    let (action, _) = last(engine.handle(soon, Input::Snapshot(snapshot(6, 4))));
    assert_eq!(slept_until(&action), until, "not every second");
    let later = now + Config::default().poll_every;
    let (action, _) = last(engine.handle(later, Input::Snapshot(snapshot(6, 4))));
    assert_eq!(action, Action::Post { send: true });
    let (action, _) = last(engine.handle(later, posted(snapshot(6, 4), true)));
    assert_eq!(slept_until(&action), until, "and the wait for the centre is what it was");
}

#[test]
fn a_hub_that_fails_is_tried_ever_more_seldom_and_delays_the_centre_by_nothing() {
    let (mut engine, mut now, mut action) = cut_off(2);
    let (mut posts, mut probes) = (0, 0);
    for _ in 0..200 {
        let input = match action {
            Action::Post { .. } => {
                posts += 1;
                Input::PostFailed(snapshot(5, 4))
            }
            Action::Probe => {
                probes += 1;
                Input::ProbeFailed(Trouble::Unreachable)
            }
            Action::Sleep { until: Some(until) } => {
                now = until;
                Input::Tick
            }
            other => panic!("{other:?}"),
        };
        (action, _) = last(engine.handle(now, input));
    }
    assert!(posts <= probes + 1, "{posts} posts, {probes} probes");
}

#[test]
fn with_nothing_to_carry_or_no_hub_nobody_goes_there() {
    let mut engine = Engine::new(Config::default(), 7).with_hub();
    let mut now = SECOND;
    let (mut action, _) = last(engine.handle(now, Input::Snapshot(snapshot(4, 4))));
    for _ in 0..20 {
        let input = match action {
            Action::Exchange(_) => Input::ExchangeFailed(Trouble::Unreachable.into()),
            Action::Probe => Input::ProbeFailed(Trouble::Unreachable),
            Action::Sleep { until: Some(until) } => {
                now = until;
                Input::Tick
            }
            other => panic!("{other:?}"),
        };
        (action, _) = last(engine.handle(now, input));
    }
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
    let failed = upload_failed(UploadTrouble::Document(bad), &store);
    let (action, _) = last(engine.handle(SECOND * 2, failed));
    assert!(matches!(action, Action::Upload { hash, .. } if hash == good));
    let failed = upload_failed(UploadTrouble::Line(Trouble::Timeout), &store);
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
            Action::Upload { .. } => upload_failed(UploadTrouble::TokenRefused, &store),
            Action::Exchange(_) => {
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
