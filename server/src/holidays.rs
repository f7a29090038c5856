//! The calendar of working days as the administrator keeps it: holidays added and taken away, and
//! what must hold before it is published.

use pishkhan_domain::jalali::JalaliDate;
use pishkhan_domain::persian_text::clean;
use pishkhan_domain::working_days::{Weekday, WorkingCalendar};

const MAX_TITLE: usize = 100;

/// Days of the week, Saturday first, with their names.
pub const WEEK: [(Weekday, &str, &str); 7] = [
    (Weekday::Saturday, "saturday", "شنبه"),
    (Weekday::Sunday, "sunday", "یکشنبه"),
    (Weekday::Monday, "monday", "دوشنبه"),
    (Weekday::Tuesday, "tuesday", "سه‌شنبه"),
    (Weekday::Wednesday, "wednesday", "چهارشنبه"),
    (Weekday::Thursday, "thursday", "پنجشنبه"),
    (Weekday::Friday, "friday", "جمعه"),
];

/// Before anything was published: Friday closed, nothing else known.
#[must_use]
pub fn empty() -> WorkingCalendar {
    WorkingCalendar {
        weekend: vec![Weekday::Friday],
        holidays: std::collections::BTreeMap::new(),
        known_until: String::new(),
        sample: false,
    }
}

/// Adds a holiday, or renames it.
///
/// # Errors
/// A sentence that names the field.
pub fn add(calendar: &mut WorkingCalendar, day: &str, title: &str) -> Result<(), &'static str> {
    let day =
        read_day(day).map_err(|()| "روز: تاریخ شمسی بنویسید که در تقویم هست، مانند ۱۴۰۵/۱۱/۲۲.")?;
    let title = clean(title).unwrap_or_default();
    if title.is_empty() || title.chars().count() > MAX_TITLE {
        return Err("مناسبت: آن را بنویسید، در صد نویسه یا کمتر.");
    }
    if calendar.known_until.as_str() < day.as_str() {
        return Err("روز: پس از «تا چه روزی کامل است» است. نخست آن روز را جلوتر ببرید.");
    }
    calendar.holidays.insert(day, title);
    Ok(())
}

/// Takes a holiday away; false when there is none on this day.
pub fn remove(calendar: &mut WorkingCalendar, day: &str) -> bool {
    read_day(day).is_ok_and(|day| calendar.holidays.remove(&day).is_some())
}

/// Sets weekend, the last day that the list covers, and whether it is only a sample.
///
/// # Errors
/// A sentence that names the field.
pub fn set(
    calendar: &mut WorkingCalendar,
    weekend: Vec<Weekday>,
    known_until: &str,
    sample: bool,
) -> Result<(), &'static str> {
    let known_until = read_day(known_until).map_err(
        |()| "تا چه روزی کامل است: تاریخ شمسی بنویسید که در تقویم هست، مانند ۱۴۰۶/۱۲/۲۹.",
    )?;
    if weekend.len() >= WEEK.len() {
        return Err("آخر هفته: دست‌کم یک روز هفته باز است. یکی را بردارید.");
    }
    if calendar.holidays.keys().next_back().is_some_and(|last| *last > known_until) {
        return Err(
            "تا چه روزی کامل است: تعطیلی پس از این روز در فهرست هست. آن را بردارید یا روز را جلوتر ببرید.",
        );
    }
    calendar.weekend = weekend;
    calendar.known_until = known_until;
    calendar.sample = sample;
    Ok(())
}

/// As the calendar writes days: `1405-01-01`.
fn read_day(typed: &str) -> Result<String, ()> {
    JalaliDate::parse(typed).map(|day| day.to_string()).map_err(|_| ())
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn a_holiday_is_added_renamed_and_taken_away() {
        let mut calendar = empty();
        assert!(add(&mut calendar, "۱۴۰۵/۱/۱", "نوروز").unwrap_err().starts_with("روز: پس از"));
        set(&mut calendar, vec![Weekday::Friday], "۱۴۰۵/۱۲/۲۹", false).unwrap();
        add(&mut calendar, "۱۴۰۵/۱/۱", "عید").unwrap();
        add(&mut calendar, "1405-01-01", "نوروز").unwrap();
        assert_eq!(calendar.holidays["1405-01-01"], "نوروز");
        assert!(add(&mut calendar, "۱۴۰۵/۱۳/۱", "نوروز").unwrap_err().starts_with("روز:"));
        assert!(add(&mut calendar, "۱۴۰۵/۱/۲", " ").unwrap_err().starts_with("مناسبت:"));
        assert!(remove(&mut calendar, "۱۴۰۵/۰۱/۰۱") && !remove(&mut calendar, "۱۴۰۵/۰۱/۰۱"));
    }

    #[test]
    fn the_list_covers_its_holidays_and_some_day_is_open() {
        let mut calendar = empty();
        set(&mut calendar, vec![], "1405-12-29", true).unwrap();
        add(&mut calendar, "1405-11-22", "نمونه").unwrap();
        let earlier = set(&mut calendar, vec![], "1405-11-21", true);
        assert!(earlier.unwrap_err().starts_with("تا چه روزی"));
        let closed = WEEK.map(|(day, ..)| day).to_vec();
        assert!(
            set(&mut calendar, closed, "1405-12-29", true).unwrap_err().starts_with("آخر هفته")
        );
        assert_eq!(calendar.known_until, "1405-12-29");
    }
}
