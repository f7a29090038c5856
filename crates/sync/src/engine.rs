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
mod ceiling;
mod config;
mod documents;
mod failures;
mod hub;
mod input;
mod measure;
mod sizes;

pub use action::{Action, Activity, Answer, Order, Report};
pub use back_off::Random;
pub use config::{Config, SizeRange};
pub use input::{
    Carried, Failure, Gone, Input, Moment, ParcelRefusal, ReplyFacts, StoreSnapshot, Trouble,
    UploadTrouble,
};

use back_off::BackOff;
use documents::Documents;
use hub::Hub;
use pishkhan_domain::content_hash::ContentHash;
use pishkhan_protocol::exchange::Verdict;
use sizes::Sizes;

/// Corrections of our hint in a row, after which the centre is taken to be confused.
const CORRECTIONS_MOST: u32 = 3;
/// So many entries may be more than goes in one piece: a token is asked for, to send a parcel.
const MANY_ENTRIES: u64 = 32;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Phase {
    Probing {
        since: Moment,
    },
    Exchanging {
        since: Moment,
    },
    Applying {
        facts: ReplyFacts,
        took: Moment,
    },
    Uploading {
        hash: ContentHash,
        since: Moment,
    },
    /// At the hub; then the rest until this moment that the centre's failure cost.
    Posting {
        until: Moment,
    },
    Resting {
        until: Moment,
        rest: Rest,
    },
    Stopped,
}

/// Why nothing is in flight, which decides what may shorten it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Rest {
    /// All is said for now: a new entry goes at once.
    Content,
    /// After a failure: a new entry does not shorten it, the operator may.
    BackOff,
    /// After a failure before which something had arrived: short, and no probe after it.
    Retry,
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
    /// To be asked for when one is needed.
    Needed,
    /// Given at this moment.
    Given(Moment),
    /// The centre was asked and gave none; perhaps with the next answer.
    Denied,
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
    /// Did anything arrive since the last failure?
    moved: bool,
    sizes: Sizes,
    max_entries: usize,
    corrections: u32,
    /// When to ask for news, whatever waits here.
    poll_at: Moment,
    token: Token,
    token_asked: bool,
    /// Refused in a row.
    tokens_refused: u32,
    /// Does the centre take parcels, as far as known?
    parcels: bool,
    documents: Documents,
    hub: Option<Hub>,
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
            // Taken to be good until it fails: a probe at the start would cost as much as it saves.
            line_good: true,
            lost_at: None,
            back_off: BackOff::default(),
            moved: false,
            sizes: Sizes::new(&config),
            max_entries: config.batch_entries.first,
            corrections: 0,
            poll_at: Moment::ZERO,
            token: Token::Needed,
            token_asked: false,
            tokens_refused: 0,
            parcels: true,
            documents: Documents::default(),
            hub: None,
            answer: None,
            reported: None,
            config,
        }
    }

    /// The same, with a hub to go to when the line to the centre fails.
    #[must_use]
    pub fn with_hub(self) -> Self {
        Self { hub: Some(Hub::default()), ..self }
    }

    /// Takes an input that came at `now`. An input that does not belong to what is in flight (late,
    /// doubled) changes nothing.
    pub fn handle(&mut self, now: Moment, input: Input) -> Vec<Action> {
        let mut action = match (self.phase, input) {
            (_, Input::Snapshot(store)) => self.noticed(now, store),
            (_, Input::Asked(store)) => self.asked(now, store),
            (Phase::Resting { until, .. }, Input::Tick) if until <= now => Some(self.begin(now)),
            (Phase::Probing { since }, Input::ProbeAnswered) => {
                self.sizes.trip(now.saturating_sub(since));
                Some(self.line_found(now))
            }
            (Phase::Probing { .. }, Input::ProbeFailed(trouble)) => Some(self.failed(now, trouble)),
            (Phase::Exchanging { since }, Input::ReplyArrived(facts)) => {
                Some(self.replied(now, since, facts))
            }
            (Phase::Exchanging { .. }, Input::ExchangeFailed(failure)) => {
                Some(self.exchange_failed(now, failure))
            }
            (Phase::Exchanging { .. }, Input::ParcelRefused(refusal)) => {
                Some(self.parcel_refused(now, refusal))
            }
            (Phase::Applying { facts, took }, Input::Applied { snapshot, again }) => {
                let news = self.store.cursors() != snapshot.cursors();
                self.store = snapshot;
                Some(self.applied(now, Outcome { facts, took, news, again }))
            }
            (
                Phase::Exchanging { .. }
                | Phase::Applying { .. }
                | Phase::Uploading { .. }
                | Phase::Posting { .. },
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
                self.sizes.uploaded(sent_bytes, now.saturating_sub(since));
                self.moved = true;
                self.back_off.reset();
                Some(self.next(now))
            }
            (Phase::Uploading { .. }, Input::UploadFailed { trouble, progressed, snapshot }) => {
                self.store = snapshot;
                self.moved |= progressed;
                Some(self.upload_failed(now, trouble))
            }
            (Phase::Posting { until }, Input::Posted { snapshot, carried }) => {
                if let Some(hub) = &mut self.hub {
                    hub.took(now, carried, &self.config);
                }
                Some(self.posted(now, until, snapshot))
            }
            (Phase::Posting { until }, Input::PostFailed(store)) => {
                self.store = store;
                let (config, random) = (&self.config, &mut self.random);
                if let Some(hub) = &mut self.hub {
                    hub.failed(now, config, random);
                }
                Some(self.rest(until.max(now), Rest::BackOff))
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

    /// Does it rest for a moment only, since something arrives before every cut?
    #[must_use]
    pub fn retries_soon(&self) -> bool {
        matches!(self.phase, Phase::Resting { rest: Rest::Retry, .. })
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
            // A new entry does not shorten the wait for the centre, but the hub may be near.
            Phase::Resting { until, rest: Rest::BackOff } if until > now => {
                let hub = self.hub.as_ref().filter(|hub| !hub.has(&self.store));
                hub.is_some_and(|hub| hub.is_due(now, &self.store))
                    .then(|| self.rest_or_post(now, until))
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
                if let Some(hub) = &mut self.hub {
                    hub.retry();
                }
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
                return Action::Upload { hash, max_bytes: self.sizes.piece(&self.config) };
            }
            if self.token != Token::Denied {
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
        let after_seq = self.hint();
        let waiting = self.store.log_seq.saturating_sub(after_seq);
        let good = self.token_good(now);
        let parcel_likely = waiting > MANY_ENTRIES || (waiting > 0 && self.sizes.cut_of_late());
        let uploads = !self.store.documents.is_empty() || (self.parcels && parcel_likely);
        let order = self.sizes.order(
            &self.config,
            Order {
                after_seq,
                max_bytes: 0,
                max_entries: self.max_entries,
                whole_most_bytes: 0,
                parcels: self.parcels && good,
                piece_most_bytes: 0,
                reply_most_bytes: 0,
                wants_token: uploads && !good,
                token_first: self.parcels && self.token == Token::Needed && parcel_likely,
            },
        );
        self.token_asked = order.wants_token;
        self.phase = Phase::Exchanging { since: now };
        Action::Exchange(order)
    }

    fn replied(&mut self, now: Moment, since: Moment, facts: ReplyFacts) -> Action {
        self.line_good = true;
        self.lost_at = None;
        if let Some(hub) = &mut self.hub {
            hub.centre_answered();
        }
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
        if facts.upload_token {
            self.token = Token::Given(now);
        } else if self.token_asked {
            self.token = Token::Denied;
        }
        let moved = facts.received_seq != facts.after_seq;
        let advanced = facts.received_seq > facts.after_seq;
        self.moved |= advanced || news;
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
            if facts.sent_entries >= self.max_entries {
                self.max_entries = (self.max_entries * 2).min(self.config.batch_entries.most);
            }
            self.sizes.answered(&self.config, &facts, took);
            if matches!(facts.carried, Carried::Parcel { .. }) {
                self.tokens_refused = 0;
            }
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
            Phase::Posting { .. } => Activity::Posting,
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
