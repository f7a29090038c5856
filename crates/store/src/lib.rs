//! The office's store: one encrypted database, one directory of encrypted documents, and the
//! vault that keeps their key.
//!
//! Invariant: the log of events only grows. What the screens read is computed from the log and
//! from the feed of the centre, and can be thrown away and computed again.

mod applications;
mod backup;
mod catalogue;
mod connection;
mod courier;
mod data_key;
mod day;
mod day_roots;
mod documents;
mod drafts;
mod error;
mod files;
mod history;
mod identity;
mod log;
mod notices;
mod numbers;
mod parked;
mod projection;
mod reply;
#[cfg(test)]
mod sample;
mod schema;
mod sealed;
mod search;
mod settings;
mod store;
mod sync_state;
#[cfg(test)]
mod tests;
mod timeline;
pub mod vault;

pub use applications::{Application, ApplicationRow, ListFilter, Waiting, WorkCounts};
pub use backup::{BackupJob, restore_backup};
pub use courier::{CarriedReceipt, CourierFile, NotedCarried};
pub use data_key::DataKey;
pub use day_roots::KeptRoot;
pub use documents::{DocumentsWaiting, Upload};
pub use drafts::{Draft, DraftContent};
pub use error::StoreError;
pub use identity::Identity;
pub use log::{Along, LogCheck};
pub use notices::Notice;
pub use parked::ParkedEntry;
pub use reply::{Applied, FeedTrouble, ReplyEffects};
pub use store::{IntegrityJob, Store};
pub use sync_state::SyncState;
pub use timeline::{Happening, KeptLetter, TimelineEntry, letter_of};
pub use vault::{Vault, VaultError, VaultOperator};
