//! Everything that the window and the office's use cases say to each other, once: commands with
//! their requests and replies, events, error codes. TypeScript types are generated from here.
//!
//! Invariant: plain data. Times are milliseconds since 1970-01-01T00:00:00Z and end in `_at`;
//! days are ISO 8601 and end in `_on`; codes are Latin digits.

pub mod application;
pub mod command;
pub mod courier;
pub mod draft;
pub mod error;
pub mod receipt;
pub mod session;
pub mod settings;
pub mod sync;
pub mod typescript;
