//! The administrator's day: what needs a look, the worst first, and where to go for it.

use askama::Template;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use pishkhan_domain::jalali::{JalaliDate, tehran_date};
use pishkhan_domain::working_days::WorkingCalendar;

use super::{SILENT_MS, WAITS_LONG_MS};
use crate::storage::attention::{self, Attention};
use crate::storage::device_rows::{self, DeviceFilter};
use crate::web::AppState;
use crate::web::page::{PageError, page};
use crate::web::session::{Frame, Session};
use crate::wording;

/// Days before the end of the known holidays at which somebody should add the next year's.
const HOLIDAYS_END_DAYS: i32 = 90;

#[derive(Template)]
#[template(path = "admin/home.html")]
struct Home {
    frame: Frame,
    matters: Vec<Matter>,
    facts: Vec<(&'static str, String)>,
}

/// Something to look at.
#[derive(Debug, PartialEq, Eq)]
struct Matter {
    sentence: String,
    link: &'static str,
    is_urgent: bool,
}

/// Devices, counted by what is wrong with them.
struct Devices {
    living: u64,
    silent: u64,
    waiting: u64,
    behind: u64,
}

/// `GET /admin`.
pub async fn home(State(state): State<AppState>, session: Session) -> Result<Response, PageError> {
    let now = state.centre.now();
    let mut unit = state.centre.storage.read().await?;
    let cards = state.centre.cards.current(unit.as_mut()).await?;
    let counts = attention::count(unit.as_mut(), now).await?;
    let mut count = [0; 4];
    let filters = [
        DeviceFilter::Living,
        DeviceFilter::SilentSince(now - SILENT_MS),
        DeviceFilter::WaitingSince(now - WAITS_LONG_MS),
        DeviceFilter::Behind(cards.number()),
    ];
    for (slot, filter) in count.iter_mut().zip(filters) {
        *slot = device_rows::count(unit.as_mut(), filter).await?;
    }
    let [living, silent, waiting, behind] = count;
    let devices = Devices { living, silent, waiting, behind };
    let view = Home {
        frame: session.frame(),
        matters: matters(&counts, &devices, cards.calendar(), now),
        facts: vec![
            ("دفتر", wording::number(counts.offices)),
            ("رایانه", wording::number(devices.living)),
            ("خدمت منتشرشده", wording::number(cards.newest().count())),
            ("کد ثبت به کار نرفته", wording::number(counts.open_codes)),
        ],
    };
    Ok(page(StatusCode::OK, &view))
}

/// What needs a look, the urgent first.
fn matters(
    counts: &Attention,
    devices: &Devices,
    calendar: Option<&WorkingCalendar>,
    now: i64,
) -> Vec<Matter> {
    let mut found = Vec::new();
    let mut add = |holds: bool, is_urgent: bool, link, sentence: String| {
        if holds {
            found.push(Matter { sentence, link, is_urgent });
        }
    };
    let count = |number: u64, rest: &str| format!("{} {rest}", wording::number(number));
    let oldest = counts.oldest_waiting_at.map(|since| wording::waiting(since, now));
    let oldest = oldest.map_or_else(String::new, |days| format!("؛ قدیمی‌ترین {days} مانده است"));
    add(
        devices.waiting > 0,
        true,
        "/admin/devices?show=waiting",
        format!("{}{oldest}.", count(devices.waiting, "رایانه ثبتِ نفرستادهٔ بیش از دو روز دارد")),
    );
    add(
        devices.silent > 0,
        true,
        "/admin/devices?show=silent",
        count(devices.silent, "رایانه سه روز یا بیشتر بی‌خبر است."),
    );
    add(
        counts.administrators < 2,
        true,
        "/admin/staff",
        "تنها یک راهبر هست. اگر او گوشی و کدهای بازیابی را گم کند، کسی نیست که راهش بدهد."
            .to_owned(),
    );
    let (closed, ends) = match calendar {
        None => (true, "تقویم تعطیلات منتشر نشده است؛ مهلت‌ها بی آن شمرده نمی‌شود.".to_owned()),
        Some(calendar) => {
            let until = JalaliDate::parse(&calendar.known_until).ok();
            let soon = tehran_date(now)
                .checked_add(jiff::Span::new().days(HOLIDAYS_END_DAYS))
                .is_ok_and(|soon| until.is_none_or(|until| until.to_civil() < soon));
            let until = until.map_or_else(String::new, JalaliDate::in_words);
            (soon, format!("فهرست تعطیلات تا {until} کامل است؛ مهلت‌های پس از آن موقت است."))
        }
    };
    add(closed, calendar.is_none(), "/admin/holidays", ends);
    add(
        counts.offices_without_device > 0,
        false,
        "/admin/offices",
        count(counts.offices_without_device, "دفتر هنوز رایانه‌ای ندارد."),
    );
    add(
        devices.behind > 0,
        false,
        "/admin/devices?show=behind",
        count(devices.behind, "رایانه هنوز شناسنامه‌ها یا تقویم تازه را نگرفته است."),
    );
    add(
        counts.drafts > 0,
        false,
        "/admin/cards",
        count(counts.drafts, "پیش‌نویس شناسنامه یا تعطیلات منتشر نشده است."),
    );
    add(
        counts.given_passwords > 0,
        false,
        "/admin/staff",
        count(counts.given_passwords, "حساب هنوز با گذرواژهٔ داده‌شده است؛ صاحبش وارد نشده."),
    );
    found.sort_by_key(|matter| !matter.is_urgent);
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: i64 = 1_795_000_000_000;

    fn calendar() -> WorkingCalendar {
        WorkingCalendar { known_until: "1406-12-29".to_owned(), ..crate::holidays::empty() }
    }

    #[test]
    fn nothing_needs_a_look_when_all_is_well() {
        let counts = Attention { offices: 3, administrators: 2, ..Attention::default() };
        let devices = Devices { living: 3, silent: 0, waiting: 0, behind: 0 };
        assert_eq!(matters(&counts, &devices, Some(&calendar()), NOW), []);
    }

    #[test]
    fn the_urgent_stands_first_and_each_leads_to_its_place() {
        let counts = Attention {
            offices: 3,
            offices_without_device: 1,
            oldest_waiting_at: Some(NOW - 5 * 86_400_000),
            administrators: 1,
            given_passwords: 2,
            drafts: 1,
            open_codes: 0,
        };
        let devices = Devices { living: 2, silent: 1, waiting: 1, behind: 2 };
        let ending = WorkingCalendar { known_until: "1405-09-30".to_owned(), ..calendar() };
        let found = matters(&counts, &devices, Some(&ending), NOW);
        assert_eq!(found.len(), 8);
        assert!(found.is_sorted_by_key(|matter| !matter.is_urgent));
        assert!(found[0].sentence.contains("۱ رایانه") && found[0].sentence.contains("۵ روز"));
        assert_eq!(found[0].link, "/admin/devices?show=waiting");
        let without = matters(&counts, &devices, None, NOW);
        assert!(without.iter().any(|m| m.is_urgent && m.link == "/admin/holidays"));
    }
}
