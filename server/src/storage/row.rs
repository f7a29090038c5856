//! Values as both databases know them: 64-bit integers, texts, bytes, and nothing.

use std::sync::Arc;

use super::StorageError;

/// A value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Value {
    /// Nothing.
    Null,
    /// An integer; also times in milliseconds since 1970.
    Int(i64),
    /// A text.
    Text(String),
    /// Bytes.
    Bytes(Vec<u8>),
}

impl From<i64> for Value {
    fn from(number: i64) -> Self {
        Self::Int(number)
    }
}
impl From<u64> for Value {
    /// Sequences and counts; beyond 2^63 none can come.
    fn from(number: u64) -> Self {
        Self::Int(i64::try_from(number).unwrap_or(i64::MAX))
    }
}
impl From<u32> for Value {
    fn from(number: u32) -> Self {
        Self::Int(number.into())
    }
}
impl From<&str> for Value {
    /// PostgreSQL stores no NUL, and no text of ours has a use for one.
    fn from(text: &str) -> Self {
        Self::Text(text.replace('\0', ""))
    }
}
impl From<String> for Value {
    fn from(text: String) -> Self {
        text.as_str().into()
    }
}
impl From<&[u8]> for Value {
    fn from(bytes: &[u8]) -> Self {
        Self::Bytes(bytes.to_vec())
    }
}
impl<const N: usize> From<[u8; N]> for Value {
    fn from(bytes: [u8; N]) -> Self {
        Self::Bytes(bytes.to_vec())
    }
}
impl<T: Into<Value>> From<Option<T>> for Value {
    fn from(value: Option<T>) -> Self {
        value.map_or(Self::Null, Into::into)
    }
}

/// Builds a list of values.
#[macro_export]
macro_rules! values {
    ($($value:expr),* $(,)?) => { vec![$($crate::storage::Value::from($value)),*] };
}

/// A row whose columns are read by name.
#[derive(Clone, Debug)]
pub struct Row {
    pub(super) names: Arc<[String]>,
    pub(super) values: Vec<Value>,
}

impl Row {
    fn get(&self, name: &'static str) -> Result<&Value, StorageError> {
        let place = self.names.iter().position(|known| known == name);
        place.and_then(|index| self.values.get(index)).ok_or(StorageError::Unreadable(name))
    }

    /// An integer.
    ///
    /// # Errors
    /// [`StorageError::Unreadable`], as in all that follow.
    pub fn int(&self, name: &'static str) -> Result<i64, StorageError> {
        self.opt_int(name)?.ok_or(StorageError::Unreadable(name))
    }

    /// An integer or nothing.
    ///
    /// # Errors
    /// As [`Row::int`].
    pub fn opt_int(&self, name: &'static str) -> Result<Option<i64>, StorageError> {
        match self.get(name)? {
            Value::Int(number) => Ok(Some(*number)),
            Value::Null => Ok(None),
            _ => Err(StorageError::Unreadable(name)),
        }
    }

    /// A number that is never negative.
    ///
    /// # Errors
    /// As [`Row::int`].
    pub fn count(&self, name: &'static str) -> Result<u64, StorageError> {
        u64::try_from(self.int(name)?).map_err(|_| StorageError::Unreadable(name))
    }

    /// A text.
    ///
    /// # Errors
    /// As [`Row::int`].
    pub fn text(&self, name: &'static str) -> Result<String, StorageError> {
        match self.get(name)? {
            Value::Text(text) => Ok(text.clone()),
            _ => Err(StorageError::Unreadable(name)),
        }
    }

    /// A text that is read as something.
    ///
    /// # Errors
    /// As [`Row::int`].
    pub fn parsed<T: std::str::FromStr>(&self, name: &'static str) -> Result<T, StorageError> {
        self.text(name)?.parse().map_err(|_| StorageError::Unreadable(name))
    }

    /// A text that holds JSON.
    ///
    /// # Errors
    /// As [`Row::int`].
    pub fn json<T: serde::de::DeserializeOwned>(
        &self,
        name: &'static str,
    ) -> Result<T, StorageError> {
        serde_json::from_str(&self.text(name)?).map_err(|_| StorageError::Unreadable(name))
    }

    /// Bytes.
    ///
    /// # Errors
    /// As [`Row::int`].
    pub fn bytes(&self, name: &'static str) -> Result<Vec<u8>, StorageError> {
        match self.get(name)? {
            Value::Bytes(bytes) => Ok(bytes.clone()),
            _ => Err(StorageError::Unreadable(name)),
        }
    }

    /// Bytes or nothing.
    ///
    /// # Errors
    /// As [`Row::int`].
    pub fn opt_bytes(&self, name: &'static str) -> Result<Option<Vec<u8>>, StorageError> {
        if *self.get(name)? == Value::Null { Ok(None) } else { self.bytes(name).map(Some) }
    }

    /// Bytes of a known number.
    ///
    /// # Errors
    /// As [`Row::int`].
    pub fn array<const N: usize>(&self, name: &'static str) -> Result<[u8; N], StorageError> {
        self.bytes(name)?.try_into().map_err(|_| StorageError::Unreadable(name))
    }

    /// Bytes of a known number, or nothing.
    ///
    /// # Errors
    /// As [`Row::int`].
    pub fn opt_array<const N: usize>(
        &self,
        name: &'static str,
    ) -> Result<Option<[u8; N]>, StorageError> {
        if *self.get(name)? == Value::Null { Ok(None) } else { self.array(name).map(Some) }
    }
}

/// JSON of a value of ours, for a column.
pub(super) fn json(value: &impl serde::Serialize) -> Value {
    // Our types have text keys and no failing serialisers.
    serde_json::to_string(value).unwrap_or_default().into()
}
