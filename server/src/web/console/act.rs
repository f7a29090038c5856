//! What an officer does: take up, return, approve, refuse, hand over, write to the office.

use axum::Form;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use pishkhan_domain::application::Defect;
use pishkhan_domain::ids::{AgencyCode, ApplicationId};
use pishkhan_domain::persian_text::clean_lines;

use super::Session;
use super::application::{Attempt, Notice, show};
use crate::officer::take_up::next_after;
use crate::officer::{ActError, act as carry_out};
use crate::projection::{LetterWish, OfficerAct};
use crate::storage::applications;
use crate::web::AppState;
use crate::web::page::PageError;

/// Fields of a form, in order, as the browser sent them.
pub(super) type Fields = Vec<(String, String)>;

/// `POST /console/applications/{id}/{act}`.
pub async fn act(
    State(state): State<AppState>,
    session: Session,
    Path((id, name)): Path<(String, String)>,
    Form(fields): Form<Fields>,
) -> Result<Response, PageError> {
    session.check(&field(&fields, "csrf"))?;
    let application = id.parse().map_err(|_| PageError::NotFound)?;
    let seen = field(&fields, "seen").parse().unwrap_or(0);
    let Some((name, act)) = read(&name, &fields) else { return Err(PageError::NotFound) };
    let refused = match carry_out(&state.centre, &session.officer, application, seen, act).await {
        Ok(_) => {
            let to = afterwards(&state, &session, application, name).await?;
            return Ok(Redirect::to(&to).into_response());
        }
        Err(ActError::NotFound) => return Err(PageError::NotFound),
        Err(ActError::Storage(error)) => return Err(error.into()),
        Err(refused) => refused,
    };
    let moved_on = matches!(refused, ActError::NotNow(_));
    let attempt = attempt(&fields, if moved_on { "" } else { name }, said(&refused));
    let status = if moved_on { StatusCode::CONFLICT } else { StatusCode::UNPROCESSABLE_ENTITY };
    show(&state, &session, &id, status, attempt).await
}

/// Why an act was not carried out, as a sentence.
pub(super) fn said(refused: &ActError) -> &'static str {
    match refused {
        ActError::NotNow(_) => {
            "این درخواست از زمانی که صفحه را باز کردید تغییر کرده است. وضعیت کنونی را ببینید."
        }
        ActError::OutOfOrder(_) => {
            "درخواست‌های کهنه‌تری از همین خدمت در نوبت است. دلیل پذیرش بیرون از نوبت را بنویسید."
        }
        ActError::DefectRequired => "دست‌کم یک نقص را نشان کنید.",
        ActError::ReasonRequired(field) if field.is_empty() => "دلیل را بنویسید.",
        ActError::ReasonRequired(_) => "برای هر نقصی که نشان کرده‌اید دلیل بنویسید.",
        ActError::TextRequired => "متن پیام را بنویسید.",
        ActError::NoSuchAgency => "دستگاهی را برگزینید که درخواست به آن سپرده می‌شود.",
        ActError::NoSuchLetter => {
            "نامه‌ای برنگزیده‌اید، یا سرپرست آن را در این میان عوض کرده است. دوباره برگزینید و \
             پیش‌نویس را ببینید."
        }
        ActError::AdditionTooLong => "افزودهٔ نامه بلندتر از ۵۰۰ حرف است. کوتاه‌تر بنویسید.",
        ActError::TooLong => "متن بلندتر از اندازه است. کوتاه‌تر بنویسید.",
        _ => "یکی از گزینه‌ها در شناسنامهٔ این خدمت نیست. دوباره برگزینید.",
    }
}

/// What stays on the page of what was typed.
pub(super) fn attempt(fields: &Fields, opened: &'static str, why: &str) -> Attempt {
    Attempt {
        notice: Some(Notice { text: why.to_owned(), is_error: true }),
        opened,
        defects: defects(fields),
        note: field(fields, if opened == "note" { "text" } else { "note" }),
        reason: field(fields, "reason"),
        letter: wish(fields).map_or(0, |wish| wish.template),
        addition: field(fields, "addition"),
    }
}

/// The letter that is to go with an approval, if one was chosen: `template.version`.
pub(super) fn wish(fields: &Fields) -> Option<LetterWish> {
    let chosen = field(fields, "letter");
    if chosen.is_empty() {
        return None;
    }
    // What is no number is no letter that the agency has.
    let number = |text: Option<&str>| text.and_then(|text| text.parse().ok()).unwrap_or(0);
    let mut numbers = chosen.split('.');
    let (template, version) = (number(numbers.next()), number(numbers.next()));
    Some(LetterWish { template, version, addition: field(fields, "addition") })
}

/// The act that a form asks for, and its name.
fn read(name: &str, fields: &Fields) -> Option<(&'static str, OfficerAct)> {
    let note = || field(fields, "note");
    Some(match name {
        "accept" => match reason(fields) {
            reason if reason.is_empty() => ("accept", OfficerAct::Accept),
            reason => ("accept", OfficerAct::TakeOutOfOrder { reason }),
        },
        "return" => ("return", OfficerAct::Return { defects: defects(fields), note: note() }),
        "approve" => match wish(fields) {
            Some(letter) => ("approve", OfficerAct::ApproveWithLetter { note: note(), letter }),
            None => ("approve", OfficerAct::Approve { note: note() }),
        },
        "refuse" => {
            let reason_code = field(fields, "reason_code");
            ("refuse", OfficerAct::Refuse { reason_code, note: note() })
        }
        "note" => ("note", OfficerAct::Note { text: field(fields, "text") }),
        "hand-over" => {
            let agency = AgencyCode(field(fields, "agency"));
            ("hand-over", OfficerAct::HandOver { agency, reason: field(fields, "reason") })
        }
        _ => return None,
    })
}

/// Where an act leads: after a decision the next application opens by itself.
async fn afterwards(
    state: &AppState,
    session: &Session,
    id: ApplicationId,
    name: &str,
) -> Result<String, PageError> {
    if matches!(name, "accept" | "note") {
        return Ok(format!("/console/applications/{id}?done={name}"));
    }
    let mut unit = state.centre.storage.read().await?;
    let office = applications::office_of(unit.as_mut(), id).await?.ok_or(PageError::NotFound)?;
    let done = applications::find(unit.as_mut(), &office, id).await?.ok_or(PageError::NotFound)?;
    let here = (done.filed_at, id);
    let agency = &session.officer.agency;
    Ok(match next_after(unit.as_mut(), agency, &done.service, here).await? {
        Some(next) => {
            format!("/console/applications/{}?done={name}&of={}", next.id, done.tracking_code)
        }
        None => "/console?done=last".to_owned(),
    })
}

/// Chosen, or written; what is written counts more.
fn reason(fields: &Fields) -> String {
    let written = field(fields, "reason");
    if written.is_empty() { field(fields, "ready") } else { written }
}

pub(super) fn field(fields: &Fields, name: &str) -> String {
    let value = fields.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str());
    cleaned(value.unwrap_or_default())
}

/// Controls and marks that turn text around have no place in what an office will print.
fn cleaned(text: &str) -> String {
    clean_lines(text).unwrap_or_default()
}

/// Those that are marked, and those that have a reason though nobody marked them.
fn defects(fields: &Fields) -> Vec<Defect> {
    let marked = |path: &str| {
        let name = format!("defect.{path}");
        fields.iter().any(|(known, _)| *known == name)
    };
    fields
        .iter()
        .filter_map(|(name, reason)| Some((name.strip_prefix("reason.")?, cleaned(reason))))
        .filter(|(path, reason)| !reason.is_empty() || marked(path))
        .map(|(path, reason)| Defect { field: path.to_owned(), reason })
        .collect()
}
