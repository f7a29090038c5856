//! What the window asks of the counter, one question at a time, and how long each answer takes.
//!
//! Invariant: what is measured is the call that a command of the shell makes, from its request to
//! its reply, with the request that the window sends.

use std::time::Instant;

use anyhow::{Context as _, bail, ensure};
use pishkhan_counter::{Counter, SyncActivity};
use pishkhan_domain::applicant::{Applicant, Identity};
use pishkhan_domain::ids::ApplicationId;
use pishkhan_domain::tracking_code::TrackingCode;
use pishkhan_ipc::application::{
    ApplicationRequest, ListFilter, ListRequest, RecordOutcome, RecordRequest,
};
use pishkhan_ipc::draft::{ApplicantFindRequest, EntryCheckRequest};
use pishkhan_protocol::body::EventBody;

use super::spread::Spread;
use crate::office::told;

/// What the window asks for first.
const ROWS: u32 = 50;
/// Citizens who are looked for.
const CITIZENS: u64 = 200;
const TIMES: usize = 200;

/// How long one kind of question takes.
pub(crate) struct Asked {
    pub(crate) what: &'static str,
    pub(crate) spread: Spread,
    /// Milliseconds that 95 of 100 must keep below.
    pub(crate) goal_ms: Option<f64>,
}

struct Citizen {
    id: ApplicationId,
    applicant: Applicant,
    code: TrackingCode,
}

/// Asks everything; records last.
pub(crate) fn ask(counter: &Counter, entries: &[String]) -> anyhow::Result<Vec<Asked>> {
    let citizens = citizens(counter)?;
    let mut asked = Vec::new();
    for (what, queries) in searches(&citizens) {
        let spread = timed(queries.iter(), |query| list(counter, ListFilter::All, query))?;
        asked.push(Asked { what, spread, goal_ms: Some(10.0) });
    }
    for (what, filter) in LISTS {
        let spread = timed(0..TIMES, |_| list(counter, *filter, ""))?;
        asked.push(Asked { what, spread, goal_ms: Some(10.0) });
    }
    let mut push = |what, spread| asked.push(Asked { what, spread, goal_ms: Some(10.0) });
    push("counts of the home screen", timed(0..TIMES, |_| told(counter.work_summary()))?);
    let idle = SyncActivity::default();
    push("state of sending", timed(0..TIMES, |_| told(counter.sync_status(&idle)))?);
    push("services with their cards", timed(0..TIMES, |_| told(counter.service_list()))?);
    push(
        "an application in full",
        timed(citizens.iter(), |citizen| {
            told(counter.application_get(&ApplicationRequest { id: citizen.id }))
        })?,
    );
    let known: Vec<&str> = citizens.iter().filter_map(|one| code_of(&one.applicant)).collect();
    push(
        "a citizen who was here, by national id",
        timed(known.iter(), |id| {
            told(counter.applicant_find(&ApplicantFindRequest { national_id: (*id).to_owned() }))
        })?,
    );
    let requests = entries.iter().map(|entry| Ok(serde_json::from_str(entry)?));
    let requests: Vec<RecordRequest> = requests
        .map(|entry: anyhow::Result<_>| Ok(RecordRequest { draft: None, entry: entry? }))
        .collect::<anyhow::Result<_>>()?;
    push(
        "checking an entry",
        timed(requests.iter(), |request| {
            let entry = request.entry.clone();
            told(counter.entry_check(&EntryCheckRequest { entry }))
        })?,
    );
    let spread =
        timed(requests.iter(), |request| match told(counter.application_record(request))? {
            RecordOutcome::Recorded { application } => Ok(application),
            RecordOutcome::Invalid { errors } => bail!("a sample is invalid: {errors:?}"),
        })?;
    asked.push(Asked { what: "Enter to «recorded»", spread, goal_ms: Some(20.0) });
    Ok(asked)
}

const LISTS: &[(&str, ListFilter)] = &[
    ("the newest of all", ListFilter::All),
    ("list of today", ListFilter::Today),
    ("list of the returned", ListFilter::Returned),
    ("list to be handed over", ListFilter::ToDeliver),
    ("list of the late", ListFilter::Late),
    ("list to be printed", ListFilter::ToPrint),
    ("list that waits for the line", ListFilter::Waiting),
];

fn list(counter: &Counter, filter: ListFilter, query: &str) -> anyhow::Result<usize> {
    let request = ListRequest { filter, query: query.to_owned(), limit: ROWS, after: None };
    Ok(told(counter.application_list(&request))?.rows.len())
}

/// Times each of them.
fn timed<I, T>(
    each: impl Iterator<Item = I>,
    mut ask: impl FnMut(I) -> anyhow::Result<T>,
) -> anyhow::Result<Spread> {
    let mut taken = Vec::new();
    for one in each {
        let begun = Instant::now();
        let answer = ask(one)?;
        taken.push(begun.elapsed().as_secs_f64() * 1000.0);
        drop(answer);
    }
    Spread::of(taken).context("nothing was asked")
}

/// Citizens spread over the whole of the store.
fn citizens(counter: &Counter) -> anyhow::Result<Vec<Citizen>> {
    let store = counter.store().context("no store")?;
    let store = store.lock().map_err(|_| anyhow::anyhow!("a poisoned store"))?;
    let last = store.head()?.seq;
    let mut citizens = Vec::new();
    for number in 0..CITIZENS {
        // The next one from there that recorded something.
        for event in store.entries_after(1 + number * (last - 1) / CITIZENS, usize::MAX, 2_000)? {
            let Some(code) = event.core.tracking_code else { continue };
            let EventBody::ApplicationRecorded(body) = EventBody::from_bytes(&event.body)? else {
                continue;
            };
            let code = TrackingCode::from_u64(code).map_err(|_| anyhow::anyhow!("a code"))?;
            let id = ApplicationId::from(event.rest.id);
            citizens.push(Citizen { id, applicant: body.applicant, code });
            break;
        }
    }
    ensure!(citizens.len() as u64 > CITIZENS / 2, "only {} citizens", citizens.len());
    Ok(citizens)
}

fn code_of(applicant: &Applicant) -> Option<&str> {
    match &applicant.identity {
        Identity::NationalId { national_id } => Some(national_id),
        _ => None,
    }
}

/// What is typed to find them, by kind.
fn searches(citizens: &[Citizen]) -> Vec<(&'static str, Vec<String>)> {
    let of = |make: &dyn Fn(&Citizen) -> Vec<String>| citizens.iter().flat_map(make).collect();
    let letters = |text: &str, count: usize| text.chars().take(count).collect::<String>();
    let one = |text: String| vec![text];
    // Somebody's first name with somebody else's father's: seldom together, or never.
    let strangers = citizens.iter().zip(citizens.iter().rev()).map(|(one, other)| {
        format!(
            "{} {} {}",
            one.applicant.first_name, other.applicant.last_name, one.applicant.village
        )
    });
    vec![
        ("one letter", of(&|c| one(letters(&c.applicant.first_name, 1)))),
        ("two letters", of(&|c| one(letters(&c.applicant.first_name, 2)))),
        ("three letters", of(&|c| one(letters(&c.applicant.first_name, 3)))),
        ("a word that everybody has («نمونه»)", vec!["نمونه".to_owned(); TIMES]),
        ("a first name", of(&|c| one(c.applicant.first_name.clone()))),
        ("first and last name", of(&|c| one(c.applicant.full_name()))),
        (
            "name and father's name",
            of(&|c| one(format!("{} {}", c.applicant.full_name(), c.applicant.father_name))),
        ),
        ("each key of a name typed", of(&|c| keys(&c.applicant.full_name()))),
        ("words that are never together", strangers.collect()),
        (
            "each key of a national id typed",
            of(&|c| code_of(&c.applicant).map(keys).unwrap_or_default()),
        ),
        ("each key of a tracking code typed", of(&|c| keys(&c.code.to_string()))),
        ("a tracking code, grouped", of(&|c| one(c.code.grouped()))),
        ("a mobile number", of(&|c| c.applicant.mobile.iter().cloned().collect())),
    ]
}

/// What stands in the field after each key.
fn keys(text: &str) -> Vec<String> {
    let ends = text.char_indices().map(|(at, c)| at + c.len_utf8());
    ends.map(|end| text[..end].to_owned()).collect()
}
