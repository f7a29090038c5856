//! The ready reasons for a return, and the ready letters, which an agency's supervisor keeps for
//! each service.

use askama::Template;
use axum::Form;
use axum::extract::{Query, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use pishkhan_domain::ids::{AgencyCode, ServiceCode};
use pishkhan_domain::persian_text::clean;
use serde::Deserialize;

use super::letter_templates::{TemplateForm, forms, names};
use super::queue::{Choice, services};
use super::{Frame, Session};
use crate::access::Role;
use crate::storage::letter_templates::LetterTemplate;
use crate::storage::{StorageError, Unit, audit_log, return_reasons};
use crate::web::AppState;
use crate::web::page::{PageError, page};
use crate::wording;

/// Most reasons of one service, and the longest of them, in characters.
const MOST: usize = 40;
const LONGEST: usize = 200;

#[derive(Template)]
#[template(path = "reasons.html")]
struct Reasons {
    frame: Frame,
    services: Vec<Choice>,
    service: String,
    reasons: String,
    letters: Vec<TemplateForm>,
    names: Vec<String>,
    may_write: bool,
    message: Option<String>,
    refused: bool,
}

/// What has just been done or tried.
#[derive(Default)]
pub struct Shown {
    /// A sentence above the page.
    pub message: Option<String>,
    /// Is it about something that was not done?
    pub refused: bool,
    /// Reasons as typed; none for those that are stored.
    pub reasons: Option<String>,
    /// A letter as typed.
    pub typed: Option<LetterTemplate>,
}

/// Of which service.
#[derive(Deserialize)]
pub struct Of {
    #[serde(default)]
    service: String,
    #[serde(default)]
    done: String,
}

/// What was typed.
#[derive(Deserialize)]
pub struct Typed {
    csrf: String,
    service: String,
    reasons: String,
}

/// The reasons that an officer is offered: the agency's own, or those that are usual everywhere.
///
/// # Errors
/// [`StorageError`].
pub async fn offered(
    unit: &mut dyn Unit,
    agency: &AgencyCode,
    service: &ServiceCode,
) -> Result<Vec<String>, StorageError> {
    let own = return_reasons::of(unit, agency, service).await?;
    let usual = || wording::READY_REASONS.map(str::to_owned).to_vec();
    Ok(if own.is_empty() { usual() } else { own })
}

/// `GET /console/reasons`.
pub async fn show(
    State(state): State<AppState>,
    session: Session,
    Query(of): Query<Of>,
) -> Result<Response, PageError> {
    let message = match of.done.as_str() {
        "written" => Some("دلیل‌ها ذخیره شد."),
        "letter" => Some("نامهٔ آماده ذخیره شد."),
        "withdrawn" => Some("نامهٔ آماده کنار گذاشته شد. نامه‌های پیشین همان‌اند که بودند."),
        _ => None,
    };
    let mut unit = state.centre.storage.read().await?;
    let services = services_of(&state, unit.as_mut(), &session, &of.service).await?;
    let chosen = services.iter().find(|choice| choice.chosen).or(services.first());
    let service = ServiceCode(chosen.map_or_else(String::new, |choice| choice.code.clone()));
    let shown = Shown { message: message.map(str::to_owned), ..Shown::default() };
    show_with(unit.as_mut(), &session, services, &service, StatusCode::OK, shown).await
}

/// `POST /console/reasons`.
pub async fn write(
    State(state): State<AppState>,
    session: Session,
    Form(typed): Form<Typed>,
) -> Result<Response, PageError> {
    session.check(&typed.csrf)?;
    let mut unit = state.centre.storage.begin().await?;
    let services = services_of(&state, unit.as_mut(), &session, &typed.service).await?;
    if !services.iter().any(|choice| choice.chosen) {
        return Err(PageError::NotFound);
    }
    let service = ServiceCode::from(typed.service.as_str());
    let reasons = match read(&typed.reasons) {
        Ok(reasons) => reasons,
        Err(why) => {
            let (message, reasons) = (Some(why.to_owned()), Some(typed.reasons));
            let shown = Shown { message, refused: true, reasons, typed: None };
            let status = StatusCode::UNPROCESSABLE_ENTITY;
            return show_with(unit.as_mut(), &session, services, &service, status, shown).await;
        }
    };
    let (agency, now) = (&session.officer.agency, state.centre.now());
    return_reasons::replace(unit.as_mut(), agency, &service, &reasons).await?;
    let (who, number) = (&session.officer, reasons.len().to_string());
    audit_log::record(unit.as_mut(), who, "reasons.written", &service.0, &number, now).await?;
    unit.commit().await?;
    let to = format!("/console/reasons?service={}&done=written", service.0);
    Ok(Redirect::to(&to).into_response())
}

/// The services of the session's agency, one of them chosen.
///
/// # Errors
/// [`PageError`].
pub async fn services_of(
    state: &AppState,
    unit: &mut dyn Unit,
    session: &Session,
    chosen: &str,
) -> Result<Vec<Choice>, PageError> {
    let cards = state.centre.cards.current(unit).await?;
    Ok(services(&cards, session, chosen))
}

/// The page, with what was done or tried.
///
/// # Errors
/// [`PageError`].
pub async fn show_with(
    unit: &mut dyn Unit,
    session: &Session,
    services: Vec<Choice>,
    service: &ServiceCode,
    status: StatusCode,
    shown: Shown,
) -> Result<Response, PageError> {
    let reasons = match shown.reasons {
        Some(typed) => typed,
        None => offered(unit, &session.officer.agency, service).await?.join("\n"),
    };
    let view = Reasons {
        frame: session.frame(),
        services,
        service: service.0.clone(),
        reasons,
        letters: forms(unit, session, service, shown.typed).await?,
        names: names(),
        may_write: session.role() == Role::Supervisor,
        message: shown.message,
        refused: shown.refused,
    };
    Ok(page(status, &view))
}

/// One reason a line.
fn read(typed: &str) -> Result<Vec<String>, &'static str> {
    let mut reasons: Vec<String> = Vec::new();
    for line in typed.lines() {
        let Ok(reason) = clean(line) else {
            return Err("در یکی از دلیل‌ها نویسه‌ای هست که چاپ نمی‌شود. آن را دوباره بنویسید.");
        };
        if reason.chars().count() > LONGEST {
            return Err("یکی از دلیل‌ها بلندتر از دویست حرف است. کوتاه‌تر بنویسید.");
        }
        if !reason.is_empty() && !reasons.contains(&reason) {
            reasons.push(reason);
        }
    }
    if reasons.len() > MOST {
        return Err("بیش از چهل دلیل نوشته‌اید. چندتا را بردارید.");
    }
    Ok(reasons)
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn a_line_is_a_reason() {
        let read_all = read(" ناقص است \n\nناقص است\r\nامضا ندارد").unwrap();
        assert_eq!(read_all, ["ناقص است", "امضا ندارد"]);
        assert!(read(&"ب".repeat(LONGEST + 1)).is_err());
        assert!(read("متن\u{202e}").is_err());
        let many: Vec<String> = (0..=MOST).map(|number| number.to_string()).collect();
        assert!(read(&many.join("\n")).is_err() && read(&many[1..].join("\n")).is_ok());
    }
}
