//! The exchange: what a device sends is stored, committed, and only then acknowledged; what is new
//! for its office comes down with the answer.

use pishkhan_protocol::derive::anchor;
use pishkhan_protocol::envelope::Envelope;
use pishkhan_protocol::error::ProtocolError;
use pishkhan_protocol::exchange::{
    Batch, CatalogueEntry, ExchangeReply, ExchangeRequest, PROTOCOL, Verdict,
};
use pishkhan_protocol::feed::FeedItem;
use pishkhan_protocol::head::Head;
use pishkhan_protocol::ingest::{AppendPlan, VerifiedBatch, plan_append, verify_batch};
use pishkhan_protocol::keys::Purpose;

use crate::centre::Centre;
use crate::lease::LeaseDecision;
use crate::storage::devices::{self, Contact, Device};
use crate::storage::events::{self, AsideReason};
use crate::storage::{StorageError, Unit, feed, identity, offices, publications};
use crate::{ingest, secret, upload};

/// Most items of the feed in one reply.
const FEED_PAGE: u32 = 200;
/// Most publications in one reply, and most of their bytes.
const CATALOGUE_PAGE: u32 = 50;
const CATALOGUE_BYTES: usize = 2 * 1024 * 1024;
/// Most entries of one device that are kept aside: far more than ever waits on one disk.
const MOST_ASIDE: usize = 20_000;
/// Longest name of a program that is kept.
const MAX_AGENT: usize = 120;

/// Why there is no reply.
#[derive(Debug, thiserror::Error)]
pub enum ExchangeError {
    /// Not a message of ours.
    #[error(transparent)]
    NotUnderstood(#[from] ProtocolError),
    /// No such device, or another one signed.
    #[error("the device is not known")]
    UnknownDevice,
    /// Try again later.
    #[error(transparent)]
    Storage(#[from] StorageError),
    /// The system has no randomness.
    #[error("no randomness")]
    Randomness(#[from] getrandom::Error),
}

/// Answers a sealed request with a sealed reply.
///
/// # Errors
/// [`ExchangeError`]; then nothing was stored.
pub async fn exchange(centre: &Centre, sealed: &[u8]) -> Result<Vec<u8>, ExchangeError> {
    let envelope = Envelope::from_bytes(sealed)?;
    let device = find_device(centre, &envelope).await?;
    let request = ExchangeRequest::from_bytes(&envelope.open(Purpose::Request, &device.key)?)?;
    if request.device != device.number {
        return Err(ExchangeError::UnknownDevice);
    }
    // Checked before the transaction: signatures and hashes need nothing stored but the key.
    let pushed = request.batch.as_ref().map(|batch| read_batch(&device, request.protocol, batch));
    let reply = converse(centre, device, &request, pushed).await?;
    let sealed = Envelope::seal(Purpose::Reply, reply.device, &reply.to_bytes(), &centre.key);
    Ok(sealed.to_bytes())
}

async fn find_device(centre: &Centre, envelope: &Envelope) -> Result<Device, ExchangeError> {
    let mut unit = centre.storage.read().await?;
    let office = offices::of_device(unit.as_mut(), envelope.device).await?;
    let office = office.ok_or(ExchangeError::UnknownDevice)?;
    let device = devices::find(unit.as_mut(), &office, envelope.device).await?;
    device.ok_or(ExchangeError::UnknownDevice)
}

fn read_batch(device: &Device, protocol: u16, batch: &Batch) -> Result<VerifiedBatch, Verdict> {
    if protocol > PROTOCOL {
        return Err(Verdict::Unsupported);
    }
    verify_batch(device.number, &device.secret, &device.key, batch).map_err(|error| {
        tracing::warn!(device = device.number.0, %error, "batch not taken");
        match error {
            ProtocolError::Unknown { .. } => Verdict::Unsupported,
            _ => Verdict::BadChain,
        }
    })
}

async fn converse(
    centre: &Centre,
    device: Device,
    request: &ExchangeRequest,
    pushed: Option<Result<VerifiedBatch, Verdict>>,
) -> Result<ExchangeReply, ExchangeError> {
    let now = centre.now();
    let mut unit = centre.storage.begin().await?;
    let mut office = offices::lock(unit.as_mut(), &device.office).await?;
    // Read again: only under the lock does the head stand still.
    let device = devices::find(unit.as_mut(), &office.code, device.number).await?;
    let mut device = device.ok_or(ExchangeError::UnknownDevice)?;
    let epoch = identity::find(unit.as_mut()).await?;
    let epoch = epoch.ok_or(StorageError::Unreadable("centre"))?.epoch;

    let (mut verdict, told) = match pushed {
        None => (Verdict::Ok, Vec::new()),
        Some(Err(verdict)) => (verdict, Vec::new()),
        Some(Ok(batch)) => push(centre, unit.as_mut(), &mut device, &batch, now).await?,
    };
    feed::append(unit.as_mut(), &mut office, &told).await?;

    let changed = request.epoch.is_some_and(|known| known != epoch);
    let presented = request.lease.filter(|_| request.epoch == Some(epoch));
    let leases = device.leases.within(epoch);
    let lease = leases.decide(presented);
    let comes_down = if device.revoked_at.is_some() {
        verdict = Verdict::Revoked;
        false
    } else if lease == LeaseDecision::Stale {
        // What was sent is stored all the same; a worse verdict on it is the one to tell.
        verdict = if verdict == Verdict::Ok { Verdict::StaleLease } else { verdict };
        false
    } else {
        true
    };
    if comes_down && lease == LeaseDecision::Rotate {
        device.leases = leases.rotated(presented, secret::random()?);
    }
    let contact = Contact {
        head: device.head,
        leases: device.leases,
        log_seq: request.log_seq,
        oldest_waiting_at: request.oldest_waiting_ms,
        agent: request.agent.get(..request.agent.len().min(MAX_AGENT)).unwrap_or_default(),
        now,
    };
    devices::update_contact(unit.as_mut(), &device, &contact).await?;

    let mut reply = ExchangeReply {
        protocol: PROTOCOL,
        device: device.number,
        epoch,
        verdict,
        received: device.head,
        // With no backup configured, what is received is as safe as it gets.
        safe_seq: device.head.seq,
        anchor: anchor(&centre.secret, device.number, now),
        lease: if comes_down { device.leases.current.unwrap_or_default() } else { [0; 16] },
        feed: Vec::new(),
        feed_hash: [0; 32],
        catalogue: Vec::new(),
        more: false,
        upload_token: None,
        retry_after_s: None,
        dictionary: None,
    };
    if comes_down {
        bring_down(unit.as_mut(), request, &device, changed, &mut reply).await?;
        reply.upload_token = Some(upload::token(&centre.secret, device.number, now));
    }
    unit.commit().await?;
    tracing::info!(
        device = device.number.0,
        received = reply.received.seq,
        verdict = ?reply.verdict,
        feed = reply.feed.len(),
        "exchange"
    );
    Ok(reply)
}

async fn push(
    centre: &Centre,
    unit: &mut dyn Unit,
    device: &mut Device,
    batch: &VerifiedBatch,
    now: i64,
) -> Result<(Verdict, Vec<FeedItem>), ExchangeError> {
    let office = device.office.clone();
    let overlap = batch.after.seq + batch.events.len() as u64;
    let mut stored = Vec::new();
    for seq in [batch.after.seq, overlap.min(device.head.seq)] {
        stored.push((seq, events::hash_at(unit, &office, device.number, seq).await?));
    }
    let hash_at = |seq| stored.iter().find(|(at, _)| *at == seq).and_then(|(_, hash)| *hash);
    let plan = plan_append(&device.head, batch, hash_at);
    if device.revoked_at.is_some() {
        // Its head stands still, so that what it sends may be beyond it: that is kept as well.
        let new = match plan {
            AppendPlan::Append { from } => batch.events.get(from..).unwrap_or_default(),
            AppendPlan::Gap | AppendPlan::Fork => &batch.events,
        };
        let reason = AsideReason::Revoked;
        events::keep_aside(unit, &office, device.number, new, reason, MOST_ASIDE, now).await?;
        return Ok((Verdict::Revoked, Vec::new()));
    }
    match plan {
        AppendPlan::Gap => Ok((Verdict::Gap, Vec::new())),
        AppendPlan::Fork => {
            let (number, reason) = (device.number, AsideReason::Fork);
            let all = &batch.events;
            events::keep_aside(unit, &office, number, all, reason, MOST_ASIDE, now).await?;
            Ok((Verdict::Fork, Vec::new()))
        }
        AppendPlan::Append { from } => {
            let new = batch.events.get(from..).unwrap_or_default();
            let Some(last) = new.last() else { return Ok((Verdict::Ok, Vec::new())) };
            let cards = centre.cards.current(unit).await?;
            let told = ingest::store(unit, &office, &centre.secret, &cards, new, now).await?;
            device.head = Head { seq: last.core.seq, hash: last.hash() };
            Ok((Verdict::Ok, told))
        }
    }
}

async fn bring_down(
    unit: &mut dyn Unit,
    request: &ExchangeRequest,
    device: &Device,
    epoch_changed: bool,
    reply: &mut ExchangeReply,
) -> Result<(), StorageError> {
    // Cursors of another epoch count what this one may have lost: begin again.
    let (cursor, catalogue_cursor) =
        if epoch_changed { (0, 0) } else { (request.feed_cursor, request.catalogue_cursor) };
    let mut items = feed::after(unit, &device.office, cursor, FEED_PAGE + 1).await?;
    reply.more = items.len() > FEED_PAGE as usize;
    items.truncate(FEED_PAGE as usize);
    reply.feed_hash = match items.last() {
        Some((_, hash)) => *hash,
        None => feed::hash_at(unit, &device.office, cursor).await?,
    };
    reply.feed = items.into_iter().map(|(entry, _)| entry).collect();

    let found = publications::after(unit, catalogue_cursor, CATALOGUE_PAGE + 1).await?;
    let mut bytes = 0;
    for (index, publication) in found.into_iter().enumerate() {
        bytes += publication.bytes.len();
        if index == CATALOGUE_PAGE as usize || (index > 0 && bytes > CATALOGUE_BYTES) {
            reply.more = true;
            break;
        }
        reply.catalogue.push(CatalogueEntry::from(publication));
    }
    Ok(())
}
