//! A window under a virtual display, driven through WebKitWebDriver. Invariant: what it started has
//! ended when it is dropped.

use std::path::Path;
use std::process::Stdio;
use std::time::{Duration, Instant};

use anyhow::{Context as _, bail};
use serde_json::{Value, json};
use tokio::io::{AsyncBufReadExt as _, BufReader};
use tokio::process::{Child, Command};

const PATIENCE: Duration = Duration::from_secs(60);

/// A display with a message bus.
pub(crate) struct Display {
    name: String,
    bus: String,
    _server: Child,
    _daemon: Child,
}

impl Display {
    pub(crate) async fn start() -> anyhow::Result<Self> {
        let mut server = Command::new("Xvfb");
        server.args(["-displayfd", "1", "-screen", "0", "1366x768x24", "-nolisten", "tcp"]);
        let (server, number) = with_first_line(server).await.context("Xvfb")?;
        let mut daemon = Command::new("dbus-daemon");
        daemon.args(["--session", "--nofork", "--print-address=1"]);
        let (daemon, bus) = with_first_line(daemon).await.context("dbus-daemon")?;
        Ok(Self { name: format!(":{number}"), bus, _server: server, _daemon: daemon })
    }
}

async fn with_first_line(mut command: Command) -> anyhow::Result<(Child, String)> {
    command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::null()).kill_on_drop(true);
    let mut child = command.spawn()?;
    let mut line = String::new();
    let out = child.stdout.take().context("no output")?;
    BufReader::new(out).read_line(&mut line).await?;
    Ok((child, line.trim().to_owned()))
}

/// A program with one window.
pub(crate) struct Window {
    client: reqwest::Client,
    session: String,
    webdriver: Child,
}

impl Window {
    /// Starts a program over the data of an office, which only ours looks at.
    pub(crate) async fn open(
        display: &Display,
        program: &Path,
        office: &Path,
    ) -> anyhow::Result<Self> {
        let port = std::net::TcpListener::bind(("127.0.0.1", 0))?.local_addr()?.port();
        let mut command = Command::new("WebKitWebDriver");
        command
            .args(["--host=127.0.0.1", &format!("--port={port}")])
            .env("TAURI_AUTOMATION", "true")
            .env("TAURI_WEBVIEW_AUTOMATION", "true")
            .env("PISHKHAN_DATA_DIR", office.join("data"))
            .env("PISHKHAN_RECEIPTS_DIR", office.join("receipts"))
            .env("DISPLAY", &display.name)
            .env("DBUS_SESSION_BUS_ADDRESS", &display.bus)
            .env("WEBKIT_DISABLE_DMABUF_RENDERER", "1")
            .env("WEBKIT_DISABLE_COMPOSITING_MODE", "1")
            .env("NO_AT_BRIDGE", "1")
            .env_remove("WAYLAND_DISPLAY")
            .stdin(Stdio::null())
            .stderr(Stdio::null())
            .kill_on_drop(true);
        let webdriver = command.spawn().context("WebKitWebDriver")?;
        let end = Instant::now() + PATIENCE;
        while tokio::net::TcpStream::connect(("127.0.0.1", port)).await.is_err() {
            if Instant::now() > end {
                bail!("WebKitWebDriver does not listen");
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        // The second window of this process finds it installed.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let client = reqwest::Client::builder().build()?;
        let options = json!({ "binary": program, "args": [] });
        let wanted = json!({ "capabilities": { "alwaysMatch": {
            "webkitgtk:browserOptions": options,
        } } });
        let url = format!("http://127.0.0.1:{port}/session");
        let begun = post(&client, &url, &wanted).await?;
        let id = begun["sessionId"].as_str().context("no session")?;
        Ok(Self { client, session: format!("{url}/{id}"), webdriver })
    }

    /// The program's own process.
    pub(crate) fn process(&self) -> anyhow::Result<u32> {
        let parent = self.webdriver.id().context("WebKitWebDriver has ended")?;
        let children = std::fs::read_to_string(format!("/proc/{parent}/task/{parent}/children"))?;
        Ok(children.split_whitespace().next().context("no program")?.parse()?)
    }

    /// Runs a script in the page, which calls its last argument with a result.
    pub(crate) async fn run(&self, script: &str, arguments: Value) -> anyhow::Result<Value> {
        let url = format!("{}/execute/async", self.session);
        post(&self.client, &url, &json!({ "script": script, "args": arguments })).await
    }

    /// Types into an element, once it is there.
    pub(crate) async fn fill(&self, hook: &str, text: &str) -> anyhow::Result<()> {
        let query = json!({
            "using": "css selector",
            "value": format!("[data-testid=\"{hook}\"]"),
        });
        let end = Instant::now() + PATIENCE;
        let found = loop {
            match post(&self.client, &format!("{}/element", self.session), &query).await {
                Ok(found) => break found,
                Err(error) if Instant::now() > end => return Err(error.context(hook.to_owned())),
                Err(_) => tokio::time::sleep(Duration::from_millis(50)).await,
            }
        };
        let element = found.as_object().and_then(|found| found.values().next());
        let element = element.and_then(Value::as_str).context("no element")?;
        let url = format!("{}/element/{element}/value", self.session);
        post(&self.client, &url, &json!({ "text": text })).await.map(drop)
    }

    pub(crate) async fn close(mut self) -> anyhow::Result<()> {
        self.client.delete(&self.session).send().await?;
        self.webdriver.kill().await?;
        Ok(())
    }
}

async fn post(client: &reqwest::Client, url: &str, body: &Value) -> anyhow::Result<Value> {
    let request = client.post(url).header("content-type", "application/json");
    let answer = request.body(serde_json::to_vec(body)?).send().await?;
    let (status, bytes) = (answer.status(), answer.bytes().await?);
    let mut answer: Value = serde_json::from_slice(&bytes)?;
    if !status.is_success() {
        bail!("{url}: {}", answer["value"]["message"]);
    }
    Ok(answer["value"].take())
}
