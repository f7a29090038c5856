//! The peers: PouchDB replicating to a server of its own kind, and Anki syncing to its own server.
//! Both are installed here by their own package managers, into a folder outside the sources.
//!
//! Invariant: a peer gets the same documents over the same kind of line as we do, and as many tries
//! as its patience allows.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::{Duration, Instant};

use anyhow::{Context as _, ensure};
use pishkhan_testkit::faulty_line::{FaultyLine, Plan};
use serde_json::Value;
use tokio::net::TcpStream;
use tokio::process::{Child, Command};

use crate::child::Talking;
use crate::dissect::dissect;
use crate::documents::Documents;
use crate::figures::Figure;

pub(crate) const POUCHDB: &str = "PouchDB";
pub(crate) const ANKI: &str = "Anki";

/// Both, installed.
pub(crate) struct Peers {
    folder: PathBuf,
    drivers: PathBuf,
}

/// How a peer is measured.
pub(crate) struct Measurement<'a> {
    pub(crate) what: &'static str,
    pub(crate) documents: &'a Documents,
    pub(crate) count: usize,
    pub(crate) plan: Plan,
    pub(crate) patience_seconds: u64,
}

impl Peers {
    /// Installs what is not there yet, in the versions that the drivers' folder names.
    pub(crate) fn install(root: &Path) -> anyhow::Result<Self> {
        let (folder, drivers) = (root.join("target/bench-peers"), root.join("bench/peers"));
        let peers = Self { folder, drivers };
        let pouchdb = peers.folder.join("pouchdb");
        std::fs::create_dir_all(&pouchdb)?;
        let wanted = std::fs::read(peers.drivers.join("package.json"))?;
        if std::fs::read(pouchdb.join("installed")).ok().as_ref() != Some(&wanted) {
            std::fs::write(pouchdb.join("package.json"), &wanted)?;
            run(std::process::Command::new("npm").arg("install").current_dir(&pouchdb))?;
            std::fs::write(pouchdb.join("installed"), &wanted)?;
        }
        let anki = peers.folder.join("anki");
        let wanted = std::fs::read(peers.drivers.join("requirements.txt"))?;
        if std::fs::read(anki.join("installed")).ok().as_ref() != Some(&wanted) {
            run(std::process::Command::new("python3").args(["-m", "venv"]).arg(&anki))?;
            let mut pip = std::process::Command::new(anki.join("bin/pip"));
            pip.args(["install", "--quiet", "-r"]);
            run(pip.arg(peers.drivers.join("requirements.txt")))?;
            std::fs::write(anki.join("installed"), &wanted)?;
        }
        Ok(peers)
    }

    /// What was installed, for the page.
    pub(crate) fn versions(&self) -> String {
        let read = |name: &str| std::fs::read(self.drivers.join(name)).unwrap_or_default();
        let package: Value = serde_json::from_slice(&read("package.json")).unwrap_or_default();
        let npm = package["dependencies"].as_object().cloned().unwrap_or_default();
        let npm: Vec<String> =
            npm.iter().map(|(name, at)| format!("{name} {}", at.as_str().unwrap_or(""))).collect();
        let anki = String::from_utf8_lossy(&read("requirements.txt")).trim().replace("==", " ");
        format!("{}, {anki}", npm.join(", "))
    }

    pub(crate) async fn pouchdb(&self, measurement: &Measurement<'_>) -> anyhow::Result<Figure> {
        let scratch = self.scratch()?;
        let mut server = self.node("pouchdb_server.js");
        let mut server = Talking::start({
            server.arg(make(&scratch, "server")?);
            server
        })?;
        let port = server.hear().await?["port"].as_u64().context("no port")?;
        let to = SocketAddr::from(([127, 0, 0, 1], u16::try_from(port)?));
        let clear = FaultyLine::start(to, Plan::default()).await?;
        let at = clear.address();
        let mut office = self.node("pouchdb_office.js");
        office.arg(format!("http://{at}/office"));
        let office = self.office(office, measurement, &make(&scratch, "office")?);
        let figure = over(POUCHDB, measurement, office, clear, to, "go").await?;
        server.end().await?;
        Ok(figure)
    }

    /// With `full`, the whole collection at once instead of an ordinary sync.
    pub(crate) async fn anki(
        &self,
        measurement: &Measurement<'_>,
        full: bool,
        order: &str,
    ) -> anyhow::Result<Figure> {
        let scratch = self.scratch()?;
        let to = crate::centre::free_address()?;
        let mut server = self.python();
        server.args(["-m", "anki.syncserver"]).env("SYNC_BASE", make(&scratch, "server")?);
        server.env("SYNC_USER1", "office:sample").env("SYNC_HOST", "127.0.0.1");
        server.env("SYNC_PORT", to.port().to_string()).env("RUST_LOG", "warn");
        server.stdout(Stdio::null()).stderr(Stdio::null()).kill_on_drop(true);
        let mut server = server.spawn()?;
        listening(to, &mut server).await?;
        let clear = FaultyLine::start(to, Plan::default()).await?;
        let at = clear.address();
        let mut office = self.python();
        office.arg(self.drivers.join("anki_office.py")).arg(format!("http://{at}/"));
        let mut office = self.office(office, measurement, &make(&scratch, "office")?);
        if full {
            office.arg("full");
        }
        let figure = over(ANKI, measurement, office, clear, to, order).await?;
        server.kill().await?;
        Ok(figure)
    }

    fn office(&self, mut driver: Command, measurement: &Measurement<'_>, dir: &Path) -> Command {
        driver.arg(&measurement.documents.path).arg(measurement.count.to_string()).arg(dir);
        driver.arg(measurement.patience_seconds.to_string());
        driver
    }

    fn node(&self, driver: &str) -> Command {
        let mut command = Command::new("node");
        command.env("NODE_PATH", self.folder.join("pouchdb/node_modules"));
        command.arg(self.drivers.join(driver)).stderr(Stdio::null());
        command
    }

    fn python(&self) -> Command {
        let mut command = Command::new(self.folder.join("anki/bin/python"));
        command.stderr(Stdio::null());
        command
    }

    fn scratch(&self) -> anyhow::Result<tempfile::TempDir> {
        Ok(tempfile::Builder::new().prefix("run").tempdir_in(&self.folder)?)
    }
}

/// Prepares an office over a clear line, and measures it over the line as planned, on the same
/// address.
async fn over(
    who: &'static str,
    measurement: &Measurement<'_>,
    office: Command,
    clear: FaultyLine,
    to: SocketAddr,
    order: &str,
) -> anyhow::Result<Figure> {
    let at = clear.address();
    let mut office = Talking::start(office)?;
    let ready = office.hear().await?;
    ensure!(ready["ready"] == true, "{who}: {ready}");
    let one = order == "one";
    let line = if one {
        office.order("go").await?;
        // Over the connection that is open.
        clear.count_anew();
        clear
    } else {
        clear.stopped().await;
        FaultyLine::start_on(at, to, Plan { capture: true, ..measurement.plan }).await?
    };
    let result = office.order(order).await?;
    let finished = result["finished"] == true;
    let applications = if one { 1 } else { measurement.count as u64 };
    let all = if finished { applications } else { 0 };
    let dissected = dissect(&line.captured());
    let figure = Figure {
        who,
        what: measurement.what,
        applications,
        arrived: result["written"].as_u64().unwrap_or(all),
        finished,
        seconds: result["seconds"].as_f64().context("no time")?,
        spread: None,
        counted: line.counted(),
        requests: dissected.requests,
        parts: dissected.parts,
        note: match (&result["fault"], result["normal"] == false) {
            (Value::String(fault), _) => format!("{} tries; {fault}", result["tries"]),
            (_, true) => "the whole collection".to_owned(),
            _ => String::new(),
        },
    };
    office.end().await?;
    line.stopped().await;
    Ok(figure)
}

async fn listening(address: SocketAddr, server: &mut Child) -> anyhow::Result<()> {
    let end = Instant::now() + Duration::from_secs(30);
    while TcpStream::connect(address).await.is_err() {
        ensure!(server.try_wait()?.is_none() && Instant::now() < end, "a server does not listen");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    Ok(())
}

fn make(under: &tempfile::TempDir, name: &str) -> anyhow::Result<PathBuf> {
    let folder = under.path().join(name);
    std::fs::create_dir(&folder)?;
    Ok(folder)
}

fn run(command: &mut std::process::Command) -> anyhow::Result<()> {
    let status = command.stdout(Stdio::null()).status();
    let status = status.with_context(|| format!("{command:?}"))?;
    ensure!(status.success(), "{command:?} ended with {status}");
    Ok(())
}
