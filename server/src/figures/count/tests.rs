use jiff::civil::date;
use pishkhan_domain::application::Defect;
use pishkhan_domain::ids::ApplicationId;
use pishkhan_domain::jalali::tehran_day_begins_at;
use pishkhan_domain::working_days::Weekday;
use uuid::Uuid;

use super::*;

const HOUR: i64 = 3_600_000;

fn calendar() -> WorkingCalendar {
    WorkingCalendar {
        weekend: vec![Weekday::Thursday, Weekday::Friday],
        holidays: BTreeMap::new(),
        known_until: "1405-12-29".to_owned(),
        sample: true,
    }
}

fn at(month: i8, day: i8) -> i64 {
    tehran_day_begins_at(date(2026, month, day)) + 10 * HOUR
}

fn filed(due_on: &str) -> Filed {
    Filed {
        id: ApplicationId(Uuid::nil()),
        service: "birth".into(),
        card_version: String::new(),
        filed_at: at(11, 14),
        received_at: at(11, 15),
        due_on: due_on.to_owned(),
        reason_code: "not-entitled".to_owned(),
    }
}

fn act(kind: &str, at: i64) -> Acted {
    let defect = |field: &str| Defect { field: field.to_owned(), reason: "نمونه".to_owned() };
    let defects = match kind {
        "returned" => vec![defect("documents.deed"), defect("documents.deed")],
        _ => Vec::new(),
    };
    let application = ApplicationId(Uuid::nil());
    Acted { application, kind: kind.to_owned(), defects, acted_at: at, received_at: at }
}

fn card() -> ServiceCard {
    serde_json::from_str(include_str!("../../../tests/server/card.json")).unwrap()
}

fn count(due_on: &str, acts: &[Acted]) -> Vec<Part> {
    let calendar = calendar();
    let around = Surroundings { calendar: &calendar, distance_km: 30, now: at(12, 30) };
    let mut count = Count::default();
    count.add(&filed(due_on), Some(&card()), acts, &around);
    count.parts()
}

fn sums(parts: &[Part], month: &str, service: &str) -> Sums {
    let found = parts.iter().find(|part| part.month == month && part.service == service);
    found.map(|part| part.sums.clone()).unwrap_or_default()
}

#[test]
fn a_life_is_counted_in_the_month_of_each_of_its_acts() {
    // Filed in Aban, decided in Azar: returned for two faults of one paper, mended, refused.
    let acts = [
        act("recorded", at(11, 14)),
        act("received", at(11, 15)),
        act("accepted", at(11, 16)),
        act("returned", at(11, 17)),
        act("resubmitted", at(11, 18)),
        act("refused", at(11, 24)),
        act("delivered", at(11, 25)),
    ];
    let parts = count("2026-11-21", &acts);
    let filing = sums(&parts, "1405-08", "birth");
    assert_eq!((filing.filed, filing.received, filing.accepted, filing.decided()), (1, 1, 1, 0));
    let decided = sums(&parts, "1405-09", "birth");
    assert_eq!((decided.refused, decided.returned, decided.late), (1, 1, 1));
    assert_eq!(decided.returned_for, [("documents.deed".to_owned(), 1)].into());
    assert_eq!(decided.refused_for, [("not-entitled".to_owned(), 1)].into());
    let days = |days: &super::super::sums::Days| days.median();
    assert_eq!(days(&decided.line), Some(1));
    assert_eq!(days(&decided.agency), Some(6));
    assert_eq!(days(&decided.citizen), Some(1));
    // Filed, mended and fetched are three visits.
    let saved = i64::from(card().visits_before) - 3;
    assert_eq!((decided.visits_saved, decided.km_saved), (saved, saved * 60));
    assert_eq!(sums(&parts, "1405-09", ""), decided);
    assert!(sums(&parts, "", "").is_empty(), "nothing is open");
}

#[test]
fn what_is_open_is_kept_by_its_due_day_and_what_the_citizen_has_apart() {
    let open = count("2026-11-21", &[act("received", at(11, 15)), act("accepted", at(11, 16))]);
    let now = sums(&open, "", "birth");
    assert_eq!((now.late_now("2026-11-21"), now.late_now("2026-11-22"), now.open_now()), (0, 1, 1));
    let returned = count("2026-11-21", &[act("received", at(11, 15)), act("returned", at(11, 17))]);
    let now = sums(&returned, "", "birth");
    assert_eq!((now.late_now("2027-01-01"), now.open_now(), now.open_for_citizen), (0, 1, 1));
    // Back from the citizen, the due day has moved by the days it was there.
    let mended =
        [act("received", at(11, 15)), act("returned", at(11, 17)), act("resubmitted", at(11, 21))];
    let now = sums(&count("2026-11-21", &mended), "", "birth");
    assert_eq!((now.late_now("2026-11-23"), now.late_now("2026-11-24")), (0, 1));
    let gone = count("2026-11-21", &[act("received", at(11, 15)), act("withdrawn", at(11, 17))]);
    assert_eq!(sums(&gone, "", "birth"), Sums::default());
    assert_eq!(sums(&gone, "1405-08", "birth").withdrawn, 1);
}

#[test]
fn ratings_are_counted_by_month_and_service() {
    let mut count = Count::default();
    let answers = |rating, number| Answers {
        month: "1405-08".to_owned(),
        service: "birth".into(),
        rating,
        number,
    };
    count.add_ratings(&[answers(1, 2), answers(5, 7)]);
    assert_eq!(sums(&count.parts(), "1405-08", "birth").ratings, [2, 0, 0, 0, 7]);
}
