//! Importing districts and offices: upload, look at what would change, apply.
//!
//! Invariant: nothing is written that was not shown; when something else has changed in between, the
//! preview is shown again.

use askama::Template;
use axum::Form;
use axum::extract::multipart::MultipartError;
use axum::extract::{Multipart, Path, State};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Redirect, Response};
use pishkhan_domain::content_hash::ContentHash;
use serde::Deserialize;

use super::Notice;
use crate::office_import::{self, Fate, Line, Plan, ReadError, Subject, read};
use crate::secret::{hex, random};
use crate::storage::Unit;
use crate::storage::import_previews::{self, ImportPreview};
use crate::web::AppState;
use crate::web::page::{PageError, page};
use crate::web::session::{Frame, Session};
use crate::wording;

/// Largest file, with what is around it.
pub(super) const MAX_FILE_BYTES: usize = 1024 * 1024;
/// Most lines of a kind that the preview shows; all are counted.
const SHOWN: usize = 200;

#[derive(Template)]
#[template(path = "admin/import.html")]
struct Upload {
    frame: Frame,
    notice: Option<Notice>,
}

#[derive(Template)]
#[template(path = "admin/import_preview.html")]
struct Preview {
    frame: Frame,
    notice: Option<Notice>,
    token: String,
    writes: bool,
    groups: Vec<Group>,
}

struct Group {
    title: &'static str,
    count: String,
    class: &'static str,
    lines: Vec<ShownLine>,
    more: Option<String>,
}

struct ShownLine {
    row: String,
    what: &'static str,
    code: String,
    title: String,
    told: Vec<String>,
}

/// `GET /admin/import`.
pub async fn form(session: Session) -> Response {
    show_form(&session, StatusCode::OK, None)
}

fn show_form(session: &Session, status: StatusCode, notice: Option<Notice>) -> Response {
    page(status, &Upload { frame: session.frame(), notice })
}

/// `GET /admin/import-sample.csv`: a file to begin with.
pub async fn sample() -> Response {
    let headers = [
        (header::CONTENT_TYPE, "text/csv; charset=utf-8"),
        (header::CONTENT_DISPOSITION, "attachment; filename=\"offices-sample.csv\""),
    ];
    (headers, include_str!("../../../assets/offices-sample.csv")).into_response()
}

/// `POST /admin/import`: shows what a file would change.
pub async fn upload(
    State(state): State<AppState>,
    session: Session,
    parts: Result<Multipart, axum::extract::multipart::MultipartRejection>,
) -> Result<Response, PageError> {
    let refused = |text: &str| {
        Ok(show_form(&session, StatusCode::UNPROCESSABLE_ENTITY, Some(Notice::refusal(text))))
    };
    let Ok(parts) = parts else { return refused(NO_FILE) };
    let (csrf, bytes) = match fields(parts).await {
        Ok(fields) => fields,
        Err(_) => return refused(TOO_LARGE),
    };
    session.check(&csrf)?;
    let rows = match read(&bytes) {
        Ok(rows) => rows,
        Err(error) => return refused(&sentence(&error)),
    };
    let token = random::<16>().map(|bytes| hex(&bytes)).map_err(|_| PageError::Unavailable)?;
    let mut unit = state.centre.storage.begin().await?;
    let plan = office_import::plan_now(unit.as_mut(), &rows).await?;
    // What `read` took is UTF-8.
    let content = String::from_utf8(bytes).unwrap_or_default();
    let preview = ImportPreview { content, plan_hash: plan_hash(&plan) };
    keep(&state, unit.as_mut(), &session, &token, &preview).await?;
    unit.commit().await?;
    Ok(show_preview(&session, StatusCode::OK, token, &plan, None))
}

/// A form that carries nothing but its token.
#[derive(Deserialize)]
pub struct Confirmed {
    csrf: String,
}

/// `POST /admin/import/{token}`: applies what was shown.
pub async fn apply(
    State(state): State<AppState>,
    session: Session,
    Path(token): Path<String>,
    Form(form): Form<Confirmed>,
) -> Result<Response, PageError> {
    session.check(&form.csrf)?;
    let (by, now) = (&session.officer, state.centre.now());
    let mut unit = state.centre.storage.begin().await?;
    let found = import_previews::find(unit.as_mut(), &token, &by.username).await?;
    let Some(mut preview) = found else {
        let text =
            "این پیش‌نمایش دیگر نیست: یا به کار بسته شده یا کهنه است. پرونده را دوباره بفرستید.";
        return Ok(show_form(&session, StatusCode::GONE, Some(Notice::refusal(text))));
    };
    let rows = read(preview.content.as_bytes()).map_err(|_| PageError::NotFound)?;
    let plan = office_import::plan_now(unit.as_mut(), &rows).await?;
    if plan_hash(&plan) != preview.plan_hash {
        preview.plan_hash = plan_hash(&plan);
        keep(&state, unit.as_mut(), &session, &token, &preview).await?;
        unit.commit().await?;
        let text = "در این میان دفتر یا دهستانی عوض شده است. دوباره ببینید چه چیز عوض می‌شود.";
        let notice = Some(Notice::refusal(text));
        return Ok(show_preview(&session, StatusCode::CONFLICT, token, &plan, notice));
    }
    let file = ContentHash::of(preview.content.as_bytes());
    office_import::apply(unit.as_mut(), by, &plan, file, now).await?;
    import_previews::forget(unit.as_mut(), &token).await?;
    unit.commit().await?;
    Ok(Redirect::to("/admin/offices?done=imported").into_response())
}

async fn keep(
    state: &AppState,
    unit: &mut dyn Unit,
    session: &Session,
    token: &str,
    preview: &ImportPreview,
) -> Result<(), PageError> {
    let (username, now) = (session.officer.username.as_str(), state.centre.now());
    Ok(import_previews::keep(unit, token, username, preview, now).await?)
}

/// Token of the form, and the file or what was pasted.
async fn fields(mut parts: Multipart) -> Result<(String, Vec<u8>), MultipartError> {
    let (mut csrf, mut file, mut pasted) = (String::new(), Vec::new(), Vec::new());
    while let Some(part) = parts.next_field().await? {
        match part.name().unwrap_or_default() {
            "csrf" => csrf = part.text().await?,
            "file" => file = part.bytes().await?.to_vec(),
            "pasted" => pasted = part.bytes().await?.to_vec(),
            _ => {}
        }
    }
    Ok((csrf, if file.is_empty() { pasted } else { file }))
}

const NO_FILE: &str =
    "پرونده: پرونده‌ای نرسید. پرونده را برگزینید یا متن آن را در خانهٔ پایین بگذارید.";
const TOO_LARGE: &str =
    "پرونده: بزرگ‌تر از یک مگابایت است یا نیمه‌کاره رسید. آن را به چند پرونده بخش کنید.";

fn sentence(error: &ReadError) -> String {
    match error {
        ReadError::Empty => NO_FILE.to_owned(),
        ReadError::NotUtf8 => {
            "پرونده: رمزگذاری آن UTF-8 نیست. در برنامهٔ صفحه‌گسترده آن را با «CSV UTF-8» ذخیره کنید."
                .to_owned()
        }
        ReadError::ColumnMissing(name) => format!(
            "ستون «{name}»: در سطر نخست نیست. شش ستون را با همین نام‌ها بنویسید؛ پروندهٔ نمونه را ببینید."
        ),
        ReadError::TooMany => {
            "پرونده: بیش از پنج هزار سطر دارد. آن را به چند پرونده بخش کنید.".to_owned()
        }
    }
}

/// Tells two plans apart that would write something else, or refuse something else.
fn plan_hash(plan: &Plan) -> [u8; 32] {
    ContentHash::of(format!("{plan:?}").as_bytes()).0
}

fn show_preview(
    session: &Session,
    status: StatusCode,
    token: String,
    plan: &Plan,
    notice: Option<Notice>,
) -> Response {
    type Kind = (&'static str, &'static str, fn(&Fate) -> bool);
    let kinds: [Kind; 4] = [
        ("پذیرفته نمی‌شود", "refused", |fate| matches!(fate, Fate::Refused(_))),
        ("عوض می‌شود", "returned", |fate| matches!(fate, Fate::Changed(_))),
        ("افزوده می‌شود", "approved", |fate| *fate == Fate::Added),
        ("همان است که هست", "", |fate| *fate == Fate::Unchanged),
    ];
    let groups = kinds.map(|(title, class, wanted)| {
        let count = plan.of(wanted).count();
        Group {
            title,
            class,
            count: wording::number(count),
            lines: plan.of(wanted).take(SHOWN).map(shown).collect(),
            more: (count > SHOWN).then(|| wording::number(count - SHOWN)),
        }
    });
    let groups = groups.into_iter().filter(|group| !group.lines.is_empty()).collect();
    let frame = session.frame();
    let view = Preview { frame, notice, token, writes: plan.writes(), groups };
    page(status, &view)
}

fn shown(line: &Line) -> ShownLine {
    let told = match &line.fate {
        Fate::Refused(why) => vec![why.clone()],
        Fate::Changed(changes) => changes
            .iter()
            .map(|(part, before, after)| match before.as_str() {
                "" => format!("{part}: «{after}»"),
                _ => format!("{part}: «{before}» می‌شود «{after}»"),
            })
            .collect(),
        Fate::Added | Fate::Unchanged => Vec::new(),
    };
    ShownLine {
        row: wording::number(line.row),
        what: match line.subject {
            Subject::District => "دهستان",
            Subject::Office => "دفتر",
        },
        code: line.code.clone(),
        title: line.title.clone(),
        told,
    }
}
