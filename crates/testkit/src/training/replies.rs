//! Replies of the centre: acts of agencies, parked entries, notices, publications.

use std::collections::BTreeMap;
use std::io;

use pishkhan_domain::application::Defect;
use pishkhan_domain::ids::{ApplicationId, DeviceNumber, EventId};
use pishkhan_domain::service_card::ServiceCard;
use pishkhan_protocol::exchange::{CatalogueEntry, FeedEntry, Verdict};
use pishkhan_protocol::feed::{
    Approved, EntryParked, FeedBody, FeedItem, Note, Notice, Refused, Returned,
};
use pishkhan_protocol::keys::SignatureBytes;
use pishkhan_protocol::short::ShortReply;
use uuid::Uuid;

use super::{START_MS, publications, sentences};
use crate::catalogue;
use crate::random::Random;

const WORDS: [&str; 8] = [
    "",
    "",
    "مدارک کامل است.",
    "نتیجه آماده است؛ متقاضی با اصل شناسنامه به دفتر پیشخوان مراجعه کند.",
    "شناسنامه آماده است.",
    "پرونده برای بازدید به کارشناس فرستاده شد.",
    "لطفاً پس از رفع نقص دوباره بفرستید.",
    "با متقاضی تماس گرفته می‌شود.",
];
const DEFECTS: [&str; 6] = [
    "تصویر خوانا نیست.",
    "نام پدر با شناسنامه نمی‌خواند.",
    "صفحه دوم مدرک پیوست نشده است.",
    "تاریخ درست نیست.",
    "نشانی کامل نیست.",
    "این مدرک به نام شخص دیگری است.",
];

/// Replies with little and with much in them, and each publication twice: alone and in a reply.
pub(super) fn messages() -> io::Result<Vec<Vec<u8>>> {
    let mut random = Random::new(super::SEED);
    let cards = catalogue::cards()?;
    let sentences = sentences()?;
    let mut messages = Vec::new();
    for size in [0, 1, 1, 2, 3, 5, 8, 20].into_iter().cycle().take(600) {
        let feed = (0..size).map(|number| FeedEntry {
            number: 500 + number,
            item: item(&mut random, &cards, &sentences).to_bytes(),
        });
        let feed = feed.collect();
        messages.push(reply(&mut random, Some(feed), None).to_bytes());
    }
    for (number, bytes) in (1..).zip(publications()?) {
        let signature = SignatureBytes([0; 64]);
        let entry = CatalogueEntry { number, bytes: bytes.clone(), signature, base: None };
        messages.push(reply(&mut random, None, Some(vec![entry])).to_bytes());
        messages.push(bytes);
    }
    Ok(messages)
}

fn reply(
    random: &mut Random,
    feed: Option<Vec<FeedEntry>>,
    catalogue: Option<Vec<CatalogueEntry>>,
) -> ShortReply {
    ShortReply {
        verdict: Verdict::Ok,
        received_seq: 1_000 + random.below(9_000),
        lease: *uuid(random).as_bytes(),
        unsafe_entries: 0,
        feed,
        catalogue,
        more: None,
        anchor: None,
        upload_token: None,
        retry_after_s: None,
        wanted: None,
    }
}

fn item(random: &mut Random, cards: &[ServiceCard], sentences: &[String]) -> FeedItem {
    let card = random.pick(cards).clone();
    let application = ApplicationId::from(EventId(uuid(random)));
    let note = (*random.pick(&WORDS)).to_owned();
    let mut by = format!("کارشناس {}", card.agency.title.fa);
    let body = match random.below(12) {
        0..4 => FeedBody::Accepted(application),
        4..6 => {
            let defects = (0..=random.below(2)).map(|_| defect(random, &card)).collect();
            FeedBody::Returned(Returned { application, defects, note })
        }
        6..9 => FeedBody::Approved(Approved { application, note, letter: None }),
        9 => {
            let reason = random.pick(&card.refusal_reasons).code.clone();
            FeedBody::Refused(Refused { application, reason_code: reason, note })
        }
        10 => FeedBody::Note(Note { application, text: (*random.pick(&WORDS[2..])).to_owned() }),
        _ => {
            by = String::new();
            from_the_centre(random, &card, sentences)
        }
    };
    FeedItem {
        id: EventId(uuid(random)),
        at_ms: START_MS + random.between(0, 15_000_000_000),
        by,
        body,
        after_seq: random.below(10_000),
    }
}

fn from_the_centre(random: &mut Random, card: &ServiceCard, sentences: &[String]) -> FeedBody {
    if random.percent(50) {
        let (title, text) = ("اطلاعیه مرکز".to_owned(), random.pick(sentences).clone());
        return FeedBody::Notice(Notice { title, text });
    }
    FeedBody::EntryParked(EntryParked {
        device: DeviceNumber(10_000 + u32::try_from(random.below(900)).unwrap_or(0)),
        seq: random.below(10_000),
        field: defect(random, card).field,
        code: "field.required".to_owned(),
        params: BTreeMap::new(),
    })
}

fn defect(random: &mut Random, card: &ServiceCard) -> Defect {
    let fields = card.fields.iter().map(|field| format!("form.{}", field.key));
    let papers = card.documents.iter().map(|paper| format!("documents.{}", paper.code));
    let applicant = ["applicant.father_name".to_owned(), "applicant.mobile".to_owned()];
    let paths: Vec<String> = fields.chain(papers).chain(applicant).collect();
    Defect { field: random.pick(&paths).clone(), reason: (*random.pick(&DEFECTS)).to_owned() }
}

fn uuid(random: &mut Random) -> Uuid {
    Uuid::from_u128((u128::from(random.next()) << 64) | u128::from(random.next()))
}
