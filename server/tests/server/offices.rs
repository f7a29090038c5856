//! Districts, offices, enrolment codes and devices, as the administrator keeps them.

use std::fmt::Write as _;

use pishkhan_domain::ids::OfficeCode;
use pishkhan_protocol::exchange::Verdict;
use pishkhan_protocol::keys::SecretKey;
use pishkhan_server::enrolment::enrol;
use pishkhan_server::storage::{device_rows, districts, offices};
use reqwest::StatusCode;

use crate::accounts::{FIRST, acts_on, administrator};
use crate::fixture::{OFFICE, TestCentre, enrol_request};
use crate::visitor::{Page, Visitor, on_each_store};

on_each_store!(
    three_districts_and_twenty_offices_are_imported,
    a_preview_that_no_longer_holds_is_shown_again,
    a_preview_is_its_uploaders_own_and_applied_once,
    a_file_that_is_none_is_told,
    an_office_is_added_and_moved_by_hand,
    a_code_is_shown_once_and_enrols_one_device,
    a_device_is_revoked_with_a_reason_and_enrols_again,
    what_a_device_has_and_what_waits_on_it_is_seen,
);

/// A form with a file, as a browser sends it.
async fn upload(visitor: &mut Visitor, csv: &str) -> Page {
    let mut body = String::new();
    let csrf = visitor.csrf.clone();
    for (name, file, value) in [("csrf", "", csrf.as_str()), ("file", "; filename=\"a.csv\"", csv)]
    {
        write!(
            body,
            "--edge\r\ncontent-disposition: form-data; name=\"{name}\"{file}\r\n\r\n{value}\r\n"
        )
        .unwrap();
    }
    body.push_str("--edge--\r\n");
    let request = visitor.served.client.post(visitor.served.to("/admin/import"));
    let request = request.header("content-type", "multipart/form-data; boundary=edge").body(body);
    visitor.ask(request).await
}

const HEADER: &str = "کد دفتر,نام دفتر,کد دهستان,نام دهستان,شهرستان,استان\n";

/// Three districts with twenty offices.
fn province() -> String {
    let mut csv = HEADER.to_owned();
    for number in 1..=20 {
        let district = 1 + number % 3;
        writeln!(
            csv,
            "o-{number:02},دفتر {number},d-{district},دهستان {district},شهرستان نمونه,استان نمونه"
        )
        .unwrap();
    }
    csv
}

fn token_on(page: &Page) -> String {
    page.between("action=\"/admin/import/", "\"").to_owned()
}

async fn three_districts_and_twenty_offices_are_imported(centre: TestCentre) {
    administrator(&centre, FIRST).await;
    let mut visitor = Visitor::signed_in(&centre, FIRST).await;
    let sample = visitor.open("/admin/import-sample.csv").await;
    // One of its offices is there already.
    assert!(upload(&mut visitor, &sample.text).await.has("افزوده می‌شود: ۴"));
    let page = upload(&mut visitor, &province()).await;
    assert_eq!(page.status, StatusCode::OK);
    assert!(page.has("افزوده می‌شود: ۲۳"));
    let mut unit = centre.centre.storage.read().await.unwrap();
    assert!(districts::all(unit.as_mut()).await.unwrap().is_empty(), "only shown");
    drop(unit);
    let page = visitor.send(&format!("/admin/import/{}", token_on(&page)), &[]).await;
    assert_eq!(page.to, "/admin/offices?done=imported");
    let page = visitor.open("/admin/offices?district=d-2").await;
    assert!(page.has("o-01") && page.has("دهستان 2، شهرستان نمونه") && !page.has("o-02"));
    assert!(visitor.open("/admin/offices?text=o-1").await.has("o-19"));
    assert!(!visitor.open("/admin/offices?text=%25").await.has("o-19"), "no pattern");

    let page = upload(&mut visitor, &province()).await;
    assert!(page.has("همان است که هست: ۲۳") && !page.has("به کار بستن"), "nothing to do");
    let changed = province().replace("دفتر 7,", "دفتر هفت,").replace("دهستان 3,", "دهستان سه,")
        + "O 21,دفتر,d-1,,,\no-22,دفتر,d-9,,,\n";
    let page = upload(&mut visitor, &changed).await;
    assert!(page.has("عوض می‌شود: ۲") && page.has("«دفتر 7» می‌شود «دفتر هفت»"));
    assert!(page.has("پذیرفته نمی‌شود: ۲") && page.has("دهستان d-9 شناخته نیست"));
    assert!(page.has("<td data-label=\"سطر\">۲۲</td>"), "the line is named");
    visitor.send(&format!("/admin/import/{}", token_on(&page)), &[]).await;
    let mut unit = centre.centre.storage.read().await.unwrap();
    let office = offices::find(unit.as_mut(), &OfficeCode::from("o-02")).await.unwrap().unwrap();
    assert_eq!(office.district_title, "دهستان سه، شهرستان نمونه", "its offices follow");
    assert!(offices::find(unit.as_mut(), &OfficeCode::from("o-22")).await.unwrap().is_none());
    drop(unit);
    let page = visitor.open("/admin/audit-log?kind=office.").await;
    assert_eq!(page.text.matches("3 districts, 20 offices").count(), 1);
    assert_eq!(page.text.matches("1 districts, 1 offices").count(), 1);
}

async fn a_preview_that_no_longer_holds_is_shown_again(centre: TestCentre) {
    administrator(&centre, FIRST).await;
    let mut visitor = Visitor::signed_in(&centre, FIRST).await;
    let first = upload(&mut visitor, &province()).await;
    let second = upload(&mut visitor, &province()).await;
    visitor.send(&format!("/admin/import/{}", token_on(&second)), &[]).await;
    let changed = upload(&mut visitor, &province().replace("دفتر 7,", "دفتر هفت,")).await;
    visitor.send(&format!("/admin/import/{}", token_on(&changed)), &[]).await;
    // Would quietly take the name back.
    let page = visitor.send(&format!("/admin/import/{}", token_on(&first)), &[]).await;
    assert_eq!(page.status, StatusCode::CONFLICT);
    assert!(page.has("در این میان") && page.has("«دفتر هفت» می‌شود «دفتر 7»"));
    let page = visitor.send(&format!("/admin/import/{}", token_on(&page)), &[]).await;
    assert_eq!(page.to, "/admin/offices?done=imported", "seen, and meant");
}

async fn a_preview_is_its_uploaders_own_and_applied_once(centre: TestCentre) {
    administrator(&centre, FIRST).await;
    administrator(&centre, "second-administrator").await;
    let mut visitor = Visitor::signed_in(&centre, FIRST).await;
    let path = format!("/admin/import/{}", token_on(&upload(&mut visitor, &province()).await));
    let mut other = Visitor::signed_in(&centre, "second-administrator").await;
    assert_eq!(other.send(&path, &[]).await.status, StatusCode::GONE);
    let forged = visitor.served.post(&path, &[("csrf", "x")]);
    assert_eq!(visitor.ask(forged).await.status, StatusCode::FORBIDDEN);
    assert_eq!(visitor.send(&path, &[]).await.status, StatusCode::SEE_OTHER);
    assert_eq!(visitor.send(&path, &[]).await.status, StatusCode::GONE, "the second click");
    visitor.csrf = "forged".to_owned();
    assert_eq!(upload(&mut visitor, &province()).await.status, StatusCode::FORBIDDEN);
}

async fn a_file_that_is_none_is_told(centre: TestCentre) {
    administrator(&centre, FIRST).await;
    let mut visitor = Visitor::signed_in(&centre, FIRST).await;
    let files = [("", "پرونده: پرونده‌ای نرسید"), ("کد دفتر,نام دفتر\na,b\n", "ستون «کد دهستان»")];
    for (csv, sentence) in files {
        let page = upload(&mut visitor, csv).await;
        assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY);
        assert!(page.has(sentence), "{sentence}");
    }
    let page = visitor.send("/admin/import", &[]).await;
    assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY, "no upload at all");
}

async fn an_office_is_added_and_moved_by_hand(centre: TestCentre) {
    administrator(&centre, FIRST).await;
    let mut visitor = Visitor::signed_in(&centre, FIRST).await;
    let page = upload(&mut visitor, &province()).await;
    visitor.send(&format!("/admin/import/{}", token_on(&page)), &[]).await;
    let wrong = [
        ([("code", "بد"), ("title", "نو"), ("district", "d-1")], "کد: تنها حروف کوچک"),
        ([("code", "o-01"), ("title", "نو"), ("district", "d-1")], "کد: دفتری با این کد هست"),
        ([("code", "new"), ("title", " "), ("district", "d-1")], "نام: آن را بنویسید"),
        ([("code", "new"), ("title", "نو"), ("district", "d-9")], "دهستان: یکی از فهرست"),
    ];
    for (typed, sentence) in wrong {
        let page = visitor.send("/admin/offices", &typed).await;
        assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY);
        assert!(page.has(sentence), "{sentence}");
    }
    let good = [("code", "new"), ("title", "دفتر نو"), ("district", "d-1")];
    assert_eq!(visitor.send("/admin/offices", &good).await.to, "/admin/offices/new?done=kept");
    let moved = [("title", "دفتر نوتر"), ("district", "d-2")];
    visitor.send("/admin/offices/new", &moved).await;
    let page = visitor.open("/admin/offices/new").await;
    assert!(page.has("دفتر نوتر") && page.has("دهستان 2، شهرستان نمونه"));
    assert_eq!(acts_on(&centre, "new").await, ["office.added", "office.added"]);
    assert_eq!(visitor.open("/admin/offices/none").await.status, StatusCode::NOT_FOUND);
}

async fn a_code_is_shown_once_and_enrols_one_device(centre: TestCentre) {
    administrator(&centre, FIRST).await;
    let mut visitor = Visitor::signed_in(&centre, FIRST).await;
    let path = format!("/admin/offices/{OFFICE}");
    let page = visitor.send(&format!("{path}/codes"), &[]).await;
    let code = page.between("secret\"><bdi dir=\"ltr\">", "<").to_owned();
    let page = visitor.open(&path).await;
    assert!(!page.has(&code) && page.has("یک کد به کار نرفته"));
    let key = SecretKey::from_seed(&[1; 32]);
    let reply = enrol(&centre.centre, &enrol_request(code, &key)).await.unwrap();
    let page = visitor.open(&path).await;
    assert!(!page.has("یک کد به کار نرفته"));
    assert!(page.has(&format!("/admin/devices/{}", reply.device.0)));

    let page = visitor.send(&format!("{path}/codes"), &[]).await;
    let ended = page.between("secret\"><bdi dir=\"ltr\">", "<").to_owned();
    let page = visitor.send(&format!("{path}/codes"), &[("what", "end")]).await;
    assert_eq!(page.to, format!("{path}?done=codes"));
    let late = enrol_request(ended, &SecretKey::from_seed(&[2; 32]));
    assert!(enrol(&centre.centre, &late).await.is_err());
    let acts = acts_on(&centre, OFFICE).await;
    assert_eq!(acts, ["device.code_issued", "device.code_issued", "device.codes_ended"]);
}

async fn a_device_is_revoked_with_a_reason_and_enrols_again(centre: TestCentre) {
    administrator(&centre, FIRST).await;
    let mut visitor = Visitor::signed_in(&centre, FIRST).await;
    let mut device = centre.device().await;
    device.record();
    device.sync(&centre.centre).await;
    let path = format!("/admin/devices/{}", device.number.0);
    let page = visitor.send(&format!("{path}/revoke"), &[("reason", "")]).await;
    assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(page.has("دلیل: آن را بنویسید"));
    let page = visitor.send(&format!("{path}/revoke"), &[("reason", "دزدیده شد")]).await;
    assert_eq!(page.to, format!("{path}?done=revoked"));
    device.record();
    let batch = device.batch(1, 2);
    assert_eq!(device.ask(&centre.centre, Some(batch)).await.verdict, Verdict::Revoked);
    let page = visitor.open(&path).await;
    assert!(page.has("دزدیده شد") && !page.has("کنار گذاشتن رایانه"));
    assert!(visitor.open("/admin/devices?show=revoked").await.has(&path));
    assert!(!visitor.open("/admin/devices").await.has(&format!("{path}\"")));
    let page = visitor.send(&format!("{path}/re-enrol"), &[]).await;
    let code = page.between("secret\"><bdi dir=\"ltr\">", "<").to_owned();
    let key = SecretKey::from_seed(&[5; 32]);
    let reply = enrol(&centre.centre, &enrol_request(code, &key)).await.unwrap();
    assert_eq!((reply.office, reply.device.0), (OFFICE.into(), device.number.0 + 1));
    let acts = acts_on(&centre, &device.number.0.to_string()).await;
    assert_eq!(acts, ["device.revoked", "device.re_enrolled"]);
    assert_eq!(visitor.open("/admin/devices/999").await.status, StatusCode::NOT_FOUND);
    assert_eq!(visitor.send("/admin/devices/999/revoke", &[]).await.status, StatusCode::NOT_FOUND);
}

async fn what_a_device_has_and_what_waits_on_it_is_seen(centre: TestCentre) {
    administrator(&centre, FIRST).await;
    let mut visitor = Visitor::signed_in(&centre, FIRST).await;
    let mut device = centre.device().await;
    let path = format!("/admin/devices/{}", device.number.0);
    assert!(visitor.open(&path).await.has("هنوز نگرفته"));
    device.sync(&centre.centre).await;
    assert!(visitor.open("/admin/devices?show=behind").await.has(&path), "has no card yet");
    let mut request = device.request(None);
    request.catalogue_cursor = 1;
    request.log_seq = 3;
    let day = 24 * 60 * 60 * 1_000;
    request.oldest_waiting_ms = Some(centre.centre.now() - 3 * day);
    let sealed = device.seal(&request);
    pishkhan_server::exchange::exchange(&centre.centre, &sealed).await.unwrap();
    let mut unit = centre.centre.storage.read().await.unwrap();
    let row = device_rows::find(unit.as_mut(), device.number).await.unwrap().unwrap();
    drop(unit);
    assert_eq!((row.catalogue_number, row.waiting), (1, 3));
    assert!(!visitor.open("/admin/devices?show=behind").await.has(&path));
    assert!(visitor.open("/admin/devices?show=waiting").await.has("۳، قدیمی‌ترین ۳ روز"));
    assert!(!visitor.open("/admin/devices?show=silent").await.has(&path));
    centre.pass(4 * day);
    let mut visitor = Visitor::signed_in(&centre, FIRST).await;
    assert!(visitor.open("/admin/devices?show=silent").await.has(&path));
}
