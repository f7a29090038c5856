//! zstd (RFC 8878) with trained dictionaries, known by number to both sides.
//!
//! A number is never used for another dictionary. `script/train-dictionary` makes the next one.
//!
//! A frame made with a dictionary travels without its magic number, and names neither dictionary
//! nor checksum: the envelope says the one, and its signature is better than the other.

use std::io::{BufRead, Error, Read};
use std::sync::OnceLock;

use zstd::bulk::Compressor;
use zstd::dict::{DecoderDictionary, EncoderDictionary};
use zstd::stream::read::Decoder;

use crate::error::ProtocolError;

/// No dictionary.
pub const NONE: u16 = 0;
/// The newest dictionary of this program. 1: November 2026, for messages both ways and publications.
pub const NEWEST: u16 = 1;

const FIRST: &[u8] = include_bytes!("../dictionaries/1.zdict");

/// What every frame begins with.
const MAGIC: &[u8] = &[0x28, 0xb5, 0x2f, 0xfd];
/// A window that every frame may have, in bytes.
const SMALL_WINDOW: usize = 1 << 20;

/// Does this program know it?
#[must_use]
pub fn is_known(dictionary: u16) -> bool {
    dictionary <= NEWEST
}

/// Compresses with a dictionary; none when this program does not know it.
#[must_use]
pub fn compress(message: &[u8], dictionary: u16) -> Option<Vec<u8>> {
    match dictionary {
        NONE => zstd::bulk::compress(message, 3).ok(),
        NEWEST => {
            let mut compressor =
                Compressor::with_prepared_dictionary(writing(message.len())).ok()?;
            compressor.include_dictid(false).ok()?;
            compressor.include_checksum(false).ok()?;
            compressor.include_contentsize(false).ok()?;
            let mut frame = compressor.compress(message).ok()?;
            frame.drain(..MAGIC.len());
            Some(frame)
        }
        _ => None,
    }
}

/// Decompresses, never beyond `most` bytes, nor with a window of more.
///
/// # Errors
/// [`ProtocolError::Unknown`] dictionary, [`ProtocolError::Malformed`].
pub fn decompress(payload: &[u8], dictionary: u16, most: usize) -> Result<Vec<u8>, ProtocolError> {
    match dictionary {
        NONE => read_frame(Decoder::with_buffer(payload).map_err(malformed)?, most),
        NEWEST => {
            let frame = MAGIC.chain(payload);
            let decoder = Decoder::with_prepared_dictionary(frame, reading());
            read_frame(decoder.map_err(malformed)?, most)
        }
        unknown => Err(ProtocolError::Unknown { what: "dictionary", number: u64::from(unknown) }),
    }
}

/// Reads one frame, bounded.
pub(crate) fn read_frame<R: BufRead>(
    mut decoder: Decoder<'_, R>,
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

pub(crate) fn malformed(_: Error) -> ProtocolError {
    ProtocolError::Malformed { what: "compressed message" }
}

/// Prepared once: the smaller the message, the harder it is tried.
fn writing(length: usize) -> &'static EncoderDictionary<'static> {
    static SMALL: OnceLock<EncoderDictionary<'static>> = OnceLock::new();
    static MIDDLE: OnceLock<EncoderDictionary<'static>> = OnceLock::new();
    static LARGE: OnceLock<EncoderDictionary<'static>> = OnceLock::new();
    let (cell, level) = match length {
        0..0x1_0000 => (&SMALL, 19),
        0x1_0000..0x10_0000 => (&MIDDLE, 9),
        _ => (&LARGE, 5),
    };
    cell.get_or_init(|| EncoderDictionary::copy(FIRST, level))
}

fn reading() -> &'static DecoderDictionary<'static> {
    static READING: OnceLock<DecoderDictionary<'static>> = OnceLock::new();
    READING.get_or_init(|| DecoderDictionary::copy(FIRST))
}
