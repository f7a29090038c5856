//! The settings with which the centre serves: flags before environment before file, checked as a
//! whole before anything starts.
//!
//! Invariant: every fault is told at once, by the name of its setting, with the way out.

use std::fmt;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};

use clap::Args;
use clap::builder::BoolishValueParser;
use pishkhan_server::storage;
use pishkhan_server::web::tls::Tls;
use serde::Deserialize;

use super::orders::{public_url, say};
use super::running::{Options, TlsDoor};

/// Minutes of an idle session, where none are set.
const SESSION_MINUTES: u16 = 15;
const MOST_SESSION_MINUTES: u16 = 480;
/// Fewer letters can be guessed.
const LEAST_TOKEN: usize = 32;

/// What `serve` and `check-config` are given.
#[derive(Args)]
pub(super) struct Given {
    /// Settings as a TOML file; what is given here or by the environment goes before it.
    #[arg(long, env = "PISHKHAN_CONFIG")]
    config: Option<PathBuf>,
    /// `postgres://…`, or the path of an SQLite file.
    #[arg(long, env = "PISHKHAN_DATABASE", hide_env_values = true)]
    database: Option<String>,
    /// Address to listen on; 127.0.0.1:8080 where none is set.
    #[arg(long, env = "PISHKHAN_LISTEN")]
    listen: Option<String>,
    /// Folder for documents.
    #[arg(long, env = "PISHKHAN_DOCUMENTS")]
    documents: Option<PathBuf>,
    /// Address of the public pages as citizens reach them, printed on receipts.
    #[arg(long, env = "PISHKHAN_PUBLIC_URL")]
    public_url: Option<String>,
    /// Take the caller's address from the last entry of X-Forwarded-For.
    #[arg(long, env = "PISHKHAN_BEHIND_PROXY", num_args = 0..=1, require_equals = true,
          default_missing_value = "true", value_parser = BoolishValueParser::new())]
    behind_proxy: Option<bool>,
    /// Minutes after which an idle officer must log in again; 15 where none are set.
    #[arg(long, env = "PISHKHAN_SESSION_MINUTES")]
    session_minutes: Option<u16>,
    /// Address to listen on under TLS, beside the plain one.
    #[arg(long, env = "PISHKHAN_TLS_LISTEN")]
    tls_listen: Option<String>,
    /// Certificate of this server with its chain, PEM; read again at SIGHUP.
    #[arg(long, env = "PISHKHAN_TLS_CERTIFICATE")]
    tls_certificate: Option<PathBuf>,
    /// Its private key, PEM.
    #[arg(long, env = "PISHKHAN_TLS_KEY")]
    tls_key: Option<PathBuf>,
    /// Token with which `/metrics` may be read from another machine; without one, only from this.
    #[arg(long, env = "PISHKHAN_METRICS_TOKEN", hide_env_values = true)]
    metrics_token: Option<String>,
}

/// The same in a file.
#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    database: Option<String>,
    listen: Option<String>,
    documents: Option<PathBuf>,
    public_url: Option<String>,
    behind_proxy: Option<bool>,
    session_minutes: Option<u16>,
    tls_listen: Option<String>,
    tls_certificate: Option<PathBuf>,
    tls_key: Option<PathBuf>,
    metrics_token: Option<String>,
}

/// What is served with.
pub(super) struct Settings {
    pub(super) database: String,
    pub(super) listen: SocketAddr,
    pub(super) documents: PathBuf,
    pub(super) public_url: String,
    pub(super) options: Options,
}

/// What is wrong with a setting.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Fault {
    setting: &'static str,
    persian: String,
    english: String,
}

impl Fault {
    fn new(setting: &'static str, persian: impl Into<String>, english: impl Into<String>) -> Self {
        Self { setting, persian: persian.into(), english: english.into() }
    }

    fn missing(setting: &'static str) -> Self {
        let persian = format!(
            "تعیین نشده است؛ با ‎--{}‎، با متغیر محیطی یا در پروندهٔ تنظیمات بنویسید",
            setting.replace('_', "-")
        );
        Self::new(setting, persian, "is not set: give it by flag, environment or file")
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {} | {}", self.setting, self.persian, self.english)
    }
}

/// All faults together, as an error.
#[derive(Debug)]
pub(super) struct Faults(pub(super) Vec<Fault>);

impl fmt::Display for Faults {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let lines: Vec<String> = self.0.iter().map(ToString::to_string).collect();
        f.write_str(&lines.join("\n"))
    }
}

impl std::error::Error for Faults {}

impl Given {
    /// The database and, where they are named, the documents: all that a backup needs.
    pub(super) fn places(self) -> Result<(String, Option<PathBuf>), Faults> {
        let file = match self.config.as_deref().map(read) {
            None => File::default(),
            Some(read) => read.map_err(|fault| Faults(vec![fault]))?,
        };
        let database = self.database.or(file.database).filter(|text| !text.trim().is_empty());
        let database = database.ok_or_else(|| Faults(vec![Fault::missing("database")]))?;
        Ok((database, self.documents.or(file.documents)))
    }

    /// Reads the file and checks everything that needs no socket and no database.
    pub(super) fn settle(self) -> Result<Settings, Faults> {
        let mut faults = Vec::new();
        let file = match self.config.as_deref().map(read) {
            None => File::default(),
            Some(read) => read.map_err(|fault| Faults(vec![fault]))?,
        };
        let listen = self.listen.or(file.listen).unwrap_or_else(|| "127.0.0.1:8080".to_owned());
        let listen = address("listen", &listen, &mut faults);
        let database = self.database.or(file.database).filter(|text| !text.trim().is_empty());
        let documents = self.documents.or(file.documents);
        let public = self.public_url.or(file.public_url);
        let public = public.map(|text| public_url(&text).map_err(|_| text));
        if let Some(Err(text)) = &public {
            faults.push(Fault::new(
                "public_url",
                format!("«{text}» نشانی نیست؛ مانند https://pishkhan.example.ir بنویسید"),
                format!("{text} is no address such as https://pishkhan.example.ir"),
            ));
        }
        let minutes = self.session_minutes.or(file.session_minutes).unwrap_or(SESSION_MINUTES);
        if minutes == 0 || minutes > MOST_SESSION_MINUTES {
            faults.push(Fault::new(
                "session_minutes",
                "از ۱ تا ۴۸۰ دقیقه بنویسید",
                format!("{minutes} is not between 1 and {MOST_SESSION_MINUTES}"),
            ));
        }
        let token = self.metrics_token.or(file.metrics_token);
        if token.as_ref().is_some_and(|token| token.len() < LEAST_TOKEN) {
            faults.push(Fault::new(
                "metrics_token",
                "کوتاه است؛ دست‌کم ۳۲ نویسهٔ تصادفی بنویسید، مانند خروجی «openssl rand -hex 32»",
                "is too short: at least 32 random letters, such as `openssl rand -hex 32` gives",
            ));
        }
        let tls = tls(
            self.tls_listen.or(file.tls_listen),
            self.tls_certificate.or(file.tls_certificate),
            self.tls_key.or(file.tls_key),
            &mut faults,
        );
        for (setting, missing) in [
            ("database", database.is_none()),
            ("documents", documents.is_none()),
            ("public_url", public.is_none()),
        ] {
            if missing {
                faults.push(Fault::missing(setting));
            }
        }
        let behind_proxy = self.behind_proxy.or(file.behind_proxy).unwrap_or(false);
        let options = Options { behind_proxy, session_minutes: minutes, tls, metrics_token: token };
        match (database, documents, public, listen) {
            (Some(database), Some(documents), Some(Ok(public_url)), Some(listen))
                if faults.is_empty() =>
            {
                Ok(Settings { database, listen, documents, public_url, options })
            }
            _ => Err(Faults(faults)),
        }
    }
}

fn read(path: &Path) -> Result<File, Fault> {
    let shown = path.display();
    let text = std::fs::read_to_string(path).map_err(|error| {
        let persian = format!("پروندهٔ {shown} خوانده نمی‌شود؛ نام و دسترسی آن را ببینید");
        Fault::new("config", persian, format!("{shown} cannot be read: {error}"))
    })?;
    toml::from_str(&text).map_err(|error| {
        // Where, but never the line itself: it may hold a password.
        let line = error.span().map_or(0, |span| text[..span.start].matches('\n').count() + 1);
        let persian = format!("سطر {line} پروندهٔ {shown} درست نیست یا تنظیمی ناشناخته دارد");
        Fault::new("config", persian, format!("{shown}, line {line}: {}", error.message()))
    })
}

fn address(setting: &'static str, text: &str, faults: &mut Vec<Fault>) -> Option<SocketAddr> {
    let parsed = text.parse().ok();
    if parsed.is_none() {
        faults.push(Fault::new(
            setting,
            format!("«{text}» نشانی و درگاه نیست؛ مانند 127.0.0.1:8080 بنویسید"),
            format!("{text} is no address with a port such as 127.0.0.1:8080"),
        ));
    }
    parsed
}

fn tls(
    listen: Option<String>,
    certificate: Option<PathBuf>,
    key: Option<PathBuf>,
    faults: &mut Vec<Fault>,
) -> Option<TlsDoor> {
    match (listen, certificate, key) {
        (None, None, None) => None,
        (Some(listen), Some(tls_certificate), Some(tls_key)) => {
            let tls_listen = address("tls_listen", &listen, faults)?;
            Some(TlsDoor { tls_listen, tls_certificate, tls_key })
        }
        _ => {
            faults.push(Fault::new(
                "tls_listen",
                "tls_listen، tls_certificate و tls_key با هم لازم‌اند؛ هر سه را بنویسید یا هیچ‌یک را",
                "tls_listen, tls_certificate and tls_key belong together: give all or none",
            ));
            None
        }
    }
}

/// Checks the settings, and what they name: folder, database, certificate. Starts nothing.
pub(super) async fn check(given: Given) -> anyhow::Result<()> {
    let settings = given.settle()?;
    let mut faults = Vec::new();
    if let Err(error) = storage::reach(&settings.database).await {
        let said = std::error::Error::source(&error).map_or_else(String::new, ToString::to_string);
        let persian = "پایگاه داده پاسخ نداد؛ نشانی، نام کاربر و روشن‌بودن آن را ببینید";
        faults.push(Fault::new("database", persian, format!("{error}: {said}")));
    }
    if let Err(error) = writable(&settings.documents) {
        let shown = settings.documents.display();
        let persian = format!("در پوشهٔ {shown} نمی‌توان نوشت؛ مالک و دسترسی آن را ببینید");
        faults.push(Fault::new("documents", persian, format!("{shown}: {error}")));
    }
    if let Some(TlsDoor { tls_certificate, tls_key, .. }) = &settings.options.tls
        && let Err(error) = Tls::open(tls_certificate, tls_key)
    {
        let persian = "گواهی یا کلید TLS خوانده نمی‌شود یا به هم نمی‌خورند";
        faults.push(Fault::new("tls_certificate", persian, error.to_string()));
    }
    if faults.is_empty() {
        return say("تنظیمات درست است | the settings are good");
    }
    Err(Faults(faults).into())
}

fn writable(folder: &Path) -> std::io::Result<()> {
    std::fs::create_dir_all(folder)?;
    let trial = folder.join(".check-config");
    std::fs::write(&trial, b"")?;
    std::fs::remove_file(trial)
}
