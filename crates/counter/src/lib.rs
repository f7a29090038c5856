//! The counter: the office's use cases, one method of [`Counter`] for each command of
//! [`pishkhan_ipc::command`]. The shell and the command line are thin over it; it knows neither.
//!
//! Invariant: a use case that moves an application is one transaction of the store, and nothing is
//! on paper that the disk has not committed.

mod application;
mod care;
mod catalogue;
mod counter;
mod courier;
pub mod document;
mod draft;
mod entry;
mod error;
mod filing;
mod letter;
mod notice;
mod paper;
mod places;
pub mod printer;
mod receipt;
pub mod sentence;
mod session;
mod settings;
mod sync_status;
mod verify;

pub use counter::{Clock, Counter};
pub use places::Places;
pub use session::VERSION;
pub use sync_status::{RoadUsed, SyncActivity, Uploading};
pub use verify::verify_receipt;
