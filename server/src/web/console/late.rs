//! Late answers that have risen to whoever reads: to the supervisor from the first working day, to
//! the head later. The rule is in docs/service-clock.md.

use askama::Template;
use axum::extract::{Query, State};
use axum::http::StatusCode;
use axum::response::Response;
use pishkhan_domain::jalali;
use pishkhan_domain::service_clock::Level;
use serde::Deserialize;

use super::queue::{Row, row};
use super::{Frame, Session};
use crate::access::Role;
use crate::service_clock::late_if_due_before;
use crate::storage::queue::{self, Key, OPEN, QueueFilter};
use crate::storage::{audit_log, taken_out_of_order};
use crate::web::AppState;
use crate::web::page::{PageError, cut, page};
use crate::wording;

const PAGE: u32 = 30;
const DAY_MS: i64 = 24 * 60 * 60 * 1_000;
/// For how many days back what was taken out of order is told.
const TOLD_DAYS: i64 = 30;
const MOST_TOLD: u32 = 50;

#[derive(Template)]
#[template(path = "late.html")]
struct Late {
    frame: Frame,
    from_days: String,
    rises_at: String,
    is_head: bool,
    rows: Vec<Row>,
    next: Option<Key>,
    counts: Vec<(String, String)>,
    taken: Vec<Taken>,
}

struct Taken {
    application: String,
    at: String,
    username: String,
    reason: String,
}

/// Where the page goes on.
#[derive(Deserialize)]
pub struct Place {
    #[serde(default)]
    after: String,
    #[serde(default)]
    id: String,
}

/// `GET /console/late`.
pub async fn late(
    State(state): State<AppState>,
    session: Session,
    Query(place): Query<Place>,
) -> Result<Response, PageError> {
    let now = state.centre.now();
    let is_head = session.role() == Role::Head;
    let level = if is_head { Level::Head } else { Level::Supervisor };
    let mut unit = state.centre.storage.begin().await?;
    let cards = state.centre.cards.current(unit.as_mut()).await?;
    let calendar = cards.working_calendar();
    let mut filter = QueueFilter::of(&OPEN);
    let late_day = late_if_due_before(level.from_late_days(), jalali::tehran_date(now), &calendar);
    filter.due_before = Some(late_day.to_string());
    let after = (!place.after.is_empty()).then_some(Key { place: place.after, id: place.id });
    let agency = &session.officer.agency;
    let mut found = queue::page(unit.as_mut(), agency, &filter, after.as_ref(), PAGE + 1).await?;
    let more = cut(&mut found, PAGE);
    let since = now - TOLD_DAYS * DAY_MS;
    let counts = taken_out_of_order::counts(unit.as_mut(), agency, since).await?;
    let taken = taken_out_of_order::since(unit.as_mut(), agency, since, MOST_TOLD).await?;
    audit_log::record(unit.as_mut(), &session.officer, "late.viewed", "", "", now).await?;
    unit.commit().await?;
    let view = Late {
        frame: session.frame(),
        from_days: wording::number(level.from_late_days()),
        rises_at: wording::number(Level::Head.from_late_days()),
        is_head,
        next: found.last().filter(|_| more).map(|row| row.key(&filter)),
        rows: found.iter().map(|found| row(found, &cards, &calendar, now)).collect(),
        counts: counts
            .into_iter()
            .map(|(username, number)| (username, wording::number(number)))
            .collect(),
        taken: taken
            .into_iter()
            .map(|taken| Taken {
                application: taken.application.to_string(),
                at: jalali::timestamp_in_digits(taken.taken_at),
                username: taken.username,
                reason: taken.reason,
            })
            .collect(),
    };
    Ok(page(StatusCode::OK, &view))
}
