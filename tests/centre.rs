//! The centre as a process that can be stopped and started again.

use std::fs::File;
use std::path::{Path, PathBuf};
use std::process::Stdio;

use anyhow::Context as _;
use pishkhan_protocol::keys::PublicKey;
use pishkhan_testkit::wait::{PATIENCE, free_port, until};
use serde_json::Value;
use tempfile::TempDir;
use tokio::process::{Child, Command};

use crate::built::{program, root};
use crate::postgresql::PostgreSql;

/// Which database the centre keeps its things in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Database {
    Embedded,
    PostgreSql,
}

/// A trial centre of its own for one test.
pub(crate) struct Centre {
    dir: TempDir,
    port: u16,
    postgres: Option<PostgreSql>,
    process: Option<Child>,
}

impl Centre {
    pub(crate) async fn start(database: Database) -> anyhow::Result<Self> {
        let _already = rustls::crypto::ring::default_provider().install_default();
        let postgres = match database {
            Database::Embedded => None,
            Database::PostgreSql => Some(PostgreSql::start().await?),
        };
        let mut centre = Self { dir: TempDir::new()?, port: free_port()?, postgres, process: None };
        centre.start_again().await?;
        Ok(centre)
    }

    pub(crate) async fn start_again(&mut self) -> anyhow::Result<()> {
        let log = File::options().create(true).append(true).open(self.dir.path().join("log"))?;
        let mut command = Command::new(program("pishkhan-server"));
        command
            .arg("trial")
            .arg("--data")
            .arg(self.dir.path())
            .args(["--listen", &format!("127.0.0.1:{}", self.port)])
            .arg("--catalogue")
            .arg(root().join("catalogue"))
            .stdout(Stdio::null())
            .stderr(log)
            .kill_on_drop(true);
        if let Some(postgres) = &self.postgres {
            command.args(["--database", &postgres.url()]);
        }
        let mut process = command.spawn()?;
        let probe = self.url("/sync/v1/probe");
        let client = reqwest::Client::builder().no_proxy().build()?;
        let answers = until("the centre", PATIENCE, async || {
            if let Some(status) = process.try_wait()? {
                return Ok(Some(Err(status)));
            }
            let reply = client.get(&probe).send().await?;
            Ok((reply.status() == 204).then_some(Ok(())))
        })
        .await?;
        if let Err(status) = answers {
            anyhow::bail!("the centre ended with {status}: {}", self.log());
        }
        self.process = Some(process);
        Ok(())
    }

    /// Ends it the hard way; what it acknowledged must have been durable.
    pub(crate) async fn stop(&mut self) -> anyhow::Result<()> {
        if let Some(mut process) = self.process.take() {
            process.kill().await?;
        }
        Ok(())
    }

    /// Address of a page.
    pub(crate) fn url(&self, path: &str) -> String {
        format!("http://127.0.0.1:{}{path}", self.port)
    }

    /// Port it listens on while it runs.
    pub(crate) fn port(&self) -> u16 {
        self.port
    }

    /// Changes what a stopped, embedded centre holds of a service's card under the same version, as
    /// if it judged by other rules than the office does.
    pub(crate) async fn change_card(
        &self,
        service: &str,
        from: &str,
        to: &str,
    ) -> anyhow::Result<()> {
        let status = Command::new("/usr/bin/python3")
            .arg(root().join("tests/clients/change_card.py"))
            .arg(self.database_file())
            .args([service, from, to])
            .status()
            .await?;
        anyhow::ensure!(status.success(), "the card was not changed");
        Ok(())
    }

    /// Where its documents are, and its database if that is embedded.
    pub(crate) fn folder(&self) -> &Path {
        self.dir.path()
    }

    /// Takes what a courier brought to a stopped, embedded centre, and writes its answers.
    pub(crate) async fn takes_files(&self, stick: &Path, answers: &Path) -> anyhow::Result<String> {
        let ran = Command::new(program("pishkhan-server"))
            .args(["courier", "import", "--language", "en", "--database"])
            .arg(self.database_file())
            .arg("--documents")
            .arg(self.dir.path().join("documents"))
            .arg("--answers")
            .arg(answers)
            .arg(stick)
            .output()
            .await?;
        let said = String::from_utf8_lossy(&ran.stdout).into_owned();
        let complaint = String::from_utf8_lossy(&ran.stderr);
        anyhow::ensure!(ran.status.success(), "{said}\n{complaint}");
        Ok(said)
    }

    fn database_file(&self) -> PathBuf {
        self.dir.path().join("centre.db")
    }

    /// A fresh one-time code for one device.
    pub(crate) fn enrolment_code(&self) -> anyhow::Result<String> {
        Ok(self.summary()?["enrolment_code"].as_str().context("no code")?.to_owned())
    }

    /// Name and password of the sample officer of an agency.
    pub(crate) fn officer(&self, agency: &str) -> anyhow::Result<(String, String)> {
        let summary = self.summary()?;
        let staff = summary["staff"].as_array().context("no staff")?;
        let officer =
            staff.iter().find(|officer| officer["agency"] == agency).context("no such agency")?;
        let text = |key: &str| officer[key].as_str().map(str::to_owned).context("no login");
        Ok((text("username")?, text("password")?))
    }

    /// The one thing that whoever verifies a receipt needs to have.
    pub(crate) fn public_key(&self) -> anyhow::Result<PublicKey> {
        let summary = self.summary()?;
        let hex = summary["centre_key_hex"].as_str().context("no key")?;
        let byte = |at: usize| u8::from_str_radix(&hex[2 * at..2 * at + 2], 16);
        let mut key = [0; 32];
        for (at, slot) in key.iter_mut().enumerate() {
            *slot = byte(at)?;
        }
        Ok(PublicKey(key))
    }

    /// What the process has logged.
    pub(crate) fn log(&self) -> String {
        std::fs::read_to_string(self.dir.path().join("log")).unwrap_or_default()
    }

    fn summary(&self) -> anyhow::Result<Value> {
        Ok(serde_json::from_slice(&std::fs::read(self.dir.path().join("trial.json"))?)?)
    }
}
