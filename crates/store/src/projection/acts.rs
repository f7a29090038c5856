//! Reading the acts on an application back from log and feed.

use pishkhan_domain::ids::ApplicationId;
use pishkhan_protocol::body::EventBody;
use pishkhan_protocol::event::Rest;
use pishkhan_protocol::feed::FeedItem;
use rusqlite::{Connection, Row, named_params};

use crate::error::StoreError;
use crate::history::{FeedAct, OwnAct};
use crate::numbers::from_sql;

/// The acts of both sides on an application, each in its own order.
pub(crate) fn history(
    connection: &Connection,
    application: ApplicationId,
) -> Result<(Vec<OwnAct>, Vec<FeedAct>), StoreError> {
    let id = &application.as_bytes()[..];
    let sql = "SELECT seq, device_time_at, rest, body FROM events \
               WHERE application = :application ORDER BY seq";
    let mut statement = connection.prepare_cached(sql)?;
    let mut rows = statement.query(named_params! { ":application": id })?;
    let mut own = Vec::new();
    while let Some(row) = rows.next()? {
        own.extend(own_act(row)?);
    }
    let sql = "SELECT number, item FROM feed WHERE application = :application \
               AND run = (SELECT feed_run FROM sync_state) ORDER BY number";
    let mut statement = connection.prepare_cached(sql)?;
    let mut rows = statement.query(named_params! { ":application": id })?;
    let mut feed = Vec::new();
    while let Some(row) = rows.next()? {
        let Ok(item) = FeedItem::from_bytes(&row.get::<_, Vec<u8>>("item")?) else { continue };
        feed.push(FeedAct { number: from_sql(row.get("number")?), item });
    }
    Ok((own, feed))
}

fn own_act(row: &Row<'_>) -> Result<Option<OwnAct>, StoreError> {
    let seq = from_sql(row.get("seq")?);
    let damaged = || StoreError::corrupt(format!("event {seq}"));
    let rest = Rest::from_bytes(&row.get::<_, Vec<u8>>("rest")?).map_err(|_| damaged())?;
    // A kind of a later version: kept in the log, not understood here.
    let Ok(body) = EventBody::from_bytes(&row.get::<_, Vec<u8>>("body")?) else { return Ok(None) };
    Ok(Some(OwnAct { seq, at: row.get("device_time_at")?, operator: rest.operator, body }))
}
