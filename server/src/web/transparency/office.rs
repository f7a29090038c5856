//! One office: its page, and the poster that hangs there.

use std::collections::BTreeMap;

use askama::Template;
use axum::extract::{Path, Query, State};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use pishkhan_domain::jalali_month::JalaliMonth;
use pishkhan_receipt::{Sheet, render_sheet};
use serde::{Deserialize, Serialize};

use super::row::{Row, number, share, signed};
use crate::figures::published::{MONTHS, Shown, protect_offices};
use crate::figures::sums::Sums;
use crate::storage::districts::{self, District};
use crate::storage::offices::{self, Contact};
use crate::storage::{StorageError, Unit, figures};
use crate::web::AppState;
use crate::web::guard::Caller;
use crate::web::page::{Message, PageError, page};
use crate::wording;

const HOUR: &str = "public, max-age=3600";

#[derive(Template)]
#[template(path = "transparency/office.html")]
struct Page {
    title: String,
    place: String,
    period: String,
    row: Row,
    told: bool,
    code: String,
}

/// `GET /transparency/offices/{number}`.
pub(super) async fn office(
    State(state): State<AppState>,
    Path(code): Path<String>,
) -> Result<Response, PageError> {
    let known = find(&state, &code).await?;
    let view = Page {
        title: known.title,
        place: known.place,
        period: known.period,
        told: is_told(&known.shown),
        row: Row::of(String::new(), String::new(), &known.shown, None),
        code,
    };
    Ok(([(header::CACHE_CONTROL, HOUR)], page(StatusCode::OK, &view)).into_response())
}

/// Which paper.
#[derive(Deserialize)]
pub(super) struct Wanted {
    #[serde(default)]
    size: String,
}

#[derive(Serialize)]
struct Poster {
    paper: &'static str,
    office: String,
    place: String,
    period: String,
    big: Vec<Big>,
    lines: Vec<String>,
    address: String,
}

#[derive(Serialize)]
struct Big {
    number: String,
    label: &'static str,
}

/// `GET /transparency/offices/{number}/poster.pdf`.
pub(super) async fn poster(
    State(state): State<AppState>,
    Caller(caller): Caller,
    Path(code): Path<String>,
    Query(wanted): Query<Wanted>,
) -> Result<Response, PageError> {
    // Setting a page is work, and anybody may ask for it.
    if !state.limits.posters.take(&caller, state.centre.now()) {
        let title = "کمی صبر کنید";
        let text = "پشت سر هم چند پوستر خواسته شده است. یک دقیقهٔ دیگر دوباره تلاش کنید.";
        let back = format!("/transparency/offices/{code}");
        let answer = page(StatusCode::TOO_MANY_REQUESTS, &Message { title, text, back: &back });
        return Ok(([(header::RETRY_AFTER, "60")], answer).into_response());
    }
    let known = find(&state, &code).await?;
    let poster = Poster {
        paper: if wanted.size == "a4" { "a4" } else { "a3" },
        big: big(&known.shown),
        lines: lines(&known.shown),
        office: known.title,
        place: known.place,
        period: known.period,
        address: format!("{}/transparency/offices/{code}", state.centre.public_url),
    };
    let content = serde_json::to_value(&poster).ok();
    let content = content.and_then(|content| content.as_object().cloned());
    let content = content.ok_or(PageError::Unavailable)?;
    let identity = format!("pishkhan poster {code} {}", poster.paper);
    let set = move || render_sheet(Sheet::Poster, &content, &identity);
    let pdf = tokio::task::spawn_blocking(set).await.map_err(|_| PageError::Unavailable)?;
    let pdf = pdf.map_err(|error| {
        crate::web::report(&error);
        PageError::Unavailable
    })?;
    let headers = [
        (header::CONTENT_TYPE, "application/pdf"),
        (header::CONTENT_DISPOSITION, "inline; filename=\"poster.pdf\""),
        (header::CACHE_CONTROL, HOUR),
    ];
    Ok((headers, pdf).into_response())
}

struct Known {
    title: String,
    place: String,
    period: String,
    shown: Shown,
}

async fn find(state: &AppState, code: &str) -> Result<Known, PageError> {
    let mut unit = state.centre.storage.read().await?;
    let contacts = offices::contacts(unit.as_mut()).await?;
    let office = contacts.into_iter().find(|office| office.office.0 == code);
    let office = office.ok_or(PageError::NotFound)?;
    let months = JalaliMonth::at(state.centre.now()).previous().last(MONTHS);
    let [Some(first), Some(last)] = [months.first(), months.last()] else {
        return Err(PageError::Unavailable);
    };
    let shown = shown(unit.as_mut(), &office, *first, *last).await?;
    let districts = districts::all(unit.as_mut()).await?;
    let district = districts.iter().find(|district| district.code == office.district);
    Ok(Known {
        title: office.title,
        place: district.map_or_else(String::new, place),
        period: format!("از {} تا پایان {}", first.in_words(), last.in_words()),
        shown,
    })
}

async fn shown(
    unit: &mut dyn Unit,
    office: &Contact,
    first: JalaliMonth,
    last: JalaliMonth,
) -> Result<Shown, StorageError> {
    let (first, last) = (first.to_string(), last.to_string());
    let mut beside: BTreeMap<String, Sums> = BTreeMap::new();
    beside.insert(office.office.0.clone(), Sums::default());
    for (office, sums) in figures::of_offices_in(unit, &office.district, &first, &last).await? {
        *beside.entry(office.0).or_default() += &sums;
    }
    let place = beside.keys().position(|code| *code == office.office.0).unwrap_or_default();
    let sums: Vec<Sums> = beside.into_values().collect();
    Ok(protect_offices(&sums).into_iter().nth(place).unwrap_or_default())
}

fn place(district: &District) -> String {
    let District { title, county, province, .. } = district;
    format!("دهستان {title}، شهرستان {county}، استان {province}")
}

fn is_told(shown: &Shown) -> bool {
    shown.filed.is_some_and(|filed| filed > 0) || shown.decided.is_some_and(|decided| decided > 0)
}

fn big(shown: &Shown) -> Vec<Big> {
    let mut big = Vec::new();
    let mut add = |number: String, label| big.push(Big { number, label });
    if shown.filed.is_some() {
        add(number(shown.filed), "درخواست ثبت‌شده");
    }
    if shown.decided.is_some() {
        add(number(shown.decided), "پاسخ داده‌شده");
    }
    if let Some(waited) = shown.agency {
        add(wording::number(waited.median), "روز کاری تا پاسخ، میانه");
    }
    if shown.visits_saved.is_some_and(|saved| saved > 0) {
        add(signed(shown.visits_saved), "مراجعهٔ کمتر به شهر");
    }
    big
}

fn lines(shown: &Shown) -> Vec<String> {
    let mut lines = Vec::new();
    if let Some(ninth) = shown.agency.and_then(|waited| waited.ninth) {
        let days = wording::number(ninth);
        lines.push(format!("از هر ده درخواست، نه‌تا در {days} روز کاری یا کمتر پاسخ گرفت."));
    }
    if let (Some(late), Some(decided)) = (shown.late, shown.decided)
        && decided > 0
    {
        let in_time = share(Some(decided - late), Some(decided));
        lines.push(format!("{in_time} پاسخ‌ها در مهلت قانونی بود."));
    }
    if shown.km_saved.is_some_and(|km| km > 0) {
        lines.push(format!("{} کیلومتر رفت‌وآمد کمتر شد.", signed(shown.km_saved)));
    }
    if lines.is_empty() && !is_told(shown) {
        lines.push("هنوز ماه کاملی با درخواست کافی نگذشته است.".to_owned());
    }
    lines
}
