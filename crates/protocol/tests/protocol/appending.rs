//! Where a batch stands to what the centre holds.

use pishkhan_protocol::chain::{Entry, link};
use pishkhan_protocol::columns::{self, Context};
use pishkhan_protocol::event::tagged_hash;
use pishkhan_protocol::exchange::{Batch, MAX_BATCH_ENTRIES, MAX_BODY_BYTES, MAX_SEQ};
use pishkhan_protocol::head::Head;
use pishkhan_protocol::ingest::{AppendPlan, VerifiedBatch, plan_append, verify_batch};
use pishkhan_protocol::rows;
use proptest::prelude::*;

use crate::office::{DEVICE, NOON_MS, Office, entry, recorded};

fn verified(office: &Office, after: usize, to: usize) -> VerifiedBatch {
    let batch = office.batch(after, to);
    verify_batch(DEVICE, &office.secret, &office.key.public(), &batch).unwrap()
}

/// What the centre decides when it holds the first `stored` events of `history`.
fn plan(history: &Office, stored: usize, batch: &VerifiedBatch) -> AppendPlan {
    plan_append(&history.head_at(stored), batch, |seq| {
        let index = usize::try_from(seq).unwrap();
        (index <= stored).then(|| history.head_at(index).hash)
    })
}

/// The same office until `shared`, then another history.
fn forked(shared: usize, count: u8) -> Office {
    let mut office = Office::with_applications(count);
    let rest = office.events.split_off(shared);
    for event in rest {
        office.append(&recorded("نمونه دیگر"), event.core.device_time_ms);
    }
    office
}

#[test]
fn a_first_batch_is_appended() {
    let office = Office::with_applications(3);
    assert_eq!(plan(&office, 0, &verified(&office, 0, 4)), AppendPlan::Append { from: 0 });
}

#[test]
fn a_resent_batch_appends_nothing() {
    let office = Office::with_applications(3);
    assert_eq!(plan(&office, 4, &verified(&office, 0, 4)), AppendPlan::Append { from: 4 });
    assert_eq!(plan(&office, 4, &verified(&office, 1, 3)), AppendPlan::Append { from: 2 });
    assert_eq!(plan(&office, 4, &verified(&office, 4, 4)), AppendPlan::Append { from: 0 });
}

#[test]
fn what_overlaps_is_skipped_and_the_rest_appended() {
    let office = Office::with_applications(5);
    assert_eq!(plan(&office, 3, &verified(&office, 1, 6)), AppendPlan::Append { from: 2 });
}

#[test]
fn a_batch_beyond_the_head_leaves_a_gap() {
    let office = Office::with_applications(5);
    assert_eq!(plan(&office, 2, &verified(&office, 3, 6)), AppendPlan::Gap);
    assert_eq!(plan(&office, 0, &verified(&office, 6, 6)), AppendPlan::Gap);
}

#[test]
fn another_history_is_a_fork_wherever_it_parts() {
    let office = Office::with_applications(5);
    for shared in 0..6 {
        let other = forked(shared, 5);
        for after in 0..6 {
            let batch = verified(&other, after, 6);
            let expected = if after > 5 { AppendPlan::Gap } else { AppendPlan::Fork };
            assert_eq!(plan(&office, 6, &batch), expected, "parted at {shared}, from {after}");
        }
    }
    // The centre holds only what both share: nothing contradicts.
    let other = forked(3, 5);
    assert_eq!(plan(&office, 3, &verified(&other, 1, 6)), AppendPlan::Append { from: 2 });
}

#[test]
fn a_centre_restored_from_a_backup_asks_for_what_it_lost() {
    let office = Office::with_applications(5);
    assert_eq!(plan(&office, 2, &verified(&office, 5, 6)), AppendPlan::Gap);
    assert_eq!(plan(&office, 2, &verified(&office, 2, 6)), AppendPlan::Append { from: 0 });
}

#[test]
fn a_batch_too_large_is_refused() {
    let office = Office::with_applications(1);
    let sealed = |after: Head, entries: &[Entry]| {
        let mut head = after;
        for entry in entries {
            let event = link(DEVICE, &office.secret, &head, entry.clone());
            head = Head { seq: event.core.seq, hash: event.hash() };
        }
        let signature = head.sign(DEVICE, &office.key);
        let (codec, entries) = (rows::CODEC_ROWS, rows::encode(entries));
        Batch { after, head, signature, codec, entries }
    };
    let check = |batch: &Batch| verify_batch(DEVICE, &office.secret, &office.key.public(), batch);
    let mut small = entry(&recorded("نمونه"), NOON_MS);
    small.body = vec![0; 3];
    let most = vec![small.clone(); MAX_BATCH_ENTRIES];
    assert!(check(&sealed(Head::EMPTY, &most)).is_ok());
    let many = vec![small.clone(); MAX_BATCH_ENTRIES + 1];
    assert!(check(&sealed(Head::EMPTY, &many)).is_err());
    let mut large = small.clone();
    large.body = vec![0; MAX_BODY_BYTES];
    assert!(check(&sealed(Head::EMPTY, std::slice::from_ref(&large))).is_ok());
    large.body.push(0);
    assert!(check(&sealed(Head::EMPTY, &[large])).is_err());
    for seq in [MAX_SEQ + 1, u64::MAX] {
        let end = Head { seq, hash: [7; 32] };
        assert!(check(&sealed(end, std::slice::from_ref(&small))).is_err());
    }
}

#[test]
fn a_large_batch_gives_its_events_in_order_or_none() {
    let office = Office::new();
    let context = Context { secret: &office.secret, after_seq: 0, before: None };
    let numbered = |number: u32| Entry {
        // As random as what cannot be foreseen: no codec makes it small.
        body: (0..9).flat_map(|salt| tagged_hash(&number.to_be_bytes(), &[&[salt]])).collect(),
        ..entry(&recorded("نمونه"), NOON_MS + i64::from(number))
    };
    let entries: Vec<Entry> = (0..300).map(numbered).collect();
    let (mut head, mut events) = (Head::EMPTY, Vec::new());
    for entry in &entries {
        let event = link(DEVICE, &office.secret, &head, entry.clone());
        head = Head { seq: event.core.seq, hash: event.hash() };
        events.push(event);
    }
    let signature = head.sign(DEVICE, &office.key);
    let check = |codec, entries: Vec<u8>| {
        let batch = Batch { after: Head::EMPTY, head, signature, codec, entries };
        verify_batch(DEVICE, &office.secret, &office.key.public(), &batch)
    };
    for (codec, bytes) in [
        (rows::CODEC_ROWS, rows::encode(&entries)),
        (columns::CODEC_COLUMNS, columns::encode(&entries, &context)),
    ] {
        assert!(bytes.len() > 50_000);
        assert_eq!(check(codec, bytes.clone()).unwrap().events, events);
        for kept in [9_000, bytes.len() / 2, bytes.len() - 5] {
            assert!(check(codec, bytes[..kept].to_vec()).is_err());
        }
    }
}

proptest! {
    #[test]
    fn any_part_of_one_history_is_appended_or_leaves_a_gap(
        stored in 0..7_usize, after in 0..7_usize, length in 0..7_usize
    ) {
        let office = Office::with_applications(6);
        let to = (after + length).min(7);
        let plan = plan(&office, stored, &verified(&office, after, to));
        if after > stored {
            prop_assert_eq!(plan, AppendPlan::Gap);
        } else {
            let from = stored.min(to) - after.min(stored.min(to));
            prop_assert_eq!(plan, AppendPlan::Append { from });
        }
    }
}
