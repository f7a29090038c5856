//! The order of a run. Invariant: ours and the peers' are measured one after the other in the same
//! run, never two at once.

use std::io::Write as _;
use std::path::Path;
use std::time::Duration;

use pishkhan_testkit::faulty_line::{Cuts, Plan, Shape};
use serde_json::json;

use crate::Run;
use crate::centre::{Certificates, Programs};
use crate::documents::Documents;
use crate::figures::{Figure, Figures};
use crate::ours::{Prepared, Secrecy};
use crate::peers::{Measurement, Peers};
use crate::postgresql::PostgreSql;
use crate::report::{self, Surroundings};

/// GPRS, or a satellite: 64 kbit/s each way, 600 ms there and back.
const SLOW: Shape = Shape { bits_per_second: Some(64_000), one_way: Duration::from_millis(300) };
/// Applications over the slow line, and under the closest cuts.
const FEW: usize = 1_000;
/// Recorded before single ones are measured.
const HANDFUL: usize = 20;

/// Measures; false when something could not be measured for want of a peer or a database.
pub(crate) async fn run(run: &Run) -> anyhow::Result<bool> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..").canonicalize()?;
    let folder = root.join("target/bench");
    std::fs::create_dir_all(&folder)?;
    let scratch = tempfile::Builder::new().prefix("run").tempdir_in(&folder)?;
    let own = std::env::current_exe()?;
    let programs = run.programs.clone().or_else(|| own.parent().map(Path::to_owned));
    let programs = Programs {
        server: programs.unwrap_or_default().join("pishkhan-server"),
        catalogue: root.join("catalogue"),
        certificates: Certificates::make(scratch.path())?,
    };
    let many = if run.quick { FEW } else { 10_000 };
    let documents = Documents::write(scratch.path(), many + 100)?;
    let mut bench = Bench {
        figures: Figures::default(),
        programs: &programs,
        documents: &documents,
        folder: scratch.path(),
        many,
        run,
    };
    let mut around = Surroundings::look(&root, documents.average_bytes)?;
    bench.ours().await?;
    if run.quick || run.no_postgresql {
        around.missing("PostgreSQL", "left out");
    } else {
        match PostgreSql::start(scratch.path()) {
            Ok(server) => {
                around.versions.push(server.version()?);
                bench.postgresql(&server).await?;
            }
            Err(error) => around.missing("PostgreSQL", &format!("{error:#}")),
        }
    }
    if run.quick || run.no_peers {
        around.missing("the peers", "left out");
    } else {
        match Peers::install(&root) {
            Ok(peers) => {
                around.versions.push(peers.versions());
                if let Err(error) = bench.peers(&peers).await {
                    around.missing("a peer", &format!("{error:#}"));
                }
            }
            Err(error) => around.missing("the peers", &format!("not installed: {error:#}")),
        }
    }
    let figures = &bench.figures;
    let raw = json!({
        "surroundings": around.to_json(),
        "figures": figures.all().iter().map(Figure::to_json).collect::<Vec<_>>(),
    });
    std::fs::write(folder.join("sync.json"), format!("{raw:#}\n"))?;
    let page = report::page(figures, &around);
    writeln!(std::io::stdout(), "{page}")?;
    if let Some(path) = &run.page {
        // The window's part stays.
        let there = std::fs::read_to_string(path).unwrap_or_default();
        let (_, window) = crate::window::page::apart(&there);
        let page = format!("{}\n\n{window}", page.trim_end());
        std::fs::write(path, page.trim_end().to_owned() + "\n")?;
    }
    Ok(around.complete())
}

struct Bench<'a> {
    figures: Figures,
    programs: &'a Programs,
    documents: &'a Documents,
    folder: &'a Path,
    many: usize,
    run: &'a Run,
}

impl<'a> Bench<'a> {
    async fn prepare<'b>(
        &self,
        secrecy: Secrecy,
        postgresql: Option<&'b PostgreSql>,
        count: usize,
    ) -> anyhow::Result<Prepared<'b>>
    where
        'a: 'b,
    {
        let how = (secrecy, postgresql);
        Prepared::new(self.programs, self.documents, self.folder, how, count).await
    }

    async fn repeat(
        &mut self,
        pair: &Prepared<'_>,
        what: &'static str,
        times: usize,
    ) -> anyhow::Result<()> {
        let mut all = Vec::new();
        for _ in 0..times.max(1) {
            all.push(pair.drain(what, Plan::default(), 600).await?);
        }
        self.figures.take_median(all);
        Ok(())
    }

    async fn ours(&mut self) -> anyhow::Result<()> {
        let slow = Plan { shape: SLOW, ..Plan::default() };
        let clear = self.prepare(Secrecy::Clear, None, HANDFUL).await?;
        let tls = self.prepare(Secrecy::Tls, None, HANDFUL).await?;
        for (pair, open, anew) in [(&clear, "one", "one-new"), (&tls, "one-tls", "one-tls-new")] {
            let open = pair.one_by_one(open, Plan::default(), 50, false).await?;
            self.figures.take(open);
            let anew = pair.one_by_one(anew, Plan::default(), 10, true).await?;
            self.figures.take(anew);
        }
        if !self.run.quick {
            self.figures.take(clear.one_by_one("one-line", slow, 5, false).await?);
            self.figures.take(tls.one_by_one("one-line-tls", slow, 5, false).await?);
            self.figures.take(tls.one_by_one("one-line-tls-new", slow, 5, true).await?);
        }

        let pair = self.prepare(Secrecy::Clear, None, self.many).await?;
        self.repeat(&pair, "drain", self.run.times).await?;
        let patience = if self.run.quick { 30 } else { 600 };
        self.figures.take(pair.drain("cuts-100k", every(100_000), patience).await?);
        self.figures.take(pair.drain("cuts-10k", every(10_000), patience).await?);
        let pair = self.prepare(Secrecy::Tls, None, self.many).await?;
        self.repeat(&pair, "drain-tls", self.run.times).await?;
        if self.run.quick {
            return Ok(());
        }

        let pair = self.prepare(Secrecy::Clear, None, FEW).await?;
        self.figures.take(pair.drain("line", slow, 600).await?);
        self.figures.take(pair.drain("cuts-2k", every(2_000), 300).await?);
        let pair = self.prepare(Secrecy::Tls, None, FEW).await?;
        self.figures.take(pair.drain("line-tls", slow, 600).await?);
        self.figures.take(pair.drain("cuts-10k-tls", every(10_000), 300).await?);
        Ok(())
    }

    async fn postgresql(&mut self, server: &PostgreSql) -> anyhow::Result<()> {
        let pair = self.prepare(Secrecy::Clear, Some(server), self.many).await?;
        self.repeat(&pair, "drain-postgresql", self.run.times).await
    }

    async fn peers(&mut self, peers: &Peers) -> anyhow::Result<()> {
        let slow = Plan { shape: SLOW, ..Plan::default() };
        let measure = |what, count, plan, patience_seconds| Measurement {
            what,
            documents: self.documents,
            count,
            plan,
            patience_seconds,
        };
        let drain = measure("drain", self.many, Plan::default(), 300);
        let mut taken = Vec::new();
        for _ in 0..self.run.times.max(1) {
            taken.push(peers.anki(&drain, false, "go").await?);
        }
        self.figures.take_median(taken);
        let full = measure("full", self.many, Plan::default(), 300);
        self.figures.take(peers.anki(&full, true, "go").await?);
        let one = measure("one", HANDFUL, Plan::default(), 60);
        self.figures.take(peers.anki(&one, false, "one").await?);
        let line = measure("line", FEW, slow, 600);
        self.figures.take(peers.anki(&line, false, "go").await?);
        for (what, bytes) in [("cuts-300k", 300_000), ("cuts-100k", 100_000)] {
            let cut = measure(what, self.many, every(bytes), 30);
            self.figures.take(peers.anki(&cut, false, "go").await?);
        }

        self.figures.take(peers.pouchdb(&drain).await?);
        let cut = measure("cuts-100k", self.many, every(100_000), 60);
        self.figures.take(peers.pouchdb(&cut).await?);
        self.figures.take(peers.pouchdb(&line).await?);
        Ok(())
    }
}

fn every(bytes: u64) -> Plan {
    Plan { cuts: Cuts::Every { bytes }, ..Plan::default() }
}
