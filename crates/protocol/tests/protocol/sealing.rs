//! Compression: never beyond the limit, never more memory than a message may have.

use pishkhan_protocol::dictionary;
use pishkhan_protocol::envelope::Envelope;
use pishkhan_protocol::error::ProtocolError;
use pishkhan_protocol::exchange::MAX_MESSAGE_BYTES;
use pishkhan_protocol::keys::{Purpose, SecretKey, SignatureBytes};
use pishkhan_protocol::packing::{ENCODING_PLAIN, ENCODING_ZSTD};
use proptest::prelude::*;

use crate::office::DEVICE;

fn key() -> SecretKey {
    SecretKey::from_seed(&[2; 32])
}

/// An envelope of a device that keeps the signature but not the rules.
fn signed(encoding: u8, dictionary: u16, payload: Vec<u8>) -> Envelope {
    let signature = SignatureBytes([0; 64]);
    let mut envelope = Envelope { device: DEVICE, encoding, dictionary, payload, signature };
    let head = [&DEVICE.0.to_be_bytes()[..], &[encoding], &dictionary.to_be_bytes()].concat();
    let message = [&head[..], &envelope.payload].concat();
    envelope.signature = key().sign(Purpose::Request, &message);
    envelope
}

fn open(envelope: &Envelope) -> Result<Vec<u8>, ProtocolError> {
    envelope.open(Purpose::Request, &key().public())
}

#[test]
fn a_bomb_is_refused_at_the_limit() {
    let largest = vec![0; MAX_MESSAGE_BYTES];
    let packed = zstd::bulk::compress(&largest, 3).unwrap();
    assert!(packed.len() < 2_000);
    assert_eq!(open(&signed(ENCODING_ZSTD, dictionary::NONE, packed)).unwrap(), largest);

    let one_more = zstd::bulk::compress(&vec![0; MAX_MESSAGE_BYTES + 1], 3).unwrap();
    assert!(open(&signed(ENCODING_ZSTD, dictionary::NONE, one_more)).is_err());
    let bomb = zstd::bulk::compress(&vec![0; 40 * MAX_MESSAGE_BYTES], 3).unwrap();
    assert!(open(&signed(ENCODING_ZSTD, dictionary::NONE, bomb)).is_err());
}

#[test]
fn a_frame_that_asks_for_a_huge_window_is_refused() {
    // Header of a zstd frame (RFC 8878, 3.1.1.1): magic, no flags, window of 2^27 bytes; then one
    // last raw block of one byte.
    let huge = [0x28, 0xb5, 0x2f, 0xfd, 0x00, (27 - 10) << 3, 0x09, 0x00, 0x00, b'x'];
    let small = [0x28, 0xb5, 0x2f, 0xfd, 0x00, (20 - 10) << 3, 0x09, 0x00, 0x00, b'x'];
    assert_eq!(open(&signed(ENCODING_ZSTD, dictionary::NONE, small.to_vec())).unwrap(), b"x");
    assert!(open(&signed(ENCODING_ZSTD, dictionary::NONE, huge.to_vec())).is_err());
}

#[test]
fn what_this_side_does_not_know_is_said_and_not_guessed() {
    let encoding = open(&signed(9, dictionary::NONE, b"x".to_vec()));
    assert!(matches!(encoding, Err(ProtocolError::Unknown { what: "encoding", number: 9 })));
    let dictionary = open(&signed(ENCODING_ZSTD, 5, b"x".to_vec()));
    assert!(matches!(dictionary, Err(ProtocolError::Unknown { what: "dictionary", number: 5 })));
}

#[test]
fn what_does_not_shrink_travels_plain() {
    let envelope = Envelope::seal(Purpose::Request, DEVICE, b"x", &key());
    assert_eq!((envelope.encoding, envelope.payload.as_slice()), (ENCODING_PLAIN, &b"x"[..]));
}

proptest! {
    #[test]
    fn what_was_sealed_opens(message in prop::collection::vec(any::<u8>(), 0..2_000), times in 1..50_usize) {
        let message = message.repeat(times);
        let sealed = Envelope::seal(Purpose::Request, DEVICE, &message, &key());
        let read = Envelope::from_bytes(&sealed.to_bytes()).unwrap();
        prop_assert_eq!(open(&read).unwrap(), message);
    }

    #[test]
    fn a_garbled_frame_is_refused_or_short(garbage in prop::collection::vec(any::<u8>(), 0..300)) {
        let payload = [&[0x28, 0xb5, 0x2f, 0xfd][..], &garbage].concat();
        let opened = open(&signed(ENCODING_ZSTD, dictionary::NONE, payload));
        prop_assert!(opened.is_err() || opened.is_ok_and(|message| message.len() <= MAX_MESSAGE_BYTES));
    }
}
