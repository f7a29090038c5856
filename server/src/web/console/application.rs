//! One application: the facts as filed, the papers beside them, what may be done now, the history.

use askama::Template;
use axum::extract::{Path, Query, State};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use pishkhan_domain::application::Defect;
use pishkhan_domain::ids::ApplicationId;
use pishkhan_domain::jalali;
use pishkhan_domain::lifecycle::State as ApplicationState;
use pishkhan_domain::tracking_code::TrackingCode;
use serde::Deserialize;

use self::choices::{FlawChoice, May, RefusalReason, choices, refusal_reasons};
use self::clock::ClockView;
use super::history::{HistoryItem, item};
use super::papers::{Paper, papers};
use super::queue::Choice;
use super::reasons::offered;
use super::{Frame, Session};
use crate::facts::{self, Fact};
use crate::officer::MOST_OLDER;
use crate::storage::acts;
use crate::storage::applications::{self, Application};
use crate::storage::{
    Unit, audit_log, letter_templates, letters, offices, operators, queue, staff,
    taken_out_of_order,
};
use crate::web::AppState;
use crate::web::page::{PageError, page};
use crate::{service_clock, wording};

pub mod choices;
mod clock;

/// As every page, and a paper of our own may stand in it.
const PAGE_POLICY: &str = "default-src 'none'; style-src 'self'; font-src 'self'; \
     img-src 'self'; frame-src 'self'; script-src 'self'; connect-src 'self'; \
     form-action 'self'; base-uri 'none'; frame-ancestors 'none'";

#[derive(Template)]
#[template(path = "application.html")]
struct ApplicationPage {
    frame: Frame,
    id: String,
    code: String,
    service: String,
    state: &'static str,
    state_class: &'static str,
    office: String,
    clock: ClockView,
    older: String,
    out_of_order_reasons: &'static [&'static str],
    agencies: Vec<Choice>,
    reason: String,
    /// What may go with an approval.
    letters: Vec<Choice>,
    addition: String,
    /// Number and day of the letter that went.
    letter_sent: Option<(String, String)>,
    message: Option<Notice>,
    may: May,
    opened: &'static str,
    seen: i64,
    choices: Vec<FlawChoice>,
    note: String,
    ready_reasons: Vec<String>,
    refusal_reasons: Vec<RefusalReason>,
    facts: Vec<Line>,
    papers: Vec<Paper>,
    history: Vec<HistoryItem>,
}

struct Line {
    label: String,
    value: String,
    ltr: bool,
    flawed: bool,
}

/// A word above the page.
pub struct Notice {
    /// The sentence.
    pub text: String,
    /// Is it about something that went wrong?
    pub is_error: bool,
}

/// What an act that was not carried out leaves on the page, so that nothing typed is lost.
#[derive(Default)]
pub struct Attempt {
    /// What went wrong.
    pub notice: Option<Notice>,
    /// Which panel stands open.
    pub opened: &'static str,
    /// Defects as typed, also those without a reason yet.
    pub defects: Vec<Defect>,
    /// Word to the citizen, or to the office, as typed.
    pub note: String,
    /// Reason for what is out of the ordinary, as typed.
    pub reason: String,
    /// Letter as chosen; 0 for none.
    pub letter: u32,
    /// What was added to it, as typed.
    pub addition: String,
}

/// What has just happened, by name.
#[derive(Deserialize)]
pub struct Said {
    #[serde(default)]
    done: String,
    /// Tracking code of the application that it was done to, where it was another.
    #[serde(default)]
    of: String,
}

/// `GET /console/applications/{id}`.
pub async fn application(
    State(state): State<AppState>,
    session: Session,
    Path(id): Path<String>,
    Query(said): Query<Said>,
) -> Result<Response, PageError> {
    let notice = done(&said).map(|text| Notice { text, is_error: false });
    let attempt = Attempt { notice, ..Attempt::default() };
    show(&state, &session, &id, StatusCode::OK, attempt).await
}

/// What has been done, as a sentence; after a decision it is about the application before.
fn done(said: &Said) -> Option<String> {
    let before = TrackingCode::parse(&said.of).map(wording::code).unwrap_or_default();
    let of = if before.is_empty() {
        "درخواست".to_owned()
    } else {
        // The groups of a code are read from left to right, also within a sentence.
        format!("درخواست \u{2066}{before}\u{2069}")
    };
    let text = match said.done.as_str() {
        "accept" => "درخواست را پذیرفتید. دفتر با تماس بعدی باخبر می‌شود.".to_owned(),
        "note" => "پیام نوشته شد. دفتر با تماس بعدی آن را می‌بیند.".to_owned(),
        "return" => format!("{of} با نقص‌های نام‌برده به دفتر برگشت."),
        "approve" => format!("{of} تأیید شد."),
        "refuse" => format!("{of} رد شد."),
        "hand-over" => format!("{of} به دستگاه دیگر سپرده شد."),
        _ => return None,
    };
    let next =
        if before.is_empty() { "" } else { " اکنون درخواست بعدی باز است." };
    Some(text + next)
}

/// The page, with what an act has left on it.
///
/// # Errors
/// [`PageError`].
pub async fn show(
    state: &AppState,
    session: &Session,
    id: &str,
    status: StatusCode,
    attempt: Attempt,
) -> Result<Response, PageError> {
    let id: ApplicationId = id.parse().map_err(|_| PageError::NotFound)?;
    let mut unit = state.centre.storage.begin().await?;
    let application = of_agency(unit.as_mut(), session, id).await?;
    let cards = state.centre.cards.current(unit.as_mut()).await?;
    let card = cards.card(application.card_version).ok_or(PageError::Unavailable)?;
    let mut history = acts::of(unit.as_mut(), &application.office, id).await?;
    let taken = taken_out_of_order::of(unit.as_mut(), &application.office, id).await?;
    for act in history.iter_mut().filter(|act| act.kind == "accepted") {
        if let Some((_, reason)) = taken.iter().find(|(taken_at, _)| *taken_at == act.acted_at) {
            act.text = format!("بیرون از نوبت: {reason}");
        }
    }
    let names = operators::names(unit.as_mut(), &application.office).await?;
    let papers = papers(unit.as_mut(), card, &application).await?;
    let office = offices::find(unit.as_mut(), &application.office).await?;
    let ready_reasons = offered(unit.as_mut(), &application.agency, &application.service).await?;
    let agencies = staff::agencies(unit.as_mut()).await?;
    let older = match application.state {
        ApplicationState::Received => {
            let Application { agency, service, filed_at, .. } = &application;
            queue::count_older(unit.as_mut(), agency, service, *filed_at, id, MOST_OLDER).await?
        }
        _ => 0,
    };
    let Application { agency, service, .. } = &application;
    let offered = letter_templates::offered(unit.as_mut(), agency, service).await?;
    let sent = letters::find(unit.as_mut(), &application.office, id).await?;
    let now = state.centre.now();
    let calendar = cards.working_calendar();
    let reading = service_clock::read(&application, &history, now, &calendar);
    let (who, subject) = (&session.officer, id.to_string());
    audit_log::record(unit.as_mut(), who, "application.viewed", &subject, "", now).await?;
    unit.commit().await?;
    let standing = application.state;
    let flawed = |path: &str| application.defects.iter().any(|defect| defect.field == path);
    let view = ApplicationPage {
        frame: session.frame(),
        id: id.to_string(),
        code: wording::code(application.tracking_code),
        service: card.title.fa.clone(),
        state: standing.label(),
        state_class: wording::state_class(standing),
        office: office.map_or_else(|| application.office.0.clone(), |office| office.title),
        clock: ClockView::of(&reading, &calendar),
        older: if older == 0 { String::new() } else { wording::number(older) },
        out_of_order_reasons: &wording::OUT_OF_ORDER_REASONS,
        agencies: agencies
            .into_iter()
            .filter(|(code, _)| *code != application.agency)
            .map(|(code, title)| Choice { code: code.0, title, chosen: false })
            .collect(),
        reason: attempt.reason,
        letters: offered
            .into_iter()
            .map(|known| Choice {
                code: format!("{}.{}", known.template, known.version),
                chosen: known.template == attempt.letter,
                title: known.title,
            })
            .collect(),
        addition: attempt.addition,
        letter_sent: sent.map(|letter| {
            (wording::number(letter.reference()), jalali::iso_in_words(&letter.issued_on))
        }),
        message: attempt.notice,
        may: May::of(session.role(), standing),
        opened: attempt.opened,
        seen: application.changed_at,
        choices: choices(card, &application, &attempt.defects),
        note: attempt.note,
        ready_reasons,
        refusal_reasons: refusal_reasons(card),
        facts: facts::facts(card, &application.content)
            .into_iter()
            .map(|Fact { path, label, value, ltr }| {
                let flawed = standing == ApplicationState::Returned && flawed(&path);
                Line { label, value, ltr, flawed }
            })
            .collect(),
        papers,
        history: history.iter().map(|act| item(card, act, &names)).collect(),
    };
    let policy = [(header::CONTENT_SECURITY_POLICY, PAGE_POLICY)];
    Ok((policy, page(status, &view)).into_response())
}

/// An application of the officer's own agency; another's is not found.
///
/// # Errors
/// [`PageError`].
pub async fn of_agency(
    unit: &mut dyn Unit,
    session: &Session,
    id: ApplicationId,
) -> Result<Application, PageError> {
    let office = applications::office_of(unit, id).await?.ok_or(PageError::NotFound)?;
    applications::find(unit, &office, id)
        .await?
        .filter(|application| application.agency == session.officer.agency)
        .ok_or(PageError::NotFound)
}
