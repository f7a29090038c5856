//! The data key, from which the keys of the database and of the documents are derived.
//!
//! Invariant: it exists in the clear only in memory, and is wiped there when dropped.

use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;
use zeroize::Zeroizing;

use crate::error::StoreError;

/// 32 random bytes that open everything this office keeps.
#[derive(Clone)]
pub struct DataKey(Zeroizing<[u8; 32]>);

impl DataKey {
    /// A new one from the system's randomness.
    ///
    /// # Errors
    /// [`StoreError::Other`] when the system has none.
    pub fn generate() -> Result<Self, StoreError> {
        let mut bytes = Zeroizing::new([0; 32]);
        getrandom::fill(&mut bytes[..])
            .map_err(|error| StoreError::other("drawing randomness", error))?;
        Ok(Self(bytes))
    }

    /// From its bytes.
    #[must_use]
    pub fn from_bytes(bytes: [u8; 32]) -> Self {
        Self(Zeroizing::new(bytes))
    }

    pub(crate) fn bytes(&self) -> &[u8; 32] {
        &self.0
    }

    /// A key for one use: HMAC-SHA-256 under the data key (RFC 2104 as a PRF, NIST SP 800-108).
    pub(crate) fn derive(&self, purpose: &[u8]) -> Zeroizing<[u8; 32]> {
        let mut key = Zeroizing::new([0; 32]);
        // HMAC takes keys of any length, so the error cannot happen.
        if let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(&self.0[..]) {
            mac.update(purpose);
            key.copy_from_slice(&mac.finalize().into_bytes());
        }
        key
    }
}

impl std::fmt::Debug for DataKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("DataKey(…)")
    }
}
