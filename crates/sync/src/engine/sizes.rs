//! How much to send at once. Invariant: what goes in one piece is what a cut may cost, and small;
//! what goes as a parcel loses nothing to a cut, and may be as much as the line carries in the
//! time that a new entry may wait.

use pishkhan_protocol::exchange::MAX_MESSAGE_BYTES;

use super::action::Order;
use super::ceiling::Ceiling;
use super::config::Config;
use super::input::{Carried, Gone, Moment, ReplyFacts, Trouble};
use super::measure::Measure;

/// Most bytes of bodies in a request: what is around them must fit in the message too.
const BODIES_MOST: usize = MAX_MESSAGE_BYTES - MAX_MESSAGE_BYTES / 8;
/// A request that is no larger was hardly cut for its size: its reply was.
const SMALL: usize = 512;
/// Fewer bodies compress unlike many.
const TELLING: usize = 8 * 1024;

/// What is known of sizes.
#[derive(Clone, Debug)]
pub(crate) struct Sizes {
    line: Measure,
    /// Bytes as sent of 1024 bytes of bodies.
    density: usize,
    whole: Ceiling,
    piece: Ceiling,
    reply: usize,
}

impl Sizes {
    pub(crate) fn new(config: &Config) -> Self {
        Self {
            line: Measure::default(),
            // What columns and dictionary make of applications; too low a guess is noticed before
            // a request goes, too high a one costs a round trip.
            density: 96,
            whole: Ceiling::new(config.whole),
            piece: Ceiling::new(config.piece),
            reply: config.reply.first,
        }
    }

    pub(crate) fn trip(&mut self, took: Moment) {
        self.line.trip(took);
    }

    /// Did something not pass in one piece of late?
    pub(crate) fn cut_of_late(&self) -> bool {
        self.whole.lowered()
    }

    pub(crate) fn piece(&self, config: &Config) -> usize {
        let fitting = self.line.fitting(config.send_target).unwrap_or(config.piece.first);
        fitting.clamp(config.piece.least, self.piece.bytes())
    }

    pub(crate) fn order(&self, config: &Config, order: Order) -> Order {
        let whole = self.line.fitting(config.whole_target).unwrap_or(config.whole.first);
        let whole = whole.clamp(config.whole.least, self.whole.bytes());
        let batch = self.line.fitting(config.send_target).unwrap_or(config.batch.first);
        let batch = batch.clamp(config.batch.least, config.batch.most);
        let batch = if order.parcels { batch } else { batch.min(whole) };
        let bodies = batch.saturating_mul(1024) / self.density.max(1);
        Order {
            max_bytes: bodies.min(BODIES_MOST),
            whole_most_bytes: whole,
            piece_most_bytes: self.piece(config),
            reply_most_bytes: u32::try_from(self.reply).unwrap_or(u32::MAX),
            ..order
        }
    }

    pub(crate) fn answered(&mut self, config: &Config, facts: &ReplyFacts, took: Moment) {
        match facts.carried {
            Carried::Whole => {
                self.line.carried(facts.sent_bytes, took, 1);
                self.whole.passed(facts.sent_bytes);
            }
            Carried::Parcel { bytes, trips, piece_bytes } => {
                self.line.carried(bytes, took, trips);
                self.piece.passed(piece_bytes);
                self.whole.passed(piece_bytes);
            }
        }
        if facts.body_bytes >= TELLING {
            self.density = (facts.sent_bytes.saturating_mul(1024) / facts.body_bytes).max(1);
        }
        if facts.reply_bytes.saturating_mul(2) >= self.reply {
            self.reply = self.reply.saturating_mul(4).min(config.reply.most);
        }
    }

    pub(crate) fn uploaded(&mut self, bytes: usize, took: Moment) {
        self.line.carried(bytes, took, 1);
        self.piece.passed(bytes);
    }

    /// True when it was refused for its size, and something smaller may go at once.
    pub(crate) fn failed(&mut self, config: &Config, trouble: Trouble, gone: Gone) -> bool {
        match (trouble, gone) {
            (Trouble::TooLarge, Gone::Whole { bytes }) => return self.whole.refused(bytes),
            (Trouble::TooLarge, Gone::Parcel { piece_bytes, .. }) => {
                return self.piece.refused(piece_bytes);
            }
            (Trouble::Timeout | Trouble::Unreachable, Gone::Whole { bytes }) => {
                if bytes > SMALL {
                    self.whole.refused(bytes);
                }
                self.reply = (self.reply / 2).max(config.reply.least);
            }
            _ => {}
        }
        if trouble == Trouble::Timeout && gone != Gone::Nothing {
            self.line.too_slow();
        }
        false
    }
}
