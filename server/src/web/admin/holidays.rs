//! Holidays and weekend: a draft of the calendar, published like a card.

use askama::Template;
use axum::Form;
use axum::extract::{Query, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use pishkhan_domain::catalogue::Publication;
use pishkhan_domain::digits::to_persian_digits;
use pishkhan_domain::jalali::{JalaliDate, weekday_name};
use pishkhan_domain::working_days::WorkingCalendar;

use serde::Deserialize;

use super::Notice;
use crate::administration::publish;
use crate::holidays::{self, WEEK};
use crate::storage::card_drafts::{self, Draft};
use crate::storage::device_rows::{self, DeviceFilter};
use crate::storage::{StorageError, Unit, audit_log, publication_rows};
use crate::web::AppState;
use crate::web::page::{PageError, page};
use crate::web::session::{Frame, Session};
use crate::wording;

const HERE: &str = "/admin/holidays";
/// The calendar's draft has no code.
const CODE: &str = "";

#[derive(Template)]
#[template(path = "admin/holidays.html")]
struct Holidays {
    frame: Frame,
    notice: Option<Notice>,
    days: Vec<Day>,
    week: Vec<WeekDay>,
    known_until: String,
    sample: bool,
    seen: i64,
    draft: Option<String>,
    changes: Vec<String>,
    typed_day: String,
    typed_title: String,
    have: String,
    devices: String,
}

struct Day {
    iso: String,
    shown: String,
    weekday: &'static str,
    title: String,
}

struct WeekDay {
    name: &'static str,
    label: &'static str,
    closed: bool,
}

/// The calendar that is worked on, the draft's marks, and the one that is published.
struct Standing {
    calendar: WorkingCalendar,
    seen: i64,
    by: Option<String>,
    published: Option<WorkingCalendar>,
}

async fn standing(state: &AppState, unit: &mut dyn Unit) -> Result<Standing, PageError> {
    let cards = state.centre.cards.current(unit).await?;
    let published = cards.calendar().cloned();
    let Some(draft) = card_drafts::find(unit, CODE).await? else {
        let calendar = published.clone().unwrap_or_else(holidays::empty);
        return Ok(Standing { calendar, seen: 0, by: None, published });
    };
    let calendar = serde_json::from_str(&draft.content);
    let calendar = calendar.map_err(|_| StorageError::Unreadable("draft of the calendar"))?;
    Ok(Standing { calendar, seen: draft.changed_at, by: Some(draft.changed_by), published })
}

/// What was done just now.
#[derive(Deserialize)]
pub struct Done {
    #[serde(default)]
    done: String,
}

/// `GET /admin/holidays`.
pub async fn list(
    State(state): State<AppState>,
    session: Session,
    Query(done): Query<Done>,
) -> Result<Response, PageError> {
    let notice = match done.done.as_str() {
        "kept" => Some(Notice::done("در پیش‌نویس نگه داشته شد. هنوز منتشر نشده است.")),
        "published" => {
            Some(Notice::done("تقویم منتشر و امضا شد. مهلت‌هایی که روی رسیدها چاپ شده عوض نمی‌شود."))
        }
        "same" => Some(Notice::done("این تقویم همان است که منتشر شده است. چیزی عوض نشد.")),
        "discarded" => Some(Notice::done("پیش‌نویس کنار گذاشته شد.")),
        _ => None,
    };
    let mut unit = state.centre.storage.read().await?;
    show(&state, unit.as_mut(), &session, StatusCode::OK, (notice, ("", ""))).await
}

async fn show(
    state: &AppState,
    unit: &mut dyn Unit,
    session: &Session,
    status: StatusCode,
    (notice, (typed_day, typed_title)): (Option<Notice>, (&str, &str)),
) -> Result<Response, PageError> {
    let Standing { calendar, seen, by, published } = standing(state, unit).await?;
    let devices = device_rows::count(unit, DeviceFilter::Living).await?;
    let newest = publication_rows::newest(unit, "working_calendar").await?;
    let behind = match newest.first() {
        Some(newest) => device_rows::count(unit, DeviceFilter::Behind(newest.number)).await?,
        None => devices,
    };
    let view = Holidays {
        frame: session.frame(),
        notice,
        days: calendar.holidays.iter().map(|(iso, title)| day(iso, title)).collect(),
        week: WEEK
            .into_iter()
            .map(|(day, name, label)| WeekDay {
                name,
                label,
                closed: calendar.weekend.contains(&day),
            })
            .collect(),
        known_until: to_persian_digits(&calendar.known_until.replace('-', "/")),
        sample: calendar.sample,
        seen,
        changes: if by.is_some() { changes(published.as_ref(), &calendar) } else { Vec::new() },
        draft: by,
        typed_day: typed_day.to_owned(),
        typed_title: typed_title.to_owned(),
        have: wording::number(devices - behind.min(devices)),
        devices: wording::number(devices),
    };
    Ok(page(status, &view))
}

fn day(iso: &str, title: &str) -> Day {
    let date = JalaliDate::parse(iso).ok();
    Day {
        iso: iso.to_owned(),
        shown: to_persian_digits(&iso.replace('-', "/")),
        weekday: date.map_or("", |date| weekday_name(date.to_civil().weekday())),
        title: title.to_owned(),
    }
}

/// What publishing the draft would change, in words.
fn changes(published: Option<&WorkingCalendar>, draft: &WorkingCalendar) -> Vec<String> {
    let empty = holidays::empty();
    let before = published.unwrap_or(&empty);
    let shown = |iso: &str| to_persian_digits(&iso.replace('-', "/"));
    let mut told = Vec::new();
    for (iso, title) in &draft.holidays {
        match before.holidays.get(iso) {
            None => told.push(format!("{} تعطیل می‌شود: {title}", shown(iso))),
            Some(known) if known != title => {
                told.push(format!("{}: «{known}» می‌شود «{title}»", shown(iso)));
            }
            Some(_) => {}
        }
    }
    let gone = before.holidays.iter().filter(|(iso, _)| !draft.holidays.contains_key(*iso));
    told.extend(gone.map(|(iso, title)| format!("{} دیگر تعطیل نیست: {title}", shown(iso))));
    if before.weekend != draft.weekend {
        let names = WEEK.iter().filter(|(day, ..)| draft.weekend.contains(day));
        let names: Vec<&str> = names.map(|(.., label)| *label).collect();
        told.push(format!("آخر هفته: {}", names.join("، ")));
    }
    if before.known_until != draft.known_until {
        told.push(format!("فهرست تا {} کامل است", shown(&draft.known_until)));
    }
    if before.sample != draft.sample {
        let kind = if draft.sample { "نمونه" } else { "رسمی" };
        told.push(format!("فهرست {kind} است"));
    }
    told
}

/// Fields of a form, in order.
type Fields = Vec<(String, String)>;

fn field<'a>(fields: &'a Fields, name: &str) -> &'a str {
    fields.iter().find(|(known, _)| known == name).map_or("", |(_, value)| value.as_str())
}

/// `POST /admin/holidays`: `what` is `add`, `remove`, `set`, `publish` or `discard`.
pub async fn edit(
    State(state): State<AppState>,
    session: Session,
    Form(fields): Form<Fields>,
) -> Result<Response, PageError> {
    session.check(field(&fields, "csrf"))?;
    let (by, now) = (&session.officer, state.centre.now());
    let (day, title) = (field(&fields, "day"), field(&fields, "title"));
    let what = field(&fields, "what");
    if what == "publish" {
        session.proved_to_send(now, HERE)?;
    }
    let mut unit = state.centre.storage.begin().await?;
    let mut known = standing(&state, unit.as_mut()).await?;
    let refused = match what {
        _ if field(&fields, "seen") != known.seen.to_string() => Some((
            StatusCode::CONFLICT,
            "در این میان کس دیگری تقویم را عوض یا منتشر کرده است. آن را ببینید و دوباره بکوشید.",
        )),
        "add" => holidays::add(&mut known.calendar, day, title).err().map(unprocessable),
        "remove" => {
            let removed = holidays::remove(&mut known.calendar, day);
            (!removed).then(|| unprocessable("روز: این روز در فهرست نیست."))
        }
        "set" => {
            let closed =
                |name: &str| fields.iter().any(|(known, day)| known == "weekend" && day == name);
            let weekend = WEEK.into_iter().filter(|(_, name, _)| closed(name));
            let weekend = weekend.map(|(day, ..)| day).collect();
            let (until, sample) =
                (field(&fields, "known_until"), field(&fields, "sample") == "yes");
            holidays::set(&mut known.calendar, weekend, until, sample).err().map(unprocessable)
        }
        "publish" if known.by.is_none() => {
            Some(unprocessable("پیش‌نویسی نیست که منتشر شود. نخست چیزی را عوض کنید."))
        }
        "publish" | "discard" => None,
        _ => return Err(PageError::NotFound),
    };
    if let Some((status, text)) = refused {
        let told = (Some(Notice::refusal(text)), (day, title));
        return show(&state, unit.as_mut(), &session, status, told).await;
    }
    let done = match what {
        "publish" => {
            let publication = Publication::WorkingCalendar(known.calendar);
            let is_new = publish(unit.as_mut(), &state.centre.key, publication, now).await;
            let is_new = is_new.map_err(|error| {
                crate::web::report(&error);
                PageError::Unavailable
            })?;
            card_drafts::forget(unit.as_mut(), CODE).await?;
            if is_new { "published" } else { "same" }
        }
        "discard" => {
            card_drafts::forget(unit.as_mut(), CODE).await?;
            "discarded"
        }
        _ => {
            let content = serde_json::to_string(&known.calendar).unwrap_or_default();
            let (code, changed_by) = (CODE.to_owned(), by.username.clone());
            let draft = Draft { code, content, changed_by, changed_at: now };
            if card_drafts::keep(unit.as_mut(), &draft, known.seen).await?.is_none() {
                return Err(PageError::Unavailable);
            }
            "kept"
        }
    };
    let (act, detail) = match done {
        "published" => ("catalogue.holidays_published", ""),
        "discarded" => ("catalogue.holidays_discarded", ""),
        _ => ("catalogue.holidays_drafted", what),
    };
    if done != "same" {
        audit_log::record(unit.as_mut(), by, act, day, detail, now).await?;
    }
    unit.commit().await?;
    Ok(Redirect::to(&format!("{HERE}?done={done}")).into_response())
}

fn unprocessable(text: &'static str) -> (StatusCode, &'static str) {
    (StatusCode::UNPROCESSABLE_ENTITY, text)
}
