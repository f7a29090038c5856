//! The access table and the router are one, and every role goes where the table says and nowhere
//! else.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use pishkhan_server::access::{Access, ROUTES, Role};
use pishkhan_server::administration::{NewMember, add_member};
use pishkhan_server::storage::sessions;
use pishkhan_server::web::{self, AppState};
use reqwest::{Method, StatusCode};

use crate::fixture::{AGENCY, Served, Store, TestCentre, open_session};

const METHODS: [&str; 6] = ["GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"];
/// What the gate says when it refuses.
const REFUSAL: &str = "این صفحه برای نقش شما نیست";

/// A cookie for each role, and none.
async fn everybody(centre: &TestCentre) -> Vec<(Option<Role>, String)> {
    let mut found = vec![(None, String::new())];
    for role in Role::ALL {
        let member = NewMember {
            username: role.name(),
            display_name: "نمونه",
            role,
            agency: if role.is_of_agency() { AGENCY } else { "" },
            province: "",
            county: "",
        };
        let mut unit = centre.centre.storage.begin().await.unwrap();
        add_member(unit.as_mut(), &member, "sample-password", false, 0).await.unwrap();
        unit.commit().await.unwrap();
        found.push((Some(role), open_session(centre, role.name()).await));
    }
    found
}

async fn ask(served: &Served, cookie: &str, method: &str, path: &str) -> (StatusCode, String) {
    let at = path;
    let path = path.split('/').map(|part| if part.starts_with('{') { "x" } else { part });
    let url = served.to(&path.collect::<Vec<_>>().join("/"));
    let method = Method::from_bytes(method.as_bytes()).unwrap();
    let request = served.client.request(method, url).header("cookie", cookie);
    let answer = request.send().await.unwrap();
    let location = answer.headers().get("location").map(|to| to.to_str().unwrap().to_owned());
    let status = answer.status();
    // Whoever sits at the machine next finds nothing of it.
    let of_staff = ["/console", "/admin", "/briefing"].iter().any(|part| at.starts_with(part));
    if of_staff && status != StatusCode::METHOD_NOT_ALLOWED {
        let kept = answer.headers().get("cache-control").map(|kept| kept.to_str().unwrap());
        assert_eq!(kept, Some("no-store"), "{at}");
    }
    (status, location.unwrap_or(answer.text().await.unwrap_or_default()))
}

/// Every address × every role, and whoever is not signed in.
#[tokio::test]
async fn every_role_goes_where_the_table_says_and_nowhere_else() {
    let centre = TestCentre::start(Store::Embedded).await;
    let served = centre.serve().await;
    let mut people = everybody(&centre).await;
    let mut asked = 0;
    for route in ROUTES {
        let at = format!("{} {}", route.method, route.path);
        for (role, cookie) in &mut people {
            let (status, answer) = ask(&served, cookie, route.method, route.path).await;
            let to_login = status == StatusCode::SEE_OTHER && answer == "/console/login";
            let refused = status == StatusCode::FORBIDDEN && answer.contains(REFUSAL);
            assert_ne!(status, StatusCode::METHOD_NOT_ALLOWED, "{at}: the router has it not");
            match (route.access, *role) {
                (Access::Staff(_), None) => assert!(to_login, "{at}: nobody, {status}"),
                (Access::Staff(roles), Some(role)) if roles.contains(&role) => {
                    assert!(!to_login && !refused, "{at}: {role} may, {status}");
                }
                (Access::Staff(_), Some(role)) => assert!(refused, "{at}: {role}, {status}"),
                _ => assert!(!refused, "{at}: {role:?} may, {status}"),
            }
            // One that signs out, or ends sessions, comes again.
            if let Some(role) = role
                && ask(&served, cookie, "GET", "/console/account").await.0 != StatusCode::OK
            {
                *cookie = open_session(&centre, role.name()).await;
            }
            asked += 1;
        }
    }
    assert_eq!(asked, ROUTES.len() * 7);
}

/// The paths of the router as it describes itself.
fn paths_of_router(router: &axum::Router) -> BTreeSet<String> {
    let described = format!("{router:?}");
    let quoted = described.split('"').skip(1).step_by(2);
    quoted.filter(|text| text.starts_with('/')).map(str::to_owned).collect()
}

#[tokio::test]
async fn no_address_of_the_router_is_missing_from_the_table_and_none_is_too_many() {
    let centre = TestCentre::start(Store::Embedded).await;
    let router = web::router(AppState::new(centre.centre.clone(), false, 15));
    let table: BTreeSet<String> = ROUTES.iter().map(|route| route.path.to_owned()).collect();
    // The fallback's own paths are not addresses.
    let found = paths_of_router(&router).into_iter().filter(|path| !path.contains("__private__"));
    let found: BTreeSet<String> = found.filter(|path| path != "/{*}").collect();
    assert_eq!(found, table);
}

#[tokio::test]
async fn a_method_that_the_table_does_not_have_is_not_answered() {
    let centre = TestCentre::start(Store::Embedded).await;
    let served = centre.serve().await;
    let paths: BTreeSet<&str> = ROUTES.iter().map(|route| route.path).collect();
    for path in paths {
        for method in METHODS {
            if ROUTES.iter().any(|route| (route.method, route.path) == (method, path)) {
                continue;
            }
            let (status, _) = ask(&served, "", method, path).await;
            assert_eq!(status, StatusCode::METHOD_NOT_ALLOWED, "{method} {path}");
        }
    }
}

#[tokio::test]
async fn whoever_is_disabled_or_signed_out_everywhere_is_nobody() {
    let centre = TestCentre::start(Store::Embedded).await;
    let served = centre.serve().await;
    let cookie = open_session(&centre, crate::fixture::USERNAME).await;
    assert_eq!(ask(&served, &cookie, "GET", "/console").await.0, StatusCode::OK);
    let mut unit = centre.centre.storage.begin().await.unwrap();
    sessions::close_all(unit.as_mut(), crate::fixture::USERNAME).await.unwrap();
    unit.commit().await.unwrap();
    assert_eq!(ask(&served, &cookie, "GET", "/console").await.0, StatusCode::SEE_OTHER);
}

/// docs/access.md is the table for people; `UPDATE=1` writes it anew.
#[test]
fn the_written_table_is_the_same() {
    let mut text = String::from(
        "# Who may go where\n\nEvery address of the centre and the roles that may use it, as \
         `server/src/access/table.rs` has it and the gate keeps it. An address that is not here is \
         refused to everybody. Written by the test `the_written_table_is_the_same` with UPDATE=1.\
         \n\n| address | officer | supervisor | head | administrator | auditor | governor | \
         others |\n|---|---|---|---|---|---|---|---|\n",
    );
    for route in ROUTES {
        let mark = |role| match route.access {
            Access::Staff(roles) if roles.contains(&role) => "yes",
            Access::Staff(_) => "no",
            _ => "",
        };
        let marks = Role::ALL.map(mark).join(" | ");
        let others = match route.access {
            Access::Everybody => "everybody",
            Access::Devices => "devices, by signature or token",
            Access::Systems => "an agency's system, by token",
            Access::Monitor => "the machine itself, or by token",
            Access::SigningIn => "who is signing in",
            Access::Staff(_) => "",
        };
        writeln!(text, "| `{} {}` | {marks} | {others} |", route.method, route.path).unwrap();
    }
    let file = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/access.md");
    if std::env::var_os("UPDATE").is_some() {
        std::fs::write(&file, &text).unwrap();
    }
    assert_eq!(std::fs::read_to_string(&file).unwrap_or_default(), text, "run with UPDATE=1");
}
