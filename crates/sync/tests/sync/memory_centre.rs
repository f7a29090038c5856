//! A centre in memory, made of the protocol's own judgement of a push.

use std::collections::BTreeMap;

use pishkhan_domain::content_hash::ContentHash;
use pishkhan_domain::ids::EventId;
use pishkhan_protocol::derive::anchor;
use pishkhan_protocol::envelope::Envelope;
use pishkhan_protocol::error::ProtocolError;
use pishkhan_protocol::event::{Event, Hash};
use pishkhan_protocol::exchange::{
    Batch, ExchangeReply, ExchangeRequest, FeedEntry, PROTOCOL, Verdict,
};
use pishkhan_protocol::feed::{FeedBody, FeedItem, Notice, feed_hash};
use pishkhan_protocol::head::Head;
use pishkhan_protocol::ingest::{AppendPlan, plan_append, verify_batch};
use pishkhan_protocol::keys::{Purpose, SecretKey};

use crate::memory_office::{DEVICE, FIRST_EPOCH, centre_key, device_key, device_secret};

/// Items of the feed in one reply.
const FEED_PAGE: usize = 3;

#[derive(Clone)]
pub struct MemoryCentre {
    /// Durable: what a backup holds.
    pub stored: Stored,
    pub epoch: [u8; 16],
    pub revoked: bool,
    /// Histories that contradicted the stored one.
    pub forks: u32,
    pub stale_leases: u32,
    pub exchanges: u32,
    pub retry_after_s: Option<u32>,
    pub verdict: Option<Verdict>,
    /// Bytes of documents as they arrived.
    pub papers: BTreeMap<ContentHash, Vec<u8>>,
    pub signing: [u8; 32],
}

#[derive(Clone, Default)]
pub struct Stored {
    pub log: Vec<Event>,
    pub feed: Vec<Vec<u8>>,
    leases: u64,
    lease: Option<[u8; 16]>,
    lease_before: Option<[u8; 16]>,
    /// Has the device shown a lease of this epoch?
    lease_shown: bool,
}

impl MemoryCentre {
    pub fn new() -> Self {
        Self {
            stored: Stored::default(),
            epoch: FIRST_EPOCH,
            revoked: false,
            forks: 0,
            stale_leases: 0,
            exchanges: 0,
            retry_after_s: None,
            verdict: None,
            papers: BTreeMap::new(),
            signing: *centre_key().seed(),
        }
    }

    /// An agency acts.
    pub fn tell(&mut self, text: &str) {
        let number = self.stored.feed.len() as u128;
        let notice =
            Notice { title: "اطلاعیهٔ نمونه".to_owned(), text: text.to_owned() };
        let item = FeedItem {
            id: EventId::from_bytes(number.to_be_bytes()),
            at_ms: 0,
            by: String::new(),
            body: FeedBody::Notice(notice),
            after_seq: 0,
        };
        self.stored.feed.push(item.to_bytes());
    }

    /// Puts an old backup in place of what is stored.
    pub fn restore(&mut self, backup: Stored, epoch: [u8; 16]) {
        let (log, feed) = (backup.log, backup.feed);
        self.stored = Stored { log, feed, leases: backup.leases, ..Stored::default() };
        self.epoch = epoch;
    }

    pub fn head(&self) -> Head {
        let head = |last: &Event| Head { seq: last.core.seq, hash: last.hash() };
        self.stored.log.last().map_or(Head::EMPTY, head)
    }

    pub fn exchange(&mut self, bytes: &[u8], now_ms: i64) -> Result<Vec<u8>, ProtocolError> {
        let envelope = Envelope::from_bytes(bytes)?;
        let message = envelope.open(Purpose::Request, &device_key().public())?;
        let request = ExchangeRequest::from_bytes(&message)?;
        self.exchanges += 1;
        let fresh = self.lease_holds(&request);
        let pushed = request.batch.as_ref().map_or(Verdict::Ok, |batch| self.push(batch));
        let verdict = match self.verdict {
            Some(ordered) => ordered,
            None if self.revoked => Verdict::Revoked,
            None if !fresh => Verdict::StaleLease,
            None => pushed,
        };
        let quiet = matches!(verdict, Verdict::Revoked | Verdict::StaleLease | Verdict::Fork);
        let cursor = usize::try_from(request.feed_cursor).unwrap().min(self.stored.feed.len());
        let until = if quiet { cursor } else { self.stored.feed.len().min(cursor + FEED_PAGE) };
        let feed = (cursor..until)
            .map(|index| FeedEntry {
                number: index as u64 + 1,
                item: self.stored.feed[index].clone(),
            })
            .collect();
        let reply = ExchangeReply {
            protocol: PROTOCOL,
            device: DEVICE,
            epoch: self.epoch,
            verdict,
            received: self.head(),
            safe_seq: 0,
            anchor: anchor(&[8; 32], DEVICE, now_ms),
            lease: self.stored.lease.unwrap_or_default(),
            feed,
            feed_hash: self.feed_hash(until),
            catalogue: Vec::new(),
            more: !quiet && until < self.stored.feed.len(),
            upload_token: (!quiet).then(|| "token".to_owned()),
            retry_after_s: self.retry_after_s,
            dictionary: None,
        };
        let key = SecretKey::from_seed(&self.signing);
        Ok(Envelope::seal(Purpose::Reply, DEVICE, &reply.to_bytes(), &key).to_bytes())
    }

    fn lease_holds(&mut self, request: &ExchangeRequest) -> bool {
        let presented = request.lease.filter(|_| request.epoch == Some(self.epoch));
        let stored = &mut self.stored;
        match presented {
            // A first contact, or one whose reply was lost; but never a straggler of an epoch
            // before, once the device is known to have heard of this one.
            None if stored.lease_shown => {
                self.stale_leases += 1;
                return false;
            }
            None if stored.lease.is_some() => return true,
            None => {}
            Some(_) if presented == stored.lease_before => return true,
            Some(_) if presented == stored.lease => stored.lease_shown = true,
            Some(_) => {
                self.stale_leases += 1;
                return false;
            }
        }
        stored.leases += 1;
        let mut lease = self.epoch;
        lease[..8].copy_from_slice(&stored.leases.to_be_bytes());
        stored.lease_before = presented;
        stored.lease = Some(lease);
        true
    }

    fn push(&mut self, batch: &Batch) -> Verdict {
        let key = device_key().public();
        let verified = match verify_batch(DEVICE, &device_secret(), &key, batch) {
            Ok(verified) => verified,
            Err(ProtocolError::Unknown { .. }) => return Verdict::Unsupported,
            Err(_) => return Verdict::BadChain,
        };
        let log = &self.stored.log;
        let hash_at =
            |seq: u64| log.get(usize::try_from(seq).ok()?.checked_sub(1)?).map(Event::hash);
        match plan_append(&self.head(), &verified, hash_at) {
            AppendPlan::Append { from } => {
                self.stored.log.extend(verified.events.into_iter().skip(from));
                Verdict::Ok
            }
            AppendPlan::Gap => Verdict::Gap,
            AppendPlan::Fork => {
                self.forks += 1;
                Verdict::Fork
            }
        }
    }

    fn feed_hash(&self, until: usize) -> Hash {
        let items = self.stored.feed.iter().take(until).zip(1..);
        items.fold([0; 32], |hash, (item, number)| feed_hash(&hash, number, item))
    }
}
