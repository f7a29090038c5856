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

/// Why bytes are no publication.
#[derive(Debug, thiserror::Error)]
pub enum PublicationError {
    /// They cannot be read: not ours, cut, or of a later program.
    #[error("not a publication of the catalogue: {0}")]
    Unreadable(#[from] serde_json::Error),
    /// They are a publication, but not of a service card.
    #[error("a publication, but not a service card")]
    NotACard,
}

impl Publication {
    /// Reads the bytes of a publication.
    ///
    /// # Errors
    /// [`PublicationError::Unreadable`].
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, PublicationError> {
        Ok(serde_json::from_slice(bytes)?)
    }

    /// The bytes that are signed, sent and hashed. Made once, at publishing, and kept as they are.
    ///
    /// # Errors
    /// [`PublicationError::Unreadable`] when the content cannot be written as JSON.
    pub fn to_bytes(&self) -> Result<Vec<u8>, PublicationError> {
        Ok(serde_json::to_vec(self)?)
    }
}

impl PublishedCard {
    /// Reads the bytes of a published card; its version is their hash.
    ///
    /// # Errors
    /// [`PublicationError`].
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, PublicationError> {
        match Publication::from_bytes(bytes)? {
            Publication::ServiceCard(card) => {
                Ok(Self { version: ContentHash::of(bytes), card: *card })
            }
            Publication::WorkingCalendar(_) => Err(PublicationError::NotACard),
        }
    }
}
