//! An office whose store is memory: what survives a crash is in here, and nothing else is.

use std::collections::BTreeMap;

use pishkhan_domain::content_hash::ContentHash;
use pishkhan_domain::ids::{ApplicationId, DeviceNumber, OfficeCode, OperatorId};
use pishkhan_protocol::body::{EventBody, NoteAdded};
use pishkhan_protocol::certificate::{Certificate, DeviceFacts};
use pishkhan_protocol::chain::{Entry, link};
use pishkhan_protocol::derive::DeviceSecret;
use pishkhan_protocol::event::Event;
use pishkhan_protocol::exchange::FeedEntry;
use pishkhan_protocol::feed::feed_hash;
use pishkhan_protocol::head::Head;
use pishkhan_protocol::keys::SecretKey;
use pishkhan_store::{
    Applied, CarriedReceipt, CourierFile, FeedTrouble, Identity, NotedCarried, ReplyEffects,
    StoreError, SyncState, Upload,
};
use pishkhan_sync::Office;
use pishkhan_sync::courier::CourierOffice;

pub const DEVICE: DeviceNumber = DeviceNumber(17);

#[derive(Clone)]
pub struct MemoryOffice {
    identity: Identity,
    pub log: Vec<Event>,
    pub state: SyncState,
    pub feed: Vec<FeedEntry>,
    pub papers: Vec<Paper>,
    pub feed_restarts: u32,
    pub courier_files: u64,
    /// Every write fails, as on a full disk.
    pub disk_full: bool,
}

#[derive(Clone)]
pub struct Paper {
    pub hash: ContentHash,
    pub bytes: Vec<u8>,
    pub named_at: u64,
    pub offset: u64,
    pub uploaded: bool,
}

pub fn centre_key() -> SecretKey {
    SecretKey::from_seed(&[1; 32])
}

pub fn device_key() -> SecretKey {
    SecretKey::from_seed(&[2; 32])
}

pub fn device_secret() -> DeviceSecret {
    DeviceSecret([3; 32])
}

pub const FIRST_EPOCH: [u8; 16] = [1; 16];

pub fn identity(centre_url: &str) -> Identity {
    let facts = DeviceFacts {
        device: DEVICE,
        office: OfficeCode("sample-0001".to_owned()),
        office_title: "دفتر نمونه".to_owned(),
        key: device_key().public(),
        enrolled_at_ms: 0,
    };
    Identity {
        device: DEVICE,
        office: facts.office.clone(),
        office_title: facts.office_title.clone(),
        district_title: "بخش نمونه".to_owned(),
        centre_url: centre_url.to_owned(),
        public_url: centre_url.to_owned(),
        certificate: Certificate::issue(&facts, &centre_key()),
        centre_key: centre_key().public(),
        key_seed: device_key().seed(),
        secret: device_secret(),
        epoch: FIRST_EPOCH,
    }
}

impl MemoryOffice {
    pub fn new(centre_url: &str) -> Self {
        let identity = identity(centre_url);
        let state = SyncState {
            acknowledged: Head::EMPTY,
            safe_seq: 0,
            epoch: FIRST_EPOCH,
            lease: None,
            anchor: None,
            feed_cursor: 0,
            feed_hash: [0; 32],
            catalogue_cursor: 0,
            last_contact_at: None,
            last_received_at: None,
            clock_offset_ms: None,
        };
        let (log, feed, papers) = (Vec::new(), Vec::new(), Vec::new());
        Self {
            identity,
            log,
            state,
            feed,
            papers,
            feed_restarts: 0,
            courier_files: 0,
            disk_full: false,
        }
    }

    /// Records a note of this many bytes or a little more.
    pub fn record(&mut self, text: &str) -> Event {
        let application = ApplicationId::from_bytes([9; 16]);
        let body = EventBody::NoteAdded(NoteAdded { application, text: text.to_owned() });
        let head = self.head().unwrap();
        let entry = Entry {
            kind: body.kind(),
            device_time_ms: 1_700_000_000_000 + i64::try_from(head.seq).unwrap(),
            anchor: self.state.anchor,
            operator: OperatorId::from_bytes([4; 16]),
            body: body.to_bytes(),
        };
        let event = link(DEVICE, &device_secret(), &head, entry);
        self.log.push(event.clone());
        event
    }

    /// Attaches a paper to the entry recorded last.
    pub fn attach(&mut self, bytes: Vec<u8>) -> ContentHash {
        let hash = ContentHash::of(&bytes);
        let named_at = self.log.len() as u64;
        self.papers.push(Paper { hash, bytes, named_at, offset: 0, uploaded: false });
        hash
    }

    fn written(&self) -> Result<(), StoreError> {
        if self.disk_full { Err(StoreError::Full) } else { Ok(()) }
    }

    fn paper(&mut self, hash: ContentHash) -> Result<&mut Paper, StoreError> {
        let paper = self.papers.iter_mut().find(|paper| paper.hash == hash);
        paper.ok_or(StoreError::NotFound { what: "document" })
    }

    fn take_feed(&mut self, effects: &ReplyEffects) -> Option<FeedTrouble> {
        let (mut cursor, mut hash) = (self.state.feed_cursor, self.state.feed_hash);
        let mut taken = Vec::new();
        for entry in &effects.feed {
            if entry.number != cursor + 1 {
                return Some(FeedTrouble::Gap { expected: cursor + 1 });
            }
            cursor = entry.number;
            hash = feed_hash(&hash, cursor, &entry.item);
            taken.push(entry.clone());
        }
        if effects.feed_hash.is_some_and(|told| told != hash) {
            return Some(FeedTrouble::Mismatch { at: cursor });
        }
        self.feed.extend(taken);
        (self.state.feed_cursor, self.state.feed_hash) = (cursor, hash);
        None
    }
}

impl CourierOffice for MemoryOffice {
    fn begin_courier_file(&mut self, _id: [u8; 16], _now_ms: i64) -> Result<u64, StoreError> {
        self.written()?;
        self.courier_files += 1;
        Ok(self.courier_files)
    }
    fn finish_courier_file(&mut self, file: &CourierFile) -> Result<(), StoreError> {
        self.written()?;
        assert!(file.number <= self.courier_files);
        Ok(())
    }
    fn documents_to_carry(&self) -> Result<Vec<Upload>, StoreError> {
        self.uploads(u32::MAX)
    }
    fn apply_carried(
        &mut self,
        effects: &ReplyEffects,
        _gap: bool,
    ) -> Result<Option<Applied>, StoreError> {
        self.apply_reply(effects).map(Some)
    }
    fn note_carried(
        &mut self,
        _receipt: &CarriedReceipt,
        _now_ms: i64,
    ) -> Result<NotedCarried, StoreError> {
        Ok(NotedCarried::default())
    }
}

impl Office for MemoryOffice {
    fn identity(&self) -> &Identity {
        &self.identity
    }
    fn head(&self) -> Result<Head, StoreError> {
        let head = |last: &Event| Head { seq: last.core.seq, hash: last.hash() };
        Ok(self.log.last().map_or(Head::EMPTY, head))
    }
    fn event(&self, seq: u64) -> Result<Event, StoreError> {
        let index = usize::try_from(seq).unwrap().checked_sub(1);
        let event = index.and_then(|index| self.log.get(index)).cloned();
        event.ok_or(StoreError::NotFound { what: "event" })
    }
    fn entries_after(
        &self,
        seq: u64,
        max_bytes: usize,
        max_entries: usize,
    ) -> Result<Vec<Event>, StoreError> {
        let mut bytes = 0;
        let rest = self.log.iter().skip(usize::try_from(seq).unwrap()).take(max_entries);
        let fitting = rest.enumerate().take_while(|(index, event)| {
            bytes += event.body.len();
            *index == 0 || bytes <= max_bytes
        });
        Ok(fitting.map(|(_, event)| event.clone()).collect())
    }
    fn sync_state(&self) -> Result<SyncState, StoreError> {
        Ok(self.state.clone())
    }
    fn apply_reply(&mut self, effects: &ReplyEffects) -> Result<Applied, StoreError> {
        self.written()?;
        let mut applied = Applied {
            acknowledged_moved: self.state.acknowledged != effects.received,
            ..Applied::default()
        };
        self.state.acknowledged = effects.received;
        self.state.lease = effects.lease.or(self.state.lease);
        self.state.anchor = effects.anchor.or(self.state.anchor);
        for hash in &effects.wanted {
            if let Ok(paper) = self.paper(*hash)
                && paper.uploaded
            {
                (paper.uploaded, paper.offset) = (false, 0);
                applied.documents_wanted += 1;
            }
        }
        if self.state.epoch != effects.epoch {
            self.state.epoch = effects.epoch;
            self.restart_feed()?;
            applied.epoch_changed = true;
        } else {
            applied.feed_trouble = self.take_feed(effects);
        }
        Ok(applied)
    }
    fn restart_feed(&mut self) -> Result<(), StoreError> {
        self.written()?;
        self.feed_restarts += 1;
        self.feed.clear();
        (self.state.feed_cursor, self.state.feed_hash) = (0, [0; 32]);
        Ok(())
    }
    fn uploads(&self, limit: u32) -> Result<Vec<Upload>, StoreError> {
        let acknowledged = self.state.acknowledged.seq;
        let mut once = BTreeMap::new();
        for paper in self.papers.iter().filter(|p| !p.uploaded && p.named_at <= acknowledged) {
            let upload = Upload {
                hash: paper.hash,
                size_bytes: paper.bytes.len() as u64,
                offset: paper.offset,
                media_type: "image/jpeg".to_owned(),
                application: ApplicationId::from_bytes([9; 16]),
            };
            once.entry(paper.named_at).or_insert(upload);
        }
        Ok(once.into_values().take(limit as usize).collect())
    }
    fn document(&self, hash: ContentHash) -> Result<Vec<u8>, StoreError> {
        let paper = self.papers.iter().find(|paper| paper.hash == hash);
        paper.map(|paper| paper.bytes.clone()).ok_or(StoreError::NotFound { what: "document" })
    }
    fn set_document_offset(&mut self, hash: ContentHash, offset: u64) -> Result<(), StoreError> {
        self.written()?;
        self.paper(hash)?.offset = offset;
        Ok(())
    }
    fn mark_uploaded(&mut self, hash: ContentHash, _now_ms: i64) -> Result<(), StoreError> {
        self.written()?;
        self.paper(hash)?.uploaded = true;
        Ok(())
    }
}
