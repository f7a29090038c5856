//! Good samples spoiled in exactly one way.

use pishkhan_domain::applicant::ApplicantEntry;
use pishkhan_domain::field_error::FieldError;
use pishkhan_domain::service_card::{FieldKind, ServiceCard};
use serde_json::{Value, json};

use super::{Sample, Sampler};

/// A spoiled application and what must be said of it.
#[derive(Clone, Debug, PartialEq)]
pub struct Spoiled {
    /// One of [`WAYS`].
    pub way: &'static str,
    /// As typed.
    pub entry: Value,
    /// Path of the field that is wrong.
    pub field: String,
    /// What is wrong.
    pub code: String,
}

/// The ways, in order.
pub const WAYS: [&str; 25] = [
    "national id with two neighbours swapped",
    "national id with a digit missing",
    "national id with a letter",
    "national id of ten equal digits",
    "no national id",
    "two identities at once",
    "first name missing",
    "digit in the last name",
    "name too long",
    "direction override in a name",
    "birthday in the future",
    "day that does not exist",
    "birthday in the Gregorian calendar",
    "gender missing",
    "mobile too short",
    "village missing",
    "postcode too short",
    "no witness for a person without papers",
    "no consent",
    "answer missing",
    "answer that is no choice",
    "question that the card does not ask",
    "number beyond its range",
    "required paper missing",
    "paper that the card does not know",
];

impl Sampler {
    /// `None` when this way does not suit this sample.
    pub(super) fn spoil(&self, sample: &Sample, way: usize) -> Option<Spoiled> {
        let name = *WAYS.get(way)?;
        let card = self.cards.get(sample.card)?;
        let mut spoiled = sample.clone();
        let (field, code) = match way {
            0..=17 => of_applicant(&mut spoiled.applicant, way)?,
            18 => ("consent".to_owned(), "consent.required"),
            19..=22 => of_answers(&mut spoiled, card, way)?,
            _ => of_papers(&mut spoiled, card, way)?,
        };
        let consent = way != 18;
        let faults = self.faults(&spoiled, consent);
        let [only] = faults.as_slice() else { return None };
        if only.field != field || only.code != code {
            return None;
        }
        let mut entry = self.written(&spoiled);
        entry["consent"] = json!(consent);
        Some(Spoiled { way: name, entry, field, code: code.to_owned() })
    }

    /// What the rules say of an entry that was written down.
    #[must_use]
    pub fn faults_of(&self, entry: &Value) -> Vec<FieldError> {
        let part = |name: &str| entry.get(name).cloned().unwrap_or_default();
        let code = part("service");
        let (Some(card), Ok(applicant), Ok(form), Ok(documents)) = (
            self.cards.iter().position(|card| Some(card.code.0.as_str()) == code.as_str()),
            serde_json::from_value(part("applicant")),
            serde_json::from_value(part("form")),
            serde_json::from_value(part("documents")),
        ) else {
            return vec![FieldError::new("", "entry.malformed")];
        };
        let sample = Sample { card, applicant, form, documents };
        self.faults(&sample, part("consent").as_bool().unwrap_or_default())
    }
}

type Fault = (String, &'static str);

fn of_applicant(applicant: &mut ApplicantEntry, way: usize) -> Option<Fault> {
    let natural = applicant.legal_entity_id.is_empty();
    let national = natural && !applicant.without_papers;
    let long = "نمونه ".repeat(20);
    let (suits, field, code): (bool, &str, &'static str) = match way {
        0 => {
            applicant.national_id = swapped(&applicant.national_id)?;
            (national, "national_id", "national_id.check_digit")
        }
        1 => {
            applicant.national_id.pop();
            (national, "national_id", "national_id.length")
        }
        2 => {
            applicant.national_id.push('x');
            (national, "national_id", "national_id.characters")
        }
        3 => {
            "۳۳۳۳۳۳۳۳۳۳".clone_into(&mut applicant.national_id);
            (national, "national_id", "national_id.all_equal")
        }
        4 => {
            applicant.national_id.clear();
            (national, "national_id", "field.required")
        }
        5 => {
            "10380284790".clone_into(&mut applicant.legal_entity_id);
            (national, "legal_entity_id", "applicant.two_identities")
        }
        6 => {
            " \u{200c} ".clone_into(&mut applicant.first_name);
            (true, "first_name", "field.required")
        }
        7 => {
            applicant.last_name.push('۷');
            (natural, "last_name", "name.characters")
        }
        8 => {
            applicant.last_name = long;
            (natural, "last_name", "text.too_long")
        }
        9 => {
            applicant.first_name.push('\u{202e}');
            (true, "first_name", "text.control_characters")
        }
        10 => {
            "۱۴۹۰/۱/۱".clone_into(&mut applicant.birth_date);
            (natural, "birth_date", "date.future")
        }
        11 => {
            "۱۳۶۵/۸/۳۱".clone_into(&mut applicant.birth_date);
            (natural, "birth_date", "date.no_such_day")
        }
        12 => {
            "1986-10-23".clone_into(&mut applicant.birth_date);
            (natural, "birth_date", "date.year")
        }
        13 => {
            applicant.gender = None;
            (natural, "gender", "field.required")
        }
        14 => {
            "۰۹۱۵۱۲۳".clone_into(&mut applicant.mobile);
            (true, "mobile", "mobile.length")
        }
        15 => {
            applicant.village.clear();
            (true, "village", "field.required")
        }
        16 => {
            "۹۸۱۶۷".clone_into(&mut applicant.postcode);
            (true, "postcode", "postcode.length")
        }
        17 => {
            applicant.witnesses.clear();
            (applicant.without_papers, "witnesses", "witness.required")
        }
        _ => return None,
    };
    suits.then(|| (format!("applicant.{field}"), code))
}

/// The first two neighbours that differ change places.
fn swapped(id: &str) -> Option<String> {
    let mut characters: Vec<char> = id.chars().collect();
    let place = characters.windows(2).position(|pair| pair[0] != pair[1])?;
    characters.swap(place, place + 1);
    Some(characters.into_iter().collect())
}

fn of_answers(sample: &mut Sample, card: &ServiceCard, way: usize) -> Option<Fault> {
    if way == 21 {
        sample.form.insert("not_on_the_card".to_owned(), json!("نمونه"));
        return Some(("form.not_on_the_card".to_owned(), "field.unknown"));
    }
    let mut answered = card.fields.iter().filter(|field| sample.form.contains_key(&field.key));
    let field = answered.find(|field| match way {
        19 => field.required,
        20 => matches!(field.kind, FieldKind::Choice { .. }),
        _ => matches!(field.kind, FieldKind::Integer { .. } | FieldKind::Decimal { .. }),
    })?;
    let path = format!("form.{}", field.key);
    match way {
        19 => {
            sample.form.remove(&field.key);
            Some((path, "field.required"))
        }
        20 => {
            sample.form.insert(field.key.clone(), json!("not_an_option"));
            Some((path, "choice.unknown"))
        }
        _ => {
            sample.form.insert(field.key.clone(), json!("۹۹۹۹۹۹۹۹۹۹۹"));
            Some((path, "number.too_large"))
        }
    }
}

fn of_papers(sample: &mut Sample, card: &ServiceCard, way: usize) -> Option<Fault> {
    let first = sample.documents.first_mut()?;
    if way == 24 {
        let mut unknown = first.clone();
        "not-on-the-card".clone_into(&mut unknown.code);
        sample.documents.push(unknown);
        return Some(("documents.not-on-the-card".to_owned(), "document.unknown"));
    }
    let required =
        |code: &str| card.documents.iter().find(|paper| paper.code == code && paper.required);
    let (place, paper) = sample
        .documents
        .iter()
        .enumerate()
        .find_map(|(place, given)| required(&given.code).map(|paper| (place, paper)))?;
    sample.documents.remove(place);
    let fault = if paper.copy_needed { "document.copy_needed" } else { "document.required" };
    Some((format!("documents.{}", paper.code), fault))
}
