//! What this PC remembers of its user's choices, as JSON by name.

use rusqlite::{OptionalExtension, named_params};
use serde_json::Value;

use crate::error::StoreError;
use crate::store::Store;

impl Store {
    /// A setting; one that cannot be read is none.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn setting(&self, name: &str) -> Result<Option<Value>, StoreError> {
        let sql = "SELECT value FROM settings WHERE name = :name";
        let value: Option<String> = self
            .reader
            .prepare_cached(sql)?
            .query_row(named_params! { ":name": name }, |row| row.get("value"))
            .optional()?;
        Ok(value.and_then(|value| serde_json::from_str(&value).ok()))
    }

    /// Keeps a setting.
    ///
    /// # Errors
    /// [`StoreError::Full`].
    pub fn set_setting(&mut self, name: &str, value: &Value) -> Result<(), StoreError> {
        let sql = "INSERT INTO settings (name, value) VALUES (:name, :value) \
                   ON CONFLICT (name) DO UPDATE SET value = excluded.value";
        let value = value.to_string();
        self.writer.execute(sql, named_params! { ":name": name, ":value": value })?;
        Ok(())
    }
}
