//! The log: appending, reading, checking.
//!
//! Invariant: an event, the rows computed from it and what goes along with it are one transaction;
//! whoever sees one sees all.

mod append;
mod verify;

use pishkhan_domain::ids::{ApplicationId, DraftId, OperatorId};
use pishkhan_protocol::event::{Core, Event, Hash, Rest};
use pishkhan_protocol::head::Head;
use rusqlite::{Connection, OptionalExtension, Row, named_params};

use crate::error::StoreError;
use crate::numbers::{from_sql, to_sql};
use crate::store::Store;

/// What else belongs into the transaction that appends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Along {
    /// The draft has become an entry.
    DiscardDraft(DraftId),
}

/// What a walk along the whole log found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LogCheck {
    /// Every entry follows from the one before.
    Sound {
        /// Where the log ends.
        head: Head,
    },
    /// The first entry that does not.
    BadEntry {
        /// Its place.
        seq: u64,
    },
}

impl Store {
    /// Where the log ends.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn head(&self) -> Result<Head, StoreError> {
        head_in(&self.reader)
    }

    /// The entries after `seq`, in order: as many as fit, but one at least if there is one.
    /// `max_bytes` counts bodies.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn entries_after(
        &self,
        seq: u64,
        max_bytes: usize,
        max_entries: usize,
    ) -> Result<Vec<Event>, StoreError> {
        let sql = "SELECT seq, hash, core, rest, body FROM events WHERE seq > :seq ORDER BY seq";
        let mut statement = self.reader.prepare_cached(sql)?;
        let mut rows = statement.query(named_params! { ":seq": to_sql(seq) })?;
        let mut events = Vec::new();
        let mut bytes = 0;
        while events.len() < max_entries
            && let Some(row) = rows.next()?
        {
            let (event, _) = read(row)?;
            bytes += event.body.len();
            if bytes > max_bytes && !events.is_empty() {
                break;
            }
            events.push(event);
        }
        Ok(events)
    }

    /// The event at `seq`.
    ///
    /// # Errors
    /// [`StoreError::NotFound`].
    pub fn event(&self, seq: u64) -> Result<Event, StoreError> {
        let found = event_in(&self.reader, seq)?;
        found.map(|(event, _)| event).ok_or(StoreError::NotFound { what: "event" })
    }

    /// The event that recorded an application: what its receipt proves.
    ///
    /// # Errors
    /// [`StoreError::NotFound`].
    pub fn recorded_event(&self, id: ApplicationId) -> Result<Event, StoreError> {
        let sql = "SELECT seq FROM applications WHERE id = :id";
        let seq: Option<i64> = self
            .reader
            .prepare_cached(sql)?
            .query_row(named_params! { ":id": &id.as_bytes()[..] }, |row| row.get("seq"))
            .optional()?;
        self.event(from_sql(seq.ok_or(StoreError::NotFound { what: "application" })?))
    }

    /// The name under which an operator was enrolled on this device; empty when unknown.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn operator_name(&self, operator: OperatorId) -> Result<String, StoreError> {
        let sql = "SELECT name FROM operators WHERE id = :id";
        let name = self
            .reader
            .prepare_cached(sql)?
            .query_row(named_params! { ":id": &operator.as_bytes()[..] }, |row| row.get("name"))
            .optional()?;
        Ok(name.unwrap_or_default())
    }
}

/// Where the log ends, as a connection sees it.
pub(crate) fn head_in(connection: &Connection) -> Result<Head, StoreError> {
    let sql = "SELECT seq, hash FROM events ORDER BY seq DESC LIMIT 1";
    let head = connection
        .prepare_cached(sql)?
        .query_row([], |row| Ok(Head { seq: from_sql(row.get("seq")?), hash: row.get("hash")? }))
        .optional()?;
    Ok(head.unwrap_or(Head::EMPTY))
}

/// The stored hash at `seq`.
pub(crate) fn hash_in(connection: &Connection, seq: u64) -> Result<Option<Hash>, StoreError> {
    if seq == 0 {
        return Ok(Some(Head::EMPTY.hash));
    }
    let sql = "SELECT hash FROM events WHERE seq = :seq";
    Ok(connection
        .prepare_cached(sql)?
        .query_row(named_params! { ":seq": to_sql(seq) }, |row| row.get("hash"))
        .optional()?)
}

fn event_in(connection: &Connection, seq: u64) -> Result<Option<(Event, Hash)>, StoreError> {
    let sql = "SELECT seq, hash, core, rest, body FROM events WHERE seq = :seq";
    let mut statement = connection.prepare_cached(sql)?;
    let mut rows = statement.query(named_params! { ":seq": to_sql(seq) })?;
    rows.next()?.map(read).transpose()
}

/// An event and the hash that stands beside it.
fn read(row: &Row<'_>) -> Result<(Event, Hash), StoreError> {
    let seq = from_sql(row.get("seq")?);
    let damaged = |_| StoreError::corrupt(format!("event {seq}"));
    let event = Event {
        core: Core::from_bytes(&row.get::<_, Vec<u8>>("core")?).map_err(damaged)?,
        rest: Rest::from_bytes(&row.get::<_, Vec<u8>>("rest")?).map_err(damaged)?,
        body: row.get("body")?,
    };
    Ok((event, row.get("hash")?))
}
