//! What the centre needs of a database, and nothing more: units of work that run named statements.
//!
//! The tables are written once, in the modules below, in the SQL that both stores understand; the
//! stores differ in how a statement is run. Invariant: whatever decides lives elsewhere; a unit
//! that is not committed leaves no trace.

use std::sync::Arc;

use async_trait::async_trait;

pub mod accounts;
pub mod acts;
pub mod agency_feed;
pub mod agency_tokens;
pub mod applications;
pub mod attention;
pub mod audit_log;
pub mod card_drafts;
pub mod courier;
pub mod day_roots;
pub mod device_rows;
pub mod devices;
pub mod districts;
pub mod documents;
pub mod embedded;
pub mod enrolment_codes;
pub mod events;
pub mod evidence;
pub mod factors;
pub mod feed;
pub mod figures;
pub mod identity;
pub mod import_previews;
pub mod letter_templates;
pub mod letters;
pub mod office_rows;
pub mod offices;
pub mod operators;
pub mod postgres;
pub mod publication_rows;
pub mod publications;
pub mod queue;
pub mod ratings;
pub mod received_heads;
pub mod return_reasons;
pub mod row;
pub mod safe;
pub mod saved_views;
pub mod search;
pub mod sessions;
pub mod sign_ins;
pub mod staff;
pub mod taken_out_of_order;

pub use row::{Row, Value};

/// Why the database did not do it. Split by what the caller would do.
#[derive(Debug, thiserror::Error)]
pub enum StorageError {
    /// Try again later.
    #[error("the database did not answer")]
    Unavailable(#[source] Box<dyn std::error::Error + Send + Sync>),
    /// Something stored does not read as what it should be: a person must look.
    #[error("stored {0} cannot be read")]
    Unreadable(&'static str),
}

impl StorageError {
    pub(crate) fn unavailable(
        error: impl Into<Box<dyn std::error::Error + Send + Sync + 'static>>,
    ) -> Self {
        Self::Unavailable(error.into())
    }
}

/// A database of the centre.
#[async_trait]
pub trait Storage: Send + Sync {
    /// Begins a unit of work that may write.
    async fn begin(&self) -> Result<Box<dyn Unit>, StorageError>;
    /// Begins a unit of work that only reads.
    async fn read(&self) -> Result<Box<dyn Unit>, StorageError>;
}

/// The storage as it is passed around.
pub type SharedStorage = Arc<dyn Storage>;

/// One transaction. Dropped without [`Unit::commit`], it is rolled back.
///
/// Statements use `$1`, `$2`, … and may end in ` FOR UPDATE`, which the embedded store leaves out:
/// its one writer is the lock.
#[async_trait]
pub trait Unit: Send {
    /// Runs a statement that gives rows.
    async fn query(
        &mut self,
        sql: &'static str,
        params: Vec<Value>,
    ) -> Result<Vec<Row>, StorageError>;
    /// Runs a statement that gives rows once for each set of parameters; gives all rows.
    async fn query_each(
        &mut self,
        sql: &'static str,
        sets: Vec<Vec<Value>>,
    ) -> Result<Vec<Row>, StorageError>;
    /// Runs a statement once for each set of parameters; gives the number of rows changed. No two
    /// sets of one call may insert the same row.
    async fn execute(
        &mut self,
        sql: &'static str,
        sets: Vec<Vec<Value>>,
    ) -> Result<u64, StorageError>;
    /// Makes it durable.
    async fn commit(self: Box<Self>) -> Result<(), StorageError>;
}

/// So many sets of parameters are made while the database runs those before them.
const TURN: usize = 1_000;

/// Runs a statement once for each thing. The parameters of the next things are made while the
/// database is busy with the last.
pub(crate) async fn execute_each<T: Sync>(
    unit: &mut dyn Unit,
    sql: &'static str,
    things: &[T],
    set: impl Fn(&T) -> Vec<Value> + Send + Sync,
) -> Result<(), StorageError> {
    let mut turns = things.chunks(TURN).map(|turn| turn.iter().map(&set).collect::<Vec<_>>());
    let mut next = turns.next();
    while let Some(sets) = next {
        let (ran, made) = futures::join!(unit.execute(sql, sets), async { turns.next() });
        ran?;
        next = made;
    }
    Ok(())
}

/// Asks whether a database would open, and changes nothing in it.
///
/// # Errors
/// [`StorageError::Unavailable`].
pub async fn reach(database: &str) -> Result<(), StorageError> {
    if database.starts_with("postgres://") || database.starts_with("postgresql://") {
        postgres::reach(database).await
    } else {
        embedded::reach(std::path::Path::new(database)).await
    }
}

/// Opens the database that an address names: `postgres://…`, or the path of an SQLite file.
///
/// # Errors
/// [`StorageError::Unavailable`].
pub async fn open(database: &str) -> Result<SharedStorage, StorageError> {
    if database.starts_with("postgres://") || database.starts_with("postgresql://") {
        Ok(Arc::new(postgres::PostgresStorage::open(database).await?))
    } else {
        Ok(Arc::new(embedded::EmbeddedStorage::open(std::path::Path::new(database)).await?))
    }
}
