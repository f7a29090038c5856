//! The governor's briefing: as a page, and as a sheet to print.

use askama::Template;
use axum::Router;
use axum::extract::{Query, State};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use pishkhan_domain::jalali::tehran_date;
use pishkhan_domain::jalali_month::JalaliMonth;
use pishkhan_receipt::{Sheet, render_sheet};
use serde::Deserialize;

use super::AppState;
use super::page::{PageError, page};
use super::session::{Frame, Session};
use crate::briefing::{Briefing, Sources};
use crate::figures::place::Place;
use crate::figures::refresh::every_day_counts;
use crate::storage::districts::{self, District};
use crate::storage::offices;

/// Months that can be chosen.
const MONTHS: u16 = 13;

/// Its addresses.
pub fn routes() -> Router<AppState> {
    Router::new().route("/briefing", get(briefing)).route("/briefing.pdf", get(sheet))
}

#[derive(Template)]
#[template(path = "briefing.html")]
struct Page {
    frame: Frame,
    briefing: Briefing,
    whole: Option<(String, String)>,
    parts: Vec<String>,
    months: Vec<Month>,
    wanted: Wanted,
    sheet: String,
}

struct Month {
    value: String,
    title: String,
    chosen: bool,
}

/// Which place and month.
#[derive(Clone, Default, Deserialize)]
struct Wanted {
    #[serde(default)]
    province: String,
    #[serde(default)]
    county: String,
    #[serde(default)]
    district: String,
    #[serde(default)]
    month: String,
}

impl Wanted {
    /// The place, where this reader may see it.
    fn place(&self, session: &Session, districts: &[District]) -> Result<Place, PageError> {
        let own = Place::of(session.scope()).ok_or(PageError::NotFound)?;
        let text = |text: &str| text.trim().to_owned();
        let place = match (text(&self.province), text(&self.county), text(&self.district)) {
            (province, county, district) if !district.is_empty() => {
                let found = districts.iter().find(|known| known.code == district);
                let fits = |known: &&District| {
                    (province.is_empty() || known.province == province)
                        && (county.is_empty() || known.county == county)
                };
                Place::District(found.filter(fits).cloned().ok_or(PageError::NotFound)?)
            }
            (province, county, _) if !province.is_empty() && !county.is_empty() => {
                Place::County { province, county }
            }
            (province, ..) if !province.is_empty() => Place::Province(province),
            (_, county, _) if !county.is_empty() => return Err(PageError::NotFound),
            _ => own.clone(),
        };
        let known = place == own || districts.iter().any(|district| place.has(district));
        if known && place.is_within(session.scope()) { Ok(place) } else { Err(PageError::NotFound) }
    }

    fn month(&self, running: JalaliMonth) -> Result<JalaliMonth, PageError> {
        if self.month.is_empty() {
            return Ok(running);
        }
        let month = self.month.parse().map_err(|_| PageError::NotFound)?;
        if running.last(MONTHS).contains(&month) { Ok(month) } else { Err(PageError::NotFound) }
    }
}

/// `GET /briefing`.
async fn briefing(
    State(state): State<AppState>,
    session: Session,
    Query(wanted): Query<Wanted>,
) -> Result<Response, PageError> {
    let made = make(&state, &session, &wanted).await?;
    let month = made.month.to_string();
    let link = |place: &Place| address("/briefing", place, &month);
    let within = |place: &Place| place.is_within(session.scope());
    let view = Page {
        frame: session.frame(),
        whole: made.place.whole().filter(within).map(|whole| (whole.title(), link(&whole))),
        parts: made.briefing.parts.iter().map(|part| link(&part.place)).collect(),
        months: made
            .running
            .last(MONTHS)
            .iter()
            .rev()
            .map(|known| Month {
                value: known.to_string(),
                title: known.in_words(),
                chosen: *known == made.month,
            })
            .collect(),
        sheet: address("/briefing.pdf", &made.place, &month),
        briefing: made.briefing,
        wanted,
    };
    Ok(page(StatusCode::OK, &view))
}

/// `GET /briefing.pdf`.
async fn sheet(
    State(state): State<AppState>,
    session: Session,
    Query(wanted): Query<Wanted>,
) -> Result<Response, PageError> {
    let made = make(&state, &session, &wanted).await?;
    let identity = format!("pishkhan briefing {} {}", made.place.title(), made.month);
    let content = serde_json::to_value(&made.briefing).ok();
    let content = content.and_then(|content| content.as_object().cloned());
    let content = content.ok_or(PageError::Unavailable)?;
    let set = move || render_sheet(Sheet::Briefing, &content, &identity);
    let pdf = tokio::task::spawn_blocking(set).await.map_err(|_| PageError::Unavailable)?;
    let pdf = pdf.map_err(|error| {
        super::report(&error);
        PageError::Unavailable
    })?;
    let name = format!("inline; filename=\"briefing-{}.pdf\"", made.month);
    let headers =
        [(header::CONTENT_TYPE, "application/pdf".to_owned()), (header::CONTENT_DISPOSITION, name)];
    Ok((headers, pdf).into_response())
}

struct Made {
    place: Place,
    month: JalaliMonth,
    running: JalaliMonth,
    briefing: Briefing,
}

async fn make(state: &AppState, session: &Session, wanted: &Wanted) -> Result<Made, PageError> {
    let now = state.centre.now();
    let today = tehran_date(now);
    let running = JalaliMonth::of(today);
    let mut unit = state.centre.storage.read().await?;
    let districts = districts::all(unit.as_mut()).await?;
    let place = wanted.place(session, &districts)?;
    let month = wanted.month(running)?;
    let figures = state.centre.figures.current(unit.as_mut(), now).await?;
    let cards = state.centre.cards.current(unit.as_mut()).await?;
    let contacts = offices::contacts(unit.as_mut()).await?;
    let every_day = every_day_counts();
    let sources = Sources {
        figures: &figures,
        cards: &cards,
        districts: &districts,
        contacts: &contacts,
        calendar: cards.calendar().unwrap_or(&every_day),
        now,
        today,
    };
    let briefing = sources.briefing(&place, month);
    Ok(Made { place, month, running, briefing })
}

fn address(path: &str, place: &Place, month: &str) -> String {
    let mut pairs: Vec<(&str, &str)> = Vec::new();
    match place {
        Place::Country => {}
        Place::Province(province) => pairs.push(("province", province)),
        Place::County { province, county } => {
            pairs.extend([("province", province.as_str()), ("county", county.as_str())]);
        }
        Place::District(district) => pairs.push(("district", &district.code)),
    }
    pairs.push(("month", month));
    let encode = |text: &str| -> String {
        text.bytes()
            .map(|byte| match byte {
                b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'_' => {
                    char::from(byte).to_string()
                }
                other => format!("%{other:02X}"),
            })
            .collect()
    };
    let pairs: Vec<String> =
        pairs.iter().map(|(name, value)| format!("{name}={}", encode(value))).collect();
    format!("{path}?{}", pairs.join("&"))
}
