//! From what was filed back to what would be typed, so that a returned application can be mended
//! in the same form.
//!
//! Invariant: checked again, it gives what was filed.

use serde_json::{Map, Value};

use crate::applicant::{Applicant, ApplicantEntry, Identity, WitnessEntry};
use crate::form::{Answer, Form, FormEntry};
use crate::jalali::{JalaliDate, parse_iso};
use crate::service_card::{Field, FieldKind, ServiceCard};

/// The applicant as typed; the date of birth in Jalali.
#[must_use]
pub fn applicant_entry(applicant: &Applicant) -> ApplicantEntry {
    let mut entry = ApplicantEntry {
        first_name: applicant.first_name.clone(),
        last_name: applicant.last_name.clone(),
        father_name: applicant.father_name.clone(),
        birth_date: applicant.birth_date.as_deref().map(jalali).unwrap_or_default(),
        gender: applicant.gender,
        mobile: applicant.mobile.clone().unwrap_or_default(),
        village: applicant.village.clone(),
        address: applicant.address.clone(),
        postcode: applicant.postcode.clone().unwrap_or_default(),
        ..ApplicantEntry::default()
    };
    let witness = |w: &crate::applicant::Witness| WitnessEntry {
        name: w.name.clone(),
        national_id: w.national_id.clone(),
    };
    entry.witnesses = applicant.witnesses.iter().map(witness).collect();
    match &applicant.identity {
        Identity::NationalId { national_id } => entry.national_id.clone_from(national_id),
        Identity::LegalEntity { legal_entity_id } => {
            entry.legal_entity_id.clone_from(legal_entity_id);
        }
        Identity::WithoutPapers { provisional_key } => {
            entry.without_papers = true;
            entry.provisional_key = Some(*provisional_key);
        }
    }
    entry
}

/// The answers as typed; dates in Jalali. Answers of fields that the card does not have are left
/// out: they belong to another version.
#[must_use]
pub fn form_entry(form: &Form, card: &ServiceCard) -> FormEntry {
    typed_fields(form.iter(), &card.fields).into_iter().collect()
}

fn typed_fields<'a>(
    answers: impl Iterator<Item = (&'a String, &'a Answer)>,
    fields: &[Field],
) -> Map<String, Value> {
    answers
        .filter_map(|(key, answer)| {
            let field = fields.iter().find(|field| field.key == *key)?;
            Some((key.clone(), typed(answer, &field.kind)))
        })
        .collect()
}

fn typed(answer: &Answer, kind: &FieldKind) -> Value {
    match (answer, kind) {
        (Answer::Flag(flag), _) => Value::Bool(*flag),
        (Answer::Integer(number), _) => Value::String(number.to_string()),
        (Answer::Text(text), FieldKind::Date { .. }) => Value::String(jalali(text)),
        (Answer::Text(text), _) => Value::String(text.clone()),
        (Answer::Rows(rows), FieldKind::Repeat { fields, .. }) => {
            rows.iter().map(|row| Value::Object(typed_fields(row.iter(), fields))).collect()
        }
        (Answer::Rows(_), _) => Value::Null,
    }
}

fn jalali(iso: &str) -> String {
    parse_iso(iso).map_or_else(|| iso.to_owned(), |date| JalaliDate::from_civil(date).in_digits())
}
