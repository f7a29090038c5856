//! A PostgreSQL of its own for one test, on a socket in a folder that goes with it.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::ensure;
use pishkhan_testkit::wait::{PATIENCE, until};
use tempfile::TempDir;

/// The database; gone when dropped.
pub(crate) struct PostgreSql {
    folder: TempDir,
}

impl PostgreSql {
    pub(crate) async fn start() -> anyhow::Result<Self> {
        let folder = TempDir::new()?;
        if is_root() {
            let owned = Command::new("chown").arg("postgres").arg(folder.path()).status()?;
            ensure!(owned.success(), "chown failed");
        }
        let data = folder.path().join("data");
        let made = as_postgres("initdb")
            .args(["--auth=trust", "--username=postgres", "--encoding=UTF8", "--no-sync", "-D"])
            .arg(&data)
            .stdout(Stdio::null())
            .status()?;
        ensure!(made.success(), "initdb failed");
        let options = format!("-k {} -c listen_addresses=''", folder.path().display());
        let started = as_postgres("pg_ctl")
            .args(["start", "--no-wait", "--silent", "-o", &options, "-l"])
            .arg(folder.path().join("log"))
            .arg("-D")
            .arg(&data)
            .status()?;
        ensure!(started.success(), "pg_ctl failed");
        let database = Self { folder };
        until("PostgreSQL", PATIENCE, async || {
            let mut ready = as_postgres("pg_isready");
            ready.arg("-q").arg("-h").arg(database.folder.path());
            Ok(ready.status()?.success().then_some(()))
        })
        .await?;
        Ok(database)
    }

    pub(crate) fn url(&self) -> String {
        let socket = self.folder.path().to_string_lossy().replace('/', "%2F");
        format!("postgres://postgres@{socket}/postgres")
    }
}

impl Drop for PostgreSql {
    fn drop(&mut self) {
        let _best_effort = as_postgres("pg_ctl")
            .args(["stop", "--mode=immediate", "--silent", "-D"])
            .arg(self.folder.path().join("data"))
            .status();
    }
}

/// PostgreSQL refuses to run as root.
fn as_postgres(program: &str) -> Command {
    let program = programs().join(program);
    if !is_root() {
        return Command::new(program);
    }
    let mut command = Command::new("runuser");
    command.args(["-u", "postgres", "--"]).arg(program).current_dir("/");
    command
}

/// Debian keeps them out of the path, by version; elsewhere they are found in the path.
fn programs() -> PathBuf {
    let versions = std::fs::read_dir("/usr/lib/postgresql").into_iter().flatten().flatten();
    versions.map(|version| version.path().join("bin")).max().unwrap_or_default()
}

fn is_root() -> bool {
    let this = std::fs::metadata(Path::new("/proc/self")).unwrap();
    std::os::unix::fs::MetadataExt::uid(&this) == 0
}
