//! What office and centre promise each other, and every way to break it that we could think of.

#![allow(clippy::unwrap_used, clippy::panic)]

mod appending;
mod chaining;
mod columns;
mod compressing;
mod courier;
mod day_roots;
mod decoding;
mod golden;
mod letters;
mod measuring;
mod office;
mod sealing;
mod tampering;
