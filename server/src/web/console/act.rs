//! What an officer does: take up, return, approve, refuse.

use axum::Form;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use pishkhan_domain::application::Defect;
use pishkhan_domain::persian_text::clean_lines;

use super::Session;
use super::application::{Attempt, Notice, show};
use crate::officer::{ActError, act as carry_out};
use crate::projection::OfficerAct;
use crate::web::AppState;
use crate::web::page::PageError;

/// Fields of a form, in order, as the browser sent them.
type Fields = Vec<(String, String)>;

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
    let note = field(&fields, "note");
    let defects = defects(&fields);
    let (name, act) = match name.as_str() {
        "accept" => ("accept", OfficerAct::Accept),
        "return" => ("return", OfficerAct::Return { defects: defects.clone(), note: note.clone() }),
        "approve" => ("approve", OfficerAct::Approve { note: note.clone() }),
        "refuse" => {
            let reason_code = field(&fields, "reason_code");
            ("refuse", OfficerAct::Refuse { reason_code, note: note.clone() })
        }
        _ => return Err(PageError::NotFound),
    };
    let refused = match carry_out(&state.centre, &session.officer, application, seen, act).await {
        Ok(_) => {
            let page = format!("/console/applications/{application}?done={name}");
            return Ok(Redirect::to(&page).into_response());
        }
        Err(ActError::NotFound) => return Err(PageError::NotFound),
        Err(ActError::Storage(error)) => return Err(error.into()),
        Err(refused) => refused,
    };
    let text = match refused {
        ActError::NotNow(_) => {
            "این درخواست از زمانی که صفحه را باز کردید تغییر کرده است. وضعیت کنونی را ببینید."
        }
        ActError::DefectRequired => "دست‌کم یک نقص را نشان کنید.",
        ActError::ReasonRequired(_) => "برای هر نقصی که نشان کرده‌اید دلیل بنویسید.",
        ActError::TooLong => "متن بلندتر از اندازه است. کوتاه‌تر بنویسید.",
        _ => "یکی از گزینه‌ها در شناسنامهٔ این خدمت نیست. دوباره برگزینید.",
    };
    let moved_on = matches!(refused, ActError::NotNow(_));
    let attempt = Attempt {
        notice: Some(Notice { text: text.to_owned(), is_error: true }),
        opened: if moved_on { "" } else { name },
        defects,
        note,
    };
    let status = if moved_on { StatusCode::CONFLICT } else { StatusCode::UNPROCESSABLE_ENTITY };
    show(&state, &session, &id, status, attempt).await
}

fn field(fields: &Fields, name: &str) -> String {
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
