//! The governor's briefing and the office's poster over a real socket: who sees which place, and
//! that a sheet comes out.

use pishkhan_server::access::Role;
use pishkhan_server::administration::{NewMember, add_member};
use pishkhan_server::storage::offices;
use reqwest::StatusCode;

use crate::fixture::{OFFICE, Served, Store, TestCentre, open_session};
use crate::transparency::with_figures;

async fn governor(centre: &TestCentre, username: &str, province: &str, county: &str) -> String {
    let member = NewMember {
        username,
        display_name: "نمونه",
        role: Role::Governor,
        agency: "",
        province,
        county,
    };
    let mut unit = centre.centre.storage.begin().await.unwrap();
    add_member(unit.as_mut(), &member, "sample-password", false, 0).await.unwrap();
    unit.commit().await.unwrap();
    open_session(centre, username).await
}

async fn ask(served: &Served, cookie: &str, path: &str) -> (StatusCode, String) {
    let answer = served.get(path).header("cookie", cookie).send().await.unwrap();
    (answer.status(), answer.text().await.unwrap())
}

#[tokio::test]
async fn a_governor_sees_the_own_part_of_the_country_and_no_other() {
    let centre = TestCentre::start(Store::Embedded).await;
    with_figures(&centre).await;
    let served = centre.serve().await;
    let of_county = governor(&centre, "county", "کرمان", "زرند").await;
    let of_other = governor(&centre, "other", "فارس", "").await;
    let of_all = governor(&centre, "all", "", "").await;
    let (status, page) = ask(&served, &of_county, "/briefing?month=1405-07").await;
    assert_eq!(status, StatusCode::OK);
    assert!(page.contains("شهرستان زرند، مهر ۱۴۰۵") && page.contains("دهستان کوه‌پایه"), "{page}");
    assert!(page.contains("<strong>۸۵</strong>"), "{page}");
    let places = [
        ("/briefing?district=a", [true, false, true]),
        ("/briefing?province=کرمان&county=زرند", [true, false, true]),
        ("/briefing?province=کرمان", [false, false, true]),
        ("/briefing?province=فارس", [false, true, false]),
        ("/briefing?province=کرمان&county=نیست", [false, false, false]),
        ("/briefing?county=زرند", [false, false, false]),
        ("/briefing?district=nowhere", [false, false, false]),
        ("/briefing?month=1399-01", [false, false, false]),
        ("/briefing.pdf?province=فارس", [false, true, false]),
    ];
    for (path, expected) in places {
        let mut seen = [false; 3];
        for (at, cookie) in [&of_county, &of_other, &of_all].into_iter().enumerate() {
            let (status, _) = ask(&served, cookie, path).await;
            assert!([StatusCode::OK, StatusCode::NOT_FOUND].contains(&status), "{path}: {status}");
            seen[at] = status == StatusCode::OK;
        }
        assert_eq!(seen, expected, "{path}");
    }
}

#[tokio::test]
async fn briefing_and_poster_come_out_as_sheets() {
    let centre = TestCentre::start(Store::Embedded).await;
    with_figures(&centre).await;
    let served = centre.serve().await;
    let cookie = governor(&centre, "county", "کرمان", "زرند").await;
    let answer = served.get("/briefing.pdf").header("cookie", &cookie).send().await.unwrap();
    assert_eq!(answer.headers()["content-type"], "application/pdf");
    assert!(answer.bytes().await.unwrap().starts_with(b"%PDF-"));
    let office = format!("/transparency/offices/{OFFICE}");
    let page = served.get(&office).send().await.unwrap();
    assert_eq!(page.status(), StatusCode::OK);
    assert!(page.text().await.unwrap().contains("دفتر نمونه"));
    let none = served.get("/transparency/offices/nowhere/poster.pdf").send().await.unwrap();
    assert_eq!(none.status(), StatusCode::NOT_FOUND);
    // Six at once, and then one each ten seconds: one of them was for no office.
    for at in 0..6 {
        let path = format!("{office}/poster.pdf?size=a4");
        let poster = served.get(&path).send().await.unwrap();
        let expected = if at < 5 { StatusCode::OK } else { StatusCode::TOO_MANY_REQUESTS };
        assert_eq!(poster.status(), expected, "{at}");
    }
}

#[tokio::test]
async fn a_small_office_is_not_recognised_beside_a_large_one() {
    let centre = TestCentre::start(Store::Embedded).await;
    with_figures(&centre).await;
    // The two offices of district c: the sample's own, without anything, and "c" with two.
    let mut unit = centre.centre.storage.begin().await.unwrap();
    offices::upsert(unit.as_mut(), &"c".into(), "دفتر کوچک", "", 0).await.unwrap();
    offices::place(unit.as_mut(), &"c".into(), "c", 12).await.unwrap();
    unit.commit().await.unwrap();
    let served = centre.serve().await;
    let page = served.get("/transparency/offices/c").send().await.unwrap().text().await.unwrap();
    assert!(page.contains("دفتر کوچک") && page.contains("کم است"), "{page}");
}
