//! Letters that go with an approval: made from an agency's template, numbered, kept, told.

use pishkhan_domain::applicant::Identity;
use pishkhan_domain::ids::{AgencyCode, ApplicationId, OfficeCode};
use pishkhan_domain::lifecycle::State;
use pishkhan_protocol::body::EventBody;
use pishkhan_protocol::feed::FeedBody;
use pishkhan_protocol::letter::Letter;
use pishkhan_server::officer::letter::draft;
use pishkhan_server::officer::{ActError, act};
use pishkhan_server::projection::{LetterWish, OfficerAct};
use pishkhan_server::storage::letter_templates::{self, LetterTemplate};
use pishkhan_server::storage::letters;

use crate::conformance::{application, at_once, bodies, decide};
use crate::fixture::{AGENCY, OFFICE, Store, TestCentre, USERNAME, card, on_both_stores};

on_both_stores!(
    an_approval_carries_its_letter_or_does_not_happen,
    a_register_begins_anew_with_the_year,
    what_is_filled_in_is_never_read_again,
);

const DAY: i64 = 24 * 60 * 60 * 1_000;

/// Writes a version of the first template of the sample service.
pub(crate) async fn a_template(centre: &TestCentre, version: u32, body: &str) -> LetterWish {
    let written = LetterTemplate {
        template: 1,
        version,
        title: "گواهی ثبت".to_owned(),
        subject: "گواهی {خدمت}".to_owned(),
        body: body.to_owned(),
        withdrawn: body.is_empty(),
    };
    let of = (&AgencyCode::from(AGENCY), &card().code);
    let mut unit = centre.centre.storage.begin().await.unwrap();
    letter_templates::add(unit.as_mut(), of, &written, "sample-supervisor", 0).await.unwrap();
    unit.commit().await.unwrap();
    LetterWish { template: 1, version, addition: String::new() }
}

pub(crate) fn with(letter: &LetterWish) -> OfficerAct {
    OfficerAct::ApproveWithLetter { note: "حاضر است".to_owned(), letter: letter.clone() }
}

async fn kept(centre: &TestCentre, id: ApplicationId) -> Option<Letter> {
    let mut unit = centre.centre.storage.read().await.unwrap();
    letters::find(unit.as_mut(), &OfficeCode::from(OFFICE), id).await.unwrap()
}

async fn an_approval_carries_its_letter_or_does_not_happen(centre: TestCentre) {
    let mut device = centre.device().await;
    let (first, second) = (device.record(), device.record());
    device.sync(&centre.centre).await;
    a_template(&centre, 1, "متن پیشین").await;
    let mut wish = a_template(&centre, 2, "با سلام\n\nبرای {نام}، {کد رهگیری}").await;
    let early = decide(&centre, first, with(&wish)).await;
    assert!(matches!(early, Err(ActError::NotNow(State::Received))), "{early:?}");
    decide(&centre, first, OfficerAct::Accept).await.unwrap();
    for (template, version) in [(1, 1), (1, 3), (2, 2), (0, 0)] {
        let other = LetterWish { template, version, addition: String::new() };
        let tried = decide(&centre, first, with(&other)).await;
        assert!(matches!(tried, Err(ActError::NoSuchLetter)), "{tried:?}");
    }
    let long = LetterWish { addition: "ب".repeat(501), ..wish.clone() };
    let tried = decide(&centre, first, with(&long)).await;
    assert!(matches!(tried, Err(ActError::AdditionTooLong)));
    let (shared, officer) = (&centre.centre, centre.officer());
    let mut stranger = officer.clone();
    stranger.agency = AgencyCode::from("water-company");
    let others = draft(shared, &stranger, first, &wish).await;
    assert!(matches!(others, Err(ActError::NotFound)));
    let seen = application(&centre, first).await.unwrap().changed_at;
    let old = act(shared, &officer, first, seen - 1, with(&wish)).await;
    assert!(matches!(old, Err(ActError::NotNow(State::Accepted))));
    let (drafted, _) = draft(shared, &officer, first, &wish).await.unwrap();
    assert_eq!((drafted.number, kept(&centre, first).await), (0, None), "no number was taken");

    wish.addition = "تا پایان آذر اعتبار دارد".to_owned();
    assert_eq!(decide(&centre, first, with(&wish)).await.unwrap(), State::Approved);
    let letter = kept(&centre, first).await.unwrap();
    assert_eq!(letter.reference(), "1405/1", "those that were refused took none");
    let code = application(&centre, first).await.unwrap().tracking_code;
    let persian = pishkhan_domain::digits::to_persian_digits(&code.to_string());
    let filled = format!("برای زهرا نمونه، {persian}");
    assert_eq!(letter.paragraphs, ["با سلام", &filled, "تا پایان آذر اعتبار دارد"]);
    assert_eq!(letter.subject, "گواهی ثبت ولادت");
    assert_eq!((letter.agency.as_str(), letter.version), ("ثبت احوال", 2));
    assert!(letter.check_at.ends_with(&format!("/track?code={code}")), "{}", letter.check_at);
    let told = bodies(&device.sync(shared).await);
    assert!(told.iter().any(|body| matches!(body, FeedBody::Approved(approved)
        if approved.note == "حاضر است" && approved.letter.as_deref() == Some(&letter))));

    decide(&centre, second, OfficerAct::Accept).await.unwrap();
    decide(&centre, second, OfficerAct::Approve { note: String::new() }).await.unwrap();
    assert_eq!(kept(&centre, second).await, None);
    let told = bodies(&device.sync(shared).await);
    assert!(told.iter().any(|body| matches!(body, FeedBody::Approved(approved)
        if approved.application == second && approved.letter.is_none())));
    a_template(&centre, 3, "").await;
    let withdrawn = draft(shared, &officer, second, &LetterWish { version: 3, ..wish }).await;
    assert!(matches!(withdrawn, Err(ActError::NoSuchLetter)));
}

async fn a_register_begins_anew_with_the_year(centre: TestCentre) {
    let mut device = centre.device().await;
    let ids = [device.record(), device.record(), device.record()];
    device.sync(&centre.centre).await;
    let wish = a_template(&centre, 1, "متن").await;
    let mut numbers = Vec::new();
    for (id, days) in ids.into_iter().zip([0, 0, 180]) {
        centre.pass(days * DAY);
        decide(&centre, id, OfficerAct::Accept).await.unwrap();
        decide(&centre, id, with(&wish)).await.unwrap();
        numbers.push(kept(&centre, id).await.unwrap().reference());
    }
    assert_eq!(numbers, ["1405/1", "1405/2", "1406/1"]);
}

async fn what_is_filled_in_is_never_read_again(centre: TestCentre) {
    let mut device = centre.device().await;
    let mut recorded = device.recorded();
    recorded.applicant.first_name = "{کد ملی} #panic()".to_owned();
    recorded.applicant.identity = Identity::NationalId { national_id: "0076229645".to_owned() };
    let id = device.add(&EventBody::ApplicationRecorded(Box::new(recorded)));
    device.sync(&centre.centre).await;
    let mut wish = a_template(&centre, 1, "{نام} از {روستا}: {کد ملی}").await;
    wish.addition = "{نام}".to_owned();
    decide(&centre, id, at_once()).await.unwrap();
    decide(&centre, id, with(&wish)).await.unwrap();
    let letter = kept(&centre, id).await.unwrap();
    let filled = "{کد ملی} #panic() نمونه از روستای نمونه: ۰۰۷۶۲۲۹۶۴۵";
    assert_eq!(letter.paragraphs, [filled, "{نام}"]);
    let code = application(&centre, id).await.unwrap().tracking_code;
    let pdf = pishkhan_receipt::render_letter(&letter, code, pishkhan_receipt::LetterKind::Issued);
    assert!(pdf.unwrap().starts_with(b"%PDF-"));
}

/// Numbers taken by many at once, some of whom give up.
#[tokio::test(flavor = "multi_thread")]
async fn a_register_has_no_gap_and_no_number_twice_however_many_write() {
    for store in [Store::Embedded, Store::Postgres] {
        let centre = TestCentre::start(store).await;
        let mut writers = tokio::task::JoinSet::new();
        for place in 0..24_u32 {
            let shared = centre.centre.clone();
            writers.spawn(async move {
                let mut unit = shared.storage.begin().await.unwrap();
                let agency = AgencyCode::from(AGENCY);
                let number = letters::next_number(unit.as_mut(), &agency, 1405).await.unwrap();
                tokio::task::yield_now().await;
                if place.is_multiple_of(3) {
                    return None;
                }
                unit.commit().await.unwrap();
                Some(number)
            });
        }
        let mut taken: Vec<u64> = writers.join_all().await.into_iter().flatten().collect();
        taken.sort_unstable();
        assert_eq!(taken, (1..=16).collect::<Vec<u64>>());
    }
}

#[tokio::test]
async fn a_letter_is_kept_by_who_made_it() {
    let centre = TestCentre::start(Store::Embedded).await;
    let mut device = centre.device().await;
    let id = device.record();
    device.sync(&centre.centre).await;
    let wish = a_template(&centre, 1, "متن").await;
    decide(&centre, id, OfficerAct::Accept).await.unwrap();
    decide(&centre, id, with(&wish)).await.unwrap();
    let mut unit = centre.centre.storage.read().await.unwrap();
    let rows = unit.query("SELECT made_by, agency FROM letters", vec![]).await.unwrap();
    assert_eq!(rows[0].text("made_by").unwrap(), USERNAME);
    assert_eq!(rows[0].text("agency").unwrap(), AGENCY);
}
