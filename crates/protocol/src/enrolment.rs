//! Enrolment: a one-time code becomes a device number, a certificate and a shared secret.

use minicbor::{Decode, Encode};
use pishkhan_domain::ids::{DeviceNumber, OfficeCode};

use crate::certificate::Certificate;
use crate::error::ProtocolError;
use crate::event::{from_cbor, to_cbor};
use crate::keys::PublicKey;

/// From a device that has no number yet.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
pub struct EnrolRequest {
    /// One-time code as typed, upper case, without separators.
    #[n(0)]
    pub code: String,
    /// The device's new public key.
    #[n(1)]
    pub key: PublicKey,
    /// Name of the machine, for the administrator's list.
    #[n(2)]
    pub machine: String,
    /// Program and version.
    #[n(3)]
    pub agent: String,
}

/// The centre's answer.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
pub struct EnrolReply {
    /// The device's number for ever.
    #[n(0)]
    pub device: DeviceNumber,
    /// Office.
    #[n(1)]
    pub office: OfficeCode,
    /// Its name in Persian.
    #[n(2)]
    pub office_title: String,
    /// Its district and county in Persian.
    #[n(3)]
    pub district_title: String,
    /// Certificate for receipts.
    #[n(4)]
    pub certificate: Certificate,
    /// The centre's public key; pinned.
    #[n(5)]
    pub centre_key: PublicKey,
    /// Secret from which ids, salts and codes are derived.
    #[cbor(n(6), with = "minicbor::bytes")]
    pub secret: [u8; 32],
    /// Epoch of the centre.
    #[cbor(n(7), with = "minicbor::bytes")]
    pub epoch: [u8; 16],
    /// Centre's clock, milliseconds since 1970.
    #[n(8)]
    pub at_ms: i64,
    /// Address of the public pages, printed on receipts, without a slash at its end.
    #[n(9)]
    pub public_url: String,
}

impl EnrolRequest {
    /// Exact bytes.
    #[must_use]
    pub fn to_bytes(&self) -> Vec<u8> {
        to_cbor(self)
    }
    /// Reads a request.
    ///
    /// # Errors
    /// [`ProtocolError::Malformed`].
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, ProtocolError> {
        from_cbor(bytes, "enrolment request")
    }
}

impl EnrolReply {
    /// Exact bytes.
    #[must_use]
    pub fn to_bytes(&self) -> Vec<u8> {
        to_cbor(self)
    }
    /// Reads a reply.
    ///
    /// # Errors
    /// [`ProtocolError::Malformed`].
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, ProtocolError> {
        from_cbor(bytes, "enrolment reply")
    }
}
