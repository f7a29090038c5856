//! A county is connected, its applications are answered, and whoever should see that sees it: with a
//! real Chromium and PostgreSQL, from the first file of the administrator to the citizen's telephone.

use anyhow::{Context as _, ensure};
use pishkhan_domain::digits::to_latin_digits;
use pishkhan_testkit::catalogue::cards;
use pishkhan_testkit::wait::{PATIENCE, until};
use tempfile::TempDir;
use thirtyfour::Key;

use crate::browser::Browser;
use crate::centre::{Centre, Database};
use crate::fairness::{seen, seen_by_a_citizen};
use crate::office_without_window::{Filed, OfficeWithoutWindow};
use crate::staff::{Member, second_factor, sign_out};
use crate::{paper, slow_clock};

const AGENCY: &str = "veterinary";
const SERVICE: &str = "livestock-id-vaccination";
const COUNTY: &str = "شهرستان شرقی نمونه";
const TITLE: &str = "شناسنامه‌دار کردن و واکسیناسیون دام";
const NEW_TITLE: &str = "پلاک‌کوبی و واکسن دام روستا (نمونه)";
/// One more than the officer works, so that there is always a next one.
const FILED: usize = 31;
const WORKED: usize = 30;

#[tokio::test(flavor = "multi_thread")]
async fn story_of_a_county_that_is_connected_and_answered() {
    let _already = rustls::crypto::ring::default_provider().install_default();
    let centre = Centre::start(Database::PostgreSql).await.unwrap();
    let browser = Browser::open(1366, 768).await.unwrap();
    let telephone = Browser::open(360, 740).await.unwrap();
    let mut faults = Vec::new();
    if let Err(error) = story(&centre, &browser, &telephone, &mut faults).await {
        let pictures = (
            browser.picture_of_failure("agencies").await,
            telephone.picture_of_failure("agencies-telephone").await,
        );
        panic!("{error:?}\npictures: {pictures:?}\ncentre: {}", centre.log());
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
    telephone.close().await.unwrap();
    browser.close().await.unwrap();
}

async fn story(
    centre: &Centre,
    browser: &Browser,
    telephone: &Browser,
    faults: &mut Vec<String>,
) -> anyhow::Result<()> {
    let connected = connect(centre, browser, faults).await?;
    let office = OfficeWithoutWindow::enrolled_with(centre, &connected.code).await?;
    let filed = office.files(AGENCY, FILED).await?;
    let late = slow_clock::files_one(centre, &connected.code_of_slow, AGENCY).await?;

    let (name, password) = centre.officer(AGENCY)?;
    browser.go(&centre.url("/console/login")).await?;
    browser.sign_in(&name, &password).await?;
    work(browser, &filed, faults).await?;
    for (at, filed) in filed.iter().enumerate().take(WORKED) {
        let state = office.learns_state(&filed.code).await?;
        ensure!(state == answer_to(at).state(), "{at}: {state}");
    }
    let handed_to = office.learns_who_has_it(&filed[WORKED].code).await?;
    ensure!(handed_to == first_agency()?, "{handed_to}");
    sign_out(browser).await?;

    connected.supervisor.signs_in(centre, browser).await?;
    sees_one_late(centre, browser, &late, faults).await?;
    sign_out(browser).await?;

    connected.governor.signs_in(centre, browser).await?;
    opens_briefing(browser, faults).await?;

    follows(centre, telephone, &filed, &late, faults).await
}

/// What the administrator hands out.
struct Connected {
    code: String,
    code_of_slow: String,
    supervisor: Member,
    governor: Member,
}

/// The administrator's day: offices from a file, a card, accounts, codes for two computers.
async fn connect(
    centre: &Centre,
    browser: &Browser,
    faults: &mut Vec<String>,
) -> anyhow::Result<Connected> {
    let (name, password) = centre.officer("")?;
    browser.go(&centre.url("/console/login")).await?;
    browser.sign_in(&name, &password).await?;
    second_factor(browser).await?;
    browser.click("a.button").await?;
    browser.find("nav.places").await?;

    import(centre, browser, faults).await?;
    publish(centre, browser, faults).await?;
    let supervisor = account(centre, browser, "sample-supervisor", "supervisor", faults).await?;
    let governor = account(centre, browser, "sample-governor", "governor", faults).await?;
    let code = enrolment_code(centre, browser, "east-0101", faults).await?;
    let code_of_slow = enrolment_code(centre, browser, "east-0207", faults).await?;
    sign_out(browser).await?;
    Ok(Connected { code, code_of_slow, supervisor, governor })
}

async fn import(
    centre: &Centre,
    browser: &Browser,
    faults: &mut Vec<String>,
) -> anyhow::Result<()> {
    let dir = TempDir::new()?;
    let file = dir.path().join("offices.csv");
    std::fs::write(&file, offices())?;
    browser.go(&centre.url("/admin/import")).await?;
    faults.extend(seen("import", browser).await?);
    let path = file.to_str().context("a path")?;
    browser.find("#file").await?.send_keys(path).await?;
    browser.click("main form button").await?;
    browser.says("افزوده می‌شود: ۲۳").await?;
    faults.extend(seen("import preview", browser).await?);
    browser.keep("admin-import-preview").await?;
    browser.click("form.doing button").await?;
    browser.says("دفتر شرقی نمونه ۲۰").await?;
    faults.extend(seen("offices", browser).await?);
    Ok(())
}

/// 3 districts of the county and 20 offices.
fn offices() -> String {
    let mut file = "office,title,district,district_title,county,province\n".to_owned();
    for (district, offices) in [(1, 1..=7), (2, 8..=14), (3, 15..=20)] {
        let place = format!("دهستان شرقی نمونه {district},{COUNTY},استان نمونه");
        file.push_str(&format!(",,east-{district},{place}\n"));
        for (at, office) in (1..).zip(offices) {
            let number: String = pishkhan_domain::digits::to_persian_digits(&office.to_string());
            file.push_str(&format!(
                "east-{district:02}{at:02},دفتر شرقی نمونه {number},east-{district},,,\n"
            ));
        }
    }
    file
}

async fn publish(
    centre: &Centre,
    browser: &Browser,
    faults: &mut Vec<String>,
) -> anyhow::Result<()> {
    browser.go(&centre.url(&format!("/admin/cards/{SERVICE}"))).await?;
    let card = browser.find("#text").await?.prop("value").await?.context("no card")?;
    ensure!(card.contains(TITLE));
    browser.fill("#text", &card.replace(TITLE, NEW_TITLE)).await?;
    browser.click("button[value=preview]").await?;
    browser.find(".fields").await?;
    browser.says(NEW_TITLE).await?;
    faults.extend(seen("card preview", browser).await?);
    browser.click("a.push").await?;
    browser.click("button[value=publish]").await?;
    browser.says("منتشر و امضا شد").await?;
    faults.extend(seen("card", browser).await?);
    Ok(())
}

async fn account(
    centre: &Centre,
    browser: &Browser,
    username: &'static str,
    role: &str,
    faults: &mut Vec<String>,
) -> anyhow::Result<Member> {
    browser.go(&centre.url("/admin/staff")).await?;
    browser.click("details summary").await?;
    browser.fill("#username", username).await?;
    browser.fill("#display_name", "همکار نمونه").await?;
    browser.click(&format!("#role option[value={role}]")).await?;
    let governs = role == "governor";
    if governs {
        browser.fill("#province", "استان نمونه").await?;
        browser.fill("#county", COUNTY).await?;
    } else {
        browser.click(&format!("#agency option[value={AGENCY}]")).await?;
    }
    browser.click("details form button").await?;
    let given = browser.find("dd.secret + dt + dd.secret, dd.secret").await?.text().await?;
    faults.extend(seen("given password", browser).await?);
    Ok(Member { username, given, has_factor: governs })
}

async fn enrolment_code(
    centre: &Centre,
    browser: &Browser,
    office: &str,
    faults: &mut Vec<String>,
) -> anyhow::Result<String> {
    browser.go(&centre.url(&format!("/admin/offices/{office}"))).await?;
    faults.extend(seen("office", browser).await?);
    browser.click("form[action$='/codes'] button").await?;
    let code = browser.find("dd.secret").await?.text().await?;
    faults.extend(seen("enrolment code", browser).await?);
    Ok(code)
}

/// How the officer answers one of many.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Answer {
    Approve,
    Return,
    Refuse,
}

impl Answer {
    fn state(self) -> &'static str {
        match self {
            Self::Approve => "approved",
            Self::Return => "returned",
            Self::Refuse => "refused",
        }
    }
}

fn answer_to(at: usize) -> Answer {
    match at % 5 {
        3 => Answer::Return,
        4 => Answer::Refuse,
        _ => Answer::Approve,
    }
}

/// Reasons that the officer gives, by the place of the application.
fn reason_for(at: usize) -> String {
    format!("تصویر {at} خوانا نیست")
}

/// From the queue through thirty answers with the keyboard alone. What opens next is what was filed
/// next, every time.
async fn work(browser: &Browser, filed: &[Filed], faults: &mut Vec<String>) -> anyhow::Result<()> {
    browser.ready("نوبت درخواست‌ها").await?;
    faults.extend(seen("queue", browser).await?);
    browser.keys("j").await?;
    browser.keys(Key::Enter).await?;
    // To look at the next and come back is no answer.
    opened(browser, &filed[0]).await?;
    browser.keys("n").await?;
    opened(browser, &filed[1]).await?;
    browser.keys("q").await?;
    browser.ready("نوبت درخواست‌ها").await?;
    browser.keys("j").await?;
    browser.keys(Key::Enter).await?;
    for (at, next) in filed.iter().enumerate().take(WORKED) {
        opened(browser, next).await?;
        if at == 0 {
            faults.extend(seen("application", browser).await?);
        }
        let said = answer(browser, at).await;
        said.with_context(|| format!("application {at}"))?;
    }
    opened(browser, &filed[WORKED]).await?;
    faults.extend(seen("application after a decision", browser).await?);
    browser.keep("console-next").await?;
    hand_over(browser).await
}

/// To the first of the other agencies.
async fn hand_over(browser: &Browser) -> anyhow::Result<()> {
    browser.keys("h").await?;
    in_focus(browser, "agency").await?;
    browser.keys(Key::Down).await?;
    browser.keys(Key::Tab).await?;
    in_focus(browser, "reason").await?;
    browser.keys("کار این دستگاه نیست").await?;
    browser.with_control(Key::Enter).await?;
    browser.ready("به دستگاه دیگر سپرده شد").await
}

/// Name of the agency that stands first where one is chosen.
fn first_agency() -> anyhow::Result<String> {
    let agencies = cards()?.into_iter().map(|card| card.agency);
    let first = agencies.min_by(|one, other| one.code.cmp(&other.code));
    Ok(first.context("no agency")?.title.fa)
}

async fn answer(browser: &Browser, at: usize) -> anyhow::Result<()> {
    browser.keys("t").await?;
    browser.keys(Key::Enter).await?;
    browser.ready("درخواست را پذیرفتید").await?;
    match answer_to(at) {
        Answer::Approve => browser.keys("a").await?,
        Answer::Refuse => {
            browser.keys("x").await?;
            in_focus(browser, "reason_code").await?;
            browser.keys(Key::Down).await?;
        }
        Answer::Return => {
            browser.keys("r").await?;
            in_focus(browser, "defect.documents.id-card").await?;
            browser.keys(" ").await?;
            if at == 3 {
                // Forgotten: the page says so, has kept the mark, and waits in the right place.
                browser.with_control(Key::Enter).await?;
                browser.ready("برای هر نقصی که نشان کرده‌اید دلیل بنویسید").await?;
            } else {
                browser.keys(Key::Tab).await?;
            }
            in_focus(browser, "reason.documents.id-card").await?;
            browser.keys(reason_for(at)).await?;
            browser.keys(Key::Tab).await?;
            browser.keys(" ").await?;
            browser.keys(Key::Tab).await?;
            in_focus(browser, "reason.documents.id-booklet").await?;
            browser.keys(reason_for(at)).await?;
        }
    }
    browser.with_control(Key::Enter).await
}

async fn in_focus(browser: &Browser, name: &str) -> anyhow::Result<()> {
    let focus = browser.in_focus().await?;
    ensure!(focus == name, "the focus is on {focus:?}, not on {name:?}");
    Ok(())
}

/// Waits until the page of an application is open and ready for keys.
async fn opened(browser: &Browser, filed: &Filed) -> anyhow::Result<()> {
    let read = "const head = document.querySelector('main .head bdi'); \
                return document.readyState === 'complete' && head ? head.innerText : ''";
    let mut last = String::new();
    let open = until(&filed.code, PATIENCE, async || {
        let shown = browser.run(read, Vec::new()).await?;
        last = to_latin_digits(shown.as_str().unwrap_or_default());
        last.retain(|c| c.is_ascii_digit());
        Ok((last == filed.code).then_some(()))
    });
    open.await.with_context(|| format!("open is {last:?}"))
}

async fn sees_one_late(
    centre: &Centre,
    browser: &Browser,
    late: &Filed,
    faults: &mut Vec<String>,
) -> anyhow::Result<()> {
    browser.click("nav.desk a[href='/console/late']").await?;
    browser.says("دیرکردها").await?;
    let rows = browser.find_all("tr.is-late a.open").await?;
    ensure!(rows.len() == 1, "{} are late", rows.len());
    let code = to_latin_digits(&rows[0].text().await?);
    ensure!(code.replace(|c: char| !c.is_ascii_digit(), "") == late.code, "{code}");
    faults.extend(seen("late", browser).await?);
    browser.keep("console-late").await?;
    browser.go(&centre.url("/console?late=1")).await?;
    browser.says("دیرکرد (۱)").await
}

async fn opens_briefing(browser: &Browser, faults: &mut Vec<String>) -> anyhow::Result<()> {
    browser.says(COUNTY).await?;
    faults.extend(seen("briefing", browser).await?);
    let file = browser.downloaded("a.button[href^='/briefing.pdf']").await?;
    let bytes = std::fs::read(&file)?;
    ensure!(bytes.starts_with(b"%PDF"), "{:?}", bytes.get(..8));
    let text = paper::text(&file)?;
    ensure!(text.contains(COUNTY), "{text}");
    sign_out(browser).await
}

/// A citizen's telephone: narrow, and with no script at all.
async fn follows(
    centre: &Centre,
    telephone: &Browser,
    filed: &[Filed],
    late: &Filed,
    faults: &mut Vec<String>,
) -> anyhow::Result<()> {
    telephone.scripts(false).await?;
    telephone
        .go("data:text/html,<p>none</p><script>document.body.innerText='ran'</script>")
        .await?;
    ensure!(telephone.text().await? == "none", "scripts run");
    let tells = [
        (&filed[0], "درخواست شما تأیید شده است.".to_owned()),
        (&filed[3], reason_for(3)),
        (&filed[4], "درخواست شما رد شده است.".to_owned()),
        (&filed[WORKED], format!("درخواست شما به {} سپرده شده", first_agency()?)),
        (late, "از مهلت گذشته است".to_owned()),
    ];
    for (filed, words) in tells {
        telephone.go(&centre.url("/track")).await?;
        telephone.fill("#code", &filed.code).await?;
        telephone.fill("#last_four", &filed.last_four).await?;
        telephone.click("main button").await?;
        telephone.says(&words).await?;
        telephone.says(NEW_TITLE).await?;
        // The page stays as it came; what looks at it is a script.
        telephone.scripts(true).await?;
        faults.extend(seen_by_a_citizen("tracked without script", telephone).await?);
        telephone.scripts(false).await?;
    }
    telephone.keep("public-tracked-late").await
}
