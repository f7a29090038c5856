//! The vault: the data key, wrapped once for each operator under a key made from the PIN.
//!
//! Invariant: `keys.json` is rewritten only when an operator is added, and always whole (temporary
//! file, fsync, rename); counting wrong PINs happens in a file beside it, `attempts.json`.

use std::path::Path;

use pishkhan_domain::ids::OperatorId;

use crate::data_key::DataKey;

/// Why the vault did not open or take an operator.
#[derive(Debug, thiserror::Error)]
pub enum VaultError {
    /// The PIN is wrong; after `tries_left` more of them there is a wait.
    #[error("the PIN is wrong")]
    WrongPin {
        /// Tries before a wait begins; 0 when it has begun.
        tries_left: u32,
    },
    /// Too many wrong PINs: not before this time.
    #[error("too many wrong PINs")]
    Wait {
        /// Milliseconds since 1970.
        until_ms: i64,
    },
    /// A PIN has six digits or more, and nothing else.
    #[error("a PIN has six digits or more")]
    PinTooShort,
    /// An operator has a name.
    #[error("an operator has a name")]
    NameRequired,
    /// There is no such operator.
    #[error("no such operator")]
    UnknownOperator,
    /// The vault has operators already: nothing is ever overwritten.
    #[error("there is a vault already")]
    AlreadyExists,
    /// `keys.json` cannot be read as what it should be: restore it from a backup.
    #[error("keys.json is damaged")]
    Corrupt,
    /// The disk is full.
    #[error("the disk is full")]
    Full,
    /// Anything else.
    #[error("{doing} failed")]
    Other {
        /// What was being done.
        doing: &'static str,
        /// Why.
        #[source]
        source: Box<dyn std::error::Error + Send + Sync>,
    },
}

/// An operator as the lock screen shows it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VaultOperator {
    /// Id.
    pub id: OperatorId,
    /// Name as shown.
    pub name: String,
}

/// The vault of a data directory.
pub struct Vault {}

impl Vault {
    /// Reads the vault of `dir`; `None` when there is none, that is before enrolment.
    ///
    /// # Errors
    /// [`VaultError::Corrupt`], [`VaultError::Other`].
    pub fn open(_dir: &Path) -> Result<Option<Self>, VaultError> {
        unimplemented!()
    }

    /// Makes the vault of `dir` with its first operator. Do this LAST at enrolment, after
    /// [`crate::Store::create`]: keys without a database are taken for a lost database.
    ///
    /// # Errors
    /// [`VaultError`].
    pub fn create(
        _dir: &Path,
        _key: &DataKey,
        _operator: OperatorId,
        _name: &str,
        _pin: &str,
    ) -> Result<Self, VaultError> {
        unimplemented!()
    }

    /// As [`Vault::create`], with a PIN that costs nothing to guess. Debug builds only.
    ///
    /// # Errors
    /// [`VaultError`].
    #[cfg(debug_assertions)]
    pub fn create_cheap(
        _dir: &Path,
        _key: &DataKey,
        _operator: OperatorId,
        _name: &str,
        _pin: &str,
    ) -> Result<Self, VaultError> {
        unimplemented!()
    }

    /// Those who may unlock, in the order in which they came.
    #[must_use]
    pub fn operators(&self) -> Vec<VaultOperator> {
        unimplemented!()
    }

    /// Gives one more operator access. Holding the data key proves that somebody is at work.
    ///
    /// # Errors
    /// [`VaultError`].
    pub fn add_operator(
        &mut self,
        _unlocked: &DataKey,
        _operator: OperatorId,
        _name: &str,
        _pin: &str,
    ) -> Result<(), VaultError> {
        unimplemented!()
    }

    /// Opens the vault. Five wrong PINs make a wait of a minute, doubled by each further one, to
    /// an hour at most; the count survives a restart. Nothing is ever wiped.
    ///
    /// # Errors
    /// [`VaultError::WrongPin`], [`VaultError::Wait`], [`VaultError::UnknownOperator`].
    pub fn unlock(
        &mut self,
        _operator: OperatorId,
        _pin: &str,
        _now_ms: i64,
    ) -> Result<DataKey, VaultError> {
        unimplemented!()
    }
}

/// Are these six digits or more, in any script?
///
/// # Errors
/// [`VaultError::PinTooShort`].
pub fn check_pin(_pin: &str) -> Result<(), VaultError> {
    unimplemented!()
}
