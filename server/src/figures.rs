//! Figures: what the public, the governors and an office's poster are told, as sums over
//! applications.
//!
//! They are computed beside the work, never within it: [`refresh`] counts again the offices in
//! which something has happened since, and nothing that files or decides waits for it. Invariant:
//! figures hold numbers and codes only; what is shown to everybody goes through
//! [`suppress`] first.

pub mod count;
pub mod place;
pub mod published;
pub mod refresh;
pub mod shelf;
pub mod sums;
pub mod suppress;
