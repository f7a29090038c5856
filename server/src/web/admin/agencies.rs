//! Agencies: list, add, rename.

use askama::Template;
use axum::Form;
use axum::extract::{Query, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use pishkhan_domain::ids::AgencyCode;
use pishkhan_domain::persian_text::clean;
use pishkhan_domain::service_card::{Agency, Bilingual};
use serde::Deserialize;

use super::Notice;
use crate::administration::checked_code;
use crate::storage::accounts;
use crate::storage::{Unit, audit_log, staff};
use crate::web::AppState;
use crate::web::page::{PageError, page};
use crate::web::session::{Frame, Session};
use crate::wording;

const MAX_TITLE: usize = 120;

#[derive(Template)]
#[template(path = "admin/agencies.html")]
struct Agencies {
    frame: Frame,
    notice: Option<Notice>,
    rows: Vec<Row>,
    typed: Typed,
}

struct Row {
    code: String,
    title_fa: String,
    title_en: String,
    members: String,
    services: String,
}

/// An agency as it was typed.
#[derive(Default, Deserialize)]
pub struct Typed {
    #[serde(default)]
    csrf: String,
    #[serde(default)]
    code: String,
    #[serde(default)]
    title_fa: String,
    #[serde(default)]
    title_en: String,
}

/// Which agency stands in the form.
#[derive(Deserialize)]
pub struct Wanted {
    #[serde(default)]
    code: String,
    #[serde(default)]
    done: String,
}

/// `GET /admin/agencies`.
pub async fn list(
    State(state): State<AppState>,
    session: Session,
    Query(wanted): Query<Wanted>,
) -> Result<Response, PageError> {
    let mut unit = state.centre.storage.read().await?;
    let known = accounts::agencies(unit.as_mut()).await?;
    let chosen = known.into_iter().find(|agency| agency.code.0 == wanted.code);
    let typed = chosen.map(|agency| Typed {
        csrf: String::new(),
        code: agency.code.0,
        title_fa: agency.title_fa,
        title_en: agency.title_en,
    });
    let notice = (wanted.done == "kept").then(|| Notice::done("دستگاه نگه داشته شد."));
    show(&state, unit.as_mut(), &session, StatusCode::OK, (notice, typed.unwrap_or_default())).await
}

async fn show(
    state: &AppState,
    unit: &mut dyn Unit,
    session: &Session,
    status: StatusCode,
    (notice, typed): (Option<Notice>, Typed),
) -> Result<Response, PageError> {
    let cards = state.centre.cards.current(unit).await?;
    let rows = accounts::agencies(unit).await?.into_iter().map(|agency| {
        let services = cards.newest().filter(|card| card.agency.code == agency.code).count();
        Row {
            code: agency.code.0,
            title_fa: agency.title_fa,
            title_en: agency.title_en,
            members: wording::number(agency.members),
            services: wording::number(services),
        }
    });
    let view = Agencies { frame: session.frame(), notice, rows: rows.collect(), typed };
    Ok(page(status, &view))
}

/// `POST /admin/agencies`: adds an agency, or renames it.
pub async fn keep(
    State(state): State<AppState>,
    session: Session,
    Form(typed): Form<Typed>,
) -> Result<Response, PageError> {
    session.check(&typed.csrf)?;
    let now = state.centre.now();
    let (fa, en) = (clean(&typed.title_fa), clean(&typed.title_en));
    let (fa, en) = (fa.unwrap_or_default(), en.unwrap_or_default());
    let code = typed.code.trim().to_ascii_lowercase();
    let fault = if checked_code(&code).is_err() {
        Some("کد: تنها حروف کوچک لاتین، رقم و خط تیره، تا ۶۴ نویسه؛ برای نمونه water-company.")
    } else if fa.is_empty() || fa.chars().count() > MAX_TITLE {
        Some("نام فارسی: آن را بنویسید، در صد و بیست نویسه یا کمتر.")
    } else if en.is_empty() || en.chars().count() > MAX_TITLE {
        Some("نام انگلیسی: آن را بنویسید، در صد و بیست نویسه یا کمتر.")
    } else {
        None
    };
    if let Some(fault) = fault {
        let mut unit = state.centre.storage.read().await?;
        let refused = (Some(Notice::refusal(fault)), typed);
        let status = StatusCode::UNPROCESSABLE_ENTITY;
        return show(&state, unit.as_mut(), &session, status, refused).await;
    }
    let agency = Agency { code: AgencyCode(code.clone()), title: Bilingual { fa, en } };
    let mut unit = state.centre.storage.begin().await?;
    staff::upsert_agency(unit.as_mut(), &agency).await?;
    let act = "agency.kept";
    audit_log::record(unit.as_mut(), &session.officer, act, &code, "", now).await?;
    unit.commit().await?;
    Ok(Redirect::to("/admin/agencies?done=kept").into_response())
}
