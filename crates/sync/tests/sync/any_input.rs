//! The engine under any sequence of inputs, against a store and a centre that are only numbers.

use std::time::Duration;

use pishkhan_domain::content_hash::ContentHash;
use pishkhan_protocol::exchange::Verdict;
use pishkhan_sync::engine::{
    Action, Config, Engine, Failure, Gone, Input, Moment, Order, ParcelRefusal, ReplyFacts,
    StoreSnapshot, Trouble, UploadTrouble,
};
use proptest::prelude::*;

use crate::engine_rules::{ok, snapshot};

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
                    if let Action::Exchange(Order { after_seq, .. }) = action {
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
            Action::Exchange(Order { after_seq, max_entries, .. }) => {
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
        if let Action::Exchange(Order { after_seq, .. }) = action
            && kind.is_multiple_of(2)
            && after_seq <= self.centre
        {
            self.centre = self.centre.max((after_seq + 7).min(self.log));
        }
        let input = match action {
            Action::Probe => Input::ProbeFailed(trouble),
            Action::Exchange(order) => {
                let gone = match seconds % 4 {
                    0 => Gone::Nothing,
                    1 => Gone::Whole { bytes: order.whole_most_bytes },
                    odd => Gone::Parcel { progressed: odd == 2, piece_bytes: 20_000 },
                };
                match kind {
                    6 => Input::ParcelRefused(ParcelRefusal::Token),
                    7 => Input::ParcelRefused(ParcelRefusal::Unknown),
                    _ => Input::ExchangeFailed(Failure { trouble, gone }),
                }
            }
            Action::Apply => Input::StoreFailed,
            Action::Upload { hash, .. } => {
                let trouble = match kind {
                    6 => UploadTrouble::TokenRefused,
                    7 => UploadTrouble::Document(hash),
                    _ => UploadTrouble::Line(trouble),
                };
                let (progressed, snapshot) = (seconds.is_multiple_of(3), self.store());
                Input::UploadFailed { trouble, progressed, snapshot }
            }
            other => panic!("{other:?}"),
        };
        let orders = match &input {
            Input::ProbeFailed(trouble) => Some(*trouble),
            Input::ExchangeFailed(failure) => Some(failure.trouble),
            Input::UploadFailed { trouble: UploadTrouble::Line(trouble), .. } => Some(*trouble),
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
                if matches!(self.pending, Some(Action::Exchange(_) | Action::Apply)) {
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
            (2, pending) if !matches!(pending, Some(Action::Exchange(_))) => {
                Input::ReplyArrived(ok(0, 3))
            }
            (3, pending) if !matches!(pending, Some(Action::Exchange(_))) => {
                Input::ExchangeFailed(Trouble::TooLarge.into())
            }
            (4, pending) if !matches!(pending, Some(Action::Apply)) => {
                Input::Applied { snapshot: self.store(), again: true }
            }
            (5, pending) if !matches!(pending, Some(Action::Upload { .. })) => {
                Input::UploadFailed {
                    trouble: UploadTrouble::TokenRefused,
                    progressed: true,
                    snapshot: self.store(),
                }
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
