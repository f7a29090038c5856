//! Recording: ثبت در دفتر.

use pishkhan_domain::ids::{ApplicationId, OperatorId};
use pishkhan_protocol::anchor::Anchor;
use pishkhan_protocol::body::EventBody;
use pishkhan_protocol::chain::{Entry, link};
use pishkhan_protocol::event::Event;
use pishkhan_protocol::exchange::MAX_BODY_BYTES;
use pishkhan_protocol::head::Head;
use rusqlite::{Connection, OptionalExtension, TransactionBehavior, named_params};

use super::{Along, event_in, head_in};
use crate::error::StoreError;
use crate::history::standing;
use crate::identity::Identity;
use crate::numbers::to_sql;
use crate::store::Store;
use crate::{projection, sync_state};

impl Store {
    /// Records, in one transaction, durably: ثبت در دفتر. When this returns, the entries were
    /// committed with fsync and, if applications are among them, read back through a second
    /// connection and their hashes compared (P1: safe before paper). An application's id is the
    /// id of its event; its tracking code is in the event's core.
    ///
    /// # Errors
    /// Nothing was recorded: [`StoreError::Full`], [`StoreError::TooLarge`],
    /// [`StoreError::NotFound`] for an application or a document that is named but not here,
    /// [`StoreError::NotAllowed`] for an act that the lifecycle does not allow now. May have been
    /// recorded but not to be trusted: [`StoreError::Corrupt`].
    pub fn append(
        &mut self,
        operator: OperatorId,
        now_ms: i64,
        bodies: Vec<EventBody>,
        also: &[Along],
    ) -> Result<Vec<Event>, StoreError> {
        let transaction = self.writer.transaction_with_behavior(TransactionBehavior::Immediate)?;
        let mut head = head_in(&transaction)?;
        let mut last_at = last_time(&transaction)?;
        let anchor = sync_state::read(&transaction)?.anchor;
        let mut events = Vec::with_capacity(bodies.len());
        for body in bodies {
            // A clock that went back must not reorder what one device did.
            let at = last_at.map_or(now_ms, |last| now_ms.max(last + 1));
            last_at = Some(at);
            let event = Next { identity: &self.identity, head, at, anchor, operator }
                .insert(&transaction, body)?;
            head = Head { seq: event.core.seq, hash: event.hash() };
            events.push(event);
        }
        for Along::DiscardDraft(draft) in also {
            transaction
                .prepare_cached("DELETE FROM drafts WHERE id = :id")?
                .execute(named_params! { ":id": &draft.as_bytes()[..] })?;
        }
        transaction.commit()?;
        self.read_back(&events)?;
        Ok(events)
    }

    /// Reads recorded applications through the second connection: what paper will claim is what
    /// another reader of this disk sees.
    pub(crate) fn read_back(&self, events: &[Event]) -> Result<(), StoreError> {
        for event in events.iter().filter(|event| event.core.tracking_code.is_some()) {
            let seq = event.core.seq;
            match event_in(&self.reader, seq)? {
                Some((read, hash)) if read.hash() == event.hash() && hash == event.hash() => {}
                _ => return Err(StoreError::corrupt(format!("event {seq} reads otherwise"))),
            }
        }
        Ok(())
    }
}

/// What the next event follows from.
struct Next<'a> {
    identity: &'a Identity,
    head: Head,
    at: i64,
    anchor: Option<Anchor>,
    operator: OperatorId,
}

impl Next<'_> {
    fn insert(&self, connection: &Connection, body: EventBody) -> Result<Event, StoreError> {
        for hash in projection::copies_named(&body) {
            let sql = "SELECT 1 AS found FROM documents WHERE hash = :hash";
            let found = connection
                .prepare_cached(sql)?
                .query_row(named_params! { ":hash": hash.0 }, |row| row.get::<_, i64>("found"))
                .optional()?;
            found.ok_or(StoreError::NotFound { what: "document" })?;
        }
        check_allowed(connection, &body)?;
        let (event, body) = self.link(connection, body)?;
        let application = projection::application_of(&body, ApplicationId::from(event.rest.id));
        let seq = event.core.seq;
        let application_id = application.map(|id| *id.as_bytes());
        let sql = "INSERT INTO events \
                   (seq, hash, kind, device_time_at, application, core, rest, body) \
                   VALUES (:seq, :hash, :kind, :device_time_at, :application, :core, :rest, :body)";
        connection.prepare_cached(sql)?.execute(named_params! {
            ":seq": to_sql(seq),
            ":hash": event.hash(),
            ":kind": event.core.kind,
            ":device_time_at": self.at,
            ":application": application_id.as_ref().map_or(&[][..], |id| &id[..]),
            ":core": event.core.to_bytes(),
            ":rest": event.rest.to_bytes(),
            ":body": event.body,
        })?;
        projection::take_event(connection, seq, application, &body)?;
        Ok(event)
    }

    /// Links the body; one that records gets a tracking code that this device never gave before.
    fn link(
        &self,
        connection: &Connection,
        mut body: EventBody,
    ) -> Result<(Event, EventBody), StoreError> {
        for attempt in 0..=u8::MAX {
            if let EventBody::ApplicationRecorded(recorded) = &mut body {
                recorded.code_attempt = attempt;
            }
            let bytes = body.to_bytes();
            if bytes.len() > MAX_BODY_BYTES {
                return Err(StoreError::TooLarge { bytes: bytes.len() });
            }
            let entry = Entry {
                kind: body.kind(),
                device_time_ms: self.at,
                anchor: self.anchor,
                operator: self.operator,
                body: bytes,
            };
            let event = link(self.identity.device, &self.identity.secret, &self.head, entry);
            match event.core.tracking_code {
                Some(code) if code_is_taken(connection, code)? => {}
                _ => return Ok((event, body)),
            }
        }
        Err(StoreError::other("minting a tracking code", "256 codes in a row are taken"))
    }
}

/// The office does only what it may do as it sees things now. An act that comes too late all the
/// same (the agency has acted meanwhile) is found when that is known.
fn check_allowed(connection: &Connection, body: &EventBody) -> Result<(), StoreError> {
    let Some(application) = projection::named_by(body) else { return Ok(()) };
    let (own, feed) = projection::history(connection, application)?;
    if own.is_empty() {
        return Err(StoreError::NotFound { what: "application" });
    }
    if standing(own, feed).allows_own(body) { Ok(()) } else { Err(StoreError::NotAllowed) }
}

fn code_is_taken(connection: &Connection, code: u64) -> Result<bool, StoreError> {
    let sql = "SELECT EXISTS (SELECT 1 FROM applications WHERE tracking_code = :code) AS taken";
    Ok(connection
        .prepare_cached(sql)?
        .query_row(named_params! { ":code": to_sql(code) }, |row| row.get("taken"))?)
}

fn last_time(connection: &Connection) -> Result<Option<i64>, StoreError> {
    let sql = "SELECT device_time_at FROM events ORDER BY seq DESC LIMIT 1";
    Ok(connection.prepare_cached(sql)?.query_row([], |row| row.get("device_time_at")).optional()?)
}
