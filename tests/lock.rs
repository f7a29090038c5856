//! What a window does when it is opened twice, killed, or locked.

use std::sync::Arc;

use anyhow::{Context as _, ensure};
use pishkhan_testkit::display::Display;
use pishkhan_testkit::wait::PATIENCE;
use tempfile::TempDir;

use crate::centre::{Centre, Database};
use crate::citizens::ELECTRICITY;
use crate::counter::{Counter, PIN};
use crate::window::Window;

#[tokio::test(flavor = "multi_thread")]
async fn story_of_a_second_window_that_stays_out() {
    let _already = rustls::crypto::ring::default_provider().install_default();
    let centre = Centre::start(Database::Embedded).await.unwrap();
    let display = Arc::new(Display::start().await.unwrap());
    let counter = Counter::open(&display).await.unwrap();
    counter.enrol(&centre).await.unwrap();
    let second = Window::open(&display, counter.dir()).await.unwrap();
    let outcome = async {
        second.fill("lock.pin", PIN).await?;
        second.click("lock.submit").await?;
        let sentence = second.text("lock.error").await?;
        ensure!(sentence.contains("پنجرهٔ دیگری"), "{sentence}");
        ensure!(!second.has("screen.mine").await? && !second.has("screen.record").await?);
        anyhow::Ok(())
    };
    if let Err(error) = outcome.await {
        let picture = second.picture_of_failure("second-window").await;
        panic!("{error:?}\npicture: {}", picture.display());
    }
    second.close().await.unwrap();
    counter.window.close().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn story_of_a_draft_that_survives_a_killed_window() {
    let _already = rustls::crypto::ring::default_provider().install_default();
    let centre = Centre::start(Database::Embedded).await.unwrap();
    let display = Arc::new(Display::start().await.unwrap());
    let dir = TempDir::new().unwrap();
    let counter = Counter::open_in(&display, dir.path()).await.unwrap();
    counter.enrol(&centre).await.unwrap();
    counter.services_arrive(ELECTRICITY.service).await.unwrap();
    counter.type_in(ELECTRICITY.who).await.unwrap();
    let saved = counter
        .window
        .attribute_becomes("record.saved", "data-state", PATIENCE, |now| now == "saved")
        .await;
    if let Err(error) = saved {
        let picture = counter.window.picture_of_failure("killed-window").await;
        panic!("{error:?}\npicture: {}", picture.display());
    }
    let draft = counter.window.attribute("record.saved", "data-draft").await.unwrap();
    counter.window.kill().await.unwrap();

    let window = Window::open(&display, dir.path()).await.unwrap();
    let outcome = async {
        window.fill("lock.pin", PIN).await?;
        window.click("lock.submit").await?;
        window.click("nav.mine").await?;
        window.click(&format!("draft.{draft}")).await.context("the draft is in the list")?;
        let name = window.value("applicant.last_name").await?;
        ensure!(name == "نمونه", "{name}");
        anyhow::Ok(())
    };
    if let Err(error) = outcome.await {
        let picture = window.picture_of_failure("killed-window").await;
        panic!("{error:?}\npicture: {}", picture.display());
    }
    window.close().await.unwrap();
}
