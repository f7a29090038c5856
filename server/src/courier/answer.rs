//! The answer to a file: what the centre holds, and what is new for the office, sealed to its
//! device and signed.

use pishkhan_domain::content_hash::ContentHash;
use pishkhan_protocol::courier::{
    Arrived, Content, Cover, Direction, FileWriter, MAX_ARRIVED, MAX_FILE_BYTES,
};
use pishkhan_protocol::dictionary;
use pishkhan_protocol::exchange::{ExchangeReply, MAX_WANTED, Verdict};

use super::TakeError;
use super::work::Work;
use crate::centre::Centre;
use crate::exchange::{Wishes, bare_reply, bring_down, wanted};
use crate::secret;
use crate::storage::{StorageError, Unit, courier, devices, documents, identity};

/// Most files named in an answer.
const FILES_NAMED: u32 = 1_000;
/// Most pages of feed and catalogue in one answer; the next one goes on.
const MOST_PAGES: usize = 500;
/// Without differences: the office may have begun its catalogue anew since.
const WISHES: Wishes = Wishes { protocol: 1, most_bytes: None, dictionary: dictionary::NONE };

/// Writes it, from one view of the database.
pub(super) async fn write(centre: &Centre, work: &Work) -> Result<Vec<u8>, TakeError> {
    let now = centre.now();
    let mut unit = centre.storage.read().await?;
    let cover = Cover {
        direction: Direction::ToOffice,
        device: work.device.number,
        number: work.cover.number,
        made_at_ms: now,
        id: secret::random()?,
        certificate: None,
    };
    let secret = &work.device.secret;
    let mut file =
        FileWriter::begin(Vec::new(), &cover, &centre.key, secret).map_err(TakeError::Disk)?;
    let mut parts: Vec<Content> = Vec::new();
    for reply in replies(centre, unit.as_mut(), work, now).await? {
        parts.push(Content::Reply(Box::new(reply)));
    }
    parts.extend(arrived(unit.as_mut(), work).await?.into_iter().map(Content::Arrived));
    for part in &parts {
        file.add(part, MAX_FILE_BYTES).map_err(TakeError::Disk)?;
    }
    Ok(file.end().map_err(TakeError::Disk)?.0)
}

/// Pages, each of which goes on where the one before ended.
async fn replies(
    centre: &Centre,
    unit: &mut dyn Unit,
    work: &Work,
    now: i64,
) -> Result<Vec<ExchangeReply>, StorageError> {
    let office = &work.device.office;
    let device = devices::find(unit, office, work.device.number).await?;
    let device = device.ok_or(StorageError::Unreadable("device"))?;
    let identity = identity::find(unit).await?.ok_or(StorageError::Unreadable("centre"))?;
    let epoch = identity.epoch;
    let revoked = device.revoked_at.is_some();
    let verdict = if revoked { Verdict::Revoked } else { work.verdict };
    let page = bare_reply(centre, &device, &identity, verdict, now);
    if revoked {
        return Ok(vec![page]);
    }
    // Cursors of another epoch count what this one may have lost: begin again.
    let mut cursors = match work.cursors.epoch {
        Some(known) if known != epoch => (0, 0),
        _ => (work.cursors.feed, work.cursors.catalogue),
    };
    let mut pages: Vec<ExchangeReply> = Vec::new();
    loop {
        let mut next = page.clone();
        bring_down(unit, office, cursors, &WISHES, &mut next).await?;
        cursors.0 = next.feed.last().map_or(cursors.0, |entry| entry.number);
        cursors.1 = next.catalogue.last().map_or(cursors.1, |entry| entry.number);
        let more = next.more;
        if pages.is_empty() {
            let names = wanted(unit, office, MAX_WANTED).await?;
            next.wanted = (!names.is_empty()).then_some(names);
        }
        pages.push(next);
        if !more || pages.len() == MOST_PAGES {
            return Ok(pages);
        }
    }
}

async fn arrived(unit: &mut dyn Unit, work: &Work) -> Result<Vec<Arrived>, StorageError> {
    let (office, number) = (&work.device.office, work.device.number);
    let mut whole: Vec<ContentHash> = Vec::new();
    for hash in &work.papers {
        let stored = documents::find(unit, office, *hash).await?;
        if stored.is_some_and(|stored| stored.received_at.is_some()) {
            whole.push(*hash);
        }
    }
    let files = courier::arrived(unit, office, number, FILES_NAMED).await?;
    let mut lists = vec![Arrived { files, documents: Vec::new() }];
    let documents = whole.chunks(MAX_ARRIVED);
    lists.extend(documents.map(|some| Arrived { files: Vec::new(), documents: some.to_vec() }));
    Ok(lists)
}
