//! `keys.json`: the data key wrapped for each operator. Names are in clear, for the lock screen.

use std::io;
use std::path::Path;

use argon2::{Algorithm, Argon2, Params, Version};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use pishkhan_domain::ids::OperatorId;
use serde::{Deserialize, Serialize};
use zeroize::Zeroizing;

use super::VaultError;
use crate::data_key::DataKey;
use crate::{files, sealed};

const FILE_VERSION: u32 = 1;
const SALT_BYTES: usize = 16;
/// A file that asks for more than this is damaged, and must not exhaust the machine.
const MOST_MEMORY_KIB: u32 = 1024 * 1024;

/// What a guess costs (Argon2id, RFC 9106). Kept with each wrap, so that it can be raised.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct KdfCost {
    pub(super) memory_kib: u32,
    pub(super) passes: u32,
    pub(super) lanes: u32,
}

impl KdfCost {
    pub(super) const PRODUCTION: Self = Self { memory_kib: 64 * 1024, passes: 3, lanes: 1 };
    #[cfg(debug_assertions)]
    pub(super) const CHEAP: Self = Self { memory_kib: 8, passes: 1, lanes: 1 };
}

/// The data key as one operator's PIN opens it.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Wrap {
    pub(super) id: OperatorId,
    pub(super) name: String,
    pub(super) cost: KdfCost,
    /// Base64.
    salt: String,
    /// Base64 of nonce and ciphertext.
    wrapped_key: String,
}

/// The whole file.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct KeysFile {
    version: u32,
    pub(super) operators: Vec<Wrap>,
}

impl Default for KeysFile {
    fn default() -> Self {
        Self { version: FILE_VERSION, operators: Vec::new() }
    }
}

impl KeysFile {
    pub(super) fn read(path: &Path) -> Result<Option<Self>, VaultError> {
        let bytes = match std::fs::read(path) {
            Ok(bytes) => bytes,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(error.into()),
        };
        let keys: Self = serde_json::from_slice(&bytes).map_err(|_| VaultError::Corrupt)?;
        if keys.version != FILE_VERSION || keys.operators.is_empty() {
            return Err(VaultError::Corrupt);
        }
        Ok(Some(keys))
    }

    pub(super) fn write(&self, path: &Path) -> Result<(), VaultError> {
        let bytes = serde_json::to_vec_pretty(self)
            .map_err(|error| VaultError::other("writing the keys", error))?;
        Ok(files::write_atomically(path, &bytes)?)
    }
}

impl Wrap {
    pub(super) fn make(
        id: OperatorId,
        name: &str,
        cost: KdfCost,
        pin: &str,
        key: &DataKey,
    ) -> Result<Self, VaultError> {
        let mut salt = [0; SALT_BYTES];
        getrandom::fill(&mut salt)
            .map_err(|error| VaultError::other("drawing randomness", error))?;
        let pin_key = pin_key(cost, pin, &salt)
            .ok_or_else(|| VaultError::other("deriving a key", "Argon2 refused its parameters"))?;
        let wrapped = sealed::seal(&pin_key, &context(id), key.bytes())
            .ok_or_else(|| VaultError::other("drawing randomness", "the system has none"))?;
        Ok(Self {
            id,
            name: name.to_owned(),
            cost,
            salt: STANDARD.encode(salt),
            wrapped_key: STANDARD.encode(wrapped),
        })
    }

    /// The data key, if the PIN is right.
    pub(super) fn open(&self, pin: &str) -> Option<DataKey> {
        let salt = STANDARD.decode(&self.salt).ok()?;
        let wrapped = STANDARD.decode(&self.wrapped_key).ok()?;
        let pin_key = pin_key(self.cost, pin, &salt)?;
        let opened = Zeroizing::new(sealed::open(&pin_key, &context(self.id), &wrapped).ok()?);
        Some(DataKey::from_bytes(opened.as_slice().try_into().ok()?))
    }
}

fn pin_key(cost: KdfCost, pin: &str, salt: &[u8]) -> Option<Zeroizing<[u8; 32]>> {
    if cost.memory_kib > MOST_MEMORY_KIB {
        return None;
    }
    let params = Params::new(cost.memory_kib, cost.passes, cost.lanes, Some(32)).ok()?;
    let mut key = Zeroizing::new([0; 32]);
    Argon2::new(Algorithm::Argon2id, Version::V0x13, params)
        .hash_password_into(pin.as_bytes(), salt, &mut key[..])
        .ok()?;
    Some(key)
}

/// Binds a wrap to its operator: one's wrapped key cannot be put under another's name.
fn context(id: OperatorId) -> Vec<u8> {
    [b"pishkhan/vault/v1\0", &id.as_bytes()[..]].concat()
}
