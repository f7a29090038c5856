//! Every screen of the window, the pages of the centre, and both receipts, as pictures for
//! docs/screens. Asked for by `script/screens`; what is on them is asserted by the stories.

use std::path::Path;
use std::process::Command;
use std::sync::Arc;

use anyhow::{Context as _, ensure};
use pishkhan_testkit::display::Display;
use pishkhan_testkit::wait::PATIENCE;
use thirtyfour::Key;

use crate::browser::Browser;
use crate::centre::{Centre, Database};
use crate::citizens::{BIRTH, ELECTRICITY, WITHOUT_PAPERS};
use crate::counter::{Counter, PIN};
use crate::pictures;

#[tokio::test(flavor = "multi_thread")]
#[ignore = "makes pictures: script/screens"]
async fn story_of_every_screen() {
    let _already = rustls::crypto::ring::default_provider().install_default();
    let centre = Centre::start(Database::Embedded).await.unwrap();
    let display = Arc::new(Display::start().await.unwrap());
    let counter = Counter::open(&display).await.unwrap();
    if let Err(error) = screens(&centre, &counter).await {
        let picture = counter.window.picture_of_failure("screens").await;
        panic!("{error:?}\npicture: {}", picture.display());
    }
    counter.window.close().await.unwrap();
}

async fn screens(centre: &Centre, counter: &Counter) -> anyhow::Result<()> {
    let window = &counter.window;
    counter.enrol(centre).await?;
    counter.services_arrive(BIRTH.service).await?;
    counter.picture("record-empty").await?;
    let electricity = counter.record(&ELECTRICITY).await?;
    let birth = counter.record(&BIRTH).await?;

    // A form with its faults named, left as a draft.
    window.click("nav.record").await?;
    counter.type_in(WITHOUT_PAPERS.who).await?;
    window.fill("service.search", WITHOUT_PAPERS.word).await?;
    window.click(&format!("service.option.{}", WITHOUT_PAPERS.service)).await?;
    window.click("record.review").await?;
    window.find("record.errors").await?;
    counter.picture("record-faults").await?;

    for screen in ["today", "mine", "deliver", "report", "notices", "verify", "settings"] {
        window.click(&format!("nav.{screen}")).await?;
        window.find(&format!("screen.{screen}")).await?;
        counter.picture(screen).await?;
    }
    window.fill("frame.search", "نمونه").await?;
    window.press("frame.search", Key::Enter).await?;
    window.find(&format!("app.row.{}", birth.code)).await?;
    counter.picture("search").await?;
    window.click("sync.line").await?;
    window.find("sync.sheet").await?;
    counter.picture("sync-sheet").await?;
    window.click("sync.copy").await?;
    window.find("support.text").await?;
    counter.picture("support-text").await?;
    window.press_here(Key::Escape).await?;
    window.click("frame.shortcuts").await?;
    window.find("shortcuts").await?;
    counter.picture("shortcuts").await?;
    window.press_here(Key::Escape).await?;

    counter.open_application(&electricity.code).await?;
    window.click("app.preview").await?;
    window.find("receipt.picture").await?;
    counter.picture("receipt-preview").await?;
    window.click("receipt.close").await?;

    window.click("nav.settings").await?;
    window.choose("settings.theme", "dark").await?;
    counter.open_application(&electricity.code).await?;
    counter.picture("application-dark").await?;
    window.click("nav.settings").await?;
    window.choose("settings.theme", "contrast").await?;
    window.click("nav.mine").await?;
    window.find("screen.mine").await?;
    counter.picture("mine-contrast").await?;
    window.click("nav.settings").await?;
    window.choose("settings.theme", "light").await?;
    window.click("language.en").await?;
    counter.picture("settings-en").await?;
    counter.open_application(&electricity.code).await?;
    counter.picture("application-en").await?;
    window.click("nav.mine").await?;
    window.find("screen.mine").await?;
    counter.picture("mine-en").await?;
    window.click("nav.record").await?;
    window.find("screen.record").await?;
    counter.picture("record-en").await?;
    window.click("nav.courier").await?;
    window.find("screen.courier").await?;
    counter.picture("courier-en").await?;
    window.click("sync.line").await?;
    window.find("sync.sheet").await?;
    counter.picture("sync-sheet-en").await?;
    window.click("sync.close").await?;

    // The second copy, on the thermal roll.
    window.click("nav.settings").await?;
    window.mark("settings.paper.thermal80").await?;
    counter.open_application(&electricity.code).await?;
    window.click("app.save_pdf").await?;
    let saved = window
        .attribute_becomes("app.print_outcome", "data-path", PATIENCE, |path| !path.is_empty())
        .await?;
    page(&electricity.receipt, "receipt-a5", 110)?;
    page(Path::new(&saved), "receipt-thermal80", 203)?;
    window.click("nav.settings").await?;
    window.click("language.fa").await?;

    window.click("frame.lock").await?;
    window.find("screen.lock").await?;
    counter.picture("lock").await?;
    window.fill("lock.pin", PIN).await?;
    window.click("lock.submit").await?;
    window.find("frame.office").await?;

    let telephone = Browser::open(360, 740).await?;
    for (path, name) in
        [("/", "public-services"), ("/track", "public-track"), ("/r", "public-receipt")]
    {
        telephone.go(&centre.url(path)).await?;
        telephone.find("main").await?;
        telephone.keep(name).await?;
    }
    telephone.close().await
}

/// A picture of a paper.
fn page(pdf: &Path, name: &str, dots_per_inch: u32) -> anyhow::Result<()> {
    let Some(file) = pictures::wanted(name) else { return Ok(()) };
    let stem = file.with_extension("");
    let status = Command::new("pdftoppm")
        .args(["-r", &dots_per_inch.to_string(), "-png", "-singlefile"])
        .arg(pdf)
        .arg(stem)
        .status()
        .context("pdftoppm")?;
    ensure!(status.success(), "pdftoppm failed on {}", pdf.display());
    Ok(())
}
