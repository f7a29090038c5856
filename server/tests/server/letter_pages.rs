//! Letters in a browser: ready letters, choosing one, its draft, the letter, what the public sees.

use pishkhan_server::access::Role;
use pishkhan_server::projection::OfficerAct;
use pishkhan_server::storage::audit_log::{self, AuditFilter};
use reqwest::StatusCode;

use crate::conformance::{application, decide};
use crate::console::Desk;
use crate::desk_pages::{csrf, desk_with, led_to, signed_in_as};

/// A draft or a letter, as it came.
async fn pdf(desk: &Desk, request: reqwest::RequestBuilder) -> Vec<u8> {
    let answer = request.header("cookie", &desk.cookie).send().await.unwrap();
    assert_eq!(answer.status(), StatusCode::OK);
    assert_eq!(answer.headers()["content-type"], "application/pdf");
    assert_eq!(answer.headers()["cache-control"], "no-store");
    answer.bytes().await.unwrap().to_vec()
}

#[tokio::test]
async fn a_supervisor_keeps_the_letters_and_loses_nothing_typed() {
    let (centre, _, _, desk) = desk_with(0).await;
    let supervisor = signed_in_as(&centre, Role::Supervisor).await;
    let (_, page) = supervisor.open("/console/reasons").await;
    assert!(page.contains("نامهٔ تازه") && page.contains("{کد رهگیری}"));
    let token = csrf(&page);
    let path = "/console/letter-templates";
    let fields = |template, version, title, body| {
        [
            ("csrf", token.as_str()),
            ("service", "birth-registration"),
            ("template", template),
            ("version", version),
            ("title", title),
            ("subject", "گواهی {خدمت}"),
            ("body", body),
        ]
    };
    let (status, page) = supervisor.send(path, &fields("0", "0", "گواهی", "برای {حقوق}")).await;
    assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(page.contains("«{حقوق}» شناخته نیست") && page.contains("{نام پدر}"));
    assert!(page.contains("برای {حقوق}</textarea>"), "what was typed stays");
    let (status, page) = supervisor.send(path, &fields("0", "0", "", "متن")).await;
    assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(page.contains("نام نامه را بنویسید"));
    let (status, page) = supervisor.send(path, &fields("0", "0", "گواهی", "متن\u{202e}")).await;
    assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(page.contains("چاپ نمی‌شود"));
    let next = led_to(&supervisor, path, &fields("0", "0", "گواهی", "برای {نام}")).await;
    assert!(supervisor.open(&next).await.1.contains("نامهٔ آماده ذخیره شد"));

    led_to(&supervisor, path, &fields("1", "1", "گواهی", "برای {نام} از {روستا}")).await;
    let (status, page) = supervisor.send(path, &fields("1", "1", "گواهی", "دیگری")).await;
    assert_eq!(status, StatusCode::CONFLICT);
    assert!(page.contains("همکار دیگری") && page.contains("دیگری</textarea>"));
    assert!(page.contains("name=\"version\" value=\"2\""), "and can be kept knowingly");
    let (_, page) = desk.open("/console/reasons").await;
    assert!(page.contains("برای {نام} از {روستا}") && !page.contains("نامهٔ تازه"));
    let (status, _) = desk.send(path, &fields("1", "2", "گواهی", "متن")).await;
    assert_eq!(status, StatusCode::FORBIDDEN, "an officer reads them");

    let withdraw = [&fields("1", "2", "", "")[..], &[("withdraw", "yes")]].concat();
    let next = led_to(&supervisor, path, &withdraw).await;
    let (_, page) = supervisor.open(&next).await;
    assert!(page.contains("کنار گذاشته شد") && !page.contains("برای {نام} از"));
    let (status, _) = supervisor.send(path, &withdraw).await;
    assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY);
    let mut elsewhere = fields("0", "0", "گواهی", "متن");
    elsewhere[1].1 = "fuel-quota";
    assert_eq!(supervisor.send(path, &elsewhere).await.0, StatusCode::NOT_FOUND);
    elsewhere[0].1 = "forged";
    assert_eq!(supervisor.send(path, &elsewhere).await.0, StatusCode::FORBIDDEN);
    let next = led_to(&supervisor, path, &fields("0", "0", "گواهی دیگر", "متن")).await;
    let (_, page) = supervisor.open(&next).await;
    assert!(page.contains("name=\"template\" value=\"2\""), "a number is never used again");
}

#[tokio::test]
async fn an_officer_sees_the_draft_and_approves_with_the_letter() {
    let (centre, _, ids, desk) = desk_with(1).await;
    let at = format!("/console/applications/{}", ids[0]);
    decide(&centre, ids[0], OfficerAct::Accept).await.unwrap();
    assert!(desk.open(&at).await.1.contains("برای این خدمت نامهٔ آماده‌ای نیست"));
    crate::letters::a_template(&centre, 1, "برای {نام}").await;
    let (csrf, seen) = desk.forms_of(ids[0]).await;
    assert!(desk.open(&at).await.1.contains("<option value=\"1.1\">گواهی ثبت</option>"));
    let base = [("csrf", csrf.as_str()), ("seen", seen.as_str()), ("note", "حاضر است")];
    let with =
        |letter, addition| [&base[..], &[("letter", letter), ("addition", addition)]].concat();
    let preview = format!("{at}/letter/preview");
    let (status, page) = desk.send(&preview, &with("", "افزوده‌ای که می‌ماند")).await;
    assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(page.contains("نامه‌ای برنگزیده‌اید") && page.contains("افزوده‌ای که می‌ماند"));
    assert!(page.contains("data-act=\"approve\" open"));
    let drafted = pdf(&desk, desk.served.post(&preview, &with("1.1", ""))).await;
    assert!(drafted.starts_with(b"%PDF-"));
    let forged = [("csrf", "forged"), ("letter", "1.1")];
    assert_eq!(desk.send(&preview, &forged).await.0, StatusCode::FORBIDDEN);
    assert_eq!(desk.open(&format!("{at}/letter")).await.0, StatusCode::NOT_FOUND);
    assert_eq!(application(&centre, ids[0]).await.unwrap().state.name(), "accepted");

    let approve = format!("{at}/approve");
    let (status, page) = desk.send(&approve, &with("1.7", "افزوده‌ای که می‌ماند")).await;
    assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(page.contains("افزوده‌ای که می‌ماند") && page.contains("حاضر است"));
    assert!(page.contains("<option value=\"1.1\" selected>"));
    led_to(&desk, &approve, &with("1.1", "")).await;
    let (_, page) = desk.open(&at).await;
    assert!(page.contains("<bdi dir=\"ltr\">۱۴۰۵/۱</bdi>"), "{page}");
    let letter = pdf(&desk, desk.served.get(&format!("{at}/letter"))).await;
    assert!(letter.starts_with(b"%PDF-") && letter != drafted);
    let again = pdf(&desk, desk.served.get(&format!("{at}/letter"))).await;
    assert!(letter == again, "the same bytes");

    let mut unit = centre.centre.storage.read().await.unwrap();
    let log = audit_log::newest(unit.as_mut(), &AuditFilter::default(), 40).await.unwrap();
    let logged = |act: &str| log.iter().filter(|entry| entry.act == act).count();
    assert_eq!((logged("letter.previewed"), logged("letter.viewed")), (1, 2));
    let approved = log.iter().find(|entry| entry.act == "application.approved_with_letter");
    assert_eq!(approved.unwrap().detail, "1405/1");
}

#[tokio::test]
async fn the_public_sees_that_a_letter_waits_and_not_what_it_says() {
    let (centre, _, ids, desk) = desk_with(1).await;
    decide(&centre, ids[0], OfficerAct::Accept).await.unwrap();
    let wish = crate::letters::a_template(&centre, 1, "متنی که محرمانه است، {نام}").await;
    let code = application(&centre, ids[0]).await.unwrap().tracking_code.to_string();
    let page = desk.served.get(&format!("/track?code={code}")).send().await.unwrap();
    assert!(page.text().await.unwrap().contains(&format!("value=\"{code}\"")), "from the symbol");
    let hostile = desk.served.get("/track?code=%22%3E%3Cscript%3E").send().await.unwrap();
    assert!(!hostile.text().await.unwrap().contains("<script>"));
    let ask = async || {
        let fields = [("code", code.as_str()), ("last_four", "9645")];
        desk.served.post("/track", &fields).send().await.unwrap().text().await.unwrap()
    };
    assert!(!ask().await.contains("نامهٔ دستگاه"));
    decide(&centre, ids[0], crate::letters::with(&wish)).await.unwrap();
    let page = ask().await;
    assert!(page.contains("نامهٔ دستگاه به شمارهٔ <bdi dir=\"ltr\">۱۴۰۵/۱</bdi>"), "{page}");
    assert!(!page.contains("محرمانه") && !page.contains("زهرا"));
}
