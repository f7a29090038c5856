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
    // What was wanted then may have come since.
    if !is_newer(before, &effects) {
        effects.wanted.clear();
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

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use pishkhan_domain::content_hash::ContentHash;
    use pishkhan_protocol::anchor::Anchor;
    use pishkhan_protocol::exchange::FeedEntry;
    use pishkhan_protocol::feed::{FeedBody, FeedItem, Notice, feed_hash};
    use pishkhan_protocol::head::Head;

    use super::*;
    use crate::CarriedReceipt;
    use crate::sample::{EPOCH, NOW, OPERATOR, data_key, identity, record};

    fn office(entries: usize) -> (tempfile::TempDir, Store) {
        let dir = tempfile::tempdir().unwrap();
        let mut store = Store::create(dir.path(), &data_key(), &identity()).unwrap();
        for _ in 0..entries {
            store.append(OPERATOR, NOW, vec![record("0076229645")], &[]).unwrap();
        }
        (dir, store)
    }

    /// What the centre says at a time of its own clock, with the items of its feed after a number.
    fn said(store: &Store, at_ms: i64, received: u64, items: std::ops::Range<u64>) -> ReplyEffects {
        let head = |seq| Head { seq, hash: store.event(seq).unwrap().hash() };
        let (mut feed, mut hash) = (Vec::new(), [0; 32]);
        for number in 1..items.end {
            let body = FeedBody::Notice(Notice { title: "خبر".into(), text: String::new() });
            let id = pishkhan_domain::ids::EventId::from_bytes([number as u8; 16]);
            let item = FeedItem { id, at_ms: 1, by: String::new(), body, after_seq: 0 }.to_bytes();
            hash = feed_hash(&hash, number, &item);
            if number >= items.start {
                feed.push(FeedEntry { number, item });
            }
        }
        ReplyEffects {
            epoch: EPOCH,
            received: if received == 0 { Head::EMPTY } else { head(received) },
            safe_seq: received,
            lease: Some([6; 16]),
            anchor: Some(Anchor { at_ms, nonce: [at_ms as u8; 16] }),
            feed,
            feed_hash: Some(hash),
            catalogue: Vec::new(),
            wanted: Vec::new(),
            at_ms: NOW + at_ms,
            clock_offset_ms: Some(5),
        }
    }

    #[test]
    fn an_older_answer_takes_nothing_back_and_moves_no_cursor() {
        let (_dir, mut store) = office(3);
        store.apply_carried(&said(&store, 20, 3, 1..4), false).unwrap().unwrap();
        let known = store.sync_state().unwrap();
        assert_eq!((known.acknowledged.seq, known.feed_cursor), (3, 3));
        assert_eq!((known.lease, known.clock_offset_ms), (None, None), "those are the line's");
        for (at_ms, received, items) in [(10, 1, 1..2), (10, 0, 1..1), (20, 3, 1..4), (10, 2, 2..3)]
        {
            let applied = store.apply_carried(&said(&store, at_ms, received, items), false);
            assert_eq!(applied.unwrap().unwrap(), Applied::default());
            assert_eq!(store.sync_state().unwrap(), known);
        }
    }

    #[test]
    fn even_a_newer_one_takes_back_only_what_the_centre_says_it_lacks() {
        let (_dir, mut store) = office(3);
        store.apply_carried(&said(&store, 20, 3, 1..1), false).unwrap().unwrap();
        store.apply_carried(&said(&store, 30, 2, 1..1), false).unwrap().unwrap();
        assert_eq!(
            store.acknowledged().unwrap().seq,
            3,
            "an anchor may be older than what we know"
        );
        store.apply_carried(&said(&store, 25, 1, 1..1), true).unwrap().unwrap();
        assert_eq!(store.acknowledged().unwrap().seq, 3, "a gap of then was closed since");
        store.apply_carried(&said(&store, 40, 1, 1..1), true).unwrap().unwrap();
        assert_eq!(store.acknowledged().unwrap().seq, 1);
    }

    #[test]
    fn a_gap_in_the_feed_takes_nothing_of_it_and_the_rest_is_taken() {
        let (_dir, mut store) = office(2);
        let applied = store.apply_carried(&said(&store, 20, 2, 3..5), false).unwrap().unwrap();
        assert_eq!(applied.feed_trouble, Some(crate::FeedTrouble::Gap { expected: 1 }));
        let state = store.sync_state().unwrap();
        assert_eq!((state.acknowledged.seq, state.feed_cursor), (2, 0));
        store.apply_carried(&said(&store, 20, 2, 1..5), false).unwrap().unwrap();
        assert_eq!(store.sync_state().unwrap().feed_cursor, 4);
    }

    #[test]
    fn another_epoch_counts_when_it_is_newer_and_only_then() {
        let (_dir, mut store) = office(3);
        store.apply_carried(&said(&store, 20, 3, 1..3), false).unwrap().unwrap();
        let known = store.sync_state().unwrap();
        let older = ReplyEffects { epoch: [9; 16], ..said(&store, 10, 1, 1..1) };
        assert_eq!(store.apply_carried(&older, true).unwrap(), None);
        assert_eq!(store.sync_state().unwrap(), known);
        let newer = ReplyEffects { epoch: [9; 16], ..said(&store, 30, 1, 1..2) };
        assert!(store.apply_carried(&newer, false).unwrap().unwrap().epoch_changed);
        let now = store.sync_state().unwrap();
        assert_eq!((now.acknowledged.seq, now.feed_cursor, now.epoch), (1, 1, [9; 16]));
        // What was said before the restore is of no use any more.
        assert_eq!(store.apply_carried(&said(&store, 25, 3, 1..3), false).unwrap(), None);
        assert_eq!(store.sync_state().unwrap(), now);
    }

    #[test]
    fn a_head_that_is_not_ours_is_a_fork_whatever_its_age() {
        let (_dir, mut store) = office(2);
        store.apply_carried(&said(&store, 20, 2, 1..1), false).unwrap().unwrap();
        for at_ms in [10, 30] {
            let foreign = Head { seq: 1, hash: [1; 32] };
            let effects = ReplyEffects { received: foreign, ..said(&store, at_ms, 1, 1..1) };
            assert!(matches!(store.apply_carried(&effects, false), Err(StoreError::Fork)));
        }
    }

    #[test]
    fn an_old_answer_wants_nothing_that_may_have_come_since() {
        let (_dir, mut store) = office(1);
        let scan = store.put_document(b"scan", "application/pdf", NOW).unwrap();
        store.mark_uploaded(scan, NOW).unwrap();
        store.apply_carried(&said(&store, 20, 1, 1..1), false).unwrap().unwrap();
        let wanting = |store: &Store, at_ms| {
            let wanted = vec![scan];
            ReplyEffects { wanted, ..said(store, at_ms, 1, 1..1) }
        };
        let old = wanting(&store, 20);
        assert_eq!(store.apply_carried(&old, false).unwrap().unwrap().documents_wanted, 0);
        let new = wanting(&store, 21);
        assert_eq!(store.apply_carried(&new, false).unwrap().unwrap().documents_wanted, 1);
    }

    #[test]
    fn documents_and_files_are_noted_once_and_not_after_a_restore() {
        let (_dir, mut store) = office(0);
        let scan = store.put_document(b"scan", "application/pdf", NOW).unwrap();
        let numbers: Vec<u64> =
            (1..=3).map(|id| store.begin_courier_file([id; 16], NOW).unwrap()).collect();
        assert_eq!(numbers, [1, 2, 3]);
        let receipt = |epoch, file: (u64, u8)| CarriedReceipt {
            epoch,
            documents: vec![scan, ContentHash::of(b"of nobody")],
            files: vec![(file.0, [file.1; 16])],
        };
        let mut noted = |receipt| {
            let noted = store.note_carried(&receipt, NOW).unwrap();
            (noted.documents, noted.files)
        };
        assert_eq!(noted(receipt([9; 16], (2, 2))), (0, 0), "of another epoch");
        assert_eq!(noted(receipt(EPOCH, (2, 9))), (1, 0), "a file of that number, but not ours");
        assert_eq!(noted(receipt(EPOCH, (2, 2))), (0, 2), "it answers for the one before");
        assert_eq!(noted(receipt(EPOCH, (2, 2))), (0, 0));
        assert_eq!(noted(receipt(EPOCH, (3, 3))), (0, 1));
    }
}
