//! The desk in a browser: search, order, what opens by itself, views, reasons, late ones, news.

use pishkhan_domain::ids::ApplicationId;
use pishkhan_protocol::body::EventBody;
use pishkhan_server::access::Role;
use pishkhan_server::administration::{NewMember, add_member};
use pishkhan_server::officer::take_up::take_up_first;
use pishkhan_server::storage::audit_log::{self, AuditFilter};
use reqwest::StatusCode;

use crate::conformance::application;
use crate::console::Desk;
use crate::fixture::{
    AGENCY, PASSWORD, Store, TestCentre, TestDevice, USERNAME, card, open_session,
};

const DAY: i64 = 24 * 60 * 60 * 1_000;

pub(crate) async fn desk_with(number: usize) -> (TestCentre, TestDevice, Vec<ApplicationId>, Desk) {
    let centre = TestCentre::start(Store::Embedded).await;
    let mut device = centre.device().await;
    let ids = (0..number).map(|_| device.record()).collect();
    device.sync(&centre.centre).await;
    let desk = Desk::log_in(centre.serve().await, USERNAME, PASSWORD).await;
    (centre, device, ids, desk)
}

pub(crate) async fn signed_in_as(centre: &TestCentre, role: Role) -> Desk {
    let member = NewMember {
        username: role.name(),
        display_name: "نمونه",
        role,
        agency: AGENCY,
        province: "",
        county: "",
    };
    let mut unit = centre.centre.storage.begin().await.unwrap();
    add_member(unit.as_mut(), &member, PASSWORD, false, 0).await.unwrap();
    unit.commit().await.unwrap();
    let cookie = open_session(centre, role.name()).await;
    Desk { served: centre.serve().await, cookie }
}

/// Where a form leads, after it was carried out.
pub(crate) async fn led_to(desk: &Desk, path: &str, fields: &[(&str, &str)]) -> String {
    let request = desk.served.post(path, fields).header("cookie", &desk.cookie);
    let answer = request.send().await.unwrap();
    assert_eq!(answer.status(), StatusCode::SEE_OTHER, "{}", answer.text().await.unwrap());
    answer.headers()["location"].to_str().unwrap().to_owned()
}

pub(crate) fn csrf(page: &str) -> String {
    page.split("name=\"csrf\" value=\"").nth(1).unwrap().split('"').next().unwrap().to_owned()
}

#[tokio::test]
async fn a_search_shows_what_fits_and_is_logged_without_what_was_looked_for() {
    let (centre, _, ids, desk) = desk_with(2).await;
    let (status, page) =
        desk.open("/console?q=%DB%B0%DB%B0%DB%B7%DB%B6%DB%B2%DB%B2%DB%B9%DB%B6%DB%B4%DB%B5").await;
    assert_eq!(status, StatusCode::OK);
    assert!(ids.iter().all(|id| page.contains(&id.to_string())));
    let code = application(&centre, ids[1]).await.unwrap().tracking_code;
    let (_, page) = desk.open(&format!("/console?q={code}")).await;
    assert!(page.contains(&ids[1].to_string()) && !page.contains(&ids[0].to_string()));
    let (_, page) = desk.open("/console?q=12345").await;
    assert!(page.contains("رقم‌ها را دوباره بخوانید"));
    let (_, page) = desk.open("/console?q=%D9%86%D8%A8%D9%88%D8%AF%D9%87").await;
    assert!(page.contains("پیدا نشد"));
    let filter = AuditFilter { act: "application.searched".to_owned(), ..AuditFilter::default() };
    let mut unit = centre.centre.storage.read().await.unwrap();
    let log = audit_log::newest(unit.as_mut(), &filter, 9).await.unwrap();
    let kinds: Vec<&str> = log.iter().map(|entry| entry.detail.as_str()).collect();
    assert_eq!(kinds, ["name", "unclear", "code", "identity"]);
    assert!(log.iter().all(|entry| entry.subject.is_empty()));
}

#[tokio::test]
async fn out_of_order_asks_why_and_a_decision_opens_the_next() {
    let (centre, _, ids, desk) = desk_with(3).await;
    let to = |id: ApplicationId, act: &str| format!("/console/applications/{id}/{act}");
    let (_, page) = desk.open(&format!("/console/applications/{}", ids[1])).await;
    assert!(page.contains("پذیرش بیرون از نوبت") && page.contains("۱ درخواست کهنه‌تر"));
    let (csrf, seen) = desk.forms_of(ids[1]).await;
    let base = [("csrf", csrf.as_str()), ("seen", seen.as_str())];
    let (status, page) = desk.send(&to(ids[1], "accept"), &base).await;
    assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(page.contains("دلیل پذیرش بیرون از نوبت را بنویسید"));
    assert!(page.contains("data-act=\"accept\" open"));
    let chosen = [&base[..], &[("ready", "به دستور مرجع قضایی"), ("reason", "")]].concat();
    let next = led_to(&desk, &to(ids[1], "accept"), &chosen).await;
    assert_eq!(next, format!("/console/applications/{}?done=accept", ids[1]));
    let (_, page) = desk.open(&next).await;
    assert!(page.contains("بیرون از نوبت: به دستور مرجع قضایی"));

    let (csrf, seen) = desk.forms_of(ids[1]).await;
    let base = [("csrf", csrf.as_str()), ("seen", seen.as_str())];
    let next = led_to(&desk, &to(ids[1], "approve"), &base).await;
    assert!(next.starts_with(&format!("/console/applications/{}?done=approve", ids[2])), "{next}");
    let (_, page) = desk.open(&next).await;
    assert!(page.contains("تأیید شد. اکنون درخواست بعدی باز است"));
    let (_, page) = desk.open(&to(ids[2], "next")).await;
    assert!(page.is_empty(), "a redirection");
    for id in [ids[0], ids[2]] {
        let (csrf, seen) = desk.forms_of(id).await;
        desk.send(&to(id, "accept"), &[("csrf", &csrf), ("seen", &seen)]).await;
        let (csrf, seen) = desk.forms_of(id).await;
        let base = [("csrf", csrf.as_str()), ("seen", seen.as_str())];
        let next = led_to(&desk, &to(id, "approve"), &base).await;
        assert_eq!(next.contains("done=last"), id == ids[2], "{next}");
    }
    assert_eq!(application(&centre, ids[0]).await.unwrap().state.name(), "approved");
}

#[tokio::test]
async fn notes_and_handing_over_keep_what_was_typed() {
    let (_, _, ids, desk) = desk_with(1).await;
    let to = |act: &str| format!("/console/applications/{}/{act}", ids[0]);
    let (csrf, seen) = desk.forms_of(ids[0]).await;
    let base = [("csrf", csrf.as_str()), ("seen", seen.as_str())];
    assert_eq!(desk.send(&to("note"), &base).await.0, StatusCode::UNPROCESSABLE_ENTITY);
    let note = [&base[..], &[("text", "اصل سند را هم بیاورند")]].concat();
    let next = led_to(&desk, &to("note"), &note).await;
    assert!(desk.open(&next).await.1.contains("اصل سند را هم بیاورند"));
    let nobody = [&base[..], &[("agency", "nobody"), ("reason", "کار ما نیست")]].concat();
    let (status, page) = desk.send(&to("hand-over"), &nobody).await;
    assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(page.contains("دستگاهی را برگزینید"));
    assert_eq!(desk.send(&to("burn"), &base).await.0, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn the_first_of_the_queue_are_taken_up_with_one_form() {
    let (_, _, ids, desk) = desk_with(4).await;
    let csrf = csrf(&desk.open("/console").await.1);
    let service = card().code.0;
    let mut fields = [("csrf", csrf.as_str()), ("service", service.as_str()), ("number", "۳")];
    let next = led_to(&desk, "/console/take-up", &fields).await;
    let (_, page) = desk.open(&next).await;
    assert!(page.contains("۳ درخواست را از آغاز نوبت پذیرفتید"));
    assert!(page.contains(&ids[2].to_string()) && !page.contains(&ids[3].to_string()));
    fields[2].1 = "بسیار";
    assert!(led_to(&desk, "/console/take-up", &fields).await.contains("number=0"));
    fields[0].1 = "forged";
    assert_eq!(desk.send("/console/take-up", &fields).await.0, StatusCode::FORBIDDEN);
}

#[tokio::test]
async fn a_view_is_ones_own_and_holds_nothing_but_filters() {
    let (centre, _, _, desk) = desk_with(1).await;
    let token = csrf(&desk.open("/console").await.1);
    let filters = "state=accepted&service=birth-registration&late=1&q=secret&x=%22%3E";
    let fields = [("csrf", token.as_str()), ("name", "صبح"), ("filters", filters)];
    let next = led_to(&desk, "/console/views", &fields).await;
    assert!(
        next.starts_with("/console?state=accepted&service=birth-registration&late=1"),
        "{next}"
    );
    let (_, page) = desk.open("/console").await;
    assert!(page.contains(">صبح</a>") && !page.contains("secret"));
    let unnamed = [("csrf", token.as_str()), ("name", " "), ("filters", "")];
    assert!(led_to(&desk, "/console/views", &unnamed).await.contains("view_name"));
    let other = signed_in_as(&centre, Role::Supervisor).await;
    assert!(!other.open("/console").await.1.contains(">صبح</a>"));
    let fields = [("csrf", token.as_str()), ("name", "صبح")];
    led_to(&desk, "/console/views/remove", &fields).await;
    assert!(!desk.open("/console").await.1.contains(">صبح</a>"));
}

#[tokio::test]
async fn a_supervisor_writes_the_reasons_that_officers_are_offered() {
    let (centre, _, ids, desk) = desk_with(1).await;
    take_up_first(&centre.centre, &centre.officer(), &card().code, 1).await.unwrap();
    let application = format!("/console/applications/{}", ids[0]);
    assert!(desk.open(&application).await.1.contains("<option value=\"تصویر خوانا نیست\">"));
    assert!(desk.open("/console/reasons").await.1.contains("readonly"));
    let supervisor = signed_in_as(&centre, Role::Supervisor).await;
    let token = csrf(&supervisor.open("/console/reasons").await.1);
    let mut fields = [
        ("csrf", token.as_str()),
        ("service", "birth-registration"),
        ("reasons", "گواهی بدون مهر است\n\nنام خوانا نیست"),
    ];
    led_to(&supervisor, "/console/reasons", &fields).await;
    let (_, page) = desk.open(&application).await;
    assert!(page.contains("<option value=\"گواهی بدون مهر است\">"));
    assert!(!page.contains("تصویر خوانا نیست"));
    fields[1].1 = "fuel-quota";
    assert_eq!(supervisor.send("/console/reasons", &fields).await.0, StatusCode::NOT_FOUND);
    let long = "ب".repeat(201);
    fields[1].1 = "birth-registration";
    fields[2].1 = &long;
    let (status, page) = supervisor.send("/console/reasons", &fields).await;
    assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(page.contains(&long) && page.contains("بلندتر از دویست حرف"));
}

#[tokio::test]
async fn a_late_answer_rises_by_itself() {
    // Due on Monday, the 30th of November.
    let (centre, _, ids, _) = desk_with(1).await;
    let supervisor = signed_in_as(&centre, Role::Supervisor).await;
    let head = signed_in_as(&centre, Role::Head).await;
    let id = ids[0].to_string();
    let shown = async |desk: &Desk| desk.open("/console/late").await.1.contains(&id);
    let cookies = async || {
        let (supervisor, head) = (Role::Supervisor.name(), Role::Head.name());
        (open_session(&centre, supervisor).await, open_session(&centre, head).await)
    };
    let (mut supervisor, mut head) = (supervisor, head);
    assert!(!shown(&supervisor).await && !shown(&head).await);
    // Days from the 18th on which the clock stands, and who sees it then.
    let mut stands_at = 0;
    for (day, by_supervisor, by_head) in [
        (12, false, false),
        (13, true, false),
        (17, true, false),
        (18, true, false),
        (19, true, true),
    ] {
        centre.pass((day - stands_at) * DAY);
        stands_at = day;
        (supervisor.cookie, head.cookie) = cookies().await;
        assert_eq!(shown(&supervisor).await, by_supervisor, "supervisor, day {day}");
        assert_eq!(shown(&head).await, by_head, "head, day {day}");
    }
    let (_, queue) = supervisor.open("/console").await;
    assert!(queue.contains("دیرکرد (۱)") && queue.contains("۵ روز کاری دیرکرد"));
    let (_, page) = supervisor.open(&format!("/console/applications/{id}")).await;
    assert!(page.contains("انتظار دستگاه") && page.contains("۵ روز کاری دیرکرد"));
}

#[tokio::test]
async fn what_was_due_before_a_weekend_is_not_late_in_the_weekend() {
    let centre = TestCentre::start(Store::Embedded).await;
    let mut device = centre.device().await;
    let mut recorded = device.recorded();
    // A Wednesday.
    recorded.due_on = "2026-12-02".to_owned();
    let id = device.add(&EventBody::ApplicationRecorded(Box::new(recorded))).to_string();
    device.sync(&centre.centre).await;
    let mut supervisor = signed_in_as(&centre, Role::Supervisor).await;
    // From the 18th of November on.
    centre.pass(14 * DAY);
    for (weekday, is_late) in
        [("Wednesday", false), ("Thursday", false), ("Friday", false), ("Saturday", true)]
    {
        supervisor.cookie = open_session(&centre, Role::Supervisor.name()).await;
        for list in ["/console/late", "/console?late=1"] {
            let (_, page) = supervisor.open(list).await;
            assert_eq!(page.contains(&id), is_late, "{list} on {weekday}");
        }
        let (_, queue) = supervisor.open("/console").await;
        let number = if is_late { "دیرکرد (۱)" } else { "دیرکرد (۰)" };
        assert!(queue.contains(number), "{weekday}");
        centre.pass(DAY);
    }
}

#[tokio::test]
async fn news_are_told_and_keep_no_session_open() {
    let (centre, mut device, _, desk) = desk_with(1).await;
    let since = centre.centre.now();
    let news = format!("/console/news?since={since}");
    assert_eq!(desk.open(&news).await, (StatusCode::OK, String::new()));
    centre.pass(60_000);
    device.record();
    device.record();
    device.sync(&centre.centre).await;
    assert_eq!(desk.open(&news).await.1, "۲ درخواست تازه رسید");
    for _ in 0..3 {
        centre.pass(5 * 60_000);
        desk.open(&news).await;
    }
    assert_eq!(desk.open("/console").await.0, StatusCode::SEE_OTHER, "nobody sat there");
}
