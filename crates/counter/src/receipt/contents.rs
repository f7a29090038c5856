//! What a receipt says, read from the committed event: never from what is on the screen.

use pishkhan_domain::application::Evidence;
use pishkhan_domain::catalogue::PublishedCard;
use pishkhan_domain::entry::{applicant_entry, documents_asked, form_entry};
use pishkhan_domain::ids::{ApplicationId, DeviceNumber};
use pishkhan_domain::tracking_code::TrackingCode;
use pishkhan_protocol::body::{ApplicationRecorded, EventBody};
use pishkhan_protocol::event::Event;
use pishkhan_protocol::head::Head;
use pishkhan_protocol::receipt_proof::ReceiptProof;
use pishkhan_protocol::summary::Summary;
use pishkhan_receipt::{Handed, ReceiptContent, ReceiptDocument};

use crate::counter::Desk;
use crate::error::CounterError;

/// A clock that is further off than this is not believed on paper, in milliseconds.
const BELIEVED_OFFSET_MS: u64 = 10 * 60 * 1000;

impl Desk<'_> {
    /// Everything that the receipt of an application prints, as its copy of this number.
    pub(crate) fn receipt_content(
        &self,
        id: ApplicationId,
        copy: u32,
    ) -> Result<ReceiptContent, CounterError> {
        let event = self.store.recorded_event(id)?;
        let broken = |what: &str| CounterError::Internal(format!("event {id}: {what}"));
        let Ok(EventBody::ApplicationRecorded(recorded)) = EventBody::from_bytes(&event.body)
        else {
            return Err(broken("not a recorded application"));
        };
        let tracking_code =
            event.core.tracking_code.and_then(|code| TrackingCode::from_u64(code).ok());
        let published = self.store.card(recorded.card_version)?.ok_or_else(|| broken("no card"))?;
        let identity = self.store.identity();
        let PublishedCard { card, .. } = &published;
        Ok(ReceiptContent {
            office_title: identity.office_title.clone(),
            district_title: identity.district_title.clone(),
            operator_name: self.store.operator_name(event.rest.operator)?,
            tracking_code: tracking_code.ok_or_else(|| broken("no tracking code"))?,
            service_title: card.title.fa.clone(),
            agency_title: card.agency.title.fa.clone(),
            applicant_name: recorded.applicant.full_name(),
            applicant_code_masked: recorded.applicant.last_four().unwrap_or_default().to_owned(),
            documents: handed_over(&recorded, &published),
            documents_missing: to_come(&recorded, &published),
            fee_rial: recorded.fee_rial,
            fee_note: card.fee.note.as_ref().map(|note| note.fa.clone()).unwrap_or_default(),
            recorded_at_ms: event.core.device_time_ms,
            due_on: recorded.due_on.clone(),
            deadline_working_days: card.deadline_working_days,
            sample: !card.assumptions.is_empty(),
            public_url: identity.public_url.clone(),
            proof_url: self.proof(&event, &recorded).to_url(&identity.public_url),
            copy,
            time_not_confirmed: self.clock_is_not_confirmed()?,
        })
    }

    /// A page that looks like a receipt and says that it is a test.
    pub(crate) fn sample_content(&self) -> ReceiptContent {
        let identity = self.store.identity();
        ReceiptContent {
            office_title: identity.office_title.clone(),
            district_title: identity.district_title.clone(),
            operator_name: "نمونه".to_owned(),
            tracking_code: TrackingCode::mint(DeviceNumber(0), 0),
            service_title: "آزمایش چاپگر".to_owned(),
            agency_title: "این برگه رسید نیست".to_owned(),
            applicant_name: "نمونه".to_owned(),
            applicant_code_masked: String::new(),
            documents: Vec::new(),
            documents_missing: Vec::new(),
            fee_rial: 0,
            fee_note: String::new(),
            recorded_at_ms: self.now_ms,
            due_on: self.today().to_string(),
            deadline_working_days: 0,
            sample: true,
            public_url: identity.public_url.clone(),
            proof_url: identity.public_url.clone(),
            copy: 1,
            time_not_confirmed: true,
        }
    }

    fn proof(&self, event: &Event, recorded: &ApplicationRecorded) -> ReceiptProof {
        let identity = self.store.identity();
        let head = Head { seq: event.core.seq, hash: event.hash() };
        ReceiptProof {
            core: event.core.to_bytes(),
            rest_hash: event.rest.hash(),
            summary: Summary::of(recorded).to_bytes(),
            summary_salt: identity.secret.summary_salt(event.core.seq),
            signature: head.sign(identity.device, &identity.key()),
            certificate: identity.certificate.clone(),
        }
    }

    fn clock_is_not_confirmed(&self) -> Result<bool, CounterError> {
        let offset = self.store.sync_state()?.clock_offset_ms;
        Ok(offset.is_none_or(|offset| offset.unsigned_abs() > BELIEVED_OFFSET_MS))
    }
}

/// Papers in the order of the card, each once however many pages it has.
fn handed_over(recorded: &ApplicationRecorded, published: &PublishedCard) -> Vec<ReceiptDocument> {
    let requirements = published.card.documents.iter();
    requirements
        .filter_map(|wanted| {
            let mut given = recorded
                .documents
                .iter()
                .filter(|document| document.code == wanted.code)
                .peekable();
            given.peek()?;
            let seen_only = given.all(|document| document.evidence == Evidence::Seen);
            let handed = if seen_only { Handed::Seen } else { Handed::Copy };
            Some(ReceiptDocument { title: wanted.title.fa.clone(), handed })
        })
        .collect()
}

/// Papers that are asked for with these answers and were not there.
fn to_come(recorded: &ApplicationRecorded, published: &PublishedCard) -> Vec<String> {
    let form = form_entry(&recorded.form, &published.card);
    let asked = documents_asked(&published.card, &form, &applicant_entry(&recorded.applicant));
    let given = |code: &str| recorded.documents.iter().any(|document| document.code == code);
    let missing = published
        .card
        .documents
        .iter()
        .filter(|wanted| asked.contains(&wanted.code) && !given(&wanted.code));
    missing.map(|wanted| wanted.title.fa.clone()).collect()
}
