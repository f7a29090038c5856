//! A window under a virtual display, driven through WebKitWebDriver. Invariant: what it started has
//! ended when it is dropped.

use std::path::Path;
use std::process::Stdio;

use anyhow::{Context as _, bail};
use pishkhan_testkit::display::Display;
use pishkhan_testkit::wait::{PATIENCE, free_port, listening, until};
use serde_json::{Value, json};
use tokio::process::Child;

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
        let port = free_port()?;
        let (data, receipts) = (office.join("data"), office.join("receipts"));
        let mut command = display.webkit_driver(port, &data, &receipts);
        command.stderr(Stdio::null());
        let webdriver = command.spawn().context("WebKitWebDriver")?;
        listening("WebKitWebDriver", port).await?;
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
        let url = format!("{}/element", self.session);
        let look = async || post(&self.client, &url, &query).await.map(Some);
        let found = until(hook, PATIENCE, look).await?;
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
