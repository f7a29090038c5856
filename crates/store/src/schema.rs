//! The tables: made at once on a fresh install, brought up to date on an old one.

use refinery::Target;
use rusqlite::Connection;

use crate::error::StoreError;

mod embedded {
    refinery::embed_migrations!("migrations");
}

/// The whole of `schema.sql`, for people as much as for SQLite.
const SCHEMA: &str = include_str!("../../../schema.sql");

/// Makes the tables of a fresh database and notes every migration as done.
pub(crate) fn create(connection: &mut Connection) -> Result<(), StoreError> {
    let transaction = connection.transaction()?;
    transaction.execute_batch(SCHEMA)?;
    transaction.commit()?;
    embedded::migrations::runner()
        .set_grouped(true)
        .set_target(Target::Fake)
        .run(connection)
        .map_err(|error| StoreError::other("noting the migrations", error))?;
    Ok(())
}

/// Brings an older database up to date in one transaction; `before` runs first if there is
/// anything to do.
pub(crate) fn migrate(
    connection: &mut Connection,
    before: impl FnOnce() -> Result<(), StoreError>,
) -> Result<(), StoreError> {
    let failed = |error| StoreError::other("bringing the tables up to date", error);
    let runner = embedded::migrations::runner().set_grouped(true);
    let newest = runner.get_migrations().iter().map(refinery::Migration::version).max();
    let done = runner.get_last_applied_migration(connection).map_err(failed)?;
    let done = done.map(|migration| migration.version());
    if done > newest {
        return Err(StoreError::TooNew);
    }
    if done < newest {
        before()?;
        runner.run(connection).map_err(failed)?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    /// Everything SQLite knows of the tables, without comments and line breaks.
    fn described(connection: &Connection) -> Vec<String> {
        let sql = "SELECT type, name, coalesce(sql, '') AS sql FROM sqlite_schema \
                   WHERE tbl_name <> 'refinery_schema_history' ORDER BY type, name";
        let mut statement = connection.prepare(sql).unwrap();
        let rows = statement.query_map([], |row| {
            let kind: String = row.get("type")?;
            let name: String = row.get("name")?;
            let sql: String = row.get("sql")?;
            let bare: Vec<&str> =
                sql.lines().map(|line| line.split("--").next().unwrap_or("")).collect();
            let bare: Vec<&str> = bare.iter().flat_map(|line| line.split_whitespace()).collect();
            Ok(format!("{kind} {name}: {}", bare.join(" ")))
        });
        rows.unwrap().map(Result::unwrap).collect()
    }

    #[test]
    fn a_migrated_database_is_what_schema_sql_says() {
        let mut fresh = Connection::open_in_memory().unwrap();
        create(&mut fresh).unwrap();
        let mut migrated = Connection::open_in_memory().unwrap();
        embedded::migrations::runner().set_grouped(true).run(&mut migrated).unwrap();
        assert_eq!(described(&fresh), described(&migrated));
        let nothing = || Err(StoreError::other("nothing to do", "a fresh database is up to date"));
        migrate(&mut fresh, nothing).unwrap();
    }

    #[test]
    fn a_database_of_a_later_version_is_not_touched() {
        let mut connection = Connection::open_in_memory().unwrap();
        create(&mut connection).unwrap();
        connection
            .execute_batch(
                "INSERT INTO refinery_schema_history (version, name, applied_on, checksum) \
                 VALUES (9999, 'from_the_future', '2030-01-01T00:00:00Z', '1')",
            )
            .unwrap();
        assert!(matches!(migrate(&mut connection, || Ok(())), Err(StoreError::TooNew)));
    }
}
