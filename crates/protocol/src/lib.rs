//! What office and centre say to each other: events and their chain, signatures, the exchange,
//! the feed that comes down, enrolment, and the proof that a receipt carries.
//!
//! Invariant: pure. No clock, disk or network; the same bytes in give the same bytes out, on both
//! sides, so that whatever can be derived need not travel.

pub mod address;
pub mod anchor;
pub mod body;
pub mod certificate;
pub mod chain;
pub mod columns;
pub mod courier;
pub mod day_root;
pub mod delta;
pub mod derive;
pub mod dictionary;
pub mod enrolment;
pub mod envelope;
pub mod error;
pub mod event;
pub mod exchange;
pub mod feed;
pub mod head;
pub mod ingest;
pub mod keys;
pub mod letter;
pub mod packing;
pub mod receipt_proof;
pub mod rows;
pub mod short;
pub mod summary;
