//! What a verified reply of the centre changes, in one transaction with the cursors.

use pishkhan_domain::ids::ApplicationId;
use pishkhan_protocol::anchor::Anchor;
use pishkhan_protocol::event::Hash;
use pishkhan_protocol::exchange::{CatalogueEntry, ExchangeReply, FeedEntry};
use pishkhan_protocol::feed::{FeedBody, FeedItem, feed_hash};
use pishkhan_protocol::head::Head;
use pishkhan_protocol::keys::Purpose;

use rusqlite::{Connection, OptionalExtension, TransactionBehavior, named_params};

use crate::error::StoreError;
use crate::identity::Identity;
use crate::numbers::{from_sql, to_sql};
use crate::store::Store;
use crate::sync_state::SyncState;
use crate::{catalogue, documents, log, projection, sync_state};

/// What the caller took out of a reply whose signature by the pinned key of the centre it has
/// verified. Never make one from anything else.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReplyEffects {
    /// The centre's epoch.
    pub epoch: [u8; 16],
    /// What it durably holds of this device.
    pub received: Head,
    /// Up to here its backup has it.
    pub safe_seq: u64,
    /// Lease for the next exchange; `None` keeps the present one.
    pub lease: Option<[u8; 16]>,
    /// Anchor for the next filings.
    pub anchor: Option<Anchor>,
    /// Items of the feed.
    pub feed: Vec<FeedEntry>,
    /// Hash of the feed at the last of them, or at the cursor; `None` when nothing came down.
    pub feed_hash: Option<Hash>,
    /// Publications.
    pub catalogue: Vec<CatalogueEntry>,
    /// This device's clock when the reply came, milliseconds since 1970.
    pub at_ms: i64,
    /// Device's clock minus centre's clock, if it was measured.
    pub clock_offset_ms: Option<i64>,
}

impl ReplyEffects {
    /// Everything that a reply with the verdict `Ok` or `Gap` says.
    #[must_use]
    pub fn of(reply: &ExchangeReply, at_ms: i64, clock_offset_ms: Option<i64>) -> Self {
        Self {
            epoch: reply.epoch,
            received: reply.received,
            safe_seq: reply.safe_seq,
            lease: Some(reply.lease),
            anchor: Some(reply.anchor),
            feed: reply.feed.clone(),
            feed_hash: Some(reply.feed_hash),
            catalogue: reply.catalogue.clone(),
            at_ms,
            clock_offset_ms,
        }
    }
}

/// What changed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Applied {
    /// Did the acknowledged head move (either way)?
    pub acknowledged_moved: bool,
    /// Applications that the feed spoke of.
    pub applications: Vec<ApplicationId>,
    /// New notices.
    pub notices: u32,
    /// New publications.
    pub publications: u32,
    /// The centre was restored from a backup: what it lost waits again, and the feed starts over.
    pub epoch_changed: bool,
    /// The feed did not continue ours, so none of it was taken; the rest of the reply was. Ask
    /// again; when it stays so, [`Store::restart_feed`].
    pub feed_trouble: Option<FeedTrouble>,
    /// A publication whose signature does not hold; it and those after it were not taken.
    pub bad_publication: Option<u64>,
}

/// Why a feed was not taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FeedTrouble {
    /// A number is missing.
    Gap {
        /// The number that should have come.
        expected: u64,
    },
    /// The hash does not fit: the centre tells another history than before.
    Mismatch {
        /// The last number that was compared.
        at: u64,
    },
}

impl Store {
    /// Applies a reply: acknowledgement, lease, anchor, feed, catalogue and all cursors, in one
    /// transaction. A lower acknowledgement than before is believed: the centre's head decides
    /// what waits. Items of an unknown kind are stored and skipped.
    ///
    /// # Errors
    /// [`StoreError::Fork`] when the centre's head is not in our log; nothing was applied.
    pub fn apply_reply(&mut self, effects: &ReplyEffects) -> Result<Applied, StoreError> {
        let transaction = self.writer.transaction_with_behavior(TransactionBehavior::Immediate)?;
        let before = sync_state::read(&transaction)?;
        let mut applied = Applied::default();
        check_head(&transaction, &effects.received)?;
        applied.epoch_changed = effects.epoch != before.epoch;
        if applied.epoch_changed {
            start_over(&transaction, effects)?;
        }
        applied.acknowledged_moved = acknowledge(&transaction, &before, effects)?;
        save_contact(&transaction, effects)?;
        take_feed(&transaction, &self.identity, &before, effects, &mut applied)?;
        take_catalogue(&transaction, &self.identity, effects, &mut applied)?;
        transaction.commit()?;
        Ok(applied)
    }

    /// Puts the feed aside and begins it anew at number 1 with the next exchange: after a
    /// [`FeedTrouble::Mismatch`] that stays. What was told before is kept as evidence.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn restart_feed(&mut self) -> Result<(), StoreError> {
        let device = self.identity.device;
        let transaction = self.writer.transaction_with_behavior(TransactionBehavior::Immediate)?;
        new_run(&transaction)?;
        projection::rebuild(&transaction, device)?;
        Ok(transaction.commit()?)
    }
}

/// The centre may only acknowledge what we recorded.
fn check_head(connection: &Connection, received: &Head) -> Result<(), StoreError> {
    match log::hash_in(connection, received.seq)? {
        Some(hash) if hash == received.hash => Ok(()),
        _ => Err(StoreError::Fork),
    }
}

/// The centre was restored from a backup: its feed and its catalogue may be shorter than ours and
/// go on differently, and documents that it had may be gone.
fn start_over(connection: &Connection, effects: &ReplyEffects) -> Result<(), StoreError> {
    tracing::warn!("the centre has a new epoch: what it lost is sent again");
    connection.execute(
        "UPDATE sync_state SET epoch = :epoch, catalogue_cursor = 0, safe_seq = 0",
        named_params! { ":epoch": effects.epoch },
    )?;
    connection.execute("UPDATE publications SET number = 0", [])?;
    documents::offer_again(connection, effects.received.seq)?;
    new_run(connection)
}

fn new_run(connection: &Connection) -> Result<(), StoreError> {
    connection.execute("UPDATE sync_state SET feed_run = feed_run + 1, feed_cursor = 0", [])?;
    Ok(())
}

fn acknowledge(
    connection: &Connection,
    before: &SyncState,
    effects: &ReplyEffects,
) -> Result<bool, StoreError> {
    let (old, new) = (before.acknowledged.seq, effects.received.seq);
    connection.execute(
        "UPDATE sync_state SET acknowledged_seq = :seq, safe_seq = :safe",
        named_params! { ":seq": to_sql(new), ":safe": to_sql(effects.safe_seq.min(new)) },
    )?;
    if new < old {
        tracing::warn!(old, new, "the centre holds less of this device's log than before");
        connection.execute(
            "DELETE FROM acknowledgements WHERE seq > :seq",
            named_params! { ":seq": to_sql(new) },
        )?;
    } else if new > old {
        connection.execute(
            "INSERT INTO acknowledgements (seq, came_at) VALUES (:seq, :at) \
             ON CONFLICT (seq) DO NOTHING",
            named_params! { ":seq": to_sql(new), ":at": effects.at_ms },
        )?;
        connection.execute(
            "UPDATE sync_state SET last_received_at = :at",
            named_params! { ":at": effects.at_ms },
        )?;
    }
    Ok(new != old)
}

fn save_contact(connection: &Connection, effects: &ReplyEffects) -> Result<(), StoreError> {
    connection.execute(
        "UPDATE sync_state SET last_contact_at = :at, \
         clock_offset_ms = coalesce(:offset, clock_offset_ms)",
        named_params! { ":at": effects.at_ms, ":offset": effects.clock_offset_ms },
    )?;
    if let Some(lease) = effects.lease {
        connection
            .execute("UPDATE sync_state SET lease = :lease", named_params! { ":lease": lease })?;
    }
    // An older anchor would widen the interval that a receipt proves.
    if let Some(anchor) = effects.anchor {
        connection.execute(
            "UPDATE sync_state SET anchor_at = :at, anchor_nonce = :nonce WHERE anchor_at <= :at",
            named_params! { ":at": anchor.at_ms, ":nonce": anchor.nonce },
        )?;
    }
    Ok(())
}

/// Takes the items of the feed that continue ours; checks all of them before any is stored.
fn take_feed(
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
            store_feed(connection, identity, before, effects, &new, &hashes, applied)?;
        }
        return projection::rebuild(connection, identity.device);
    }
    applied.feed_trouble = trouble;
    if trouble.is_none() {
        store_feed(connection, identity, before, effects, &new, &hashes, applied)?;
    }
    Ok(())
}

fn store_feed(
    connection: &Connection,
    identity: &Identity,
    before: &SyncState,
    effects: &ReplyEffects,
    entries: &[&FeedEntry],
    hashes: &[Hash],
    applied: &mut Applied,
) -> Result<(), StoreError> {
    let mut after_seq = before.acknowledged.seq.min(effects.received.seq);
    for (entry, hash) in entries.iter().zip(hashes) {
        let item = FeedItem::from_bytes(&entry.item).ok();
        let application = match &item {
            Some(item) => projection::subject_of(connection, identity.device, item)?,
            None => {
                tracing::warn!(number = entry.number, "an item of a kind not known yet was kept");
                None
            }
        };
        let item_id = item.as_ref().map(|item| *item.id.as_bytes());
        let placed = place(connection, item_id, after_seq, effects.received.seq)?;
        after_seq = placed.0;
        let application_id = application.map(|id| *id.as_bytes());
        connection.prepare_cached(include_str!("reply/feed.sql"))?.execute(named_params! {
            ":number": to_sql(entry.number),
            ":item": entry.item,
            ":hash": hash,
            ":after_seq": to_sql(placed.0),
            ":until_seq": to_sql(placed.1),
            ":came_at": effects.at_ms,
            ":item_id": item_id.as_ref().map_or(&[][..], |id| &id[..]),
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
        }
        applied.applications.extend(application);
    }
    applied.applications.sort_unstable();
    applied.applications.dedup();
    Ok(())
}

/// Between which of our events an item stands. One that we were told before the feed started over
/// keeps its place, whatever was sent meanwhile; and places never run backwards.
fn place(
    connection: &Connection,
    item_id: Option<[u8; 16]>,
    after_seq: u64,
    until_seq: u64,
) -> Result<(u64, u64), StoreError> {
    let run_sql = "SELECT after_seq FROM feed WHERE run = (SELECT feed_run FROM sync_state) \
                   ORDER BY number DESC LIMIT 1";
    let last: Option<i64> =
        connection.prepare_cached(run_sql)?.query_row([], |row| row.get("after_seq")).optional()?;
    let known: Option<(i64, i64)> = match item_id {
        Some(id) => connection
            .prepare_cached(
                "SELECT after_seq, until_seq FROM feed WHERE item_id = :id ORDER BY run LIMIT 1",
            )?
            .query_row(named_params! { ":id": id }, |row| {
                Ok((row.get("after_seq")?, row.get("until_seq")?))
            })
            .optional()?,
        None => None,
    };
    let (after, until) =
        known.map_or((after_seq, until_seq), |(after, until)| (from_sql(after), from_sql(until)));
    let after = after.max(last.map_or(0, from_sql));
    Ok((after, until.max(after)))
}

fn take_catalogue(
    connection: &Connection,
    identity: &Identity,
    effects: &ReplyEffects,
    applied: &mut Applied,
) -> Result<(), StoreError> {
    let mut cursor = sync_state::read(connection)?.catalogue_cursor;
    // After a change of epoch the whole catalogue is asked for again, from the beginning.
    let entries = if applied.epoch_changed { &[][..] } else { &effects.catalogue[..] };
    for entry in entries.iter().filter(|entry| entry.number > cursor).collect::<Vec<_>>() {
        let signed =
            identity.centre_key.verify(Purpose::Publication, &entry.bytes, &entry.signature);
        if signed.is_err() {
            applied.bad_publication = Some(entry.number);
            break;
        }
        catalogue::keep(connection, entry, effects.at_ms)?;
        cursor = cursor.max(entry.number);
        applied.publications += 1;
    }
    connection.execute(
        "UPDATE sync_state SET catalogue_cursor = :cursor",
        named_params! { ":cursor": to_sql(cursor) },
    )?;
    Ok(())
}
