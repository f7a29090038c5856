//! States as their column spells them; the same words as in JSON.

use pishkhan_domain::lifecycle::State;

use crate::error::StoreError;

/// The spelling of a state.
pub(crate) fn of(state: State) -> &'static str {
    match state {
        State::Draft => "draft",
        State::Recorded => "recorded",
        State::Received => "received",
        State::Accepted => "accepted",
        State::Returned => "returned",
        State::Resubmitted => "resubmitted",
        State::Approved => "approved",
        State::Refused => "refused",
        State::Delivered => "delivered",
        State::Withdrawn => "withdrawn",
    }
}

/// The state of a spelling.
pub(crate) fn parse(name: &str) -> Result<State, StoreError> {
    State::ALL
        .into_iter()
        .find(|state| of(*state) == name)
        .ok_or_else(|| StoreError::corrupt("an unknown state in the projection"))
}
