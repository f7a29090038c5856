//! The built window, driven through WebKitWebDriver as an operator would with keys and mouse.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context as _, ensure};
use pishkhan_testkit::display::Display;
use pishkhan_testkit::wait::{PATIENCE, free_port, listening, until};
use serde_json::json;
use thirtyfour::{By, Capabilities, Key, WebDriver, WebElement};
use tokio::process::{Child, Command};

use crate::built::{failures, program};

/// A window on a display. Elements are named by their test hooks, see ui/README.md.
pub(crate) struct Window {
    driver: WebDriver,
    display: Arc<Display>,
    webdriver: Child,
}

impl Window {
    /// Opens the program over the data of an office.
    pub(crate) async fn open(display: &Arc<Display>, office: &Path) -> anyhow::Result<Self> {
        let port = free_port()?;
        let (data, receipts) = (office.join("data"), office.join("پیشخوان"));
        let mut command = display.webkit_driver(port, &data, &receipts);
        let webdriver = command.spawn().context("WebKitWebDriver")?;
        listening("WebKitWebDriver", port).await?;
        let mut wanted = Capabilities::new();
        wanted.set(
            "webkitgtk:browserOptions",
            json!({ "binary": program("pishkhan"), "args": [] }),
        )?;
        let driver = WebDriver::new(format!("http://127.0.0.1:{port}"), wanted).await?;
        Ok(Self { driver, display: Arc::clone(display), webdriver })
    }

    pub(crate) async fn close(self) -> anyhow::Result<()> {
        Ok(self.driver.quit().await?)
    }

    /// Takes the program away as a power cut would: at once, with nothing said.
    pub(crate) async fn kill(mut self) -> anyhow::Result<()> {
        let parent = self.webdriver.id().context("WebKitWebDriver has ended")?;
        let children = std::fs::read_to_string(format!("/proc/{parent}/task/{parent}/children"))?;
        let killed = Command::new("kill").arg("-9").args(children.split_whitespace()).status();
        ensure!(killed.await?.success(), "nothing to kill in {children:?}");
        self.webdriver.kill().await?;
        // Its session went with it.
        self.driver.leak()?;
        Ok(())
    }

    /// Waits for an element.
    pub(crate) async fn find(&self, hook: &str) -> anyhow::Result<WebElement> {
        self.find_within(hook, PATIENCE).await
    }

    pub(crate) async fn find_within(
        &self,
        hook: &str,
        patience: Duration,
    ) -> anyhow::Result<WebElement> {
        until(hook, patience, async || {
            Ok(self.driver.find_all(by_hook(hook)).await?.into_iter().next())
        })
        .await
    }

    /// Is it there at this moment?
    pub(crate) async fn has(&self, hook: &str) -> anyhow::Result<bool> {
        Ok(!self.driver.find_all(by_hook(hook)).await?.is_empty())
    }

    pub(crate) async fn click(&self, hook: &str) -> anyhow::Result<()> {
        self.with(hook, async |element| {
            element.scroll_into_view().await?;
            Ok(element.click().await?)
        })
        .await
    }

    /// Clicks a radio or a box, until it is marked as whoever clicks would see.
    pub(crate) async fn mark(&self, hook: &str) -> anyhow::Result<()> {
        until(&format!("a mark at {hook}"), PATIENCE, async || {
            let element = self.find(hook).await?;
            if !element.is_selected().await? {
                element.scroll_into_view().await?;
                element.click().await?;
            }
            Ok(element.is_selected().await?.then_some(()))
        })
        .await
    }

    /// Types into an input, in place of what stood there.
    pub(crate) async fn fill(&self, hook: &str, text: &str) -> anyhow::Result<()> {
        self.with(hook, async |element| {
            element.scroll_into_view().await?;
            element.click().await?;
            if element.value().await?.is_some_and(|value| !value.is_empty()) {
                element.send_keys(Key::Control + "a").await?;
            }
            Ok(element.send_keys(text).await?)
        })
        .await
    }

    /// Puts a text into an input at once, in place of what stood there, as pasting does.
    pub(crate) async fn paste(&self, hook: &str, text: &str) -> anyhow::Result<()> {
        let script = "const [field, text] = arguments; field.focus(); field.select(); \
                      document.execCommand('insertText', false, text);";
        self.with(hook, async |element| {
            element.scroll_into_view().await?;
            let arguments = vec![element.to_json()?, json!(text)];
            Ok(self.driver.execute(script, arguments).await.map(drop)?)
        })
        .await
    }

    pub(crate) async fn press(&self, hook: &str, key: Key) -> anyhow::Result<()> {
        self.with(hook, async |element| Ok(element.send_keys(key.clone()).await?)).await
    }

    /// Presses a key where the focus is.
    pub(crate) async fn press_here(&self, key: Key) -> anyhow::Result<()> {
        Ok(self.driver.active_element().await?.send_keys(key).await?)
    }

    /// Sets the clock that the page looks at, by so many hours; nothing else in the program.
    pub(crate) async fn shift_clock(&self, hours: i64) -> anyhow::Result<()> {
        let script = "window.realNow ??= Date.now; const by = arguments[0] * 3600000; \
                      Date.now = () => window.realNow() + by;";
        self.driver.execute(script, vec![json!(hours)]).await?;
        Ok(())
    }

    /// The element that has the focus, by its id.
    pub(crate) async fn focused(&self) -> anyhow::Result<String> {
        Ok(self.driver.active_element().await?.id().await?.unwrap_or_default())
    }

    /// Waits until an element is where the eye is, between header and bottom line.
    pub(crate) async fn comes_in_sight(&self, hook: &str) -> anyhow::Result<()> {
        let script = "const { top, bottom } = arguments[0].getBoundingClientRect(); \
                      return top > 0 && bottom < innerHeight;";
        until(&format!("{hook} in sight"), PATIENCE, async || {
            let element = self.driver.find(by_hook(hook)).await?;
            let seen = self.driver.execute(script, vec![element.to_json()?]).await?;
            Ok((seen.json() == &json!(true)).then_some(()))
        })
        .await
    }

    /// Chooses an option of a select by its value.
    pub(crate) async fn choose(&self, hook: &str, value: &str) -> anyhow::Result<()> {
        let option = By::Css(format!("[data-testid=\"{hook}\"] option[value=\"{value}\"]"));
        until(&format!("{value} of {hook}"), PATIENCE, async || {
            self.driver.find(option.clone()).await?.click().await?;
            Ok((self.value(hook).await? == value).then_some(()))
        })
        .await
    }

    /// Gives a file to a file input.
    pub(crate) async fn attach(&self, hook: &str, file: &Path) -> anyhow::Result<()> {
        let file = file.to_string_lossy();
        self.with(hook, async |element| Ok(element.send_keys(file.as_ref()).await?)).await
    }

    pub(crate) async fn text(&self, hook: &str) -> anyhow::Result<String> {
        self.with(hook, async |element| Ok(element.text().await?)).await
    }

    /// What stands in an input.
    pub(crate) async fn value(&self, hook: &str) -> anyhow::Result<String> {
        self.with(hook, async |element| Ok(element.value().await?.unwrap_or_default())).await
    }

    pub(crate) async fn attribute(&self, hook: &str, name: &str) -> anyhow::Result<String> {
        self.with(hook, async |element| {
            Ok(element.attr(name.to_owned()).await?.unwrap_or_default())
        })
        .await
    }

    /// Does something with an element; again, if the page drew it anew meanwhile.
    async fn with<T>(
        &self,
        hook: &str,
        mut act: impl AsyncFnMut(WebElement) -> anyhow::Result<T>,
    ) -> anyhow::Result<T> {
        until(hook, PATIENCE, async || Ok(Some(act(self.driver.find(by_hook(hook)).await?).await?)))
            .await
    }

    /// Waits until an attribute has a value that is wanted, and gives it.
    pub(crate) async fn attribute_becomes(
        &self,
        hook: &str,
        name: &str,
        patience: Duration,
        wanted: impl Fn(&str) -> bool,
    ) -> anyhow::Result<String> {
        let mut last = String::new();
        let result = until(&format!("{name} of {hook}"), patience, async || {
            last = self.attribute(hook, name).await?;
            Ok(wanted(&last).then(|| last.clone()))
        })
        .await;
        result.with_context(|| format!("{name} of {hook} is {last:?}"))
    }

    /// A picture of the screen, once it has settled.
    pub(crate) async fn picture(&self, file: &Path) -> anyhow::Result<()> {
        self.display.settled_picture(file).await
    }

    /// A picture for whoever reads of a failure.
    pub(crate) async fn picture_of_failure(&self, test: &str) -> PathBuf {
        let file = failures().join(format!("{test}.window.png"));
        let _best_effort = self.display.picture(&file).await;
        file
    }
}

fn by_hook(hook: &str) -> By {
    By::Css(format!("[data-testid=\"{hook}\"]"))
}
