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
    fn an_older_office_gets_the_counts_of_what_it_has() {
        let mut connection = Connection::open_in_memory().unwrap();
        let before = embedded::migrations::runner().set_target(Target::Version(3));
        before.run(&mut connection).unwrap();
        for (seq, state, due_on, copies, parked, accepted) in [
            (1, "recorded", "2026-12-08", 0, 0, 0),
            (2, "accepted", "2026-12-08", 1, 1, 1),
            (3, "resubmitted", "2026-12-09", 1, 0, 1),
            (4, "returned", "2026-12-08", 1, 0, 1),
            (5, "approved", "2026-12-08", 0, 0, 1),
            (6, "withdrawn", "2026-12-08", 0, 0, 0),
        ] {
            let sql = "INSERT INTO applications (seq, id, tracking_code, service, card_version, \
                       applicant_name, recorded_at, due_on, state, state_seq, content_seq, \
                       accepted, copies_printed, parked) \
                       VALUES (?1, ?2, ?1, 's', x'00', 'n', 1, ?3, ?4, ?1, ?1, ?5, ?6, ?7)";
            let id = [u8::try_from(seq).unwrap(); 16];
            let row = rusqlite::params![seq, id, due_on, state, accepted, copies, parked];
            connection.execute(sql, row).unwrap();
        }
        migrate(&mut connection, || Ok(())).unwrap();
        let sql = "SELECT list, due_on, applications FROM application_counts ORDER BY 1, 2";
        let mut statement = connection.prepare(sql).unwrap();
        let counts = statement.query_map([], |row| {
            Ok(format!(
                "{} {} {}",
                row.get::<_, String>(0)?,
                row.get::<_, String>(1)?,
                row.get::<_, i64>(2)?
            ))
        });
        let counts: Vec<String> = counts.unwrap().map(Result::unwrap).collect();
        let expected = [
            "accepted  4",
            "parked  1",
            "returned  1",
            "to_deliver  1",
            "to_print  2",
            "undecided 2026-12-08 2",
            "undecided 2026-12-09 1",
        ];
        assert_eq!(counts, expected);
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
