//! The queue of an agency, in order of filing.

use askama::Template;
use axum::extract::{Query, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use pishkhan_domain::jalali;
use pishkhan_domain::lifecycle::State as ApplicationState;
use serde::Deserialize;

use super::{Frame, NO_STORE, Session};
use crate::storage::applications::{self, Application, QueueFilter};
use crate::web::AppState;
use crate::web::page::{PageError, page};
use crate::wording;

const PAGE: u32 = 20;
const TABS: [ApplicationState; 6] = [
    ApplicationState::Received,
    ApplicationState::Accepted,
    ApplicationState::Resubmitted,
    ApplicationState::Returned,
    ApplicationState::Approved,
    ApplicationState::Refused,
];

#[derive(Template)]
#[template(path = "queue.html")]
struct Queue {
    frame: Frame,
    tabs: Vec<Tab>,
    rows: Vec<Row>,
    state: String,
    previous: Option<u32>,
    next: Option<u32>,
}

struct Tab {
    name: &'static str,
    label: &'static str,
    count: String,
    current: bool,
}

struct Row {
    id: String,
    code: String,
    service: String,
    applicant: String,
    filed: String,
    waiting: String,
    due: String,
    late: bool,
    state: &'static str,
    state_class: &'static str,
}

/// Which part of the queue.
#[derive(Deserialize)]
pub struct Wanted {
    #[serde(default)]
    state: String,
    #[serde(default)]
    page: u32,
}

/// `GET /console`.
pub async fn queue(
    State(state): State<AppState>,
    session: Session,
    Query(wanted): Query<Wanted>,
) -> Result<Response, PageError> {
    let now = state.centre.now();
    let filter = match wanted.state.as_str() {
        "all" => QueueFilter::All,
        name => ApplicationState::named(name).map_or(QueueFilter::Open, QueueFilter::In),
    };
    let mut unit = state.centre.storage.read().await?;
    let agency = &session.officer.agency;
    let number = wanted.page.clamp(1, 1_000_000);
    let offset = (number - 1) * PAGE;
    let mut found = applications::queue(unit.as_mut(), agency, filter, PAGE + 1, offset).await?;
    let more = found.len() > PAGE as usize;
    found.truncate(PAGE as usize);
    let counts = applications::counts(unit.as_mut(), agency).await?;
    let cards = state.centre.cards.current(unit.as_mut()).await?;
    let rows = found.iter().map(|application| {
        let card = cards.card(application.card_version);
        let service = card.map_or_else(|| application.service.0.clone(), |c| c.title.fa.clone());
        row(application, service, now)
    });
    let rows = rows.collect();
    let view = Queue {
        frame: session.frame(),
        tabs: tabs(filter, &counts),
        rows,
        state: match filter {
            QueueFilter::Open => "open".to_owned(),
            QueueFilter::All => "all".to_owned(),
            QueueFilter::In(state) => state.name().to_owned(),
        },
        previous: (number > 1).then(|| number - 1),
        next: more.then(|| number + 1),
    };
    Ok((NO_STORE, page(StatusCode::OK, &view)).into_response())
}

fn row(application: &Application, service: String, now: i64) -> Row {
    let standing = application.state;
    let open = matches!(
        standing,
        ApplicationState::Received | ApplicationState::Accepted | ApplicationState::Resubmitted
    );
    Row {
        id: application.id.to_string(),
        code: wording::code(application.tracking_code),
        service,
        applicant: application.content.applicant.full_name(),
        filed: jalali::timestamp_in_digits(application.filed_at),
        waiting: if open {
            wording::waiting(application.received_at, now)
        } else {
            "—".to_owned()
        },
        due: jalali::iso_in_digits(&application.due_on),
        late: wording::is_late(standing, &application.due_on, now),
        state: standing.label(),
        state_class: wording::state_class(standing),
    }
}

fn tabs(filter: QueueFilter, counts: &[(ApplicationState, u64)]) -> Vec<Tab> {
    let of = |state| counts.iter().find(|(known, _)| *known == state).map_or(0, |(_, n)| *n);
    let open = of(ApplicationState::Received)
        + of(ApplicationState::Accepted)
        + of(ApplicationState::Resubmitted);
    let all = counts.iter().map(|(_, number)| number).sum::<u64>();
    let tab = |name, label, count: u64, current| Tab {
        name,
        label,
        count: wording::number(count),
        current,
    };
    let mut tabs = vec![tab("open", "در نوبت", open, filter == QueueFilter::Open)];
    tabs.extend(TABS.map(|state| {
        tab(state.name(), state.label(), of(state), filter == QueueFilter::In(state))
    }));
    tabs.push(tab("all", "همه", all, filter == QueueFilter::All));
    tabs
}
