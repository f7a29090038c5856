//! The catalogue: service cards and the calendar of working days, as the centre publishes them.

use serde::{Deserialize, Serialize};

use crate::content_hash::ContentHash;
use crate::service_card::ServiceCard;
use crate::working_days::WorkingCalendar;

/// One publication of the centre: exact bytes, named by their hash.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Publication {
    /// A service card.
    ServiceCard(Box<ServiceCard>),
    /// Weekend and holidays.
    WorkingCalendar(WorkingCalendar),
}

/// A card together with the version it was published under.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
pub struct PublishedCard {
    /// Hash of the published bytes.
    pub version: ContentHash,
    /// The card.
    pub card: ServiceCard,
}
