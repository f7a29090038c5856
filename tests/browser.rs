//! A real Chromium: the officer's and the citizen's.

use std::path::{Path, PathBuf};
use std::process::Stdio;

use anyhow::Context as _;
use pishkhan_testkit::wait::{PATIENCE, free_port, listening, until};
use serde_json::{Value, json};
use tempfile::TempDir;
use thirtyfour::{By, Capabilities, Key, TypingData, WebDriver, WebElement};
use tokio::process::{Child, Command};

use crate::built::failures;
use crate::pictures;

/// A browser with nobody's history.
pub(crate) struct Browser {
    driver: WebDriver,
    profile: TempDir,
    _chromedriver: Child,
}

impl Browser {
    pub(crate) async fn open(width: u32, height: u32) -> anyhow::Result<Self> {
        let port = free_port()?;
        let profile = TempDir::new()?;
        let chromedriver = Command::new("chromedriver")
            .arg(format!("--port={port}"))
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .kill_on_drop(true)
            .spawn()
            .context("chromedriver")?;
        listening("chromedriver", port).await?;
        let mut wanted = Capabilities::new();
        wanted.set("browserName", "chrome")?;
        wanted.set(
            "goog:chromeOptions",
            json!({ "args": [
                "--headless=new",
                // Tests in containers run as root.
                "--no-sandbox",
                "--disable-dev-shm-usage",
                "--disable-gpu",
                "--no-proxy-server",
                "--no-first-run",
                format!("--window-size={width},{height}"),
                format!("--user-data-dir={}", profile.path().display()),
            ],
            "prefs": {
                "download.default_directory": profile.path().join("downloads"),
                "plugins.always_open_pdf_externally": true,
            },
            // The page's own size; a headless window is never narrower than 500 pixels.
            "mobileEmulation": { "deviceMetrics": {
                "width": width, "height": height, "pixelRatio": 1.0, "mobile": false, "touch": false,
            }}}),
        )?;
        let driver = WebDriver::new(format!("http://127.0.0.1:{port}"), wanted).await?;
        Ok(Self { driver, profile, _chromedriver: chromedriver })
    }

    pub(crate) async fn close(self) -> anyhow::Result<()> {
        Ok(self.driver.quit().await?)
    }

    pub(crate) async fn go(&self, url: &str) -> anyhow::Result<()> {
        Ok(self.driver.goto(url).await?)
    }

    pub(crate) async fn find(&self, css: &str) -> anyhow::Result<WebElement> {
        until(css, PATIENCE, async || {
            Ok(self.driver.find_all(By::Css(css)).await?.into_iter().next())
        })
        .await
    }

    /// Those that are there at this moment.
    pub(crate) async fn find_all(&self, css: &str) -> anyhow::Result<Vec<WebElement>> {
        Ok(self.driver.find_all(By::Css(css)).await?)
    }

    pub(crate) async fn reload(&self) -> anyhow::Result<()> {
        Ok(self.driver.refresh().await?)
    }

    pub(crate) async fn click(&self, css: &str) -> anyhow::Result<()> {
        until(&format!("a click on {css}"), PATIENCE, async || {
            Ok(Some(self.driver.find(By::Css(css)).await?.click().await?))
        })
        .await
    }

    pub(crate) async fn fill(&self, css: &str, text: &str) -> anyhow::Result<()> {
        until(&format!("typing into {css}"), PATIENCE, async || {
            let element = self.driver.find(By::Css(css)).await?;
            element.clear().await?;
            Ok(Some(element.send_keys(text).await?))
        })
        .await
    }

    /// Presses keys one after the other, wherever the page has put the focus.
    pub(crate) async fn keys(&self, keys: impl Into<TypingData>) -> anyhow::Result<()> {
        Ok(self.driver.action_chain().send_keys(keys).perform().await?)
    }

    /// Presses a key with Ctrl held down.
    pub(crate) async fn with_control(&self, key: Key) -> anyhow::Result<()> {
        let held = self.driver.action_chain().key_down(Key::Control);
        Ok(held.send_keys(key).key_up(Key::Control).perform().await?)
    }

    /// What is written in what has the focus, or what is to be written there.
    pub(crate) async fn in_focus(&self) -> anyhow::Result<String> {
        let told =
            "const it = document.activeElement; return it.getAttribute('name') || it.innerText";
        Ok(self.run(told, Vec::new()).await?.as_str().unwrap_or_default().to_owned())
    }

    /// Turns the scripts of pages on or off, as a browser's settings do.
    pub(crate) async fn scripts(&self, on: bool) -> anyhow::Result<()> {
        let off = json!({ "value": !on });
        self.driver.cdp().send_raw("Emulation.setScriptExecutionDisabled", off).await?;
        Ok(())
    }

    /// Waits until something is written on the page and the page is ready for keys.
    pub(crate) async fn ready(&self, words: &str) -> anyhow::Result<()> {
        self.says(words).await?;
        until("the whole page", PATIENCE, async || {
            let state = self.run("return document.readyState", Vec::new()).await?;
            Ok((state == "complete").then_some(()))
        })
        .await?;
        // It may have been the page before, which said the same.
        self.says(words).await
    }

    /// Signs in on the page where that is asked for.
    pub(crate) async fn sign_in(&self, name: &str, password: &str) -> anyhow::Result<()> {
        self.fill("#username", name).await?;
        self.fill("#password", password).await?;
        self.click("form button").await
    }

    /// All that is written on the page.
    pub(crate) async fn text(&self) -> anyhow::Result<String> {
        Ok(self.find("body").await?.text().await?)
    }

    /// Waits until something is written on the page.
    pub(crate) async fn says(&self, words: &str) -> anyhow::Result<()> {
        let seen =
            until(words, PATIENCE, async || Ok(self.text().await?.contains(words).then_some(())));
        match seen.await {
            Ok(()) => Ok(()),
            Err(error) => Err(error.context(self.text().await.unwrap_or_default())),
        }
    }

    /// Waits until there are pictures, and each is really shown, also those that are out of sight.
    pub(crate) async fn images_shown(&self) -> anyhow::Result<()> {
        let every = "return document.images.length > 0 && [...document.images].every((image) => { \
                     image.loading = 'eager'; return image.complete && image.naturalWidth > 0; })";
        until("every image of the page", PATIENCE, async || {
            let there = self.driver.execute(every, Vec::new()).await?;
            Ok((there.json() == &json!(true)).then_some(()))
        })
        .await
    }

    /// Runs a script, and gives what it returns.
    pub(crate) async fn run(&self, script: &str, arguments: Vec<Value>) -> anyhow::Result<Value> {
        Ok(self.driver.execute(script, arguments).await?.json().clone())
    }

    /// Runs a script until it has called its last argument, and gives what it told.
    pub(crate) async fn run_until_told(&self, script: &str) -> anyhow::Result<Value> {
        Ok(self.driver.execute_async(script, Vec::new()).await?.json().clone())
    }

    /// Clicks a link to a PDF, and gives the file as it is on the disk then.
    pub(crate) async fn downloaded(&self, link: &str) -> anyhow::Result<PathBuf> {
        self.click(link).await?;
        until(&format!("the file of {link}"), PATIENCE, async || {
            let files = std::fs::read_dir(self.downloads())?.flatten().map(|file| file.path());
            // While it comes it has another ending.
            Ok(files.into_iter().find(|file| file.extension().is_some_and(|it| it == "pdf")))
        })
        .await
    }

    fn downloads(&self) -> PathBuf {
        self.profile.path().join("downloads")
    }

    /// Keeps a picture of the page, if pictures are wanted.
    pub(crate) async fn keep(&self, name: &str) -> anyhow::Result<()> {
        match pictures::wanted(name) {
            Some(file) => self.picture(&file).await,
            None => Ok(()),
        }
    }

    async fn picture(&self, file: &Path) -> anyhow::Result<()> {
        Ok(self.driver.screenshot(file).await?)
    }

    pub(crate) async fn picture_of_failure(&self, test: &str) -> PathBuf {
        let file = failures().join(format!("{test}.browser.png"));
        let _best_effort = self.picture(&file).await;
        file
    }
}
