//! A province's load on one machine: how many applications a second the centre takes in, and how
//! long its pages take when a million are there.
//!
//! Invariant: everything that is loaded came through the sync endpoint, signed by its device, as it
//! does from an office; what the load generator computes is computed before the clock runs.

mod loading;
mod pages;

use std::io::Write as _;
use std::path::Path;
use std::sync::Arc;

use anyhow::Context as _;
use clap::Args;
use pishkhan_server::centre::Centre;
use pishkhan_server::documents::DocumentStore;
use pishkhan_server::limit::Limit;
use pishkhan_server::storage;
use pishkhan_server::web::{self, AppState, Limits};
use tokio::net::TcpListener;

use crate::postgresql::PostgreSql;
use loading::{Load, Loaded};

/// How much.
#[derive(Args)]
pub(crate) struct Run {
    /// Applications in PostgreSQL.
    #[arg(long, default_value_t = 1_000_000)]
    applications: usize,
    /// Offices, each with one device.
    #[arg(long, default_value_t = 1_000)]
    offices: usize,
    /// Devices that send at a time.
    #[arg(long, default_value_t = 4)]
    senders: usize,
    /// Applications in the embedded store, whose ingest is measured beside.
    #[arg(long, default_value_t = 100_000)]
    embedded: usize,
    /// How often each page is opened, one at a time.
    #[arg(long, default_value_t = 200)]
    times: usize,
}

/// Measures, and prints a table.
pub(crate) async fn run(run: &Run) -> anyhow::Result<()> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..").canonicalize()?;
    let folder = root.join("target/bench");
    std::fs::create_dir_all(&folder)?;
    let scratch = tempfile::Builder::new().prefix("scale").tempdir_in(&folder)?;
    let catalogue = root.join("catalogue");

    let file = scratch.path().join("embedded/centre.db");
    let embedded = Running::start(&file.display().to_string(), scratch.path(), "embedded").await?;
    let load = Load { applications: run.embedded, offices: 100, senders: run.senders };
    let into_embedded = loading::load(&embedded, &catalogue, load).await?;
    say(&told("embedded store", &into_embedded))?;

    let server = PostgreSql::start(scratch.path())?;
    let database = server.create("scale", None)?;
    let centre = Running::start(&database, scratch.path(), "postgresql").await?;
    let load = Load { applications: run.applications, offices: run.offices, senders: run.senders };
    let into_postgresql = loading::load(&centre, &catalogue, load).await?;
    say(&told("PostgreSQL", &into_postgresql))?;
    server.settle("scale")?;
    say("\n| page | median ms | 95th of 100, ms | slowest ms | bytes as sent |")?;
    say("|---|---:|---:|---:|---:|")?;
    for page in pages::open(&centre, &into_postgresql, run.times).await? {
        say(&page.row())?;
    }
    Ok(())
}

fn told(into: &str, loaded: &Loaded) -> String {
    format!(
        "{into}: {} applications of {} offices in {:.1} s: {:.0} a second",
        loaded.applications,
        loaded.offices,
        loaded.seconds,
        loaded.applications as f64 / loaded.seconds
    )
}

fn say(line: &str) -> anyhow::Result<()> {
    Ok(writeln!(std::io::stdout(), "{line}")?)
}

/// A centre in this process, behind a real socket.
pub(crate) struct Running {
    pub(crate) centre: Arc<Centre>,
    pub(crate) url: String,
    pub(crate) client: reqwest::Client,
}

impl Running {
    async fn start(database: &str, scratch: &Path, name: &str) -> anyhow::Result<Self> {
        // The second centre of this process finds it installed.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let folder = scratch.join(name);
        std::fs::create_dir_all(&folder)?;
        let storage = storage::open(database).await?;
        let documents = DocumentStore::open(&folder.join("documents")).await?;
        let clock = Arc::new(|| jiff::Timestamp::now().as_millisecond());
        let url = "http://127.0.0.1".to_owned();
        let centre = Centre::open(storage, documents, clock, url).await?;
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let address = listener.local_addr()?;
        // One caller asks as often as many: that it is held off is tried elsewhere.
        let unlimited = || Limit::new(i64::MAX / 2, 0);
        let limits = Limits {
            tracking: unlimited(),
            wrong_digits: unlimited(),
            login: unlimited(),
            ..Limits::default()
        };
        let state =
            AppState { limits: Arc::new(limits), ..AppState::new(Arc::clone(&centre), false, 600) };
        tokio::spawn(web::serve(listener, state, std::future::pending()));
        let client = reqwest::Client::builder()
            .redirect(reqwest::redirect::Policy::none())
            .build()
            .context("a client")?;
        Ok(Self { centre, url: format!("http://{address}"), client })
    }
}
