//! The bytes of protocols 1 and 2, written down. A difference here is a new protocol, not a repair.
//!
//! `PISHKHAN_WRITE_GOLDEN=2` writes the file of protocol 2 anew: only before it is published.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::PathBuf;
use std::{env, fs};

use pishkhan_domain::content_hash::ContentHash;
use pishkhan_protocol::body::{EventBody, NoteAdded, ReceiptPrinted};
use pishkhan_protocol::chain::Entry;
use pishkhan_protocol::columns::{self, Context};
use pishkhan_protocol::envelope::Envelope;
use pishkhan_protocol::event::Event;
use pishkhan_protocol::exchange::{
    Batch, CatalogueEntry, ExchangeReply, ExchangeRequest, FeedEntry, Verdict,
};
use pishkhan_protocol::feed::{Approved, FeedBody, FeedItem, feed_hash};
use pishkhan_protocol::ingest::verify_batch;
use pishkhan_protocol::keys::Purpose;
use pishkhan_protocol::packing::ENCODING_PLAIN;
use pishkhan_protocol::receipt_proof::ReceiptProof;
use pishkhan_protocol::short::{
    Implied, SessionKey, ShortBatch, ShortEnvelope, ShortReply, ShortRequest, WANTS_ANCHOR,
    WANTS_TOKEN,
};
use pishkhan_protocol::{delta, rows};
use pishkhan_testkit::letters::letter;
use uuid::Uuid;

use crate::letters::approved;
use crate::office::{DEVICE, NOON_MS, Office, anchor};

fn path(protocol: u16) -> PathBuf {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/golden");
    folder.join(format!("protocol-{protocol}/vectors.txt"))
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
            letter: None,
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
        answers: None,
        wanted: None,
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

/// Writes the file anew if asked to, with what is read and never compared besides; then compares.
fn written_as_it_was(
    protocol: u16,
    vectors: &[(&'static str, String)],
    besides: &[(&str, Vec<u8>)],
) {
    if env::var_os("PISHKHAN_WRITE_GOLDEN").is_some_and(|number| number == *protocol.to_string()) {
        let mut text = String::new();
        for (name, value) in vectors {
            writeln!(text, "{name} {value}").unwrap();
        }
        for (name, bytes) in besides {
            writeln!(text, "{name} {}", hex(bytes)).unwrap();
        }
        fs::create_dir_all(path(protocol).parent().unwrap()).unwrap();
        fs::write(path(protocol), text).unwrap();
    }
    let golden = golden(protocol);
    for (name, value) in vectors {
        assert_eq!(golden.get(*name), Some(value), "{name}");
    }
}

fn golden(protocol: u16) -> BTreeMap<String, String> {
    let text = fs::read_to_string(path(protocol)).unwrap();
    let pairs = text.lines().filter_map(|line| line.split_once(' '));
    pairs.map(|(name, value)| (name.to_owned(), value.to_owned())).collect()
}

#[test]
fn protocol_1_is_written_as_it_was() {
    let office = Office::with_applications(1);
    let message = office.request(Some(office.batch(0, 2))).to_bytes();
    let envelope = Envelope::seal(Purpose::Request, DEVICE, &message, &office.key);
    written_as_it_was(1, &vectors(), &[("envelope", envelope.to_bytes())]);
}

#[test]
fn what_protocol_1_wrote_is_still_read() {
    let golden = golden(1);
    let vector = |name: &str| golden[name].as_str();
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

fn columns_of(office: &Office, from: usize, before: Option<&Event>) -> Vec<u8> {
    let entries: Vec<Entry> = office.events[from..].iter().map(Entry::from).collect();
    let after_seq = office.head_at(from).seq;
    columns::encode(&entries, &Context { secret: &office.secret, after_seq, before })
}

/// A log with an application, its receipt and a note on it.
fn second_office() -> Office {
    let mut office = Office::with_applications(2);
    let application = office.events[2].rest.id.into();
    let printed = EventBody::ReceiptPrinted(ReceiptPrinted { application, copy: 1 });
    office.append(&printed, NOON_MS + 150_000);
    let note = NoteAdded { application, text: "نسخه ۲، ۱۴۰۵/۹/۳".to_owned() };
    office.append(&EventBody::NoteAdded(note), NOON_MS + 160_000);
    office
}

fn second_request(office: &Office) -> ExchangeRequest {
    let entries = columns_of(office, 0, None);
    let batch = Batch { codec: columns::CODEC_COLUMNS, entries, ..office.batch(0, 5) };
    ExchangeRequest {
        protocol: 2,
        reply_most_bytes: Some(65_536),
        dictionary: Some(1),
        certificate: Some(office.certificate.clone()),
        ..office.request(Some(batch))
    }
}

fn second_reply(office: &Office) -> ExchangeReply {
    let mut reply = reply(office);
    reply.protocol = 2;
    reply.dictionary = Some(1);
    reply.answers = Some([9; 16]);
    reply.catalogue[0].base = Some(ContentHash::of(b"card"));
    reply
}

/// As since 28 November 2026: with documents that are to be sent again.
fn wanting(office: &Office) -> (ExchangeReply, ShortReply) {
    let wanted = Some(vec![ContentHash::of(b"scan"), ContentHash::of(b"another scan")]);
    let (_, _, short) = short_exchange(office);
    (
        ExchangeReply { wanted: wanted.clone(), ..second_reply(office) },
        ShortReply { wanted, ..short },
    )
}

/// Request and reply of the short exchange, and what they are sealed with.
fn short_exchange(office: &Office) -> (SessionKey, ShortRequest, ShortReply) {
    let key = SessionKey::of(&office.secret, &[4; 16], &[5; 16]);
    let batch = ShortBatch {
        signature: office.head().sign(DEVICE, &office.key),
        codec: columns::CODEC_COLUMNS,
        entries: columns_of(office, 3, office.events.get(2)),
    };
    let request = ShortRequest {
        after_seq: 3,
        feed_cursor: 3,
        catalogue_cursor: 26,
        wants: WANTS_ANCHOR + WANTS_TOKEN,
        batch: Some(batch),
        ..ShortRequest::default()
    };
    let full = reply(office);
    let reply = ShortReply {
        verdict: Verdict::Ok,
        received_seq: 5,
        lease: [8; 16],
        unsafe_entries: 4,
        feed: Some(full.feed),
        catalogue: None,
        more: Some(true),
        anchor: Some(anchor()),
        upload_token: Some("sample-token".to_owned()),
        retry_after_s: None,
        wanted: None,
    };
    (key, request, reply)
}

fn short_envelope(payload: Vec<u8>) -> ShortEnvelope {
    ShortEnvelope {
        device: DEVICE,
        encoding: ENCODING_PLAIN,
        dictionary: 1,
        payload,
        code: [0; 16],
    }
}

fn second_vectors(office: &Office) -> Vec<(&'static str, String)> {
    let (key, request, reply) = short_exchange(office);
    let mut asked = short_envelope(request.to_bytes());
    asked.code = key.code_of_request(&asked);
    let mut answered = short_envelope(reply.to_bytes());
    let (received, feed) = (office.head().hash, self::reply(office).feed_hash);
    let implied = Implied { request: &asked.code, received_hash: &received, feed_hash: &feed };
    answered.code = key.code_of_reply(&answered, &implied);
    let entries: Vec<Entry> = office.events.iter().map(Entry::from).collect();
    let (wanting, short_wanting) = wanting(office);
    vec![
        ("entries.rows", hex(&rows::encode(&entries))),
        ("entries.columns", hex(&columns_of(office, 0, None))),
        ("entries.columns_after_3", hex(&columns_of(office, 3, office.events.get(2)))),
        ("request", hex(&second_request(office).to_bytes())),
        ("reply", hex(&second_reply(office).to_bytes())),
        ("short.request", hex(&request.to_bytes())),
        ("short.reply", hex(&reply.to_bytes())),
        ("short.request_envelope", hex(&asked.to_bytes())),
        ("short.reply_envelope", hex(&answered.to_bytes())),
        ("reply.wanted", hex(&wanting.to_bytes())),
        ("short.reply.wanted", hex(&short_wanting.to_bytes())),
        ("feed.letter", hex(&approved(Some(letter())).to_bytes())),
    ]
}

#[test]
fn protocol_2_is_written_as_it_was() {
    let office = second_office();
    let seal = |message: &[u8]| {
        let key = &office.key;
        Envelope::seal_with(1, Purpose::Request, DEVICE, message, key).to_bytes()
    };
    let request = second_request(&office).to_bytes();
    let difference = delta::encode(b"a card with another word", b"a card with one word").unwrap();
    written_as_it_was(
        2,
        &second_vectors(&office),
        &[("envelope", seal(&request)), ("difference", difference)],
    );
}

#[test]
fn what_protocol_2_wrote_is_still_read() {
    let golden = golden(2);
    let vector = |name: &str| unhex(&golden[name]);
    let office = second_office();
    let envelope = Envelope::from_bytes(&vector("envelope")).unwrap();
    assert_eq!(envelope.dictionary, 1);
    let message = envelope.open(Purpose::Request, &office.key.public()).unwrap();
    assert_eq!(message, vector("request"));
    let request = ExchangeRequest::from_bytes(&message).unwrap();
    assert_eq!(request, second_request(&office));
    let verified =
        verify_batch(DEVICE, &office.secret, &office.key.public(), &request.batch.unwrap());
    assert_eq!(verified.unwrap().events, office.events);
    let entries: Vec<Entry> = office.events.iter().map(Entry::from).collect();
    assert_eq!(rows::decode(&vector("entries.rows")).unwrap(), entries);
    let alone = Context { secret: &office.secret, after_seq: 0, before: None };
    assert_eq!(columns::decode(&vector("entries.columns"), &alone).unwrap(), entries);
    let after = Context { after_seq: 3, before: office.events.get(2), ..alone };
    let later = columns::decode(&vector("entries.columns_after_3"), &after).unwrap();
    assert_eq!(later, entries[3..]);
    assert_eq!(ExchangeReply::from_bytes(&vector("reply")).unwrap(), second_reply(&office));

    let (key, request, reply) = short_exchange(&office);
    let asked = ShortEnvelope::from_bytes(&vector("short.request_envelope")).unwrap();
    asked.check(&key.code_of_request(&asked)).unwrap();
    assert_eq!(ShortRequest::from_bytes(&asked.payload).unwrap(), request);
    assert_eq!(ShortReply::from_bytes(&vector("short.reply")).unwrap(), reply);
    let (wanting, short_wanting) = wanting(&office);
    assert_eq!(ExchangeReply::from_bytes(&vector("reply.wanted")).unwrap(), wanting);
    assert_eq!(ShortReply::from_bytes(&vector("short.reply.wanted")).unwrap(), short_wanting);
    let item = FeedItem::from_bytes(&vector("feed.letter")).unwrap();
    assert_eq!(item, approved(Some(letter())));
    let read = delta::decode(&vector("difference"), b"a card with one word", 100);
    assert_eq!(read.unwrap(), b"a card with another word");
}

/// A QR code of this length still prints on an 80 mm roll with modules of half a millimetre.
#[test]
fn the_address_on_a_receipt_stays_short() {
    let url = Office::with_applications(200).proof().to_url("https://pishkhan.example");
    assert!(url.len() <= 720, "{} bytes", url.len());
}
