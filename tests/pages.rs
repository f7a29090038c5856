//! The centre's pages in a real Chromium, with PostgreSQL: nothing in them keeps anybody out (axe
//! finds no serious violation), and they are light enough for a village's line.

use anyhow::{Context as _, ensure};

use crate::browser::Browser;
use crate::centre::{Centre, Database};
use crate::fairness::{seen, seen_by_a_citizen};
use crate::office_without_window::{Filed, OfficeWithoutWindow};
use crate::staff::second_factor;

const AGENCY: &str = "civil-registration";

const PUBLIC: [&str; 8] = [
    "/",
    "/track",
    "/r",
    "/roots",
    "/transparency",
    "/transparency/dictionary",
    "/console/login",
    "/nowhere",
];
const OFFICERS: [&str; 2] = ["/console", "/console/account"];
const ADMINISTRATORS: [&str; 17] = [
    "/admin",
    "/admin/agencies",
    "/admin/agencies/civil-registration/tokens",
    "/admin/staff",
    "/admin/staff/civil-registration",
    "/admin/offices",
    "/admin/offices/sample-0001",
    "/admin/import",
    "/admin/devices",
    "/admin/devices/1",
    "/admin/cards",
    "/admin/cards/birth-registration",
    "/admin/cards/birth-registration/preview",
    "/admin/audit-log",
    "/admin/holidays",
    "/console/account",
    "/console/account/factor",
];

#[tokio::test(flavor = "multi_thread")]
async fn story_of_every_page_read_by_anybody_over_a_thin_line() {
    let _already = rustls::crypto::ring::default_provider().install_default();
    let centre = Centre::start(Database::PostgreSql).await.unwrap();
    let browser = Browser::open(1366, 768).await.unwrap();
    let telephone = Browser::open(360, 740).await.unwrap();
    if let Err(error) = story(&centre, &browser, &telephone).await {
        let pictures = (
            browser.picture_of_failure("pages").await,
            telephone.picture_of_failure("pages-telephone").await,
        );
        panic!("{error:?}\npictures: {pictures:?}\ncentre: {}", centre.log());
    }
    telephone.close().await.unwrap();
    browser.close().await.unwrap();
}

async fn story(centre: &Centre, browser: &Browser, telephone: &Browser) -> anyhow::Result<()> {
    let office = OfficeWithoutWindow::enrolled(centre).await?;
    let filed = office.files(AGENCY, 12).await?;
    let mut faults = Vec::new();
    for path in PUBLIC {
        faults.extend(looked_at(centre, telephone, path).await?);
    }
    let first = filed.first().context("none")?;
    faults.extend(tracked(centre, telephone, first).await?);
    telephone.keep("public-tracked").await?;

    let (name, password) = centre.officer(AGENCY)?;
    browser.go(&centre.url("/console/login")).await?;
    browser.sign_in(&name, &password).await?;
    for path in OFFICERS {
        faults.extend(looked_at(centre, browser, path).await?);
    }
    browser.go(&centre.url("/console")).await?;
    browser.click("main a[href^='/console/applications/']").await?;
    browser.find("h1").await?;
    faults.extend(seen("an application", browser).await?);
    browser.click("form[action='/console/logout'] button").await?;

    let (name, password) = centre.officer("")?;
    browser.go(&centre.url("/console/login")).await?;
    browser.sign_in(&name, &password).await?;
    faults.extend(seen("/console/login/set-up", browser).await?);
    second_factor(browser).await?;
    faults.extend(seen("recovery codes", browser).await?);
    for path in ADMINISTRATORS {
        faults.extend(looked_at(centre, browser, path).await?);
    }
    ensure!(faults.is_empty(), "{}", faults.join("\n"));
    Ok(())
}

/// Faults of the page at an address, for people and for the line.
async fn looked_at(centre: &Centre, browser: &Browser, path: &str) -> anyhow::Result<Vec<String>> {
    browser.go(&centre.url(path)).await?;
    browser.find("main").await?;
    browser.keep(&format!("page{}", path.replace('/', "-"))).await?;
    seen(path, browser).await
}

async fn tracked(centre: &Centre, browser: &Browser, filed: &Filed) -> anyhow::Result<Vec<String>> {
    browser.go(&centre.url("/track")).await?;
    browser.fill("#code", &filed.code).await?;
    browser.fill("#last_four", &filed.last_four).await?;
    browser.click("main button").await?;
    browser.says("رسید مرکز").await?;
    seen_by_a_citizen("tracked", browser).await
}
