//! A single flipped bit anywhere is noticed.

use pishkhan_domain::ids::DeviceNumber;
use pishkhan_protocol::certificate::Certificate;
use pishkhan_protocol::envelope::Envelope;
use pishkhan_protocol::error::ProtocolError;
use pishkhan_protocol::exchange::{Batch, ExchangeRequest};
use pishkhan_protocol::feed::feed_hash;
use pishkhan_protocol::ingest::verify_batch;
use pishkhan_protocol::keys::{Purpose, SecretKey};
use pishkhan_protocol::receipt_proof::ReceiptProof;
use pishkhan_protocol::summary::Summary;

use crate::office::{DEVICE, Office};

/// The bytes with each bit flipped in turn.
fn flipped(bytes: &[u8]) -> impl Iterator<Item = Vec<u8>> + '_ {
    (0..bytes.len() * 8).map(move |bit| {
        let mut changed = bytes.to_vec();
        changed[bit / 8] ^= 1 << (bit % 8);
        changed
    })
}

#[test]
fn a_receipt_proves_what_was_filed_with_the_centres_key_alone() {
    let office = Office::with_applications(2);
    let url = office.proof().to_url("https://pishkhan.example");
    let read = ReceiptProof::from_url(&url).unwrap();
    let verified = read.verify(&office.centre.public()).unwrap();
    assert_eq!(verified.event_hash, office.head().hash);
    assert_eq!(verified.core, office.events[2].core);
    assert_eq!(verified.summary.applicant_name, "علی\u{200c}رضا نمونه 2");
    assert_eq!(verified.summary.last_four, "9645");
    assert_eq!(verified.summary.documents, 2);
    assert_eq!(verified.device.device, DEVICE);
    let fragment = url.split_once('#').unwrap().1;
    assert_eq!(ReceiptProof::from_url(fragment).unwrap(), read);
}

#[test]
fn a_flipped_bit_in_a_receipt_is_noticed() {
    let office = Office::with_applications(1);
    let url = office.proof().to_url("https://p.example");
    let start = url.find('#').unwrap() + 1;
    let mut tried = 0;
    for changed in flipped(url.as_bytes()).skip(start * 8) {
        let Ok(text) = String::from_utf8(changed) else { continue };
        if text.contains(char::is_whitespace) || text.matches('#').count() != 1 {
            continue;
        }
        tried += 1;
        let proof = ReceiptProof::from_url(&text);
        assert!(proof.and_then(|proof| proof.verify(&office.centre.public())).is_err(), "{text}");
    }
    assert!(tried > 3_000);
}

#[test]
fn a_receipt_of_another_device_or_centre_proves_nothing() {
    let office = Office::with_applications(1);
    let proof = office.proof();
    let stranger = SecretKey::from_seed(&[77; 32]);
    assert!(proof.verify(&stranger.public()).is_err());

    let mut facts = office.certificate.verify(&office.centre.public()).unwrap();
    facts.device = DeviceNumber(10_008);
    let certificate = Certificate::issue(&facts, &office.centre);
    let borrowed = ReceiptProof { certificate, ..proof.clone() };
    let verdict = borrowed.verify(&office.centre.public());
    assert!(matches!(verdict, Err(ProtocolError::Mismatch { what: "device" })));

    let mut summary = Summary::from_bytes(&proof.summary).unwrap();
    summary.fee_rial += 1;
    let dearer = ReceiptProof { summary: summary.to_bytes(), ..proof.clone() };
    let verdict = dearer.verify(&office.centre.public());
    assert!(matches!(verdict, Err(ProtocolError::Mismatch { what: "printed facts" })));

    let other = Office::with_applications(2);
    let moved = ReceiptProof { signature: other.proof().signature, ..proof };
    let verdict = moved.verify(&office.centre.public());
    assert!(matches!(verdict, Err(ProtocolError::BadSignature { what: "head" })));
}

#[test]
fn a_flipped_bit_in_a_batch_is_noticed() {
    let office = Office::with_applications(2);
    let request = office.request(Some(office.batch(1, 3)));
    let good = request.batch.clone().unwrap();
    let check = |batch: &Batch| verify_batch(DEVICE, &office.secret, &office.key.public(), batch);
    assert!(check(&good).is_ok());
    for entries in flipped(&good.entries) {
        let verdict = check(&Batch { entries, ..good.clone() });
        assert!(verdict.is_err());
    }
    for bytes in flipped(&good.signature.0) {
        let mut changed = good.clone();
        changed.signature.0.copy_from_slice(&bytes);
        assert!(check(&changed).is_err());
    }
    for hash in flipped(&good.after.hash) {
        let mut changed = good.clone();
        changed.after.hash.copy_from_slice(&hash);
        assert!(check(&changed).is_err());
    }
    for hash in flipped(&good.head.hash) {
        let mut changed = good.clone();
        changed.head.hash.copy_from_slice(&hash);
        assert!(check(&changed).is_err());
    }
    let mut elsewhere = good.clone();
    elsewhere.after.seq += 1;
    assert!(check(&elsewhere).is_err());
    let unknown = check(&Batch { codec: 9, ..good.clone() });
    assert!(matches!(unknown, Err(ProtocolError::Unknown { what: "codec", number: 9 })));
    let wrong_device = verify_batch(DeviceNumber(1), &office.secret, &office.key.public(), &good);
    assert!(wrong_device.is_err());
}

#[test]
fn a_flipped_bit_in_an_envelope_is_noticed() {
    let office = Office::with_applications(1);
    let message = office.request(Some(office.batch(0, 2))).to_bytes();
    let sealed = Envelope::seal(Purpose::Request, DEVICE, &message, &office.key).to_bytes();
    let open =
        |bytes: &[u8]| Envelope::from_bytes(bytes)?.open(Purpose::Request, &office.key.public());
    assert_eq!(open(&sealed).unwrap(), message);
    assert!(ExchangeRequest::from_bytes(&open(&sealed).unwrap()).is_ok());
    for changed in flipped(&sealed) {
        assert!(open(&changed).is_err());
    }
}

#[test]
fn a_flipped_bit_in_a_certificate_is_noticed() {
    let office = Office::new();
    for changed in flipped(&office.certificate.to_bytes()) {
        let read = Certificate::from_bytes(&changed);
        assert!(read.and_then(|read| read.verify(&office.centre.public())).is_err());
    }
}

#[test]
fn a_signature_holds_for_one_purpose_only() {
    let key = SecretKey::from_seed(&[2; 32]);
    let purposes = [
        Purpose::Head,
        Purpose::Request,
        Purpose::Reply,
        Purpose::Certificate,
        Purpose::Publication,
    ];
    for given in purposes {
        let signature = key.sign(given, b"message");
        for asked in purposes {
            let holds = key.public().verify(asked, b"message", &signature).is_ok();
            assert_eq!(holds, given == asked);
        }
        assert!(key.public().verify(given, b"messagf", &signature).is_err());
    }
}

#[test]
fn the_feed_shows_what_was_left_out_or_moved() {
    let told = |items: &[(u64, &[u8])]| {
        items.iter().fold([0; 32], |hash, (number, item)| feed_hash(&hash, *number, item))
    };
    let whole = told(&[(1, b"a"), (2, b"b"), (3, b"c")]);
    assert_ne!(whole, told(&[(1, b"a"), (3, b"c")]));
    assert_ne!(whole, told(&[(2, b"b"), (1, b"a"), (3, b"c")]));
    assert_ne!(whole, told(&[(1, b"a"), (2, b"x"), (3, b"c")]));
    assert_ne!(whole, told(&[(1, b"a"), (2, b"b"), (4, b"c")]));
}
