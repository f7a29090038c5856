//! How many applications each list holds, kept as applications move.
//!
//! Invariant: what is kept is what counting the lists would give; an application is taken out of
//! the lists it was in and put into those it is in, in the transaction that moves it.

use pishkhan_domain::lifecycle::State;
use rusqlite::{Connection, OptionalExtension, Row, named_params};

use crate::error::StoreError;
use crate::numbers::to_sql;

/// What decides in which lists an application is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Place {
    pub(super) state: State,
    pub(super) due_on: String,
    pub(super) printed: bool,
    pub(super) parked: bool,
    pub(super) accepted: bool,
}

impl Place {
    fn lists(&self) -> impl Iterator<Item = (&'static str, &str)> {
        let undecided =
            matches!(self.state, State::Recorded | State::Accepted | State::Resubmitted);
        let lists = [
            ("returned", self.state == State::Returned),
            ("to_deliver", matches!(self.state, State::Approved | State::Refused)),
            ("undecided", undecided),
            ("to_print", !self.printed && self.state != State::Withdrawn),
            ("parked", self.parked),
            ("accepted", self.accepted),
        ];
        let due_on = |list| if list == "undecided" { self.due_on.as_str() } else { "" };
        lists.into_iter().filter(|(_, is_in)| *is_in).map(move |(list, _)| (list, due_on(list)))
    }
}

/// Where an application stood until now, if it was known.
pub(super) fn before(connection: &Connection, seq: u64) -> Result<Option<Place>, StoreError> {
    let sql = "SELECT state, due_on, copies_printed, parked, accepted FROM applications \
               WHERE seq = :seq";
    let place = |row: &Row<'_>| {
        let state: String = row.get("state")?;
        let (due_on, copies): (_, i64) = (row.get("due_on")?, row.get("copies_printed")?);
        let (parked, accepted) = (row.get("parked")?, row.get("accepted")?);
        Ok((state, due_on, copies > 0, parked, accepted))
    };
    let found = connection
        .prepare_cached(sql)?
        .query_row(named_params! { ":seq": to_sql(seq) }, place)
        .optional()?;
    let Some((state, due_on, printed, parked, accepted)) = found else { return Ok(None) };
    let state = State::named(&state)
        .ok_or_else(|| StoreError::corrupt("an unknown state in the projection"))?;
    Ok(Some(Place { state, due_on, printed, parked, accepted }))
}

/// Counts an application where it is now, and no longer where it was.
pub(super) fn move_over(
    connection: &Connection,
    before: Option<&Place>,
    now: &Place,
) -> Result<(), StoreError> {
    if before == Some(now) {
        return Ok(());
    }
    let left = before.into_iter().flat_map(Place::lists).map(|at| (at, -1));
    for ((list, due_on), by) in left.chain(now.lists().map(|at| (at, 1))) {
        let sql = "INSERT INTO application_counts (list, due_on, applications) \
                   VALUES (:list, :due_on, :by) ON CONFLICT (list, due_on) \
                   DO UPDATE SET applications = applications + excluded.applications";
        connection
            .prepare_cached(sql)?
            .execute(named_params! { ":list": list, ":due_on": due_on, ":by": by })?;
        let sql = "DELETE FROM application_counts \
                   WHERE list = :list AND due_on = :due_on AND applications = 0";
        connection
            .prepare_cached(sql)?
            .execute(named_params! { ":list": list, ":due_on": due_on })?;
    }
    Ok(())
}
