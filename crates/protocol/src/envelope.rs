//! The outermost layer of a message: compressed, then signed. The same bytes go over a line or
//! into a courier's file.

use minicbor::{Decode, Encode};
use pishkhan_domain::ids::DeviceNumber;

use crate::dictionary;
use crate::error::ProtocolError;
use crate::event::{from_cbor, to_cbor};
use crate::exchange::MAX_MESSAGE_BYTES;
use crate::keys::{PublicKey, Purpose, SecretKey, SignatureBytes};
use crate::packing::{Packed, pack, unpack};

/// A signed message of a device (request) or for a device (reply).
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
pub struct Envelope {
    /// The device, so that its key can be found.
    #[n(0)]
    pub device: DeviceNumber,
    /// As in [`Packed`].
    #[n(1)]
    pub encoding: u8,
    /// Number of the trained dictionary, [`dictionary::NONE`] for none.
    #[n(2)]
    pub dictionary: u16,
    /// The message as encoded.
    #[cbor(n(3), with = "minicbor::bytes")]
    pub payload: Vec<u8>,
    /// On device, encoding, dictionary and payload.
    #[n(4)]
    pub signature: SignatureBytes,
}

impl Envelope {
    /// Compresses without a dictionary, as protocol 1 does, and signs.
    #[must_use]
    pub fn seal(purpose: Purpose, device: DeviceNumber, message: &[u8], key: &SecretKey) -> Self {
        Self::seal_with(dictionary::NONE, purpose, device, message, key)
    }

    /// Compresses with a dictionary that the other side has said it knows, and signs.
    #[must_use]
    pub fn seal_with(
        dictionary: u16,
        purpose: Purpose,
        device: DeviceNumber,
        message: &[u8],
        key: &SecretKey,
    ) -> Self {
        let Packed { encoding, dictionary, payload } = pack(message, dictionary);
        let signature = SignatureBytes([0; 64]);
        let mut envelope = Self { device, encoding, dictionary, payload, signature };
        envelope.signature = key.sign(purpose, &envelope.signed_bytes());
        envelope
    }

    /// Checks the signature, then decompresses, never beyond [`MAX_MESSAGE_BYTES`].
    ///
    /// # Errors
    /// [`ProtocolError::BadSignature`], [`ProtocolError::Unknown`], [`ProtocolError::Malformed`].
    pub fn open(&self, purpose: Purpose, key: &PublicKey) -> Result<Vec<u8>, ProtocolError> {
        key.verify(purpose, &self.signed_bytes(), &self.signature)?;
        unpack(self.encoding, self.dictionary, &self.payload, MAX_MESSAGE_BYTES)
    }

    /// Exact bytes.
    #[must_use]
    pub fn to_bytes(&self) -> Vec<u8> {
        to_cbor(self)
    }

    /// Reads an envelope; says nothing of its signature.
    ///
    /// # Errors
    /// [`ProtocolError::Malformed`].
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, ProtocolError> {
        from_cbor(bytes, "envelope")
    }

    fn signed_bytes(&self) -> Vec<u8> {
        let device = self.device.0.to_be_bytes();
        let dictionary = self.dictionary.to_be_bytes();
        [&device[..], &[self.encoding], &dictionary, &self.payload].concat()
    }
}
