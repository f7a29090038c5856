//! What a verified reply of the centre changes, in one transaction with the cursors.

mod acknowledgement;
mod carried;
mod feed;

use pishkhan_domain::content_hash::ContentHash;
use pishkhan_domain::ids::ApplicationId;
use pishkhan_protocol::anchor::Anchor;
use pishkhan_protocol::event::Hash;
use pishkhan_protocol::exchange::{CatalogueEntry, ExchangeReply, FeedEntry};
use pishkhan_protocol::head::Head;
use pishkhan_protocol::keys::Purpose;

use rusqlite::{Connection, TransactionBehavior, named_params};

use crate::error::StoreError;
use crate::identity::Identity;
use crate::numbers::to_sql;
use crate::store::Store;
use crate::sync_state::SyncState;
use crate::{catalogue, documents, projection, sync_state};

use acknowledgement::{acknowledge, check_head, save_contact};
use feed::take_feed;

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
    /// Documents that the centre has lost and asks for again.
    pub wanted: Vec<ContentHash>,
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
            // Zeros stand for none: who is refused keeps what it has.
            lease: (reply.lease != [0; 16]).then_some(reply.lease),
            anchor: Some(reply.anchor),
            feed: reply.feed.clone(),
            feed_hash: Some(reply.feed_hash),
            catalogue: reply.catalogue.clone(),
            wanted: reply.wanted.clone().unwrap_or_default(),
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
    /// Documents that the centre had and that are to be sent again.
    pub documents_wanted: u32,
    /// The centre was restored from a backup: what it lost waits again, and the feed starts over.
    pub epoch_changed: bool,
    /// The feed did not continue ours, so none of it was taken; the rest of the reply was. Ask
    /// again; when it stays so, [`Store::restart_feed`].
    pub feed_trouble: Option<FeedTrouble>,
    /// A publication whose signature does not hold, or whose base is not here; it and those after it
    /// were not taken.
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
        let applied = apply(&transaction, &self.identity, &before, effects)?;
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

fn apply(
    connection: &Connection,
    identity: &Identity,
    before: &SyncState,
    effects: &ReplyEffects,
) -> Result<Applied, StoreError> {
    let mut applied = Applied::default();
    check_head(connection, &effects.received)?;
    applied.epoch_changed = effects.epoch != before.epoch;
    if applied.epoch_changed {
        start_over(connection, effects)?;
    }
    applied.acknowledged_moved = acknowledge(connection, before, effects)?;
    save_contact(connection, effects)?;
    applied.documents_wanted = documents::send_again(connection, &effects.wanted)?;
    take_feed(connection, identity, before, effects, &mut applied)?;
    take_catalogue(connection, identity, effects, &mut applied)?;
    Ok(applied)
}

/// The centre was restored from a backup: its feed and its catalogue may be shorter than ours and
/// go on differently, and documents that it had may be gone.
fn start_over(connection: &Connection, effects: &ReplyEffects) -> Result<(), StoreError> {
    tracing::warn!("the centre has a new epoch: what it lost is sent again");
    connection.execute(
        "UPDATE sync_state SET epoch = :epoch, catalogue_cursor = 0, safe_seq = 0, \
         lease = x''",
        named_params! { ":epoch": effects.epoch },
    )?;
    connection.execute("UPDATE publications SET number = 0", [])?;
    documents::offer_again(connection)?;
    new_run(connection)
}

fn new_run(connection: &Connection) -> Result<(), StoreError> {
    connection.execute("UPDATE sync_state SET feed_run = feed_run + 1, feed_cursor = 0", [])?;
    Ok(())
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
        let signed = catalogue::whole(connection, entry)?.filter(|whole| {
            identity.centre_key.verify(Purpose::Publication, &whole.bytes, &whole.signature).is_ok()
        });
        let Some(whole) = signed else {
            applied.bad_publication = Some(entry.number);
            // A difference to what we do not have: from the beginning each comes on top of the last.
            cursor = if entry.base.is_some() { 0 } else { cursor };
            break;
        };
        catalogue::keep(connection, &whole, effects.at_ms)?;
        cursor = cursor.max(entry.number);
        applied.publications += 1;
    }
    connection.execute(
        "UPDATE sync_state SET catalogue_cursor = :cursor",
        named_params! { ":cursor": to_sql(cursor) },
    )?;
    Ok(())
}
