//! A virtual display with a message bus: a desk where nobody sits.

use std::path::Path;
use std::process::Stdio;

use anyhow::{Context as _, ensure};
use tempfile::TempDir;
use tokio::io::{AsyncBufReadExt as _, BufReader};
use tokio::process::{Child, Command};

use crate::wait::{PATIENCE, until};

/// The display; gone when dropped.
pub struct Display {
    name: String,
    bus: String,
    /// Of the programs on it.
    config: TempDir,
    _server: Child,
    _daemon: Child,
}

impl Display {
    /// Starts it.
    ///
    /// # Errors
    /// That Xvfb or dbus-daemon is not there or does not come up.
    pub async fn start() -> anyhow::Result<Self> {
        let mut server = Command::new("Xvfb");
        server.args(["-displayfd", "1", "-screen", "0", "1366x768x24", "-nolisten", "tcp"]);
        let (server, number) = with_first_line(server).await.context("Xvfb")?;
        let mut daemon = Command::new("dbus-daemon");
        daemon.args(["--session", "--nofork", "--print-address=1"]);
        let (daemon, bus) = with_first_line(daemon).await.context("dbus-daemon")?;
        // A caret that blinks would make every picture another.
        let config = TempDir::new()?;
        std::fs::create_dir(config.path().join("gtk-3.0"))?;
        let settings = "[Settings]\ngtk-cursor-blink=false\n";
        std::fs::write(config.path().join("gtk-3.0/settings.ini"), settings)?;
        Ok(Self { name: format!(":{number}"), bus, config, _server: server, _daemon: daemon })
    }

    /// Puts a program on this display.
    pub fn dress(&self, command: &mut Command) {
        command
            .env("DISPLAY", &self.name)
            .env("DBUS_SESSION_BUS_ADDRESS", &self.bus)
            .env("XDG_CONFIG_HOME", self.config.path())
            .env("WEBKIT_DISABLE_DMABUF_RENDERER", "1")
            .env("WEBKIT_DISABLE_COMPOSITING_MODE", "1")
            // No bus for screen readers, which would outlive the test.
            .env("NO_AT_BRIDGE", "1")
            .env_remove("WAYLAND_DISPLAY");
    }

    /// The driver of one window of WebKit on this display, listening at a port once it is started,
    /// over the data of an office. It ends when its process is dropped.
    #[must_use]
    pub fn webkit_driver(&self, port: u16, data: &Path, receipts: &Path) -> Command {
        let mut command = Command::new("WebKitWebDriver");
        command
            .args(["--host=127.0.0.1", &format!("--port={port}")])
            .env("TAURI_AUTOMATION", "true")
            .env("TAURI_WEBVIEW_AUTOMATION", "true")
            .env("PISHKHAN_DATA_DIR", data)
            .env("PISHKHAN_RECEIPTS_DIR", receipts)
            .stdin(Stdio::null())
            .kill_on_drop(true);
        self.dress(&mut command);
        command
    }

    /// A picture of everything on it, as it is at this moment.
    ///
    /// # Errors
    /// That ImageMagick's `import` is not there or fails.
    pub async fn picture(&self, file: &Path) -> anyhow::Result<()> {
        let mut import = Command::new("import");
        import.args(["-window", "root", "-strip"]).arg(file).env("DISPLAY", &self.name);
        ensure!(import.status().await?.success(), "import failed");
        Ok(())
    }

    /// A picture of everything on it, once nothing moves any more.
    ///
    /// # Errors
    /// As [`Self::picture`], and that something moves for ever.
    pub async fn settled_picture(&self, file: &Path) -> anyhow::Result<()> {
        let mut alike = 0;
        until("a display where nothing moves", PATIENCE, async || {
            let before = std::fs::read(file).unwrap_or_default();
            self.picture(file).await?;
            alike = if std::fs::read(file)? == before { alike + 1 } else { 0 };
            Ok((alike == 2).then_some(()))
        })
        .await
    }
}

async fn with_first_line(mut command: Command) -> anyhow::Result<(Child, String)> {
    command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::null()).kill_on_drop(true);
    let mut child = command.spawn()?;
    let mut line = String::new();
    let out = child.stdout.take().context("no output")?;
    BufReader::new(out).read_line(&mut line).await?;
    ensure!(!line.trim().is_empty(), "it said nothing");
    Ok((child, line.trim().to_owned()))
}
