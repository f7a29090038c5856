//! Storing what a device sends: the entries as they came, and what follows from them.
//!
//! Invariant: accept first, judge later. Whatever is well signed and in its place is stored.

use std::collections::{BTreeMap, BTreeSet};

use pishkhan_domain::field_error::FieldError;
use pishkhan_domain::ids::{ApplicationId, EventId, OfficeCode, OperatorId};
use pishkhan_domain::tracking_code::TrackingCode;
use pishkhan_protocol::body::{ApplicationRecorded, EventBody};
use pishkhan_protocol::derive::anchor;
use pishkhan_protocol::event::{Core, Event};
use pishkhan_protocol::feed::{EntryParked, FeedBody, FeedItem};

use crate::cards::Cards;
use crate::projection::{Entry, Known, Outcome, project, subject};
use crate::storage::acts::{self, ActRecord, NumberedAct};
use crate::storage::applications::{self, Application};
use crate::storage::{StorageError, Unit, events, operators};

/// What projecting a batch has come to so far.
struct Ledger<'a> {
    office: &'a OfficeCode,
    centre_secret: &'a [u8; 32],
    cards: &'a Cards,
    now: i64,
    applications: BTreeMap<ApplicationId, Application>,
    recordings: Recordings<'a>,
    codes_taken: BTreeSet<TrackingCode>,
    acts: Vec<NumberedAct>,
    operators: Vec<(OperatorId, String)>,
    parked: Vec<EntryParked>,
}

/// The entries that recorded what a batch speaks of, should they have been parked.
struct Recordings<'a> {
    of_this_batch: BTreeMap<ApplicationId, &'a Event>,
    of_earlier_ones: BTreeMap<ApplicationId, Event>,
}

/// Stores new events and what follows from them; gives what the office must be told.
///
/// # Errors
/// [`StorageError`].
pub async fn store(
    unit: &mut dyn Unit,
    office: &OfficeCode,
    centre_secret: &[u8; 32],
    cards: &Cards,
    new: &[Event],
    now: i64,
) -> Result<Vec<FeedItem>, StorageError> {
    let bodies: Vec<Option<EventBody>> =
        new.iter().map(|event| EventBody::from_bytes(&event.body).ok()).collect();
    let applications = named(unit, office, &bodies).await?;
    let recordings = recordings(unit, office, new, &bodies, &applications).await?;
    let codes_taken = codes_taken(unit, office, new, &recordings).await?;
    let mut ledger = Ledger {
        office,
        centre_secret,
        cards,
        now,
        applications,
        recordings,
        codes_taken,
        acts: Vec::new(),
        operators: Vec::new(),
        parked: Vec::new(),
    };
    // While the database stores the entries, it is decided what follows from them.
    let decide =
        async { new.iter().zip(bodies).for_each(|(event, body)| ledger.take(event, body)) };
    let (appended, ()) = futures::join!(events::append(unit, office, new, now), decide);
    appended?;
    let changed: Vec<Application> = ledger.applications.into_values().collect();
    applications::upsert(unit, &changed).await?;
    acts::append(unit, office, &ledger.acts).await?;
    operators::upsert(unit, office, &ledger.operators).await?;
    Ok(ledger.parked.into_iter().map(|parked| told(parked, now)).collect())
}

/// The applications of earlier batches that this one speaks of, asked for at once.
async fn named(
    unit: &mut dyn Unit,
    office: &OfficeCode,
    bodies: &[Option<EventBody>],
) -> Result<BTreeMap<ApplicationId, Application>, StorageError> {
    let ids: BTreeSet<ApplicationId> = bodies.iter().flatten().filter_map(subject).collect();
    let found = applications::find_all(unit, office, &ids).await?;
    Ok(found.into_iter().map(|application| (application.id, application)).collect())
}

/// What recorded those that this batch speaks of and of which no application is known.
async fn recordings<'a>(
    unit: &mut dyn Unit,
    office: &OfficeCode,
    new: &'a [Event],
    bodies: &[Option<EventBody>],
    known: &BTreeMap<ApplicationId, Application>,
) -> Result<Recordings<'a>, StorageError> {
    let records =
        |body: &Option<EventBody>| matches!(body, Some(EventBody::ApplicationRecorded(_)));
    let recorded = new.iter().zip(bodies).filter(|(_, body)| records(body));
    let of_this_batch: BTreeMap<_, _> =
        recorded.map(|(event, _)| (ApplicationId::from(event.rest.id), event)).collect();
    let mut of_earlier_ones = BTreeMap::new();
    let unknown = |id: &ApplicationId| !known.contains_key(id) && !of_this_batch.contains_key(id);
    for id in bodies.iter().flatten().filter_map(subject).filter(unknown) {
        if let Some(event) = events::recording(unit, office, id).await? {
            of_earlier_ones.insert(id, event);
        }
    }
    Ok(Recordings { of_this_batch, of_earlier_ones })
}

/// Which of the tracking codes that this batch speaks of are taken.
async fn codes_taken(
    unit: &mut dyn Unit,
    office: &OfficeCode,
    new: &[Event],
    recordings: &Recordings<'_>,
) -> Result<BTreeSet<TrackingCode>, StorageError> {
    let asked = new.iter().chain(recordings.of_earlier_ones.values());
    let asked = asked.filter_map(|event| event.core.tracking_code);
    let asked = asked.filter_map(|code| TrackingCode::from_u64(code).ok()).collect();
    applications::codes_taken(unit, office, &asked).await
}

impl Recordings<'_> {
    fn of(&self, id: ApplicationId) -> Option<(Core, ApplicationRecorded)> {
        let here = self.of_this_batch.get(&id).copied();
        let event = here.or_else(|| self.of_earlier_ones.get(&id))?;
        match EventBody::from_bytes(&event.body) {
            Ok(EventBody::ApplicationRecorded(recorded)) => Some((event.core.clone(), *recorded)),
            _ => None,
        }
    }
}

fn told(parked: EntryParked, now: i64) -> FeedItem {
    let id = EventId(crate::secret::uuid_at(now));
    let after_seq = parked.seq;
    FeedItem { id, at_ms: now, by: String::new(), body: FeedBody::EntryParked(parked), after_seq }
}

impl Ledger<'_> {
    fn take(&mut self, event: &Event, body: Option<EventBody>) {
        let Some(body) = body else {
            return self.park(event, FieldError::new("", "entry.unreadable"));
        };
        let spoken_of = subject(&body);
        let application = spoken_of.and_then(|id| self.applications.get(&id).cloned());
        let recording = match &application {
            Some(_) => None,
            None => spoken_of.and_then(|id| self.recordings.of(id)),
        };
        let recorded = recording.as_ref().map_or(&event.core, |(core, _)| core);
        let code = recorded.tracking_code.and_then(|code| TrackingCode::from_u64(code).ok());
        let known = Known {
            office: self.office,
            cards: self.cards,
            application,
            recording,
            code_taken: code.is_some_and(|code| self.codes_taken.contains(&code)),
            now: self.now,
        };
        let entry = Entry {
            core: event.core.clone(),
            id: ApplicationId::from(event.rest.id),
            operator: event.rest.operator,
            body,
            filed_at: self.filed_at(&event.core),
        };
        match project(entry, known) {
            Outcome::Nothing => {}
            Outcome::Operator(operator, name) => self.operators.push((operator, name)),
            Outcome::Applied(application, acts) => self.keep(*application, event, acts),
            Outcome::TooLate(application, act, fault) => {
                self.keep(*application, event, vec![act]);
                self.park(event, fault);
            }
            Outcome::Parked(fault) => {
                let named = spoken_of.and_then(|id| self.applications.get(&id).cloned());
                if let Some(application) = named {
                    self.keep(application, event, Vec::new());
                }
                self.park(event, fault);
            }
        }
    }

    /// The device's claim, not before its last proven anchor and not after now.
    fn filed_at(&self, core: &Core) -> i64 {
        let proven = core
            .anchor
            .filter(|claimed| anchor(self.centre_secret, core.device, claimed.at_ms) == *claimed);
        let not_before = proven.map_or(i64::MIN, |anchor| anchor.at_ms);
        core.device_time_ms.max(not_before).min(self.now)
    }

    fn keep(&mut self, mut application: Application, event: &Event, acts: Vec<ActRecord>) {
        // Other devices of the office count their entries otherwise.
        if application.device == event.core.device {
            application.last_seq = event.core.seq;
        }
        for act in acts {
            application.act_number += 1;
            let number = application.act_number;
            self.acts.push(NumberedAct { application: application.id, number, act });
        }
        self.codes_taken.insert(application.tracking_code);
        self.applications.insert(application.id, application);
    }

    fn park(&mut self, event: &Event, fault: FieldError) {
        tracing::info!(
            device = event.core.device.0,
            seq = event.core.seq,
            code = fault.code,
            "entry parked"
        );
        self.parked.push(EntryParked {
            device: event.core.device,
            seq: event.core.seq,
            field: fault.field,
            code: fault.code,
            params: fault.params,
        });
    }
}
