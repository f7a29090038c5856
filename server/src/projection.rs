//! What an entry of an office's log changes: a pure decision over the entry and what is known.
//!
//! Invariant: nothing here fails. What cannot be used is parked, what came too late is kept in the
//! history and marked so, and neither touches any other entry.

use pishkhan_domain::application::Defect;
use pishkhan_domain::field_error::FieldError;
use pishkhan_domain::ids::{AgencyCode, ApplicationId, OfficeCode, OperatorId};
use pishkhan_domain::lifecycle::{Act, Party, State, apply};
use pishkhan_domain::service_clock::citizen_days;
use pishkhan_domain::tracking_code::TrackingCode;
use pishkhan_protocol::body::{ApplicationRecorded, EventBody};
use pishkhan_protocol::event::Core;

use crate::cards::Cards;
use crate::judge::judge;
use crate::service_clock::moved_iso;
use crate::storage::acts::{ActRecord, Place};
use crate::storage::applications::{Application, Content};

/// An entry, read.
pub struct Entry {
    /// Core of its header.
    pub core: Core,
    /// The application it would record.
    pub id: ApplicationId,
    /// Who acted.
    pub operator: OperatorId,
    /// What it says.
    pub body: EventBody,
    /// When it was filed, held within what is proven.
    pub filed_at: i64,
}

/// What is known besides the entry.
pub struct Known<'a> {
    /// Office.
    pub office: &'a OfficeCode,
    /// Cards as published now.
    pub cards: &'a Cards,
    /// The application that the entry speaks of.
    pub application: Option<Application>,
    /// The entry that recorded it, where that one was parked.
    pub recording: Option<(Core, ApplicationRecorded)>,
    /// Does another application carry the tracking code of this one?
    pub code_taken: bool,
    /// Centre's clock.
    pub now: i64,
}

/// What follows from an entry.
#[derive(Debug)]
pub enum Outcome {
    /// Nothing to see.
    Nothing,
    /// An operator's name.
    Operator(OperatorId, String),
    /// The application as it is now, and the acts to add to its history.
    Applied(Box<Application>, Vec<ActRecord>),
    /// It came too late, or never was allowed: kept in the history, and the office is told.
    TooLate(Box<Application>, ActRecord, FieldError),
    /// It cannot be used: the office is told.
    Parked(FieldError),
}

/// The application that a body speaks of, other than the one it records.
#[must_use]
pub fn subject(body: &EventBody) -> Option<ApplicationId> {
    match body {
        EventBody::OperatorEnrolled(_) | EventBody::ApplicationRecorded(_) => None,
        EventBody::ApplicationResubmitted(resubmitted) => Some(resubmitted.application),
        EventBody::ApplicationWithdrawn(withdrawn) => Some(withdrawn.application),
        EventBody::ApplicationDelivered(delivered) => Some(delivered.application),
        EventBody::ReceiptPrinted(printed) => Some(printed.application),
        EventBody::NoteAdded(note) => Some(note.application),
        EventBody::LetterPrinted(printed) => Some(printed.application),
    }
}

/// Decides.
#[must_use]
pub fn project(entry: Entry, known: Known<'_>) -> Outcome {
    let at = entry.core.device_time_ms;
    let act = |kind: &str, text: String| ActRecord {
        kind: kind.to_owned(),
        place: Place::Office,
        actor: entry.operator.to_string(),
        text,
        defects: Vec::new(),
        applied: true,
        acted_at: at,
        received_at: known.now,
    };
    match entry.body {
        EventBody::OperatorEnrolled(operator) => {
            Outcome::Operator(operator.operator, operator.name)
        }
        EventBody::ApplicationRecorded(recorded) => {
            record(&entry.core, entry.id, *recorded, entry.filed_at, &known, act)
        }
        EventBody::ApplicationResubmitted(mended) => {
            let content = Content {
                applicant: mended.applicant,
                form: mended.form,
                documents: mended.documents,
            };
            match (known.application, known.recording) {
                (None, Some((core, mut recorded))) => {
                    // Its first form was parked and never seen by the agency: begin with this one.
                    recorded.applicant = content.applicant;
                    recorded.form = content.form;
                    recorded.documents = content.documents;
                    let known = Known { application: None, recording: None, ..known };
                    record(&core, mended.application, recorded, entry.filed_at, &known, act)
                }
                (application, _) => {
                    if let Some(fault) = application.as_ref().and_then(|application| {
                        known
                            .cards
                            .card(application.card_version)
                            .and_then(|card| judge(card, &content).err())
                    }) {
                        return Outcome::Parked(fault);
                    }
                    let act = act("resubmitted", mended.note);
                    let returned_at = application.as_ref().map_or(at, |known| known.changed_at);
                    let calendar = known.cards.working_calendar();
                    step(application, Act::Resubmit, act, known.now, |application| {
                        application.content = content;
                        application.defects = Vec::new();
                        let mended_at = at.min(known.now);
                        let days = citizen_days(returned_at, mended_at, &calendar);
                        application.answer_due_on =
                            moved_iso(&application.answer_due_on, days, &calendar);
                    })
                }
            }
        }
        EventBody::ApplicationWithdrawn(withdrawn) => {
            let act = act("withdrawn", withdrawn.reason);
            step(known.application, Act::Withdraw, act, known.now, |_| {})
        }
        EventBody::ApplicationDelivered(delivered) => {
            let act = act("delivered", delivered.recipient);
            step(known.application, Act::Deliver, act, known.now, |_| {})
        }
        EventBody::ReceiptPrinted(printed) => {
            let act = act("printed", printed.copy.to_string());
            beside(known.application, act, |application| {
                application.copies_printed = application.copies_printed.max(printed.copy);
            })
        }
        EventBody::NoteAdded(note) => beside(known.application, act("note", note.text), |_| {}),
        EventBody::LetterPrinted(printed) => {
            let act = act("letter_printed", printed.copy.to_string());
            beside(known.application, act, |_| {})
        }
    }
}

fn record(
    core: &Core,
    id: ApplicationId,
    recorded: ApplicationRecorded,
    filed_at: i64,
    known: &Known<'_>,
    act: impl Fn(&str, String) -> ActRecord,
) -> Outcome {
    let parked = |field: &str, code: &str| Outcome::Parked(FieldError::new(field, code));
    let Some(card) = known.cards.card(recorded.card_version) else {
        let known = known.cards.knows(&recorded.service);
        return parked("service", if known { "card.version_unknown" } else { "service.unknown" });
    };
    if card.code != recorded.service {
        return parked("service", "service.unknown");
    }
    let Some(Ok(tracking_code)) = core.tracking_code.map(TrackingCode::from_u64) else {
        return parked("", "entry.unreadable");
    };
    if known.code_taken {
        return parked("tracking_code", "tracking_code.repeated");
    }
    let content = Content {
        applicant: recorded.applicant,
        form: recorded.form,
        documents: recorded.documents,
    };
    if let Err(fault) = judge(card, &content) {
        return Outcome::Parked(fault);
    }
    let application = Application {
        office: known.office.clone(),
        id,
        tracking_code,
        device: core.device,
        seq: core.seq,
        last_seq: core.seq,
        service: recorded.service,
        card_version: recorded.card_version,
        agency: card.agency.code.clone(),
        content,
        fee_rial: recorded.fee_rial,
        answer_due_on: recorded.due_on.clone(),
        due_on: recorded.due_on,
        state: State::Received,
        filed_at,
        received_at: known.now,
        changed_at: known.now,
        defects: Vec::new(),
        note: String::new(),
        reason_code: String::new(),
        copies_printed: 0,
        act_number: 0,
    };
    let received = ActRecord {
        kind: "received".to_owned(),
        place: Place::Centre,
        actor: String::new(),
        text: String::new(),
        defects: Vec::new(),
        applied: true,
        acted_at: known.now,
        received_at: known.now,
    };
    Outcome::Applied(Box::new(application), vec![act("recorded", String::new()), received])
}

fn step(
    application: Option<Application>,
    act: Act,
    record: ActRecord,
    now: i64,
    change: impl FnOnce(&mut Application),
) -> Outcome {
    let Some(mut application) = application else { return unknown_application() };
    match apply(application.state, act, Party::Office) {
        Ok(state) => {
            application.state = state;
            application.changed_at = now;
            change(&mut application);
            Outcome::Applied(Box::new(application), vec![record])
        }
        Err(late) => {
            let fault =
                FieldError::new("", "application.act_not_allowed").with("state", late.state.name());
            let record = ActRecord { applied: false, ..record };
            Outcome::TooLate(Box::new(application), record, fault)
        }
    }
}

fn beside(
    application: Option<Application>,
    record: ActRecord,
    change: impl FnOnce(&mut Application),
) -> Outcome {
    let Some(mut application) = application else { return unknown_application() };
    change(&mut application);
    Outcome::Applied(Box::new(application), vec![record])
}

fn unknown_application() -> Outcome {
    Outcome::Parked(FieldError::new("application", "application.not_found"))
}

/// A letter as an officer chose it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LetterWish {
    /// Template among those of the service.
    pub template: u32,
    /// Its version, as the officer saw it.
    pub version: u32,
    /// The officer's own words, below the template's; may be empty.
    pub addition: String,
}

/// An officer's act, decided.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum OfficerAct {
    /// Take up, in order of filing.
    Accept,
    /// Take up while older ones of the same service wait.
    TakeOutOfOrder {
        /// Why.
        reason: String,
    },
    /// Return, naming what is missing.
    Return {
        /// At least one.
        defects: Vec<Defect>,
        /// A word to the citizen; may be empty.
        note: String,
    },
    /// Approve.
    Approve {
        /// What to tell the citizen; may be empty.
        note: String,
    },
    /// Approve, with a letter of the agency.
    ApproveWithLetter {
        /// What to tell the citizen; may be empty.
        note: String,
        /// Which letter.
        letter: LetterWish,
    },
    /// Refuse.
    Refuse {
        /// Code of one of the card's reasons.
        reason_code: String,
        /// What to tell the citizen; may be empty.
        note: String,
    },
    /// Say something to the office; nothing else changes.
    Note {
        /// What.
        text: String,
    },
    /// Give it to another agency, which then decides.
    HandOver {
        /// To which.
        agency: AgencyCode,
        /// Why.
        reason: String,
    },
}

impl OfficerAct {
    /// The act of the life cycle; none for what leaves the state as it is.
    #[must_use]
    pub fn act(&self) -> Option<Act> {
        Some(match self {
            Self::Accept | Self::TakeOutOfOrder { .. } => Act::Accept,
            Self::Return { .. } => Act::Return,
            Self::Approve { .. } | Self::ApproveWithLetter { .. } => Act::Approve,
            Self::Refuse { .. } => Act::Refuse,
            Self::Note { .. } | Self::HandOver { .. } => return None,
        })
    }
}
