//! The ready letters of an agency, which its supervisor keeps for each service beside the reasons.

use axum::Form;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use pishkhan_domain::ids::ServiceCode;
use pishkhan_domain::persian_text::{clean, clean_lines};
use serde::Deserialize;

use super::Session;
use super::reasons::{Shown, services_of, show_with};
use crate::letter::{MOST_TEMPLATES, NAMES, TemplateFault, check};
use crate::storage::letter_templates::{self, LetterTemplate};
use crate::storage::{StorageError, Unit, audit_log};
use crate::web::AppState;
use crate::web::page::PageError;

/// A template in its form; the number 0 is a new one.
pub struct TemplateForm {
    /// As stored, or as typed.
    pub text: LetterTemplate,
    /// Does it stand open?
    pub open: bool,
}

/// What was typed.
#[derive(Deserialize)]
pub struct Typed {
    csrf: String,
    service: String,
    template: u32,
    version: u32,
    title: String,
    subject: String,
    body: String,
    /// Not empty when it is to be withdrawn.
    #[serde(default)]
    withdraw: String,
}

/// The forms of a service: what is offered, with what was typed in its place, and an empty one.
///
/// # Errors
/// [`StorageError`].
pub async fn forms(
    unit: &mut dyn Unit,
    session: &Session,
    service: &ServiceCode,
    typed: Option<LetterTemplate>,
) -> Result<Vec<TemplateForm>, StorageError> {
    let mut stored = letter_templates::offered(unit, &session.officer.agency, service).await?;
    stored.push(LetterTemplate::default());
    let in_place = |text: LetterTemplate| match &typed {
        Some(typed) if typed.template == text.template => {
            // As it stands now, so that what was typed can be kept over it knowingly.
            let version = text.version;
            TemplateForm { text: LetterTemplate { version, ..typed.clone() }, open: true }
        }
        _ => TemplateForm { text, open: false },
    };
    Ok(stored.into_iter().map(in_place).collect())
}

/// The names that may stand in braces.
#[must_use]
pub fn names() -> Vec<String> {
    NAMES.iter().map(|(name, _)| format!("{{{name}}}")).collect()
}

/// `POST /console/letter-templates`.
pub async fn write(
    State(state): State<AppState>,
    session: Session,
    Form(typed): Form<Typed>,
) -> Result<Response, PageError> {
    session.check(&typed.csrf)?;
    let (agency, now) = (&session.officer.agency, state.centre.now());
    let service = ServiceCode::from(typed.service.as_str());
    let mut unit = state.centre.storage.begin().await?;
    let services = services_of(&state, unit.as_mut(), &session, &typed.service).await?;
    if !services.iter().any(|choice| choice.chosen) {
        return Err(PageError::NotFound);
    }
    letter_templates::lock(unit.as_mut(), agency).await?;
    let all = letter_templates::all(unit.as_mut(), agency, &service).await?;
    let withdrawn = !typed.withdraw.is_empty();
    let (written, printable) = read(&typed);
    if let Err(why) = may_write(&all, &written, printable, withdrawn) {
        let status =
            if why == CHANGED { StatusCode::CONFLICT } else { StatusCode::UNPROCESSABLE_ENTITY };
        let shown =
            Shown { message: Some(why), refused: true, reasons: None, typed: Some(written) };
        return show_with(unit.as_mut(), &session, services, &service, status, shown).await;
    }
    let next = all.last().map_or(1, |last| last.template + 1);
    let before = all.into_iter().find(|known| known.template == written.template);
    let version = written.version + 1;
    let added = match before {
        Some(before) if withdrawn => LetterTemplate { version, withdrawn, ..before },
        Some(_) => LetterTemplate { version, ..written },
        None => LetterTemplate { template: next, version: 1, ..written },
    };
    let who = &session.officer;
    letter_templates::add(unit.as_mut(), (agency, &service), &added, &who.username, now).await?;
    let act = if withdrawn { "letter.template_withdrawn" } else { "letter.template_written" };
    let detail = format!("{}.{}", added.template, added.version);
    audit_log::record(unit.as_mut(), who, act, &service.0, &detail, now).await?;
    unit.commit().await?;
    let done = if withdrawn { "withdrawn" } else { "letter" };
    let to = format!("/console/reasons?service={}&done={done}", service.0);
    Ok(Redirect::to(&to).into_response())
}

const CHANGED: &str = "همکار دیگری این نامهٔ آماده را در این میان عوض کرده است. آنچه نوشته‌اید در \
                       زیر مانده است؛ اگر باید جای نوشتهٔ او را بگیرد، دوباره ذخیره کنید.";

/// What was typed, cleaned; or as it came, and false, where it has marks that cannot be printed.
fn read(typed: &Typed) -> (LetterTemplate, bool) {
    let cleaned = clean(&typed.title)
        .and_then(|title| Ok((title, clean(&typed.subject)?, clean_lines(&typed.body)?)));
    let printable = cleaned.is_ok();
    let (title, subject, body) = cleaned
        .unwrap_or_else(|_| (typed.title.clone(), typed.subject.clone(), typed.body.clone()));
    let Typed { template, version, .. } = *typed;
    (LetterTemplate { template, version, title, subject, body, withdrawn: false }, printable)
}

fn may_write(
    all: &[LetterTemplate],
    written: &LetterTemplate,
    printable: bool,
    withdraws: bool,
) -> Result<(), String> {
    let offered = all.iter().filter(|known| !known.withdrawn);
    let known = offered.clone().find(|known| known.template == written.template);
    match known {
        Some(known) if known.version != written.version => return Err(CHANGED.to_owned()),
        None if written.template != 0 || withdraws => {
            return Err("این نامهٔ آماده کنار گذاشته شده است. آن را تازه بنویسید.".to_owned());
        }
        None if offered.count() >= MOST_TEMPLATES => {
            return Err(
                "بیش از دوازده نامهٔ آماده برای یک خدمت نمی‌شود. یکی را کنار بگذارید.".to_owned()
            );
        }
        _ => {}
    }
    if withdraws {
        return Ok(());
    }
    if !printable {
        return Err("در متن نویسه‌ای هست که چاپ نمی‌شود. آن را دوباره بنویسید.".to_owned());
    }
    check(written).map_err(|fault| sentence(&fault))
}

fn sentence(fault: &TemplateFault) -> String {
    match fault {
        TemplateFault::UnknownName(name) => {
            let known = names().join("، ");
            format!("«{{{name}}}» شناخته نیست. میان دو آکولاد تنها یکی از این‌ها می‌آید: {known}.")
        }
        TemplateFault::BraceAlone => {
            "یک آکولاد بی‌جفت است. نام‌ها را در یک سطر میان { و } بنویسید.".to_owned()
        }
        TemplateFault::Title => "نام نامه را بنویسید، تا ۸۰ حرف.".to_owned(),
        TemplateFault::Subject => "موضوع را بنویسید، تا ۱۲۰ حرف.".to_owned(),
        TemplateFault::Body => "متن را بنویسید، تا ۱۵۰۰ حرف.".to_owned(),
        TemplateFault::Paragraphs => {
            "متن بیش از پانزده بند دارد و در یک صفحه جا نمی‌شود. آن را کوتاه‌تر کنید.".to_owned()
        }
    }
}
