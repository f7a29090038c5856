//! The devices' logs: every entry follows from the one before, says what it commits to, derives
//! from its device's secret, and lies under a signature of its device.

use pishkhan_domain::ids::OfficeCode;
use pishkhan_protocol::body::EventBody;
use pishkhan_protocol::chain::{Entry as Linked, body_commit, link};
use pishkhan_protocol::day_root::received_link;
use pishkhan_protocol::derive::{DeviceSecret, anchor, device_secret};
use pishkhan_protocol::event::{Core, Event, Hash, Rest, event_hash};
use pishkhan_protocol::head::Head;
use pishkhan_protocol::keys::PublicKey;

use super::finding::{Finding, Wrong};
use super::history::{Entry, History};
use super::{Counts, PAGE};
use crate::storage::evidence::{self, DeviceRow, EventRow};
use crate::storage::received_heads::{self, StoredHead};
use crate::storage::{StorageError, Unit};

/// A log whose last entry is at `head`, as far as it was read.
struct Log<'a> {
    office: &'a OfficeCode,
    device: &'a DeviceRow,
    secret: DeviceSecret,
    centre_secret: &'a [u8; 32],
    head: Head,
    /// Received heads that are not behind the place that was read.
    heads: std::collections::VecDeque<StoredHead>,
    findings: Vec<Finding>,
}

/// Checks all logs of an office, and gives what can be read of them to `history`.
pub(super) async fn check(
    unit: &mut dyn Unit,
    centre_secret: &[u8; 32],
    history: &mut History,
    counts: &mut Counts,
) -> Result<Vec<Finding>, StorageError> {
    let office = history.office.clone();
    let mut findings = Vec::new();
    for device in evidence::devices(unit, &office).await? {
        counts.devices += 1;
        findings.extend(of_device(&device, &office, centre_secret));
        let heads = heads(unit, &office, &device, &mut findings).await?;
        let secret = DeviceSecret(device.secret.as_slice().try_into().unwrap_or([0; 32]));
        let (device, office) = (&device, &office);
        let (head, findings_of) = (Head::EMPTY, Vec::new());
        let heads = heads.into();
        let mut log =
            Log { office, device, secret, centre_secret, head, heads, findings: findings_of };
        let mut after = i64::MIN;
        loop {
            let page = evidence::events(unit, office, device.number, after, PAGE).await?;
            let Some(last) = page.last() else { break };
            after = i64::try_from(last.seq).unwrap_or(i64::MAX);
            for row in &page {
                counts.events += 1;
                history.entries.extend(log.take(row));
            }
        }
        findings.extend(log.end());
    }
    findings.extend(aside(unit, &office).await?);
    Ok(findings)
}

fn of_device(device: &DeviceRow, office: &OfficeCode, centre_secret: &[u8; 32]) -> Option<Finding> {
    let about = |wrong| Some(Finding::new("devices", wrong).of(office).device(device.number));
    if device.numbered_for.as_deref() != Some(office.0.as_str()) {
        return about(Wrong::DeviceNumber);
    }
    let key = device.public_key.as_slice().try_into().map(PublicKey);
    let belongs = key.is_ok_and(|key| {
        device_secret(centre_secret, device.number, &key).0[..] == device.secret[..]
    });
    if belongs { None } else { about(Wrong::DeviceSecret) }
}

/// The device's received heads, each checked against the one before.
async fn heads(
    unit: &mut dyn Unit,
    office: &OfficeCode,
    device: &DeviceRow,
    findings: &mut Vec<Finding>,
) -> Result<Vec<StoredHead>, StorageError> {
    let key = PublicKey(device.public_key.as_slice().try_into().unwrap_or([0; 32]));
    let mut before: Hash = [0; 32];
    let mut found: Vec<StoredHead> = Vec::new();
    loop {
        let last = found.last().map_or(0, |last| last.received.head.seq);
        let page = received_heads::after(unit, office, device.number, last, PAGE).await?;
        if page.is_empty() {
            break;
        }
        for stored in page {
            let StoredHead { received, link } = &stored;
            let seq = received.head.seq;
            let at = |wrong| {
                Finding::new("received_heads", wrong).of(office).device(device.number).at(seq)
            };
            if received_link(&before, device.number, received) != *link {
                findings.push(at(Wrong::HeadLink));
            }
            if received.head.verify(device.number, &key, &received.signature).is_err() {
                findings.push(at(Wrong::HeadSignature));
            }
            before = *link;
            found.push(stored);
        }
    }
    if device.received_link != before {
        let about = Finding::new("devices", Wrong::HeadLast).of(office).device(device.number);
        findings.push(about);
    }
    Ok(found)
}

impl Log<'_> {
    fn found(&mut self, seq: u64, wrong: Wrong) {
        let finding = Finding::new("events", wrong).of(self.office).device(self.device.number);
        self.findings.push(finding.at(seq));
    }

    /// Checks the next row; gives what it says, where that can be read.
    fn take(&mut self, row: &EventRow) -> Option<Entry> {
        let seq = row.seq;
        let follows = self.head.seq + 1;
        if seq < follows {
            self.found(seq, Wrong::EventPlace);
        }
        for missing in (follows..seq).take(super::MOST_NAMED) {
            self.found(missing, Wrong::EventMissing);
        }
        let hash: Option<Hash> = row.hash.as_slice().try_into().ok();
        let read = (Core::from_bytes(&row.core), Rest::from_bytes(&row.rest));
        let (Some(hash), (Ok(core), Ok(rest))) = (hash, read) else {
            self.found(seq, Wrong::Unreadable);
            self.head = Head { seq, hash: hash.unwrap_or_default() };
            return None;
        };
        self.check(row, &core, &rest, &hash, follows == seq);
        self.check_received(row, &core, &hash);
        self.head = Head { seq, hash };
        let body = EventBody::from_bytes(&row.body).ok()?;
        let received_at = row.received_at;
        Some(Entry { id: rest.id.into(), operator: rest.operator, core, received_at, body })
    }

    fn check(&mut self, row: &EventRow, core: &Core, rest: &Rest, hash: &Hash, follows: bool) {
        let seq = row.seq;
        if core.device != self.device.number || core.seq != seq {
            self.found(seq, Wrong::EventPlace);
        }
        let columns = row.id == rest.id.as_bytes()
            && row.kind == i64::from(core.kind)
            && row.device_time_at == core.device_time_ms;
        if !columns {
            self.found(seq, Wrong::EventColumns);
        }
        let sound = event_hash(&row.core, &rest.hash()) == *hash;
        if !sound {
            self.found(seq, Wrong::HashWrong);
        }
        // Beside a gap it cannot follow, and the gap is told.
        let linked = !follows || rest.prev_hash == self.head.hash;
        if !linked {
            self.found(seq, Wrong::LinkBroken);
        }
        let committed = body_commit(&self.secret.body_salt(seq), &row.body) == rest.body_commit;
        if !committed {
            self.found(seq, Wrong::BodyChanged);
        }
        if sound && linked && follows && committed {
            let event = Event { core: core.clone(), rest: rest.clone(), body: row.body.clone() };
            let entry = Linked::from(&event);
            if link(self.device.number, &self.secret, &self.head, entry).core != *core
                || self.secret.event_id(seq, core.device_time_ms) != rest.id
            {
                self.found(seq, Wrong::DerivedWrong);
            }
        }
    }

    /// The time at which it came is that of the first received head that is not before it.
    fn check_received(&mut self, row: &EventRow, core: &Core, hash: &Hash) {
        while self.heads.front().is_some_and(|head| head.received.head.seq < row.seq) {
            // Its own entry was never read: the gap is told.
            self.heads.pop_front();
        }
        if let Some(StoredHead { received, .. }) = self.heads.front() {
            let of_this = received.after_seq < row.seq;
            let (head, at) = (received.head, received.received_at_ms);
            if of_this && at != row.received_at {
                self.found(row.seq, Wrong::ReceivedAtChanged);
            }
            if head.seq == row.seq {
                self.heads.pop_front();
                if head.hash != *hash {
                    self.found(row.seq, Wrong::HeadDiffers);
                }
            }
        } else if row.seq > self.device.unsigned_seq {
            self.found(row.seq, Wrong::Unsigned);
        }
        let proven = core.anchor.filter(|claimed| {
            anchor(self.centre_secret, self.device.number, claimed.at_ms) == *claimed
        });
        if proven.is_some_and(|anchor| anchor.at_ms > row.received_at) {
            self.found(row.seq, Wrong::ReceivedBeforeAnchor);
        }
    }

    fn end(mut self) -> Vec<Finding> {
        let (seq, hash) = (self.device.head_seq, &self.device.head_hash);
        let head = self.head;
        if (head.seq, &head.hash[..]) != (seq, &hash[..]) {
            let about = Finding::new("devices", Wrong::HeadOfDevice).of(self.office);
            self.findings.push(about.device(self.device.number).at(seq));
        }
        let signed = self.heads.back().map_or(0, |last| last.received.head.seq);
        for missing in (head.seq + 1..=seq.max(signed)).take(super::MOST_NAMED) {
            self.found(missing, Wrong::EventMissing);
        }
        self.findings
    }
}

async fn aside(unit: &mut dyn Unit, office: &OfficeCode) -> Result<Vec<Finding>, StorageError> {
    let mut findings = Vec::new();
    for (device, seq, [hash, core, rest]) in evidence::aside(unit, office).await? {
        let rest = Rest::from_bytes(&rest).map(|rest| rest.hash());
        if rest.map_or(true, |rest| event_hash(&core, &rest)[..] != hash[..]) {
            let about = Finding::new("forks", Wrong::AsideWrong).of(office);
            findings.push(about.device(device).at(seq));
        }
    }
    Ok(findings)
}
