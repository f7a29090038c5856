//! What comes down with a reply: feed and catalogue from the device's cursors on, and which documents
//! are wanted again, as much of them as the device's line carries in one piece.

use pishkhan_domain::content_hash::ContentHash;
use pishkhan_domain::ids::OfficeCode;
use pishkhan_protocol::delta;
use pishkhan_protocol::exchange::{CatalogueEntry, ExchangeReply, MAX_WANTED};
use pishkhan_protocol::packing::pack;

use crate::secret;
use crate::storage::publications::{self, StoredPublication};
use crate::storage::{StorageError, Unit, documents, feed};

/// Most items of the feed in one reply.
const FEED_PAGE: u32 = 2_000;
/// The same of protocol 1.
const FEED_PAGE_1: u32 = 200;
/// Most publications in one reply.
const CATALOGUE_PAGE: u32 = 50;
/// Most bytes of each of them, if there is more than one.
const MOST_BYTES: usize = 2 * 1024 * 1024;
/// What a reply has beside feed and catalogue, as sent, generously.
const BESIDE_BYTES: usize = 320;
/// What the name of a document takes, which nothing makes smaller.
const NAME_BYTES: usize = 34;
/// Of a small reply, such a part is for the names of documents: one of so many.
const SHARE_OF_NAMES: usize = 4;
/// What a number and the length of an item take.
const FRAME_BYTES: usize = 8;

/// How a device wants its reply.
pub(crate) struct Wishes {
    /// Its protocol.
    pub(crate) protocol: u16,
    /// Most bytes of a reply as sent.
    pub(crate) most_bytes: Option<u32>,
    /// Highest dictionary that both sides read.
    pub(crate) dictionary: u16,
}

/// Puts what is new after the cursors of feed and catalogue into a reply.
pub(crate) async fn bring_down(
    unit: &mut dyn Unit,
    office: &OfficeCode,
    (cursor, catalogue_cursor): (u64, u64),
    wishes: &Wishes,
    reply: &mut ExchangeReply,
) -> Result<(), StorageError> {
    let page = if wishes.protocol > 1 { FEED_PAGE } else { FEED_PAGE_1 };
    let mut items = feed::after(unit, office, cursor, page + 1).await?;
    let found = publications::after(unit, catalogue_cursor, CATALOGUE_PAGE + 1).await?;
    let fit = how_many(items.iter().map(|(entry, _)| entry.item.len()), page as usize);
    reply.more = fit < items.len();
    items.truncate(fit);
    let fit = how_many(found.iter().map(|one| one.bytes.len()), CATALOGUE_PAGE as usize);
    reply.more |= fit < found.len();
    let mut catalogue = Vec::with_capacity(fit);
    for publication in found.into_iter().take(fit) {
        catalogue.push(catalogue_entry(unit, publication, wishes).await?);
    }
    reply.wanted = None;
    if wishes.protocol > 1 {
        let room = |most: u32| most as usize / SHARE_OF_NAMES / NAME_BYTES;
        let most = wishes.most_bytes.map_or(MAX_WANTED, room).clamp(1, MAX_WANTED);
        let names = wanted(unit, office, most).await?;
        reply.wanted = (!names.is_empty()).then_some(names);
    }
    if let Some(most) = wishes.most_bytes {
        let names = reply.wanted.as_ref().map_or(0, Vec::len) * NAME_BYTES;
        let feed = items.iter().map(|(entry, _)| entry.item.clone());
        let publications = catalogue.iter().map(flat);
        let parts: Vec<Vec<u8>> = feed.chain(publications).collect();
        let fit =
            how_many_as_sent(&parts, (most as usize).saturating_sub(names), wishes.dictionary);
        reply.more |= fit < parts.len();
        catalogue.truncate(fit.saturating_sub(items.len()));
        items.truncate(fit);
    }
    reply.feed_hash = match items.last() {
        Some((_, hash)) => *hash,
        None => feed::hash_at(unit, office, cursor).await?,
    };
    reply.feed = items.into_iter().map(|(entry, _)| entry).collect();
    reply.catalogue = catalogue;
    Ok(())
}

/// Documents of an office that the centre had and has lost, at most so many. Where there are more,
/// any of them: those that no device has any more must not keep the others back.
pub(crate) async fn wanted(
    unit: &mut dyn Unit,
    office: &OfficeCode,
    most: usize,
) -> Result<Vec<ContentHash>, StorageError> {
    let limit = u32::try_from(most + 1).unwrap_or(u32::MAX);
    let mut names = documents::lost(unit, office, None, limit).await?;
    if names.len() > most {
        let from = ContentHash(secret::random().unwrap_or_default());
        let mut later = documents::lost(unit, office, Some(from), limit).await?;
        names.retain(|name| name.0 < from.0);
        later.append(&mut names);
        names = later;
        names.truncate(most);
    }
    Ok(names)
}

/// A publication as it goes to a device that has all publications before it, or gets them first:
/// as a difference to the one that it replaces, where that is smaller.
async fn catalogue_entry(
    unit: &mut dyn Unit,
    publication: StoredPublication,
    wishes: &Wishes,
) -> Result<CatalogueEntry, StorageError> {
    let mut entry = CatalogueEntry::from(&publication);
    if wishes.protocol > 1
        && let Some(before) = publications::before(unit, &publication).await?
        && let Some(frame) = delta::encode(&publication.bytes, &before)
        && frame.len() + size_of::<ContentHash>()
            < compressed(&publication.bytes, wishes.dictionary)
    {
        entry.base = Some(ContentHash::of(&before));
        entry.bytes = frame;
    }
    Ok(entry)
}

fn compressed(bytes: &[u8], dictionary: u16) -> usize {
    pack(bytes, dictionary).payload.len()
}

fn flat(entry: &CatalogueEntry) -> Vec<u8> {
    let base = entry.base.map(|hash| hash.0).unwrap_or_default();
    [&entry.bytes[..], &entry.signature.0, &base].concat()
}

/// How many from the first on, at most `page` and [`MOST_BYTES`], and at least one.
fn how_many(sizes: impl Iterator<Item = usize>, page: usize) -> usize {
    let mut bytes = 0;
    sizes
        .take(page)
        .enumerate()
        .take_while(|(index, size)| {
            bytes += size;
            *index == 0 || bytes <= MOST_BYTES
        })
        .count()
}

/// How many from the first on, compressed together, stay within `most` bytes; at least one.
fn how_many_as_sent(parts: &[Vec<u8>], most: usize, number: u16) -> usize {
    let fits = |count: usize| {
        let joined = parts.get(..count).unwrap_or_default().concat();
        compressed(&joined, number) + FRAME_BYTES * count + BESIDE_BYTES <= most
    };
    if fits(parts.len()) {
        return parts.len();
    }
    let (mut least, mut beyond) = (1, parts.len());
    while least + 1 < beyond {
        let middle = usize::midpoint(least, beyond);
        if fits(middle) { least = middle } else { beyond = middle }
    }
    least.min(parts.len())
}
