//! One application, followed act by act.

use std::collections::{BTreeMap, VecDeque};

use pishkhan_domain::ids::{ApplicationId, DeviceNumber, OfficeCode};
use pishkhan_domain::lifecycle::{Act, Party, State, apply};
use pishkhan_domain::tracking_code::TrackingCode;
use pishkhan_protocol::body::{ApplicationRecorded, EventBody};
use pishkhan_protocol::derive::anchor;
use pishkhan_protocol::feed::FeedBody;

use super::Rules;
use super::columns::{differing, stored};
use super::decision::{HANDED_OVER, decided};
use crate::audit::finding::{Finding, Wrong};
use crate::audit::history::{Entry, Told};
use crate::storage::acts::{ActRecord, Place};
use crate::storage::applications::{Application, Content};
use crate::storage::evidence::ApplicationRow;

/// The code with which an entry that came too late is parked; it stands in the history all the same.
const TOO_LATE: &str = "application.act_not_allowed";

/// An entry about an application, and why it could not be used.
pub(super) struct Own<'a> {
    pub(super) entry: &'a Entry,
    pub(super) code: Option<&'a str>,
}

impl Own<'_> {
    /// Does it stand in the history?
    fn has_act(&self) -> bool {
        self.code.is_none_or(|code| code == TOO_LATE)
    }
}

/// All that logs and history have of one application.
pub(super) struct Story<'a> {
    office: &'a OfficeCode,
    id: ApplicationId,
    rules: &'a Rules<'a>,
    pub(super) entries: BTreeMap<DeviceNumber, VecDeque<Own<'a>>>,
    pub(super) told: VecDeque<&'a Told>,
    application: Option<Application>,
    /// Was it returned and mended?
    mended: bool,
    findings: Vec<Finding>,
}

impl<'a> Story<'a> {
    pub(super) fn new(office: &'a OfficeCode, id: ApplicationId, rules: &'a Rules<'a>) -> Self {
        let (entries, told) = (BTreeMap::new(), VecDeque::new());
        let (application, mended, findings) = (None, false, Vec::new());
        Self { office, id, rules, entries, told, application, mended, findings }
    }

    fn finding(&self, table: &'static str, wrong: Wrong) -> Finding {
        Finding::new(table, wrong).of(self.office).about(self.id.to_string())
    }

    fn found(&mut self, number: u64, wrong: Wrong) {
        self.findings.push(self.finding("acts", wrong).at(number));
    }

    /// Follows the history act by act, then compares where it ends with what is stored.
    pub(super) fn tell(
        mut self,
        acts: &[(u64, &ActRecord)],
        row: Option<&ApplicationRow>,
    ) -> Vec<Finding> {
        let last_seq = self.last_seq();
        for (place, (number, act)) in acts.iter().enumerate() {
            if *number != place as u64 + 1 {
                self.found(*number, Wrong::ActOrder);
            }
            match act.place {
                Place::Office => self.office_act(*number, act),
                Place::Agency => self.agency_act(*number, act),
                Place::Centre => {
                    let received = self.application.as_ref().map(|known| known.received_at);
                    let fits = act.kind == "received"
                        && *number == 2
                        && (Some(act.acted_at), Some(act.received_at)) == (received, received);
                    if !fits {
                        self.found(*number, Wrong::ActForeign);
                    }
                }
            }
        }
        self.left_over();
        if let Some(application) = &mut self.application {
            application.act_number = acts.len() as u64;
            application.last_seq = last_seq.max(application.last_seq);
        }
        self.compare(row);
        self.findings
    }

    /// The last entry of the application's own device about it.
    fn last_seq(&self) -> u64 {
        let recorder = self.entries.values().flatten().find(|own| self.records(own.entry));
        let device = recorder.map(|own| own.entry.core.device);
        let own = device.and_then(|device| self.entries.get(&device)).and_then(VecDeque::back);
        own.map_or(0, |last| last.entry.core.seq)
    }

    fn records(&self, entry: &Entry) -> bool {
        entry.id == self.id && matches!(entry.body, EventBody::ApplicationRecorded(_))
    }

    fn office_act(&mut self, number: u64, act: &ActRecord) {
        let mut later = None;
        let mut next = None;
        for (device, queue) in &self.entries {
            let mut waiting = queue.iter().enumerate().filter(|(_, own)| own.has_act());
            let first = waiting.clone().next().map(|(place, _)| place);
            let same = waiting.find(|(_, own)| self.is_of(own, act)).map(|(place, _)| place);
            match same {
                Some(place) if Some(place) == first => next = next.or(Some((*device, place))),
                Some(place) => later = later.or(Some((*device, place))),
                None => {}
            }
        }
        let Some((device, place)) = next.or(later) else {
            self.found(number, Wrong::ActForeign);
            return;
        };
        if next.is_none() {
            self.found(number, Wrong::ActOrder);
        }
        let own = self.entries.get_mut(&device).and_then(|queue| queue.remove(place));
        if let Some(own) = own {
            self.apply_own(number, &own, act.applied);
        }
    }

    /// Would this entry have written this act?
    fn is_of(&self, own: &Own<'_>, act: &ActRecord) -> bool {
        let entry = own.entry;
        let (kind, text) = match &entry.body {
            EventBody::ApplicationRecorded(_) => ("recorded", String::new()),
            // Its first form was parked: this one began it.
            EventBody::ApplicationResubmitted(_) if self.application.is_none() => {
                ("recorded", String::new())
            }
            EventBody::ApplicationResubmitted(body) => ("resubmitted", stored(&body.note)),
            EventBody::ApplicationWithdrawn(body) => ("withdrawn", stored(&body.reason)),
            EventBody::ApplicationDelivered(body) => ("delivered", stored(&body.recipient)),
            EventBody::ReceiptPrinted(body) => ("printed", body.copy.to_string()),
            EventBody::LetterPrinted(body) => ("letter_printed", body.copy.to_string()),
            EventBody::NoteAdded(body) => ("note", stored(&body.text)),
            EventBody::OperatorEnrolled(_) => return false,
        };
        let applied = own.code.is_none();
        (act.kind.as_str(), act.text.as_str()) == (kind, text.as_str())
            && act.actor == entry.operator.to_string()
            && (act.acted_at, act.received_at) == (entry.core.device_time_ms, entry.received_at)
            && act.applied == applied
            && act.defects.is_empty()
    }

    fn apply_own(&mut self, number: u64, own: &Own<'_>, applied: bool) {
        let entry = own.entry;
        let Some(mut application) = self.application.take() else {
            self.application = self.begin(entry);
            return;
        };
        let act = match &entry.body {
            EventBody::ApplicationResubmitted(_) => Some(Act::Resubmit),
            EventBody::ApplicationWithdrawn(_) => Some(Act::Withdraw),
            EventBody::ApplicationDelivered(_) => Some(Act::Deliver),
            _ => None,
        };
        match act.map(|act| apply(application.state, act, Party::Office)) {
            None => {}
            Some(Ok(state)) if applied => {
                (application.state, application.changed_at) = (state, entry.received_at);
                if let EventBody::ApplicationResubmitted(body) = &entry.body {
                    application.content = Content {
                        applicant: body.applicant.clone(),
                        form: body.form.clone(),
                        documents: body.documents.clone(),
                    };
                    application.defects = Vec::new();
                    self.mended = true;
                }
            }
            Some(Err(_)) if !applied => {}
            Some(_) => self.found(number, Wrong::ActState),
        }
        if let EventBody::ReceiptPrinted(body) = &entry.body {
            application.copies_printed = application.copies_printed.max(body.copy);
        }
        self.application = Some(application);
    }

    /// The application as the entry that began it left it.
    fn begin(&self, entry: &Entry) -> Option<Application> {
        let (core, mut recorded): (_, ApplicationRecorded) = match &entry.body {
            EventBody::ApplicationRecorded(recorded) => (&entry.core, (**recorded).clone()),
            _ => {
                let queued = self.entries.values().flatten();
                let parked = queued.map(|own| own.entry).find(|entry| self.records(entry))?;
                match &parked.body {
                    EventBody::ApplicationRecorded(recorded) => {
                        (&parked.core, (**recorded).clone())
                    }
                    _ => return None,
                }
            }
        };
        if let EventBody::ApplicationResubmitted(mended) = &entry.body {
            recorded.applicant = mended.applicant.clone();
            recorded.form = mended.form.clone();
            recorded.documents = mended.documents.clone();
        }
        let card = self.rules.cards.card(recorded.card_version)?;
        let received_at = entry.received_at;
        Some(Application {
            office: self.office.clone(),
            id: self.id,
            tracking_code: TrackingCode::from_u64(core.tracking_code?).ok()?,
            device: core.device,
            seq: core.seq,
            last_seq: core.seq,
            service: recorded.service,
            card_version: recorded.card_version,
            agency: card.agency.code.clone(),
            content: Content {
                applicant: recorded.applicant,
                form: recorded.form,
                documents: recorded.documents,
            },
            fee_rial: recorded.fee_rial,
            answer_due_on: recorded.due_on.clone(),
            due_on: recorded.due_on,
            state: State::Received,
            filed_at: self.filed_at(entry),
            received_at,
            changed_at: received_at,
            defects: Vec::new(),
            note: String::new(),
            reason_code: String::new(),
            copies_printed: 0,
            act_number: 0,
        })
    }

    /// The device's claim, held within what is proven, as when it came.
    fn filed_at(&self, entry: &Entry) -> i64 {
        let proven = entry.core.anchor.filter(|claimed| {
            anchor(self.rules.centre_secret, entry.core.device, claimed.at_ms) == *claimed
        });
        let not_before = proven.map_or(i64::MIN, |anchor| anchor.at_ms);
        entry.core.device_time_ms.max(not_before).min(entry.received_at)
    }

    fn agency_act(&mut self, number: u64, act: &ActRecord) {
        let same = self.told.iter().position(|told| {
            let Some((_, decision)) = decided(&told.item.body) else { return false };
            decision.is(act, told.item.at_ms)
        });
        let Some(told) = same.and_then(|place| self.told.remove(place)) else {
            self.found(number, Wrong::ActForeign);
            return;
        };
        if same != Some(0) || !self.stands_behind(told.item.after_seq) {
            self.found(number, Wrong::ActOrder);
        }
        let Some(mut application) = self.application.take() else { return };
        let Some((_, decision)) = decided(&told.item.body) else { return };
        match decision.act.map(|act| apply(application.state, act, Party::Agency)) {
            None => {}
            Some(Ok(state)) => {
                application.state = state;
                application.changed_at = told.item.at_ms.max(application.changed_at + 1);
            }
            Some(Err(_)) => self.found(number, Wrong::ActState),
        }
        if act.kind == HANDED_OVER {
            application.changed_at = told.item.at_ms.max(application.changed_at + 1);
            // The office was told which agency it is, and the staff's log has the same.
            let told_of = match &told.item.body {
                FeedBody::Note(body) => body.handed_over().map(|told| told.agency),
                _ => None,
            };
            let logged = self.rules.handed_over.get(&(self.id.to_string(), act.acted_at));
            match (told_of, logged) {
                (Some(agency), Some(logged)) if agency.0 == *logged => application.agency = agency,
                _ => self.found(number, Wrong::ActForeign),
            }
        }
        if decision.sets_note {
            application.note = decision.text.to_owned();
        }
        match &told.item.body {
            FeedBody::Returned(body) => application.defects.clone_from(&body.defects),
            FeedBody::Refused(body) => application.reason_code.clone_from(&body.reason_code),
            _ => {}
        }
        self.application = Some(application);
    }

    /// Are exactly the entries of the application's own device up to `seq` in the history?
    fn stands_behind(&self, seq: u64) -> bool {
        let Some(device) = self.application.as_ref().map(|known| known.device) else {
            return false;
        };
        let mut left = self.entries.get(&device).into_iter().flatten().filter(|own| own.has_act());
        left.all(|own| own.entry.core.seq > seq)
    }

    /// What stands in the logs and not in the history.
    fn left_over(&mut self) {
        let entries = std::mem::take(&mut self.entries);
        for own in entries.values().flatten().filter(|own| own.has_act()) {
            let core = &own.entry.core;
            let about = self.finding("acts", Wrong::ActMissing).device(core.device).at(core.seq);
            self.findings.push(about);
            // A later one may have been meant to begin it; the row is compared all the same.
            if self.application.is_none() && self.records(own.entry) {
                self.application = self.begin(own.entry);
            }
        }
        for told in std::mem::take(&mut self.told) {
            let about = self.finding("acts", Wrong::ActMissing).about(self.id.to_string());
            self.findings.push(about.at(told.number));
        }
    }

    fn compare(&mut self, row: Option<&ApplicationRow>) {
        match (&self.application, row) {
            (None, None) => {}
            (None, Some(_)) => {
                self.findings.push(self.finding("applications", Wrong::ApplicationForeign));
            }
            (Some(application), None) => {
                let about = self.finding("applications", Wrong::ApplicationMissing);
                self.findings.push(about.device(application.device).at(application.seq));
            }
            (Some(application), Some(row)) => {
                let differing = differing(application, self.mended, row);
                let about = |column: &&str| {
                    let subject = format!("{} {column}", self.id);
                    Finding::new("applications", Wrong::ApplicationDiffers)
                        .of(self.office)
                        .about(subject)
                };
                let found: Vec<Finding> = differing.iter().map(about).collect();
                self.findings.extend(found);
            }
        }
    }
}
