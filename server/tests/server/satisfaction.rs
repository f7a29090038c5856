//! The one question at the tracking page: asked after the decision, answered once.

use pishkhan_domain::ids::{ApplicationId, OfficeCode};
use pishkhan_domain::tracking_code::TrackingCode;
use pishkhan_server::projection::OfficerAct;
use pishkhan_server::storage::ratings;
use reqwest::StatusCode;

use crate::conformance::decide;
use crate::fixture::{OFFICE, Served, Store, TestCentre};

const QUESTION: &str = "از این خدمت چقدر خشنودید";
const THANKS: &str = "پاسخ شما شمرده شد";

async fn filed(centre: &TestCentre) -> (ApplicationId, String) {
    let mut device = centre.device().await;
    let id = device.record();
    device.sync(&centre.centre).await;
    let code = TrackingCode::from_u64(device.log[0].core.tracking_code.unwrap()).unwrap();
    (id, code.to_string())
}

async fn post(served: &Served, path: &str, fields: &[(&str, &str)]) -> (StatusCode, String) {
    let answer = served.post(path, fields).send().await.unwrap();
    (answer.status(), answer.text().await.unwrap())
}

async fn counted(centre: &TestCentre) -> Vec<(u8, u64)> {
    let mut unit = centre.centre.storage.read().await.unwrap();
    let answers = ratings::of_office(unit.as_mut(), &OfficeCode::from(OFFICE)).await.unwrap();
    answers.iter().map(|answers| (answers.rating, answers.number)).collect()
}

#[tokio::test]
async fn whoever_has_an_answer_is_asked_once() {
    let centre = TestCentre::start(Store::Embedded).await;
    let served = centre.serve().await;
    let (id, code) = filed(&centre).await;
    let rate =
        |last_four, rating| [("code", code.as_str()), ("last_four", last_four), ("rating", rating)];
    let follow = [("code", code.as_str()), ("last_four", "9645")];

    // Before the decision nobody asks, and no answer counts.
    let (_, page) = post(&served, "/track", &follow).await;
    assert!(!page.contains(QUESTION));
    let (_, page) = post(&served, "/track/rating", &rate("9645", "5")).await;
    assert!(!page.contains(THANKS));
    assert_eq!(counted(&centre).await, []);

    decide(&centre, id, OfficerAct::Accept).await.unwrap();
    decide(&centre, id, OfficerAct::Approve { note: String::new() }).await.unwrap();
    let (_, page) = post(&served, "/track", &follow).await;
    assert!(page.contains(QUESTION) && page.contains("تأیید شد"), "{page}");
    // Wrong digits and an answer that is none count nothing.
    let (status, _) = post(&served, "/track/rating", &rate("1111", "5")).await;
    assert_eq!(status, StatusCode::NOT_FOUND);
    let (status, _) = post(&served, "/track/rating", &rate("9645", "6")).await;
    assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(counted(&centre).await, []);

    let (_, page) = post(&served, "/track/rating", &rate("9645", "4")).await;
    assert!(page.contains(THANKS) && !page.contains(QUESTION), "{page}");
    let (_, page) = post(&served, "/track/rating", &rate("9645", "1")).await;
    assert!(!page.contains(THANKS) && !page.contains(QUESTION));
    assert_eq!(counted(&centre).await, [(4, 1)]);
}
