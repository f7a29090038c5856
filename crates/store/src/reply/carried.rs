//! An answer that was carried: it may be older than what this office has heard since, and may have
//! been read before.

use rusqlite::{TransactionBehavior, named_params};

use super::acknowledgement::check_head;
use super::{Applied, ReplyEffects, apply};
use crate::error::StoreError;
use crate::store::Store;
use crate::sync_state::{self, SyncState};

impl Store {
    /// Applies a reply that was carried, in one transaction; none when it is of an epoch before
    /// the present one and nothing of it is true any more. `gap` says that the centre could not
    /// take what was carried, since it lacks what comes before.
    ///
    /// # Errors
    /// [`StoreError::Fork`] when the centre's head is not in our log; nothing was applied.
    pub fn apply_carried(
        &mut self,
        effects: &ReplyEffects,
        gap: bool,
    ) -> Result<Option<Applied>, StoreError> {
        let transaction = self.writer.transaction_with_behavior(TransactionBehavior::Immediate)?;
        let before = sync_state::read(&transaction)?;
        check_head(&transaction, &effects.received)?;
        let Some(true_still) = still_true(&before, effects, gap) else { return Ok(None) };
        let applied = apply(&transaction, &self.identity, &before, &true_still)?;
        if !is_newer(&before, effects) {
            transaction.execute(
                "UPDATE sync_state SET last_contact_at = :at",
                named_params! { ":at": before.last_contact_at.unwrap_or(0) },
            )?;
        }
        transaction.commit()?;
        Ok(Some(applied))
    }
}

/// Was it made, by the centre's clock, after all that we know the centre has said?
fn is_newer(before: &SyncState, effects: &ReplyEffects) -> bool {
    let known = before.anchor.map_or(i64::MIN, |anchor| anchor.at_ms);
    effects.anchor.is_some_and(|anchor| anchor.at_ms > known)
}

/// What of a carried reply may be applied. A lease belongs to the line, and a clock that was
/// compared days ago says nothing.
fn still_true(before: &SyncState, effects: &ReplyEffects, gap: bool) -> Option<ReplyEffects> {
    let mut effects = ReplyEffects { lease: None, clock_offset_ms: None, ..effects.clone() };
    // Without items it is the hash at the cursor of then, which ours may have left behind.
    if effects.feed.is_empty() {
        effects.feed_hash = None;
    }
    if effects.epoch != before.epoch {
        return is_newer(before, &effects).then_some(effects);
    }
    // Within an epoch the centre's head only grows, so a lower one is an older one. Only a centre
    // that says it lacks what comes before our file has lost something without telling.
    let lost = gap && is_newer(before, &effects);
    if effects.received.seq < before.acknowledged.seq && !lost {
        effects.received = before.acknowledged;
        effects.safe_seq = before.safe_seq.max(effects.safe_seq);
    }
    Some(effects)
}
