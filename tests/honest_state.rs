//! The window never says more than is known: with a line that lies, with none for forty days, with
//! a clock that was set back, and of what the centre could not use.

use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context as _, ensure};
use pishkhan_testkit::display::Display;
use pishkhan_testkit::faulty_line::{FaultyLine, Plan, Shape};
use pishkhan_testkit::wait::{LINE_PATIENCE, PATIENCE};
use thirtyfour::Key;

use crate::centre::{Centre, Database};
use crate::citizens::{BIRTH, ELECTRICITY};
use crate::counter::Counter;
use crate::portal::Portal;

#[tokio::test(flavor = "multi_thread")]
async fn story_of_a_line_that_lies() {
    let mut centre = Centre::start(Database::Embedded).await.unwrap();
    let display = Arc::new(Display::start().await.unwrap());
    let counter = Counter::open(&display).await.unwrap();
    if let Err(error) = lying_line(&mut centre, &counter).await {
        let picture = counter.window.picture_of_failure("lying-line").await;
        panic!("{error:?}\npicture: {}\ncentre: {}", picture.display(), centre.log());
    }
    counter.window.close().await.unwrap();
}

async fn lying_line(centre: &mut Centre, counter: &Counter) -> anyhow::Result<()> {
    let window = &counter.window;
    counter.enrol(centre).await?;
    counter.services_arrive(BIRTH.service).await?;
    counter.record(&BIRTH).await?;
    let line = |name: &'static str, wanted: &'static str| {
        window.attribute_becomes("sync.line", name, LINE_PATIENCE, move |now| now == wanted)
    };
    line("data-waiting", "0").await?;
    line("data-other-waiting", "0").await?;
    let received_at = window.attribute("sync.line", "data-received-at").await?;

    centre.stop().await?;
    let portal = Portal::start(centre.port()).await?;
    let filed = counter.record(&ELECTRICITY).await?;
    counter.open_sheet().await?;
    window.click("sync.now").await?;
    // A portal that speaks an older HTTP than the centre has said nothing that could be understood.
    window
        .attribute_becomes("sync.answer", "data-code", LINE_PATIENCE, |code| {
            ["line.not_the_centre", "line.unreachable"].contains(&code)
        })
        .await?;
    ensure!(window.attribute("sync.recorded", "data-count").await? == "2");
    ensure!(window.attribute("sync.received", "data-count").await? == "1");
    counter.picture("sync-portal").await?;
    window.click("sync.close").await?;
    line("data-waiting", "1").await?;
    ensure!(
        window.attribute("sync.line", "data-received-at").await? == received_at,
        "nothing new was received"
    );
    counter.open_application(&filed.code).await?;
    ensure!(window.attribute("app.state", "data-state").await? == "recorded");
    ensure!(window.attribute("app.word", "data-word").await? == "recorded");

    nobody_knows(counter).await?;

    portal.stopped().await;
    centre.start_again().await?;
    counter.ask_centre().await?;
    line("data-waiting", "0").await.context("the true centre has it")?;
    counter.state_becomes("received").await
}

/// Forty days without a line, then a clock that is behind all that was noted.
async fn nobody_knows(counter: &Counter) -> anyhow::Result<()> {
    let window = &counter.window;
    window.shift_clock(40 * 24).await?;
    counter.open_sheet().await?;
    let days = window.attribute_becomes("courier.hint", "data-days", PATIENCE, |days| days == "40");
    days.await.context("a courier is suggested")?;
    for hook in ["sync.oldest", "sync.last_contact"] {
        let text = window.text(hook).await?;
        ensure!(text.contains("۴۰ روز"), "{hook} says {text}");
    }
    counter.picture("sync-forty-days").await?;
    window.click("sync.close").await?;

    window.shift_clock(-2 * 24).await?;
    window.find("sync.line.clock_back").await?;
    counter.open_sheet().await?;
    window.find("sync.clock_back").await?;
    let (oldest, contact) =
        (window.text("sync.oldest").await?, window.text("sync.last_contact").await?);
    ensure!(oldest.contains("نامعلوم"), "the oldest is said to be {oldest}");
    ensure!(!contact.contains("پیش"), "the last contact is said to be {contact}");
    ensure!(!window.has("courier.hint").await?, "nobody knows how long there was no line");
    counter.picture("sync-clock-back").await?;
    window.click("sync.close").await?;
    window.shift_clock(0).await
}

#[tokio::test(flavor = "multi_thread")]
async fn story_of_a_paper_on_a_slow_line() {
    let centre = Centre::start(Database::Embedded).await.unwrap();
    let shape = Shape { bits_per_second: Some(128_000), one_way: Duration::from_millis(300) };
    let plan = Plan { shape, ..Plan::default() };
    let line = FaultyLine::start(([127, 0, 0, 1], centre.port()).into(), plan).await.unwrap();
    let display = Arc::new(Display::start().await.unwrap());
    let counter = Counter::open(&display).await.unwrap();
    if let Err(error) = slow_line(&centre, &format!("http://{}", line.address()), &counter).await {
        let picture = counter.window.picture_of_failure("slow-line").await;
        panic!("{error:?}\npicture: {}\ncentre: {}", picture.display(), centre.log());
    }
    counter.window.close().await.unwrap();
}

async fn slow_line(centre: &Centre, url: &str, counter: &Counter) -> anyhow::Result<()> {
    let window = &counter.window;
    counter.enrol_over(centre, url).await?;
    counter.services_arrive(ELECTRICITY.service).await?;
    counter.record(&ELECTRICITY).await?;
    counter.open_sheet().await?;
    window.find_within("sync.sending", LINE_PATIENCE).await?;
    let told = window.text("sync.sending").await?;
    ensure!(told.contains(ELECTRICITY.name), "whose paper it is: {told}");
    ensure!(window.attribute("sync.received", "data-count").await? == "1", "text goes first");
    counter.picture("sync-sending").await?;
    window.press_here(Key::Escape).await?;
    window
        .attribute_becomes("sync.line", "data-documents-waiting", LINE_PATIENCE, |now| now == "0")
        .await
        .map(drop)
}

#[tokio::test(flavor = "multi_thread")]
async fn story_of_a_parked_application_that_is_mended() {
    let mut centre = Centre::start(Database::Embedded).await.unwrap();
    let display = Arc::new(Display::start().await.unwrap());
    let counter = Counter::open(&display).await.unwrap();
    if let Err(error) = parked(&mut centre, &counter).await {
        let picture = counter.window.picture_of_failure("parked").await;
        panic!("{error:?}\npicture: {}\ncentre: {}", picture.display(), centre.log());
    }
    counter.window.close().await.unwrap();
}

async fn parked(centre: &mut Centre, counter: &Counter) -> anyhow::Result<()> {
    let window = &counter.window;
    counter.enrol(centre).await?;
    counter.services_arrive(ELECTRICITY.service).await?;
    centre.stop().await?;
    // The office's card allows what the centre's no longer does.
    centre.change_card(ELECTRICITY.service, "\"single_25\"", "\"single_15\"").await?;
    let filed = counter.record(&ELECTRICITY).await?;
    let birth = counter.record(&BIRTH).await?;
    centre.start_again().await?;
    counter.ask_centre().await?;
    let line = |name: &'static str, wanted: &'static str| {
        window.attribute_becomes("sync.line", name, LINE_PATIENCE, move |now| now == wanted)
    };
    line("data-parked", "1").await?;
    line("data-waiting", "0").await.context("the other went on")?;

    window.click("nav.mine").await?;
    ensure!(window.attribute("mine.parked", "data-count").await? == "1");
    counter.picture("mine-parked").await?;
    window.click("mine.parked").await?;
    window.click(&format!("app.row.{}", filed.code)).await?;
    ensure!(window.text("app.faults").await?.contains("آمپر"), "the field is named");
    counter.picture("application-parked").await?;

    counter.open_sheet().await?;
    counter.picture("sync-parked").await?;
    window.click(&format!("sync.parked.{}.open", filed.code)).await?;
    window.find("defect.form.amperage").await?;
    ensure!(window.focused().await? == "form.amperage", "at {}", window.focused().await?);
    window.comes_in_sight("defect.form.amperage").await?;
    counter.picture("mend-parked").await?;
    window.choose("form.amperage", "single_32").await?;
    window.click("record.review").await?;
    window.fill("review.note", "آمپر درست شد.").await?;
    window.click("record.confirm").await?;
    let mended = counter.filed("recorded-unparked").await?;
    ensure!(mended.code == filed.code, "it keeps its code");

    line("data-parked", "0").await?;
    line("data-waiting", "0").await?;
    counter.open_application(&filed.code).await?;
    counter.state_becomes("received").await?;
    ensure!(!window.has("app.faults").await? && !window.has("app.mend").await?);
    counter.open_application(&birth.code).await?;
    counter.state_becomes("received").await
}
