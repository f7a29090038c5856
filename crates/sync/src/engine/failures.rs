//! What the engine does when something failed. Invariant: every failure ends in a wait or in a try
//! that differs from the one that failed; only what arrived since the failure before shortens it.

use super::action::{Action, Answer};
use super::input::{Failure, Gone, Moment, ParcelRefusal, StoreSnapshot, Trouble, UploadTrouble};
use super::{Engine, Phase, Rest, Token};

impl Engine {
    pub(super) fn exchange_failed(&mut self, now: Moment, failure: Failure) -> Action {
        let Failure { trouble, gone } = failure;
        self.moved |= matches!(gone, Gone::Parcel { progressed: true, .. });
        if self.sizes.failed(&self.config, trouble, gone) {
            // Less of it at once: the line is there.
            return self.exchange(now);
        }
        self.cut(now, trouble).unwrap_or_else(|| self.failed(now, trouble))
    }

    pub(super) fn parcel_refused(&mut self, now: Moment, refusal: ParcelRefusal) -> Action {
        match refusal {
            ParcelRefusal::Unknown => self.parcels = false,
            ParcelRefusal::Token => {
                self.token = Token::Needed;
                self.tokens_refused += 1;
                if self.tokens_refused > 1 {
                    self.tokens_refused = 0;
                    return self.failed(now, Trouble::NotTheCentre);
                }
            }
        }
        self.exchange(now)
    }

    /// A failure before which something had arrived: the line is there, only short. Without
    /// progress between two cuts the old waits hold.
    fn cut(&mut self, now: Moment, trouble: Trouble) -> Option<Action> {
        let is_cut = matches!(trouble, Trouble::Unreachable | Trouble::Timeout);
        if !is_cut || !std::mem::take(&mut self.moved) {
            return None;
        }
        self.answer = Some(answer_to(trouble));
        let wait = self.config.retry_after_progress;
        let until = now + wait + self.random.up_to(wait / 2);
        Some(self.rest(until, Rest::Retry))
    }

    pub(super) fn failed(&mut self, now: Moment, trouble: Trouble) -> Action {
        self.line_good = false;
        self.lost_at.get_or_insert(now);
        self.answer = Some(answer_to(trouble));
        if let Some(hub) = &mut self.hub {
            hub.centre_failed();
        }
        let retry_after = match trouble {
            Trouble::Busy { retry_after } => retry_after,
            _ => None,
        };
        self.back_off(now, retry_after)
    }

    pub(super) fn upload_failed(&mut self, now: Moment, trouble: UploadTrouble) -> Action {
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
                self.token = Token::Needed;
                self.next(now)
            }
            UploadTrouble::Line(trouble) => self.upload_cut(now, trouble),
        }
    }

    fn upload_cut(&mut self, now: Moment, trouble: Trouble) -> Action {
        let piece_bytes = self.sizes.piece(&self.config);
        let gone = Gone::Parcel { progressed: false, piece_bytes };
        self.sizes.failed(&self.config, trouble, gone);
        if let Some(action) = self.cut(now, trouble) {
            return action;
        }
        self.documents.failed_all(now, &self.config, &mut self.random);
        self.answer = Some(answer_to(trouble));
        if let Trouble::Busy { retry_after: Some(ordered) } = trouble {
            return self.rest_as_ordered(now, ordered);
        }
        self.line_good = false;
        let due = self.documents.next_due(&self.store.documents).unwrap_or(self.poll_at);
        if self.entries_wait() {
            return self.begin(now);
        }
        self.rest(due.min(self.poll_at).max(now), Rest::Content)
    }

    pub(super) fn back_off(&mut self, now: Moment, retry_after: Option<Moment>) -> Action {
        let wait = self.back_off.fail(&self.config, &mut self.random);
        match retry_after.map(|ordered| ordered.min(self.config.retry_after_cap)) {
            Some(ordered) if ordered > wait => self.rest_as_ordered(now, ordered),
            _ => self.rest_or_post(now, now + wait),
        }
    }

    /// The centre must wait; the hub need not.
    pub(super) fn rest_or_post(&mut self, now: Moment, until: Moment) -> Action {
        let due = self.hub.as_ref().filter(|hub| hub.is_due(now, &self.store));
        if let Some(send) = due.map(|hub| !hub.has(&self.store)) {
            self.phase = Phase::Posting { until };
            return Action::Post { send };
        }
        self.rest(until, Rest::BackOff)
    }

    pub(super) fn posted(&mut self, now: Moment, until: Moment, store: StoreSnapshot) -> Action {
        if store.acknowledged_seq != self.store.acknowledged_seq {
            // The centre's own word, by another road.
            self.centre_seq = Some(store.acknowledged_seq);
        }
        self.store = store;
        self.rest(until.max(now), Rest::BackOff)
    }

    /// Everybody was given the same seconds: spread after them.
    pub(super) fn rest_as_ordered(&mut self, now: Moment, ordered: Moment) -> Action {
        let ordered = ordered.min(self.config.retry_after_cap);
        let spread = self.random.up_to(self.config.reconnect_spread.min(ordered));
        self.rest(now + ordered + spread, Rest::Ordered)
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
