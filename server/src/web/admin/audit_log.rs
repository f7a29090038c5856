//! The audit log as a page.

use askama::Template;
use axum::extract::{Query, State};
use axum::http::StatusCode;
use axum::response::Response;
use pishkhan_domain::jalali;
use serde::Deserialize;

use crate::access::Role;
use crate::storage::audit_log::{self, AuditEntry, AuditFilter};
use crate::web::AppState;
use crate::web::page::{PageError, cut, page};
use crate::web::session::{Frame, Session};
use crate::wording;

const PAGE: u32 = 50;
/// Acts by what their names begin with.
const KINDS: [(&str, &str); 8] = [
    ("application.", "درخواست‌ها"),
    ("document.", "مدرک‌ها"),
    ("session.", "ورود و خروج"),
    ("staff.", "کارکنان"),
    ("office.", "دفترها"),
    ("agency.", "دستگاه‌های اجرایی"),
    ("device.", "رایانه‌ها"),
    ("catalogue.", "شناسنامه‌ها و تعطیلات"),
];

#[derive(Template)]
#[template(path = "admin/audit_log.html")]
struct Page {
    frame: Frame,
    wanted: Wanted,
    kinds: [(&'static str, &'static str); 8],
    rows: Vec<Row>,
    older: Option<u64>,
}

struct Row {
    number: String,
    at: String,
    username: String,
    role: &'static str,
    act: String,
    subject: String,
    detail: String,
}

/// Which part of the log.
#[derive(Deserialize)]
pub struct Wanted {
    #[serde(default)]
    username: String,
    #[serde(default)]
    kind: String,
    #[serde(default)]
    subject: String,
    before: Option<u64>,
}

/// `GET /admin/audit-log`.
pub async fn audit_log(
    State(state): State<AppState>,
    session: Session,
    Query(wanted): Query<Wanted>,
) -> Result<Response, PageError> {
    let filter = AuditFilter {
        username: wanted.username.trim().to_owned(),
        act: wanted.kind.trim().to_owned(),
        subject: wanted.subject.trim().to_owned(),
        before: wanted.before,
    };
    let mut unit = state.centre.storage.begin().await?;
    let mut found = audit_log::newest(unit.as_mut(), &filter, PAGE + 1).await?;
    // Reading it is an act too; without this an auditor could look up a person unseen.
    let looked_for = format!("{} {} {}", filter.username, filter.act, filter.subject);
    let (who, now) = (&session.officer, state.centre.now());
    audit_log::record(unit.as_mut(), who, "audit_log.viewed", looked_for.trim(), "", now).await?;
    unit.commit().await?;
    let more = cut(&mut found, PAGE);
    let view = Page {
        frame: session.frame(),
        wanted,
        kinds: KINDS,
        older: found.last().filter(|_| more).map(|entry| entry.number),
        rows: found.iter().map(row).collect(),
    };
    Ok(page(StatusCode::OK, &view))
}

fn row(entry: &AuditEntry) -> Row {
    Row {
        number: wording::number(entry.number),
        at: jalali::timestamp_in_digits(entry.at),
        username: entry.username.clone(),
        role: match entry.role.as_str() {
            audit_log::SYSTEM => "سامانهٔ دستگاه",
            role => role.parse().map_or("دستور روی خود سرور", Role::label),
        },
        act: wording::audited(&entry.act).map_or_else(|| entry.act.clone(), str::to_owned),
        subject: entry.subject.clone(),
        detail: entry.detail.clone(),
    }
}
