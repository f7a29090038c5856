//! The outermost layer of a message: compressed, then signed. The same bytes go over a line or
//! into a courier's file.

use std::io::Read;

use minicbor::{Decode, Encode};
use pishkhan_domain::ids::DeviceNumber;

use crate::error::ProtocolError;
use crate::event::{from_cbor, to_cbor};
use crate::exchange::MAX_MESSAGE_BYTES;
use crate::keys::{PublicKey, Purpose, SecretKey, SignatureBytes};

/// Payload as it is.
pub const ENCODING_PLAIN: u8 = 0;
/// Payload in one zstd frame (RFC 8878) with the dictionary named.
pub const ENCODING_ZSTD: u8 = 1;
/// No dictionary.
pub const DICTIONARY_NONE: u16 = 0;

/// A signed message of a device (request) or for a device (reply).
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
pub struct Envelope {
    /// The device, so that its key can be found.
    #[n(0)]
    pub device: DeviceNumber,
    /// [`ENCODING_PLAIN`] or [`ENCODING_ZSTD`].
    #[n(1)]
    pub encoding: u8,
    /// Number of the trained dictionary, [`DICTIONARY_NONE`] for none.
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
    /// Compresses and signs.
    #[must_use]
    pub fn seal(purpose: Purpose, device: DeviceNumber, message: &[u8], key: &SecretKey) -> Self {
        let compressed = zstd::bulk::compress(message, 3).ok();
        let (encoding, payload) = match compressed {
            Some(smaller) if smaller.len() < message.len() => (ENCODING_ZSTD, smaller),
            _ => (ENCODING_PLAIN, message.to_vec()),
        };
        let mut envelope = Self {
            device,
            encoding,
            dictionary: DICTIONARY_NONE,
            payload,
            signature: SignatureBytes([0; 64]),
        };
        envelope.signature = key.sign(purpose, &envelope.signed_bytes());
        envelope
    }

    /// Checks the signature, then decompresses, never beyond [`MAX_MESSAGE_BYTES`].
    ///
    /// # Errors
    /// [`ProtocolError::BadSignature`], [`ProtocolError::Unknown`], [`ProtocolError::Malformed`].
    pub fn open(&self, purpose: Purpose, key: &PublicKey) -> Result<Vec<u8>, ProtocolError> {
        key.verify(purpose, &self.signed_bytes(), &self.signature)?;
        if self.dictionary != DICTIONARY_NONE {
            let number = u64::from(self.dictionary);
            return Err(ProtocolError::Unknown { what: "dictionary", number });
        }
        match self.encoding {
            ENCODING_PLAIN => Ok(self.payload.clone()),
            ENCODING_ZSTD => decompress(&self.payload),
            other => Err(ProtocolError::Unknown { what: "encoding", number: u64::from(other) }),
        }
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

fn decompress(payload: &[u8]) -> Result<Vec<u8>, ProtocolError> {
    let malformed = |_| ProtocolError::Malformed { what: "compressed message" };
    let limit = MAX_MESSAGE_BYTES as u64;
    let mut message = Vec::new();
    let mut decoder = zstd::stream::read::Decoder::new(payload).map_err(malformed)?;
    // A frame may ask for a window of 128 MiB; no message of ours needs more than it may hold.
    decoder.window_log_max(MAX_MESSAGE_BYTES.ilog2()).map_err(malformed)?;
    decoder.take(limit + 1).read_to_end(&mut message).map_err(malformed)?;
    if message.len() > MAX_MESSAGE_BYTES {
        return Err(ProtocolError::Malformed { what: "message within its size" });
    }
    Ok(message)
}
