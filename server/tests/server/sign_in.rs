//! Signing in with a second factor, and one's own account.

use data_encoding::BASE32_NOPAD;
use pishkhan_server::access::Role;
use pishkhan_server::administration::{NewMember, add_member};
use pishkhan_server::storage::audit_log::{self, AuditFilter};
use pishkhan_server::storage::{Unit, factors};
use pishkhan_server::totp::{self, STEP_MS, Secret};
use reqwest::StatusCode;

use crate::fixture::{PASSWORD, TestCentre, USERNAME};
use crate::visitor::{Page, Visitor, on_each_store};

on_each_store!(
    an_administrator_goes_through_every_step_and_skips_none,
    a_code_is_good_once_and_guessing_is_held_off,
    a_recovery_code_is_good_once,
    a_proof_gives_another_token_and_grows_old,
    sessions_are_listed_and_ended,
    without_the_factor_a_role_that_needs_it_is_nobody,
);

const ADMINISTRATOR: &str = "sample-administrator";
const GIVEN: &str = "given-by-another";
const OWN: &str = "چهار واژهٔ بی‌ربط دراز";

async fn administrator(centre: &TestCentre) {
    let member = NewMember {
        username: ADMINISTRATOR,
        display_name: "راهبر نمونه",
        role: Role::Administrator,
        agency: "",
        province: "",
        county: "",
    };
    let mut unit = centre.centre.storage.begin().await.unwrap();
    add_member(unit.as_mut(), &member, GIVEN, true, centre.centre.now()).await.unwrap();
    unit.commit().await.unwrap();
}

async fn log_in(visitor: &mut Visitor, username: &str, password: &str) -> Page {
    visitor.send("/console/login", &[("username", username), ("password", password)]).await
}

/// The secret as the page shows it.
fn secret_on(page: &Page) -> Secret {
    let letters = page.between("class=\"letters\" dir=\"ltr\">", "<").replace(' ', "");
    BASE32_NOPAD.decode(letters.as_bytes()).unwrap().try_into().unwrap()
}

fn code(centre: &TestCentre, secret: &Secret) -> String {
    totp::code(secret, totp::step_at(centre.centre.now()))
}

/// All steps of the first sign-in; gives the secret and the recovery codes.
async fn first_sign_in(centre: &TestCentre, visitor: &mut Visitor) -> (Secret, Vec<String>) {
    log_in(visitor, ADMINISTRATOR, GIVEN).await;
    visitor.open("/console/login/password").await;
    let chosen = [("password", OWN), ("again", OWN)];
    assert_eq!(visitor.send("/console/login/password", &chosen).await.to, "/console/login/set-up");
    let secret = secret_on(&visitor.open("/console/login/set-up").await);
    let typed = code(centre, &secret);
    let page = visitor.send("/console/login/set-up", &[("code", &typed)]).await;
    assert_eq!(page.status, StatusCode::OK);
    let codes = page.text.split("<bdi dir=\"ltr\">").skip(1);
    let codes: Vec<String> = codes.map(|rest| rest.split('<').next().unwrap().to_owned()).collect();
    assert_eq!(codes.len(), 8);
    (secret, codes)
}

async fn acts_of(centre: &TestCentre, username: &str) -> Vec<String> {
    let mut unit = centre.centre.storage.read().await.unwrap();
    let filter = AuditFilter { username: username.to_owned(), ..AuditFilter::default() };
    let found = audit_log::newest(unit.as_mut(), &filter, 100).await.unwrap();
    found.into_iter().rev().map(|entry| entry.act).collect()
}

async fn an_administrator_goes_through_every_step_and_skips_none(centre: TestCentre) {
    administrator(&centre).await;
    let mut visitor = Visitor::new(&centre).await;
    visitor.cookies.insert("pishkhan_session".to_owned(), "brought-along".to_owned());
    visitor.cookies.insert("pishkhan_sign_in".to_owned(), "brought-along".to_owned());
    assert_eq!(visitor.open("/console/login/factor").await.to, "/console/login");
    let page = log_in(&mut visitor, ADMINISTRATOR, GIVEN).await;
    assert_eq!(page.to, "/console/login/password");
    let first = visitor.cookies["pishkhan_sign_in"].clone();
    assert_ne!(first, "brought-along");
    for path in ["/admin", "/console/account", "/admin/audit-log"] {
        assert_eq!(visitor.open(path).await.to, "/console/login", "{path}: not yet");
    }
    // The cookie of the sign-in is no session.
    visitor.cookies.insert("pishkhan_session".to_owned(), first);
    assert_eq!(visitor.open("/admin").await.to, "/console/login");
    assert_eq!(visitor.open("/console/login/set-up").await.to, "/console/login/password");
    assert_eq!(visitor.open("/console/login/factor").await.to, "/console/login/password");

    visitor.open("/console/login/password").await;
    let refusals = [("short", "short"), (OWN, "another"), (GIVEN, GIVEN)];
    for (password, again) in refusals {
        let typed = [("password", password), ("again", again)];
        let page = visitor.send("/console/login/password", &typed).await;
        assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY, "{password}");
    }
    let chosen = [("password", OWN), ("again", OWN)];
    assert_eq!(visitor.send("/console/login/password", &chosen).await.to, "/console/login/set-up");
    assert_eq!(visitor.open("/admin").await.to, "/console/login", "no factor, no session");
    let page = visitor.open("/console/login/set-up").await;
    assert!(page.has("<svg class=\"qr\""));
    let secret = secret_on(&page);
    let page = visitor.send("/console/login/set-up", &[("code", "000000")]).await;
    assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(secret_on(&page), secret, "the same secret after a slip");
    let typed = code(&centre, &secret);
    let page = visitor.send("/console/login/set-up", &[("code", &typed)]).await;
    assert!(page.has("کدهای بازیابی"));
    assert!(!visitor.cookies.contains_key("pishkhan_sign_in"));
    assert_eq!(visitor.open("/admin").await.status, StatusCode::OK);
    let acts = acts_of(&centre, ADMINISTRATOR).await;
    assert_eq!(acts, ["staff.password_changed", "staff.factor_set_up", "session.opened"]);
    let mut unit = centre.centre.storage.read().await.unwrap();
    let kept = factors::standing(unit.as_mut(), ADMINISTRATOR).await.unwrap().unwrap();
    assert!(!kept.factor.unwrap().windows(8).any(|part| part == &secret[..8]), "sealed");
}

async fn a_code_is_good_once_and_guessing_is_held_off(centre: TestCentre) {
    administrator(&centre).await;
    let mut visitor = Visitor::new(&centre).await;
    let (secret, _) = first_sign_in(&centre, &mut visitor).await;
    let used = code(&centre, &secret);
    let mut again = Visitor::new(&centre).await;
    assert_eq!(log_in(&mut again, ADMINISTRATOR, OWN).await.to, "/console/login/factor");
    assert_eq!(again.open("/console/login/set-up").await.to, "/console/login/factor");
    again.open("/console/login/factor").await;
    let page = again.send("/console/login/factor", &[("code", &used)]).await;
    assert_eq!(page.status, StatusCode::UNAUTHORIZED, "it was taken when it was set up");
    let forged = again.served.post("/console/login/factor", &[("csrf", "x"), ("code", &used)]);
    assert_eq!(again.ask(forged).await.status, StatusCode::FORBIDDEN);
    centre.pass(STEP_MS);
    again.open("/console/login/factor").await;
    let fresh = code(&centre, &secret);
    let page = again.send("/console/login/factor", &[("code", &fresh)]).await;
    assert_eq!(page.to, "/admin");

    let mut guesser = Visitor::new(&centre).await;
    log_in(&mut guesser, ADMINISTRATOR, OWN).await;
    guesser.open("/console/login/factor").await;
    for _ in 0..5 {
        let page = guesser.send("/console/login/factor", &[("code", "000000")]).await;
        assert_eq!(page.status, StatusCode::UNAUTHORIZED);
    }
    centre.pass(STEP_MS);
    let right = code(&centre, &secret);
    let page = guesser.send("/console/login/factor", &[("code", &right)]).await;
    assert_eq!(page.status, StatusCode::TOO_MANY_REQUESTS);
    let wrong = |act: &String| act == "session.factor_wrong";
    assert_eq!(acts_of(&centre, ADMINISTRATOR).await.iter().filter(|act| wrong(act)).count(), 6);
}

async fn a_recovery_code_is_good_once(centre: TestCentre) {
    administrator(&centre).await;
    let mut visitor = Visitor::new(&centre).await;
    let (_, codes) = first_sign_in(&centre, &mut visitor).await;
    for (attempt, expected) in [(1, StatusCode::SEE_OTHER), (2, StatusCode::UNAUTHORIZED)] {
        let mut visitor = Visitor::new(&centre).await;
        log_in(&mut visitor, ADMINISTRATOR, OWN).await;
        visitor.open("/console/login/factor").await;
        let typed = codes[0].to_lowercase();
        let page = visitor.send("/console/login/factor", &[("code", &typed)]).await;
        assert_eq!(page.status, expected, "attempt {attempt}");
    }
    assert!(visitor.open("/console/account").await.has("۷ کد مانده"));
    let page = visitor.send("/console/account/recovery-codes", &[]).await;
    assert!(page.has("کدهای بازیابی") && !page.has(&codes[1]));
    let mut late = Visitor::new(&centre).await;
    log_in(&mut late, ADMINISTRATOR, OWN).await;
    late.open("/console/login/factor").await;
    let page = late.send("/console/login/factor", &[("code", &codes[1])]).await;
    assert_eq!(page.status, StatusCode::UNAUTHORIZED, "replaced by the new ones");
}

async fn a_proof_gives_another_token_and_grows_old(centre: TestCentre) {
    administrator(&centre).await;
    let mut visitor = Visitor::new(&centre).await;
    let (secret, _) = first_sign_in(&centre, &mut visitor).await;
    assert_eq!(visitor.open("/console/account/factor").await.status, StatusCode::OK);
    for _ in 0..2 {
        centre.pass(10 * 60_000);
        assert_eq!(visitor.open("/console/account").await.status, StatusCode::OK);
    }
    let page = visitor.open("/console/account/factor").await;
    assert_eq!(page.to, "/console/account/prove?to=/console/account/factor");
    let to = [("to", "/console/account/factor")];
    let page = visitor.open(&page.to).await;
    assert!(page.has("کد شش‌رقمی") && page.has("value=\"/console/account/factor\""));
    let wrong = [&to[..], &[("proof", "000000")]].concat();
    let page = visitor.send("/console/account/prove", &wrong).await;
    assert_eq!(page.status, StatusCode::UNAUTHORIZED);
    let (before, typed) = (visitor.cookies.clone(), code(&centre, &secret));
    let right = [&to[..], &[("proof", typed.as_str())]].concat();
    let page = visitor.send("/console/account/prove", &right).await;
    assert_eq!(page.to, "/console/account/factor");
    assert_ne!(visitor.cookies, before);
    assert_eq!(visitor.open("/console/account/factor").await.status, StatusCode::OK);
    visitor.cookies = before;
    assert_eq!(visitor.open("/console/account").await.to, "/console/login", "the old token");
}

async fn sessions_are_listed_and_ended(centre: TestCentre) {
    let mut here = Visitor::new(&centre).await;
    let mut there = Visitor::new(&centre).await;
    let mut third = Visitor::new(&centre).await;
    for visitor in [&mut here, &mut there, &mut third] {
        assert_eq!(log_in(visitor, USERNAME, PASSWORD).await.to, "/console");
    }
    let page = here.open("/console/account").await;
    assert_eq!(page.text.matches("Chrome، ویندوز").count(), 3);
    let other = page.between("name=\"session\" value=\"", "\"").to_owned();
    let page = here.send("/console/account/sessions", &[("session", &other)]).await;
    assert_eq!(page.to, "/console/account?done=session");
    let open = [there.open("/console").await.status, third.open("/console").await.status];
    let ended = |status: &&StatusCode| **status == StatusCode::SEE_OTHER;
    assert_eq!(open.iter().filter(ended).count(), 1, "one of both");

    here.open("/console/account").await;
    let wrong = [("current", "wrong-password"), ("password", OWN), ("again", OWN)];
    let page = here.send("/console/account/password", &wrong).await;
    assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY);
    let right = [("current", PASSWORD), ("password", OWN), ("again", OWN)];
    let before = here.cookies.clone();
    let page = here.send("/console/account/password", &right).await;
    assert_eq!(page.to, "/console/account?done=password");
    assert_eq!(here.open("/console").await.status, StatusCode::OK);
    assert_eq!(there.open("/console").await.status, StatusCode::SEE_OTHER);
    assert_eq!(third.open("/console").await.status, StatusCode::SEE_OTHER);
    let after = std::mem::replace(&mut here.cookies, before);
    assert_eq!(here.open("/console").await.status, StatusCode::SEE_OTHER, "the old token");
    here.cookies = after;
    assert_eq!(log_in(&mut there, USERNAME, PASSWORD).await.status, StatusCode::UNAUTHORIZED);
    assert_eq!(log_in(&mut there, USERNAME, OWN).await.to, "/console");
    here.open("/console/account").await;
    let page = here.send("/console/account/sessions", &[("session", "others")]).await;
    assert_eq!(page.to, "/console/account?done=sessions");
    assert_eq!(there.open("/console").await.status, StatusCode::SEE_OTHER);
}

async fn without_the_factor_a_role_that_needs_it_is_nobody(centre: TestCentre) {
    administrator(&centre).await;
    let mut visitor = Visitor::signed_in(&centre, ADMINISTRATOR).await;
    assert_eq!(visitor.open("/admin").await.status, StatusCode::OK);
    let mut unit: Box<dyn Unit> = centre.centre.storage.begin().await.unwrap();
    factors::clear(unit.as_mut(), ADMINISTRATOR).await.unwrap();
    unit.commit().await.unwrap();
    for path in ["/admin", "/console/account", "/console/account/factor"] {
        assert_eq!(visitor.open(path).await.to, "/console/login", "{path}");
    }
}
