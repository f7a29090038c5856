//! The bytes of protocol 1, written down. A difference here is a new protocol, not a repair.
//!
//! `PISHKHAN_WRITE_GOLDEN=1` writes the file anew, for a new version's folder.

use std::fmt::Write as _;
use std::path::PathBuf;
use std::{env, fs};

use pishkhan_protocol::envelope::Envelope;
use pishkhan_protocol::exchange::{
    CatalogueEntry, ExchangeReply, ExchangeRequest, FeedEntry, Verdict,
};
use pishkhan_protocol::feed::{Approved, FeedBody, FeedItem, feed_hash};
use pishkhan_protocol::keys::Purpose;
use pishkhan_protocol::receipt_proof::ReceiptProof;
use uuid::Uuid;

use crate::office::{DEVICE, NOON_MS, Office, anchor};

fn path() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/golden/protocol-1/vectors.txt")
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut text, byte| {
        write!(text, "{byte:02x}").unwrap();
        text
    })
}

fn unhex(text: &str) -> Vec<u8> {
    let byte = |i: usize| u8::from_str_radix(&text[i..i + 2], 16).unwrap();
    (0..text.len()).step_by(2).map(byte).collect()
}

fn reply(office: &Office) -> ExchangeReply {
    let item = FeedItem {
        id: pishkhan_domain::ids::EventId(Uuid::from_u128(
            0x0199_0000_0000_7000_8000_0000_0000_0002,
        )),
        at_ms: NOON_MS,
        by: "کارشناس نمونه".to_owned(),
        body: FeedBody::Approved(Approved {
            application: office.events[1].rest.id.into(),
            note: "شناسنامه آماده است.".to_owned(),
        }),
        after_seq: 2,
    }
    .to_bytes();
    let card = br#"{"kind":"service_card"}"#.to_vec();
    ExchangeReply {
        protocol: 1,
        device: DEVICE,
        epoch: [4; 16],
        verdict: Verdict::Ok,
        received: office.head(),
        safe_seq: 1,
        anchor: anchor(),
        lease: [8; 16],
        feed_hash: feed_hash(&[0; 32], 1, &item),
        feed: vec![FeedEntry { number: 1, item }],
        catalogue: vec![CatalogueEntry {
            number: 27,
            signature: office.centre.sign(Purpose::Publication, &card),
            bytes: card,
            base: None,
        }],
        more: false,
        upload_token: Some("sample-token".to_owned()),
        retry_after_s: None,
        dictionary: None,
    }
}

/// Name and text of every vector that is computed anew.
fn vectors() -> Vec<(&'static str, String)> {
    let office = Office::with_applications(1);
    let event = &office.events[1];
    vec![
        ("event.core", hex(&event.core.to_bytes())),
        ("event.rest", hex(&event.rest.to_bytes())),
        ("event.body", hex(&event.body)),
        ("event.hash", hex(&event.hash())),
        ("event.tracking_code", event.core.tracking_code.unwrap().to_string()),
        ("head.signature", hex(&office.head().sign(DEVICE, &office.key).0)),
        ("certificate", hex(&office.certificate.to_bytes())),
        ("receipt.url", office.proof().to_url("https://pishkhan.example")),
        ("request", hex(&office.request(Some(office.batch(0, 2))).to_bytes())),
        ("reply", hex(&reply(&office).to_bytes())),
    ]
}

#[test]
fn protocol_1_is_written_as_it_was() {
    let vectors = vectors();
    if env::var_os("PISHKHAN_WRITE_GOLDEN").is_some() {
        let office = Office::with_applications(1);
        let message = office.request(Some(office.batch(0, 2))).to_bytes();
        let envelope = Envelope::seal(Purpose::Request, DEVICE, &message, &office.key);
        let mut text = String::new();
        for (name, value) in &vectors {
            writeln!(text, "{name} {value}").unwrap();
        }
        writeln!(text, "envelope {}", hex(&envelope.to_bytes())).unwrap();
        fs::create_dir_all(path().parent().unwrap()).unwrap();
        fs::write(path(), text).unwrap();
    }
    let golden = fs::read_to_string(path()).unwrap();
    for (name, value) in vectors {
        let known = golden.lines().find_map(|line| line.strip_prefix(&format!("{name} ")));
        assert_eq!(known, Some(value.as_str()), "{name}");
    }
}

#[test]
fn what_protocol_1_wrote_is_still_read() {
    let golden = fs::read_to_string(path()).unwrap();
    let vector = |name: &str| {
        golden.lines().find_map(|line| line.strip_prefix(&format!("{name} "))).unwrap()
    };
    let office = Office::with_applications(1);
    // Compressed bytes may differ from one zstd to the next, so they are read and never compared.
    let envelope = Envelope::from_bytes(&unhex(vector("envelope"))).unwrap();
    let message = envelope.open(Purpose::Request, &office.key.public()).unwrap();
    assert_eq!(hex(&message), vector("request"));
    assert_eq!(ExchangeRequest::from_bytes(&message).unwrap().device, DEVICE);
    assert_eq!(ExchangeReply::from_bytes(&unhex(vector("reply"))).unwrap(), reply(&office));
    let proof = ReceiptProof::from_url(vector("receipt.url")).unwrap();
    let verified = proof.verify(&office.centre.public()).unwrap();
    assert_eq!(hex(&verified.event_hash), vector("event.hash"));
}

/// A QR code of this length still prints on an 80 mm roll with modules of half a millimetre.
#[test]
fn the_address_on_a_receipt_stays_short() {
    let url = Office::with_applications(200).proof().to_url("https://pishkhan.example");
    assert!(url.len() <= 720, "{} bytes", url.len());
}
