//! The centre as a process, over a folder or a PostgreSQL. Invariant: a fresh copy of what was
//! prepared for each measurement, so that none profits from another.

use std::fs::File;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::{Duration, Instant};

use anyhow::{Context as _, bail, ensure};
use serde_json::Value;
use tokio::net::TcpStream;
use tokio::process::{Child, Command};

const PATIENCE: Duration = Duration::from_secs(60);

/// What is needed to start one.
#[derive(Clone)]
pub(crate) struct Programs {
    pub(crate) server: PathBuf,
    pub(crate) catalogue: PathBuf,
    pub(crate) certificates: Certificates,
}

/// A certificate for this machine and the authority that signed it, made for this run.
#[derive(Clone)]
pub(crate) struct Certificates {
    pub(crate) authority: PathBuf,
    certificate: PathBuf,
    key: PathBuf,
}

/// A centre at work.
pub(crate) struct Centre {
    process: Child,
    /// Where it listens in clear.
    pub(crate) plain: SocketAddr,
    /// Where it listens under TLS.
    pub(crate) tls: SocketAddr,
}

impl Centre {
    /// Makes a trial centre in a folder, and gives a code to enrol with. It is not left running.
    pub(crate) async fn prepare(
        programs: &Programs,
        folder: &Path,
        database: Option<&str>,
    ) -> anyhow::Result<String> {
        std::fs::create_dir_all(folder)?;
        let plain = free_address()?;
        let mut command = Command::new(&programs.server);
        command.arg("trial").arg("--data").arg(folder).arg("--catalogue").arg(&programs.catalogue);
        command.args(["--listen", &plain.to_string()]);
        if let Some(database) = database {
            command.args(["--database", database]);
        }
        let mut process = started(command, folder)?;
        let summary = folder.join("trial.json");
        until(&mut process, folder, async || summary.exists()).await?;
        let summary: Value = serde_json::from_slice(&std::fs::read(summary)?)?;
        stopped(process).await?;
        Ok(summary["enrolment_code"].as_str().context("no code")?.to_owned())
    }

    /// Serves what was prepared.
    pub(crate) async fn serve(
        programs: &Programs,
        folder: &Path,
        database: Option<&str>,
    ) -> anyhow::Result<Self> {
        let (plain, tls) = (free_address()?, free_address()?);
        let file = folder.join("centre.db").display().to_string();
        let mut command = Command::new(&programs.server);
        command.args(["serve", "--database", database.unwrap_or(&file)]);
        command.arg("--documents").arg(folder.join("documents"));
        command.args(["--listen", &plain.to_string(), "--public-url", "http://127.0.0.1"]);
        command.args(["--tls-listen", &tls.to_string()]);
        command.arg("--tls-certificate").arg(&programs.certificates.certificate);
        command.arg("--tls-key").arg(&programs.certificates.key);
        let mut process = started(command, folder)?;
        until(&mut process, folder, async || TcpStream::connect(plain).await.is_ok()).await?;
        Ok(Self { process, plain, tls })
    }

    pub(crate) async fn stop(self) -> anyhow::Result<()> {
        stopped(self.process).await
    }
}

impl Certificates {
    pub(crate) fn make(folder: &Path) -> anyhow::Result<Self> {
        let at = |name: &str| folder.join(name);
        let openssl = |arguments: &[&str]| -> anyhow::Result<()> {
            let mut command = std::process::Command::new("openssl");
            command.args(arguments).current_dir(folder).stderr(Stdio::null()).stdout(Stdio::null());
            ensure!(command.status()?.success(), "openssl failed");
            Ok(())
        };
        let curve =
            ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "30"];
        let authority = ["req", "-x509", "-subj", "/CN=Sample authority"];
        let key = ["-keyout", "authority-key.pem", "-out", "authority.pem"];
        openssl(&[&authority[..], &curve, &key].concat())?;
        let leaf = ["req", "-x509", "-subj", "/CN=centre.example", "-CA", "authority.pem"];
        let by = ["-CAkey", "authority-key.pem", "-keyout", "key.pem", "-out", "leaf.pem"];
        let names = ["-addext", "subjectAltName=IP:127.0.0.1", "-addext"];
        let use_ = ["basicConstraints=critical,CA:FALSE"];
        openssl(&[&leaf[..], &curve, &by, &names, &use_].concat())?;
        Ok(Self { authority: at("authority.pem"), certificate: at("leaf.pem"), key: at("key.pem") })
    }
}

fn started(mut command: Command, folder: &Path) -> anyhow::Result<Child> {
    let log = File::options().create(true).append(true).open(folder.join("log"))?;
    command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(log).kill_on_drop(true);
    command.spawn().with_context(|| format!("{command:?}"))
}

async fn until(
    process: &mut Child,
    folder: &Path,
    is_so: impl AsyncFn() -> bool,
) -> anyhow::Result<()> {
    let end = Instant::now() + PATIENCE;
    while !is_so().await {
        if let Some(status) = process.try_wait()? {
            let log = std::fs::read_to_string(folder.join("log")).unwrap_or_default();
            bail!("the centre ended with {status}: {log}");
        }
        ensure!(Instant::now() < end, "the centre does not begin");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    Ok(())
}

async fn stopped(mut process: Child) -> anyhow::Result<()> {
    process.kill().await?;
    Ok(())
}

/// An address that nobody listens on now.
pub(crate) fn free_address() -> anyhow::Result<SocketAddr> {
    Ok(std::net::TcpListener::bind(("127.0.0.1", 0))?.local_addr()?)
}
