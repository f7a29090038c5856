//! Samples as an office's log holds them: checked and filed the way the counter does it, one after
//! the other on a device's clock. For measuring what travels, and for training the dictionary.

use std::io;

use jiff::civil::Date;
use pishkhan_domain::applicant::ApplicantEntry;
use pishkhan_domain::application::{AttachedDocument, Evidence};
use pishkhan_domain::catalogue::{Publication, PublishedCard};
use pishkhan_domain::content_hash::ContentHash;
use pishkhan_domain::entry::{TypedApplication, check_application};
use pishkhan_domain::form::FormEntry;
use pishkhan_domain::ids::{OperatorId, ProvisionalKey};
use pishkhan_domain::jalali::tehran_date;
use pishkhan_domain::working_days::{WorkingCalendar, add_working_days};
use pishkhan_protocol::anchor::Anchor;
use pishkhan_protocol::body::{ApplicationRecorded, EventBody};
use pishkhan_protocol::chain::Entry;
use serde_json::Value;
use uuid::Builder;

use crate::catalogue;
use crate::random::Random;
use crate::samples::Sampler;

/// Files samples.
pub struct Filing {
    sampler: Sampler,
    cards: Vec<PublishedCard>,
    calendar: WorkingCalendar,
    random: Random,
    now_ms: i64,
    operator: OperatorId,
    anchor: Option<Anchor>,
    /// One for all copies, in place of another one for each.
    scan: Option<Evidence>,
}

impl Filing {
    /// Of the repository's catalogue. The same seed gives the same entries. With scans, each copy is
    /// another one.
    ///
    /// # Errors
    /// When the catalogue cannot be read.
    pub fn new(seed: u64, start_ms: i64, scans: bool) -> io::Result<Self> {
        let mut random = Random::new(seed ^ 0x5eed);
        let mut sampler = Sampler::new(catalogue::cards()?, tehran_date(start_ms), seed);
        if scans {
            sampler = sampler.with_scan(scan(&mut random));
        }
        let cards = catalogue::cards()?.into_iter().map(|card| {
            let publication = Publication::ServiceCard(Box::new(card));
            let published = publication.to_bytes().and_then(|it| PublishedCard::from_bytes(&it));
            published.map_err(io::Error::other)
        });
        let cards = cards.collect::<io::Result<_>>()?;
        let calendar = catalogue::calendar()?;
        let operator = OperatorId(uuid_at(&mut random, start_ms));
        Ok(Self {
            sampler,
            cards,
            calendar,
            random,
            now_ms: start_ms,
            operator,
            anchor: None,
            scan: None,
        })
    }

    /// From now on entries name this anchor.
    pub fn anchored(&mut self, anchor: Anchor) {
        self.anchor = Some(anchor);
    }

    /// Every copy is this one, which a store has already.
    #[must_use]
    pub fn with_scan(mut self, scan: Evidence) -> Self {
        self.sampler = self.sampler.with_scan(scan.clone());
        self.scan = Some(scan);
        self
    }

    /// From now on it is this time.
    pub fn at(&mut self, now_ms: i64) {
        self.now_ms = now_ms;
    }

    /// The next application as the log holds it, some minutes after the one before; none when no
    /// sample can be made.
    pub fn recorded(&mut self) -> Option<Entry> {
        let body = self.application()?;
        Some(self.entry(&body))
    }

    /// The body of the next application; none when no sample can be made.
    pub fn application(&mut self) -> Option<EventBody> {
        let typed = self.sampler.good()?;
        Some(EventBody::ApplicationRecorded(Box::new(self.file(&typed)?)))
    }

    /// Who files.
    #[must_use]
    pub fn operator(&self) -> OperatorId {
        self.operator
    }

    /// The next entry with this body, some minutes after the one before.
    pub fn entry(&mut self, body: &EventBody) -> Entry {
        self.now_ms += self.random.between(20_000, 600_000);
        let (kind, anchor, operator) = (body.kind(), self.anchor, self.operator);
        Entry { kind, device_time_ms: self.now_ms, anchor, operator, body: body.to_bytes() }
    }

    fn file(&mut self, typed: &Value) -> Option<ApplicationRecorded> {
        let published = self
            .cards
            .iter()
            .find(|published| typed["service"] == published.card.code.0.as_str())?;
        let applicant: ApplicantEntry = serde_json::from_value(typed["applicant"].clone()).ok()?;
        let form: FormEntry = serde_json::from_value(typed["form"].clone()).ok()?;
        let mut documents: Vec<AttachedDocument> =
            serde_json::from_value(typed["documents"].clone()).ok()?;
        for document in &mut documents {
            if matches!(document.evidence, Evidence::Copy { .. }) {
                let same = self.scan.clone();
                document.evidence = same.unwrap_or_else(|| scan(&mut self.random));
            }
        }
        let today: Date = tehran_date(self.now_ms);
        let key = ProvisionalKey(uuid_at(&mut self.random, self.now_ms));
        let typed = TypedApplication {
            applicant: &applicant,
            form: &form,
            documents: &documents,
            consent: true,
        };
        let checked = check_application(typed, &published.card, today, key).ok()?;
        let due = add_working_days(today, published.card.deadline_working_days, &self.calendar);
        Some(ApplicationRecorded {
            service: published.card.code.clone(),
            card_version: published.version,
            applicant: checked.applicant,
            form: checked.form,
            documents: checked.documents,
            fee_rial: published.card.fee.rial,
            due_on: due.on.to_string(),
            consent: true,
            code_attempt: 0,
        })
    }
}

fn uuid_at(random: &mut Random, at_ms: i64) -> uuid::Uuid {
    let mut bytes = [0; 10];
    bytes.copy_from_slice(
        &[random.next().to_be_bytes(), random.next().to_be_bytes()].concat()[..10],
    );
    Builder::from_unix_timestamp_millis(at_ms.unsigned_abs(), &bytes).into_uuid()
}

fn scan(random: &mut Random) -> Evidence {
    let hash = ContentHash::of(&random.next().to_be_bytes());
    let size_bytes = u32::try_from(random.between(40_000, 180_000)).unwrap_or_default();
    Evidence::Copy { hash, size_bytes, media_type: "image/jpeg".to_owned() }
}
