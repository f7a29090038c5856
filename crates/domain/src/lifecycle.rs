//! The life of an application, and who may move it on.
//!
//! Until filed it belongs to the office, then to the agency; "returned" gives it back. An act that
//! arrives too late is kept in the log and marked not applied: it never fails the exchange.

use minicbor::{Decode, Encode};
use serde::{Deserialize, Serialize};

/// Where an application stands. `Draft` is never in the log; `Received` is computed from the
/// centre's acknowledgement, at the office, and is where the centre's own projection begins.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, Encode, Decode,
)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
#[serde(rename_all = "snake_case")]
#[cbor(index_only)]
pub enum State {
    /// پیش‌نویس
    #[n(0)]
    Draft,
    /// ثبت در دفتر
    #[n(1)]
    Recorded,
    /// رسید مرکز
    #[n(2)]
    Received,
    /// پذیرش دستگاه
    #[n(3)]
    Accepted,
    /// برگشت برای رفع نقص
    #[n(4)]
    Returned,
    /// ارسال دوباره
    #[n(5)]
    Resubmitted,
    /// تأیید شد
    #[n(6)]
    Approved,
    /// رد شد
    #[n(7)]
    Refused,
    /// تحویل شد
    #[n(8)]
    Delivered,
    /// انصراف
    #[n(9)]
    Withdrawn,
}

/// Who acts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Party {
    /// The village office.
    Office,
    /// The agency.
    Agency,
    /// The centre, by acknowledging.
    Centre,
}

/// What may be done to an application.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
#[serde(rename_all = "snake_case")]
pub enum Act {
    /// The office records it.
    Record,
    /// The centre acknowledges it.
    Receive,
    /// An officer takes it up.
    Accept,
    /// An officer returns it with named defects.
    Return,
    /// The office sends it again, mended.
    Resubmit,
    /// An officer approves.
    Approve,
    /// An officer refuses, with a lawful reason.
    Refuse,
    /// The office hands the result over.
    Deliver,
    /// The citizen withdraws.
    Withdraw,
}

/// The act is not possible in this state, or not for this party. An act from the log that is
/// refused so came too late: it is kept and marked not applied.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{party:?} may not {act:?} what is {state:?}")]
pub struct NotAllowed {
    /// State that was found.
    pub state: State,
    /// What was tried.
    pub act: Act,
    /// By whom.
    pub party: Party,
}

impl State {
    /// All states, in the order of a life.
    pub const ALL: [Self; 10] = [
        Self::Draft,
        Self::Recorded,
        Self::Received,
        Self::Accepted,
        Self::Returned,
        Self::Resubmitted,
        Self::Approved,
        Self::Refused,
        Self::Delivered,
        Self::Withdrawn,
    ];

    /// Its name in columns and addresses; the same as in JSON.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Draft => "draft",
            Self::Recorded => "recorded",
            Self::Received => "received",
            Self::Accepted => "accepted",
            Self::Returned => "returned",
            Self::Resubmitted => "resubmitted",
            Self::Approved => "approved",
            Self::Refused => "refused",
            Self::Delivered => "delivered",
            Self::Withdrawn => "withdrawn",
        }
    }

    /// The state of a name.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.name() == name)
    }

    /// The word that every screen, paper and page uses.
    #[must_use]
    pub fn label(self) -> &'static str {
        match self {
            Self::Draft => "پیش‌نویس",
            Self::Recorded => "ثبت در دفتر",
            Self::Received => "رسید مرکز",
            Self::Accepted => "پذیرش دستگاه",
            Self::Returned => "برگشت برای رفع نقص",
            Self::Resubmitted => "ارسال دوباره",
            Self::Approved => "تأیید شد",
            Self::Refused => "رد شد",
            Self::Delivered => "تحویل شد",
            Self::Withdrawn => "انصراف",
        }
    }

    /// Has the agency decided, or the citizen withdrawn? Then the service clock stands still.
    #[must_use]
    pub fn is_closed(self) -> bool {
        matches!(self, Self::Approved | Self::Refused | Self::Delivered | Self::Withdrawn)
    }
}

impl Act {
    /// All acts.
    pub const ALL: [Self; 9] = [
        Self::Record,
        Self::Receive,
        Self::Accept,
        Self::Return,
        Self::Resubmit,
        Self::Approve,
        Self::Refuse,
        Self::Deliver,
        Self::Withdraw,
    ];
}

/// The state after an act.
///
/// An officer first takes an application up, then decides. One that comes back mended after a
/// return is in that officer's hands already: it may be decided at once, or taken up again (by
/// another officer). The citizen may withdraw until the agency has decided.
///
/// # Errors
/// [`NotAllowed`].
pub fn apply(state: State, act: Act, party: Party) -> Result<State, NotAllowed> {
    use State::{
        Accepted, Approved, Delivered, Draft, Received, Recorded, Refused, Resubmitted, Returned,
        Withdrawn,
    };
    match (party, act, state) {
        (Party::Office, Act::Record, Draft) => Ok(Recorded),
        (Party::Centre, Act::Receive, Recorded) => Ok(Received),
        (Party::Agency, Act::Accept, Recorded | Received | Resubmitted) => Ok(Accepted),
        (Party::Agency, Act::Return, Accepted | Resubmitted) => Ok(Returned),
        (Party::Agency, Act::Approve, Accepted | Resubmitted) => Ok(Approved),
        (Party::Agency, Act::Refuse, Accepted | Resubmitted) => Ok(Refused),
        (Party::Office, Act::Resubmit, Returned) => Ok(Resubmitted),
        (Party::Office, Act::Deliver, Approved | Refused) => Ok(Delivered),
        (Party::Office, Act::Withdraw, Recorded | Received | Accepted | Returned | Resubmitted) => {
            Ok(Withdrawn)
        }
        _ => Err(NotAllowed { state, act, party }),
    }
}

/// What a party may do now.
#[must_use]
pub fn allowed(state: State, party: Party) -> Vec<Act> {
    Act::ALL.into_iter().filter(|act| apply(state, *act, party).is_ok()).collect()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const PARTIES: [Party; 3] = [Party::Office, Party::Agency, Party::Centre];

    #[test]
    fn a_state_is_named_as_in_json() {
        for state in State::ALL {
            assert_eq!(serde_json::json!(state), state.name());
            assert_eq!(State::named(state.name()), Some(state));
        }
        assert_eq!(State::named("lost"), None);
    }

    #[test]
    fn the_whole_table_of_what_is_allowed() {
        use Act::{Accept, Approve, Deliver, Receive, Record, Refuse, Resubmit, Return, Withdraw};
        let table = |state| PARTIES.map(|party| allowed(state, party));
        assert_eq!(table(State::Draft), [vec![Record], vec![], vec![]]);
        assert_eq!(table(State::Recorded), [vec![Withdraw], vec![Accept], vec![Receive]]);
        assert_eq!(table(State::Received), [vec![Withdraw], vec![Accept], vec![]]);
        let decide = vec![Return, Approve, Refuse];
        assert_eq!(table(State::Accepted), [vec![Withdraw], decide, vec![]]);
        assert_eq!(table(State::Returned), [vec![Resubmit, Withdraw], vec![], vec![]]);
        let again = vec![Accept, Return, Approve, Refuse];
        assert_eq!(table(State::Resubmitted), [vec![Withdraw], again, vec![]]);
        assert_eq!(table(State::Approved), [vec![Deliver], vec![], vec![]]);
        assert_eq!(table(State::Refused), [vec![Deliver], vec![], vec![]]);
        assert_eq!(table(State::Delivered), [const { Vec::new() }; 3]);
        assert_eq!(table(State::Withdrawn), [const { Vec::new() }; 3]);
    }

    #[test]
    fn a_withdrawal_after_the_decision_is_not_applied() {
        let late = apply(State::Approved, Act::Withdraw, Party::Office);
        let (state, act, party) = (State::Approved, Act::Withdraw, Party::Office);
        assert_eq!(late, Err(NotAllowed { state, act, party }));
    }

    proptest! {
        #[test]
        fn what_is_closed_is_never_opened_again(
            steps in prop::collection::vec((0..9_usize, 0..3_usize), 0..60)
        ) {
            let mut state = State::Draft;
            for (act, party) in steps {
                let closed = state.is_closed();
                if let Ok(next) = apply(state, Act::ALL[act], PARTIES[party]) {
                    prop_assert_ne!(next, state);
                    prop_assert!(!closed || next == State::Delivered);
                    state = next;
                }
            }
        }
    }
}
