//! What the centre certifies of a device at enrolment: its number, its office, its key.

use minicbor::{Decode, Encode};
use pishkhan_domain::ids::{DeviceNumber, OfficeCode};

use crate::error::ProtocolError;
use crate::event::{from_cbor, to_cbor};
use crate::keys::{PublicKey, Purpose, SecretKey, SignatureBytes};

/// The certified facts. Short, since every receipt carries them.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
pub struct DeviceFacts {
    /// Device.
    #[n(0)]
    pub device: DeviceNumber,
    /// Office.
    #[n(1)]
    pub office: OfficeCode,
    /// The office's name in Persian, at most 60 bytes.
    #[n(2)]
    pub office_title: String,
    /// Device's public key.
    #[n(3)]
    pub key: PublicKey,
    /// When it was enrolled, milliseconds since 1970.
    #[n(4)]
    pub enrolled_at_ms: i64,
}

/// Facts under the centre's signature; `facts` are the exact bytes that were signed.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
pub struct Certificate {
    /// CBOR of [`DeviceFacts`].
    #[cbor(n(0), with = "minicbor::bytes")]
    pub facts: Vec<u8>,
    /// By the centre's key.
    #[n(1)]
    pub signature: SignatureBytes,
}

impl Certificate {
    /// Certifies.
    #[must_use]
    pub fn issue(facts: &DeviceFacts, centre: &SecretKey) -> Self {
        let facts = to_cbor(facts);
        let signature = centre.sign(Purpose::Certificate, &facts);
        Self { facts, signature }
    }

    /// The certified facts, if the centre's key signed them.
    ///
    /// # Errors
    /// [`ProtocolError::BadSignature`], [`ProtocolError::Malformed`].
    pub fn verify(&self, centre: &PublicKey) -> Result<DeviceFacts, ProtocolError> {
        centre.verify(Purpose::Certificate, &self.facts, &self.signature)?;
        from_cbor(&self.facts, "certificate")
    }

    /// Exact bytes.
    #[must_use]
    pub fn to_bytes(&self) -> Vec<u8> {
        to_cbor(self)
    }

    /// Reads a certificate; says nothing of its signature.
    ///
    /// # Errors
    /// [`ProtocolError::Malformed`].
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, ProtocolError> {
        from_cbor(bytes, "certificate")
    }
}
