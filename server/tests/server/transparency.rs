//! The public figures over a real socket: page, files, dictionary.

use pishkhan_server::figures::refresh::refresh;
use pishkhan_server::figures::sums::{Days, Sums};
use pishkhan_server::storage::districts::{self, District};
use pishkhan_server::storage::figures::{self, Counted, Part};
use reqwest::StatusCode;

use crate::fixture::{Served, Store, TestCentre};

const BIRTH: &str = "birth-registration";

fn decided(approved: u64, refused: u64, days: u32) -> Sums {
    let mut agency = Days::default();
    (0..approved + refused).for_each(|_| agency.add(days));
    Sums {
        filed: approved + refused,
        approved,
        refused,
        refused_for: [("not-registered".to_owned(), refused)].into(),
        agency,
        visits_saved: 2,
        ..Sums::default()
    }
}

/// Three districts with figures of Mehr, the month before the running one: the last is small.
pub(crate) async fn with_figures(centre: &TestCentre) {
    let mut unit = centre.centre.storage.begin().await.unwrap();
    let sums = [decided(30, 6, 4), decided(40, 7, 6), decided(2, 0, 9)];
    let titles = ["خاوران", "=1+1", "کوه‌پایه"];
    for ((code, title), sums) in ["a", "b", "c"].into_iter().zip(titles).zip(sums) {
        let district = District {
            code: code.to_owned(),
            title: title.to_owned(),
            county: "زرند".to_owned(),
            province: "کرمان".to_owned(),
        };
        districts::upsert(unit.as_mut(), &district, 0).await.unwrap();
        let counted = Counted {
            office: code.into(),
            district: code.to_owned(),
            distance_km: 0,
            counter: 0,
            counted_district: None,
            counted_stamp: None,
        };
        let part = |month: &str, service: &str| Part {
            month: month.to_owned(),
            service: service.to_owned(),
            sums: sums.clone(),
        };
        // The running month is not yet told of.
        let parts = [part("1405-07", BIRTH), part("1405-07", ""), part("1405-08", BIRTH)];
        figures::write_office(unit.as_mut(), &counted, "1", &parts, 0).await.unwrap();
    }
    unit.commit().await.unwrap();
    refresh(&centre.centre).await.unwrap();
}

async fn text(served: &Served, path: &str) -> String {
    let answer = served.get(path).send().await.unwrap();
    assert_eq!(answer.status(), StatusCode::OK, "{path}");
    answer.text().await.unwrap()
}

#[tokio::test]
async fn everybody_sees_figures_and_nobody_is_recognised_in_them() {
    let centre = TestCentre::start(Store::Embedded).await;
    with_figures(&centre).await;
    let served = centre.serve().await;
    let page = text(&served, "/transparency").await;
    assert!(page.contains("۸۵ درخواست در دفترها ثبت و به ۸۵ درخواست پاسخ داده شد"), "{page}");
    assert!(page.contains("کوه‌پایه (زرند)") && page.contains("پنهان"));
    assert!(page.contains("<svg") && page.contains("<desc") && page.contains("مهر ۱۴۰۵: ۸۵ ثبت"));
    assert!(!page.contains("<script") && !page.contains("style=\""));
    // The small district, and the one that would give it away.
    let json: serde_json::Value =
        serde_json::from_str(&text(&served, "/transparency.json").await).unwrap();
    let row = |district: &str| {
        let rows = json["rows"].as_array().unwrap();
        let found = rows.iter().find(|row| row["service"] == BIRTH && row["district"] == district);
        found.unwrap().clone()
    };
    assert_eq!((&row("c")["decided"], &row("a")["decided"]), (&().into(), &().into()));
    assert_eq!((&row("b")["decided"], &row("")["decided"]), (&47.into(), &85.into()));
    assert_eq!(row("c")["agency_median"], serde_json::Value::Null);
    assert_eq!(row("b")["agency_median"], 6);
    assert_eq!(json["reasons"][0]["refused_for"][0]["number"], 13);
    let one = text(&served, &format!("/transparency?service={BIRTH}&district=c")).await;
    assert!(one.contains("کوه‌پایه") && one.contains("پنهان") && !one.contains("۹</dd>"));
    let none = served.get("/transparency?district=nowhere").send().await.unwrap();
    assert_eq!(none.status(), StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn the_files_and_the_dictionary_have_the_same_columns_and_no_formula() {
    let centre = TestCentre::start(Store::Embedded).await;
    with_figures(&centre).await;
    let served = centre.serve().await;
    let csv = text(&served, "/transparency.csv").await;
    let head: Vec<&str> = csv.lines().next().unwrap().trim_matches('\u{feff}').split(',').collect();
    let dictionary = text(&served, "/transparency/dictionary").await;
    let json: serde_json::Value =
        serde_json::from_str(&text(&served, "/transparency.json").await).unwrap();
    for name in &head {
        assert!(dictionary.contains(&format!("<bdi dir=\"ltr\">{name}</bdi>")), "{name}");
        assert!(json["rows"][0].get(name).is_some(), "{name}");
    }
    assert_eq!(json["rows"][0].as_object().unwrap().len(), head.len());
    assert!(csv.contains(",'=1+1,") && !csv.contains(",=1"), "{csv}");
    // One row for each service and district, and their sums.
    assert_eq!(csv.lines().count(), 1 + 2 * 4);
}

#[tokio::test]
async fn before_the_first_month_has_ended_the_page_says_so() {
    let centre = TestCentre::start(Store::Embedded).await;
    let served = centre.serve().await;
    let page = text(&served, "/transparency").await;
    assert!(page.contains("هنوز ماه کاملی"), "{page}");
}
