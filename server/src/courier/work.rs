//! What is done with the parts of one file, each in a transaction of its own.

use std::collections::BTreeSet;

use pishkhan_domain::content_hash::ContentHash;
use pishkhan_protocol::courier::Cover;
use pishkhan_protocol::exchange::{ExchangeRequest, Verdict};

use super::TakeError;
use crate::centre::Centre;
use crate::exchange::{push, read_batch, tell_root};
use crate::storage::courier::advance;
use crate::storage::devices::{self, Device};
use crate::storage::{StorageError, feed, offices};

/// A file under way.
pub(super) struct Work {
    pub(super) device: Device,
    pub(super) cover: Cover,
    /// The first word on its entries that was not `Ok`.
    pub(super) verdict: Verdict,
    pub(super) entries: u64,
    pub(super) documents: u64,
    /// What its last exchange said of epoch, feed and catalogue.
    pub(super) cursors: Cursors,
    /// Documents of which it has pieces.
    pub(super) papers: BTreeSet<ContentHash>,
}

/// Where the office stood when it wrote the file.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Cursors {
    pub(super) epoch: Option<[u8; 16]>,
    pub(super) feed: u64,
    pub(super) catalogue: u64,
}

impl Work {
    pub(super) fn new(device: Device, cover: Cover) -> Self {
        Self {
            device,
            cover,
            verdict: Verdict::Ok,
            entries: 0,
            documents: 0,
            cursors: Cursors::default(),
            papers: BTreeSet::new(),
        }
    }

    /// Stores what is new of a batch, as the exchange does, but for lease and contact.
    pub(super) async fn entries(
        &mut self,
        centre: &Centre,
        request: ExchangeRequest,
    ) -> Result<(), TakeError> {
        self.cursors = Cursors {
            epoch: request.epoch,
            feed: request.feed_cursor,
            catalogue: request.catalogue_cursor,
        };
        let pushed = match &request.batch {
            None => None,
            // Checked before the transaction: signatures and hashes need nothing stored but the key.
            Some(batch) => match read_batch(&self.device, request.protocol, batch) {
                Ok(batch) => Some(batch),
                Err(verdict) => {
                    self.heard(verdict);
                    return Ok(());
                }
            },
        };
        let now = centre.now();
        let mut unit = centre.storage.begin().await?;
        let mut office = offices::lock(unit.as_mut(), &self.device.office).await?;
        let device = devices::find(unit.as_mut(), &office.code, self.device.number).await?;
        let mut device = device.ok_or(StorageError::Unreadable("device"))?;
        let before = device.head.seq;
        if let Some(batch) = pushed {
            let (verdict, told) = push(centre, unit.as_mut(), &mut device, &batch, now).await?;
            feed::append(unit.as_mut(), &mut office, &told).await?;
            self.heard(verdict);
        }
        if device.revoked_at.is_some() {
            self.heard(Verdict::Revoked);
        }
        if device.revoked_at.is_none() {
            // What is carried back brings it.
            tell_root(centre, unit.as_mut(), &mut office, now).await?;
        }
        let (head, log_seq) = ((device.head, device.received_link), request.log_seq);
        advance(unit.as_mut(), &office.code, device.number, head, log_seq).await?;
        unit.commit().await?;
        self.entries += device.head.seq - before;
        self.device = device;
        Ok(())
    }

    fn heard(&mut self, verdict: Verdict) {
        if self.verdict == Verdict::Ok {
            self.verdict = verdict;
        }
    }
}
