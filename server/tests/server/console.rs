//! The officers' desk in a browser: logging in, the queue, an application, the acts.

use std::time::Duration;

use pishkhan_domain::application::{AttachedDocument, Evidence};
use pishkhan_domain::content_hash::ContentHash;
use pishkhan_domain::ids::{ApplicationId, OfficeCode};
use pishkhan_protocol::body::EventBody;
use pishkhan_server::administration::{add_officer, publish};
use pishkhan_server::storage::{documents, staff};
use reqwest::StatusCode;

use crate::fixture::{OFFICE, PASSWORD, Served, Store, TestCentre, USERNAME, card};

pub(crate) struct Desk {
    pub(crate) served: Served,
    pub(crate) cookie: String,
}

impl Desk {
    pub(crate) async fn log_in(served: Served, username: &str, password: &str) -> Self {
        let fields = [("username", username), ("password", password)];
        let answer = served.post("/console/login", &fields).send().await.unwrap();
        assert_eq!(answer.status(), StatusCode::SEE_OTHER);
        let set = answer.headers()["set-cookie"].to_str().unwrap();
        assert!(set.contains("HttpOnly") && set.contains("SameSite=Lax"), "{set}");
        let cookie = set.split(';').next().unwrap().to_owned();
        Self { served, cookie }
    }

    pub(crate) async fn open(&self, path: &str) -> (StatusCode, String) {
        let answer = self.served.get(path).header("cookie", &self.cookie).send().await.unwrap();
        (answer.status(), answer.text().await.unwrap())
    }

    pub(crate) async fn send(&self, path: &str, fields: &[(&str, &str)]) -> (StatusCode, String) {
        let request = self.served.post(path, fields).header("cookie", &self.cookie);
        let answer = request.send().await.unwrap();
        (answer.status(), answer.text().await.unwrap())
    }

    /// What the page's forms carry: token and the state that was seen.
    pub(crate) async fn forms_of(&self, id: ApplicationId) -> (String, String) {
        let (status, page) = self.open(&format!("/console/applications/{id}")).await;
        assert_eq!(status, StatusCode::OK);
        let hidden = |name: &str| {
            let start = format!("name=\"{name}\" value=\"");
            let from = page.find(&start).map(|at| at + start.len());
            from.map_or_else(String::new, |from| page[from..].split('"').next().unwrap().to_owned())
        };
        (hidden("csrf"), hidden("seen"))
    }
}

#[tokio::test]
async fn nobody_gets_in_without_the_password() {
    let centre = TestCentre::start(Store::Embedded).await;
    let served = centre.serve().await;
    let answer = served.get("/console").send().await.unwrap();
    assert_eq!(answer.headers()["location"], "/console/login");
    for (username, password) in [(USERNAME, "wrong"), ("nobody", PASSWORD)] {
        let fields = [("username", username), ("password", password)];
        let answer = served.post("/console/login", &fields).send().await.unwrap();
        assert_eq!(answer.status(), StatusCode::UNAUTHORIZED);
        assert!(!answer.headers().contains_key("set-cookie"));
        assert!(answer.text().await.unwrap().contains("نام کاربری یا گذرواژه درست نیست"));
    }
    let forged = served.get("/console").header("cookie", "pishkhan_session=abc").send().await;
    assert_eq!(forged.unwrap().status(), StatusCode::SEE_OTHER);
    for _ in 0..8 {
        let fields = [("username", USERNAME), ("password", "guess")];
        served.post("/console/login", &fields).send().await.unwrap();
    }
    let fields = [("username", USERNAME), ("password", PASSWORD)];
    let answer = served.post("/console/login", &fields).send().await.unwrap();
    assert_eq!(answer.status(), StatusCode::TOO_MANY_REQUESTS);
}

#[tokio::test]
async fn an_idle_session_ends_and_so_does_one_that_logs_out() {
    let centre = TestCentre::start(Store::Embedded).await;
    let desk = Desk::log_in(centre.serve().await, USERNAME, PASSWORD).await;
    let minute = i64::try_from(Duration::from_secs(60).as_millis()).unwrap();
    centre.pass(14 * minute);
    assert_eq!(desk.open("/console").await.0, StatusCode::OK);
    centre.pass(14 * minute);
    assert_eq!(desk.open("/console").await.0, StatusCode::OK, "seen in between");
    centre.pass(15 * minute);
    assert_eq!(desk.open("/console").await.0, StatusCode::SEE_OTHER);

    let desk = Desk::log_in(desk.served, USERNAME, PASSWORD).await;
    let (_, page) = desk.open("/console").await;
    let csrf = page.split("name=\"csrf\" value=\"").nth(1).unwrap().split('"').next().unwrap();
    assert_eq!(desk.send("/console/logout", &[("csrf", "x")]).await.0, StatusCode::FORBIDDEN);
    assert_eq!(desk.send("/console/logout", &[("csrf", csrf)]).await.0, StatusCode::SEE_OTHER);
    assert_eq!(desk.open("/console").await.0, StatusCode::SEE_OTHER);
}

#[tokio::test]
async fn the_queue_is_in_order_of_filing_and_in_pages() {
    let centre = TestCentre::start(Store::Embedded).await;
    let mut device = centre.device().await;
    let ids: Vec<ApplicationId> = (0..25).map(|_| device.record()).collect();
    device.sync(&centre.centre).await;
    let desk = Desk::log_in(centre.serve().await, USERNAME, PASSWORD).await;
    let (_, first) = desk.open("/console").await;
    let places: Vec<usize> =
        ids[..20].iter().map(|id| first.find(&id.to_string()).unwrap()).collect();
    assert!(places.is_sorted());
    assert!(!first.contains(&ids[20].to_string()));
    assert!(first.contains("در نوبت (۲۵)"));
    let link = first.split("rel=\"next\" href=\"").nth(1).unwrap().split('"').next().unwrap();
    let (_, second) = desk.open(&link.replace("&amp;", "&").replace("&#38;", "&")).await;
    assert!(!second.contains("rel=\"next\""), "the last page");
    assert!(second.contains(&ids[20].to_string()) && !second.contains(&ids[19].to_string()));
    let (_, returned) = desk.open("/console?state=returned").await;
    assert!(returned.contains("در این فهرست درخواستی نیست"));
}

#[tokio::test]
async fn an_officer_takes_up_returns_and_decides() {
    let centre = TestCentre::start(Store::Embedded).await;
    let mut device = centre.device().await;
    let id = device.record();
    device.sync(&centre.centre).await;
    let desk = Desk::log_in(centre.serve().await, USERNAME, PASSWORD).await;
    let (_, page) = desk.open(&format!("/console/applications/{id}")).await;
    assert!(
        page.contains("نام نوزاد") && page.contains("نوزاد نمونه") && page.contains("بیمارستان")
    );
    assert!(page.contains("۰۰۷۶۲۲۹۶۴۵") && page.contains("اصل آن در دفتر دیده شد"));
    assert!(page.contains("data-act=\"accept\"") && !page.contains("data-act=\"approve\""));

    let to = |act: &str| format!("/console/applications/{id}/{act}");
    let (csrf, seen) = desk.forms_of(id).await;
    let forged = desk.send(&to("accept"), &[("csrf", "forged"), ("seen", &seen)]).await;
    assert_eq!(forged.0, StatusCode::FORBIDDEN);
    let accept = [("csrf", csrf.as_str()), ("seen", seen.as_str())];
    assert_eq!(desk.send(&to("accept"), &accept).await.0, StatusCode::SEE_OTHER);
    let (status, page) = desk.send(&to("accept"), &accept).await;
    assert_eq!(status, StatusCode::CONFLICT, "the second click");
    assert!(page.contains("تغییر کرده است"));

    let (csrf, seen) = desk.forms_of(id).await;
    let base = [("csrf", csrf.as_str()), ("seen", seen.as_str()), ("note", "زود بیاورید")];
    let (status, page) = desk.send(&to("return"), &base).await;
    assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(page.contains("دست‌کم یک نقص") && page.contains("زود بیاورید"), "nothing typed is lost");
    let marked = [&base[..], &[("defect.form.child_name", "yes"), ("reason.form.child_name", "")]];
    let (status, page) = desk.send(&to("return"), &marked.concat()).await;
    assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(page.contains("دلیل بنویسید"));
    let named = [&base[..], &[("reason.documents.birth-certificate", "تصویر خوانا نیست")]];
    assert_eq!(desk.send(&to("return"), &named.concat()).await.0, StatusCode::SEE_OTHER);
    let (_, page) = desk.open(&format!("/console/applications/{id}")).await;
    assert!(page.contains("برگشت برای رفع نقص") && page.contains("تصویر خوانا نیست"));
    for act in ["accept", "approve", "return", "refuse", "hand-over"] {
        assert!(!page.contains(&format!("data-act=\"{act}\"")), "{act} may not be done now");
    }
    let missing = ApplicationId::from_bytes([1; 16]);
    assert_eq!(
        desk.open(&format!("/console/applications/{missing}")).await.0,
        StatusCode::NOT_FOUND
    );

    let other = device.record();
    device.sync(&centre.centre).await;
    let to = |act: &str| format!("/console/applications/{other}/{act}");
    let (csrf, seen) = desk.forms_of(other).await;
    desk.send(&to("accept"), &[("csrf", &csrf), ("seen", &seen)]).await;
    let (csrf, seen) = desk.forms_of(other).await;
    let base = [("csrf", csrf.as_str()), ("seen", seen.as_str())];
    let unlawful = [&base[..], &[("reason_code", "because")]].concat();
    assert_eq!(desk.send(&to("refuse"), &unlawful).await.0, StatusCode::UNPROCESSABLE_ENTITY);
    let lawful = [&base[..], &[("reason_code", "registered-before")]].concat();
    assert_eq!(desk.send(&to("refuse"), &lawful).await.0, StatusCode::SEE_OTHER);
}

#[tokio::test]
async fn a_paper_is_shown_to_its_own_agency_only() {
    let centre = TestCentre::start(Store::Embedded).await;
    let mut device = centre.device().await;
    let bytes = b"\xff\xd8\xff sample";
    let hash = ContentHash::of(bytes);
    let mut recorded = device.recorded();
    recorded.documents = vec![AttachedDocument {
        code: "birth-certificate".to_owned(),
        evidence: Evidence::Copy { hash, size_bytes: 10, media_type: "image/jpeg".to_owned() },
    }];
    let id = device.add(&EventBody::ApplicationRecorded(Box::new(recorded)));
    device.sync(&centre.centre).await;
    let desk = Desk::log_in(centre.serve().await, USERNAME, PASSWORD).await;
    let page = format!("/console/applications/{id}");
    let paper = format!("{page}/documents/{hash}");
    assert!(desk.open(&page).await.1.contains("هنوز از دفتر نرسیده است"));
    assert_eq!(desk.open(&paper).await.0, StatusCode::NOT_FOUND);

    let office = OfficeCode::from(OFFICE);
    let writer = centre.centre.documents.write(&office, hash).await.unwrap().unwrap();
    let mut file = writer.append().await.unwrap();
    tokio::io::AsyncWriteExt::write_all(&mut file, bytes).await.unwrap();
    tokio::io::AsyncWriteExt::flush(&mut file).await.unwrap();
    assert!(writer.finish(hash).await.unwrap());
    let mut unit = centre.centre.storage.begin().await.unwrap();
    documents::announce(unit.as_mut(), &office, hash, 10, 0).await.unwrap();
    documents::mark_received(unit.as_mut(), &office, hash, 1).await.unwrap();
    let mut water = card();
    water.code = "water-connection".into();
    water.agency.code = "water-company".into();
    staff::upsert_agency(unit.as_mut(), &water.agency).await.unwrap();
    let publication = pishkhan_domain::catalogue::Publication::ServiceCard(Box::new(water.clone()));
    publish(unit.as_mut(), &centre.centre.key, publication, 0).await.unwrap();
    let agency = &water.agency.code;
    add_officer(unit.as_mut(), "stranger", agency, "نمونه", PASSWORD, 0).await.unwrap();
    unit.commit().await.unwrap();

    assert!(desk.open(&page).await.1.contains(&paper));
    let answer = desk.served.get(&paper).header("cookie", &desk.cookie).send().await.unwrap();
    assert_eq!(answer.headers()["content-type"], "image/jpeg");
    assert_eq!(answer.headers()["x-content-type-options"], "nosniff");
    assert!(answer.headers()["content-security-policy"].to_str().unwrap().contains("sandbox"));
    assert_eq!(&answer.bytes().await.unwrap()[..], bytes);

    let stranger = Desk::log_in(desk.served, "stranger", PASSWORD).await;
    assert_eq!(stranger.open(&page).await.0, StatusCode::NOT_FOUND);
    assert_eq!(stranger.open(&paper).await.0, StatusCode::NOT_FOUND);
    let (_, queue) = stranger.open("/console?state=all").await;
    assert!(!queue.contains(&id.to_string()));
    assert_eq!(stranger.served.get(&paper).send().await.unwrap().status(), StatusCode::SEE_OTHER);
}
