//! How a message becomes the payload of an envelope, short or full: the one place that compresses
//! messages.

use crate::dictionary;
use crate::error::ProtocolError;

/// Payload as it is.
pub const ENCODING_PLAIN: u8 = 0;
/// Payload in one zstd frame (RFC 8878) with the dictionary named.
pub const ENCODING_ZSTD: u8 = 1;

/// A message as it goes into an envelope.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Packed {
    /// [`ENCODING_PLAIN`] or [`ENCODING_ZSTD`].
    pub encoding: u8,
    /// The dictionary that was asked for, whether the message needed it or not;
    /// [`dictionary::NONE`] if this program does not know it.
    pub dictionary: u16,
    /// The message as encoded.
    pub payload: Vec<u8>,
}

/// Compresses with the dictionary, unless that makes it no smaller.
#[must_use]
pub fn pack(message: &[u8], dictionary: u16) -> Packed {
    let dictionary = if dictionary::is_known(dictionary) { dictionary } else { dictionary::NONE };
    let (encoding, payload) = match dictionary::compress(message, dictionary) {
        Some(smaller) if smaller.len() < message.len() => (ENCODING_ZSTD, smaller),
        _ => (ENCODING_PLAIN, message.to_vec()),
    };
    Packed { encoding, dictionary, payload }
}

/// The message again, never beyond `most` bytes.
///
/// # Errors
/// [`ProtocolError::Unknown`] encoding or dictionary, [`ProtocolError::Malformed`].
pub fn unpack(
    encoding: u8,
    dictionary: u16,
    payload: &[u8],
    most: usize,
) -> Result<Vec<u8>, ProtocolError> {
    match encoding {
        ENCODING_PLAIN if payload.len() <= most => Ok(payload.to_vec()),
        ENCODING_PLAIN => Err(ProtocolError::Malformed { what: "message within its size" }),
        ENCODING_ZSTD => dictionary::decompress(payload, dictionary, most),
        other => Err(ProtocolError::Unknown { what: "encoding", number: u64::from(other) }),
    }
}
