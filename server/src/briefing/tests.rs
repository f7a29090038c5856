use jiff::civil::date;
use pishkhan_domain::jalali::tehran_day_begins_at;
use pishkhan_domain::working_days::Weekday;

use super::matters::Rule;
use super::*;
use crate::figures::shelf::Figures;
use crate::storage::figures::Part as Stored;

fn districts() -> Vec<District> {
    [("a", "زرند"), ("b", "زرند"), ("c", "بافت")]
        .map(|(code, county)| District {
            code: code.to_owned(),
            title: code.to_owned(),
            county: county.to_owned(),
            province: "کرمان".to_owned(),
        })
        .to_vec()
}

fn county(county: &str) -> Place {
    Place::County { province: "کرمان".to_owned(), county: county.to_owned() }
}

fn waited(number: u64, days: u32) -> Sums {
    let mut sums = Sums { filed: number, approved: number, ..Sums::default() };
    (0..number).for_each(|_| sums.agency.add(days));
    sums
}

fn stored(month: &str, service: &str, sums: Sums) -> Stored {
    Stored { month: month.to_owned(), service: service.to_owned(), sums }
}

fn contact(district: &str, last_contact_at: Option<i64>) -> Contact {
    let title = "دفتر نمونه".to_owned();
    Contact { office: "x".into(), title, district: district.to_owned(), last_contact_at }
}

fn brief(figures: &Figures, contacts: &[Contact], place: &Place) -> Briefing {
    let today = date(2026, 11, 28);
    let calendar = WorkingCalendar {
        weekend: vec![Weekday::Thursday, Weekday::Friday],
        holidays: BTreeMap::new(),
        known_until: "1405-12-29".to_owned(),
        sample: true,
    };
    let sources = Sources {
        figures,
        cards: &Cards::default(),
        districts: &districts(),
        contacts,
        calendar: &calendar,
        now: tehran_day_begins_at(today),
        today,
    };
    sources.briefing(place, "1405-09".parse().unwrap())
}

fn open(due_on: &str, number: u64) -> Sums {
    Sums { open: [(due_on.to_owned(), number)].into(), ..Sums::default() }
}

#[test]
fn a_place_is_compared_with_the_month_before_and_with_its_equals() {
    let figures = Figures::of([
        ("a", vec![stored("1405-09", "s", waited(10, 8)), stored("1405-08", "s", waited(4, 5))]),
        ("c", vec![stored("1405-09", "s", waited(20, 3))]),
    ]);
    let offices = [contact("a", None), contact("c", None)];
    let briefing = brief(&figures, &offices, &county("زرند"));
    let row = |label: &str| briefing.rows.iter().find(|row| row.label == label).unwrap();
    let agency = row("انتظار دستگاه، میانه");
    let said = [&agency.now, &agency.before, &agency.change, &agency.equals];
    assert_eq!(said, ["۸ روز", "۵ روز", "۳ روز بیشتر", "۳ روز"]);
    // How large a place is says nothing against another.
    assert_eq!(row("درخواست ثبت‌شده").equals, "—");
    assert_eq!(briefing.months.len(), 12);
    assert_eq!(briefing.months.last().map(|month| month.label), Some("آذر"));
    assert_eq!(briefing.parts.len(), 2);
    assert_eq!(briefing.matters.len(), 1);
    assert_eq!(briefing.matters[0].rule, Rule::Slow);
    assert!(briefing.matters[0].text.contains("۸ روز کاری است؛ در جاهای هم‌سنگ ۳ روز"));
}

#[test]
fn what_is_late_rises_to_the_county_after_ten_days_and_to_the_province_after_twenty() {
    let figures = Figures::of([(
        "a",
        vec![
            stored("", "long", open("2026-10-20", 4)),
            stored("", "middle", open("2026-11-10", 7)),
            stored("", "short", open("2026-11-24", 90)),
        ],
    )]);
    let risen = |place: &Place| -> Vec<(u64, String)> {
        let briefing = brief(&figures, &[], place);
        briefing.matters.iter().map(|matter| (matter.people, matter.text.clone())).collect()
    };
    let of_county = risen(&county("زرند"));
    assert_eq!(of_county.iter().map(|(n, _)| *n).collect::<Vec<_>>(), [7, 4]);
    assert!(of_county[0].1.contains("۱۰ روز کاری"));
    let of_province = risen(&Place::Province("کرمان".to_owned()));
    assert_eq!(of_province.iter().map(|(n, _)| *n).collect::<Vec<_>>(), [4]);
    assert_eq!(risen(&county("بافت")), []);
}

#[test]
fn a_silent_office_is_a_matter_and_one_that_was_never_heard_of_is_none() {
    let long_ago = tehran_day_begins_at(date(2026, 11, 1));
    let contacts = [
        contact("a", Some(long_ago)),
        contact("a", Some(tehran_day_begins_at(date(2026, 11, 27)))),
        contact("b", None),
        contact("c", Some(long_ago)),
    ];
    let briefing = brief(&Figures::default(), &contacts, &county("زرند"));
    assert_eq!(briefing.matters.len(), 1);
    assert!(briefing.matters[0].text.starts_with("۱ دفتر از ۳ دفتر"), "{:?}", briefing.matters);
    let connected = briefing.rows.last().map(|row| row.now.clone());
    assert_eq!(connected.as_deref(), Some("۳۳٪"));
}

#[test]
fn returns_and_refusals_are_matters_when_they_are_many_and_not_before() {
    let sums = |returned, refused| Sums {
        approved: 20 - refused,
        refused,
        returned,
        returned_for: [("documents.deed".to_owned(), returned)].into(),
        ..Sums::default()
    };
    let rules = |returned, refused| -> Vec<Rule> {
        let figures = Figures::of([("a", vec![stored("1405-09", "s", sums(returned, refused))])]);
        let briefing = brief(&figures, &[], &county("زرند"));
        briefing.matters.iter().map(|matter| matter.rule).collect()
    };
    assert_eq!(rules(5, 3), []);
    assert_eq!(rules(6, 3), [Rule::Returned]);
    assert_eq!(rules(6, 5), [Rule::Returned, Rule::Refused]);
}
