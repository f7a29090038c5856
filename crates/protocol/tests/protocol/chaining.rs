//! Both sides compute the same chain from what travels.

use std::collections::BTreeSet;

use pishkhan_domain::ids::DeviceNumber;
use pishkhan_domain::tracking_code::TrackingCode;
use pishkhan_protocol::body::EventBody;
use pishkhan_protocol::chain::{Entry, body_commit, link, tracking_code};
use pishkhan_protocol::derive::{self, DeviceSecret};
use pishkhan_protocol::event::{Core, Rest, tagged_hash};
use pishkhan_protocol::ingest::verify_batch;
use pishkhan_protocol::rows;
use proptest::prelude::*;
use uuid::Uuid;

use crate::office::{DEVICE, NOON_MS, Office, operator};

#[test]
fn the_centre_derives_what_the_office_wrote() {
    let office = Office::with_applications(5);
    let batch = office.batch(0, 6);
    let verified = verify_batch(DEVICE, &office.secret, &office.key.public(), &batch).unwrap();
    assert_eq!(verified.events, office.events);
    let event = &verified.events[1];
    let code = TrackingCode::from_u64(event.core.tracking_code.unwrap()).unwrap();
    assert_eq!(code, tracking_code(DEVICE, &office.secret, 2, 0));
    assert_eq!(code.device(), DEVICE);
    assert_eq!(event.rest.id.0.get_version_num(), 7);
    assert_eq!(event.rest.body_commit, body_commit(&office.secret.body_salt(2), &event.body));
    assert_eq!(verified.events[0].core.tracking_code, None);
    assert_eq!(verified.events[0].core.summary_commit, None);
}

#[test]
fn an_erased_body_leaves_the_chain_whole() {
    let mut office = Office::with_applications(3);
    let head = office.head();
    for event in &mut office.events {
        event.body.clear();
    }
    assert_eq!(office.head(), head);
}

#[test]
fn one_body_at_two_places_has_two_commitments() {
    let secret = DeviceSecret([3; 32]);
    let salts: BTreeSet<[u8; 16]> =
        (1..100).flat_map(|seq| [secret.body_salt(seq), secret.summary_salt(seq)]).collect();
    assert_eq!(salts.len(), 198);
    let codes: BTreeSet<u64> =
        (0..200).map(|attempt| tracking_code(DEVICE, &secret, 1, attempt).as_u64()).collect();
    assert!(codes.len() > 195);
}

#[test]
fn an_anchor_is_bound_to_its_device_and_time() {
    let anchor = derive::anchor(&[6; 32], DEVICE, NOON_MS);
    assert_eq!(anchor, derive::anchor(&[6; 32], DEVICE, NOON_MS));
    assert_ne!(anchor.nonce, derive::anchor(&[6; 32], DEVICE, NOON_MS + 1).nonce);
    assert_ne!(anchor.nonce, derive::anchor(&[6; 32], DeviceNumber(8), NOON_MS).nonce);
    assert_ne!(anchor.nonce, derive::anchor(&[7; 32], DEVICE, NOON_MS).nonce);
}

#[test]
fn parts_of_a_hash_cannot_be_moved_into_each_other() {
    assert_ne!(tagged_hash(b"t", &[b"ab", b"c"]), tagged_hash(b"t", &[b"a", b"bc"]));
    assert_ne!(tagged_hash(b"t", &[b"a"]), tagged_hash(b"ta", &[]));
    assert_ne!(tagged_hash(b"t", &[b""]), tagged_hash(b"t", &[]));
}

fn entries() -> impl Strategy<Value = Vec<Entry>> {
    let anchor = prop::option::of((any::<i64>(), any::<[u8; 16]>()));
    let anchor = anchor.prop_map(|known| {
        known.map(|(at_ms, nonce)| pishkhan_protocol::anchor::Anchor { at_ms, nonce })
    });
    let body = prop::collection::vec(any::<u8>(), 0..40);
    let entry = (any::<u8>(), any::<i64>(), anchor, 0..3_u128, body).prop_map(
        |(kind, device_time_ms, anchor, who, body)| {
            let operator = pishkhan_domain::ids::OperatorId(Uuid::from_u128(who));
            Entry { kind, device_time_ms, anchor, operator, body }
        },
    );
    prop::collection::vec(entry, 0..12)
}

proptest! {
    #[test]
    fn entries_travel_unchanged(entries in entries()) {
        prop_assert_eq!(rows::decode(&rows::encode(&entries)).unwrap(), entries);
    }

    #[test]
    fn any_chain_links_and_reads_as_it_was_written(entries in entries()) {
        let secret = DeviceSecret([9; 32]);
        let mut head = pishkhan_protocol::head::Head::EMPTY;
        for entry in entries {
            let event = link(DEVICE, &secret, &head, entry.clone());
            prop_assert_eq!(event.core.seq, head.seq + 1);
            prop_assert_eq!(event.rest.prev_hash, head.hash);
            prop_assert_eq!(Core::from_bytes(&event.core.to_bytes()).unwrap(), event.core.clone());
            prop_assert_eq!(Rest::from_bytes(&event.rest.to_bytes()).unwrap(), event.rest.clone());
            prop_assert_eq!(Entry::from(&event), entry);
            head = pishkhan_protocol::head::Head { seq: event.core.seq, hash: event.hash() };
        }
    }

    #[test]
    fn a_name_of_any_kind_is_kept(name in "\\PC{0,40}") {
        let body = crate::office::recorded(&name);
        prop_assert_eq!(EventBody::from_bytes(&body.to_bytes()).unwrap(), body);
    }
}

#[test]
fn the_operator_stands_in_the_event() {
    let office = Office::with_applications(1);
    assert!(office.events.iter().all(|event| event.rest.operator == operator()));
}
