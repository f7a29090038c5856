//! Following an application: tracking code and four digits in, where it stands out.
//!
//! Invariant: a wrong code and wrong digits get the same answer, and neither can be tried often.

use askama::Template;
use axum::Form;
use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use pishkhan_domain::digits::{to_latin_digits, without_separators};
use pishkhan_domain::jalali;
use pishkhan_domain::lifecycle::State as ApplicationState;
use pishkhan_domain::tracking_code::TrackingCode;
use serde::Deserialize;

use super::AppState;
use super::guard::Caller;
use super::page::{PageError, page};
use crate::storage::applications::{self, Application};
use crate::storage::{Unit, offices};
use crate::{facts, wording};

#[derive(Template)]
#[template(path = "track.html")]
struct TrackForm {
    code: String,
    message: Option<&'static str>,
}

#[derive(Template)]
#[template(path = "tracked.html")]
struct Tracked {
    sentence: String,
    next: String,
    reason: String,
    defects: Vec<NamedDefect>,
    note: String,
    code: String,
    service: String,
    agency: String,
    filed: String,
    received: String,
    due: String,
    late: bool,
    office: String,
    ask: String,
}

/// A defect with its field's name.
pub struct NamedDefect {
    /// Name of the field or paper.
    pub label: String,
    /// What is wrong.
    pub reason: String,
}

/// What was typed.
#[derive(Deserialize)]
pub struct Question {
    code: String,
    last_four: String,
}

const NOT_A_CODE: &str = "کد رهگیری درست نیست. سیزده رقم روی رسید را دوباره بخوانید.";
const NOT_FOUND: &str = "درخواستی با این کد و این چهار رقم پیدا نشد. اگر تازه ثبت شده است، شاید \
                         دفتر هنوز به خط نرسیده باشد؛ فردا دوباره ببینید یا از دفتر بپرسید.";
const TOO_OFTEN: &str = "پرسش‌ها پشت سر هم زیاد شد. چند دقیقه صبر کنید و دوباره تلاش کنید.";

/// `GET /track`.
pub async fn form() -> Response {
    page(StatusCode::OK, &TrackForm { code: String::new(), message: None })
}

/// `POST /track`.
pub async fn track(
    State(state): State<AppState>,
    Caller(caller): Caller,
    Form(question): Form<Question>,
) -> Result<Response, PageError> {
    let now = state.centre.now();
    let typed = question.code.chars().take(40).collect::<String>();
    let answer =
        |status, message| page(status, &TrackForm { code: typed.clone(), message: Some(message) });
    if !state.limits.tracking.take(&caller, now) {
        let retry = [(header::RETRY_AFTER, "60")];
        return Ok((retry, answer(StatusCode::TOO_MANY_REQUESTS, TOO_OFTEN)).into_response());
    }
    let Ok(code) = TrackingCode::parse(&question.code) else {
        return Ok(answer(StatusCode::UNPROCESSABLE_ENTITY, NOT_A_CODE));
    };
    // Four digits are ten thousand guesses: few are allowed for one code, from wherever they come.
    let key = code.to_string();
    let found = if state.limits.wrong_digits.has(&key, now) {
        let mut unit = state.centre.storage.read().await?;
        match find(unit.as_mut(), code).await? {
            Some(application) if fits(&application, &question.last_four) => {
                Some(show(&state, unit.as_mut(), &application, now).await?)
            }
            _ => None,
        }
    } else {
        None
    };
    if found.is_none() {
        state.limits.wrong_digits.take(&key, now);
    }
    Ok(found.unwrap_or_else(|| answer(StatusCode::NOT_FOUND, NOT_FOUND)))
}

async fn find(unit: &mut dyn Unit, code: TrackingCode) -> Result<Option<Application>, PageError> {
    let Some(office) = offices::of_device(unit, code.device()).await? else { return Ok(None) };
    Ok(applications::with_code(unit, &office, code).await?)
}

fn fits(application: &Application, typed: &str) -> bool {
    let digits = without_separators(&to_latin_digits(typed));
    application.content.applicant.last_four().is_some_and(|four| four == digits)
}

async fn show(
    state: &AppState,
    unit: &mut dyn Unit,
    application: &Application,
    now: i64,
) -> Result<Response, PageError> {
    let cards = state.centre.cards.current(unit).await?;
    let card = cards.card(application.card_version).ok_or(PageError::Unavailable)?;
    let office = offices::find(unit, &application.office).await?.ok_or(PageError::Unavailable)?;
    let agency = card.agency.title.fa.clone();
    let standing = application.state;
    let reason = card.refusal_reasons.iter().find(|reason| reason.code == application.reason_code);
    let tells = |states: &[ApplicationState]| states.contains(&standing);
    let late = wording::is_late(standing, &application.due_on, now);
    let defects = application.defects.iter().map(|defect| NamedDefect {
        label: facts::label(card, &defect.field),
        reason: defect.reason.clone(),
    });
    let with_note =
        [ApplicationState::Returned, ApplicationState::Approved, ApplicationState::Refused];
    Ok(page(
        StatusCode::OK,
        &Tracked {
            sentence: wording::sentence(standing, &agency),
            next: wording::next_step(standing, &office.title),
            reason: reason
                .filter(|_| tells(&[ApplicationState::Refused]))
                .map_or_else(String::new, |reason| reason.title.fa.clone()),
            defects: if tells(&[ApplicationState::Returned]) {
                defects.collect()
            } else {
                Vec::new()
            },
            note: if tells(&with_note) { application.note.clone() } else { String::new() },
            code: wording::code(application.tracking_code),
            service: card.title.fa.clone(),
            filed: jalali::timestamp_in_words(application.filed_at),
            received: jalali::timestamp_in_words(application.received_at),
            due: jalali::iso_in_words(&application.due_on),
            late,
            ask: wording::whom_to_ask(standing, late, &office.title, &agency),
            office: office.title,
            agency,
        },
    ))
}
