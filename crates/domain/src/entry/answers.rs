//! The answers of the form, by the rules of the card.

use std::collections::BTreeMap;

use jiff::civil::Date;
use serde_json::{Map, Value};

use super::MAX_TEXT;
use super::computed::computed_answers;
use super::conditions::Asked;
use super::numbers;
use crate::applicant::ApplicantEntry;
use crate::field_error::{FieldError, FieldErrorCode};
use crate::form::{Answer, Form, FormEntry};
use crate::jalali::JalaliDate;
use crate::service_card::{Field, FieldKind, ServiceCard};
use crate::{iban, legal_entity_id, mobile, national_id, persian_text, postcode, telephone};

/// Latitudes and longitudes of Iran with a margin: they catch a swapped pair.
const IRAN: [(i32, i32); 2] = [(24, 40), (43, 64)];

/// Checks the answers. An answer to a field that is not asked any more is left out.
///
/// # Errors
/// Every fault, in the order of the card; unknown keys last.
pub fn check_form(
    entry: &FormEntry,
    card: &ServiceCard,
    applicant: &ApplicantEntry,
    today: Date,
) -> Result<Form, Vec<FieldError>> {
    let asked = Asked::of(card, entry, applicant);
    let computed = computed_answers(card, entry, applicant, today);
    let mut check = Check { asked: &asked, today, errors: Vec::new() };
    let mut form = Form::new();
    for field in card.fields.iter().filter(|field| asked.has(&field.key)) {
        let path = format!("form.{}", field.key);
        if field.computed.is_some() {
            let worked_out = computed.get(&field.key).map(|number| Value::from(*number));
            let answer = worked_out.and_then(|number| check.field(&path, field, Some(&number)));
            form.extend(answer.map(|answer| (field.key.clone(), answer)));
            continue;
        }
        if let Some(answer) = check.field(&path, field, entry.get(&field.key)) {
            form.insert(field.key.clone(), answer);
        }
    }
    for key in entry.keys().filter(|key| !card.fields.iter().any(|field| field.key == **key)) {
        check.errors.push(FieldError::new(format!("form.{key}"), "field.unknown"));
    }
    if check.errors.is_empty() { Ok(form) } else { Err(check.errors) }
}

struct Check<'a> {
    asked: &'a Asked<'a>,
    today: Date,
    errors: Vec<FieldError>,
}

impl Check<'_> {
    fn field(&mut self, path: &str, field: &Field, value: Option<&Value>) -> Option<Answer> {
        let value = value.filter(|value| !is_blank(value));
        let result = match (value, &field.kind) {
            (Some(Value::Array(rows)), FieldKind::Repeat { min, max, fields }) => {
                return self.rows(path, field, fields, (*min, *max), rows);
            }
            (None, _) if field.required => Err(FieldError::new(path, "field.required")),
            (None, _) => return None,
            (Some(value), kind) => {
                one_answer(value, kind, self.today).map_err(|fault| fault.at(path))
            }
        };
        result.map_err(|error| self.errors.push(error)).ok()
    }

    fn rows(
        &mut self,
        path: &str,
        group: &Field,
        fields: &[Field],
        (min, max): (u8, u8),
        rows: &[Value],
    ) -> Option<Answer> {
        let filled = rows.iter().enumerate().filter(|(_, row)| !is_blank(row));
        let mut answers = Vec::new();
        for (index, row) in filled {
            let path = format!("{path}.{index}");
            match row {
                Value::Object(row) => answers.push(self.row(&path, fields, row)),
                _ => self.errors.push(FieldError::new(path, "field.type")),
            }
        }
        let fewest = if group.required { usize::from(min.max(1)) } else { usize::from(min) };
        if answers.is_empty() && !group.required {
            return None;
        }
        if answers.len() < fewest {
            self.errors.push(FieldError::new(path, "rows.too_few").with("min", fewest));
        }
        if answers.len() > usize::from(max) {
            self.errors.push(FieldError::new(path, "rows.too_many").with("max", max));
        }
        Some(Answer::Rows(answers))
    }

    fn row(
        &mut self,
        path: &str,
        fields: &[Field],
        row: &Map<String, Value>,
    ) -> BTreeMap<String, Answer> {
        let asked = self.asked.in_row(fields, row);
        let mut answers = BTreeMap::new();
        for field in fields.iter().filter(|field| asked.contains(&field.key.as_str())) {
            let path = format!("{path}.{}", field.key);
            if let Some(answer) = self.field(&path, field, row.get(&field.key)) {
                answers.insert(field.key.clone(), answer);
            }
        }
        for key in row.keys().filter(|key| !fields.iter().any(|field| field.key == **key)) {
            self.errors.push(FieldError::new(format!("{path}.{key}"), "field.unknown"));
        }
        answers
    }
}

/// What is wrong with one answer, with a value for its sentence.
struct Fault {
    code: FieldErrorCode,
    param: Option<(&'static str, String)>,
}

impl Fault {
    fn at(self, path: &str) -> FieldError {
        let error = FieldError::new(path, self.code);
        match self.param {
            Some((name, value)) => error.with(name, value),
            None => error,
        }
    }
}

impl From<FieldErrorCode> for Fault {
    fn from(code: FieldErrorCode) -> Self {
        Self { code, param: None }
    }
}

fn fault(code: FieldErrorCode, name: &'static str, value: impl ToString) -> Fault {
    Fault { code, param: Some((name, value.to_string())) }
}

fn one_answer(value: &Value, kind: &FieldKind, today: Date) -> Result<Answer, Fault> {
    let text = match (value, kind) {
        (Value::Bool(flag), FieldKind::Flag) => return Ok(Answer::Flag(*flag)),
        (Value::String(text), _) => text.clone(),
        // A number loses leading zeros and so can stand for no code.
        (
            Value::Number(number),
            FieldKind::Integer { .. } | FieldKind::Decimal { .. } | FieldKind::Money { .. },
        ) => number.to_string(),
        _ => return Err("field.type".into()),
    };
    match kind {
        FieldKind::Text { max_length, multiline } => free_text(&text, *max_length, *multiline),
        FieldKind::Integer { min, max, .. } => {
            whole_between(&text, i64::from(*min), i64::from(*max)).map(Answer::Integer)
        }
        FieldKind::Decimal { min, max, decimals, .. } => {
            let number = numbers::decimal(&text).map_err(|code| match code {
                "number.too_many_decimals" => fault(code, "decimals", decimals),
                other => limit(other, *min, *max),
            })?;
            if number.decimals > usize::from(*decimals) {
                return Err(fault("number.too_many_decimals", "decimals", decimals));
            }
            number.compare(*min, *max).map_err(|code| limit(code, *min, *max))?;
            Ok(Answer::Text(number.to_string()))
        }
        FieldKind::Money { max_rial } => {
            let amount = text.trim().strip_suffix("ریال").unwrap_or(&text);
            whole_between(amount, 0, *max_rial).map(Answer::Integer)
        }
        FieldKind::Date { not_future } => {
            let date = JalaliDate::parse(&text)?.to_civil();
            if *not_future && date > today {
                Err("date.future".into())
            } else {
                Ok(Answer::Text(date.to_string()))
            }
        }
        FieldKind::Choice { options } => {
            match options.iter().find(|one| one.value == text.trim()) {
                Some(option) => Ok(Answer::Text(option.value.clone())),
                None => Err("choice.unknown".into()),
            }
        }
        FieldKind::Flag => match text.trim() {
            "true" => Ok(Answer::Flag(true)),
            "false" => Ok(Answer::Flag(false)),
            _ => Err("field.type".into()),
        },
        FieldKind::NationalId => Ok(Answer::Text(national_id::parse(&text)?)),
        FieldKind::LegalEntityId => Ok(Answer::Text(legal_entity_id::parse(&text)?)),
        FieldKind::Mobile => Ok(Answer::Text(mobile::parse(&text)?)),
        FieldKind::Telephone => Ok(Answer::Text(telephone::parse(&text)?)),
        FieldKind::Postcode => Ok(Answer::Text(postcode::parse(&text)?)),
        FieldKind::Iban => Ok(Answer::Text(iban::parse(&text)?)),
        FieldKind::Point => Ok(Answer::Text(point(&text)?)),
        FieldKind::Repeat { .. } => Err("field.type".into()),
    }
}

fn free_text(text: &str, max_length: u16, multiline: bool) -> Result<Answer, Fault> {
    let kept = if multiline { persian_text::clean_lines(text) } else { persian_text::clean(text) }?;
    let max = usize::from(max_length).min(MAX_TEXT);
    if kept.chars().count() > max {
        return Err(fault("text.too_long", "max", max));
    }
    Ok(Answer::Text(kept))
}

fn whole_between(text: &str, min: i64, max: i64) -> Result<i64, Fault> {
    let number = numbers::whole(text).map_err(|code| limit(code, min, max))?;
    match number {
        number if number < min => Err(fault("number.too_small", "min", min)),
        number if number > max => Err(fault("number.too_large", "max", max)),
        number => Ok(number),
    }
}

fn limit(code: FieldErrorCode, min: impl ToString, max: impl ToString) -> Fault {
    match code {
        "number.too_small" => fault(code, "min", min),
        "number.too_large" => fault(code, "max", max),
        other => other.into(),
    }
}

/// `29.4963, 60.8629`: latitude, longitude.
fn point(text: &str) -> Result<String, FieldErrorCode> {
    let between = |c: char| matches!(c, ',' | '،' | ';' | '؛') || c.is_whitespace();
    let parts: Vec<&str> = text.split(between).filter(|part| !part.is_empty()).collect();
    let [latitude, longitude] = parts[..] else { return Err("point.format") };
    let kept = [latitude, longitude].map(|part| numbers::decimal(part).map_err(|_| "point.format"));
    let [latitude, longitude] = kept;
    let (latitude, longitude) = (latitude?, longitude?);
    for (degrees, (min, max)) in [latitude, longitude].into_iter().zip(IRAN) {
        degrees.compare(min, max).map_err(|_| "point.outside_iran")?;
    }
    Ok(format!("{latitude}, {longitude}"))
}

/// Nothing was typed: no value, only spaces, no row, or a row with nothing in it.
pub(super) fn is_blank(value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::String(text) => persian_text::clean(text).is_ok_and(|kept| kept.is_empty()),
        Value::Array(rows) => rows.iter().all(is_blank),
        Value::Object(row) => row.values().all(is_blank),
        Value::Bool(_) | Value::Number(_) => false,
    }
}
