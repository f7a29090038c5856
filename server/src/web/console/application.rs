//! One application: the facts as filed, the papers beside them, what may be done now, the history.

use askama::Template;
use axum::extract::{Path, Query, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use pishkhan_domain::application::Defect;
use pishkhan_domain::ids::ApplicationId;
use pishkhan_domain::jalali;
use pishkhan_domain::lifecycle::{Act, Party, State as ApplicationState, allowed};
use pishkhan_domain::service_card::ServiceCard;
use serde::Deserialize;

use super::history::{HistoryItem, item};
use super::papers::{Paper, papers};
use super::{Frame, NO_STORE, Session};
use crate::facts::{self, Fact};
use crate::officer::APPLICANT_FIELDS;
use crate::storage::acts;
use crate::storage::applications::{self, Application};
use crate::storage::{Unit, audit_log, operators};
use crate::web::AppState;
use crate::web::page::{PageError, page};
use crate::wording;

#[derive(Template)]
#[template(path = "application.html")]
struct ApplicationPage {
    frame: Frame,
    id: String,
    code: String,
    service: String,
    state: &'static str,
    state_class: &'static str,
    due: String,
    late: bool,
    message: Option<Notice>,
    may: May,
    opened: &'static str,
    seen: i64,
    choices: Vec<Choice>,
    note: String,
    ready_reasons: &'static [&'static str],
    refusal_reasons: Vec<RefusalReason>,
    facts: Vec<Line>,
    papers: Vec<Paper>,
    history: Vec<HistoryItem>,
}

struct May {
    accept: bool,
    approve: bool,
    give_back: bool,
    refuse: bool,
}

impl May {
    fn any(&self) -> bool {
        self.accept || self.approve || self.give_back || self.refuse
    }
}

struct Choice {
    path: String,
    label: String,
    checked: bool,
    reason: String,
}

struct RefusalReason {
    code: String,
    title: String,
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
    /// Word to the citizen as typed.
    pub note: String,
}

/// What has just happened, by name.
#[derive(Deserialize)]
pub struct Said {
    #[serde(default)]
    done: String,
}

/// `GET /console/applications/{id}`.
pub async fn application(
    State(state): State<AppState>,
    session: Session,
    Path(id): Path<String>,
    Query(said): Query<Said>,
) -> Result<Response, PageError> {
    let done = |text: &str| Some(Notice { text: text.to_owned(), is_error: false });
    let notice = match said.done.as_str() {
        "accept" => done("درخواست را پذیرفتید. دفتر با تماس بعدی باخبر می‌شود."),
        "return" => done("درخواست با نقص‌های نام‌برده به دفتر برگشت."),
        "approve" => done("درخواست تأیید شد."),
        "refuse" => done("درخواست رد شد."),
        _ => None,
    };
    let attempt = Attempt { notice, ..Attempt::default() };
    show(&state, &session, &id, StatusCode::OK, attempt).await
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
    let history = acts::of(unit.as_mut(), &application.office, id).await?;
    let names = operators::names(unit.as_mut(), &application.office).await?;
    let papers = papers(unit.as_mut(), card, &application).await?;
    let now = state.centre.now();
    let (who, subject) = (&session.officer, id.to_string());
    audit_log::record(unit.as_mut(), who, "application.viewed", &subject, "", now).await?;
    unit.commit().await?;
    let standing = application.state;
    let may = allowed(standing, Party::Agency);
    let flawed = |path: &str| application.defects.iter().any(|defect| defect.field == path);
    let view = ApplicationPage {
        frame: session.frame(),
        id: id.to_string(),
        code: wording::code(application.tracking_code),
        service: card.title.fa.clone(),
        state: standing.label(),
        state_class: wording::state_class(standing),
        due: jalali::iso_in_words(&application.due_on),
        late: wording::is_late(standing, &application.due_on, now),
        message: attempt.notice,
        may: May {
            accept: may.contains(&Act::Accept),
            approve: may.contains(&Act::Approve),
            give_back: may.contains(&Act::Return),
            refuse: may.contains(&Act::Refuse),
        },
        opened: attempt.opened,
        seen: application.changed_at,
        choices: choices(card, &application, &attempt.defects),
        note: attempt.note,
        ready_reasons: &wording::READY_REASONS,
        refusal_reasons: card
            .refusal_reasons
            .iter()
            .map(|reason| RefusalReason {
                code: reason.code.clone(),
                title: reason.title.fa.clone(),
            })
            .collect(),
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
    Ok((NO_STORE, page(status, &view)).into_response())
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

fn choices(card: &ServiceCard, application: &Application, typed: &[Defect]) -> Vec<Choice> {
    let applicant = APPLICANT_FIELDS.iter().map(|key| {
        (format!("applicant.{key}"), format!("متقاضی: {}", facts::applicant_label(key)))
    });
    let asked = card
        .fields
        .iter()
        .filter(|field| field.when.is_none() || application.content.form.contains_key(&field.key));
    let form = asked.map(|field| (format!("form.{}", field.key), field.label.fa.clone()));
    let papers = card
        .documents
        .iter()
        .map(|paper| (format!("documents.{}", paper.code), format!("مدرک: {}", paper.title.fa)));
    papers
        .chain(form)
        .chain(applicant)
        .map(|(path, label)| {
            let typed = typed.iter().find(|defect| defect.field == path);
            Choice {
                checked: typed.is_some(),
                reason: typed.map_or_else(String::new, |defect| defect.reason.clone()),
                path,
                label,
            }
        })
        .collect()
}
