//! Opening and creating the store.

use std::path::Path;

use crate::data_key::DataKey;
use crate::error::StoreError;
use crate::identity::Identity;

/// The open store. `Send`, not `Sync`: put it behind one lock; every call is short.
pub struct Store {
    identity: Identity,
}

impl Store {
    /// Makes the store of a device that was just enrolled.
    ///
    /// # Errors
    /// [`StoreError::AlreadyExists`], [`StoreError::InUse`], [`StoreError::Full`].
    pub fn create(_dir: &Path, _key: &DataKey, _identity: &Identity) -> Result<Self, StoreError> {
        unimplemented!()
    }

    /// Opens the store, and brings its tables up to date.
    ///
    /// # Errors
    /// [`StoreError::InUse`], [`StoreError::Missing`], [`StoreError::WrongKey`],
    /// [`StoreError::Corrupt`], [`StoreError::TooNew`].
    pub fn open(_dir: &Path, _key: &DataKey) -> Result<Self, StoreError> {
        unimplemented!()
    }

    /// Who this device is.
    #[must_use]
    pub fn identity(&self) -> &Identity {
        &self.identity
    }
}
