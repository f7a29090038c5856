//! Bytes from elsewhere are read or refused; they never stop the program.

use pishkhan_protocol::body::EventBody;
use pishkhan_protocol::certificate::Certificate;
use pishkhan_protocol::enrolment::{EnrolReply, EnrolRequest};
use pishkhan_protocol::envelope::Envelope;
use pishkhan_protocol::event::{Core, Rest};
use pishkhan_protocol::exchange::{ExchangeReply, ExchangeRequest};
use pishkhan_protocol::feed::FeedItem;
use pishkhan_protocol::receipt_proof::ReceiptProof;
use pishkhan_protocol::rows;
use pishkhan_protocol::summary::Summary;
use proptest::prelude::*;

use crate::office::{Office, recorded};

fn read_as_everything(bytes: &[u8]) -> usize {
    [
        EventBody::from_bytes(bytes).is_ok(),
        Certificate::from_bytes(bytes).is_ok(),
        EnrolRequest::from_bytes(bytes).is_ok(),
        EnrolReply::from_bytes(bytes).is_ok(),
        Envelope::from_bytes(bytes).is_ok(),
        Core::from_bytes(bytes).is_ok(),
        Rest::from_bytes(bytes).is_ok(),
        ExchangeRequest::from_bytes(bytes).is_ok(),
        ExchangeReply::from_bytes(bytes).is_ok(),
        FeedItem::from_bytes(bytes).is_ok(),
        Summary::from_bytes(bytes).is_ok(),
        rows::decode(bytes).is_ok(),
    ]
    .into_iter()
    .filter(|read| *read)
    .count()
}

#[test]
fn what_is_cut_or_too_long_is_refused() {
    let office = Office::with_applications(2);
    let request = office.request(Some(office.batch(0, 3))).to_bytes();
    let body = recorded("نمونه").to_bytes();
    for whole in [&request, &body] {
        for length in 0..whole.len() {
            let cut = &whole[..length];
            assert!(
                ExchangeRequest::from_bytes(cut).is_err() && EventBody::from_bytes(cut).is_err()
            );
        }
    }
    let longer = [&request[..], &[0]].concat();
    assert!(ExchangeRequest::from_bytes(&longer).is_err());
    assert!(EventBody::from_bytes(&[&body[..], &[0]].concat()).is_err());
}

#[test]
fn deep_nesting_is_refused_before_the_stack_is_full() {
    for opening in
        [&[0x81][..], &[0xa1, 0x00], &[0x82, 0x03, 0x81, 0x81, 0xa1, 0x61, b'a'], &[0xc1]]
    {
        read_as_everything(&opening.repeat(1_000_000 / opening.len()));
    }
    // A body of the largest size whose form nests rows in rows as deep as that allows.
    let form = [0x82, 0x03, 0x81, 0x81, 0xa1, 0x61, b'a'].repeat(6_000);
    let body = recorded("نمونه").to_bytes();
    let place = body.windows(10).position(|window| window == b"child_name").unwrap() + 10;
    let nested = [&body[..place], &form].concat();
    assert!(EventBody::from_bytes(&nested).is_err());
}

#[test]
fn a_length_that_is_not_there_is_refused_without_memory() {
    // Arrays, byte strings, texts and maps that claim 2^60 members.
    for kind in [0x9b, 0x5b, 0x7b, 0xbb_u8] {
        let claim = [&[kind][..], &(1_u64 << 60).to_be_bytes()].concat();
        assert_eq!(read_as_everything(&claim), 0);
        let within = [&[0x83, 0x80, 0x80][..], &claim].concat();
        assert!(rows::decode(&within).is_err());
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2_000))]

    #[test]
    fn random_bytes_are_read_or_refused(bytes in prop::collection::vec(any::<u8>(), 0..400)) {
        read_as_everything(&bytes);
    }

    #[test]
    fn garbled_messages_are_read_or_refused(
        changes in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..8)
    ) {
        let office = Office::with_applications(1);
        for mut bytes in [office.request(Some(office.batch(0, 2))).to_bytes(), recorded("نمونه").to_bytes()] {
            for (place, byte) in &changes {
                let place = place.index(bytes.len());
                bytes[place] = *byte;
            }
            read_as_everything(&bytes);
            if let Ok(ExchangeRequest { batch: Some(batch), .. }) = ExchangeRequest::from_bytes(&bytes) {
                let _ = rows::decode(&batch.entries);
            }
        }
    }

    #[test]
    fn any_address_is_read_or_refused(url in "(https://x/r)?#?[A-Za-z0-9_-]{0,200}", text in any::<String>()) {
        let _ = ReceiptProof::from_url(&url);
        let _ = ReceiptProof::from_url(&text);
    }
}
