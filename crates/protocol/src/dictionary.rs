//! zstd (RFC 8878) with trained dictionaries, known by number to both sides.
//!
//! A number is never used for another dictionary. `script/train-dictionary` makes the next one.

use std::io::Read;

use crate::error::ProtocolError;

/// No dictionary.
pub const NONE: u16 = 0;
/// The newest dictionary of this program.
pub const NEWEST: u16 = 0;

/// A window that every frame may have, in bytes.
const SMALL_WINDOW: usize = 1 << 20;

/// Does this program know it?
#[must_use]
pub fn is_known(dictionary: u16) -> bool {
    dictionary <= NEWEST
}

/// Compresses with a dictionary; none when this program does not know it.
#[must_use]
pub fn compress(message: &[u8], dictionary: u16, level: i32) -> Option<Vec<u8>> {
    is_known(dictionary).then(|| zstd::bulk::compress(message, level).ok()).flatten()
}

/// Decompresses, never beyond `most` bytes, nor with a window of more.
///
/// # Errors
/// [`ProtocolError::Unknown`] dictionary, [`ProtocolError::Malformed`].
pub fn decompress(payload: &[u8], dictionary: u16, most: usize) -> Result<Vec<u8>, ProtocolError> {
    if !is_known(dictionary) {
        return Err(ProtocolError::Unknown { what: "dictionary", number: u64::from(dictionary) });
    }
    let decoder = zstd::stream::read::Decoder::new(payload);
    read_frame(decoder.map_err(malformed)?, most)
}

/// Reads one frame, bounded.
pub(crate) fn read_frame<R: std::io::BufRead>(
    mut decoder: zstd::stream::read::Decoder<'_, R>,
    most: usize,
) -> Result<Vec<u8>, ProtocolError> {
    let mut message = Vec::new();
    // A frame may ask for a window of 128 MiB; no message of ours needs more than it may hold.
    let window = most.next_power_of_two().max(SMALL_WINDOW);
    decoder.window_log_max(window.ilog2()).map_err(malformed)?;
    decoder.take(most as u64 + 1).read_to_end(&mut message).map_err(malformed)?;
    if message.len() > most {
        return Err(ProtocolError::Malformed { what: "message within its size" });
    }
    Ok(message)
}

pub(crate) fn malformed(_: std::io::Error) -> ProtocolError {
    ProtocolError::Malformed { what: "compressed message" }
}
