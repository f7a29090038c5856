//! The feed: checked whole before any of it is stored.

use pishkhan_protocol::event::Hash;
use pishkhan_protocol::exchange::FeedEntry;
use pishkhan_protocol::feed::{FeedBody, FeedItem, feed_hash};
use rusqlite::{Connection, named_params};

use super::{Applied, FeedTrouble, ReplyEffects};
use crate::error::StoreError;
use crate::identity::Identity;
use crate::numbers::to_sql;
use crate::sync_state::SyncState;
use crate::{day_roots, projection, sync_state};

/// Takes the items of the feed that continue ours; checks all of them before any is stored.
pub(super) fn take_feed(
    connection: &Connection,
    identity: &Identity,
    before: &SyncState,
    effects: &ReplyEffects,
    applied: &mut Applied,
) -> Result<(), StoreError> {
    let state = sync_state::read(connection)?;
    // What we have already (a reply that came twice) is passed over, its hash is still compared.
    let new: Vec<&FeedEntry> =
        effects.feed.iter().filter(|entry| entry.number > state.feed_cursor).collect();
    let (mut number, mut hash) = (state.feed_cursor, state.feed_hash);
    let mut hashes = Vec::with_capacity(new.len());
    let mut trouble = None;
    for entry in &new {
        if entry.number != number + 1 {
            trouble = Some(FeedTrouble::Gap { expected: number + 1 });
            break;
        }
        number = entry.number;
        hash = feed_hash(&hash, number, &entry.item);
        hashes.push(hash);
    }
    let told_up_to = effects.feed.last().map_or(before.feed_cursor, |entry| entry.number);
    let comparable = told_up_to == number;
    if trouble.is_none() && comparable && effects.feed_hash.is_some_and(|told| told != hash) {
        trouble = Some(FeedTrouble::Mismatch { at: number });
    }
    if applied.epoch_changed {
        // The items continue a feed that we have just put aside, unless they begin at 1.
        let restarted = trouble.is_none() && !new.is_empty();
        if restarted {
            store_feed(connection, identity, effects, &new, &hashes, applied)?;
        }
        return projection::rebuild(connection, identity.device);
    }
    applied.feed_trouble = trouble;
    if trouble.is_none() {
        store_feed(connection, identity, effects, &new, &hashes, applied)?;
    }
    Ok(())
}

fn store_feed(
    connection: &Connection,
    identity: &Identity,
    effects: &ReplyEffects,
    entries: &[&FeedEntry],
    hashes: &[Hash],
    applied: &mut Applied,
) -> Result<(), StoreError> {
    for (entry, hash) in entries.iter().zip(hashes) {
        let item = FeedItem::from_bytes(&entry.item).ok();
        let application = match &item {
            Some(item) => projection::subject_of(connection, identity.device, item)?,
            None => {
                tracing::warn!(number = entry.number, "an item of a kind not known yet was kept");
                None
            }
        };
        let application_id = application.map(|id| *id.as_bytes());
        connection.prepare_cached(include_str!("feed.sql"))?.execute(named_params! {
            ":number": to_sql(entry.number),
            ":item": entry.item,
            ":hash": hash,
            ":came_at": effects.at_ms,
            ":application": application_id.as_ref().map_or(&[][..], |id| &id[..]),
        })?;
        connection
            .prepare_cached("UPDATE sync_state SET feed_cursor = :number")?
            .execute(named_params! { ":number": to_sql(entry.number) })?;
        if let Some(item) = &item {
            projection::take_feed_item(
                connection,
                identity.device,
                entry.number,
                item,
                application,
            )?;
            if matches!(item.body, FeedBody::Notice(_)) {
                applied.notices += 1;
            }
            if let FeedBody::DayRoot(told) = &item.body
                && !day_roots::take(connection, identity, item, entry.number, told, effects.at_ms)?
            {
                applied.notices += 1;
            }
        }
        applied.applications.extend(application);
    }
    applied.applications.sort_unstable();
    applied.applications.dedup();
    Ok(())
}
