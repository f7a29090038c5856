//! Synchronisation of an office with its centre: a pure engine that decides, a conversation that
//! turns the store into messages and back, and a thin driver over HTTP.
//!
//! Invariant: nothing is ever deleted at the office because of what the line or the centre said;
//! what waits is computed from the log and the centre's signed head.

pub mod conversation;
pub mod courier;
mod driver;
pub mod engine;
mod enrolment;
mod line;
mod office;
mod status;
mod tus;

pub use driver::{Driver, Options, Outcome, SyncHandle, run_once, spawn};
pub use enrolment::{EnrolError, Seed, enrol, enrol_with_seed, new_seed};
pub use line::{BadAddress, Carried, Road, TlsError};
pub use office::Office;
pub use status::{Changes, LastAnswer, Sending, SyncStatus, UploadProgress};

/// Program and version, as the centre sees it.
fn agent() -> String {
    format!("pishkhan/{}", env!("CARGO_PKG_VERSION"))
}
