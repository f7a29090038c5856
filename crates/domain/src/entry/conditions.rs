//! Which fields and papers are asked for with the answers given so far.

use std::collections::BTreeSet;

use serde_json::{Map, Value};

use crate::applicant::{ApplicantEntry, Gender};
use crate::digits::to_latin_digits;
use crate::form::FormEntry;
use crate::service_card::{Condition, Field, FieldKind, ServiceCard};

/// Keys of the fields that are asked, in the order of the card; of repeated groups the group's key
/// and the path of each asked field of each row, `relatives.0.relation`.
#[must_use]
pub fn fields_asked(
    card: &ServiceCard,
    form: &FormEntry,
    applicant: &ApplicantEntry,
) -> Vec<String> {
    let asked = Asked::of(card, form, applicant);
    let mut keys = Vec::new();
    for field in card.fields.iter().filter(|field| asked.has(&field.key)) {
        keys.push(field.key.clone());
        let FieldKind::Repeat { fields, .. } = &field.kind else { continue };
        let rows = form.get(&field.key).and_then(Value::as_array);
        for (index, row) in rows.into_iter().flatten().enumerate() {
            let Some(row) = row.as_object() else { continue };
            let in_row = asked.in_row(fields, row);
            keys.extend(in_row.iter().map(|key| format!("{}.{index}.{key}", field.key)));
        }
    }
    keys
}

/// Codes of the papers that are asked for, in the order of the card.
#[must_use]
pub fn documents_asked(
    card: &ServiceCard,
    form: &FormEntry,
    applicant: &ApplicantEntry,
) -> Vec<String> {
    let asked = Asked::of(card, form, applicant);
    let wanted = card.documents.iter().filter(|document| asked.holds(document.when.as_ref()));
    wanted.map(|document| document.code.clone()).collect()
}

/// The fields that are asked. An answer left behind in a field that is no longer asked does not
/// count, neither in the form nor in a condition.
pub(super) struct Asked<'a> {
    form: &'a FormEntry,
    applicant: &'a ApplicantEntry,
    keys: BTreeSet<&'a str>,
}

impl<'a> Asked<'a> {
    /// Goes through the card from top to bottom: a condition looks only upwards.
    pub(super) fn of(
        card: &'a ServiceCard,
        form: &'a FormEntry,
        applicant: &'a ApplicantEntry,
    ) -> Self {
        let mut asked = Self { form, applicant, keys: BTreeSet::new() };
        for field in &card.fields {
            if asked.holds(field.when.as_ref()) {
                asked.keys.insert(&field.key);
            }
        }
        asked
    }

    pub(super) fn has(&self, key: &str) -> bool {
        self.keys.contains(key)
    }

    pub(super) fn holds(&self, condition: Option<&Condition>) -> bool {
        condition.is_none_or(|condition| {
            self.value(&condition.field).is_some_and(|value| condition.any_of.contains(&value))
        })
    }

    /// Keys of the asked fields of one row; a condition there looks at the row, then at the form.
    pub(super) fn in_row<'f>(&self, fields: &'f [Field], row: &Map<String, Value>) -> Vec<&'f str> {
        let mut keys: Vec<&str> = Vec::new();
        for field in fields {
            let holds = field.when.as_ref().is_none_or(|condition| {
                let beside = keys.contains(&condition.field.as_str());
                let value = match row.get(&condition.field) {
                    Some(value) if beside => typed_text(value),
                    _ => self.value(&condition.field),
                };
                value.is_some_and(|value| condition.any_of.contains(&value))
            });
            if holds {
                keys.push(&field.key);
            }
        }
        keys
    }

    fn value(&self, field: &str) -> Option<String> {
        match field {
            "applicant.gender" => self.applicant.gender.map(|gender| match gender {
                Gender::Female => "female".to_owned(),
                Gender::Male => "male".to_owned(),
            }),
            "applicant.without_papers" => Some(self.applicant.without_papers.to_string()),
            key if self.has(key) => self.form.get(key).and_then(typed_text),
            _ => None,
        }
    }
}

/// A typed value as a condition compares it; `None` when nothing was typed.
fn typed_text(value: &Value) -> Option<String> {
    match value {
        Value::Bool(flag) => Some(flag.to_string()),
        Value::Number(number) => Some(number.to_string()),
        Value::String(text) => Some(to_latin_digits(text.trim())).filter(|text| !text.is_empty()),
        _ => None,
    }
}
