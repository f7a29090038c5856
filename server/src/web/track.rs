//! Following an application: tracking code and four digits in, where it stands out.
//!
//! Invariant: a wrong code and wrong digits get the same answer, and neither can be tried often.

use askama::Template;
use axum::Form;
use axum::extract::{Query, State};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use pishkhan_domain::digits::{to_latin_digits, without_separators};
use pishkhan_domain::jalali;
use pishkhan_domain::jalali_month::JalaliMonth;
use pishkhan_domain::lifecycle::State as ApplicationState;
use pishkhan_domain::service_card::ServiceCard;
use pishkhan_domain::tracking_code::TrackingCode;
use serde::Deserialize;

use super::AppState;
use super::guard::Caller;
use super::page::{PageError, page};
use crate::storage::acts::{self, ActRecord};
use crate::storage::applications::{self, Application};
use crate::storage::{Unit, letters, offices, ratings, staff};
use crate::{facts, service_clock, wording};

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
    /// The agency of the card, where the application was handed over to another.
    first_agency: Option<String>,
    filed: String,
    received: String,
    due: String,
    /// The day that stands on the receipt, where the due day has moved.
    printed_due: Option<String>,
    late: bool,
    office: String,
    ask: String,
    /// What happened, oldest first.
    steps: Vec<Happened>,
    question: Option<RatingForm>,
    thanks: bool,
    /// Number and day of the letter that waits at the office.
    letter: Option<(String, String)>,
}

/// An act of the history with its day.
pub struct Happened {
    what: &'static str,
    when: String,
}

/// The question of satisfaction, asked once.
pub struct RatingForm {
    code: String,
    last_four: String,
    answers: [(u8, &'static str); 5],
}

const ANSWERS: [(u8, &str); 5] =
    [(5, "بسیار خشنود"), (4, "خشنود"), (3, "میانه"), (2, "ناخشنود"), (1, "بسیار ناخشنود")];

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
const NOT_AN_ANSWER: &str = "یکی از پنج پاسخ را برگزینید. کد رهگیری را دوباره وارد کنید تا \
                             پرسش باز شود.";
const TOO_OFTEN: &str = "پرسش‌ها پشت سر هم زیاد شد. چند دقیقه صبر کنید و دوباره تلاش کنید.";

/// What the symbol on a letter asks.
#[derive(Deserialize)]
pub struct Asked {
    #[serde(default)]
    code: String,
}

/// `GET /track`.
pub async fn form(Query(asked): Query<Asked>) -> Response {
    let code = asked.code.chars().take(40).collect();
    page(StatusCode::OK, &TrackForm { code, message: None })
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
    let mut unit = state.centre.storage.read().await?;
    match owned(&state, unit.as_mut(), code, &question.last_four, now).await? {
        Some(application) => show(&state, unit.as_mut(), &application, &question, false, now).await,
        None => Ok(answer(StatusCode::NOT_FOUND, NOT_FOUND)),
    }
}

/// An answer to the question of satisfaction.
#[derive(Deserialize)]
pub struct Rated {
    code: String,
    last_four: String,
    rating: u8,
}

/// `POST /track/rating`: counted once for each application, after its decision.
pub async fn rate(
    State(state): State<AppState>,
    Caller(caller): Caller,
    Form(rated): Form<Rated>,
) -> Result<Response, PageError> {
    let now = state.centre.now();
    let typed = rated.code.chars().take(40).collect::<String>();
    let answer =
        |status, message| page(status, &TrackForm { code: typed.clone(), message: Some(message) });
    if !state.limits.tracking.take(&caller, now) {
        let retry = [(header::RETRY_AFTER, "60")];
        return Ok((retry, answer(StatusCode::TOO_MANY_REQUESTS, TOO_OFTEN)).into_response());
    }
    let Ok(code) = TrackingCode::parse(&rated.code) else {
        return Ok(answer(StatusCode::UNPROCESSABLE_ENTITY, NOT_A_CODE));
    };
    if !ANSWERS.iter().any(|(number, _)| *number == rated.rating) {
        return Ok(answer(StatusCode::UNPROCESSABLE_ENTITY, NOT_AN_ANSWER));
    }
    let mut unit = state.centre.storage.read().await?;
    let found = owned(&state, unit.as_mut(), code, &rated.last_four, now).await?;
    drop(unit);
    let Some(application) = found else {
        return Ok(answer(StatusCode::NOT_FOUND, NOT_FOUND));
    };
    let mut thanks = false;
    // What is decided stays so.
    if is_decided(application.state) {
        let mut unit = state.centre.storage.begin().await?;
        let month = JalaliMonth::at(now).to_string();
        let Application { office, id, service, .. } = &application;
        thanks = ratings::add(unit.as_mut(), office, *id, service, &month, rated.rating).await?;
        unit.commit().await?;
    }
    let mut unit = state.centre.storage.read().await?;
    let question = Question { code: rated.code, last_four: rated.last_four };
    show(&state, unit.as_mut(), &application, &question, thanks, now).await
}

/// The application of a code and four digits. Four digits are ten thousand guesses: few are
/// allowed for one code, from wherever they come.
async fn owned(
    state: &AppState,
    unit: &mut dyn Unit,
    code: TrackingCode,
    last_four: &str,
    now: i64,
) -> Result<Option<Application>, PageError> {
    let key = code.to_string();
    let mut found = None;
    if state.limits.wrong_digits.has(&key, now) {
        found = find(unit, code).await?.filter(|application| fits(application, last_four));
    }
    if found.is_none() {
        state.limits.wrong_digits.take(&key, now);
    }
    Ok(found)
}

fn is_decided(standing: ApplicationState) -> bool {
    use ApplicationState::{Approved, Delivered, Refused};
    matches!(standing, Approved | Refused | Delivered)
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
    asked: &Question,
    thanks: bool,
    now: i64,
) -> Result<Response, PageError> {
    let history = acts::of(unit, &application.office, application.id).await?;
    let letter = letters::find(unit, &application.office, application.id).await?;
    let rated = ratings::is_rated(unit, &application.office, application.id).await?;
    let cards = state.centre.cards.current(unit).await?;
    let card = cards.card(application.card_version).ok_or(PageError::Unavailable)?;
    let office = offices::find(unit, &application.office).await?.ok_or(PageError::Unavailable)?;
    let first_agency = card.agency.title.fa.clone();
    let now_with = agency_of(unit, application, card).await?;
    let agency = now_with.clone().unwrap_or_else(|| first_agency.clone());
    let standing = application.state;
    let reading = service_clock::read(application, &history, now, &cards.working_calendar());
    let due = reading.due_on.to_string();
    let reason = card.refusal_reasons.iter().find(|reason| reason.code == application.reason_code);
    let tells = |states: &[ApplicationState]| states.contains(&standing);
    let late = !standing.is_closed() && reading.late_days > 0;
    let just_handed_over = told(&history).last().is_some_and(|act| act.kind == HANDED_OVER);
    let defects = application.defects.iter().map(|defect| NamedDefect {
        label: facts::label(card, &defect.field),
        reason: defect.reason.clone(),
    });
    let with_note =
        [ApplicationState::Returned, ApplicationState::Approved, ApplicationState::Refused];
    Ok(page(
        StatusCode::OK,
        &Tracked {
            sentence: if just_handed_over && !standing.is_closed() {
                // Whoever has it now has not looked at it yet, whatever the agency before did.
                wording::handed_over(&agency)
            } else {
                wording::sentence(standing, &agency)
            },
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
            printed_due: (due != application.due_on)
                .then(|| jalali::iso_in_words(&application.due_on)),
            due: jalali::iso_in_words(&due),
            late,
            ask: wording::whom_to_ask(standing, late, &office.title, &agency),
            office: office.title,
            first_agency: now_with.map(|_| first_agency),
            agency,
            steps: steps(&history),
            question: (is_decided(standing) && !rated).then(|| RatingForm {
                code: application.tracking_code.to_string(),
                last_four: asked.last_four.chars().take(12).collect(),
                answers: ANSWERS,
            }),
            thanks,
            letter: letter.map(|letter| {
                let number = wording::number(letter.reference());
                (number, jalali::iso_in_words(&letter.issued_on))
            }),
        },
    ))
}

/// Name of the agency that has the application, where that is not the one of its card.
async fn agency_of(
    unit: &mut dyn Unit,
    application: &Application,
    card: &ServiceCard,
) -> Result<Option<String>, PageError> {
    if application.agency == card.agency.code {
        return Ok(None);
    }
    let mut agencies = staff::agencies(unit).await?.into_iter();
    Ok(agencies.find(|(code, _)| *code == application.agency).map(|(_, title)| title))
}

const HANDED_OVER: &str = "handed_over";
/// What moved the application on, without who acted and what was noted.
const TOLD: [&str; 8] = [
    "accepted",
    "returned",
    "resubmitted",
    "approved",
    "refused",
    "delivered",
    "withdrawn",
    HANDED_OVER,
];

fn told(history: &[ActRecord]) -> impl Iterator<Item = &ActRecord> {
    history.iter().filter(|act| act.applied && TOLD.contains(&act.kind.as_str()))
}

fn steps(history: &[ActRecord]) -> Vec<Happened> {
    told(history)
        .map(|act| Happened {
            what: wording::act(&act.kind),
            when: jalali::timestamp_in_words(act.acted_at),
        })
        .collect()
}
