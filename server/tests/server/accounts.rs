//! Accounts of the staff and agencies, as the administrator keeps them.

use pishkhan_server::access::Role;
use pishkhan_server::accounts::{self, AccountError};
use pishkhan_server::administration::{NewMember, add_member};
use pishkhan_server::storage::audit_log::{self, AuditFilter};
use pishkhan_server::storage::staff::{self, Officer};
use reqwest::StatusCode;

use crate::fixture::{AGENCY, PASSWORD, TestCentre, USERNAME};
use crate::visitor::{Visitor, on_each_store};

on_each_store!(
    an_account_is_opened_used_and_closed,
    what_was_typed_wrong_is_named_and_nothing_is_lost,
    another_role_ends_the_sessions,
    the_last_administrator_stays,
    two_administrators_who_close_each_other_leave_one,
    an_agency_is_added_and_renamed,
);

pub(crate) const FIRST: &str = "first-administrator";

/// Adds an administrator, past the first sign-in.
pub(crate) async fn administrator(centre: &TestCentre, username: &str) -> Officer {
    let member = NewMember {
        username,
        display_name: "راهبر نمونه",
        role: Role::Administrator,
        agency: "",
        province: "",
        county: "",
    };
    let mut unit = centre.centre.storage.begin().await.unwrap();
    add_member(unit.as_mut(), &member, PASSWORD, false, centre.centre.now()).await.unwrap();
    let added = staff::find(unit.as_mut(), username).await.unwrap().unwrap();
    unit.commit().await.unwrap();
    added
}

/// What the audit log has about something.
pub(crate) async fn acts_on(centre: &TestCentre, subject: &str) -> Vec<String> {
    let mut unit = centre.centre.storage.read().await.unwrap();
    let filter = AuditFilter { subject: subject.to_owned(), ..AuditFilter::default() };
    let found = audit_log::newest(unit.as_mut(), &filter, 100).await.unwrap();
    found.into_iter().rev().map(|entry| entry.act).collect()
}

const NEW: [(&str, &str); 4] = [
    ("username", "new-officer"),
    ("display_name", "کارشناس تازه"),
    ("role", "officer"),
    ("agency", AGENCY),
];

async fn an_account_is_opened_used_and_closed(centre: TestCentre) {
    administrator(&centre, FIRST).await;
    let mut visitor = Visitor::signed_in(&centre, FIRST).await;
    let page = visitor.send("/admin/staff", &NEW).await;
    let password = page.between("secret\"><bdi dir=\"ltr\">", "<").to_owned();
    assert_eq!(password.len(), 12);
    assert!(!visitor.open("/admin/staff").await.has(&password), "shown once");
    let mut officer = Visitor::new(&centre).await;
    let fields = [("username", "new-officer"), ("password", password.as_str())];
    assert_eq!(officer.send("/console/login", &fields).await.to, "/console/login/password");
    officer.open("/console/login/password").await;
    let own = [("password", "own long words"), ("again", "own long words")];
    assert_eq!(officer.send("/console/login/password", &own).await.to, "/console");
    assert_eq!(officer.open("/console").await.status, StatusCode::OK);

    let path = "/admin/staff/new-officer";
    assert!(visitor.open(path).await.has("کارشناس تازه"));
    let page = visitor.send(&format!("{path}/close"), &[("reason", " ")]).await;
    assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(page.has("دلیل: آن را بنویسید"));
    let page = visitor.send(&format!("{path}/close"), &[("reason", "رفت به دفتر دیگر")]).await;
    assert_eq!(page.to, format!("{path}?done=closed"));
    assert_eq!(officer.open("/console").await.to, "/console/login");
    let fields = [("username", "new-officer"), ("password", "own long words")];
    let page = officer.send("/console/login", &fields).await;
    assert_eq!(page.status, StatusCode::UNAUTHORIZED);
    assert!(visitor.open(path).await.has("رفت به دفتر دیگر"));
    let page = visitor.send(&format!("{path}/reopen"), &[]).await;
    assert!(page.has("گذرواژهٔ تازه"));
    let acts = acts_on(&centre, "new-officer").await;
    let expected = [
        "staff.added",
        "staff.password_changed",
        "session.opened",
        "staff.closed",
        "staff.reopened",
        "staff.password_given",
    ];
    assert_eq!(acts, expected);
}

async fn what_was_typed_wrong_is_named_and_nothing_is_lost(centre: TestCentre) {
    administrator(&centre, FIRST).await;
    let mut visitor = Visitor::signed_in(&centre, FIRST).await;
    let wrong = [
        (("username", "Bad Name"), "نام کاربری: تنها حروف کوچک"),
        (("username", USERNAME), "نام کاربری: این نام از آنِ دیگری است"),
        (("display_name", ""), "نام و نام خانوادگی:"),
        (("role", "king"), "نقش:"),
        (("agency", ""), "دستگاه: این نقش از آنِ یک دستگاه است"),
        (("agency", "no-such"), "دستگاه: چنین دستگاهی نیست"),
    ];
    for ((name, value), sentence) in wrong {
        let typed = NEW.map(|(known, kept)| (known, if known == name { value } else { kept }));
        let page = visitor.send("/admin/staff", &typed).await;
        assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY, "{name} {value}");
        assert!(page.has(sentence), "{sentence}");
        assert!(name == "display_name" || page.has("value=\"کارشناس تازه\""), "nothing is lost");
    }
    let county = [("role", "governor"), ("county", "نمونه")];
    let page = visitor.send("/admin/staff", &[&NEW[..2], &county].concat()).await;
    assert!(page.has("استان: اگر شهرستان را"));
    let forged = visitor.served.post("/admin/staff", &[&[("csrf", "x")], &NEW[..]].concat());
    assert_eq!(visitor.ask(forged).await.status, StatusCode::FORBIDDEN);
    // A proof that has grown old.
    centre.pass(14 * 60_000);
    visitor.open("/admin/staff").await;
    centre.pass(14 * 60_000);
    visitor.open("/admin/staff").await;
    centre.pass(14 * 60_000);
    let page = visitor.send("/admin/staff", &NEW).await;
    assert_eq!(page.to, "/console/account/prove?to=/admin/staff");
    assert!(acts_on(&centre, "new-officer").await.is_empty());
}

async fn another_role_ends_the_sessions(centre: TestCentre) {
    administrator(&centre, FIRST).await;
    let mut visitor = Visitor::signed_in(&centre, FIRST).await;
    let mut officer = Visitor::signed_in(&centre, USERNAME).await;
    let path = format!("/admin/staff/{USERNAME}");
    let named = [("display_name", "نام تازه"), ("role", "officer"), ("agency", AGENCY)];
    assert_eq!(visitor.send(&path, &named).await.to, format!("{path}?done=changed"));
    assert!(officer.open("/console").await.has("نام تازه"), "a name ends nothing");
    let risen = [("display_name", "نام تازه"), ("role", "head"), ("agency", AGENCY)];
    assert_eq!(visitor.send(&path, &risen).await.to, format!("{path}?done=changed"));
    assert_eq!(officer.open("/console").await.to, "/console/login");
    let fields = [("username", USERNAME), ("password", PASSWORD)];
    assert_eq!(officer.send("/console/login", &fields).await.to, "/console/login/set-up");
    let page = visitor.send(&format!("{path}/password"), &[]).await;
    assert!(page.has("تنها همین یک بار"));
    assert_eq!(officer.open("/console/login/set-up").await.to, "/console/login", "begun before");
}

async fn the_last_administrator_stays(centre: TestCentre) {
    administrator(&centre, FIRST).await;
    let mut visitor = Visitor::signed_in(&centre, FIRST).await;
    let path = format!("/admin/staff/{FIRST}");
    let officer = [("display_name", "نمونه"), ("role", "officer"), ("agency", AGENCY)];
    for page in [
        visitor.send(&format!("{path}/close"), &[("reason", "نمونه")]).await,
        visitor.send(&path, &officer).await,
    ] {
        assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY);
        assert!(page.has("این تنها راهبر سامانه است"));
    }
    assert_eq!(visitor.open("/admin").await.status, StatusCode::OK);
    administrator(&centre, "second-administrator").await;
    let page = visitor.send(&path, &officer).await;
    assert_eq!(page.status, StatusCode::SEE_OTHER, "another is left");
}

async fn two_administrators_who_close_each_other_leave_one(centre: TestCentre) {
    let first = administrator(&centre, FIRST).await;
    let second = administrator(&centre, "second-administrator").await;
    let close = |by: Officer, whom: String| {
        let centre = centre.centre.clone();
        tokio::spawn(async move {
            let mut unit = centre.storage.begin().await.unwrap();
            accounts::close(unit.as_mut(), &by, &whom, "نمونه", 1).await?;
            unit.commit().await.unwrap();
            Ok::<_, AccountError>(())
        })
    };
    let (one, other) = (first.username.clone(), second.username.clone());
    let closing = [close(first, other), close(second, one)];
    let mut closed = 0;
    for closing in closing {
        match closing.await.unwrap() {
            Ok(()) => closed += 1,
            Err(error) => assert!(matches!(error, AccountError::LastAdministrator), "{error}"),
        }
    }
    assert_eq!(closed, 1);
}

async fn an_agency_is_added_and_renamed(centre: TestCentre) {
    administrator(&centre, FIRST).await;
    let mut visitor = Visitor::signed_in(&centre, FIRST).await;
    let bad = [("code", "آب"), ("title_fa", "آب"), ("title_en", "Water")];
    let page = visitor.send("/admin/agencies", &bad).await;
    assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(page.has("کد: تنها حروف کوچک لاتین") && page.has("value=\"Water\""));
    for title in ["شرکت آب", "شرکت آب و فاضلاب"] {
        let fields = [("code", "water"), ("title_fa", title), ("title_en", "Water")];
        assert_eq!(visitor.send("/admin/agencies", &fields).await.to, "/admin/agencies?done=kept");
        assert!(visitor.open("/admin/agencies").await.has(title));
    }
    assert_eq!(visitor.open("/admin/agencies").await.text.matches("<td>شرکت آب").count(), 1);
    assert_eq!(acts_on(&centre, "water").await, ["agency.kept", "agency.kept"]);
}
