//! The facts that a receipt prints, in the bytes that its proof commits to.

use minicbor::{Decode, Encode};
use pishkhan_domain::ids::ServiceCode;

use crate::body::ApplicationRecorded;
use crate::error::ProtocolError;
use crate::event::{Hash, from_cbor, tagged_hash, to_cbor};

/// Printed facts; derived from the body on both sides, so they cost nothing on the wire.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
pub struct Summary {
    /// Service.
    #[n(0)]
    pub service: ServiceCode,
    /// Applicant's full name as printed.
    #[n(1)]
    pub applicant_name: String,
    /// Last four digits of the id, or empty.
    #[n(2)]
    pub last_four: String,
    /// Number of papers handed over, copies and seen ones.
    #[n(3)]
    pub documents: u32,
    /// Tariff in rial.
    #[n(4)]
    pub fee_rial: i64,
    /// Day on which the answer is due, ISO 8601.
    #[n(5)]
    pub due_on: String,
}

impl Summary {
    /// The printed facts of a recorded application.
    #[must_use]
    pub fn of(recorded: &ApplicationRecorded) -> Self {
        Self {
            service: recorded.service.clone(),
            applicant_name: recorded.applicant.full_name(),
            last_four: recorded.applicant.last_four().unwrap_or_default().to_owned(),
            documents: u32::try_from(recorded.documents.len()).unwrap_or(u32::MAX),
            fee_rial: recorded.fee_rial,
            due_on: recorded.due_on.clone(),
        }
    }

    /// Exact bytes.
    #[must_use]
    pub fn to_bytes(&self) -> Vec<u8> {
        to_cbor(self)
    }

    /// Reads a summary.
    ///
    /// # Errors
    /// [`ProtocolError::Malformed`].
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, ProtocolError> {
        from_cbor(bytes, "summary")
    }
}

/// Commitment to a summary's bytes. The salt keeps a name from being guessed from the hash.
#[must_use]
pub fn summary_commit(salt: &[u8; 16], summary: &[u8]) -> Hash {
    tagged_hash(b"pishkhan/summary/v1", &[salt, summary])
}
