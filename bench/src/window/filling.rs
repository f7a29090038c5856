//! An office that has filed for ten years: its store, filled by transactions of many entries.
//!
//! Invariant: everything in it came the way it comes in an office: entries through `Store::append`,
//! the centre's acts through `Store::apply_reply`; only the waiting between them is left out.

use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::time::Instant;

use anyhow::{Context as _, bail, ensure};
use pishkhan_counter::Counter;
use pishkhan_domain::application::{Defect, Evidence};
use pishkhan_domain::catalogue::Publication;
use pishkhan_domain::content_hash::ContentHash;
use pishkhan_domain::ids::{ApplicationId, DeviceNumber, EventId, OfficeCode};
use pishkhan_ipc::session::EnrolRequest;
use pishkhan_protocol::body::{ApplicationDelivered, EventBody, ReceiptPrinted};
use pishkhan_protocol::certificate::{Certificate, DeviceFacts};
use pishkhan_protocol::enrolment::EnrolReply;
use pishkhan_protocol::exchange::{CatalogueEntry, FeedEntry};
use pishkhan_protocol::feed::{Approved, FeedBody, FeedItem, Returned, feed_hash};
use pishkhan_protocol::head::Head;
use pishkhan_protocol::keys::{Purpose, SecretKey};
use pishkhan_store::{ReplyEffects, Store};
use pishkhan_testkit::catalogue;
use pishkhan_testkit::filing::Filing;
use serde_json::json;

use crate::documents::SCAN;
use crate::office::PIN;
use crate::office::{open_at, told};

/// Raise it when what is filled changes: stores filled before are filled anew then.
const FILLING: u32 = 2;
const EPOCH: [u8; 16] = [5; 16];
const DAY_MS: i64 = 24 * 60 * 60 * 1000;
/// A busy office's day.
const A_DAY: usize = 280;
const MARK: &str = "filled.json";

/// Fills a store under `folder`, unless it is there from a run before; gives the office's folder.
pub(crate) fn office(folder: &Path, applications: usize) -> anyhow::Result<PathBuf> {
    let dir = folder.join(format!("office-{applications}"));
    let mark = json!({ "filling": FILLING, "applications": applications }).to_string();
    if std::fs::read_to_string(dir.join(MARK)).is_ok_and(|there| there == mark) {
        return Ok(dir);
    }
    if dir.exists() {
        std::fs::remove_dir_all(&dir)?;
    }
    let mut filling = Filling::begin(&dir.join("data"), applications)?;
    let begun = Instant::now();
    let mut done = 0;
    while done < applications {
        let count = A_DAY.min(applications - done);
        filling.day(count)?;
        done += count;
        if done % (A_DAY * 50) == 0 {
            let rate = done as f64 / begun.elapsed().as_secs_f64();
            let _told = writeln!(std::io::stderr(), "filled {done}: {rate:.0} a second");
        }
    }
    drop(filling);
    std::fs::write(dir.join(MARK), mark)?;
    Ok(dir)
}

struct Filling {
    counter: Counter,
    filing: Filing,
    feed: (u64, [u8; 32]),
    day_at: i64,
    /// Approved, and handed over on the next day.
    approved: Vec<ApplicationId>,
    /// Counts all of them, to choose whose life goes otherwise.
    made: u64,
}

impl Filling {
    fn begin(dir: &Path, applications: usize) -> anyhow::Result<Self> {
        let days = i64::try_from(applications.div_ceil(A_DAY))?;
        let now = jiff::Timestamp::now().as_millisecond();
        let day_at = now - (days + 1) * DAY_MS;
        // Times of a log only grow: it begins on the first day.
        let counter = open_at(dir, day_at)?;
        enrol(&counter, day_at)?;
        let evidence = told(counter.document_take_in("any", SCAN))?.document.evidence;
        let Evidence::Copy { hash, .. } = evidence else { bail!("no copy: {evidence:?}") };
        let filing = Filing::new(1405, day_at, false)?.with_scan(evidence);
        let mut filling =
            Self { counter, filing, feed: (0, [0; 32]), day_at, approved: Vec::new(), made: 0 };
        filling.publish(hash)?;
        Ok(filling)
    }

    fn with_store<T>(
        &self,
        act: impl FnOnce(&mut Store) -> anyhow::Result<T>,
    ) -> anyhow::Result<T> {
        let store = self.counter.store().context("no store")?;
        let mut store = store.lock().map_err(|_| anyhow::anyhow!("a poisoned store"))?;
        act(&mut store)
    }

    fn publish(&mut self, scan: ContentHash) -> anyhow::Result<()> {
        let cards =
            catalogue::cards()?.into_iter().map(|card| Publication::ServiceCard(Box::new(card)));
        let calendar = Publication::WorkingCalendar(catalogue::calendar()?);
        let mut entries = Vec::new();
        for (publication, number) in cards.chain([calendar]).zip(1..) {
            let bytes = publication.to_bytes()?;
            let signature = centre_key().sign(Purpose::Publication, &bytes);
            entries.push(CatalogueEntry { number, bytes, signature, base: None });
        }
        let at = self.day_at;
        self.with_store(|store| {
            store.mark_uploaded(scan, at)?;
            let head = store.head()?;
            let applied = store.apply_reply(&reply(head, Vec::new(), None, entries, at))?;
            ensure!(applied.bad_publication.is_none() && applied.publications > 1, "{applied:?}");
            Ok(())
        })
    }

    /// One day: what was approved yesterday is handed over; citizens come and get their receipts;
    /// in the evening the centre answers.
    fn day(&mut self, count: usize) -> anyhow::Result<()> {
        self.day_at += DAY_MS;
        let (at, operator) = (self.day_at, self.filing.operator());
        self.filing.at(at);
        let delivered = self.approved.drain(..).map(|application| {
            let recipient = "خود متقاضی".to_owned();
            EventBody::ApplicationDelivered(ApplicationDelivered { application, recipient })
        });
        let mut bodies: Vec<EventBody> = delivered.collect();
        for _ in 0..count {
            bodies.push(self.filing.application().context("no sample")?);
        }
        let events = self.with_store(|store| Ok(store.append(operator, at, bodies, &[])?))?;
        let recorded: Vec<(ApplicationId, u64)> = events
            .iter()
            .filter(|event| event.core.tracking_code.is_some())
            .map(|event| (ApplicationId::from(event.rest.id), event.core.seq))
            .collect();
        let first = self.made;
        self.made += recorded.len() as u64;
        // One of a thousand waits for its paper.
        let printed = (first..).zip(&recorded).filter(|(number, _)| number % 1_000 != 7);
        let printed = printed.map(|(_, (application, _))| {
            EventBody::ReceiptPrinted(ReceiptPrinted { application: *application, copy: 1 })
        });
        let printed: Vec<EventBody> = printed.collect();
        self.with_store(|store| Ok(store.append(operator, at, printed, &[])?))?;
        self.answer((first..).zip(recorded).collect())
    }

    /// Of a hundred, one is not decided and so late some day; of a thousand, two are returned and
    /// five approved and never fetched.
    fn answer(&mut self, recorded: Vec<(u64, (ApplicationId, u64))>) -> anyhow::Result<()> {
        let mut entries = Vec::new();
        for (number, (application, after_seq)) in recorded {
            self.say(&mut entries, after_seq, FeedBody::Accepted(application));
            if number % 1_000 < 10 {
                continue;
            }
            let note = String::new();
            if number % 1_000 < 12 {
                let field = "applicant.father_name".to_owned();
                let defects = vec![Defect { field, reason: "خوانا نیست".to_owned() }];
                let returned = Returned { application, defects, note };
                self.say(&mut entries, after_seq, FeedBody::Returned(returned));
                continue;
            }
            let approved = Approved { application, note, letter: None };
            self.say(&mut entries, after_seq, FeedBody::Approved(approved));
            if number % 1_000 >= 17 {
                self.approved.push(application);
            }
        }
        let (at, hash) = (self.day_at + 8 * 60 * 60 * 1000, self.feed.1);
        self.with_store(|store| {
            let head = store.head()?;
            let applied = store.apply_reply(&reply(head, entries, Some(hash), Vec::new(), at))?;
            ensure!(applied.feed_trouble.is_none(), "{applied:?}");
            Ok(())
        })
    }

    fn say(&mut self, entries: &mut Vec<FeedEntry>, after_seq: u64, body: FeedBody) {
        let (number, hash) = (self.feed.0 + 1, self.feed.1);
        let id = EventId(uuid::Uuid::from_u128(u128::from(number)));
        let (by, at_ms) = ("کارشناس نمونه".to_owned(), self.day_at);
        let item = FeedItem { id, at_ms, by, body, after_seq }.to_bytes();
        self.feed = (number, feed_hash(&hash, number, &item));
        entries.push(FeedEntry { number, item });
    }
}

fn centre_key() -> SecretKey {
    SecretKey::from_seed(&[3; 32])
}

/// Enrolled by a centre of this program's own; its address is one that nobody answers at.
fn enrol(counter: &Counter, at_ms: i64) -> anyhow::Result<()> {
    let seed = [9; 32];
    let (device, office) = (DeviceNumber(17), OfficeCode::from("sample-0001"));
    let office_title = "دفتر پیشخوان نمونه".to_owned();
    let facts = DeviceFacts {
        device,
        office: office.clone(),
        office_title: office_title.clone(),
        key: SecretKey::from_seed(&seed).public(),
        enrolled_at_ms: at_ms,
    };
    let reply = EnrolReply {
        device,
        office,
        office_title,
        district_title: "بخش نمونه".to_owned(),
        certificate: Certificate::issue(&facts, &centre_key()),
        centre_key: centre_key().public(),
        secret: [11; 32],
        epoch: EPOCH,
        at_ms,
        public_url: "https://example.org".to_owned(),
    };
    let request = EnrolRequest {
        centre_url: "http://127.0.0.1:9".to_owned(),
        code: String::new(),
        operator_name: "کاربر نمونه".to_owned(),
        pin: PIN.to_owned(),
    };
    told(counter.enrol_with(&reply, &zeroize::Zeroizing::new(seed), &request)).map(drop)
}

fn reply(
    received: Head,
    feed: Vec<FeedEntry>,
    feed_hash: Option<[u8; 32]>,
    catalogue: Vec<CatalogueEntry>,
    at_ms: i64,
) -> ReplyEffects {
    ReplyEffects {
        epoch: EPOCH,
        received,
        safe_seq: received.seq,
        lease: None,
        anchor: None,
        feed,
        feed_hash,
        catalogue,
        wanted: Vec::new(),
        at_ms,
        clock_offset_ms: None,
    }
}
