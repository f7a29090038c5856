//! A centre that lives in the test, and offices enrolled with it: no line, no server.

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use pishkhan_counter::printer::Spooler;
use pishkhan_counter::{Counter, Places};
use pishkhan_domain::catalogue::Publication;
use pishkhan_domain::ids::{DeviceNumber, EventId, OfficeCode};
use pishkhan_domain::service_card::ServiceCard;
use pishkhan_ipc::session::{AppStatus, EnrolRequest};
use pishkhan_protocol::anchor::Anchor;
use pishkhan_protocol::certificate::{Certificate, DeviceFacts};
use pishkhan_protocol::enrolment::EnrolReply;
use pishkhan_protocol::event::Hash;
use pishkhan_protocol::exchange::{CatalogueEntry, FeedEntry};
use pishkhan_protocol::feed::{FeedBody, FeedItem, feed_hash};
use pishkhan_protocol::keys::{Purpose, SecretKey};
use pishkhan_store::{Applied, ReplyEffects, Store};
use uuid::Uuid;
use zeroize::Zeroizing;

/// Tuesday, 3 Azar 1405, noon in Tehran.
pub const NOON_MS: i64 = 1_795_509_000_000;
pub const PIN: &str = "۱۲۳۴۵۶";

/// The centre's key, its feed for one office, and what it published.
pub struct Trial {
    pub key: SecretKey,
    fed: u64,
    feed_hash: Hash,
    /// Published beside the catalogue of this repository.
    also: Vec<ServiceCard>,
}

impl Trial {
    pub fn new() -> Self {
        Self { key: SecretKey::from_seed(&[7; 32]), fed: 0, feed_hash: [0; 32], also: Vec::new() }
    }

    /// One that publishes one more card.
    pub fn with_card(card: ServiceCard) -> Self {
        Self { also: vec![card], ..Self::new() }
    }

    /// What the centre says to a key that asks for enrolment.
    pub fn certify(&self, device: u32, seed: &[u8; 32]) -> EnrolReply {
        let (device, office) = (DeviceNumber(device), OfficeCode::from("sample-0001"));
        let office_title = "دفتر پیشخوان روستای نمونه".to_owned();
        let facts = DeviceFacts {
            device,
            office: office.clone(),
            office_title: office_title.clone(),
            key: SecretKey::from_seed(seed).public(),
            enrolled_at_ms: NOON_MS,
        };
        EnrolReply {
            device,
            office,
            office_title,
            district_title: "بخش نمونه، شهرستان نمونه".to_owned(),
            certificate: Certificate::issue(&facts, &self.key),
            centre_key: self.key.public(),
            secret: [9; 32],
            epoch: [1; 16],
            at_ms: NOON_MS,
            public_url: "https://centre.example".to_owned(),
        }
    }

    pub fn request(&self) -> EnrolRequest {
        EnrolRequest {
            centre_url: "http://127.0.0.1:9".to_owned(),
            code: "SAMPLE".to_owned(),
            operator_name: "اپراتور نمونه".to_owned(),
            pin: PIN.to_owned(),
        }
    }

    pub fn enrol(&self, counter: &Counter) -> AppStatus {
        let seed = Zeroizing::new([5; 32]);
        counter.enrol_with(&self.certify(421, &seed), &seed, &self.request()).unwrap()
    }

    /// Everything that the office has is received, these things happened, and the whole catalogue
    /// of this repository is published.
    pub fn answer(&mut self, store: &mut Store, bodies: Vec<FeedBody>) -> Applied {
        let at_ms = NOON_MS + 60_000 * i64::try_from(self.fed + 1).unwrap();
        let head = store.head().unwrap();
        let mut feed = Vec::new();
        for body in bodies {
            self.fed += 1;
            let id = EventId(Uuid::now_v7());
            let after_seq = match &body {
                FeedBody::EntryParked(parked) => parked.seq,
                _ => head.seq,
            };
            let by = "کارشناس نمونه".to_owned();
            let item = FeedItem { id, at_ms, by, body, after_seq }.to_bytes();
            self.feed_hash = feed_hash(&self.feed_hash, self.fed, &item);
            feed.push(FeedEntry { number: self.fed, item });
        }
        let state = store.sync_state().unwrap();
        let catalogue = if state.catalogue_cursor == 0 { self.catalogue() } else { Vec::new() };
        let effects = ReplyEffects {
            epoch: state.epoch,
            received: head,
            safe_seq: head.seq,
            lease: Some([3; 16]),
            anchor: Some(Anchor { at_ms, nonce: [4; 16] }),
            feed_hash: (!feed.is_empty()).then_some(self.feed_hash),
            feed,
            catalogue,
            wanted: Vec::new(),
            at_ms,
            clock_offset_ms: Some(0),
        };
        let applied = store.apply_reply(&effects).unwrap();
        assert_eq!((applied.feed_trouble, applied.bad_publication), (None, None));
        applied
    }

    fn catalogue(&self) -> Vec<CatalogueEntry> {
        let cards = pishkhan_testkit::catalogue::cards().unwrap().into_iter();
        let cards = cards.chain(self.also.iter().cloned());
        let cards = cards.map(|card| Publication::ServiceCard(Box::new(card)));
        let calendar = pishkhan_testkit::catalogue::calendar().unwrap();
        (1..)
            .zip(cards.chain([Publication::WorkingCalendar(calendar)]))
            .map(|(number, publication)| {
                let bytes = publication.to_bytes().unwrap();
                let signature = self.key.sign(Purpose::Publication, &bytes);
                CatalogueEntry { number, bytes, signature, base: None }
            })
            .collect()
    }
}

/// A counter over a directory, by a clock that the test sets.
pub struct Desk {
    pub counter: Counter,
    pub clock: Arc<AtomicI64>,
}

pub fn places(dir: &Path) -> Places {
    Places {
        data_dir: dir.join("data"),
        receipts_dir: dir.join("receipts"),
        spooler: Spooler { lp: dir.join("lp"), lpstat: dir.join("lpstat"), ..Spooler::default() },
    }
}

impl Desk {
    pub fn open(dir: &Path) -> Self {
        let clock = Arc::new(AtomicI64::new(NOON_MS));
        let told = Arc::clone(&clock);
        let now = Box::new(move || told.load(Ordering::SeqCst));
        Self { counter: Counter::open_with_clock(places(dir), now).unwrap(), clock }
    }
}
