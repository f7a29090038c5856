//! What both forms of the exchange do: store what was pushed, decide on the lease, and gather what
//! comes down.

use pishkhan_protocol::day_root::{ReceivedHead, received_link};
use pishkhan_protocol::derive::anchor;
use pishkhan_protocol::exchange::{ExchangeReply, PROTOCOL, Verdict};
use pishkhan_protocol::feed::FeedItem;
use pishkhan_protocol::head::Head;
use pishkhan_protocol::ingest::{AppendPlan, VerifiedBatch, plan_append};

use super::ExchangeError;
use super::coming_down::{Wishes, bring_down};
use super::roots_told::tell_root;
use crate::centre::Centre;
use crate::lease::{Epoch, Lease, LeaseDecision};
use crate::storage::devices::{self, Contact, Device};
use crate::storage::events::{self, AsideReason};
use crate::storage::identity::StoredIdentity;
use crate::storage::{StorageError, Unit, feed, identity, offices, received_heads};
use crate::{ingest, secret, upload};

/// Most entries of one device that are kept aside: far more than ever waits on one disk.
const MOST_ASIDE: usize = 20_000;
/// Longest name of a program that is kept.
const MAX_AGENT: usize = 120;

/// What a device said, in whatever form.
pub(super) struct Heard<'a> {
    /// Epoch that it last heard of.
    pub(super) epoch: Option<Epoch>,
    /// Lease that it shows.
    pub(super) lease: Option<Lease>,
    /// What it pushed, if anything, or why that was not taken.
    pub(super) pushed: Option<Result<VerifiedBatch, Verdict>>,
    /// Last number of the feed that it has.
    pub(super) feed_cursor: u64,
    /// Last number of the catalogue that it has.
    pub(super) catalogue_cursor: u64,
    /// Where its log ends.
    pub(super) log_seq: u64,
    /// Its oldest entry that waits.
    pub(super) oldest_waiting_ms: Option<i64>,
    /// Program and version; not said when it is the same as before.
    pub(super) agent: Option<&'a str>,
    /// How it wants its reply.
    pub(super) wishes: Wishes,
}

/// Answers a device. The caller commits, or drops the unit and with it all that was done.
pub(super) async fn converse(
    centre: &Centre,
    device: Device,
    heard: &Heard<'_>,
) -> Result<(Box<dyn Unit>, ExchangeReply), ExchangeError> {
    let now = centre.now();
    let mut unit = centre.storage.begin().await?;
    let mut office = offices::lock(unit.as_mut(), &device.office).await?;
    // Read again: only under the lock does the head stand still.
    let device = devices::find(unit.as_mut(), &office.code, device.number).await?;
    let mut device = device.ok_or(ExchangeError::UnknownDevice)?;
    let identity = identity::find(unit.as_mut()).await?;
    let identity = identity.ok_or(StorageError::Unreadable("centre"))?;
    let epoch = identity.epoch;

    let (mut verdict, told) = match &heard.pushed {
        None => (Verdict::Ok, Vec::new()),
        Some(Err(verdict)) => (*verdict, Vec::new()),
        Some(Ok(batch)) => push(centre, unit.as_mut(), &mut device, batch, now).await?,
    };
    feed::append(unit.as_mut(), &mut office, &told).await?;

    let changed = heard.epoch.is_some_and(|known| known != epoch);
    let presented = heard.lease.filter(|_| heard.epoch == Some(epoch));
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
        received_link: device.received_link,
        leases: device.leases,
        log_seq: heard.log_seq,
        oldest_waiting_at: heard.oldest_waiting_ms,
        agent: heard.agent.and_then(|agent| agent.get(..agent.len().min(MAX_AGENT))),
        // A cursor of another epoch counts what this one may have lost.
        catalogue_number: if changed { 0 } else { heard.catalogue_cursor },
        now,
    };
    devices::update_contact(unit.as_mut(), &device, &contact).await?;

    if comes_down {
        tell_root(centre, unit.as_mut(), &mut office, now).await?;
    }
    let mut reply = bare_reply(centre, &device, &identity, verdict, now);
    if comes_down {
        reply.lease = device.leases.current.unwrap_or_default();
        // Cursors of another epoch count what this one may have lost: begin again.
        let cursors = if changed { (0, 0) } else { (heard.feed_cursor, heard.catalogue_cursor) };
        bring_down(unit.as_mut(), &device.office, cursors, &heard.wishes, &mut reply).await?;
        reply.upload_token = Some(upload::token(&centre.secret, device.number, now));
    }
    tracing::info!(
        device = device.number.0,
        received = reply.received.seq,
        verdict = ?reply.verdict,
        feed = reply.feed.len(),
        "exchange"
    );
    Ok((unit, reply))
}

/// A reply that brings nothing down: what the centre holds of a device, and what it says of a push.
pub(crate) fn bare_reply(
    centre: &Centre,
    device: &Device,
    identity: &StoredIdentity,
    verdict: Verdict,
    now: i64,
) -> ExchangeReply {
    ExchangeReply {
        protocol: PROTOCOL,
        device: device.number,
        epoch: identity.epoch,
        verdict,
        received: device.head,
        safe_seq: match identity.backed_up_at {
            // Where no backup was ever made, what is received is as safe as it gets.
            None => device.head.seq,
            Some(_) => device.safe_seq.min(device.head.seq),
        },
        anchor: anchor(&centre.secret, device.number, now),
        lease: [0; 16],
        feed: Vec::new(),
        feed_hash: [0; 32],
        catalogue: Vec::new(),
        more: false,
        upload_token: None,
        retry_after_s: None,
        dictionary: None,
        answers: None,
        wanted: None,
    }
}

pub(crate) async fn push(
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
            let received = ReceivedHead {
                head: Head { seq: last.core.seq, hash: last.hash() },
                after_seq: device.head.seq,
                signature: batch.signature,
                received_at_ms: now,
            };
            let link = received_link(&device.received_link, device.number, &received);
            received_heads::append(unit, &office, device.number, &received, &link).await?;
            (device.head, device.received_link) = (received.head, link);
            Ok((Verdict::Ok, told))
        }
    }
}
