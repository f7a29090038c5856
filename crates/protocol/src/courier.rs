//! The courier's file (پیک): what office and centre say to each other, carried by anybody on a
//! stick or a phone. docs/courier.md describes it to the last byte.
//!
//! A line of magic, then byte strings one after the other: a signed cover, and parts that are
//! sealed to the two ends. Invariant: a part opens only in the file and at the place it was written
//! for, so that none can be moved, left out or taken to another file unnoticed; a file that was cut
//! gives its leading whole parts and says that its end is missing.

mod content;
mod cover;
mod file;
mod seal;

use crate::exchange::MAX_MESSAGE_BYTES;

pub use content::{Arrived, ArrivedFile, Content, DocumentPiece};
pub use cover::{Cover, Direction, SignedCover, Verified};
pub use file::{CourierError, FileReader, FileWriter};
pub use seal::PartKey;

/// First line of a file. 1: 24 November 2026, the first.
pub const MAGIC: &[u8; 19] = b"PISHKHAN-COURIER-1\n";
/// How the first line of every version begins.
pub const MAGIC_OF_ANY: &[u8; 17] = b"PISHKHAN-COURIER-";
/// End of the name of a file. Names are for people: what a file is, its contents say.
pub const EXTENSION: &str = "courier";

/// Largest file, in bytes: the largest that sticks of every make can hold.
pub const MAX_FILE_BYTES: u64 = u32::MAX as u64;
/// Largest cover with its signature, in bytes.
pub const MAX_COVER_BYTES: usize = 4 * 1024;
/// Largest content of a part after decompression, in bytes.
pub const MAX_PART_BYTES: usize = MAX_MESSAGE_BYTES;
/// Largest piece of a document, in bytes.
pub const MAX_PIECE_BYTES: usize = 1024 * 1024;
/// Most documents named in one [`Arrived`].
pub const MAX_ARRIVED: usize = 10_000;
