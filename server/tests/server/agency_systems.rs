//! An agency's own system: reads what changed with a token, its agency's and no other's; and what
//! it got is in the staff's log.

use std::collections::BTreeSet;

use pishkhan_domain::ids::AgencyCode;
use pishkhan_protocol::body::EventBody;
use pishkhan_server::storage::agency_tokens::{insert, revoke, token_hash};
use pishkhan_server::storage::audit_log;
use reqwest::StatusCode;
use serde_json::Value;

use crate::accounts::{FIRST, acts_on, administrator};
use crate::conformance::{at_once, decide};
use crate::fixture::{AGENCY, Served, TestCentre, on_both_stores};
use crate::visitor::Visitor;

on_both_stores!(
    a_system_reads_what_changed_and_misses_nothing,
    a_token_reads_its_agency_until_it_is_taken_away,
    a_table_holds_no_formula,
    the_administrator_makes_a_token_that_is_shown_once_and_takes_it_away,
    a_token_is_made_by_whoever_has_lately_proved_who_it_is,
);

const TOKEN: &str = "pk_sample";
const FEED: &str = "/api/v1/agencies/civil-registration/feed";
const TABLE: &str = "/api/v1/agencies/civil-registration/applications.csv";
const TOKENS: &str = "/admin/agencies/civil-registration/tokens";

async fn with_token(centre: &TestCentre) -> Served {
    let mut unit = centre.centre.storage.begin().await.unwrap();
    let agency = AgencyCode::from(AGENCY);
    insert(unit.as_mut(), token_hash(TOKEN), &agency, "سامانهٔ نمونه", 0).await.unwrap();
    unit.commit().await.unwrap();
    centre.serve().await
}

async fn page(served: &Served, after: &str, limit: u32) -> Value {
    let path = format!("{FEED}?after={after}&limit={limit}");
    let answer = served.get(&path).bearer_auth(TOKEN).send().await.unwrap();
    assert_eq!(answer.status(), StatusCode::OK);
    serde_json::from_slice(&answer.bytes().await.unwrap()).unwrap()
}

fn ids(page: &Value) -> Vec<String> {
    let items = page["items"].as_array().unwrap().iter();
    items.map(|item| item["application"].as_str().unwrap().to_owned()).collect()
}

async fn a_system_reads_what_changed_and_misses_nothing(centre: TestCentre) {
    let served = with_token(&centre).await;
    let mut device = centre.device().await;
    let filed: Vec<String> = (0..5).map(|_| device.record().to_string()).collect();
    device.sync(&centre.centre).await;
    let early = page(&served, "", 10).await;
    assert_eq!((ids(&early).len(), early["next"].as_str()), (0, Some("")), "not settled yet");
    centre.pass(60_001);
    let (mut seen, mut after) = (Vec::new(), String::new());
    loop {
        let page = page(&served, &after, 2).await;
        seen.extend(ids(&page));
        after = page["next"].as_str().unwrap().to_owned();
        if page["more"] == false {
            break;
        }
    }
    let all: BTreeSet<&String> = filed.iter().collect();
    assert_eq!((seen.len(), seen.iter().collect::<BTreeSet<_>>()), (5, all));
    let nothing = page(&served, &after, 2).await;
    assert_eq!((ids(&nothing).len(), nothing["next"].as_str()), (0, Some(after.as_str())));
    // Only what changes comes again, as it is now.
    decide(&centre, filed[1].parse().unwrap(), at_once()).await.unwrap();
    centre.pass(60_001);
    let changed = page(&served, &after, 10).await;
    assert_eq!(ids(&changed), [filed[1].clone()]);
    let item = &changed["items"][0];
    assert_eq!(
        (item["state"].as_str(), item["office"].as_str()),
        (Some("accepted"), Some("sample-0001"))
    );
    assert_eq!(item["applicant"]["first_name"].as_str(), Some("زهرا"));
    let mut unit = centre.centre.storage.read().await.unwrap();
    let log = audit_log::after(unit.as_mut(), 0, 100).await.unwrap();
    let exported: Vec<(&str, &str, &str)> = log
        .iter()
        .filter(|entry| entry.act == "application.exported")
        .map(|entry| (entry.username.as_str(), entry.role.as_str(), entry.detail.as_str()))
        .collect();
    let title = "سامانهٔ نمونه";
    let pages = ["feed 2", "feed 2", "feed 1", "feed 1"].map(|detail| (title, "system", detail));
    assert_eq!(exported, pages, "pages that had something");
}

async fn a_token_reads_its_agency_until_it_is_taken_away(centre: TestCentre) {
    let served = with_token(&centre).await;
    let status = async |path: &str, token: Option<&str>| {
        let mut request = served.get(path);
        if let Some(token) = token {
            request = request.header("authorization", token);
        }
        request.send().await.unwrap().status()
    };
    let bearer = format!("Bearer {TOKEN}");
    for path in [FEED, TABLE] {
        assert_eq!(status(path, Some(&bearer)).await, 200);
        for wrong in [None, Some("Bearer pk_other"), Some(TOKEN), Some("Basic cGs6")] {
            assert_eq!(status(path, wrong).await, 401, "{wrong:?}");
        }
        let other = path.replace(AGENCY, "another-agency");
        assert_eq!(status(&other, Some(&bearer)).await, 401, "another agency's");
    }
    for cursor in ["x", "1", "1.x", "9999999999999999999999.x"] {
        let path = format!("{FEED}?after={cursor}");
        assert_eq!(status(&path, Some(&bearer)).await, 400, "{cursor}");
    }
    let mut often = BTreeSet::new();
    for _ in 0..130 {
        often.insert(status(FEED, Some(&bearer)).await.as_u16());
    }
    assert_eq!(often, BTreeSet::from([200, 429]), "only so often");
    centre.pass(60_000);
    assert_eq!(status(FEED, Some(&bearer)).await, 200);
    let mut unit = centre.centre.storage.begin().await.unwrap();
    let agency = AgencyCode::from(AGENCY);
    assert_eq!(revoke(unit.as_mut(), &agency, "سامانهٔ نمونه", 1).await.unwrap(), 1);
    unit.commit().await.unwrap();
    assert_eq!(status(FEED, Some(&bearer)).await, 401);
}

async fn a_table_holds_no_formula(centre: TestCentre) {
    let served = with_token(&centre).await;
    let mut device = centre.device().await;
    let mut recorded = device.recorded();
    recorded.applicant.first_name = "=HYPERLINK(\"http://198.51.100.7\")".to_owned();
    recorded.applicant.village = "+روستا".to_owned();
    device.add(&EventBody::ApplicationRecorded(Box::new(recorded)));
    device.record();
    device.sync(&centre.centre).await;
    centre.pass(60_001);
    let answer = served.get(TABLE).bearer_auth(TOKEN).send().await.unwrap();
    assert_eq!(answer.headers()["content-type"], "text/csv; charset=utf-8");
    assert!(answer.headers()["content-disposition"].to_str().unwrap().starts_with("attachment"));
    let next = answer.headers()["pishkhan-next"].to_str().unwrap().to_owned();
    let text = answer.text().await.unwrap();
    assert_eq!(text.lines().count(), 3);
    let mut reader = csv::Reader::from_reader(text.trim_start_matches('\u{feff}').as_bytes());
    for record in reader.records() {
        for cell in &record.unwrap() {
            assert!(!cell.starts_with(['=', '+', '-', '@', '\t', '\r']), "{cell}");
        }
    }
    assert!(text.contains("'=HYPERLINK") && text.contains("'+روستا"), "{text}");
    let path = format!("{TABLE}?after={next}");
    let rest = served.get(&path).bearer_auth(TOKEN).send().await.unwrap().text().await.unwrap();
    assert_eq!(rest.lines().count(), 1, "only the heading");
}

async fn the_administrator_makes_a_token_that_is_shown_once_and_takes_it_away(centre: TestCentre) {
    administrator(&centre, FIRST).await;
    let mut visitor = Visitor::signed_in(&centre, FIRST).await;
    assert!(visitor.open(TOKENS).await.has("هنوز توکنی ندارد"));
    let made = visitor.send(TOKENS, &[("title", "  ثبت  و <b>احوال ")]).await;
    let token = format!("pk_{}", made.between("dir=\"ltr\">pk_", "<"));
    let feed = async || {
        let request = visitor.served.get(FEED).bearer_auth(&token);
        request.send().await.unwrap().status().as_u16()
    };
    assert_eq!(feed().await, 200);
    let list = visitor.open(TOKENS).await;
    assert!(list.has("ثبت و &#60;b&#62;احوال") && !list.has(&token), "once, and escaped");
    assert!(!list.has("هرگز"), "it was used");

    let again = visitor.send(TOKENS, &[("title", "ثبت و <b>احوال")]).await;
    assert_eq!(again.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(again.has("توکنی با این نام در کار است"));
    let long = "ب".repeat(61);
    for wrong in ["", " ", &long] {
        let page = visitor.send(TOKENS, &[("title", wrong)]).await;
        assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY);
        assert!(page.has("نام سامانه: آن را بنویسید") && page.has(wrong));
    }
    let elsewhere = TOKENS.replace(AGENCY, "nobody");
    assert_eq!(visitor.open(&elsewhere).await.status, StatusCode::NOT_FOUND);
    let page = visitor.send(&elsewhere, &[("title", "نمونه")]).await;
    assert_eq!(page.status, StatusCode::NOT_FOUND);
    let forged = visitor.served.post(TOKENS, &[("csrf", "x"), ("title", "نمونه")]);
    assert_eq!(visitor.ask(forged).await.status, StatusCode::FORBIDDEN);

    let taken = [("what", "revoke"), ("title", "ثبت و <b>احوال")];
    let revoked = format!("{TOKENS}?done=revoked");
    assert_eq!(visitor.send(TOKENS, &taken).await.to, revoked);
    assert_eq!(visitor.send(TOKENS, &taken).await.to, revoked, "the second click");
    let request = visitor.served.get(FEED).bearer_auth(&token);
    assert_eq!(request.send().await.unwrap().status(), 401);
    let list = visitor.open(TOKENS).await;
    assert!(list.has("باطل شد") && !list.has("value=\"revoke\""));
    assert_eq!(acts_on(&centre, AGENCY).await, ["agency_token.added", "agency_token.revoked"]);
    let page = visitor.send(TOKENS, &[("title", "ثبت و <b>احوال")]).await;
    assert_eq!(page.status, StatusCode::OK, "the title is free again");
}

async fn a_token_is_made_by_whoever_has_lately_proved_who_it_is(centre: TestCentre) {
    administrator(&centre, FIRST).await;
    let mut visitor = Visitor::signed_in(&centre, FIRST).await;
    for _ in 0..4 {
        centre.pass(10 * 60_000);
        visitor.open("/admin/agencies").await;
    }
    let prove = format!("/console/account/prove?to={TOKENS}");
    assert_eq!(visitor.open(TOKENS).await.to, prove);
    assert_eq!(visitor.send(TOKENS, &[("title", "نمونه")]).await.to, prove);
    assert_eq!(acts_on(&centre, AGENCY).await, [] as [&str; 0]);
}
