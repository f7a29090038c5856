//! What a clipboard holds by accident, pasted into the real window.

use std::sync::Arc;

use anyhow::{Context as _, ensure};
use pishkhan_testkit::display::Display;
use pishkhan_testkit::wait::{PATIENCE, until};
use thirtyfour::Key;

use crate::centre::{Centre, Database};
use crate::citizens::ELECTRICITY;
use crate::counter::{Counter, PIN};
use crate::window::Window;

const FIELD: &str = "applicant.address";

#[tokio::test(flavor = "multi_thread")]
async fn story_of_a_megabyte_in_the_wrong_field() {
    let _already = rustls::crypto::ring::default_provider().install_default();
    let centre = Centre::start(Database::Embedded).await.unwrap();
    let display = Arc::new(Display::start().await.unwrap());
    let counter = Counter::open(&display).await.unwrap();
    if let Err(error) = pasted(&centre, &counter).await {
        let picture = counter.window.picture_of_failure("pasting").await;
        panic!("{error:?}\npicture: {}", picture.display());
    }
    counter.window.close().await.unwrap();
}

async fn pasted(centre: &Centre, counter: &Counter) -> anyhow::Result<()> {
    let window = &counter.window;
    counter.enrol(centre).await?;
    counter.services_arrive(ELECTRICITY.service).await?;
    counter.type_in(ELECTRICITY.who).await?;

    // A megabyte; WebKit itself lets no field have more than 524,288 units of UTF-16.
    let long = "نشانیِ بلند 😀\u{200c}\u{200f}علي ".repeat(26_000);
    ensure!(long.len() > 1_000_000 && long.encode_utf16().count() < 524_288);
    told(window, &long, "text.too_long").await?;
    // Beside it nothing stops: the other fields are typed in and kept as before.
    window.fill("applicant.village", "روستای نمونه").await?;
    saved(window).await?;

    told(window, "کوچهٔ\u{202e} یک", "text.control_characters").await?;
    told(window, "کوچه\u{7}", "text.control_characters").await?;
    counter.picture("pasted").await?;

    // Emoji and letters of the Arabic keyboard are an address like any other.
    let address = "كوچهٔ يكم 😀، پلاك ۵";
    window.paste(FIELD, address).await?;
    window.press(FIELD, Key::Tab).await?;
    let error = format!("error.{FIELD}");
    until("no fault", PATIENCE, async || Ok((!window.has(&error).await?).then_some(()))).await?;
    ensure!(window.value(FIELD).await? == address);
    saved(window).await?;

    // Locked and opened again, everything stands where it stood.
    window.click("frame.lock").await?;
    window.fill("lock.pin", PIN).await?;
    window.click("lock.submit").await?;
    window.find(FIELD).await?;
    ensure!(window.value(FIELD).await? == address, "after the lock");
    Ok(())
}

/// Pastes, and waits until the window says what is wrong with it; what was pasted stays whole.
async fn told(window: &Window, text: &str, code: &str) -> anyhow::Result<()> {
    window.paste(FIELD, text).await?;
    window.press(FIELD, Key::Tab).await?;
    let error = format!("error.{FIELD}");
    window.attribute_becomes(&error, "data-code", PATIENCE, |now| now == code).await?;
    let stands = window.value(FIELD).await?;
    ensure!(stands.len() == text.len() && stands == text, "{} of {}", stands.len(), text.len());
    Ok(())
}

async fn saved(window: &Window) -> anyhow::Result<()> {
    window
        .attribute_becomes("record.saved", "data-state", PATIENCE, |now| now == "saved")
        .await
        .context("the draft is kept")
        .map(drop)
}
