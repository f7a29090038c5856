//! What people do meanwhile: file, print, mend, withdraw, hand over; officers act.

use pishkhan_domain::applicant::{Applicant, Identity};
use pishkhan_domain::application::{AttachedDocument, Defect, Evidence};
use pishkhan_domain::form::{Answer, Form};
use pishkhan_domain::ids::{AgencyCode, ApplicationId, ProvisionalKey};
use pishkhan_domain::lifecycle::State;
use pishkhan_protocol::body::{
    ApplicationDelivered, ApplicationRecorded, ApplicationResubmitted, ApplicationWithdrawn,
    EventBody, NoteAdded, ReceiptPrinted,
};
use pishkhan_server::access::{Role, Scope};
use pishkhan_server::officer::{self, ActError};
use pishkhan_server::projection::OfficerAct;
use pishkhan_server::storage::StorageError;
use pishkhan_server::storage::staff::Officer;
use pishkhan_store::{ListFilter, StoreError};

use super::{Receipt, World};
use crate::broken::{Broken, broken};
use crate::clock;
use crate::coverage::Seen;
use crate::dice::Dice;
use crate::wires;

impl World {
    /// At an office.
    pub(super) fn live(&mut self, number: usize) -> Result<(), Broken> {
        let machine = &self.machines[number];
        if !machine.on() || machine.fragile().is_some_and(|office| office.disk_full) {
            return Ok(());
        }
        clock::look_at(machine.clock);
        let result = if self.dice.percent(70) { self.file(number) } else { self.tend(number) };
        match result {
            Ok(()) | Err(StoreError::NotAllowed) => Ok(()),
            Err(error) => broken("the office's store does what it is asked", error.to_string()),
        }
    }

    fn file(&mut self, number: usize) -> Result<(), StoreError> {
        let mut bodies = Vec::new();
        let count = [1, 1, 2, 3, 8, 40][self.dice.below(6)];
        let mut poisoned = Vec::new();
        for _ in 0..count {
            let poison = self.dice.percent(6);
            poisoned.push(poison);
            let documents = if self.dice.percent(12) { vec![self.scan(number)?] } else { vec![] };
            let recorded = self.recorded(documents, poison);
            bodies.push(EventBody::ApplicationRecorded(Box::new(recorded)));
        }
        let machine = &self.machines[number];
        let operator = machine.operator;
        let now = clock::office_ms();
        let events = machine.store(|store| store.append(operator, now, bodies, &[]))?;
        let to = events.last().map(|event| event.core.seq);
        self.say(|| format!("machine {number} files {count}, to {to:?}"));
        let mut printed = Vec::new();
        for (event, poison) in events.iter().zip(poisoned) {
            let application = ApplicationId::from(event.rest.id);
            self.receipts.push(Receipt {
                device: event.core.device,
                seq: event.core.seq,
                hash: event.hash(),
                application,
            });
            if poison {
                self.poison.insert(application);
                self.saw(Seen::Poison);
            }
            if self.dice.percent(30) {
                printed.push(EventBody::ReceiptPrinted(ReceiptPrinted { application, copy: 1 }));
            }
        }
        self.machines[number].store(|store| store.append(operator, now, printed, &[]))?;
        // The paper is out, and the power goes: what nobody can wait for.
        if wires::locked(&self.wires).faults && self.dice.permille(15) {
            self.saw(Seen::OfficePowerCut);
            let restarted = self.machines[number].restart(true);
            restarted.map_err(|error| StoreError::Other {
                doing: "starting after a power cut",
                source: format!("{error:#}").into(),
            })?;
        }
        Ok(())
    }

    fn scan(&mut self, number: usize) -> Result<AttachedDocument, StoreError> {
        let most = [3_000, 60_000, 300_000][self.dice.below(3)];
        let length = 200 + self.dice.below(most);
        // Of few, so that the same paper comes in twice.
        let mut content = Dice::new(self.dice.any() % 50);
        let mut bytes = Vec::with_capacity(length + 8);
        while bytes.len() < length {
            bytes.extend(content.any().to_le_bytes());
        }
        bytes.truncate(length);
        let machine = &self.machines[number];
        let now = clock::office_ms();
        let hash = machine.store(|store| store.put_document(&bytes, "image/jpeg", now))?;
        let size_bytes = u32::try_from(length).unwrap_or(u32::MAX);
        self.scans.push((machine.office.clone(), hash, bytes));
        let media_type = "image/jpeg".to_owned();
        let evidence = Evidence::Copy { hash, size_bytes, media_type };
        Ok(AttachedDocument { code: "scan".to_owned(), evidence })
    }

    fn recorded(&mut self, documents: Vec<AttachedDocument>, poison: bool) -> ApplicationRecorded {
        let digits = format!("{:032x}", self.dice.any());
        let applicant = Applicant {
            identity: Identity::WithoutPapers {
                provisional_key: digits
                    .parse()
                    .map(ProvisionalKey)
                    .unwrap_or(ProvisionalKey::from_bytes([0; 16])),
            },
            first_name: "نمونه".to_owned(),
            last_name: format!("نمونه {}", self.dice.below(1_000)),
            father_name: String::new(),
            birth_date: None,
            gender: None,
            mobile: None,
            village: "روستای نمونه".to_owned(),
            address: String::new(),
            postcode: None,
            witnesses: Vec::new(),
        };
        ApplicationRecorded {
            service: self.host.card.code.clone(),
            card_version: self.card_version,
            applicant,
            form: if poison { Form::new() } else { self.form() },
            documents,
            fee_rial: 0,
            due_on: "2026-12-08".to_owned(),
            consent: true,
            code_attempt: 0,
        }
    }

    fn form(&mut self) -> Form {
        let length = [5, 40, 400][self.dice.below(3)];
        let letters = ['آ', 'ب', 'د', 'ر', 'س', 'ن', ' '];
        let text: String = (0..length).map(|_| letters[self.dice.below(7)]).collect();
        let text = format!("ن{}ن", text.trim());
        Form::from([("subject".to_owned(), Answer::Text(text))])
    }

    /// Something about an application that is there.
    fn tend(&mut self, number: usize) -> Result<(), StoreError> {
        let now = clock::office_ms();
        let machine = &self.machines[number];
        let operator = machine.operator;
        let rows =
            machine.store(|store| store.applications(ListFilter::All, "", u32::MAX, None, now))?;
        if rows.is_empty() {
            return Ok(());
        }
        let row = rows[self.dice.below(rows.len())].clone();
        let application = row.id;
        let body = match row.state {
            _ if row.content_parked => self.mended(number, application)?,
            State::Returned => self.mended(number, application)?,
            State::Approved => {
                let recipient = "نمونه".to_owned();
                EventBody::ApplicationDelivered(ApplicationDelivered { application, recipient })
            }
            State::Recorded | State::Received | State::Accepted if self.dice.percent(20) => {
                let reason = String::new();
                EventBody::ApplicationWithdrawn(ApplicationWithdrawn { application, reason })
            }
            _ if self.dice.percent(50) => {
                let copy = row.copies_printed + 1;
                EventBody::ReceiptPrinted(ReceiptPrinted { application, copy })
            }
            _ => {
                let text = "یادداشت".to_owned();
                EventBody::NoteAdded(NoteAdded { application, text })
            }
        };
        self.machines[number].store(|store| store.append(operator, now, vec![body], &[]))?;
        Ok(())
    }

    fn mended(
        &mut self,
        number: usize,
        application: ApplicationId,
    ) -> Result<EventBody, StoreError> {
        let now = clock::office_ms();
        let known = self.machines[number].store(|store| store.application(application, now))?;
        if known.row.content_parked {
            self.saw(Seen::Mended);
        }
        Ok(EventBody::ApplicationResubmitted(Box::new(ApplicationResubmitted {
            application,
            applicant: known.applicant,
            form: self.form(),
            documents: known.documents,
            note: String::new(),
        })))
    }

    /// At an agency.
    pub(super) async fn officer_acts(&mut self) -> Result<(), Broken> {
        let Some(centre) = wires::locked(&self.wires).centre.clone() else { return Ok(()) };
        let known = self.applications().await?;
        if known.is_empty() {
            return Ok(());
        }
        for _ in 0..=self.dice.below(4) {
            let (id, state, seen) = known[self.dice.below(known.len())].clone();
            let Some(act) = self.decision(&state) else { continue };
            let officer = Officer {
                username: "sample-officer".to_owned(),
                role: Role::Officer,
                scope: Scope::Agency(AgencyCode::from("sample-agency")),
                agency: AgencyCode::from("sample-agency"),
                agency_title: "دستگاه نمونه".to_owned(),
                display_name: "کارشناس نمونه".to_owned(),
            };
            wires::locked(&self.wires).arm();
            self.say(|| format!("officer {act:?} {id}"));
            let acted = officer::act(&centre, &officer, id, seen, act).await;
            let mishap = self.mishap();
            match acted {
                Ok(_) => self.saw(Seen::OfficerAct),
                Err(ActError::NotNow(_) | ActError::NotFound) => {}
                Err(ActError::Storage(_)) if mishap => return Ok(()),
                Err(error) => {
                    return broken("an officer's act is carried out", format!("{error:?}"));
                }
            }
            if mishap {
                return Ok(());
            }
        }
        Ok(())
    }

    fn decision(&mut self, state: &str) -> Option<OfficerAct> {
        let note = String::new();
        match state {
            // In whatever order the dice fall.
            "received" | "resubmitted" => {
                Some(OfficerAct::TakeOutOfOrder { reason: "آزمایش".to_owned() })
            }
            "accepted" => Some(match self.dice.below(3) {
                0 => {
                    let field = "form.subject".to_owned();
                    let reason = "ناخوانا است.".to_owned();
                    OfficerAct::Return { defects: vec![Defect { field, reason }], note }
                }
                1 => OfficerAct::Approve { note },
                _ => OfficerAct::Refuse { reason_code: "not-ours".to_owned(), note },
            }),
            _ => None,
        }
    }

    /// Did something befall the centre's machine just now?
    pub(super) fn mishap(&self) -> bool {
        let mut wires = wires::locked(&self.wires);
        let (happened, stopped) = {
            let mut plan = crate::fragile_storage::locked(&wires.plan);
            plan.fuse = None;
            plan.at_commit = None;
            (plan.happened.take(), plan.stopped)
        };
        wires.befell(happened);
        if stopped {
            wires.router = None;
            wires.centre = None;
        }
        stopped || happened.is_some()
    }

    /// Applications at the centre: id, state, when that changed last.
    pub(super) async fn applications(&self) -> Result<Vec<(ApplicationId, String, i64)>, Broken> {
        const SQL: &str =
            "SELECT application, state, changed_at FROM applications ORDER BY device, seq";
        let rows = self.rows(SQL, vec![]).await?;
        rows.iter()
            .map(|row| Ok((row.parsed("application")?, row.text("state")?, row.int("changed_at")?)))
            .collect::<Result<_, StorageError>>()
            .or_else(|error| broken("the centre's tables can be read", error.to_string()))
    }
}
