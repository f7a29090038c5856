//! What this PC remembers of its user's choices, as JSON by name.

use serde_json::Value;

use crate::error::StoreError;
use crate::store::Store;

impl Store {
    /// A setting.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn setting(&self, _name: &str) -> Result<Option<Value>, StoreError> {
        unimplemented!()
    }

    /// Keeps a setting.
    ///
    /// # Errors
    /// [`StoreError::Full`].
    pub fn set_setting(&mut self, _name: &str, _value: &Value) -> Result<(), StoreError> {
        unimplemented!()
    }
}
