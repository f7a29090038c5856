//! Stories of the whole store: what it promises, and somebody who tries to break it.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod backups;
mod day_roots;
mod differences;
mod documents;
mod drafts;
mod exchange;
mod log;
mod opening;
mod privacy;
mod projections;
mod searching;

use pishkhan_domain::ids::{ApplicationId, EventId};
use pishkhan_protocol::body::EventBody;
use pishkhan_protocol::event::{Event, Hash};
use pishkhan_protocol::exchange::FeedEntry;
use pishkhan_protocol::feed::{FeedBody, FeedItem, feed_hash};
use pishkhan_protocol::head::Head;
use tempfile::TempDir;

use crate::sample::{EPOCH, NOW, OPERATOR, data_key, identity, record};
use crate::{ReplyEffects, Store};

/// A fresh office.
fn office() -> (TempDir, Store) {
    let dir = tempfile::tempdir().unwrap();
    let store = Store::create(dir.path(), &data_key(), &identity()).unwrap();
    (dir, store)
}

fn append(store: &mut Store, body: EventBody) -> Event {
    store.append(OPERATOR, NOW, vec![body], &[]).unwrap().remove(0)
}

/// Records an application of `national_id`.
fn record_one(store: &mut Store, national_id: &str) -> ApplicationId {
    ApplicationId::from(append(store, record(national_id)).rest.id)
}

fn head_of(event: &Event) -> Head {
    Head { seq: event.core.seq, hash: event.hash() }
}

/// The centre's side of the feed, as a test plays it.
#[derive(Clone)]
struct Feed {
    entries: Vec<FeedEntry>,
    hashes: Vec<Hash>,
}

impl Feed {
    fn new() -> Self {
        Self { entries: Vec::new(), hashes: vec![[0; 32]] }
    }

    /// An act done when the centre had the first entry and no other.
    fn push(&mut self, body: FeedBody) {
        self.push_after(1, body);
    }

    /// An act done when `after_seq` was the last entry about its application that the centre had.
    fn push_after(&mut self, after_seq: u64, body: FeedBody) {
        let number = self.entries.len() as u64 + 1;
        // An act keeps its id, whichever number it gets.
        let id = EventId(uuid::Uuid::now_v7());
        let at_ms = NOW + i64::try_from(number).unwrap();
        let after_seq = match &body {
            FeedBody::EntryParked(parked) => parked.seq,
            FeedBody::Notice(_) | FeedBody::DayRoot(_) => 0,
            _ => after_seq,
        };
        let item =
            FeedItem { id, at_ms, by: "کارشناس نمونه".to_owned(), body, after_seq };
        self.push_bytes(item.to_bytes());
    }

    fn push_bytes(&mut self, item: Vec<u8>) {
        let number = self.entries.len() as u64 + 1;
        let hash = feed_hash(self.hashes.last().unwrap(), number, &item);
        self.entries.push(FeedEntry { number, item });
        self.hashes.push(hash);
    }

    fn after(&self, cursor: u64) -> (Vec<FeedEntry>, Hash) {
        let from = usize::try_from(cursor).unwrap().min(self.entries.len());
        (self.entries[from..].to_vec(), *self.hashes.last().unwrap())
    }
}

/// A reply that acknowledges `received` and brings what is new of `feed`.
fn reply(store: &Store, received: Head, feed: &Feed) -> ReplyEffects {
    let (feed, feed_hash) = feed.after(store.sync_state().unwrap().feed_cursor);
    ReplyEffects {
        epoch: EPOCH,
        received,
        safe_seq: 0,
        lease: None,
        anchor: None,
        feed,
        feed_hash: Some(feed_hash),
        catalogue: Vec::new(),
        wanted: Vec::new(),
        at_ms: NOW + 1_000,
        clock_offset_ms: None,
    }
}
