//! Connections to the encrypted database, with the settings that durability rests on.
//!
//! Invariant: SQLite is 3.51.3 or later (before, two connections in WAL mode could lose commits),
//! and every commit is fsynced.

use std::fmt::Write as _;
use std::path::Path;
use std::time::Duration;

use rusqlite::{Connection, OpenFlags};
use zeroize::Zeroizing;

use crate::data_key::DataKey;
use crate::error::StoreError;

const OLDEST_SQLITE: i32 = 3_051_003;

/// The database's own key.
#[derive(Clone)]
pub(crate) struct DatabaseKey(Zeroizing<[u8; 32]>);

impl DatabaseKey {
    pub(crate) fn of(key: &DataKey) -> Self {
        Self(key.derive(b"pishkhan/database/v1"))
    }
}

/// How a connection is used.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Access {
    /// Makes the file, with a rollback journal, so that one file is the whole database.
    Create,
    /// The one writer.
    Write,
    /// Reads what is committed; cannot write.
    Read,
}

/// Opens the database at `path`.
pub(crate) fn open(
    path: &Path,
    key: &DatabaseKey,
    access: Access,
) -> Result<Connection, StoreError> {
    if rusqlite::version_number() < OLDEST_SQLITE {
        let found = rusqlite::version().to_owned();
        return Err(StoreError::other("checking SQLite (3.51.3 or later is needed)", found));
    }
    let flags = OpenFlags::SQLITE_OPEN_NO_MUTEX
        | match access {
            Access::Create => OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_CREATE,
            Access::Write => OpenFlags::SQLITE_OPEN_READ_WRITE,
            Access::Read => OpenFlags::SQLITE_OPEN_READ_ONLY,
        };
    let connection = Connection::open_with_flags(path, flags)?;
    unlock(&connection, key)?;
    connection.busy_timeout(Duration::from_secs(10))?;
    connection.execute_batch(include_str!("connection/settings.sql"))?;
    if access == Access::Write {
        let mode: String =
            connection.query_row("PRAGMA journal_mode = WAL", [], |row| row.get("journal_mode"))?;
        if mode != "wal" {
            return Err(StoreError::other("turning WAL on", mode));
        }
    }
    connection.set_prepared_statement_cache_capacity(64);
    Ok(connection)
}

/// Gives the connection its raw key (no derivation: it is random already) and tries it.
fn unlock(connection: &Connection, key: &DatabaseKey) -> Result<(), StoreError> {
    let mut pragma = Zeroizing::new(String::with_capacity(96));
    // SQLCipher would write "hmac check failed" to standard error for a wrong key.
    pragma.push_str("PRAGMA cipher_log_level = NONE; PRAGMA key = \"x'");
    for byte in key.0.iter() {
        let _ = write!(pragma, "{byte:02x}");
    }
    pragma.push_str("'\";");
    connection.execute_batch(&pragma)?;
    connection.query_row("SELECT count(*) AS tables FROM sqlite_schema", [], |row| {
        row.get::<_, i64>("tables")
    })?;
    Ok(())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn every_setting_that_durability_rests_on_is_in_force() {
        let dir = tempfile::tempdir().unwrap();
        let key = DatabaseKey::of(&DataKey::from_bytes([7; 32]));
        let path = dir.path().join("office.db");
        drop(open(&path, &key, Access::Create).unwrap());
        let connection = open(&path, &key, Access::Write).unwrap();
        let pragma = |name: &str| -> String {
            let value: rusqlite::types::Value =
                connection.query_row(&format!("PRAGMA {name}"), [], |row| row.get(0)).unwrap();
            match value {
                rusqlite::types::Value::Integer(number) => number.to_string(),
                rusqlite::types::Value::Text(text) => text,
                other => format!("{other:?}"),
            }
        };
        for (name, value) in [
            ("journal_mode", "wal"),
            ("synchronous", "2"),
            ("foreign_keys", "1"),
            ("trusted_schema", "0"),
            ("cell_size_check", "1"),
            ("secure_delete", "1"),
            ("temp_store", "2"),
            ("mmap_size", "0"),
            ("journal_size_limit", "67108864"),
            ("busy_timeout", "10000"),
            ("cipher_version", &pragma("cipher_version")),
        ] {
            assert_eq!(pragma(name), value, "{name}");
        }
        assert!(pragma("cipher_version").starts_with("4."), "SQLCipher 4 encrypts");
    }

    #[test]
    fn a_wrong_key_opens_nothing() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("office.db");
        let key = DatabaseKey::of(&DataKey::from_bytes([7; 32]));
        open(&path, &key, Access::Create).unwrap().execute_batch("CREATE TABLE t (x)").unwrap();
        let other = DatabaseKey::of(&DataKey::from_bytes([8; 32]));
        assert!(matches!(open(&path, &other, Access::Write), Err(StoreError::WrongKey)));
    }
}
