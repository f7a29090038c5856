//! The queue of an agency, in order of filing; late ones in order of their due day.

use askama::Template;
use axum::extract::{Query, State};
use axum::http::StatusCode;
use axum::response::Response;
use pishkhan_domain::jalali;
use pishkhan_domain::lifecycle::State as ApplicationState;
use pishkhan_domain::working_days::WorkingCalendar;

use self::wanted::Wanted;
use super::{Frame, Session};
use crate::access::Role;
use crate::cards::Cards;
use crate::looked_for::{LookedFor, Unclear};
use crate::officer::take_up::MOST_AT_ONCE;
use crate::service_clock::{late_days, late_if_due_before};
use crate::storage::queue::{self, ALL, MOST_COUNTED, OPEN, QueueRow};
use crate::storage::saved_views::{self, SavedView};
use crate::storage::{Unit, audit_log, districts, offices, search};
use crate::web::AppState;
use crate::web::page::{PageError, cut, page};
use crate::wording;

pub mod wanted;

const PAGE: u32 = 20;
const MOST_FOUND: u32 = 50;
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
    message: Option<String>,
    tabs: Vec<Tab>,
    late_count: String,
    rows: Vec<Row>,
    wanted: Wanted,
    searched: bool,
    more_found: bool,
    unclear: Option<&'static str>,
    services: Vec<Choice>,
    districts: Vec<Choice>,
    offices: Vec<Choice>,
    views: Vec<SavedView>,
    may_act: bool,
    most_at_once: String,
    filters: String,
    next: Option<String>,
    first: bool,
    now: i64,
}

struct Tab {
    name: &'static str,
    label: &'static str,
    count: String,
    current: bool,
}

/// One of several in a list to choose from.
pub struct Choice {
    /// What is sent.
    pub code: String,
    /// What is read.
    pub title: String,
    /// Is it chosen now?
    pub chosen: bool,
}

/// A line of a list of applications.
pub struct Row {
    pub(super) id: String,
    pub(super) code: String,
    pub(super) service: String,
    pub(super) applicant: String,
    pub(super) filed: String,
    pub(super) waiting: String,
    pub(super) due: String,
    pub(super) late: String,
    pub(super) state: &'static str,
    pub(super) state_class: &'static str,
}

/// `GET /console`.
pub async fn queue(
    State(state): State<AppState>,
    session: Session,
    Query(wanted): Query<Wanted>,
) -> Result<Response, PageError> {
    let now = state.centre.now();
    let searched = !wanted.q.trim().is_empty();
    let mut unit = if searched {
        state.centre.storage.begin().await?
    } else {
        state.centre.storage.read().await?
    };
    let agency = &session.officer.agency;
    let cards = state.centre.cards.current(unit.as_mut()).await?;
    let calendar = cards.working_calendar();
    let late_day = late_if_due_before(1, jalali::tehran_date(now), &calendar).to_string();
    let filter = wanted.filter(unit.as_mut(), &late_day).await?;
    let mut unclear = None;
    let limit = if searched { MOST_FOUND } else { PAGE };
    let mut found = if searched {
        match LookedFor::read(&wanted.q) {
            Ok(looked_for) => search::search(unit.as_mut(), agency, &looked_for, limit + 1).await?,
            Err(why) => {
                unclear = Some(unclear_words(why));
                Vec::new()
            }
        }
    } else {
        queue::page(unit.as_mut(), agency, &filter, wanted.key().as_ref(), limit + 1).await?
    };
    let more = cut(&mut found, limit);
    let next = found.last().filter(|_| more && !searched).map(|row| {
        let key = row.key(&filter);
        format!("state={}{}&after={}&id={}", wanted.tab(), wanted.filters(), key.place, key.id)
    });
    let counted = if searched { Vec::new() } else { ALL.to_vec() };
    let counts = queue::counts(unit.as_mut(), agency, filter.service.as_ref(), &counted).await?;
    let late = queue::count_late(unit.as_mut(), agency, &late_day).await?;
    let (districts, offices) = places(unit.as_mut(), &wanted).await?;
    let views = saved_views::of(unit.as_mut(), &session.officer.username).await?;
    if searched {
        // A search shows names; which kind of thing was looked for is kept, never what.
        let kind = LookedFor::read(&wanted.q).map_or("unclear", |looked_for| looked_for.kind());
        let who = &session.officer;
        audit_log::record(unit.as_mut(), who, "application.searched", "", kind, now).await?;
        unit.commit().await?;
    }
    let view = Queue {
        frame: session.frame(),
        message: done(&wanted),
        tabs: tabs(&wanted, &counts),
        late_count: counted_words(late),
        rows: found.iter().map(|found| row(found, &cards, &calendar, now)).collect(),
        searched,
        more_found: more && searched,
        unclear,
        services: services(&cards, &session, &wanted.service),
        districts,
        offices,
        views,
        may_act: matches!(session.role(), Role::Officer | Role::Supervisor),
        most_at_once: wording::number(MOST_AT_ONCE),
        filters: wanted.filters(),
        next,
        first: wanted.key().is_none(),
        now,
        wanted,
    };
    Ok(page(StatusCode::OK, &view))
}

fn unclear_words(why: Unclear) -> &'static str {
    match why {
        Unclear::TooShort => "دست‌کم دو حرف از نام را بنویسید.",
        Unclear::NoSuchNumber => {
            "این رقم‌ها نه کد رهگیری درستی است، نه کد ملی یا شناسهٔ ملی، نه شمارهٔ همراه. \
             رقم‌ها را دوباره بخوانید."
        }
    }
}

fn done(wanted: &Wanted) -> Option<String> {
    let number = wording::number(wanted.number);
    Some(match wanted.done.as_str() {
        "taken" => format!("{number} درخواست را از آغاز نوبت پذیرفتید."),
        "last" => "انجام شد. درخواست دیگری از این خدمت در نوبت نیست.".to_owned(),
        "none" => "درخواست دیگری از این خدمت در نوبت نیست.".to_owned(),
        "view" => "نما ذخیره شد.".to_owned(),
        "view_full" => "نماهای ذخیره‌شده به اندازهٔ کافی زیاد است. نخست یکی را بردارید.".to_owned(),
        "view_name" => "برای نما نامی تا چهل حرف بنویسید.".to_owned(),
        _ => return None,
    })
}

async fn places(
    unit: &mut dyn Unit,
    wanted: &Wanted,
) -> Result<(Vec<Choice>, Vec<Choice>), PageError> {
    let districts = districts::all(unit).await?;
    let districts = districts.into_iter().map(|district| Choice {
        chosen: district.code == wanted.district,
        title: format!("{}، {}", district.title, district.county),
        code: district.code,
    });
    let offices = if wanted.district.is_empty() {
        Vec::new()
    } else {
        offices::of_district(unit, &wanted.district).await?
    };
    let offices = offices.into_iter().map(|(code, title)| Choice {
        chosen: code.0 == wanted.office,
        title,
        code: code.0,
    });
    Ok((districts.collect(), offices.collect()))
}

/// The services of the session's agency.
#[must_use]
pub fn services(cards: &Cards, session: &Session, chosen: &str) -> Vec<Choice> {
    let own = cards.newest().filter(|card| card.agency.code == session.officer.agency);
    own.map(|card| Choice {
        chosen: card.code.0 == chosen,
        title: card.title.fa.clone(),
        code: card.code.0.clone(),
    })
    .collect()
}

/// A line as it is shown.
#[must_use]
pub fn row(found: &QueueRow, cards: &Cards, calendar: &WorkingCalendar, now: i64) -> Row {
    let standing = found.state;
    let open = OPEN.contains(&standing);
    let card = cards.card(found.card_version);
    let late = if open { late_days(&found.answer_due_on, now, calendar) } else { 0 };
    Row {
        id: found.id.to_string(),
        code: wording::code(found.tracking_code),
        service: card.map_or_else(|| found.service.0.clone(), |card| card.title.fa.clone()),
        applicant: found.applicant_name.clone(),
        filed: jalali::timestamp_in_digits(found.filed_at),
        waiting: if open { wording::waiting(found.received_at, now) } else { "—".to_owned() },
        due: jalali::iso_in_digits(&found.answer_due_on),
        late: wording::late_by(late),
        state: standing.label(),
        state_class: wording::state_class(standing),
    }
}

fn counted_words(number: u64) -> String {
    if number > MOST_COUNTED {
        format!("بیش از {}", wording::number(MOST_COUNTED))
    } else {
        wording::number(number)
    }
}

fn tabs(wanted: &Wanted, counts: &[(ApplicationState, u64)]) -> Vec<Tab> {
    let of = |states: &[ApplicationState]| {
        let some = counts.iter().filter(|(state, _)| states.contains(state));
        some.map(|(_, number)| number).sum::<u64>()
    };
    let current = wanted.tab();
    let tab = |name: &'static str, label, states: &[ApplicationState]| Tab {
        name,
        label,
        // Of a part of the list nothing is counted, and a number of the whole would mislead.
        count: if wanted.narrowed() || counts.is_empty() {
            String::new()
        } else {
            format!(" ({})", counted_words(of(states)))
        },
        current: !counts.is_empty() && name == current,
    };
    let mut tabs = vec![tab("open", "در نوبت", &OPEN)];
    tabs.extend(TABS.map(|state| tab(state.name(), state.label(), &[state])));
    tabs.push(tab("all", "همه", &ALL));
    tabs
}
