//! The proof that a receipt carries: checked with the centre's public key alone, with no network.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use minicbor::{Decode, Encode};

use crate::certificate::{Certificate, DeviceFacts};
use crate::error::ProtocolError;
use crate::event::{Core, Hash, event_hash, from_cbor, to_cbor};
use crate::head::Head;
use crate::keys::{PublicKey, SignatureBytes};
use crate::summary::{Summary, summary_commit};

/// Everything needed to prove what was filed and where.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
pub struct ReceiptProof {
    /// Exact bytes of the event's core.
    #[cbor(n(0), with = "minicbor::bytes")]
    pub core: Vec<u8>,
    /// Hash of the event's rest.
    #[cbor(n(1), with = "minicbor::bytes")]
    pub rest_hash: Hash,
    /// Exact bytes of the printed facts.
    #[cbor(n(2), with = "minicbor::bytes")]
    pub summary: Vec<u8>,
    /// Salt of their commitment.
    #[cbor(n(3), with = "minicbor::bytes")]
    pub summary_salt: [u8; 16],
    /// Device's signature on the head at this event.
    #[n(4)]
    pub signature: SignatureBytes,
    /// Device's certificate.
    #[n(5)]
    pub certificate: Certificate,
}

/// What a verified receipt proves. The filing time is the device's claim; the interval is between
/// the anchor and whoever first sees the receipt or the entry.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VerifiedReceipt {
    /// The event's core: device, sequence, time claimed, anchor, tracking code.
    pub core: Core,
    /// Hash of the event, by which the centre finds it.
    pub event_hash: Hash,
    /// Printed facts.
    pub summary: Summary,
    /// Device and office.
    pub device: DeviceFacts,
}

impl ReceiptProof {
    /// Verifies certificate, signature, hash and printed facts.
    ///
    /// # Errors
    /// [`ProtocolError`] naming the first part that does not hold.
    pub fn verify(&self, centre: &PublicKey) -> Result<VerifiedReceipt, ProtocolError> {
        let device = self.certificate.verify(centre)?;
        let core = Core::from_bytes(&self.core)?;
        if core.device != device.device {
            return Err(ProtocolError::Mismatch { what: "device" });
        }
        let event_hash = event_hash(&self.core, &self.rest_hash);
        Head { seq: core.seq, hash: event_hash }.verify(
            device.device,
            &device.key,
            &self.signature,
        )?;
        if core.summary_commit != Some(summary_commit(&self.summary_salt, &self.summary)) {
            return Err(ProtocolError::Mismatch { what: "printed facts" });
        }
        let summary = Summary::from_bytes(&self.summary)?;
        Ok(VerifiedReceipt { core, event_hash, summary, device })
    }

    /// The address printed as QR: the proof is in the fragment, which no browser sends anywhere.
    #[must_use]
    pub fn to_url(&self, public_url: &str) -> String {
        format!("{public_url}/r#{}", URL_SAFE_NO_PAD.encode(to_cbor(self)))
    }

    /// Reads the proof out of a scanned address, or out of its fragment alone.
    ///
    /// # Errors
    /// [`ProtocolError::Malformed`].
    pub fn from_url(url: &str) -> Result<Self, ProtocolError> {
        let fragment = url.rsplit_once('#').map_or(url, |(_, fragment)| fragment);
        let bytes = URL_SAFE_NO_PAD
            .decode(fragment.trim())
            .map_err(|_| ProtocolError::Malformed { what: "receipt proof" })?;
        from_cbor(&bytes, "receipt proof")
    }
}
