//! What the dictionaries of `crates/protocol` are trained from: entries as offices write them, and
//! messages as centre and office send them.
//!
//! Invariant: the same catalogue gives the same training; no test or bench uses its seeds.

mod replies;

use std::{fs, io};

use pishkhan_domain::catalogue::Publication;
use pishkhan_domain::ids::{ApplicationId, EventId};
use pishkhan_protocol::body::{
    ApplicationDelivered, ApplicationRecorded, ApplicationResubmitted, ApplicationWithdrawn,
    EventBody, NoteAdded, OperatorEnrolled, ReceiptPrinted,
};
use pishkhan_protocol::chain::Entry;
use pishkhan_protocol::derive::DeviceSecret;
use pishkhan_protocol::rows;

use crate::catalogue;
use crate::filing::Filing;
use crate::random::Random;

/// 21 March 2026, 8:00 in Tehran.
const START_MS: i64 = 1_774_067_400_000;
const SEED: u64 = 0x7ea1;
const APPLICATIONS: usize = 700;

const REASONS: [&str; 6] = [
    "انصراف متقاضی",
    "متقاضی مدارک را در شهر تحویل داد.",
    "درخواست تکراری بود.",
    "به درخواست متقاضی",
    "مدرک خواسته‌شده پیوست شد.",
    "نشانی اصلاح شد.",
];

/// A log of some months: most entries are applications with their receipts.
///
/// # Errors
/// When the catalogue cannot be read.
pub fn entries() -> io::Result<Vec<Entry>> {
    log(SEED, APPLICATIONS, 3)
}

/// Messages both ways, and publications.
///
/// # Errors
/// When the catalogue cannot be read.
pub fn messages() -> io::Result<Vec<Vec<u8>>> {
    let mut messages = replies::messages()?;
    let log = log(SEED + 1, 300, 0)?;
    messages.extend(log.chunks(4).map(rows::encode));
    Ok(messages)
}

/// Publications of the catalogue as they are sent, cards and calendar.
fn publications() -> io::Result<Vec<Vec<u8>>> {
    let cards = catalogue::cards()?.into_iter().map(Box::new).map(Publication::ServiceCard);
    let calendar = Publication::WorkingCalendar(catalogue::calendar()?);
    let all = cards.chain([calendar]);
    all.map(|publication| publication.to_bytes().map_err(io::Error::other)).collect()
}

/// Every `copies`-th application has its papers copied; none if 0.
fn log(seed: u64, applications: usize, copies: usize) -> io::Result<Vec<Entry>> {
    let none = || io::Error::other("no sample can be made for these cards");
    let mut filings = [Filing::new(seed, START_MS, false)?, Filing::new(seed + 7, START_MS, true)?];
    let secret = DeviceSecret([0; 32]);
    let mut random = Random::new(seed);
    let operator = filings[0].operator();
    let enrolled = OperatorEnrolled { operator, name: "کاربر نمونه".to_owned() };
    let mut entries = vec![filings[0].entry(&EventBody::OperatorEnrolled(enrolled))];
    for number in 0..applications {
        let copied = copies != 0 && number % copies == 0;
        let [seen, scanned] = &mut filings;
        let body = if copied { scanned.application() } else { seen.application() };
        let entry = seen.entry(&body.ok_or_else(none)?);
        let id = secret.event_id(entries.len() as u64 + 1, entry.device_time_ms).into();
        let body = entry.body.clone();
        entries.push(entry);
        for body in afterwards(&mut random, id, &body) {
            entries.push(seen.entry(&body));
        }
    }
    Ok(entries)
}

/// What else happens to an application at the office.
fn afterwards(random: &mut Random, application: ApplicationId, body: &[u8]) -> Vec<EventBody> {
    let mut bodies = Vec::new();
    if random.percent(35) {
        bodies.push(EventBody::ReceiptPrinted(ReceiptPrinted { application, copy: 1 }));
    }
    if random.percent(3) {
        bodies.push(EventBody::ReceiptPrinted(ReceiptPrinted { application, copy: 2 }));
    }
    let before = ApplicationId::from(EventId(uuid::Uuid::from_u128(
        u128::from(random.next()) << 64 | u128::from(random.next()),
    )));
    let reason = (*random.pick(&REASONS)).to_owned();
    let Ok(EventBody::ApplicationRecorded(recorded)) = EventBody::from_bytes(body) else {
        return bodies;
    };
    let ApplicationRecorded { applicant, form, documents, .. } = *recorded;
    match random.below(100) {
        0..2 => bodies.push(EventBody::ApplicationWithdrawn(ApplicationWithdrawn {
            application: before,
            reason,
        })),
        2..4 => {
            bodies.push(EventBody::NoteAdded(NoteAdded { application: before, text: reason }));
        }
        4..8 => bodies.push(EventBody::ApplicationDelivered(ApplicationDelivered {
            application: before,
            recipient: applicant.full_name(),
        })),
        8..11 => {
            bodies.push(EventBody::ApplicationResubmitted(Box::new(ApplicationResubmitted {
                application: before,
                applicant,
                form,
                documents,
                note: reason,
            })));
        }
        _ => {}
    }
    bodies
}

/// Sentences of the interface, as they may come down in notices.
fn sentences() -> io::Result<Vec<String>> {
    let text = fs::read(catalogue::folder().join("sentences.fa.json"))?;
    let sentences: std::collections::BTreeMap<String, String> = serde_json::from_slice(&text)?;
    Ok(sentences.into_values().collect())
}
