//! What an office's logs say, read while they are checked, for whoever replays it.

use std::collections::BTreeMap;

use pishkhan_domain::ids::{ApplicationId, DeviceNumber, OfficeCode, OperatorId};
use pishkhan_protocol::body::EventBody;
use pishkhan_protocol::event::Core;
use pishkhan_protocol::feed::{FeedBody, FeedItem};

/// What one office did and was told.
pub(super) struct History {
    pub(super) office: OfficeCode,
    /// Of all its devices, each device's in order.
    pub(super) entries: Vec<Entry>,
    /// What it was told, in order.
    pub(super) told: Vec<Told>,
}

/// An entry that can be read.
pub(super) struct Entry {
    pub(super) core: Core,
    pub(super) id: ApplicationId,
    pub(super) operator: OperatorId,
    pub(super) received_at: i64,
    pub(super) body: EventBody,
}

/// An item of the feed that can be read.
pub(super) struct Told {
    pub(super) number: u64,
    pub(super) item: FeedItem,
}

impl History {
    pub(super) fn of(office: &OfficeCode) -> Self {
        Self { office: office.clone(), entries: Vec::new(), told: Vec::new() }
    }

    /// Why an entry could not be used, of those of which the office was told so.
    pub(super) fn parked(&self) -> BTreeMap<(DeviceNumber, u64), &str> {
        let parked = self.told.iter().filter_map(|told| match &told.item.body {
            FeedBody::EntryParked(parked) => Some(parked),
            _ => None,
        });
        parked.map(|parked| ((parked.device, parked.seq), parked.code.as_str())).collect()
    }
}
