//! Dictionaries keep their numbers; deltas and packed messages come back, within bounds.

use pishkhan_domain::content_hash::ContentHash;
use pishkhan_protocol::error::ProtocolError;
use pishkhan_protocol::packing::{ENCODING_PLAIN, ENCODING_ZSTD, Packed, pack, unpack};
use pishkhan_protocol::{columns, delta, dictionary};
use pishkhan_testkit::catalogue;
use proptest::prelude::*;

const MOST: usize = 1 << 20;

fn unpacked(packed: &Packed, most: usize) -> Result<Vec<u8>, ProtocolError> {
    unpack(packed.encoding, packed.dictionary, &packed.payload, most)
}

/// Both sides must have the same bytes under a number: a difference here is a new number, never a
/// repair.
#[test]
fn what_a_number_stands_for_never_changes() {
    let first = include_bytes!("../../dictionaries/1.zdict");
    let sha256 = |bytes: &[u8]| ContentHash::of(bytes).to_string();
    assert_eq!(sha256(first), "930c7ba58b57248d41d7a2701d96d948cb194475a252780bd44ad73260c9d05f");
    assert_eq!(
        sha256(columns::PRIOR),
        "db3f46f6af1e65ef92d9e901c8763d18922eaa6858e06bd1f90c11c3a294aed4"
    );
    assert_eq!((dictionary::NONE, dictionary::NEWEST), (0, 1));
}

#[test]
fn the_dictionary_knows_cards_and_words_of_the_centre() {
    let cards =
        std::fs::read(catalogue::folder().join("services/birth-registration.json")).unwrap();
    let (with, without) = (pack(&cards, dictionary::NEWEST), pack(&cards, dictionary::NONE));
    assert!(with.payload.len() < without.payload.len());
    assert_eq!(unpacked(&with, MOST).unwrap(), cards);
    assert_eq!(unpacked(&without, MOST).unwrap(), cards);
}

#[test]
fn a_dictionary_that_is_not_known_is_not_used_and_not_guessed() {
    let unknown = dictionary::NEWEST + 1;
    let packed = pack(&[7; 100], unknown);
    assert_eq!((packed.dictionary, packed.encoding), (dictionary::NONE, ENCODING_ZSTD));
    assert!(dictionary::compress(b"x", unknown).is_none());
    let read = unpack(ENCODING_ZSTD, unknown, &packed.payload, MOST);
    assert!(matches!(read, Err(ProtocolError::Unknown { what: "dictionary", number: 2 })));
    // Plain bytes need none; the number then says what the reply may use.
    assert_eq!(unpack(ENCODING_PLAIN, unknown, b"x", MOST).unwrap(), b"x");
    assert!(unpack(ENCODING_PLAIN, dictionary::NONE, &[0; 11], 10).is_err());
}

#[test]
fn nothing_is_unpacked_beyond_its_bound() {
    for dictionary in [dictionary::NONE, dictionary::NEWEST] {
        let packed = pack(&vec![0; 3_000_000], dictionary);
        assert!(packed.payload.len() < 1_000);
        assert_eq!(unpacked(&packed, 3_000_000).unwrap().len(), 3_000_000);
        assert!(unpacked(&packed, 2_999_999).is_err());
        let end = packed.payload.len() - 1;
        assert!(unpack(ENCODING_ZSTD, dictionary, &packed.payload[..end], MOST * 4).is_err());
    }
    let frame = delta::encode(&vec![0; 3_000_000], b"base").unwrap();
    assert!(delta::decode(&frame, b"base", 3_000_000).is_ok());
    assert!(delta::decode(&frame, b"base", 2_999_999).is_err());
}

#[test]
fn a_card_with_one_word_changed_is_a_small_difference() {
    let old = std::fs::read_to_string(catalogue::folder().join("services/rural-title-deed.json"))
        .unwrap();
    let new = old.replacen("سند", "سندِ نو", 1);
    assert_ne!(old, new);
    let frame = delta::encode(new.as_bytes(), old.as_bytes()).unwrap();
    assert!(frame.len() < 100, "{}", frame.len());
    assert_eq!(delta::decode(&frame, old.as_bytes(), MOST).unwrap(), new.as_bytes());
    let of_another = delta::decode(&frame, &old.as_bytes()[..old.len() - 1], MOST);
    assert!(of_another.is_err() || of_another.is_ok_and(|read| read != new.as_bytes()));
}

proptest! {
    #[test]
    fn what_was_packed_comes_back(
        message in prop::collection::vec(any::<u8>(), 0..2_000), times in 1..50_usize, number in 0..3_u16
    ) {
        let message = message.repeat(times);
        let packed = pack(&message, number);
        prop_assert!(packed.payload.len() <= message.len());
        prop_assert_eq!(unpacked(&packed, message.len()).unwrap(), message);
    }

    #[test]
    fn a_difference_comes_back(
        new in prop::collection::vec(any::<u8>(), 0..500), base in prop::collection::vec(any::<u8>(), 0..500)
    ) {
        for new in [new.clone(), [&base[..], &new].concat(), [&new[..], &base].concat()] {
            let frame = delta::encode(&new, &base).unwrap();
            prop_assert_eq!(delta::decode(&frame, &base, MOST).unwrap(), new);
        }
    }

    #[test]
    fn garbage_is_refused_or_short(garbage in prop::collection::vec(any::<u8>(), 0..300)) {
        for number in 0..3 {
            let read = unpack(ENCODING_ZSTD, number, &garbage, MOST);
            prop_assert!(read.is_err() || read.is_ok_and(|read| read.len() <= MOST));
        }
        let read = delta::decode(&garbage, b"base", MOST);
        prop_assert!(read.is_err() || read.is_ok_and(|read| read.len() <= MOST));
    }
}
