//! The signed head of a device's chain: one signature for everything up to it.

use minicbor::{Decode, Encode};
use pishkhan_domain::ids::DeviceNumber;

use crate::error::ProtocolError;
use crate::event::Hash;
use crate::keys::{PublicKey, Purpose, SecretKey, SignatureBytes};

/// The place and hash of an event.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode)]
pub struct Head {
    /// Sequence; 0 before the first event.
    #[n(0)]
    pub seq: u64,
    /// Hash of the event at `seq`; zeros when there is none.
    #[cbor(n(1), with = "minicbor::bytes")]
    pub hash: Hash,
}

impl Head {
    /// The head of an empty log.
    pub const EMPTY: Self = Self { seq: 0, hash: [0; 32] };

    /// Signs this head for a device.
    #[must_use]
    pub fn sign(&self, device: DeviceNumber, key: &SecretKey) -> SignatureBytes {
        key.sign(Purpose::Head, &self.message(device))
    }

    /// Checks a device's signature on this head.
    ///
    /// # Errors
    /// [`ProtocolError::BadSignature`].
    pub fn verify(
        &self,
        device: DeviceNumber,
        key: &PublicKey,
        signature: &SignatureBytes,
    ) -> Result<(), ProtocolError> {
        key.verify(Purpose::Head, &self.message(device), signature)
    }

    fn message(&self, device: DeviceNumber) -> Vec<u8> {
        [&device.0.to_be_bytes()[..], &self.seq.to_be_bytes(), &self.hash].concat()
    }
}
