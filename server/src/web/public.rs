//! Pages for everybody: services, tracking, and where a scanned receipt leads.

use std::collections::BTreeMap;

use askama::Template;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use pishkhan_domain::service_card::ServiceCard;

use super::AppState;
use super::page::{PageError, page};
use crate::figures::published::{Published, Waited};
use crate::figures::shelf::published;
use crate::secret::hex;
use crate::wording;

#[derive(Template)]
#[template(path = "services.html")]
struct Services {
    groups: Vec<Group>,
}

struct Group {
    agency: String,
    services: Vec<Service>,
}

struct Service {
    title: String,
    audience: String,
    documents: Vec<String>,
    fee: String,
    fee_is_sample: bool,
    deadline: String,
    deadline_is_sample: bool,
    /// How long it took, where that can be told.
    measured: String,
    visits: String,
}

/// `/`: what can be asked for, and what to bring.
pub async fn services(State(state): State<AppState>) -> Result<Response, PageError> {
    let mut unit = state.centre.storage.read().await?;
    let cards = state.centre.cards.current(unit.as_mut()).await?;
    let published = published(&state.centre, unit.as_mut()).await?;
    let mut groups: BTreeMap<&str, Group> = BTreeMap::new();
    for card in cards.newest() {
        let group = groups.entry(&card.agency.code.0).or_insert_with(|| Group {
            agency: card.agency.title.fa.clone(),
            services: Vec::new(),
        });
        group.services.push(service(card, &published));
    }
    Ok(page(StatusCode::OK, &Services { groups: groups.into_values().collect() }))
}

fn service(card: &ServiceCard, published: &Published) -> Service {
    let assumed = |member: &str| card.assumptions.iter().any(|path| path.starts_with(member));
    let documents = card.documents.iter().map(|document| {
        let mut line = document.title.fa.clone();
        if document.when.is_some() {
            line.push_str("، در صورت نیاز");
        } else if !document.required {
            line.push_str("، اگر دارید");
        }
        line
    });
    let row = published.service(&card.code.0);
    let shown = row.and_then(|row| published.at(Some(row), None));
    Service {
        title: card.title.fa.clone(),
        audience: card.audience.fa.clone(),
        documents: documents.collect(),
        fee: wording::rial(card.fee.rial),
        fee_is_sample: assumed("/fee"),
        deadline: format!("{} روز کاری", wording::number(card.deadline_working_days)),
        deadline_is_sample: assumed("/deadline_working_days"),
        measured: shown.and_then(|shown| shown.agency).map_or_else(String::new, measured),
        visits: match card.visits_before {
            0 => String::new(),
            visits => wording::number(visits),
        },
    }
}

fn measured(waited: Waited) -> String {
    let half = format!("نیمی از پاسخ‌ها در {} روز کاری", wording::number(waited.median));
    match waited.ninth {
        Some(ninth) => format!("{half}، نه‌تا از هر ده در {} روز", wording::number(ninth)),
        None => half,
    }
}

#[derive(Template)]
#[template(path = "receipt.html")]
struct ReceiptPage {
    key: String,
    services: Vec<NamedService>,
}

struct NamedService {
    code: String,
    title: String,
}

/// `/r`: where the code on a receipt leads. The proof is in the fragment and never reaches us; a
/// script of ours verifies it in the browser with the key that the page carries.
pub async fn receipt(State(state): State<AppState>) -> Result<Response, PageError> {
    let mut unit = state.centre.storage.read().await?;
    let cards = state.centre.cards.current(unit.as_mut()).await?;
    let services = cards
        .newest()
        .map(|card| NamedService { code: card.code.0.clone(), title: card.title.fa.clone() });
    let key = hex(&state.centre.key.public().0);
    Ok(page(StatusCode::OK, &ReceiptPage { key, services: services.collect() }))
}
