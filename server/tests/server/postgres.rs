//! A PostgreSQL of Debian's in a temporary folder, reached by a socket in it, gone when dropped.
//! PostgreSQL refuses to run as root; then it runs as the user `postgres`.

use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use tempfile::TempDir;

pub(crate) struct TemporaryPostgres {
    folder: TempDir,
    server: Child,
}

impl TemporaryPostgres {
    pub(crate) fn start() -> Self {
        let folder = tempfile::Builder::new().prefix("pishkhan-pg-").tempdir().unwrap();
        if is_root() {
            run(Command::new("chown").arg("postgres").arg(folder.path()));
        }
        let data = folder.path().join("data");
        run(as_postgres("initdb")
            .args(["--no-sync", "--auth=trust", "--username=postgres", "--encoding=UTF8", "-D"])
            .arg(&data));
        let server = as_postgres("postgres")
            .arg("-D")
            .arg(&data)
            .args(["-c", "listen_addresses=", "-c", "fsync=off", "-c"])
            .arg(format!("unix_socket_directories={}", folder.path().display()))
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let started = Self { folder, server };
        started.wait_until_ready();
        started
    }

    pub(crate) fn url(&self) -> String {
        self.url_of("postgres")
    }

    fn url_of(&self, database: &str) -> String {
        let socket = self.folder.path().to_str().unwrap().replace('/', "%2F");
        format!("postgres://postgres@{socket}/{database}")
    }

    /// Writes a dump, as an administrator does at night.
    pub(crate) fn dump(&self) {
        run(self.client("pg_dump").args(["--format=custom", "--file"]).arg(self.dump_file()));
    }

    /// Restores the dump into a fresh database; gives its address.
    pub(crate) fn restore(&self) -> String {
        self.restore_as("restored")
    }

    /// An empty database; gives its address.
    pub(crate) fn create(&self, name: &str) -> String {
        run(self.client("createdb").arg(name));
        self.url_of(name)
    }

    /// The same under a name.
    pub(crate) fn restore_as(&self, name: &str) -> String {
        run(self.client("createdb").arg(name));
        run(self
            .client("pg_restore")
            .args(["--exit-on-error", "--dbname", name])
            .arg(self.dump_file()));
        self.url_of(name)
    }

    fn dump_file(&self) -> PathBuf {
        self.folder.path().join("dump")
    }

    fn client(&self, program: &str) -> Command {
        let mut command = as_postgres(program);
        command.arg("--host").arg(self.folder.path()).arg("--username=postgres");
        command
    }

    fn wait_until_ready(&self) {
        let ready = || {
            as_postgres("pg_isready").arg("-q").arg("-h").arg(self.folder.path()).status().unwrap()
        };
        // Each look takes a process of its own, so this does not spin.
        assert!((0..1_000).any(|_| ready().success()), "PostgreSQL did not start");
    }
}

impl Drop for TemporaryPostgres {
    fn drop(&mut self) {
        let data = self.folder.path().join("data");
        let _ = as_postgres("pg_ctl")
            .args(["stop", "--mode=immediate", "--silent", "-D"])
            .arg(&data)
            .stdout(Stdio::null())
            .status();
        let _ = self.server.wait();
    }
}

fn as_postgres(program: &str) -> Command {
    let program = programs().join(program);
    if is_root() {
        let mut command = Command::new("runuser");
        command.args(["-u", "postgres", "--"]).arg(program);
        command.current_dir("/");
        command
    } else {
        Command::new(program)
    }
}

/// Debian keeps them out of the path, by version; elsewhere they are found in the path.
fn programs() -> PathBuf {
    let versions = std::fs::read_dir("/usr/lib/postgresql").into_iter().flatten().flatten();
    versions.map(|version| version.path().join("bin")).max().unwrap_or_default()
}

fn is_root() -> bool {
    std::os::unix::fs::MetadataExt::uid(&std::fs::metadata(Path::new("/proc/self")).unwrap()) == 0
}

fn run(command: &mut Command) {
    let output = command.output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
}
