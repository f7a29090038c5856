//! What an operator does, in the words of an office, on the window.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::{Context as _, ensure};
use pishkhan_testkit::display::Display;
use pishkhan_testkit::wait::{LINE_PATIENCE, PATIENCE, until};
use tempfile::TempDir;
use thirtyfour::Key;

use crate::centre::Centre;
use crate::citizens::{Act, Visit, scan};
use crate::pictures;
use crate::window::Window;

pub(crate) const PIN: &str = "۱۲۳۴۵۶";

/// An office with its window.
pub(crate) struct Counter {
    pub(crate) window: Window,
    dir: PathBuf,
    _own: Option<TempDir>,
}

/// What stands in the operator's hand after recording.
pub(crate) struct Filed {
    pub(crate) code: String,
    pub(crate) receipt: PathBuf,
}

impl Counter {
    pub(crate) async fn open(display: &Arc<Display>) -> anyhow::Result<Self> {
        let own = tempfile::Builder::new().prefix("office-").tempdir()?;
        let counter = Self::open_in(display, own.path()).await?;
        Ok(Self { _own: Some(own), ..counter })
    }

    /// Over a folder that outlives it.
    pub(crate) async fn open_in(display: &Arc<Display>, dir: &Path) -> anyhow::Result<Self> {
        let window = Window::open(display, dir).await?;
        Ok(Self { window, dir: dir.to_owned(), _own: None })
    }

    /// Folder of the office's data and papers.
    pub(crate) fn dir(&self) -> &Path {
        &self.dir
    }

    pub(crate) async fn enrol(&self, centre: &Centre) -> anyhow::Result<()> {
        self.enrol_over(centre, &centre.url("")).await
    }

    /// Over another address than the centre's own: a line of some kind lies between.
    pub(crate) async fn enrol_over(&self, centre: &Centre, url: &str) -> anyhow::Result<()> {
        let window = &self.window;
        window.find("screen.enrol").await?;
        self.picture("enrol").await?;
        window.fill("enrol.centre_url", url).await?;
        window.fill("enrol.code", &centre.enrolment_code()?).await?;
        window.fill("enrol.operator_name", "کاربر نمونه").await?;
        window.fill("enrol.pin", PIN).await?;
        window.fill("enrol.pin_again", PIN).await?;
        window.press("enrol.pin_again", Key::Enter).await?;
        let gone = until("the end of enrolment", PATIENCE, async || {
            if window.has("enrol.error").await? {
                return Ok(Some(Err(window.text("enrol.error").await?)));
            }
            Ok((!window.has("screen.enrol").await?).then_some(Ok(())))
        });
        gone.await?.map_err(|sentence| anyhow::anyhow!("enrolment failed: {sentence}"))
    }

    /// Waits until the catalogue has come.
    pub(crate) async fn services_arrive(&self, service: &str) -> anyhow::Result<()> {
        self.window.click("nav.record").await?;
        let option = format!("service.option.{service}");
        self.window.find_within(&option, LINE_PATIENCE).await.map(drop)
    }

    /// Records an application, from an empty page to the receipt.
    pub(crate) async fn record(&self, visit: &Visit) -> anyhow::Result<Filed> {
        let window = &self.window;
        window.click("nav.record").await?;
        window.find("screen.record").await?;
        self.type_in(visit.who).await?;
        window.fill("service.search", visit.word).await?;
        window.find(&format!("service.option.{}", visit.service)).await?;
        self.picture("service-search").await?;
        window.click(&format!("service.option.{}", visit.service)).await?;
        let chosen = window.attribute("service.chosen", "data-service").await?;
        ensure!(chosen == visit.service, "chosen was {chosen}");
        self.type_in(visit.what).await?;
        self.picture(&format!("record-{}", visit.service)).await?;
        window.click("record.review").await?;
        window.find("screen.review").await.context("no review: something is wrong in the form")?;
        self.picture(&format!("review-{}", visit.service)).await?;
        window.press("record.confirm", Key::Enter).await?;
        self.filed(&format!("recorded-{}", visit.service)).await
    }

    /// Reads what the window says after recording.
    pub(crate) async fn filed(&self, picture: &str) -> anyhow::Result<Filed> {
        let window = &self.window;
        window.find("screen.success").await?;
        let code = window.attribute("success.code", "data-code").await?;
        ensure!(code.len() == 13 && code.bytes().all(|byte| byte.is_ascii_digit()), "{code:?}");
        window
            .attribute_becomes("success.print", "data-outcome", PATIENCE, |now| now == "saved")
            .await?;
        self.picture(picture).await?;
        let receipt = PathBuf::from(window.attribute("success.print", "data-path").await?);
        ensure!(receipt.is_file(), "no receipt at {}", receipt.display());
        Ok(Filed { code, receipt })
    }

    pub(crate) async fn type_in(&self, acts: &[Act]) -> anyhow::Result<()> {
        for act in acts {
            match act {
                Act::Mark(hook) => self.window.mark(hook).await?,
                Act::Fill(hook, text) => self.window.fill(hook, text).await?,
                Act::Choose(hook, value) => self.window.choose(hook, value).await?,
                Act::Scan(path) => self.scan(path, path).await?,
            }
        }
        Ok(())
    }

    /// Attaches a scan of a paper, and waits until the office has taken it in.
    pub(crate) async fn scan(&self, path: &str, picture: &str) -> anyhow::Result<()> {
        let file = scan(&self.dir, picture)?;
        self.window.attach(&format!("{path}.file"), &file).await?;
        self.window.find(&format!("{path}.copy")).await.map(drop)
    }

    /// Opens an application from the list of today.
    pub(crate) async fn open_application(&self, code: &str) -> anyhow::Result<()> {
        let window = &self.window;
        window.click("nav.today").await?;
        window.click(&format!("app.row.{code}")).await?;
        let shown = window
            .attribute_becomes("app.code", "data-code", PATIENCE, |shown| shown == code)
            .await?;
        ensure!(shown == code);
        Ok(())
    }

    /// Asks the centre for news now, as an impatient operator does.
    pub(crate) async fn ask_centre(&self) -> anyhow::Result<()> {
        self.window.click("sync.line").await?;
        self.window.click("sync.now").await?;
        self.window.click("sync.close").await
    }

    /// Waits for the state of the application in sight, without touching anything.
    pub(crate) async fn state_becomes(&self, state: &str) -> anyhow::Result<()> {
        self.window
            .attribute_becomes("app.state", "data-state", LINE_PATIENCE, |now| now == state)
            .await
            .map(drop)
    }

    /// Opens the state of sending.
    pub(crate) async fn open_sheet(&self) -> anyhow::Result<()> {
        self.window.click("sync.line").await?;
        self.window.find("sync.sheet").await.map(drop)
    }

    /// Keeps a picture of the screen, if pictures are wanted.
    pub(crate) async fn picture(&self, name: &str) -> anyhow::Result<()> {
        match pictures::wanted(name) {
            Some(file) => self.window.picture(&file).await,
            None => Ok(()),
        }
    }
}
