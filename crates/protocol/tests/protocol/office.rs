//! An office with fixed keys, whose log grows as the test says.

use std::collections::BTreeMap;

use pishkhan_domain::applicant::{Applicant, Gender, Identity};
use pishkhan_domain::application::{AttachedDocument, Evidence};
use pishkhan_domain::content_hash::ContentHash;
use pishkhan_domain::form::Answer;
use pishkhan_domain::ids::{DeviceNumber, OfficeCode, OperatorId};
use pishkhan_protocol::anchor::Anchor;
use pishkhan_protocol::body::{ApplicationRecorded, EventBody, OperatorEnrolled};
use pishkhan_protocol::certificate::{Certificate, DeviceFacts};
use pishkhan_protocol::chain::{Entry, link};
use pishkhan_protocol::derive::{self, DeviceSecret};
use pishkhan_protocol::event::Event;
use pishkhan_protocol::exchange::{Batch, ExchangeRequest};
use pishkhan_protocol::head::Head;
use pishkhan_protocol::keys::SecretKey;
use pishkhan_protocol::receipt_proof::ReceiptProof;
use pishkhan_protocol::rows;
use pishkhan_protocol::summary::Summary;
use uuid::Uuid;

pub(crate) const DEVICE: DeviceNumber = DeviceNumber(10_007);
/// 24 November 2026, 12:00 in Tehran.
pub(crate) const NOON_MS: i64 = 1_795_509_000_000;

pub(crate) struct Office {
    pub(crate) centre: SecretKey,
    pub(crate) key: SecretKey,
    pub(crate) secret: DeviceSecret,
    pub(crate) certificate: Certificate,
    pub(crate) events: Vec<Event>,
}

impl Office {
    pub(crate) fn new() -> Self {
        let (centre, key) = (SecretKey::from_seed(&[1; 32]), SecretKey::from_seed(&[2; 32]));
        let facts = DeviceFacts {
            device: DEVICE,
            office: OfficeCode::from("zahedan-0007"),
            office_title: "دفتر پیشخوان روستای نمونه".to_owned(),
            key: key.public(),
            enrolled_at_ms: NOON_MS - 86_400_000,
        };
        let certificate = Certificate::issue(&facts, &centre);
        Self { centre, key, secret: DeviceSecret([3; 32]), certificate, events: Vec::new() }
    }

    /// An office that recorded so many applications after its operator was enrolled.
    pub(crate) fn with_applications(count: u8) -> Self {
        let mut office = Self::new();
        office.append(&enrolled(), NOON_MS);
        for number in 1..=count {
            let at_ms = NOON_MS + i64::from(number) * 60_000;
            office.append(&recorded(&format!("نمونه {number}")), at_ms);
        }
        office
    }

    pub(crate) fn head(&self) -> Head {
        self.head_at(self.events.len())
    }

    pub(crate) fn head_at(&self, seq: usize) -> Head {
        seq.checked_sub(1).map_or(Head::EMPTY, |index| {
            let event = &self.events[index];
            Head { seq: event.core.seq, hash: event.hash() }
        })
    }

    pub(crate) fn append(&mut self, body: &EventBody, device_time_ms: i64) -> Event {
        let entry = entry(body, device_time_ms);
        let event = link(DEVICE, &self.secret, &self.head(), entry);
        self.events.push(event.clone());
        event
    }

    /// The events after `after` up to `to`, signed.
    pub(crate) fn batch(&self, after: usize, to: usize) -> Batch {
        let head = self.head_at(to);
        let entries: Vec<Entry> = self.events[after..to].iter().map(Entry::from).collect();
        Batch {
            after: self.head_at(after),
            head,
            signature: head.sign(DEVICE, &self.key),
            codec: rows::CODEC_ROWS,
            entries: rows::encode(&entries),
        }
    }

    pub(crate) fn request(&self, batch: Option<Batch>) -> ExchangeRequest {
        ExchangeRequest {
            protocol: 1,
            device: DEVICE,
            epoch: Some([4; 16]),
            lease: Some([5; 16]),
            batch,
            feed_cursor: 3,
            catalogue_cursor: 26,
            log_seq: self.head().seq,
            oldest_waiting_ms: Some(NOON_MS),
            sent_at_ms: NOON_MS + 3_600_000,
            agent: "pishkhan 0.1.0".to_owned(),
            reply_most_bytes: None,
            dictionary: None,
            certificate: None,
        }
    }

    /// The proof of the application recorded at `seq`, the last event of the log.
    pub(crate) fn proof(&self) -> ReceiptProof {
        let event = self.events.last().unwrap();
        let Ok(EventBody::ApplicationRecorded(recorded)) = EventBody::from_bytes(&event.body)
        else {
            panic!("the last event is no recorded application");
        };
        ReceiptProof {
            core: event.core.to_bytes(),
            rest_hash: event.rest.hash(),
            summary: Summary::of(&recorded).to_bytes(),
            summary_salt: self.secret.summary_salt(event.core.seq),
            signature: self.head().sign(DEVICE, &self.key),
            certificate: self.certificate.clone(),
        }
    }
}

pub(crate) fn anchor() -> Anchor {
    derive::anchor(&[6; 32], DEVICE, NOON_MS - 5_000)
}

pub(crate) fn operator() -> OperatorId {
    OperatorId(Uuid::from_u128(0x0199_0000_0000_7000_8000_0000_0000_0001))
}

pub(crate) fn entry(body: &EventBody, device_time_ms: i64) -> Entry {
    let (kind, body) = (body.kind(), body.to_bytes());
    Entry { kind, device_time_ms, anchor: Some(anchor()), operator: operator(), body }
}

pub(crate) fn enrolled() -> EventBody {
    let name = "کاربر نمونه".to_owned();
    EventBody::OperatorEnrolled(OperatorEnrolled { operator: operator(), name })
}

pub(crate) fn recorded(last_name: &str) -> EventBody {
    let text = |text: &str| Answer::Text(text.to_owned());
    let copy = Evidence::Copy {
        hash: ContentHash::of(b"scan"),
        size_bytes: 81_234,
        media_type: "image/jpeg".to_owned(),
    };
    let paper = |code: &str, evidence| AttachedDocument { code: code.to_owned(), evidence };
    EventBody::ApplicationRecorded(Box::new(ApplicationRecorded {
        service: "birth-registration".into(),
        card_version: ContentHash::of(b"card"),
        applicant: Applicant {
            identity: Identity::NationalId { national_id: "0076229645".to_owned() },
            first_name: "علی\u{200c}رضا".to_owned(),
            last_name: last_name.to_owned(),
            father_name: "کریم".to_owned(),
            birth_date: Some("1991-08-03".to_owned()),
            gender: Some(Gender::Male),
            mobile: Some("+989151234567".to_owned()),
            village: "روستای نمونه".to_owned(),
            address: "کوچه نمونه، پلاک ۱۲".to_owned(),
            postcode: None,
            witnesses: Vec::new(),
        },
        form: BTreeMap::from([
            ("child_name".to_owned(), text("یسنا")),
            ("late_registration".to_owned(), Answer::Flag(false)),
            ("child_birth_date".to_owned(), text("2026-11-20")),
        ]),
        documents: vec![paper("father-booklet", Evidence::Seen), paper("birth-certificate", copy)],
        fee_rial: 1_500_000,
        due_on: "2026-11-29".to_owned(),
        consent: true,
        code_attempt: 0,
    }))
}
