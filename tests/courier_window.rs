//! A courier from the window, by keyboard alone: what waits is written on a stick, whatever is on a
//! stick is read, and the centre's answer makes both sides equal.

use std::path::Path;
use std::sync::Arc;

use anyhow::{Context as _, ensure};
use pishkhan_testkit::display::Display;
use pishkhan_testkit::wait::{LINE_PATIENCE, PATIENCE};
use tempfile::TempDir;
use thirtyfour::Key;

use crate::centre::{Centre, Database};
use crate::citizens::ELECTRICITY;
use crate::counter::Counter;

#[tokio::test(flavor = "multi_thread")]
async fn story_of_a_courier_from_the_window() {
    let mut centre = Centre::start(Database::Embedded).await.unwrap();
    let display = Arc::new(Display::start().await.unwrap());
    let counter = Counter::open(&display).await.unwrap();
    let stick = tempfile::Builder::new().prefix("stick-").tempdir().unwrap();
    if let Err(error) = carried(&mut centre, &counter, &stick).await {
        let picture = counter.window.picture_of_failure("courier").await;
        panic!("{error:?}\npicture: {}\ncentre: {}", picture.display(), centre.log());
    }
    counter.window.close().await.unwrap();
}

async fn carried(centre: &mut Centre, counter: &Counter, stick: &TempDir) -> anyhow::Result<()> {
    let window = &counter.window;
    counter.enrol(centre).await?;
    counter.services_arrive(ELECTRICITY.service).await?;
    centre.stop().await?;
    let filed = counter.record(&ELECTRICITY).await?;

    window.press_here(Key::F11).await?;
    window.find("screen.courier").await?;
    window.find("courier.files.empty").await?;
    counter.picture("courier-empty").await?;
    name(counter, Path::new("/no/such/stick")).await?;
    window.press_here(Key::Enter).await?;
    fails(counter, "courier.no_folder").await?;

    name(counter, stick.path()).await?;
    window.press_here(Key::Enter).await?;
    let number = window.attribute("courier.written", "data-number").await?;
    ensure!(number == "1", "the first file has number {number}");
    ensure!(window.attribute("courier.file.1", "data-answered").await?.is_empty());
    counter.picture("courier-written").await?;
    let written: Vec<_> = std::fs::read_dir(stick.path())?.collect::<Result<_, _>>()?;
    ensure!(written.len() == 1, "on the stick there is {written:?}");

    // It is no answer, nor is anything else that lies on a stick.
    read(counter, &written[0].path(), "courier.for_the_centre").await?;
    let holiday = stick.path().join("holiday.courier");
    std::fs::write(&holiday, b"not what it says")?;
    read(counter, &holiday, "courier.not_one").await?;
    counter.picture("courier-not-one").await?;
    std::fs::remove_file(&holiday)?;
    ensure!(window.attribute("sync.line", "data-waiting").await? == "1");

    let answers = stick.path().join("answers");
    std::fs::create_dir(&answers)?;
    let said = centre.takes_files(&written[0].path(), &answers).await?;
    read(counter, &answers, "courier.taken").await.context(said)?;
    window.find("courier.brought").await?;
    window
        .attribute_becomes("courier.file.1", "data-answered", PATIENCE, |at| !at.is_empty())
        .await?;
    counter.picture("courier-read").await?;
    let line = |name: &'static str| {
        window.attribute_becomes("sync.line", name, LINE_PATIENCE, |now| now == "0")
    };
    line("data-waiting").await.context("the centre has it, with no line")?;
    line("data-other-waiting").await?;
    line("data-documents-waiting").await?;
    counter.open_sheet().await?;
    ensure!(window.text("sync.road").await?.contains("پیک"), "the road is named");
    counter.picture("sync-by-courier").await?;
    window.press_here(Key::Escape).await?;

    window.press_here(Key::F11).await?;
    read(counter, &answers, "courier.taken_before").await?;
    counter.open_application(&filed.code).await?;
    counter.state_becomes("received").await
}

/// Types where the stick is.
async fn name(counter: &Counter, path: &Path) -> anyhow::Result<()> {
    counter.window.fill("courier.path", &path.to_string_lossy()).await
}

/// Reads what is there: from the path it is one Tab to the button.
async fn read(counter: &Counter, path: &Path, code: &'static str) -> anyhow::Result<()> {
    let window = &counter.window;
    name(counter, path).await?;
    window.press_here(Key::Tab).await?;
    window.press_here(Key::Enter).await?;
    let outcome =
        window.attribute_becomes("courier.outcome", "data-code", PATIENCE, |now| now == code);
    outcome.await.with_context(|| format!("reading {}", path.display())).map(drop)
}

async fn fails(counter: &Counter, code: &'static str) -> anyhow::Result<()> {
    let told =
        counter.window.attribute_becomes("courier.error", "data-code", PATIENCE, |now| now == code);
    told.await.map(drop)
}
