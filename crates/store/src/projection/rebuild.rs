//! Throwing every projection away and computing it anew.

use pishkhan_domain::ids::{ApplicationId, DeviceNumber};
use pishkhan_protocol::body::EventBody;
use pishkhan_protocol::feed::FeedItem;
use rusqlite::{Connection, named_params};

use super::{VERSION, subject_of, take_event, take_feed_item};
use crate::error::StoreError;
use crate::numbers::{from_sql, to_sql};
use crate::store::Store;

impl Store {
    /// Throws every projection away and computes it anew from log and feed.
    ///
    /// # Errors
    /// [`StoreError`]; the old ones stand then.
    pub fn rebuild_projections(&mut self) -> Result<(), StoreError> {
        let device = self.identity.device;
        let transaction = self.writer.transaction()?;
        rebuild(&transaction, device)?;
        Ok(transaction.commit()?)
    }

    pub(crate) fn rebuild_outdated_projections(&mut self) -> Result<(), StoreError> {
        let sql = "SELECT version FROM projection";
        let version: i64 = self.reader.query_row(sql, [], |row| row.get("version"))?;
        if version == VERSION { Ok(()) } else { self.rebuild_projections() }
    }
}

/// Computes everything anew within the caller's transaction.
pub(crate) fn rebuild(connection: &Connection, device: DeviceNumber) -> Result<(), StoreError> {
    connection.execute_batch(include_str!("clear.sql"))?;
    connection.execute(
        "UPDATE projection SET version = :version",
        named_params! { ":version": VERSION },
    )?;
    let mut statement = connection.prepare(
        "SELECT number, item FROM feed WHERE run = (SELECT feed_run FROM sync_state) \
         ORDER BY number",
    )?;
    let mut rows = statement.query([])?;
    // Applications first become known by their events, and are then computed with their whole
    // history; so the feed needs only to be looked at for what kinds a later version knows.
    let mut others = Vec::new();
    while let Some(row) = rows.next()? {
        let Ok(item) = FeedItem::from_bytes(&row.get::<_, Vec<u8>>("item")?) else { continue };
        let number = from_sql(row.get("number")?);
        let application = subject_of(connection, device, &item)?;
        name_subject(connection, number, application)?;
        if application.is_none() {
            others.push((number, item));
        }
    }
    drop(rows);
    for (number, item) in others {
        take_feed_item(connection, device, number, &item, None)?;
    }
    let mut statement =
        connection.prepare("SELECT seq, application, body FROM events ORDER BY seq")?;
    let mut rows = statement.query([])?;
    while let Some(row) = rows.next()? {
        let Ok(body) = EventBody::from_bytes(&row.get::<_, Vec<u8>>("body")?) else { continue };
        let application: Vec<u8> = row.get("application")?;
        let application = <[u8; 16]>::try_from(application).ok().map(ApplicationId::from_bytes);
        take_event(connection, from_sql(row.get("seq")?), application, &body)?;
    }
    Ok(())
}

fn name_subject(
    connection: &Connection,
    number: u64,
    application: Option<ApplicationId>,
) -> Result<(), StoreError> {
    let application = application.map(|id| *id.as_bytes());
    let sql = "UPDATE feed SET application = :application \
               WHERE run = (SELECT feed_run FROM sync_state) AND number = :number";
    connection.prepare_cached(sql)?.execute(named_params! {
        ":application": application.as_ref().map_or(&[][..], |id| &id[..]),
        ":number": to_sql(number),
    })?;
    Ok(())
}
