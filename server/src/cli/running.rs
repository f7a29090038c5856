//! Running the centre until it is told to stop.

use std::io::{ErrorKind, Write as _};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};

use anyhow::Context as _;
use pishkhan_protocol::columns;
use pishkhan_server::centre::Centre;
use pishkhan_server::clock::system_clock;
use pishkhan_server::day_root;
use pishkhan_server::documents::DocumentStore;
use pishkhan_server::figures::refresh;
use pishkhan_server::storage;
use pishkhan_server::trial::{self, TrialSummary};
use pishkhan_server::web::door::{self, Door};
use pishkhan_server::web::tls::Tls;
use pishkhan_server::web::{self, AppState};
use tokio::net::TcpListener;
use tokio::signal::unix::{SignalKind, signal};
use tracing_subscriber::EnvFilter;

use super::settings::Settings;

/// How the pages behave.
pub(super) struct Options {
    /// Is there a proxy that names the caller?
    pub(super) behind_proxy: bool,
    /// Minutes of an idle session.
    pub(super) session_minutes: u16,
    /// A second address, under TLS.
    pub(super) tls: Option<TlsDoor>,
    /// With it, metrics may be read from elsewhere.
    pub(super) metrics_token: Option<String>,
}

/// An address under TLS.
#[derive(clap::Args)]
pub(super) struct TlsDoor {
    /// Address to listen on under TLS, beside the plain one.
    #[arg(long, env = "PISHKHAN_TLS_LISTEN", requires_all = ["tls_certificate", "tls_key"],
          required = false)]
    pub(super) tls_listen: SocketAddr,
    /// Certificate of this server with its chain, PEM; read again at SIGHUP.
    #[arg(long, env = "PISHKHAN_TLS_CERTIFICATE", requires = "tls_listen", required = false)]
    pub(super) tls_certificate: PathBuf,
    /// Its private key, PEM.
    #[arg(long, env = "PISHKHAN_TLS_KEY", requires = "tls_listen", required = false)]
    pub(super) tls_key: PathBuf,
}

impl TlsDoor {
    /// Checks the files and opens the socket.
    pub(super) async fn open(self) -> anyhow::Result<Door> {
        let tls = Tls::open(&self.tls_certificate, &self.tls_key)?;
        let listener = TcpListener::bind(self.tls_listen).await.context("listening under TLS")?;
        tracing::info!(listen = %listener.local_addr()?, "serving under TLS");
        let mut renewed = signal(SignalKind::hangup())?;
        let reloaded = tls.clone();
        tokio::spawn(async move {
            while renewed.recv().await.is_some() {
                match reloaded.reload() {
                    Ok(()) => tracing::info!("certificate read again"),
                    Err(error) => tracing::error!(%error, "the former certificate stays"),
                }
            }
        });
        Ok(Door { listener, tls: Some(tls) })
    }
}

/// Structured lines on standard error: ids only, never personal data.
pub(super) fn start_log() {
    let filter = EnvFilter::try_from_env("PISHKHAN_LOG")
        .unwrap_or_else(|_| EnvFilter::new("info,refinery_core=warn,tokio_postgres=warn"));
    tracing_subscriber::fmt().json().with_env_filter(filter).with_writer(std::io::stderr).init();
}

pub(super) async fn serve(settings: Settings) -> anyhow::Result<()> {
    let Settings { database, listen, documents, public_url, options } = settings;
    let storage = storage::open(&database).await.context("opening the database")?;
    let documents = DocumentStore::open(&documents).await.context("opening the documents")?;
    let centre = Centre::open(storage, documents, system_clock(), public_url).await?;
    let listener = TcpListener::bind(listen).await.context("listening")?;
    tracing::info!(listen = %listener.local_addr()?, "serving");
    let mut doors = vec![Door::plain(listener)];
    if let Some(tls) = options.tls {
        doors.push(tls.open().await?);
    }
    let state = AppState::new(centre, options.behind_proxy, options.session_minutes);
    run(doors, state.with_metrics_token(options.metrics_token)).await
}

pub(super) async fn trial(
    data: &Path,
    listen: SocketAddr,
    public_url: Option<String>,
    catalogue: &Path,
    database: Option<String>,
) -> anyhow::Result<()> {
    std::fs::create_dir_all(data).context("making the folder")?;
    let listener = TcpListener::bind(listen).await.context("listening")?;
    let listen = listener.local_addr()?;
    let public_url = public_url.unwrap_or_else(|| format!("http://{listen}"));
    let file = data.join("centre.db");
    let database = database.unwrap_or_else(|| file.to_string_lossy().into_owned());
    let storage = storage::open(&database).await.context("opening the database")?;
    let documents = DocumentStore::open(&data.join("documents")).await?;
    let centre = Centre::open(storage, documents, system_clock(), public_url).await?;
    let summary_file = data.join("trial.json");
    let known = match std::fs::read(&summary_file) {
        Ok(bytes) => serde_json::from_slice::<TrialSummary>(&bytes)?.staff,
        Err(error) if error.kind() == ErrorKind::NotFound => Vec::new(),
        Err(error) => return Err(error.into()),
    };
    let summary = trial::prepare(&centre, catalogue, listen.to_string(), known).await?;
    let text = serde_json::to_string_pretty(&summary)?;
    write_private(&summary_file, &text)?;
    super::orders::say(&text)?;
    run(vec![Door::plain(listener)], AppState::new(centre, false, 480)).await
}

/// The sample passwords are nobody else's business on a shared machine. Written beside and renamed,
/// so that whoever waits for the file never reads half of it.
fn write_private(path: &Path, text: &str) -> anyhow::Result<()> {
    let beside = path.with_extension("json.new");
    let mut options = std::fs::OpenOptions::new();
    options.write(true).create(true).truncate(true);
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(&beside)?.write_all(text.as_bytes())?;
    std::fs::rename(&beside, path)?;
    Ok(())
}

async fn run(doors: Vec<Door>, state: AppState) -> anyhow::Result<()> {
    let stop = told_to_stop()?;
    tokio::task::spawn_blocking(columns::prepare);
    web::take_left_over(&state).await.context("the courier files")?;
    let filling = tokio::spawn(pishkhan_server::desk_columns::keep_filled(state.centre.clone()));
    let roots = tokio::spawn(day_root::keep_making(state.centre.clone()));
    let counting = tokio::spawn(refresh::keep(state.centre.clone()));
    door::serve(doors, web::router(state), stop).await;
    // Between two roots it holds nothing; a root under way is one transaction.
    roots.abort();
    // What is outdated is seen in the database, and counted after the next start.
    counting.abort();
    filling.abort();
    Ok(())
}

/// Resolves when the system or somebody at the keyboard says so.
pub(super) fn told_to_stop() -> anyhow::Result<impl Future<Output = ()> + Send> {
    let mut terminated = signal(SignalKind::terminate())?;
    Ok(async move {
        tokio::select! {
            _ = terminated.recv() => {}
            _ = tokio::signal::ctrl_c() => {}
        }
        tracing::info!("stopping");
    })
}
