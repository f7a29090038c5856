//! Taking what the centre said into the projections.

use pishkhan_domain::ids::{ApplicationId, DeviceNumber};
use pishkhan_protocol::feed::{FeedBody, FeedItem};
use rusqlite::{Connection, OptionalExtension, named_params};

use super::project;
use crate::error::StoreError;
use crate::history::Standing;
use crate::numbers::to_sql;

/// Reads what a feed's item is about: its id and, if it is, the application it names.
pub(crate) fn subject_of(
    connection: &Connection,
    device: DeviceNumber,
    item: &FeedItem,
) -> Result<Option<ApplicationId>, StoreError> {
    Ok(match &item.body {
        FeedBody::Accepted(application) => Some(*application),
        FeedBody::Returned(body) => Some(body.application),
        FeedBody::Approved(body) => Some(body.application),
        FeedBody::Refused(body) => Some(body.application),
        FeedBody::Note(body) => Some(body.application),
        FeedBody::EntryParked(body) if body.device == device => {
            let sql = "SELECT application FROM events WHERE seq = :seq AND application <> x''";
            let found = connection
                .prepare_cached(sql)?
                .query_row(named_params! { ":seq": to_sql(body.seq) }, |row| row.get("application"))
                .optional()?;
            found.map(ApplicationId::from_bytes)
        }
        FeedBody::EntryParked(_) | FeedBody::Notice(_) | FeedBody::DayRoot(_) => None,
    })
}

/// Takes an item of the feed, already stored, into the projections.
pub(crate) fn take_feed_item(
    connection: &Connection,
    device: DeviceNumber,
    number: u64,
    item: &FeedItem,
    application: Option<ApplicationId>,
) -> Result<(), StoreError> {
    match (&item.body, application) {
        (FeedBody::Notice(notice), _) => {
            let sql = "INSERT INTO notices (item_id, number, title, text, at) \
                       VALUES (:item_id, :number, :title, :text, :at) \
                       ON CONFLICT (item_id) DO UPDATE SET number = excluded.number";
            connection.execute(
                sql,
                named_params! {
                    ":item_id": &item.id.as_bytes()[..],
                    ":number": to_sql(number),
                    ":title": notice.title,
                    ":text": notice.text,
                    ":at": item.at_ms,
                },
            )?;
            Ok(())
        }
        // An entry of no application cannot be mended, only be seen.
        (FeedBody::EntryParked(parked), None) if parked.device == device => {
            insert_parked(connection, parked.seq, number, None)
        }
        (_, Some(application)) => project(connection, application),
        (_, None) => Ok(()),
    }
}

pub(super) fn project_parked(
    connection: &Connection,
    application: ApplicationId,
    standing: &Standing,
) -> Result<(), StoreError> {
    connection
        .prepare_cached("DELETE FROM parked_entries WHERE application = :application")?
        .execute(named_params! { ":application": &application.as_bytes()[..] })?;
    for (seq, number) in &standing.parked {
        insert_parked(connection, *seq, *number, Some(application))?;
    }
    Ok(())
}

fn insert_parked(
    connection: &Connection,
    seq: u64,
    number: u64,
    application: Option<ApplicationId>,
) -> Result<(), StoreError> {
    let application = application.map(|id| *id.as_bytes());
    let sql = "INSERT INTO parked_entries (seq, number, application) \
               VALUES (:seq, :number, :application) \
               ON CONFLICT (seq) DO UPDATE SET number = excluded.number";
    connection.prepare_cached(sql)?.execute(named_params! {
        ":seq": to_sql(seq),
        ":number": to_sql(number),
        ":application": application.as_ref().map_or(&[][..], |id| &id[..]),
    })?;
    Ok(())
}
