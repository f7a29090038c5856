//! A centre in memory, made of the protocol's own judgement of a push.

use std::collections::BTreeMap;

use pishkhan_domain::content_hash::ContentHash;
use pishkhan_domain::ids::EventId;
use pishkhan_protocol::derive::anchor;
use pishkhan_protocol::dictionary;
use pishkhan_protocol::envelope::Envelope;
use pishkhan_protocol::error::ProtocolError;
use pishkhan_protocol::event::{Event, Hash};
use pishkhan_protocol::exchange::{
    ExchangeReply, ExchangeRequest, FeedEntry, MAX_MESSAGE_BYTES, PROTOCOL, Verdict,
    code_of_request,
};
use pishkhan_protocol::feed::{FeedBody, FeedItem, Notice, feed_hash};
use pishkhan_protocol::head::Head;
use pishkhan_protocol::ingest::{
    AppendPlan, VerifiedBatch, plan_append, verify_batch, verify_short,
};
use pishkhan_protocol::keys::{Purpose, SecretKey};
use pishkhan_protocol::packing::{pack, unpack};
use pishkhan_protocol::rows::CODEC_ROWS;
use pishkhan_protocol::short::{
    Implied, SessionKey, ShortEnvelope, ShortReply, ShortRequest, WANTS_ANCHOR, WANTS_TOKEN,
};

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
    /// Documents that it asks for again.
    pub wanted: Vec<ContentHash>,
    pub signing: [u8; 32],
    /// Codec 1, no dictionary, no short form.
    pub protocol_1: bool,
    /// Exchanges in the short form.
    pub short: u32,
    /// It has forgotten the device.
    pub wants_certificate: bool,
}

/// What a device said, in whatever form.
struct Heard {
    epoch: Option<[u8; 16]>,
    lease: Option<[u8; 16]>,
    pushed: Option<Result<VerifiedBatch, Verdict>>,
    feed_cursor: u64,
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

type Leases = (u64, Option<[u8; 16]>, Option<[u8; 16]>, bool);

impl Stored {
    fn leases(&self) -> Leases {
        (self.leases, self.lease, self.lease_before, self.lease_shown)
    }

    fn set_leases(&mut self, leases: Leases) {
        (self.leases, self.lease, self.lease_before, self.lease_shown) = leases;
    }
}

impl MemoryCentre {
    fn counts(&self) -> (u32, u32, u32) {
        (self.forks, self.stale_leases, self.exchanges)
    }

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
            wanted: Vec::new(),
            signing: *centre_key().seed(),
            protocol_1: false,
            short: 0,
            wants_certificate: false,
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
        if self.protocol_1 && envelope.dictionary != dictionary::NONE {
            return Err(ProtocolError::Unknown { what: "dictionary", number: 1 });
        }
        let message = envelope.open(Purpose::Request, &device_key().public())?;
        let request = ExchangeRequest::from_bytes(&message)?;
        self.wants_certificate &= request.certificate.is_none();
        if self.wants_certificate {
            return Err(ProtocolError::BadSignature { what: "request of a known device" });
        }
        let pushed = request.batch.as_ref().map(|batch| {
            if self.protocol_1 && batch.codec != CODEC_ROWS {
                return Err(Verdict::Unsupported);
            }
            let verified = verify_batch(DEVICE, &device_secret(), &device_key().public(), batch);
            verified.map_err(|error| match error {
                ProtocolError::Unknown { .. } => Verdict::Unsupported,
                _ => Verdict::BadChain,
            })
        });
        let ExchangeRequest { epoch, lease, feed_cursor, .. } = request;
        let mut reply = self.answer(Heard { epoch, lease, pushed, feed_cursor }, now_ms);
        reply.answers = (!self.protocol_1).then(|| code_of_request(bytes));
        let key = SecretKey::from_seed(&self.signing);
        Ok(Envelope::seal(Purpose::Reply, DEVICE, &reply.to_bytes(), &key).to_bytes())
    }

    /// In the short form; none when it is to be said in the full one.
    pub fn short(&mut self, bytes: &[u8], now_ms: i64) -> Option<Vec<u8>> {
        if self.protocol_1 {
            return None;
        }
        let asked = ShortEnvelope::from_bytes(bytes).ok()?;
        let leases = [self.stored.lease, self.stored.lease_before];
        let (lease, key) = leases.into_iter().flatten().find_map(|lease| {
            let key = SessionKey::of(&device_secret(), &self.epoch, &lease);
            asked.check(&key.code_of_request(&asked)).is_ok().then_some((lease, key))
        })?;
        let message =
            unpack(asked.encoding, asked.dictionary, &asked.payload, MAX_MESSAGE_BYTES).ok()?;
        let request = ShortRequest::from_bytes(&message).ok()?;
        let pushed = match &request.batch {
            None => None,
            Some(batch) => {
                let at = usize::try_from(request.after_seq).unwrap();
                let before = match at.checked_sub(1) {
                    None => None,
                    Some(index) => Some(self.stored.log.get(index)?),
                };
                let head = |event: &Event| Head { seq: event.core.seq, hash: event.hash() };
                let after = before.map_or(Head::EMPTY, head);
                let (secret, public) = (device_secret(), device_key().public());
                Some(verify_short(DEVICE, &secret, &public, &after, before, batch).ok()?)
            }
        };
        let unchanged = (self.stored.log.len(), self.stored.leases(), self.counts());
        let heard = Heard {
            epoch: Some(self.epoch),
            lease: Some(lease),
            pushed: pushed.map(Ok),
            feed_cursor: request.feed_cursor,
        };
        let reply = self.answer(heard, now_ms);
        if reply.verdict != Verdict::Ok {
            let (length, leases, counts) = unchanged;
            self.stored.log.truncate(length);
            self.stored.set_leases(leases);
            (self.forks, self.stale_leases, self.exchanges) = counts;
            return None;
        }
        self.short += 1;
        let wanted = |what| request.wants & what != 0;
        let message = ShortReply {
            verdict: reply.verdict,
            received_seq: reply.received.seq,
            lease: reply.lease,
            unsafe_entries: reply.received.seq - reply.safe_seq,
            feed: Some(reply.feed),
            catalogue: None,
            more: Some(reply.more),
            anchor: wanted(WANTS_ANCHOR).then_some(reply.anchor),
            upload_token: reply.upload_token.filter(|_| wanted(WANTS_TOKEN)),
            retry_after_s: reply.retry_after_s,
            wanted: reply.wanted,
        };
        let packed = pack(&message.to_bytes(), asked.dictionary);
        let mut envelope = ShortEnvelope {
            device: DEVICE,
            encoding: packed.encoding,
            dictionary: packed.dictionary,
            payload: packed.payload,
            code: [0; 16],
        };
        envelope.code = key.code_of_reply(
            &envelope,
            &Implied {
                request: &asked.code,
                received_hash: &reply.received.hash,
                feed_hash: &reply.feed_hash,
            },
        );
        Some(envelope.to_bytes())
    }

    fn answer(&mut self, heard: Heard, now_ms: i64) -> ExchangeReply {
        self.exchanges += 1;
        let fresh = self.lease_holds(&heard);
        let pushed = match heard.pushed {
            None => Verdict::Ok,
            Some(Ok(batch)) => self.push(batch),
            Some(Err(verdict)) => verdict,
        };
        let verdict = match self.verdict {
            Some(ordered) => ordered,
            None if self.revoked => Verdict::Revoked,
            None if !fresh => Verdict::StaleLease,
            None => pushed,
        };
        let quiet = matches!(verdict, Verdict::Revoked | Verdict::StaleLease | Verdict::Fork);
        let cursor = usize::try_from(heard.feed_cursor).unwrap().min(self.stored.feed.len());
        let until = if quiet { cursor } else { self.stored.feed.len().min(cursor + FEED_PAGE) };
        let feed = (cursor..until)
            .map(|index| FeedEntry {
                number: index as u64 + 1,
                item: self.stored.feed[index].clone(),
            })
            .collect();
        ExchangeReply {
            protocol: if self.protocol_1 { 1 } else { PROTOCOL },
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
            dictionary: (!self.protocol_1).then_some(dictionary::NEWEST),
            answers: None,
            wanted: (!quiet).then(|| self.wanted.clone()),
        }
    }

    fn lease_holds(&mut self, heard: &Heard) -> bool {
        let presented = heard.lease.filter(|_| heard.epoch == Some(self.epoch));
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

    fn push(&mut self, verified: VerifiedBatch) -> Verdict {
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
