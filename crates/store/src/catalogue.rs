//! Service cards and the calendar, as the centre published them; every version is kept.

use pishkhan_domain::catalogue::PublishedCard;
use pishkhan_domain::content_hash::ContentHash;
use pishkhan_domain::ids::ServiceCode;
use pishkhan_domain::working_days::WorkingCalendar;

use crate::error::StoreError;
use crate::store::Store;

impl Store {
    /// The newest card of every service, by code.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn cards(&self) -> Result<Vec<PublishedCard>, StoreError> {
        unimplemented!()
    }

    /// The newest card of a service.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn newest_card(&self, _service: &ServiceCode) -> Result<Option<PublishedCard>, StoreError> {
        unimplemented!()
    }

    /// A card by its version.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn card(&self, _version: ContentHash) -> Result<Option<PublishedCard>, StoreError> {
        unimplemented!()
    }

    /// The newest calendar of working days.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn calendar(&self) -> Result<Option<WorkingCalendar>, StoreError> {
        unimplemented!()
    }
}
