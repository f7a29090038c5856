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
    codes: Codes,
    acts: Vec<NumberedAct>,
    operators: Vec<(OperatorId, String)>,
    parked: Vec<EntryParked>,
}

/// Tracking codes that the events of a batch carry: which of them are taken.
#[derive(Default)]
struct Codes {
    asked: BTreeSet<TrackingCode>,
    taken: BTreeSet<TrackingCode>,
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
    events::append(unit, office, new, now).await?;
    let bodies: Vec<Option<EventBody>> =
        new.iter().map(|event| EventBody::from_bytes(&event.body).ok()).collect();
    let mut ledger = Ledger {
        office,
        centre_secret,
        cards,
        now,
        applications: named(unit, office, &bodies).await?,
        codes: codes(unit, office, new).await?,
        acts: Vec::new(),
        operators: Vec::new(),
        parked: Vec::new(),
    };
    for (event, body) in new.iter().zip(bodies) {
        ledger.take(unit, event, body).await?;
    }
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

async fn codes(
    unit: &mut dyn Unit,
    office: &OfficeCode,
    new: &[Event],
) -> Result<Codes, StorageError> {
    let asked = new.iter().filter_map(|event| event.core.tracking_code);
    let asked = asked.filter_map(|code| TrackingCode::from_u64(code).ok()).collect();
    let taken = applications::codes_taken(unit, office, &asked).await?;
    Ok(Codes { asked, taken })
}

fn told(parked: EntryParked, now: i64) -> FeedItem {
    let id = EventId(crate::secret::uuid_at(now));
    let after_seq = parked.seq;
    FeedItem { id, at_ms: now, by: String::new(), body: FeedBody::EntryParked(parked), after_seq }
}

impl Ledger<'_> {
    async fn take(
        &mut self,
        unit: &mut dyn Unit,
        event: &Event,
        body: Option<EventBody>,
    ) -> Result<(), StorageError> {
        let Some(body) = body else {
            self.park(event, FieldError::new("", "entry.unreadable"));
            return Ok(());
        };
        let id = ApplicationId::from(event.rest.id);
        let spoken_of = subject(&body);
        let mut known = Known {
            office: self.office,
            cards: self.cards,
            application: None,
            recording: None,
            code_taken: false,
            now: self.now,
        };
        if let Some(id) = spoken_of {
            known.application = self.applications.get(&id).cloned();
            if known.application.is_none() {
                known.recording = parked_recording(unit, self.office, id).await?;
            }
        }
        let recorded = known.recording.as_ref().map_or(&event.core, |(core, _)| core);
        if let Some(code) = recorded.tracking_code {
            known.code_taken = self.code_taken(unit, code).await?;
        }
        let named = known.application.clone();
        let entry = Entry {
            core: event.core.clone(),
            id,
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
                if let Some(application) = named {
                    self.keep(application, event, Vec::new());
                }
                self.park(event, fault);
            }
        }
        Ok(())
    }

    async fn code_taken(&mut self, unit: &mut dyn Unit, code: u64) -> Result<bool, StorageError> {
        let Ok(code) = TrackingCode::from_u64(code) else { return Ok(false) };
        if self.codes.asked.insert(code) {
            // Of an entry of an earlier batch, which was parked then.
            let of = BTreeSet::from([code]);
            self.codes.taken.extend(applications::codes_taken(unit, self.office, &of).await?);
        }
        Ok(self.codes.taken.contains(&code))
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
        self.codes.taken.insert(application.tracking_code);
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

async fn parked_recording(
    unit: &mut dyn Unit,
    office: &OfficeCode,
    id: ApplicationId,
) -> Result<Option<(Core, ApplicationRecorded)>, StorageError> {
    let Some(stored) = events::recording(unit, office, id).await? else { return Ok(None) };
    let core = Core::from_bytes(&stored.core).map_err(|_| StorageError::Unreadable("core"))?;
    Ok(match EventBody::from_bytes(&stored.body) {
        Ok(EventBody::ApplicationRecorded(recorded)) => Some((core, *recorded)),
        _ => None,
    })
}
