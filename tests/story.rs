//! The main job, end to end: recorded with no line, sent when there is one, returned, mended,
//! approved, seen by the citizen.

use std::sync::Arc;

use anyhow::{Context as _, ensure};
use pishkhan_domain::digits::to_latin_digits;
use pishkhan_testkit::display::Display;
use pishkhan_testkit::wait::{LINE_PATIENCE, PATIENCE, until};

use crate::browser::Browser;
use crate::centre::{Centre, Database};
use crate::citizens::{BIRTH, ELECTRICITY, Visit, WITHOUT_PAPERS};
use crate::counter::{Counter, Filed};
use crate::paper;

#[tokio::test(flavor = "multi_thread")]
async fn story_of_three_applications_with_an_embedded_store() {
    told("story-embedded", Database::Embedded).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn story_of_three_applications_with_postgresql() {
    told("story-postgresql", Database::PostgreSql).await;
}

async fn told(name: &str, database: Database) {
    let _already = rustls::crypto::ring::default_provider().install_default();
    let mut centre = Centre::start(database).await.unwrap();
    let display = Arc::new(Display::start().await.unwrap());
    let counter = Counter::open(&display).await.unwrap();
    let officer = Browser::open(1366, 768).await.unwrap();
    let outcome = story(&mut centre, &counter, &officer).await;
    if let Err(error) = outcome {
        let window = counter.window.picture_of_failure(name).await;
        let browser = officer.picture_of_failure(name).await;
        panic!(
            "{error:?}\npictures: {} {}\ncentre: {}",
            window.display(),
            browser.display(),
            centre.log()
        );
    }
    officer.close().await.unwrap();
    counter.window.close().await.unwrap();
}

async fn story(centre: &mut Centre, counter: &Counter, browser: &Browser) -> anyhow::Result<()> {
    counter.enrol(centre).await?;
    counter.services_arrive(BIRTH.service).await?;
    centre.stop().await?;

    let birth = counter.record(&BIRTH).await?;
    let without_papers = counter.record(&WITHOUT_PAPERS).await?;
    let electricity = counter.record(&ELECTRICITY).await?;
    let all = [(&BIRTH, &birth), (&WITHOUT_PAPERS, &without_papers), (&ELECTRICITY, &electricity)];
    for (visit, filed) in all {
        holds(visit, filed, centre)?;
    }

    let window = &counter.window;
    let line = |attribute: &'static str, wanted: &'static str| {
        window.attribute_becomes("sync.line", attribute, LINE_PATIENCE, move |now| now == wanted)
    };
    line("data-waiting", "3").await.context("with no line, three wait")?;
    counter.open_application(&electricity.code).await?;
    counter.state_becomes("recorded").await?;
    counter.picture("application-waiting").await?;

    centre.start_again().await?;
    line("data-waiting", "0").await.context("without a click, the centre has them")?;
    counter.state_becomes("received").await?;
    line("data-documents-waiting", "0").await.context("the papers follow")?;

    log_in(browser, centre, "electricity-distribution-sb").await?;
    browser.keep("console-queue").await?;
    open_in_queue(browser, &electricity).await?;
    browser.images_shown().await.context("the officer sees the papers")?;
    browser.keep("console-application").await?;
    take_up(browser).await?;
    counter.ask_centre().await?;
    counter.state_becomes("accepted").await?;
    give_back(browser, "documents.ownership", "تصویر سند خوانا نیست.").await?;
    counter.state_becomes("returned").await?;
    ensure!(window.text("app.defects").await?.contains("تصویر سند خوانا نیست."));
    counter.picture("application-returned").await?;

    window.click("app.mend").await?;
    ensure!(window.text("record.defects").await?.contains("تصویر سند خوانا نیست."));
    window.click("documents.ownership.remove").await?;
    counter.scan("documents.ownership", "documents.ownership.again").await?;
    counter.picture("mend").await?;
    window.click("record.review").await?;
    window.fill("review.note", "سند دوباره و خوانا اسکن شد.").await?;
    window.click("record.confirm").await?;
    let mended = counter.filed("recorded-mended").await?;
    ensure!(mended.code == electricity.code, "a mended application keeps its code");

    counter.open_application(&electricity.code).await?;
    line("data-waiting", "0").await?;
    line("data-other-waiting", "0").await?;
    browser.go(&centre.url("/console?state=resubmitted")).await?;
    open_in_queue(browser, &electricity).await?;
    browser.says("سند دوباره و خوانا اسکن شد.").await?;
    take_up(browser).await?;
    approve(browser).await?;
    counter.ask_centre().await?;
    counter.state_becomes("approved").await?;
    counter.picture("application-approved").await?;

    tracked(browser, centre, &ELECTRICITY, &electricity, "تأیید").await?;
    tracked(browser, centre, &BIRTH, &birth, "رسید").await
}

/// The receipt as anybody can check it who has the centre's public key and nothing else.
fn holds(visit: &Visit, filed: &Filed, centre: &Centre) -> anyhow::Result<()> {
    let text = paper::text(&filed.receipt)?;
    let digits: String = to_latin_digits(&text).chars().filter(char::is_ascii_digit).collect();
    ensure!(digits.contains(&filed.code), "{} is not in the text {text}", filed.code);
    let proved = paper::verify(&filed.receipt, &centre.public_key()?)?;
    let code = proved.core.tracking_code.context("no code is signed")?;
    ensure!(format!("{code:013}") == filed.code, "signed is {code}");
    ensure!(proved.summary.service.0 == visit.service);
    ensure!(proved.summary.applicant_name == visit.name, "{:?}", proved.summary.applicant_name);
    Ok(())
}

/// After a decision the next application would open by itself; here each agency has one.
const DONE_AND_NONE_LEFT: &str = "انجام شد. درخواست دیگری از این خدمت در نوبت نیست.";

async fn log_in(browser: &Browser, centre: &Centre, agency: &str) -> anyhow::Result<()> {
    let (name, password) = centre.officer(agency)?;
    browser.go(&centre.url("/console")).await?;
    browser.keep("console-login").await?;
    browser.sign_in(&name, &password).await?;
    browser.says("نوبت درخواست‌ها").await
}

/// Opens an application from the list in sight.
async fn open_in_queue(browser: &Browser, filed: &Filed) -> anyhow::Result<()> {
    until("the application in the queue", PATIENCE, async || {
        for link in browser.find_all("a.open").await? {
            if to_latin_digits(&link.text().await?).replace(|c: char| !c.is_ascii_digit(), "")
                == filed.code
            {
                link.click().await?;
                return Ok(Some(()));
            }
        }
        browser.reload().await?;
        Ok(None)
    })
    .await
}

async fn take_up(browser: &Browser) -> anyhow::Result<()> {
    browser.click("[data-act=accept] button").await?;
    browser.says("درخواست را پذیرفتید").await
}

async fn give_back(browser: &Browser, path: &str, reason: &str) -> anyhow::Result<()> {
    browser.click("[data-act=return] summary").await?;
    browser.click(&format!("[name=\"defect.{path}\"]")).await?;
    browser.fill(&format!("[name=\"reason.{path}\"]"), reason).await?;
    browser.keep("console-return").await?;
    browser.click("[data-act=return] form > button").await?;
    browser.says(DONE_AND_NONE_LEFT).await
}

async fn approve(browser: &Browser) -> anyhow::Result<()> {
    browser.click("[data-act=approve] summary").await?;
    browser.click("[data-act=approve] form button").await?;
    browser.says(DONE_AND_NONE_LEFT).await
}

/// The public page, as a citizen asks it at home.
async fn tracked(
    browser: &Browser,
    centre: &Centre,
    visit: &Visit,
    filed: &Filed,
    word: &str,
) -> anyhow::Result<()> {
    browser.go(&centre.url("/track")).await?;
    browser.fill("#code", &filed.code).await?;
    browser.fill("#last_four", visit.last_four).await?;
    browser.click("form button").await?;
    browser.says(word).await?;
    browser.keep(&format!("public-tracked-{}", visit.service)).await
}
