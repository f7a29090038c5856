//! The centre's pages in a real Chromium, with PostgreSQL: nothing in them keeps anybody out (axe
//! finds no serious violation), and they are light enough for a village's line.

use anyhow::{Context as _, ensure};
use serde_json::Value;
use tokio::process::Command;

use crate::browser::Browser;
use crate::built::root;
use crate::centre::{Centre, Database};
use crate::office_without_window::{Filed, OfficeWithoutWindow};

const AGENCY: &str = "civil-registration";
/// Over the wire, with style and script, fonts apart.
const MOST_BYTES: usize = 50 * 1024;
const MOST_BYTES_OF_TRACKING: usize = 15 * 1024;

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
const ADMINISTRATORS: [&str; 16] = [
    "/admin",
    "/admin/agencies",
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

/// Sets up what a role asks for beside the password, as a telephone would.
async fn second_factor(browser: &Browser) -> anyhow::Result<()> {
    let letters = browser.find("bdi.letters").await?.text().await?;
    let program = "import base64, hashlib, hmac, struct, sys, time\n\
                   letters = sys.argv[1].replace(' ', '')\n\
                   key = base64.b32decode(letters + '=' * (-len(letters) % 8))\n\
                   step = struct.pack('>Q', int(time.time()) // 30)\n\
                   code = hmac.new(key, step, hashlib.sha1).digest()\n\
                   place = code[-1] & 15\n\
                   number = struct.unpack('>I', code[place:place + 4])[0] & 0x7fffffff\n\
                   print(f'{number % 1000000:06}')";
    let ran = Command::new("/usr/bin/python3").args(["-c", program, &letters]).output().await?;
    let code = String::from_utf8(ran.stdout)?;
    browser.fill("#code", code.trim()).await?;
    browser.click("ol.steps button").await?;
    browser.find("ol.codes").await?;
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
    let mut faults = seen("tracked", browser).await?;
    let bytes = bytes_of(browser).await?;
    if bytes > MOST_BYTES_OF_TRACKING {
        faults.push(format!("tracked: {bytes} bytes"));
    }
    Ok(faults)
}

/// What is wrong with the page that is open.
async fn seen(name: &str, browser: &Browser) -> anyhow::Result<Vec<String>> {
    let axe = std::fs::read_to_string(root().join("ui/node_modules/axe-core/axe.min.js"))?;
    browser.run(&axe, Vec::new()).await?;
    let found = browser
        .run_until_told(
            "const told = arguments[arguments.length - 1]; \
             axe.run(document, { resultTypes: ['violations'] }).then( \
             (found) => told(found.violations), (error) => told([{ id: String(error), \
             impact: 'serious', nodes: [] }]));",
        )
        .await?;
    let serious = |fault: &&Value| {
        ["serious", "critical"].contains(&fault["impact"].as_str().unwrap_or_default())
    };
    let faults = found.as_array().context("axe said nothing")?;
    let mut faults: Vec<String> = faults
        .iter()
        .filter(serious)
        .map(|fault| format!("{name}: {}: {}", fault["id"], fault["nodes"][0]["html"]))
        .collect();
    let bytes = bytes_of(browser).await?;
    if bytes > MOST_BYTES {
        faults.push(format!("{name}: {bytes} bytes"));
    }
    let wide = "return document.documentElement.scrollWidth - window.innerWidth";
    if browser.run(wide, Vec::new()).await?.as_i64().unwrap_or_default() > 0 {
        faults.push(format!("{name}: wider than the window"));
    }
    Ok(faults)
}

/// What came over the wire for the page that is open, fonts apart. Style and script count on each
/// page, also those that the browser still had from the page before.
async fn bytes_of(browser: &Browser) -> anyhow::Result<usize> {
    let counted = "const parts = performance.getEntriesByType('resource') \
                   .filter((part) => !part.name.endsWith('.woff2')); \
                   return performance.getEntriesByType('navigation').concat(parts) \
                   .reduce((bytes, part) => bytes + part.encodedBodySize, 0);";
    let bytes = browser.run(counted, Vec::new()).await?;
    Ok(usize::try_from(bytes.as_u64().filter(|bytes| *bytes > 0).context("nothing counted")?)?)
}
