//! The embedded store: one SQLite file, for a trial or a county's hub.
//!
//! Invariant: one writer. A transaction holds the connection's lock until it ends; one that was
//! abandoned in the middle is rolled back before the next begins.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use rusqlite::backup::Backup;
use rusqlite::types::{ToSqlOutput, ValueRef};
use rusqlite::{Connection, OpenFlags, ToSql};
use tokio::sync::{Mutex, OwnedMutexGuard};
use tokio::task::spawn_blocking;

use super::{Row, Storage, StorageError, Unit, Value};

mod migrations {
    refinery::embed_migrations!("migrations/embedded");
}

/// Below 3.51.3 the write-ahead log can lose commits when two connections are open.
const OLDEST_SQLITE: i32 = 3_051_003;
/// `PRAGMA synchronous`: every commit is on the disk before it is answered.
const FULL: i64 = 2;

const CACHE_KIB: i64 = 64 * 1024;
/// A batch of thousands touches many leaves of many indexes: fewer and larger ones are written sooner.
const PAGE_BYTES: i64 = 8 * 1024;
/// 128 MiB.
const LOG_PAGES: i64 = 16_000;

/// A database file.
pub struct EmbeddedStorage {
    writer: Arc<Mutex<Connection>>,
    reader: Arc<Mutex<Connection>>,
}

impl EmbeddedStorage {
    /// Opens the file, creating and migrating it when needed.
    ///
    /// # Errors
    /// [`StorageError::Unavailable`].
    pub async fn open(path: &Path) -> Result<Self, StorageError> {
        let path = path.to_owned();
        let (writer, reader) =
            spawn_blocking(move || open_both(&path)).await.map_err(StorageError::unavailable)??;
        Ok(Self { writer: Arc::new(Mutex::new(writer)), reader: Arc::new(Mutex::new(reader)) })
    }
}

impl EmbeddedStorage {
    /// Does a commit that was answered survive a power cut?
    pub async fn survives_power_cut(&self) -> bool {
        let writer = self.writer.lock().await;
        let level = writer.pragma_query_value(None, "synchronous", |row| row.get::<_, i64>(0));
        level.is_ok_and(|level| level >= FULL)
    }
}

fn open_both(path: &Path) -> Result<(Connection, Connection), StorageError> {
    if rusqlite::version_number() < OLDEST_SQLITE {
        return Err(StorageError::unavailable("this SQLite can lose commits: 3.51.3 is needed"));
    }
    let mut writer = Connection::open(path).map_err(StorageError::unavailable)?;
    prepare(&writer).map_err(StorageError::unavailable)?;
    migrations::migrations::runner().run(&mut writer).map_err(StorageError::unavailable)?;
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let reader = Connection::open_with_flags(path, flags).map_err(StorageError::unavailable)?;
    reader.busy_timeout(Duration::from_secs(10)).map_err(StorageError::unavailable)?;
    Ok((writer, reader))
}

fn prepare(connection: &Connection) -> rusqlite::Result<()> {
    connection.busy_timeout(Duration::from_secs(10))?;
    // Only of a file that is made now.
    connection.pragma_update(None, "page_size", PAGE_BYTES)?;
    connection.pragma_update(None, "journal_mode", "wal")?;
    connection.pragma_update(None, "synchronous", "full")?;
    connection.pragma_update(None, "foreign_keys", true)?;
    connection.pragma_update(None, "trusted_schema", false)?;
    // A batch of thousands changes more pages than the usual 2 MiB hold, and is not to wait until
    // all of them are copied from the write-ahead log into the file: commits are durable without.
    connection.pragma_update(None, "cache_size", -CACHE_KIB)?;
    connection.pragma_update(None, "wal_autocheckpoint", LOG_PAGES)?;
    connection.pragma_update(None, "journal_size_limit", 64 * 1024 * 1024)
}

/// Asks whether the file is a database, or could be made.
///
/// # Errors
/// [`StorageError::Unavailable`].
pub async fn reach(path: &Path) -> Result<(), StorageError> {
    let path = path.to_owned();
    let asked = spawn_blocking(move || {
        if path.exists() {
            let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
            let connection = Connection::open_with_flags(&path, flags)?;
            return connection.query_row("SELECT count(*) FROM sqlite_schema", [], |_| Ok(()));
        }
        let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty());
        match folder {
            Some(folder) if !folder.is_dir() => {
                Err(rusqlite::Error::InvalidPath(folder.to_owned()))
            }
            _ => Ok(()),
        }
    });
    asked.await.map_err(StorageError::unavailable)?.map_err(StorageError::unavailable)
}

/// Copies a database file that may be in use, as it is at one moment, and reads the copy back.
///
/// # Errors
/// [`StorageError::Unavailable`].
pub async fn copy(from: &Path, to: &Path) -> Result<(), StorageError> {
    let (from, to) = (from.to_owned(), to.to_owned());
    let copied = spawn_blocking(move || {
        let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let source = Connection::open_with_flags(from, flags)?;
        source.busy_timeout(Duration::from_secs(10))?;
        let mut copy = Connection::open(to)?;
        // In one step: it does not begin anew when somebody writes meanwhile.
        Backup::new(&source, &mut copy)?.run_to_completion(
            std::ffi::c_int::MAX,
            Duration::from_millis(50),
            None,
        )?;
        // One file, with nothing beside it.
        copy.pragma_update(None, "journal_mode", "delete")?;
        let said = copy.query_row("PRAGMA integrity_check", [], |row| row.get::<_, String>(0))?;
        Ok::<bool, rusqlite::Error>(said == "ok")
    });
    match copied.await.map_err(StorageError::unavailable)?.map_err(StorageError::unavailable)? {
        true => Ok(()),
        false => Err(StorageError::unavailable("the copy of the database is damaged")),
    }
}

#[async_trait]
impl Storage for EmbeddedStorage {
    async fn begin(&self) -> Result<Box<dyn Unit>, StorageError> {
        begin(&self.writer, "BEGIN IMMEDIATE").await
    }
    async fn read(&self) -> Result<Box<dyn Unit>, StorageError> {
        begin(&self.reader, "BEGIN").await
    }
}

async fn begin(
    connection: &Arc<Mutex<Connection>>,
    statement: &'static str,
) -> Result<Box<dyn Unit>, StorageError> {
    let mut unit = EmbeddedUnit { guard: Some(connection.clone().lock_owned().await) };
    unit.run(move |connection| {
        if !connection.is_autocommit() {
            connection.execute_batch("ROLLBACK")?;
        }
        connection.execute_batch(statement)
    })
    .await?;
    Ok(Box::new(unit))
}

struct EmbeddedUnit {
    /// Away only while a statement runs.
    guard: Option<OwnedMutexGuard<Connection>>,
}

impl EmbeddedUnit {
    async fn run<T: Send + 'static>(
        &mut self,
        act: impl FnOnce(&Connection) -> rusqlite::Result<T> + Send + 'static,
    ) -> Result<T, StorageError> {
        let guard = self.guard.take().ok_or(StorageError::Unreadable("transaction"))?;
        let (guard, result) = spawn_blocking(move || {
            let result = act(&guard);
            (guard, result)
        })
        .await
        .map_err(StorageError::unavailable)?;
        self.guard = Some(guard);
        result.map_err(StorageError::unavailable)
    }
}

impl Drop for EmbeddedUnit {
    fn drop(&mut self) {
        // A failure here is mended by `begin`, which looks before it starts.
        if let Some(connection) = self.guard.take().filter(|open| !open.is_autocommit()) {
            let _ = connection.execute_batch("ROLLBACK");
        }
    }
}

#[async_trait]
impl Unit for EmbeddedUnit {
    async fn query(
        &mut self,
        sql: &'static str,
        params: Vec<Value>,
    ) -> Result<Vec<Row>, StorageError> {
        self.query_each(sql, vec![params]).await
    }

    async fn query_each(
        &mut self,
        sql: &'static str,
        sets: Vec<Vec<Value>>,
    ) -> Result<Vec<Row>, StorageError> {
        self.run(move |connection| {
            let mut statement = connection.prepare_cached(&without_lock(sql))?;
            let names: Arc<[String]> = statement.column_names().map(str::to_owned).collect();
            let places = places(&statement, &sets)?;
            let mut found = Vec::new();
            for params in &sets {
                bind(&mut statement, &places, params)?;
                let mut rows = statement.raw_query();
                while let Some(row) = rows.next()? {
                    let values = (0..names.len())
                        .map(|index| row.get_ref(index)?.try_into().map_err(Into::into))
                        .collect::<rusqlite::Result<_>>()?;
                    found.push(Row { names: names.clone(), values });
                }
            }
            Ok(found)
        })
        .await
    }

    async fn execute(
        &mut self,
        sql: &'static str,
        sets: Vec<Vec<Value>>,
    ) -> Result<u64, StorageError> {
        self.run(move |connection| {
            let mut statement = connection.prepare_cached(sql)?;
            let places = places(&statement, &sets)?;
            let mut changed = 0;
            for params in &sets {
                bind(&mut statement, &places, params)?;
                changed += statement.raw_execute()? as u64;
            }
            Ok(changed)
        })
        .await
    }

    async fn commit(mut self: Box<Self>) -> Result<(), StorageError> {
        self.run(|connection| connection.execute_batch("COMMIT")).await
    }
}

fn without_lock(sql: &str) -> String {
    sql.replace(" FOR UPDATE", "")
}

/// Where `$1` goes, and so on, in whatever order the statement names them.
fn places(
    statement: &rusqlite::Statement<'_>,
    sets: &[Vec<Value>],
) -> rusqlite::Result<Vec<usize>> {
    let place = |number: usize| {
        let name = format!("${number}");
        let place = statement.parameter_index(&name)?;
        place.ok_or(rusqlite::Error::InvalidParameterName(name))
    };
    (1..=sets.first().map_or(0, Vec::len)).map(place).collect()
}

fn bind(
    statement: &mut rusqlite::Statement<'_>,
    places: &[usize],
    params: &[Value],
) -> rusqlite::Result<()> {
    let mut pairs = places.iter().zip(params);
    pairs.try_for_each(|(place, value)| statement.raw_bind_parameter(*place, value))
}

impl ToSql for Value {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(ToSqlOutput::Borrowed(match self {
            Self::Null => ValueRef::Null,
            Self::Int(number) => ValueRef::Integer(*number),
            Self::Text(text) => ValueRef::Text(text.as_bytes()),
            Self::Bytes(bytes) => ValueRef::Blob(bytes),
        }))
    }
}

impl TryFrom<ValueRef<'_>> for Value {
    type Error = rusqlite::types::FromSqlError;
    fn try_from(value: ValueRef<'_>) -> Result<Self, Self::Error> {
        Ok(match value {
            ValueRef::Null => Self::Null,
            ValueRef::Integer(number) => Self::Int(number),
            ValueRef::Real(_) => return Err(rusqlite::types::FromSqlError::InvalidType),
            ValueRef::Text(_) => Self::Text(value.as_str()?.to_owned()),
            ValueRef::Blob(bytes) => Self::Bytes(bytes.to_vec()),
        })
    }
}
