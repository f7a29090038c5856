//! Codec 2 gives back exactly what it was given, whatever that was, and reads anything without harm.

use pishkhan_domain::ids::OperatorId;
use pishkhan_protocol::anchor::Anchor;
use pishkhan_protocol::body::{ApplicationDelivered, EventBody, ReceiptPrinted};
use pishkhan_protocol::chain::Entry;
use pishkhan_protocol::columns::{CODEC_COLUMNS, Context, decode, encode};
use pishkhan_protocol::derive::DeviceSecret;
use pishkhan_protocol::event::Event;
use pishkhan_protocol::exchange::{Batch, MAX_BATCH_BYTES, MAX_BATCH_ENTRIES, MAX_BODY_BYTES};
use pishkhan_protocol::head::Head;
use pishkhan_protocol::ingest::{VerifiedBatch, verify_batch, verify_short};
use pishkhan_protocol::short::ShortBatch;
use pishkhan_testkit::filing::Filing;
use proptest::prelude::*;

use crate::office::{DEVICE, NOON_MS, Office, anchor, enrolled, entry, recorded};

/// Neither that of the training nor that of the measurements.
const SEED: u64 = 606;

fn alone(office: &Office) -> Context<'_> {
    Context { secret: &office.secret, after_seq: 0, before: None }
}

fn after(office: &Office) -> Context<'_> {
    let before = office.events.last();
    let after_seq = before.map_or(0, |event| event.core.seq);
    Context { secret: &office.secret, after_seq, before }
}

fn filed(count: usize, scans: bool) -> Vec<Entry> {
    let mut filing = Filing::new(SEED, NOON_MS, scans).unwrap();
    filing.anchored(anchor());
    (0..count).map(|_| filing.recorded().unwrap()).collect()
}

fn with_body(body: Vec<u8>) -> Entry {
    Entry { body, ..entry(&recorded("نمونه"), NOON_MS) }
}

fn comes_back(entries: &[Entry], context: &Context<'_>) -> Vec<u8> {
    let bytes = encode(entries, context);
    assert!(decode(&bytes, context).unwrap() == entries);
    bytes
}

/// One item of CBOR, by whatever rules: long heads, indefinite lengths, tags, floats.
fn cbor() -> impl Strategy<Value = Vec<u8>> {
    let head = |major: u8, value: u64, long: bool| {
        let mut out = Vec::new();
        minicbor::Encoder::new(&mut out).u64(value).unwrap();
        if long && value < 24 {
            out = vec![24, u8::try_from(value).unwrap()];
        }
        out[0] |= major << 5;
        out
    };
    let leaf = prop_oneof![
        8 => (0_u8..2, any::<u64>(), any::<bool>()).prop_map(move |(major, value, long)| head(major, value, long)),
        8 => (0_u8..2, 0_u64..300, Just(false)).prop_map(move |(major, value, long)| head(major, value, long)),
        8 => prop::collection::vec(any::<u8>(), 0..40)
            .prop_map(move |bytes| [head(2, bytes.len() as u64, false), bytes].concat()),
        12 => "[آ-ی0-9۰-۹٠-٩ a-z\u{200c}،.-]{0,40}|[0-9]{4}-[01][0-9]-[0-3][0-9]|.{0,20}"
            .prop_map(move |text| [head(3, text.len() as u64, false), text.into_bytes()].concat()),
        4 => (20_u8..24).prop_map(|simple| vec![0xe0 | simple]),
        1 => any::<f64>().prop_map(|float| [&[0xfb][..], &float.to_be_bytes()].concat()),
        1 => Just(vec![0x9f, 0x01, 0xff]),
        1 => Just(vec![0xc1, 0x01]),
    ];
    leaf.prop_recursive(5, 60, 6, move |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..6).prop_map(move |items| [
                head(4, items.len() as u64, false),
                items.concat()
            ]
            .concat()),
            prop::collection::vec((inner.clone(), inner), 0..4).prop_map(move |pairs| {
                let count = head(5, pairs.len() as u64, false);
                let pairs: Vec<u8> =
                    pairs.into_iter().flat_map(|(key, value)| [key, value].concat()).collect();
                [count, pairs].concat()
            }),
        ]
    })
}

fn body() -> impl Strategy<Value = Vec<u8>> {
    let real = prop::sample::select(filed(40, true)).prop_map(|entry| entry.body);
    let place = any::<prop::sample::Index>();
    prop_oneof![
        2 => prop::collection::vec(any::<u8>(), 0..80),
        4 => cbor(),
        3 => real.clone(),
        2 => (real, place, any::<u8>()).prop_map(|(mut body, place, byte)| {
            let place = place.index(body.len());
            body[place] = byte;
            body
        }),
    ]
}

fn any_entry() -> impl Strategy<Value = Entry> {
    let anchor =
        (any::<i64>(), any::<[u8; 16]>()).prop_map(|(at_ms, nonce)| Anchor { at_ms, nonce });
    let anchor =
        prop_oneof![Just(None), Just(Some(crate::office::anchor())), anchor.prop_map(Some)];
    let operator = prop_oneof![
        Just(crate::office::operator()),
        any::<[u8; 16]>().prop_map(OperatorId::from_bytes)
    ];
    let time = prop_oneof![any::<i64>(), NOON_MS..NOON_MS + 1_000_000];
    let kind = prop_oneof![3 => 1..8_u8, 1 => any::<u8>()];
    (kind, time, anchor, operator, body()).prop_map(
        |(kind, device_time_ms, anchor, operator, body)| Entry {
            kind,
            device_time_ms,
            anchor,
            operator,
            body,
        },
    )
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn any_entries_come_back(entries in prop::collection::vec(any_entry(), 0..8), seen in any::<bool>()) {
        let office = Office::with_applications(2);
        let context = if seen { after(&office) } else { alone(&office) };
        comes_back(&entries, &context);
    }

    #[test]
    fn any_bytes_are_read_or_refused(bytes in prop::collection::vec(any::<u8>(), 0..300)) {
        let office = Office::with_applications(1);
        for context in [alone(&office), after(&office)] {
            if let Ok(entries) = decode(&bytes, &context) {
                prop_assert!(entries.iter().all(|entry| entry.body.len() <= MAX_BODY_BYTES));
                comes_back(&entries, &context);
            }
        }
    }

    #[test]
    fn garbled_batches_are_read_or_refused(
        changes in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..5)
    ) {
        let office = Office::with_applications(3);
        let entries: Vec<Entry> = office.events.iter().map(Entry::from).collect();
        let mut bytes = encode(&entries, &alone(&office));
        for (place, byte) in changes {
            let place = place.index(bytes.len());
            bytes[place] = byte;
        }
        let _ = decode(&bytes, &alone(&office));
    }
}

#[test]
fn what_is_cut_or_longer_gives_something_else_or_nothing() {
    let office = Office::with_applications(2);
    let entries: Vec<Entry> = office.events.iter().map(Entry::from).collect();
    let bytes = comes_back(&entries, &alone(&office));
    for length in 0..bytes.len() {
        let read = decode(&bytes[..length], &alone(&office));
        assert!(read.is_err() || read.is_ok_and(|read| read != entries), "{length}");
    }
    assert!(decode(&[&bytes[..], &[0; 5]].concat(), &alone(&office)).is_err());
}

#[test]
fn bodies_of_other_forms_travel_as_they_are() {
    let office = Office::new();
    let deep = |levels: usize| [vec![0x81; levels], vec![0]].concat();
    let text = |text: &[u8]| [&[0x60 | u8::try_from(text.len()).unwrap()][..], text].concat();
    let bodies = [
        vec![],
        vec![0x00, 0x00],
        vec![0x18, 0x05],
        vec![0x9f, 0xff],
        vec![0xbf, 0xff],
        vec![0x5f, 0xff],
        vec![0xf9, 0x3c, 0x00],
        vec![0xf8, 0x20],
        vec![0xc2, 0x41, 0x01],
        vec![0x82, 0x01],
        vec![0x9b, 0, 0, 0, 1, 0, 0, 0, 0],
        text(&[0xff, 0xfe]),
        text(b"a\0b"),
        text("۱٢3۴".as_bytes()),
        text(b"2026-02-30"),
        text(b"2026-2-3"),
        text(b"9999-12-31"),
        text(b"  a  b "),
        deep(14),
        deep(15),
        deep(16),
        deep(40_000),
        vec![0xa1, 0xa1, 0x01, 0x02, 0x03],
        vec![0xe0],
        vec![0xf3],
        vec![0x1b, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff],
        vec![0x3b, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff],
        vec![0x1b, 0x80, 0, 0, 0, 0, 0, 0, 0],
    ];
    let entries: Vec<Entry> = bodies.into_iter().map(with_body).collect();
    comes_back(&entries, &alone(&office));
    for entry in entries {
        comes_back(&[entry], &alone(&office));
    }
}

#[test]
fn what_is_larger_than_a_batch_may_be_is_refused() {
    let office = Office::new();
    let small = with_body(vec![0]);
    let most = vec![small.clone(); MAX_BATCH_ENTRIES];
    comes_back(&most, &alone(&office));
    let many = vec![small; MAX_BATCH_ENTRIES + 1];
    assert!(decode(&encode(&many, &alone(&office)), &alone(&office)).is_err());

    let text_of = |length: usize| {
        let mut body = Vec::new();
        minicbor::Encoder::new(&mut body).str(&"ن".repeat(length)).unwrap();
        with_body(body)
    };
    comes_back(&[with_body(vec![7; MAX_BODY_BYTES])], &alone(&office));
    for large in [with_body(vec![7; MAX_BODY_BYTES + 1]), text_of(MAX_BODY_BYTES / 2 + 1)] {
        assert!(decode(&encode(&[large], &alone(&office)), &alone(&office)).is_err());
    }
    // A few hundred bytes that ask for more memory than a batch may have.
    let whole = text_of(MAX_BODY_BYTES / 2 - 10);
    let count = MAX_BATCH_BYTES / whole.body.len();
    comes_back(&vec![whole.clone(); count], &alone(&office));
    let bomb = encode(&vec![whole; count + 1], &alone(&office));
    assert!(bomb.len() < 10_000, "{}", bomb.len());
    assert!(decode(&bomb, &alone(&office)).is_err());
}

/// Far above what they are, so that only a real loss is noticed.
#[test]
fn applications_are_small_in_batches_and_alone() {
    let office = Office::new();
    let entries = filed(1_000, false);
    let bytes = comes_back(&entries, &alone(&office));
    assert!(bytes.len() <= 40 * entries.len(), "{}", bytes.len());

    let mut office = Office::new();
    let (mut sum, mut count) = (0, 0);
    for entry in &entries[..100] {
        if office.events.len() > 1 {
            sum += comes_back(std::slice::from_ref(entry), &after(&office)).len();
            count += 1;
        }
        let event =
            pishkhan_protocol::chain::link(DEVICE, &office.secret, &office.head(), entry.clone());
        office.events.push(event);
    }
    assert!(sum <= 55 * count, "{sum} for {count}");
}

#[test]
fn an_application_just_recorded_is_named_by_its_distance() {
    let mut office = Office::with_applications(2);
    let printed = |office: &Office, seq: usize| {
        let application = office.events[seq - 1].rest.id.into();
        entry(
            &EventBody::ReceiptPrinted(ReceiptPrinted { application, copy: 1 }),
            NOON_MS + 200_000,
        )
    };
    let near = comes_back(&[printed(&office, 3)], &after(&office));
    let far = comes_back(&[printed(&office, 2)], &after(&office));
    assert!(near.len() <= 8 && far.len() >= near.len() + 8, "{} {}", near.len(), far.len());
    // Within a batch any that was recorded before is near.
    let mut entries: Vec<Entry> = office.events.iter().map(Entry::from).collect();
    let without = comes_back(&entries, &alone(&office)).len();
    entries.push(printed(&office, 2));
    entries.push(printed(&office, 3));
    assert!(comes_back(&entries, &alone(&office)).len() <= without + 14);
    // Of another device's secret they would be others: the same bytes then give another id.
    let bytes = encode(&entries, &alone(&office));
    office.secret = DeviceSecret([9; 32]);
    assert!(decode(&bytes, &alone(&office)).is_ok_and(|read| read != entries));
}

#[test]
fn ids_from_long_ago_come_back_too() {
    let office = Office::with_applications(2);
    let application = office.events[1].rest.id.into();
    let recipient = "خود متقاضی".to_owned();
    let body = EventBody::ApplicationDelivered(ApplicationDelivered { application, recipient });
    comes_back(&[entry(&body, NOON_MS + 9_000_000)], &alone(&office));
}

fn verify(
    office: &Office,
    batch: &Batch,
) -> Result<VerifiedBatch, pishkhan_protocol::error::ProtocolError> {
    verify_batch(DEVICE, &office.secret, &office.key.public(), batch)
}

#[test]
fn a_batch_by_column_gives_the_events_that_one_by_row_gives() {
    let office = Office::with_applications(6);
    for from in [0, 1, 4] {
        let rows = office.batch(from, 7);
        let entries: Vec<Entry> = office.events[from..].iter().map(Entry::from).collect();
        let context = Context { after_seq: from as u64, ..alone(&office) };
        let columns =
            Batch { codec: CODEC_COLUMNS, entries: encode(&entries, &context), ..rows.clone() };
        assert_eq!(verify(&office, &columns).unwrap(), verify(&office, &rows).unwrap());
        let unknown = Batch { codec: 3, ..columns };
        assert!(verify(&office, &unknown).is_err());
    }
}

#[test]
fn a_short_batch_stands_on_the_head_that_both_hold() {
    let office = Office::with_applications(6);
    let short = |from: usize, before: Option<&Event>| {
        let entries: Vec<Entry> = office.events[from..].iter().map(Entry::from).collect();
        let context = Context { secret: &office.secret, after_seq: from as u64, before };
        ShortBatch {
            signature: office.head().sign(DEVICE, &office.key),
            codec: CODEC_COLUMNS,
            entries: encode(&entries, &context),
        }
    };
    let check = |after: &Head, before: Option<&Event>, batch: &ShortBatch| {
        verify_short(DEVICE, &office.secret, &office.key.public(), after, before, batch)
    };
    for from in 0..6_usize {
        let before = from.checked_sub(1).map(|index| &office.events[index]);
        let batch = short(from, before);
        let verified = check(&office.head_at(from), before, &batch).unwrap();
        assert_eq!(verified.events, office.events[from..]);
        assert_eq!(verified.after, office.head_at(from));
        // Another place, another history, another event before.
        assert!(check(&office.head_at(from + 1), before, &batch).is_err());
        let other = Head { hash: [1; 32], ..office.head_at(from) };
        assert!(check(&other, before, &batch).is_err());
        let wrong = &office.events[from];
        assert!(check(&office.head_at(from), Some(wrong), &batch).is_err());
        let mut moved = batch.clone();
        moved.signature = office.head_at(from).sign(DEVICE, &office.key);
        assert!(check(&office.head_at(from), before, &moved).is_err());
    }
}

#[test]
fn an_office_begins_with_its_operator() {
    let office = Office::new();
    comes_back(&[entry(&enrolled(), NOON_MS)], &alone(&office));
    comes_back(&[], &alone(&office));
}
