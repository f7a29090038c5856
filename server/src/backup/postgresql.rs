//! PostgreSQL's own programs: `pg_dump` and `pg_restore`, found in the path or where Debian keeps
//! them. The address's password goes by the environment, which other users do not see.

use std::path::{Path, PathBuf};
use std::process::Stdio;

use tokio::process::Command;
use tokio_postgres::config::Host;
use tokio_postgres::{Config, NoTls};

use super::BackupError;
use crate::storage::StorageError;

/// Writes a dump: one state of the database.
pub(super) async fn dump(database: &str, to: &Path) -> Result<(), BackupError> {
    let mut command = program("pg_dump", database)?;
    command.args(["--format=custom", "--no-owner", "--no-privileges", "--file"]).arg(to);
    run("pg_dump", command).await
}

/// Reads a dump from its beginning to its end.
pub(super) async fn read_back(dump: &Path) -> Result<(), BackupError> {
    let mut command = Command::new(find("pg_restore"));
    command.args(["--file=/dev/null"]).arg(dump);
    run("pg_restore", command).await
}

/// Restores a dump into a database that has no table.
pub(super) async fn restore(dump: &Path, database: &str) -> Result<(), BackupError> {
    let (client, connection) =
        tokio_postgres::connect(database, NoTls).await.map_err(StorageError::unavailable)?;
    let driver = tokio::spawn(connection);
    let tables = client
        .query("SELECT 1 FROM pg_tables WHERE schemaname = 'public' LIMIT 1", &[])
        .await
        .map_err(StorageError::unavailable)?;
    drop(client);
    // It ends with its client.
    let _ended = driver.await;
    if !tables.is_empty() {
        return Err(BackupError::NotEmpty("the database".to_owned()));
    }
    let mut command = program("pg_restore", database)?;
    let name = config(database)?.get_dbname().unwrap_or("postgres").to_owned();
    command.args(["--exit-on-error", "--single-transaction", "--no-owner", "--no-privileges"]);
    command.arg(format!("--dbname={name}")).arg(dump);
    run("pg_restore", command).await
}

fn config(database: &str) -> Result<Config, BackupError> {
    Ok(database.parse::<Config>().map_err(StorageError::unavailable)?)
}

/// A program that speaks to this database.
fn program(name: &'static str, database: &str) -> Result<Command, BackupError> {
    let config = config(database)?;
    let mut command = Command::new(find(name));
    match config.get_hosts().first() {
        Some(Host::Tcp(host)) => {
            command.env("PGHOST", host);
        }
        Some(Host::Unix(folder)) => {
            command.env("PGHOST", folder);
        }
        None => {}
    }
    if let Some(port) = config.get_ports().first() {
        command.env("PGPORT", port.to_string());
    }
    if let Some(user) = config.get_user() {
        command.env("PGUSER", user);
    }
    if let Some(name) = config.get_dbname() {
        command.env("PGDATABASE", name);
    }
    if let Some(password) = config.get_password() {
        command.env("PGPASSWORD", String::from_utf8_lossy(password).into_owned());
    }
    Ok(command)
}

/// Debian keeps them out of the path, by version; the newest reads what older ones have written.
fn find(name: &str) -> PathBuf {
    let path = std::env::var_os("PATH").unwrap_or_default();
    if let Some(found) = std::env::split_paths(&path).map(|folder| folder.join(name)).find(|path| {
        // Debian's wrapper there asks for a cluster, which a dump has not.
        path.is_file() && !path.is_symlink()
    }) {
        return found;
    }
    let versions = std::fs::read_dir("/usr/lib/postgresql").into_iter().flatten().flatten();
    let mut found: Vec<(u32, PathBuf)> = versions
        .filter_map(|version| {
            let number = version.file_name().to_string_lossy().parse().ok()?;
            Some((number, version.path().join("bin").join(name)))
        })
        .filter(|(_, path)| path.is_file())
        .collect();
    found.sort();
    found.pop().map_or_else(|| PathBuf::from(name), |(_, path)| path)
}

async fn run(name: &'static str, mut command: Command) -> Result<(), BackupError> {
    let output = command.stdin(Stdio::null()).output().await.map_err(|error| {
        BackupError::Program(name, format!("{error}; it comes with PostgreSQL's client programs"))
    })?;
    if output.status.success() {
        return Ok(());
    }
    let said = String::from_utf8_lossy(&output.stderr).trim().to_owned();
    Err(BackupError::Program(name, said))
}
