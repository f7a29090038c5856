//! A publication said as the difference to one that the other side has: a zstd frame whose raw
//! dictionary (RFC 8878, 5) is the earlier publication.

use zstd::stream::read::Decoder;

use crate::dictionary::{malformed, read_frame};
use crate::error::ProtocolError;

const LEVEL: i32 = 19;

/// `new`, given `base`; none in the unlikely case that it cannot be compressed.
#[must_use]
pub fn encode(new: &[u8], base: &[u8]) -> Option<Vec<u8>> {
    zstd::bulk::Compressor::with_dictionary(LEVEL, base).ok()?.compress(new).ok()
}

/// What `encode` was given, never beyond `most` bytes.
///
/// # Errors
/// [`ProtocolError::Malformed`].
pub fn decode(frame: &[u8], base: &[u8], most: usize) -> Result<Vec<u8>, ProtocolError> {
    read_frame(Decoder::with_dictionary(frame, base).map_err(malformed)?, most)
}
