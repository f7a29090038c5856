//! The page: three sentences, two charts, and the table by service and by district.

use askama::Template;
use axum::extract::{Query, State};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::Deserialize;

use super::chart::{Months, Waits};
use super::row::{Row, number, share, signed};
use crate::figures::published::{Published, Reason, Shown};
use crate::figures::shelf::published;
use crate::figures::suppress::LEAST;
use crate::storage::offices;
use crate::web::AppState;
use crate::web::page::{PageError, page};
use crate::wording;

/// An office counts as connected for so long after its last contact.
const CONNECTED_MS: i64 = 7 * 24 * 60 * 60 * 1_000;

#[derive(Template)]
#[template(path = "transparency/page.html")]
struct Page {
    heading: String,
    sentences: Vec<String>,
    empty: bool,
    services: Vec<Choice>,
    districts: Vec<Choice>,
    months: Option<Months>,
    waits: Waits,
    by_service: Vec<Row>,
    by_district: Vec<Row>,
    one: Option<Row>,
    returned_for: Vec<(String, String)>,
    refused_for: Vec<(String, String)>,
    /// Code and title of the offices of the chosen district.
    offices: Vec<(String, String)>,
    least: String,
}

struct Choice {
    code: String,
    title: String,
    chosen: bool,
}

/// Which part of the table.
#[derive(Deserialize)]
pub(super) struct Wanted {
    #[serde(default)]
    service: String,
    #[serde(default)]
    district: String,
}

/// `GET /transparency`.
pub(super) async fn transparency(
    State(state): State<AppState>,
    Query(wanted): Query<Wanted>,
) -> Result<Response, PageError> {
    let mut unit = state.centre.storage.read().await?;
    let published = published(&state.centre, unit.as_mut()).await?;
    let contacts = offices::contacts(unit.as_mut()).await?;
    let find = |code: &str, found: Option<usize>| match (code, found) {
        ("", _) => Ok(None),
        (_, Some(place)) => Ok(Some(place)),
        (_, None) => Err(PageError::NotFound),
    };
    let service = find(&wanted.service, published.service(&wanted.service))?;
    let district = find(&wanted.district, published.district(&wanted.district))?;
    let since = state.centre.now() - CONNECTED_MS;
    let here = contacts.iter().filter(|office| {
        district.is_none_or(|place| published.districts[place].code == office.district)
    });
    let (mut all, mut connected) = (0_u64, 0_u64);
    for office in here {
        all += 1;
        connected += u64::from(office.last_contact_at.is_some_and(|at| at >= since));
    }
    let mut view = view(&published, service, district, (connected, all));
    if let Some(column) = district {
        let code = &published.districts[column].code;
        let here = contacts.into_iter().filter(|office| office.district == *code);
        view.offices = here.map(|office| (office.office.0, office.title)).collect();
    }
    let cache = [(header::CACHE_CONTROL, "public, max-age=300")];
    Ok((cache, page(StatusCode::OK, &view)).into_response())
}

fn view(
    published: &Published,
    service: Option<usize>,
    district: Option<usize>,
    offices: (u64, u64),
) -> Page {
    let nothing = Shown::default();
    let shown = published.at(service, district).unwrap_or(&nothing);
    let of_service = service.map(|row| &published.services[row]);
    let reasons = |of: fn(&crate::figures::published::Service) -> &[Reason]| {
        // Reasons are told over all districts only.
        let listed = of_service.filter(|_| district.is_none()).map_or(&[][..], of);
        listed.iter().map(|reason| (reason.title.clone(), number(reason.number))).collect()
    };
    Page {
        heading: heading(published, service, district),
        sentences: sentences(published, shown, offices),
        empty: published.is_empty(),
        services: (0..)
            .zip(&published.services)
            .map(|(row, known)| Choice {
                code: known.code.clone(),
                title: known.title.clone(),
                chosen: service == Some(row),
            })
            .collect(),
        districts: (0..)
            .zip(&published.districts)
            .map(|(column, known)| Choice {
                code: known.code.clone(),
                title: place_title(published, column),
                chosen: district == Some(column),
            })
            .filter(|choice| !choice.code.is_empty())
            .collect(),
        months: (service.is_none() && district.is_none()).then(|| Months::of(&published.months)),
        waits: if service.is_none() { Waits::of(published, district) } else { Waits::none() },
        by_service: if service.is_none() { by_service(published, district) } else { Vec::new() },
        by_district: if district.is_none() { by_district(published, service) } else { Vec::new() },
        one: (service.is_some() && district.is_some()).then(|| {
            let deadline = of_service.and_then(|service| service.deadline);
            Row::of(heading(published, service, district), String::new(), shown, deadline)
        }),
        returned_for: reasons(|service| &service.returned_for),
        refused_for: reasons(|service| &service.refused_for),
        offices: Vec::new(),
        least: wording::number(LEAST),
    }
}

fn heading(published: &Published, service: Option<usize>, district: Option<usize>) -> String {
    let service = service.map(|row| published.services[row].title.clone());
    let district = district.map(|column| place_title(published, column));
    let parts: Vec<String> = service.into_iter().chain(district).collect();
    parts.join("، ")
}

fn place_title(published: &Published, column: usize) -> String {
    let district = &published.districts[column];
    match district.county.as_str() {
        "" => district.title.clone(),
        county => format!("{} ({county})", district.title),
    }
}

fn sentences(published: &Published, shown: &Shown, (connected, all): (u64, u64)) -> Vec<String> {
    let [Some(first), Some(last)] = [published.months.first(), published.months.last()] else {
        return Vec::new();
    };
    let mut said = vec![format!(
        "از {} تا پایان {}، {} درخواست در دفترها ثبت و به {} درخواست پاسخ داده شد.",
        first.month.in_words(),
        last.month.in_words(),
        number(shown.filed),
        number(shown.decided),
    )];
    if let Some(waited) = shown.agency {
        let ninth = waited.ninth.map_or_else(String::new, |ninth| {
            format!(" و نه‌تا از هر ده پاسخ در {} روز", wording::number(ninth))
        });
        said.push(format!(
            "نیمی از پاسخ‌ها در {} روز کاری دستگاه{ninth} یا کمتر داده شد؛ {} از پاسخ‌ها پس از مهلت بود.",
            wording::number(waited.median),
            share(shown.late, shown.decided),
        ));
    }
    let saved = match (shown.visits_saved, shown.km_saved) {
        (Some(visits), Some(km)) if visits > 0 => {
            format!("{} مراجعه و {} کیلومتر راه کمتر شد؛ ", signed(Some(visits)), signed(Some(km)))
        }
        _ => String::new(),
    };
    said.push(format!(
        "{saved}{} دفتر از {} دفتر در هفت روز گذشته با مرکز تماس داشته است.",
        wording::number(connected),
        wording::number(all),
    ));
    said
}

fn by_service(published: &Published, district: Option<usize>) -> Vec<Row> {
    let row = |(row, service): (usize, &crate::figures::published::Service)| {
        let shown = published.at(Some(row), district)?;
        let link = match district {
            None => format!("/transparency?service={}", service.code),
            Some(column) => {
                let district = &published.districts[column].code;
                format!("/transparency?service={}&district={district}", service.code)
            }
        };
        let told = shown.filed != Some(0) || shown.decided != Some(0);
        told.then(|| Row::of(service.title.clone(), link, shown, service.deadline))
    };
    published.services.iter().enumerate().filter_map(row).collect()
}

fn by_district(published: &Published, service: Option<usize>) -> Vec<Row> {
    let deadline = service.and_then(|row| published.services[row].deadline);
    let row = |(column, district): (usize, &crate::storage::districts::District)| {
        let shown = published.at(service, Some(column))?;
        let code = &district.code;
        let link = match service {
            _ if code.is_empty() => String::new(),
            None => format!("/transparency?district={code}"),
            Some(row) => {
                format!("/transparency?service={}&district={code}", published.services[row].code)
            }
        };
        Some(Row::of(place_title(published, column), link, shown, deadline))
    };
    published.districts.iter().enumerate().filter_map(row).collect()
}
