//! The engine's rules, one by one, and under any sequence of inputs.

use std::time::Duration;

use pishkhan_domain::content_hash::ContentHash;
use pishkhan_protocol::exchange::Verdict;
use pishkhan_sync::engine::{
    Action, Activity, Answer, Config, Engine, Input, Moment, ReplyFacts, Report, StoreSnapshot,
    Trouble, UploadTrouble,
};
use proptest::prelude::*;

const SECOND: Duration = Duration::from_secs(1);

fn snapshot(log_seq: u64, acknowledged_seq: u64) -> StoreSnapshot {
    StoreSnapshot { log_seq, acknowledged_seq, ..StoreSnapshot::default() }
}

fn ok(after_seq: u64, received_seq: u64) -> ReplyFacts {
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

/// What may come to an engine, sensible or not.
#[derive(Clone, Debug)]
enum Happening {
    Answer,
    Fail(u8, u64),
    Record(u64),
    Restore(u64),
    Ask,
    Wait(u64),
    Unasked(u8),
    DiskFull,
    Attach,
}

fn happenings() -> impl Strategy<Value = Vec<Happening>> {
    let one = prop_oneof![
        6 => Just(Happening::Answer),
        3 => (0_u8..8, 0_u64..100_000).prop_map(|(kind, seconds)| Happening::Fail(kind, seconds)),
        3 => (1_u64..400).prop_map(Happening::Record),
        1 => (0_u64..400).prop_map(Happening::Restore),
        1 => Just(Happening::Ask),
        4 => (0_u64..5_000).prop_map(Happening::Wait),
        2 => (0_u8..8).prop_map(Happening::Unasked),
        1 => Just(Happening::DiskFull),
        1 => Just(Happening::Attach),
    ];
    proptest::collection::vec(one, 0..120)
}

/// A store and a centre as numbers.
struct Model {
    engine: Engine,
    now: Moment,
    log: u64,
    acknowledged: u64,
    centre: u64,
    papers: Vec<ContentHash>,
    pending: Option<Action>,
    asleep_until: Option<Moment>,
    ordered_until: Moment,
    known_head: Option<u64>,
    reply: Option<ReplyFacts>,
    rounds: u32,
}

impl Model {
    fn new(seed: u64) -> Self {
        let mut model = Self {
            engine: Engine::new(Config::default(), seed),
            now: Moment::ZERO,
            log: 0,
            acknowledged: 0,
            centre: 0,
            papers: Vec::new(),
            pending: None,
            asleep_until: None,
            ordered_until: Moment::ZERO,
            known_head: None,
            reply: None,
            rounds: 0,
        };
        let store = model.store();
        model.give(Input::Snapshot(store));
        model
    }

    fn store(&self) -> StoreSnapshot {
        let documents = self.papers.clone();
        StoreSnapshot { documents, ..snapshot(self.log, self.acknowledged) }
    }

    fn give(&mut self, input: Input) {
        let actions = self.engine.handle(self.now, input);
        for action in actions {
            match action {
                Action::Report(_) => {}
                Action::Sleep { until } => {
                    assert!(self.pending.is_none(), "sleeps with something in flight");
                    self.asleep_until = until;
                    assert!(until.is_some(), "nothing here stops a device");
                }
                action => {
                    assert!(self.pending.is_none(), "two things in flight");
                    assert!(self.now >= self.ordered_until, "before the centre allowed");
                    if let Action::Exchange { after_seq, .. } = action {
                        let head = self.known_head.unwrap_or(self.acknowledged);
                        assert_eq!(after_seq, head, "not from the centre's head");
                        self.rounds += 1;
                    }
                    self.asleep_until = None;
                    self.pending = Some(action);
                }
            }
        }
        assert!(self.pending.is_some() || self.asleep_until.is_some(), "nothing leads on");
    }

    fn answer(&mut self) {
        let Some(action) = self.pending.take() else { return };
        let input = match action {
            Action::Probe => Input::ProbeAnswered,
            Action::Exchange { after_seq, max_entries, .. } => {
                let most = (max_entries as u64).min(25);
                let sent = most.min(self.log.saturating_sub(after_seq));
                let gap = sent > 0 && after_seq > self.centre;
                if !gap {
                    self.centre = self.centre.max(after_seq + sent).min(self.log);
                }
                let facts = ReplyFacts {
                    verdict: if gap { Verdict::Gap } else { Verdict::Ok },
                    received_seq: self.centre,
                    after_seq,
                    sent_entries: usize::try_from(sent).unwrap(),
                    ..ok(0, 0)
                };
                self.reply = Some(facts);
                Input::ReplyArrived(facts)
            }
            Action::Apply => {
                let facts = self.reply.take().expect("a reply to apply");
                self.acknowledged = facts.received_seq;
                self.known_head = Some(facts.received_seq);
                Input::Applied { snapshot: self.store(), again: false }
            }
            Action::Upload { hash, .. } => {
                self.papers.retain(|paper| *paper != hash);
                let (complete, sent_bytes) = (true, 65_536);
                Input::UploadAdvanced { complete, sent_bytes, snapshot: self.store() }
            }
            other => panic!("{other:?}"),
        };
        self.give(input);
    }

    fn fail(&mut self, kind: u8, seconds: u64) {
        let Some(action) = self.pending.take() else { return };
        let ordered = Duration::from_secs(seconds);
        let trouble = match kind {
            0 => Trouble::Unreachable,
            1 => Trouble::Timeout,
            2 => Trouble::NotTheCentre,
            3 => Trouble::TooLarge,
            4 => Trouble::Busy { retry_after: None },
            _ => Trouble::Busy { retry_after: Some(ordered) },
        };
        // Whether the centre stored what was sent before the line went is not known here.
        if let Action::Exchange { after_seq, .. } = action
            && kind.is_multiple_of(2)
            && after_seq <= self.centre
        {
            self.centre = self.centre.max((after_seq + 7).min(self.log));
        }
        let input = match action {
            Action::Probe => Input::ProbeFailed(trouble),
            Action::Exchange { .. } => Input::ExchangeFailed(trouble),
            Action::Apply => Input::StoreFailed,
            Action::Upload { hash, .. } => {
                let trouble = match kind {
                    6 => UploadTrouble::TokenRefused,
                    7 => UploadTrouble::Document(hash),
                    _ => UploadTrouble::Line(trouble),
                };
                Input::UploadFailed(trouble, self.store())
            }
            other => panic!("{other:?}"),
        };
        let orders = match &input {
            Input::ProbeFailed(trouble) | Input::ExchangeFailed(trouble) => Some(*trouble),
            Input::UploadFailed(UploadTrouble::Line(trouble), _) => Some(*trouble),
            _ => None,
        };
        if let Some(Trouble::Busy { retry_after: Some(ordered) }) = orders {
            let cap = Config::default().retry_after_cap;
            self.ordered_until = self.now + ordered.min(cap);
        }
        self.give(input);
    }

    fn happen(&mut self, happening: Happening) {
        match happening {
            Happening::Answer => self.answer(),
            Happening::Fail(kind, seconds) => self.fail(kind, seconds),
            Happening::Record(count) => {
                self.log += count;
                let store = self.store();
                self.give_noticed(Input::Snapshot(store));
            }
            Happening::Restore(head) => self.centre = self.centre.min(head),
            Happening::Ask => {
                let store = self.store();
                self.give_noticed(Input::Asked(store));
            }
            Happening::Wait(seconds) => {
                self.now += Duration::from_secs(seconds);
                self.give_noticed(Input::Tick);
            }
            Happening::Unasked(kind) => self.unasked(kind),
            Happening::DiskFull => {
                if matches!(self.pending, Some(Action::Exchange { .. } | Action::Apply)) {
                    self.pending = None;
                    self.give(Input::StoreFailed);
                }
            }
            Happening::Attach => {
                self.papers.push(ContentHash::of(&self.log.to_be_bytes()));
                let store = self.store();
                self.give_noticed(Input::Snapshot(store));
            }
        }
    }

    /// While something is in flight, the driver tells nothing that the engine must react to.
    fn give_noticed(&mut self, input: Input) {
        let pending = self.pending.clone();
        self.give(input);
        assert!(pending.is_none() || self.pending == pending);
    }

    /// An answer to something that was not asked for: late, doubled.
    fn unasked(&mut self, kind: u8) {
        let input = match (kind, &self.pending) {
            (0, pending) if !matches!(pending, Some(Action::Probe)) => Input::ProbeAnswered,
            (1, pending) if !matches!(pending, Some(Action::Probe)) => {
                Input::ProbeFailed(Trouble::Timeout)
            }
            (2, pending) if !matches!(pending, Some(Action::Exchange { .. })) => {
                Input::ReplyArrived(ok(0, 3))
            }
            (3, pending) if !matches!(pending, Some(Action::Exchange { .. })) => {
                Input::ExchangeFailed(Trouble::TooLarge)
            }
            (4, pending) if !matches!(pending, Some(Action::Apply)) => {
                Input::Applied { snapshot: self.store(), again: true }
            }
            (5, pending) if !matches!(pending, Some(Action::Upload { .. })) => {
                Input::UploadFailed(UploadTrouble::TokenRefused, self.store())
            }
            (6, None) => Input::StoreFailed,
            _ => return,
        };
        self.give_noticed(input);
    }

    /// All faults heal: everything gets an answer, and time passes.
    fn heal(&mut self) {
        self.rounds = 0;
        let store = self.store();
        self.give_noticed(Input::Snapshot(store));
        for _ in 0..2_000 {
            if self.centre == self.log && self.acknowledged == self.log && self.papers.is_empty() {
                break;
            }
            match self.asleep_until {
                Some(until) if self.pending.is_none() => {
                    self.now = self.now.max(until);
                    self.give(Input::Tick);
                }
                _ => self.answer(),
            }
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 600, ..ProptestConfig::default() })]

    #[test]
    fn no_sequence_of_inputs_loses_an_entry_or_puts_two_things_in_flight(
        seed in any::<u64>(),
        happenings in happenings(),
    ) {
        let mut model = Model::new(seed);
        for happening in happenings {
            model.happen(happening);
        }
        let before = model.log - model.centre.min(model.log);
        model.heal();
        prop_assert_eq!(model.centre, model.log);
        prop_assert_eq!(model.acknowledged, model.log);
        prop_assert!(model.papers.is_empty());
        // 25 entries a round, a few rounds to find the head, one for news per paper and wait.
        let needed = u32::try_from(before / 25).unwrap() + 50;
        prop_assert!(model.rounds <= needed, "{} rounds for {} entries", model.rounds, before);
    }
}
