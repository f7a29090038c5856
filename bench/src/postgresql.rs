//! A PostgreSQL of this run alone, durable as Debian ships it, on a socket in a folder that goes
//! with it.

use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::ensure;
use tempfile::TempDir;

/// The database; gone when dropped.
pub(crate) struct PostgreSql {
    folder: TempDir,
}

impl PostgreSql {
    pub(crate) fn start(under: &Path) -> anyhow::Result<Self> {
        let folder = tempfile::Builder::new().prefix("pg").tempdir_in(under)?;
        if is_root()? {
            let owned = Command::new("chown").arg("postgres").arg(folder.path()).status()?;
            ensure!(owned.success(), "chown failed");
        }
        let database = Self { folder };
        let data = database.folder.path().join("data");
        database.run(
            "initdb",
            &["--auth=trust", "--username=postgres", "--encoding=UTF8", "-D"],
            &data,
        )?;
        let options = format!("-k {} -c listen_addresses=''", database.folder.path().display());
        let log = database.folder.path().join("log").display().to_string();
        let start = ["start", "--wait", "--silent", "-o", &options, "-l", &log, "-D"];
        database.run("pg_ctl", &start, &data)?;
        Ok(database)
    }

    /// A new database, empty or like another, which nobody may be using.
    pub(crate) fn create(&self, name: &str, like: Option<&str>) -> anyhow::Result<String> {
        let socket = self.folder.path().display().to_string();
        let mut arguments = vec!["-U", "postgres", "-h", &socket];
        if let Some(like) = like {
            arguments.extend(["-T", like]);
        }
        self.run("createdb", &arguments, Path::new(name))?;
        Ok(format!("postgres://postgres@{}/{name}", socket.replace('/', "%2F")))
    }

    /// Statistics and a visibility map, as a database has them that has been running for a while.
    pub(crate) fn settle(&self, name: &str) -> anyhow::Result<()> {
        let socket = self.folder.path().display().to_string();
        let arguments = ["-U", "postgres", "-h", &socket, "--analyze", "--quiet"];
        self.run("vacuumdb", &arguments, Path::new(name))
    }

    pub(crate) fn version(&self) -> anyhow::Result<String> {
        let told = as_postgres("postgres")?.arg("--version").output()?;
        Ok(String::from_utf8_lossy(&told.stdout).trim().to_owned())
    }

    fn run(&self, program: &str, arguments: &[&str], last: &Path) -> anyhow::Result<()> {
        let mut command = as_postgres(program)?;
        command.args(arguments).arg(last).stdout(Stdio::null());
        ensure!(command.status()?.success(), "{program} failed");
        Ok(())
    }
}

impl Drop for PostgreSql {
    fn drop(&mut self) {
        let Ok(mut stop) = as_postgres("pg_ctl") else { return };
        stop.args(["stop", "--mode=immediate", "--silent", "-D"]);
        let _best_effort = stop.arg(self.folder.path().join("data")).status();
    }
}

/// PostgreSQL refuses to run as root.
fn as_postgres(program: &str) -> anyhow::Result<Command> {
    let program = programs().join(program);
    if !is_root()? {
        return Ok(Command::new(program));
    }
    let mut command = Command::new("runuser");
    command.args(["-u", "postgres", "--"]).arg(program).current_dir("/");
    Ok(command)
}

/// Debian keeps them out of the path, by version; elsewhere they are found in the path.
fn programs() -> PathBuf {
    let versions = std::fs::read_dir("/usr/lib/postgresql").into_iter().flatten().flatten();
    versions.map(|version| version.path().join("bin")).max().unwrap_or_default()
}

fn is_root() -> anyhow::Result<bool> {
    Ok(std::fs::metadata("/proc/self")?.uid() == 0)
}
