//! The public pages: what a citizen sees, and what nobody can guess.

use pishkhan_domain::application::Defect;
use pishkhan_domain::digits::to_persian_digits;
use pishkhan_domain::ids::{ApplicationId, OfficeCode};
use pishkhan_domain::jalali;
use pishkhan_domain::service_card::{Agency, Bilingual};
use pishkhan_domain::tracking_code::TrackingCode;
use pishkhan_server::officer::act;
use pishkhan_server::projection::OfficerAct;
use pishkhan_server::storage::applications;
use pishkhan_server::storage::staff::{self, Officer};
use reqwest::StatusCode;

use crate::fixture::{OFFICE, Served, Store, TestCentre, card};

async fn filed(centre: &TestCentre) -> (ApplicationId, TrackingCode) {
    let mut device = centre.device().await;
    let id = device.record();
    device.sync(&centre.centre).await;
    (id, TrackingCode::from_u64(device.log[0].core.tracking_code.unwrap()).unwrap())
}

async fn ask(served: &Served, code: &str, digits: &str) -> (StatusCode, String) {
    let answer = served.post("/track", &[("code", code), ("last_four", digits)]).send().await;
    let answer = answer.unwrap();
    (answer.status(), answer.text().await.unwrap())
}

#[tokio::test]
async fn a_citizen_follows_with_any_digits() {
    let centre = TestCentre::start(Store::Embedded).await;
    let served = centre.serve().await;
    let (id, code) = filed(&centre).await;
    let (status, page) = ask(&served, &code.to_string(), "9645").await;
    assert_eq!(status, StatusCode::OK);
    assert!(page.contains("در نوبت بررسی سازمان ثبت احوال کشور است"), "{page}");
    assert!(page.contains("دفتر نمونه"));
    let (status, _) = ask(&served, &to_persian_digits(&code.grouped()), "۹۶۴۵").await;
    assert_eq!(status, StatusCode::OK);
    for private in ["زهرا", "حسین", "0076229645", "۰۰۷۶۲۲۹۶۴۵", "9121234567"] {
        assert!(!page.contains(private), "the page tells {private}");
    }

    let seen = |application: applications::Application| application.changed_at;
    let mut unit = centre.centre.storage.read().await.unwrap();
    let office = OfficeCode::from(OFFICE);
    let at = seen(applications::find(unit.as_mut(), &office, id).await.unwrap().unwrap());
    drop(unit);
    act(&centre.centre, &centre.officer(), id, at, OfficerAct::Accept).await.unwrap();
    let mut unit = centre.centre.storage.read().await.unwrap();
    let at = seen(applications::find(unit.as_mut(), &office, id).await.unwrap().unwrap());
    drop(unit);
    let defect = Defect {
        field: "documents.birth-certificate".to_owned(),
        reason: "مهر <b>بیمارستان</b> ندارد".to_owned(),
    };
    let back = OfficerAct::Return { defects: vec![defect], note: String::new() };
    act(&centre.centre, &centre.officer(), id, at, back).await.unwrap();
    let (_, page) = ask(&served, &code.to_string(), "9645").await;
    assert!(page.contains("برای رفع نقص به دفتر برگشته است"));
    assert!(page.contains("گواهی ولادت بیمارستان"));
    assert!(page.contains("مهر &#60;b&#62;بیمارستان"), "escaped: {page}");
}

/// The officer's act on the application as it is now.
async fn decide(centre: &TestCentre, officer: &Officer, id: ApplicationId, done: OfficerAct) {
    let mut unit = centre.centre.storage.read().await.unwrap();
    let found = applications::find(unit.as_mut(), &OfficeCode::from(OFFICE), id).await.unwrap();
    drop(unit);
    let seen = found.unwrap().changed_at;
    act(&centre.centre, officer, id, seen, done).await.unwrap();
}

#[tokio::test]
async fn who_has_it_now_is_named_as_soon_as_it_is_handed_over() {
    let centre = TestCentre::start(Store::Embedded).await;
    let served = centre.serve().await;
    let water = Agency {
        code: "water-company".into(),
        title: Bilingual { fa: "آب و فاضلاب".to_owned(), en: "Water".to_owned() },
    };
    let mut unit = centre.centre.storage.begin().await.unwrap();
    staff::upsert_agency(unit.as_mut(), &water).await.unwrap();
    unit.commit().await.unwrap();
    let (id, code) = filed(&centre).await;
    let page = async || ask(&served, &code.to_string(), "9645").await.1;
    let first = card().agency.title.fa;
    decide(&centre, &centre.officer(), id, OfficerAct::Accept).await;
    assert!(!page().await.contains("سپرده"));
    let (agency, reason) = (water.code.clone(), "کار ما نیست".to_owned());
    decide(&centre, &centre.officer(), id, OfficerAct::HandOver { agency, reason }).await;
    let handed = page().await;
    assert!(handed.contains("درخواست شما به آب و فاضلاب سپرده شده"), "{handed}");
    assert!(handed.contains("سپردن به دستگاه دیگر"), "among the steps");
    assert!(handed.contains(&format!("از {first} به آن سپرده شده است")));
    assert!(!handed.contains("کار ما نیست"), "between agencies");
    assert!(!handed.contains(&format!("کارشناس {first}")), "that was before");
    // Its state is that of before: the other agency returns it.
    let mut officer = centre.officer();
    officer.agency = water.code;
    let defect =
        Defect { field: "documents.birth-certificate".to_owned(), reason: "مهر".to_owned() };
    let back = OfficerAct::Return { defects: vec![defect], note: String::new() };
    decide(&centre, &officer, id, back).await;
    let returned = page().await;
    assert!(returned.contains("برای رفع نقص به دفتر برگشته است"));
    assert!(returned.contains("آب و فاضلاب"), "it still has it");
}

#[tokio::test]
async fn a_due_day_that_has_moved_stands_beside_the_printed_one() {
    let centre = TestCentre::start(Store::Embedded).await;
    let served = centre.serve().await;
    let (id, code) = filed(&centre).await;
    let page = async || ask(&served, &code.to_string(), "9645").await.1;
    let printed = jalali::iso_in_words("2026-11-30");
    let first = page().await;
    assert!(first.contains(&printed) && !first.contains("روی رسید"));
    decide(&centre, &centre.officer(), id, OfficerAct::Accept).await;
    let defect =
        Defect { field: "documents.birth-certificate".to_owned(), reason: "مهر".to_owned() };
    let back = OfficerAct::Return { defects: vec![defect], note: String::new() };
    decide(&centre, &centre.officer(), id, back).await;
    // Ten of the fourteen days are working days.
    centre.pass(14 * 24 * 60 * 60 * 1_000);
    let moved = page().await;
    assert!(moved.contains(&jalali::iso_in_words("2026-12-14")), "{moved}");
    assert!(moved.contains(&format!("روی رسید: {printed}")));
    assert!(!moved.contains("از مهلت گذشته است"), "it waits for the citizen");
}

#[tokio::test]
async fn a_wrong_code_and_wrong_digits_get_the_same_answer() {
    let centre = TestCentre::start(Store::Embedded).await;
    let served = centre.serve().await;
    let (_, code) = filed(&centre).await;
    let other = TrackingCode::mint(code.device(), 1).to_string();
    let without = |page: String, code: &str| page.replace(code, "");
    let (status, page) = ask(&served, &code.to_string(), "1111").await;
    let (other_status, other_page) = ask(&served, &other, "9645").await;
    assert_eq!((status, other_status), (StatusCode::NOT_FOUND, StatusCode::NOT_FOUND));
    assert_eq!(without(page, &code.to_string()), without(other_page, &other));
    let (status, page) = ask(&served, "1234", "9645").await;
    assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(page.contains("کد رهگیری درست نیست"));
}

#[tokio::test]
async fn four_digits_cannot_be_guessed() {
    let centre = TestCentre::start(Store::Embedded).await;
    let served = centre.serve().await;
    let (_, code) = filed(&centre).await;
    for wrong in 0..5 {
        ask(&served, &code.to_string(), &format!("000{wrong}")).await;
    }
    // Now even the right ones say nothing, until time has passed.
    let (status, _) = ask(&served, &code.to_string(), "9645").await;
    assert_eq!(status, StatusCode::NOT_FOUND);
    centre.pass(60 * 60 * 1_000);
    let (status, _) = ask(&served, &code.to_string(), "9645").await;
    assert_eq!(status, StatusCode::OK);
}

#[tokio::test]
async fn one_address_cannot_ask_without_end() {
    let centre = TestCentre::start(Store::Embedded).await;
    let served = centre.serve().await;
    for number in 0..10 {
        let code = TrackingCode::mint(pishkhan_domain::ids::DeviceNumber(1), number).to_string();
        assert_eq!(ask(&served, &code, "0000").await.0, StatusCode::NOT_FOUND);
    }
    let fields = [("code", "1"), ("last_four", "0000")];
    let answer = served.post("/track", &fields).send().await.unwrap();
    assert_eq!(answer.status(), StatusCode::TOO_MANY_REQUESTS);
    assert!(answer.headers().contains_key("retry-after"));
    centre.pass(6_000);
    let answer = served.post("/track", &fields).send().await.unwrap();
    assert_eq!(answer.status(), StatusCode::UNPROCESSABLE_ENTITY);
}

#[tokio::test]
async fn pages_are_guarded_and_need_no_script() {
    let centre = TestCentre::start(Store::Embedded).await;
    let served = centre.serve().await;
    let paths =
        ["/", "/track", "/r", "/transparency", "/transparency/dictionary", "/console/login", "/no"];
    for path in paths {
        let answer = served.get(path).send().await.unwrap();
        let headers = answer.headers().clone();
        assert!(
            headers["content-security-policy"].to_str().unwrap().contains("default-src 'none'")
        );
        assert_eq!(headers["x-content-type-options"], "nosniff");
        let page = answer.text().await.unwrap();
        assert!(page.contains("dir=\"rtl\""), "{path}");
        assert!(!page.contains("<script>") && !page.contains("style=\""), "{path}");
    }
    let page = served.get("/").send().await.unwrap().text().await.unwrap();
    assert!(
        page.contains("ثبت ولادت") && page.contains("۳۵۰٬۰۰۰ ریال") && page.contains("۵ روز کاری")
    );
    let css = served.get("/assets/pishkhan.css").send().await.unwrap();
    assert_eq!(css.headers()["content-type"], "text/css; charset=utf-8");
    let foreign = served.post("/track", &[("code", "1"), ("last_four", "1")]);
    let foreign = foreign.header("sec-fetch-site", "cross-site").send().await.unwrap();
    assert_eq!(foreign.status(), StatusCode::FORBIDDEN);
}
