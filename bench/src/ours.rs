//! Our own synchronisation: what is measured of it. Invariant: office and centre of a measurement
//! are a fresh copy of the same prepared pair, in which the catalogue has come and the scan has gone.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, ensure};
use pishkhan_testkit::faulty_line::{FaultyLine, Plan};
use tokio::process::Command;

use crate::centre::{Centre, Programs};
use crate::child::Talking;
use crate::dissect::dissect;
use crate::documents::Documents;
use crate::figures::Figure;
use crate::postgresql::PostgreSql;

pub(crate) const WHO: &str = "Pishkhan";

/// Under TLS or in clear.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Secrecy {
    Clear,
    Tls,
}

/// An enrolled office with its applications recorded and none sent, and its centre.
pub(crate) struct Prepared<'a> {
    programs: &'a Programs,
    documents: &'a Documents,
    folder: PathBuf,
    /// Where the office believes the centre to be.
    line: SocketAddr,
    secrecy: Secrecy,
    postgresql: Option<&'a PostgreSql>,
    count: usize,
}

/// A copy of a prepared pair, at work.
struct Pair {
    _folder: tempfile::TempDir,
    office: PathBuf,
    centre: Centre,
    line: FaultyLine,
}

const PREPARED_DATABASE: &str = "prepared";

impl<'a> Prepared<'a> {
    pub(crate) async fn new(
        programs: &'a Programs,
        documents: &'a Documents,
        under: &Path,
        (secrecy, postgresql): (Secrecy, Option<&'a PostgreSql>),
        count: usize,
    ) -> anyhow::Result<Self> {
        let name = if postgresql.is_some() { "postgresql" } else { "embedded" };
        let folder = under.join(format!("{name}-{secrecy:?}-{count}"));
        let line = crate::centre::free_address()?;
        let prepared = Self { programs, documents, folder, line, secrecy, postgresql, count };
        let centre_folder = prepared.folder.join("centre");
        let database =
            postgresql.map(|server| server.create(PREPARED_DATABASE, None)).transpose()?;
        let code = Centre::prepare(programs, &centre_folder, database.as_deref()).await?;
        let centre = Centre::serve(programs, &centre_folder, database.as_deref()).await?;
        let line = prepared.line(&centre, Plan::default()).await?;
        let mut order = prepared.office("prepare", &prepared.folder.join("office"))?;
        let scheme = if secrecy == Secrecy::Tls { "https" } else { "http" };
        order.arg(format!("{scheme}://{}", prepared.line)).arg(code);
        order.arg(&documents.path).arg(count.to_string());
        let mut office = Talking::start(order)?;
        office.hear().await.context("preparing an office")?;
        office.end().await?;
        line.stopped().await;
        centre.stop().await?;
        Ok(prepared)
    }

    /// Everything is sent over a line with this plan.
    pub(crate) async fn drain(
        &self,
        what: &'static str,
        plan: Plan,
        patience_seconds: u64,
    ) -> anyhow::Result<Figure> {
        let pair = self.copy(Plan { capture: self.secrecy == Secrecy::Clear, ..plan }).await?;
        let mut order = self.office("drain", &pair.office)?;
        order.arg(patience_seconds.to_string());
        let mut office = Talking::start(order)?;
        let ready = office.hear().await?;
        ensure!(ready["waiting"] == self.count, "{ready}");
        pair.line.count_anew();
        let result = office.order("go").await?;
        let figure = self.figure(what, self.count as u64, &pair.line, &[result]);
        office.end().await?;
        pair.end().await?;
        Ok(figure)
    }

    /// One application after the other over a session that stays open; or, with `anew`, over a
    /// connection that must be made again each time.
    pub(crate) async fn one_by_one(
        &self,
        what: &'static str,
        plan: Plan,
        times: u64,
        anew: bool,
    ) -> anyhow::Result<Figure> {
        let pair = self.copy(Plan { capture: self.secrecy == Secrecy::Clear, ..plan }).await?;
        let mut order = self.office("one-by-one", &pair.office)?;
        order.arg(&self.documents.path);
        let mut office = Talking::start(order)?;
        office.hear().await?;
        // The first over a new connection still makes acquaintance.
        office.order("one").await?;
        let mut results = Vec::new();
        pair.line.count_anew();
        for _ in 0..times {
            if anew {
                pair.line.hang_up();
            }
            results.push(office.order("one").await?);
        }
        let figure = self.figure(what, times, &pair.line, &results);
        office.end().await?;
        pair.end().await?;
        Ok(figure)
    }

    async fn copy(&self, plan: Plan) -> anyhow::Result<Pair> {
        let folder = tempfile::Builder::new().prefix("pair").tempdir_in(&self.folder)?;
        for part in ["office", "centre"] {
            let mut copy = std::process::Command::new("cp");
            copy.arg("-a").arg(self.folder.join(part)).arg(folder.path());
            ensure!(copy.status()?.success(), "cp failed");
        }
        let database = match self.postgresql {
            Some(server) => {
                let name = folder.path().file_name().context("no name")?.to_string_lossy();
                Some(server.create(&name.to_lowercase(), Some(PREPARED_DATABASE))?)
            }
            None => None,
        };
        let centre_folder = folder.path().join("centre");
        let centre = Centre::serve(self.programs, &centre_folder, database.as_deref()).await?;
        let line = self.line(&centre, plan).await?;
        Ok(Pair { office: folder.path().join("office"), _folder: folder, centre, line })
    }

    async fn line(&self, centre: &Centre, plan: Plan) -> anyhow::Result<FaultyLine> {
        let to = if self.secrecy == Secrecy::Tls { centre.tls } else { centre.plain };
        Ok(FaultyLine::start_on(self.line, to, plan).await?)
    }

    fn office(&self, order: &str, dir: &Path) -> anyhow::Result<Command> {
        let mut command = Command::new(std::env::current_exe()?);
        command.args(["office", order]).arg(dir);
        command.env("SSL_CERT_FILE", &self.programs.certificates.authority);
        Ok(command)
    }

    fn figure(
        &self,
        what: &'static str,
        applications: u64,
        line: &FaultyLine,
        results: &[serde_json::Value],
    ) -> Figure {
        let counted = line.counted();
        let dissected = dissect(&line.captured());
        let arrived = results.iter().filter_map(|result| result["arrived"].as_u64()).sum();
        Figure {
            who: WHO,
            what,
            applications,
            arrived,
            finished: results.iter().all(|result| result["finished"] == true),
            seconds: results.iter().filter_map(|result| result["seconds"].as_f64()).sum(),
            spread: None,
            counted,
            requests: dissected.requests,
            parts: dissected.parts,
            note: String::new(),
        }
    }
}

impl Pair {
    async fn end(self) -> anyhow::Result<()> {
        self.line.stopped().await;
        self.centre.stop().await
    }
}
