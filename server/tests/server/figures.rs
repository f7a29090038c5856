//! Figures: counted again where something happened, and the same however they were come by; on
//! both stores.

use pishkhan_domain::ids::{ApplicationId, OfficeCode};
use pishkhan_server::figures::refresh::{Refreshed, refresh};
use pishkhan_server::figures::sums::Sums;
use pishkhan_server::projection::OfficerAct;
use pishkhan_server::storage::districts::{self, District};
use pishkhan_server::storage::figures::{self, Counted, Part};
use pishkhan_server::storage::{offices, ratings};

use crate::conformance::{a_return, decide};
use crate::fixture::{OFFICE, TestCentre, on_both_stores};

on_both_stores!(
    only_what_changed_is_counted_again_and_the_sums_are_the_same,
    an_office_that_moves_takes_its_figures_along,
    an_answer_is_counted_once_and_nobody_knows_whose_it_was,
    a_round_that_was_cut_short_is_finished_by_the_next,
);

const DAY: i64 = 24 * 60 * 60 * 1_000;
const BIRTH: &str = "birth-registration";

async fn parts(centre: &TestCentre) -> Vec<Part> {
    let mut unit = centre.centre.storage.read().await.unwrap();
    figures::of_office(unit.as_mut(), &OfficeCode::from(OFFICE), "").await.unwrap()
}

fn sums(parts: &[Part], month: &str, service: &str) -> Sums {
    let found = parts.iter().find(|part| part.month == month && part.service == service);
    found.map(|part| part.sums.clone()).unwrap_or_default()
}

async fn place(centre: &TestCentre, district: &str, distance_km: u32) {
    let mut unit = centre.centre.storage.begin().await.unwrap();
    for code in ["east", "west"] {
        let district = District {
            code: code.to_owned(),
            title: code.to_owned(),
            county: "نمونه".to_owned(),
            province: "نمونه".to_owned(),
        };
        districts::upsert(unit.as_mut(), &district, 0).await.unwrap();
    }
    let office = OfficeCode::from(OFFICE);
    offices::place(unit.as_mut(), &office, district, distance_km).await.unwrap();
    unit.commit().await.unwrap();
}

async fn approve(centre: &TestCentre, id: ApplicationId) {
    decide(centre, id, OfficerAct::Accept).await.unwrap();
    decide(centre, id, OfficerAct::Approve { note: String::new() }).await.unwrap();
}

const ONE: Refreshed = Refreshed { offices: 1, districts: 1 };
const NONE: Refreshed = Refreshed { offices: 0, districts: 0 };

/// Forgets what was counted, so that everything is counted again.
async fn forget(centre: &TestCentre) {
    let mut unit = centre.centre.storage.begin().await.unwrap();
    for table in [
        "DELETE FROM office_figure_stamps",
        "DELETE FROM office_figures",
        "DELETE FROM district_figures",
    ] {
        unit.execute(table, vec![vec![]]).await.unwrap();
    }
    unit.commit().await.unwrap();
}

async fn only_what_changed_is_counted_again_and_the_sums_are_the_same(centre: TestCentre) {
    place(&centre, "east", 40).await;
    let mut device = centre.device().await;
    let ids = [device.record(), device.record(), device.record()];
    device.sync(&centre.centre).await;
    assert_eq!(refresh(&centre.centre).await.unwrap(), ONE);
    assert_eq!(refresh(&centre.centre).await.unwrap(), NONE);
    let counted = parts(&centre).await;
    assert_eq!(sums(&counted, "1405-08", BIRTH).filed, 3);
    assert_eq!(sums(&counted, "", BIRTH).open_now(), 3);

    centre.pass(10 * DAY);
    approve(&centre, ids[0]).await;
    decide(&centre, ids[1], OfficerAct::Accept).await.unwrap();
    decide(&centre, ids[1], a_return()).await.unwrap();
    assert_eq!(refresh(&centre.centre).await.unwrap(), ONE);
    let counted = parts(&centre).await;
    let decided = sums(&counted, "1405-09", "");
    assert_eq!((decided.approved, decided.agency.count(), decided.accepted), (1, 1, 2));
    let now = sums(&counted, "", "");
    assert_eq!((now.open_now(), now.open_for_citizen), (2, 1));
    // The card says three visits before; filing and fetching are two.
    assert_eq!((decided.visits_saved, decided.km_saved), (1, 80));

    // Whether step by step or all at once: the same.
    forget(&centre).await;
    assert_eq!(refresh(&centre.centre).await.unwrap(), ONE);
    assert_eq!(parts(&centre).await, counted);
    let mut unit = centre.centre.storage.read().await.unwrap();
    let shelf = centre.centre.figures.current(unit.as_mut(), centre.centre.now()).await.unwrap();
    let of_district: Vec<_> = shelf.services("east", "1405-09").collect();
    assert_eq!(of_district, [(BIRTH, &sums(&counted, "1405-09", BIRTH))]);
}

async fn an_office_that_moves_takes_its_figures_along(centre: TestCentre) {
    place(&centre, "east", 10).await;
    let mut device = centre.device().await;
    device.record();
    device.sync(&centre.centre).await;
    refresh(&centre.centre).await.unwrap();
    place(&centre, "west", 10).await;
    let moved = Refreshed { offices: 1, districts: 2 };
    assert_eq!(refresh(&centre.centre).await.unwrap(), moved);
    let mut unit = centre.centre.storage.read().await.unwrap();
    let shelf = centre.centre.figures.current(unit.as_mut(), centre.centre.now()).await.unwrap();
    let filed = |district: &str| shelf.services(district, "1405-08").map(|(_, s)| s.filed).sum();
    let (east, west): (u64, u64) = (filed("east"), filed("west"));
    assert_eq!((east, west), (0, 1));
}

async fn an_answer_is_counted_once_and_nobody_knows_whose_it_was(centre: TestCentre) {
    let mut device = centre.device().await;
    let id = device.record();
    device.sync(&centre.centre).await;
    refresh(&centre.centre).await.unwrap();
    let office = OfficeCode::from(OFFICE);
    for (rating, first) in [(4, true), (1, false)] {
        let mut unit = centre.centre.storage.begin().await.unwrap();
        let service = BIRTH.into();
        let added = ratings::add(unit.as_mut(), &office, id, &service, "1405-09", rating).await;
        assert_eq!(added.unwrap(), first);
        unit.commit().await.unwrap();
    }
    assert_eq!(refresh(&centre.centre).await.unwrap(), ONE);
    assert_eq!(sums(&parts(&centre).await, "1405-09", BIRTH).ratings, [0, 0, 0, 1, 0]);
    let mut unit = centre.centre.storage.read().await.unwrap();
    assert!(ratings::is_rated(unit.as_mut(), &office, id).await.unwrap());
}

async fn a_round_that_was_cut_short_is_finished_by_the_next(centre: TestCentre) {
    // Another process has written an office's sums and stopped before it added the district up.
    let counted = Counted {
        office: "elsewhere".into(),
        district: "east".to_owned(),
        distance_km: 0,
        counter: 0,
        counted_district: None,
        counted_stamp: None,
    };
    let part = Part {
        month: "1405-08".to_owned(),
        service: BIRTH.to_owned(),
        sums: Sums { filed: 7, ..Sums::default() },
    };
    let mut unit = centre.centre.storage.begin().await.unwrap();
    figures::write_office(unit.as_mut(), &counted, "1", &[part], 0).await.unwrap();
    unit.commit().await.unwrap();
    // With it the centre's own office, which was never counted.
    let done = refresh(&centre.centre).await.unwrap();
    assert_eq!(done, Refreshed { offices: 1, districts: 2 });
    let mut unit = centre.centre.storage.read().await.unwrap();
    let shelf = centre.centre.figures.current(unit.as_mut(), centre.centre.now()).await.unwrap();
    let filed: u64 = shelf.services("east", "1405-08").map(|(_, sums)| sums.filed).sum();
    assert_eq!(filed, 7);
    drop(unit);
    assert_eq!(refresh(&centre.centre).await.unwrap(), NONE);
}
