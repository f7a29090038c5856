//! When to probe, exchange, upload and wait: a pure state machine. No I/O, no clock, no async;
//! inputs in, actions out; time, numbers and the seed of its jitter are handed in.
//!
//! Hint and correct: entries go out at once from the head that the store remembers; from the first
//! answer on the centre's head alone decides what goes next. An office that trusted its own cursor
//! never re-sent what a restored centre had lost (PouchDB #585, CHT #8093).
//!
//! Invariant: at most one thing is in flight, and every state but [`Phase::Stopped`] leads on, by
//! the answer to what is in flight or by the moment in [`Action::Sleep`].

mod action;
mod back_off;
mod config;
mod documents;
mod input;
mod send_size;

pub use action::{Action, Activity, Answer, Report};
pub use back_off::Random;
pub use config::{Config, SizeRange};
pub use input::{Input, Moment, ReplyFacts, StoreSnapshot, Trouble, UploadTrouble};

use std::time::Duration;

use back_off::BackOff;
use documents::Documents;
use pishkhan_domain::content_hash::ContentHash;
use pishkhan_protocol::exchange::{MAX_BATCH_ENTRIES, Verdict};
use send_size::SendSize;

/// Corrections of our hint in a row, after which the centre is taken to be confused.
const CORRECTIONS_MOST: u32 = 3;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Phase {
    Probing { since: Moment },
    Exchanging { since: Moment },
    Applying { facts: ReplyFacts, took: Moment },
    Uploading { hash: ContentHash, since: Moment },
    Resting { until: Moment, rest: Rest },
    Stopped,
}

/// Why nothing is in flight, which decides what may shorten it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Rest {
    /// All is said for now: a new entry goes at once.
    Content,
    /// After a failure: a new entry does not shorten it, the operator may.
    BackOff,
    /// The centre ordered it: nothing shortens it.
    Ordered,
    /// A long outage just ended, for everybody; then the exchange.
    Spread,
}

/// What came of an exchange.
#[derive(Clone, Copy, Debug)]
struct Outcome {
    facts: ReplyFacts,
    took: Moment,
    news: bool,
    again: bool,
}

/// The right to upload documents.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Token {
    /// The centre gave none; perhaps with the next answer.
    None,
    /// Given at this moment.
    Given(Moment),
    /// No longer taken: ask for another.
    Spent,
}

/// The engine of one device. Nothing in it need survive a restart.
#[derive(Clone, Debug)]
pub struct Engine {
    config: Config,
    random: Random,
    phase: Phase,
    store: StoreSnapshot,
    /// The centre's head, once it answered.
    centre_seq: Option<u64>,
    line_good: bool,
    lost_at: Option<Moment>,
    back_off: BackOff,
    /// What a request takes that carries nothing: no measure of how much the line carries.
    round_trip: Duration,
    batch: SendSize,
    chunk: SendSize,
    max_entries: usize,
    corrections: u32,
    /// When to ask for news, whatever waits here.
    poll_at: Moment,
    token: Token,
    documents: Documents,
    answer: Option<Answer>,
    reported: Option<Report>,
}

impl Engine {
    /// An engine that has not spoken to anybody yet; its first snapshot sets it going.
    #[must_use]
    pub fn new(config: Config, seed: u64) -> Self {
        Self {
            random: Random::from_seed(seed),
            phase: Phase::Resting { until: Moment::ZERO, rest: Rest::Content },
            store: StoreSnapshot::default(),
            centre_seq: None,
            line_good: false,
            lost_at: None,
            back_off: BackOff::default(),
            round_trip: Duration::ZERO,
            batch: SendSize::new(config.batch),
            chunk: SendSize::new(config.chunk),
            max_entries: MAX_BATCH_ENTRIES,
            corrections: 0,
            poll_at: Moment::ZERO,
            token: Token::None,
            documents: Documents::default(),
            answer: None,
            reported: None,
            config,
        }
    }

    /// Takes an input that came at `now`. An input that does not belong to what is in flight (late,
    /// doubled) changes nothing.
    pub fn handle(&mut self, now: Moment, input: Input) -> Vec<Action> {
        let mut action = match (self.phase, input) {
            (_, Input::Snapshot(store)) => self.noticed(now, store),
            (_, Input::Asked(store)) => self.asked(now, store),
            (Phase::Resting { until, .. }, Input::Tick) if until <= now => Some(self.begin(now)),
            (Phase::Probing { since }, Input::ProbeAnswered) => {
                self.round_trip = now.saturating_sub(since);
                Some(self.line_found(now))
            }
            (Phase::Probing { .. }, Input::ProbeFailed(trouble)) => Some(self.failed(now, trouble)),
            (Phase::Exchanging { since }, Input::ReplyArrived(facts)) => {
                Some(self.replied(now, since, facts))
            }
            (Phase::Exchanging { .. }, Input::ExchangeFailed(trouble)) => {
                Some(self.exchange_failed(now, trouble))
            }
            (Phase::Applying { facts, took }, Input::Applied { snapshot, again }) => {
                let news = self.store.cursors() != snapshot.cursors();
                self.store = snapshot;
                Some(self.applied(now, Outcome { facts, took, news, again }))
            }
            (
                Phase::Exchanging { .. } | Phase::Applying { .. } | Phase::Uploading { .. },
                Input::StoreFailed,
            ) => {
                self.answer = Some(Answer::DiskFailed);
                Some(self.back_off(now, None))
            }
            (
                Phase::Uploading { hash, since },
                Input::UploadAdvanced { complete, sent_bytes, snapshot },
            ) => {
                self.store = snapshot;
                self.documents.advanced(&hash, complete);
                let carrying = now.saturating_sub(since).saturating_sub(self.round_trip);
                self.chunk.measured(sent_bytes, carrying, self.config.send_target);
                Some(self.next(now))
            }
            (Phase::Uploading { .. }, Input::UploadFailed(trouble, store)) => {
                self.store = store;
                Some(self.upload_failed(now, trouble))
            }
            _ => None,
        };
        if action.is_none() && matches!(self.phase, Phase::Resting { .. } | Phase::Stopped) {
            action = Some(self.sleep());
        }
        self.report().into_iter().chain(action).collect()
    }

    /// Do entries wait that the centre is not known to have?
    #[must_use]
    pub fn entries_wait(&self) -> bool {
        self.store.log_seq > self.hint()
    }

    /// Does the centre have everything that may be sent, as far as this office knows?
    #[must_use]
    pub fn drained(&self) -> bool {
        !self.entries_wait() && self.store.documents.is_empty()
    }

    fn hint(&self) -> u64 {
        self.centre_seq.unwrap_or(self.store.acknowledged_seq)
    }

    fn noticed(&mut self, now: Moment, store: StoreSnapshot) -> Option<Action> {
        self.store = store;
        match self.phase {
            Phase::Resting { until, rest: Rest::Content } => {
                let document = self.documents.pick(now, &self.store.documents);
                let upload = document.is_some() && self.token_good(now);
                (until <= now || self.entries_wait() || upload).then(|| self.begin(now))
            }
            _ => None,
        }
    }

    fn asked(&mut self, now: Moment, store: StoreSnapshot) -> Option<Action> {
        self.store = store;
        match self.phase {
            Phase::Resting { rest: Rest::Ordered, .. } => None,
            Phase::Resting { .. } | Phase::Stopped => {
                self.documents.retry_all();
                self.poll_at = now;
                Some(self.begin(now))
            }
            _ => None,
        }
    }

    fn begin(&mut self, now: Moment) -> Action {
        if self.line_good {
            return self.next(now);
        }
        self.phase = Phase::Probing { since: now };
        Action::Probe
    }

    fn line_found(&mut self, now: Moment) -> Action {
        self.line_good = true;
        self.poll_at = now;
        match self.lost_at {
            Some(lost_at) if now.saturating_sub(lost_at) > self.config.outage_after => {
                let until = now + self.random.up_to(self.config.reconnect_spread);
                self.rest(until, Rest::Spread)
            }
            _ => self.next(now),
        }
    }

    /// With a good line and nothing in flight: text, then news, then documents, then rest.
    fn next(&mut self, now: Moment) -> Action {
        if self.entries_wait() || self.poll_at <= now {
            return self.exchange(now);
        }
        if let Some(hash) = self.documents.pick(now, &self.store.documents) {
            if self.token_good(now) {
                self.phase = Phase::Uploading { hash, since: now };
                return Action::Upload { hash, max_bytes: self.chunk.bytes() };
            }
            if self.token != Token::None {
                return self.exchange(now);
            }
        }
        let document_due = self.documents.next_due(&self.store.documents);
        let due = document_due.filter(|due| *due > now).unwrap_or(self.poll_at);
        self.rest(due.min(self.poll_at), Rest::Content)
    }

    fn token_good(&self, now: Moment) -> bool {
        let lasts = self.config.token_lasts;
        matches!(self.token, Token::Given(at) if now.saturating_sub(at) < lasts)
    }

    fn exchange(&mut self, now: Moment) -> Action {
        self.phase = Phase::Exchanging { since: now };
        Action::Exchange {
            after_seq: self.hint(),
            max_bytes: self.batch.bytes(),
            max_entries: self.max_entries,
        }
    }

    fn replied(&mut self, now: Moment, since: Moment, facts: ReplyFacts) -> Action {
        self.line_good = true;
        self.lost_at = None;
        let stop = match facts.verdict {
            Verdict::Fork => Some(Answer::DeviceFork),
            Verdict::Revoked => Some(Answer::DeviceRevoked),
            Verdict::StaleLease => Some(Answer::DeviceStaleCopy),
            _ if facts.received_is_ours => None,
            // The centre holds what this log does not: an old copy of this disk, or another
            // history. To go on would make two entries of one number.
            _ if facts.received_seq > self.store.log_seq => Some(Answer::DeviceStaleCopy),
            _ => Some(Answer::DeviceFork),
        };
        if let Some(answer) = stop {
            return self.stop(answer);
        }
        self.phase = Phase::Applying { facts, took: now.saturating_sub(since) };
        Action::Apply
    }

    fn applied(&mut self, now: Moment, outcome: Outcome) -> Action {
        let Outcome { facts, took, news, again } = outcome;
        self.centre_seq = Some(facts.received_seq);
        self.token = if facts.upload_token { Token::Given(now) } else { Token::None };
        let moved = facts.received_seq != facts.after_seq;
        let advanced = facts.received_seq > facts.after_seq;
        let understood = match facts.verdict {
            Verdict::Ok => {
                self.corrections = if again { self.corrections + 1 } else { 0 };
                // Without progress the same batch would go for ever.
                (facts.sent_entries == 0 || advanced) && self.corrections <= CORRECTIONS_MOST
            }
            Verdict::BadChain if facts.sent_entries == 1 => {
                return self.stop(Answer::DeviceLogDamaged);
            }
            Verdict::BadChain if facts.sent_entries > 1 => {
                // What stands before the damage still goes.
                self.max_entries = facts.sent_entries / 2;
                self.corrections = 0;
                true
            }
            Verdict::Gap => {
                self.corrections += 1;
                moved && self.corrections <= CORRECTIONS_MOST
            }
            _ => false,
        };
        let retry_after = facts.retry_after;
        if !understood {
            self.answer = Some(match facts.verdict {
                Verdict::Unsupported => Answer::ProtocolUnsupported,
                _ => Answer::CentreBusy,
            });
            self.corrections = 0;
            return self.back_off(now, retry_after);
        }
        if facts.verdict == Verdict::Ok {
            self.back_off.reset();
            self.answer = Some(Answer::CentreOk);
            self.max_entries = (self.max_entries * 2).min(MAX_BATCH_ENTRIES);
            if facts.sent_entries == 0 {
                self.round_trip = took;
            }
            let carrying = took.saturating_sub(self.round_trip);
            self.batch.measured(facts.sent_bytes, carrying, self.config.send_target);
        }
        self.poll_at = if again || (facts.more && (news || advanced)) {
            now
        } else {
            now + self.config.poll_every + self.random.up_to(self.config.poll_every / 10)
        };
        match retry_after {
            Some(ordered) => self.rest_as_ordered(now, ordered),
            None => self.next(now),
        }
    }

    fn exchange_failed(&mut self, now: Moment, trouble: Trouble) -> Action {
        match trouble {
            // Half of it at once: the line is there.
            Trouble::TooLarge if self.batch.refused() => return self.exchange(now),
            Trouble::Timeout => self.batch.halve(),
            _ => {}
        }
        self.failed(now, trouble)
    }

    fn failed(&mut self, now: Moment, trouble: Trouble) -> Action {
        self.line_good = false;
        self.lost_at.get_or_insert(now);
        self.answer = Some(answer_to(trouble));
        let retry_after = match trouble {
            Trouble::Busy { retry_after } => retry_after,
            _ => None,
        };
        self.back_off(now, retry_after)
    }

    fn upload_failed(&mut self, now: Moment, trouble: UploadTrouble) -> Action {
        let (config, random) = (&self.config, &mut self.random);
        match trouble {
            UploadTrouble::Document(hash) => {
                if self.documents.failed(hash, now, config, random) {
                    self.answer = Some(Answer::DocumentFailed);
                }
                self.next(now)
            }
            UploadTrouble::TokenRefused => {
                self.documents.failed_all(now, config, random);
                self.token = Token::Spent;
                self.next(now)
            }
            UploadTrouble::Line(trouble) => {
                self.documents.failed_all(now, config, random);
                match trouble {
                    Trouble::TooLarge if self.chunk.refused() => {}
                    Trouble::Timeout => self.chunk.halve(),
                    _ => {}
                }
                if let Trouble::Busy { retry_after: Some(ordered) } = trouble {
                    self.answer = Some(answer_to(trouble));
                    return self.rest_as_ordered(now, ordered);
                }
                self.line_good = false;
                self.answer = Some(answer_to(trouble));
                let due = self.documents.next_due(&self.store.documents).unwrap_or(self.poll_at);
                if self.entries_wait() {
                    return self.begin(now);
                }
                self.rest(due.min(self.poll_at).max(now), Rest::Content)
            }
        }
    }

    fn back_off(&mut self, now: Moment, retry_after: Option<Moment>) -> Action {
        let wait = self.back_off.fail(&self.config, &mut self.random);
        match retry_after.map(|ordered| ordered.min(self.config.retry_after_cap)) {
            Some(ordered) if ordered > wait => self.rest_as_ordered(now, ordered),
            _ => self.rest(now + wait, Rest::BackOff),
        }
    }

    /// Everybody was given the same seconds: spread after them.
    fn rest_as_ordered(&mut self, now: Moment, ordered: Moment) -> Action {
        let ordered = ordered.min(self.config.retry_after_cap);
        let spread = self.random.up_to(self.config.reconnect_spread.min(ordered));
        self.rest(now + ordered + spread, Rest::Ordered)
    }

    fn rest(&mut self, until: Moment, rest: Rest) -> Action {
        self.phase = Phase::Resting { until, rest };
        self.sleep()
    }

    fn stop(&mut self, answer: Answer) -> Action {
        self.answer = Some(answer);
        self.phase = Phase::Stopped;
        self.sleep()
    }

    fn sleep(&self) -> Action {
        match self.phase {
            Phase::Resting { until, .. } => Action::Sleep { until: Some(until) },
            _ => Action::Sleep { until: None },
        }
    }

    fn report(&mut self) -> Option<Action> {
        let waiting = self.entries_wait() || !self.store.documents.is_empty();
        let activity = match self.phase {
            Phase::Probing { .. } => Activity::Probing,
            Phase::Exchanging { .. } | Phase::Applying { .. } => Activity::Exchanging,
            Phase::Uploading { .. } => Activity::Uploading,
            Phase::Resting { rest: Rest::Content, .. } if !waiting => Activity::Idle,
            Phase::Resting { .. } => Activity::Waiting,
            Phase::Stopped => Activity::Stopped,
        };
        let next_try = match self.phase {
            Phase::Resting { until, .. } => Some(until),
            _ => None,
        };
        let report = Report { activity, answer: self.answer, next_try };
        (self.reported.replace(report) != Some(report)).then_some(Action::Report(report))
    }
}

fn answer_to(trouble: Trouble) -> Answer {
    match trouble {
        Trouble::Unreachable => Answer::LineUnreachable,
        Trouble::Timeout => Answer::LineTimeout,
        Trouble::NotTheCentre => Answer::NotTheCentre,
        Trouble::Busy { .. } | Trouble::TooLarge => Answer::CentreBusy,
    }
}
