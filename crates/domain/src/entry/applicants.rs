//! The applicant's own particulars.
//!
//! Asked of everybody: name and village. Of a person with a national id also father's name, date of
//! birth and gender, which tell apart those of one name; of a person without papers a gender and at
//! least one witness. Optional for everybody: mobile, address, postcode.

use jiff::civil::Date;

use super::MAX_TEXT;
use crate::applicant::{Applicant, ApplicantEntry, Identity, Witness};
use crate::field_error::{FieldError, FieldErrorCode};
use crate::ids::ProvisionalKey;
use crate::jalali::JalaliDate;
use crate::service_card::ServiceCard;
use crate::{legal_entity_id, mobile, national_id, persian_text, postcode};

/// Most characters of a name.
pub const MAX_NAME: usize = 100;
/// Most witnesses.
pub const MAX_WITNESSES: usize = 10;
/// Most characters of an address.
const MAX_ADDRESS: usize = 500;
/// Nobody alive is older, in years.
const MAX_AGE: i16 = 130;

#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    National,
    Legal,
    WithoutPapers,
}

/// Checks the applicant. Answers that do not belong to this kind of applicant (the witnesses of
/// somebody with a national id) are left out.
///
/// # Errors
/// Every fault, in the order of the form.
pub fn check_applicant(
    entry: &ApplicantEntry,
    card: &ServiceCard,
    today: Date,
    new_key: ProvisionalKey,
) -> Result<Applicant, Vec<FieldError>> {
    let mut check = Check { errors: Vec::new() };
    let kind = kind_of(entry);
    let identity = check.identity(entry, kind, card, new_key);
    let (legal, national) = (kind == Kind::Legal, kind == Kind::National);
    let name = |field| if legal { Text::title(field) } else { Text::name(field) };
    let first_name = check.text(name("first_name"), &entry.first_name, true);
    let applicant = Applicant {
        identity: identity.unwrap_or(Identity::WithoutPapers { provisional_key: new_key }),
        first_name,
        last_name: check.unless(legal, |c| c.text(name("last_name"), &entry.last_name, true)),
        father_name: check
            .unless(legal, |c| c.text(name("father_name"), &entry.father_name, national)),
        birth_date: check.unless(legal, |c| c.birth_date(&entry.birth_date, national, today)),
        gender: check.unless(legal, |c| {
            if entry.gender.is_none() {
                c.fault("gender", "field.required");
            }
            entry.gender
        }),
        mobile: check.optional("mobile", &entry.mobile, mobile::parse),
        village: check.text(Text::title("village"), &entry.village, true),
        address: check.text(Text::long("address"), &entry.address, false),
        postcode: check.optional("postcode", &entry.postcode, postcode::parse),
        witnesses: check.unless(kind != Kind::WithoutPapers, |c| c.witnesses(entry)),
    };
    if check.errors.is_empty() { Ok(applicant) } else { Err(check.errors) }
}

fn kind_of(entry: &ApplicantEntry) -> Kind {
    if entry.without_papers {
        Kind::WithoutPapers
    } else if is_blank(&entry.national_id) && !is_blank(&entry.legal_entity_id) {
        Kind::Legal
    } else {
        Kind::National
    }
}

/// A text of the applicant: its field, its length, and whether it is a person's name.
struct Text {
    field: &'static str,
    max: usize,
    person: bool,
}

impl Text {
    fn name(field: &'static str) -> Self {
        Self { field, max: MAX_NAME, person: true }
    }
    fn title(field: &'static str) -> Self {
        Self { field, max: MAX_NAME, person: false }
    }
    fn long(field: &'static str) -> Self {
        Self { field, max: MAX_ADDRESS.min(MAX_TEXT), person: false }
    }
}

struct Check {
    errors: Vec<FieldError>,
}

impl Check {
    fn fault(&mut self, field: &str, code: FieldErrorCode) {
        self.errors.push(FieldError::new(format!("applicant.{field}"), code));
    }

    fn unless<T: Default>(&mut self, skipped: bool, check: impl FnOnce(&mut Self) -> T) -> T {
        if skipped { T::default() } else { check(self) }
    }

    fn identity(
        &mut self,
        entry: &ApplicantEntry,
        kind: Kind,
        card: &ServiceCard,
        new_key: ProvisionalKey,
    ) -> Option<Identity> {
        match kind {
            Kind::WithoutPapers => {
                if !card.accepts.without_papers {
                    self.fault("without_papers", "applicant.without_papers_not_accepted");
                }
                for (field, typed) in [
                    ("national_id", &entry.national_id),
                    ("legal_entity_id", &entry.legal_entity_id),
                ] {
                    if !is_blank(typed) {
                        self.fault(field, "applicant.two_identities");
                    }
                }
                let provisional_key = entry.provisional_key.unwrap_or(new_key);
                Some(Identity::WithoutPapers { provisional_key })
            }
            Kind::Legal => {
                if !card.accepts.legal_entity {
                    self.fault("legal_entity_id", "applicant.legal_entity_not_accepted");
                }
                let id = self.required(
                    "legal_entity_id",
                    &entry.legal_entity_id,
                    legal_entity_id::parse,
                );
                id.map(|legal_entity_id| Identity::LegalEntity { legal_entity_id })
            }
            Kind::National => {
                if !is_blank(&entry.legal_entity_id) {
                    self.fault("legal_entity_id", "applicant.two_identities");
                }
                let id = self.required("national_id", &entry.national_id, national_id::parse);
                id.map(|national_id| Identity::NationalId { national_id })
            }
        }
    }

    fn required(
        &mut self,
        field: &str,
        typed: &str,
        parse: fn(&str) -> Result<String, FieldErrorCode>,
    ) -> Option<String> {
        if is_blank(typed) {
            self.fault(field, "field.required");
            return None;
        }
        parse(typed).map_err(|code| self.fault(field, code)).ok()
    }

    fn optional(
        &mut self,
        field: &str,
        typed: &str,
        parse: fn(&str) -> Result<String, FieldErrorCode>,
    ) -> Option<String> {
        if is_blank(typed) { None } else { self.required(field, typed, parse) }
    }

    fn text(&mut self, text: Text, typed: &str, required: bool) -> String {
        match kept_text(&text, typed, required) {
            Ok(kept) => kept,
            Err(error) => {
                self.errors
                    .push(FieldError { field: format!("applicant.{}", error.field), ..error });
                String::new()
            }
        }
    }

    fn birth_date(&mut self, typed: &str, required: bool, today: Date) -> Option<String> {
        if is_blank(typed) {
            if required {
                self.fault("birth_date", "field.required");
            }
            return None;
        }
        let born = JalaliDate::parse(typed).map(JalaliDate::to_civil).and_then(|date| {
            if date > today {
                Err("date.future")
            } else if today.year() - date.year() > MAX_AGE {
                Err("date.too_old")
            } else {
                Ok(date)
            }
        });
        born.map_err(|code| self.fault("birth_date", code)).ok().map(|date| date.to_string())
    }

    fn witnesses(&mut self, entry: &ApplicantEntry) -> Vec<Witness> {
        let mut witnesses: Vec<Witness> = Vec::new();
        let mut filled = 0;
        for (index, typed) in entry.witnesses.iter().enumerate() {
            if is_blank(&typed.name) && is_blank(&typed.national_id) {
                continue;
            }
            filled += 1;
            let name = self.witness_name(index, &typed.name);
            let path = format!("witnesses.{index}.national_id");
            let id = self.required(&path, &typed.national_id, national_id::parse);
            let Some(national_id) = id else { continue };
            if witnesses.iter().any(|before| before.national_id == national_id) {
                self.fault(&path, "witness.repeated");
            }
            witnesses.push(Witness { name, national_id });
        }
        if filled == 0 {
            self.fault("witnesses", "witness.required");
        }
        if filled > MAX_WITNESSES {
            let error = FieldError::new("applicant.witnesses", "rows.too_many");
            self.errors.push(error.with("max", MAX_WITNESSES));
        }
        witnesses
    }

    fn witness_name(&mut self, index: usize, typed: &str) -> String {
        kept_text(&Text::name("name"), typed, true).unwrap_or_else(|error| {
            let field = format!("applicant.witnesses.{index}.name");
            self.errors.push(FieldError { field, ..error });
            String::new()
        })
    }
}

fn kept_text(text: &Text, typed: &str, required: bool) -> Result<String, FieldError> {
    let kept = persian_text::clean(typed).map_err(|code| FieldError::new(text.field, code))?;
    if kept.is_empty() && required {
        return Err(FieldError::new(text.field, "field.required"));
    }
    if kept.chars().count() > text.max {
        return Err(FieldError::new(text.field, "text.too_long").with("max", text.max));
    }
    if text.person && !kept.is_empty() && !is_name(&kept) {
        return Err(FieldError::new(text.field, "name.characters"));
    }
    Ok(kept)
}

/// Letters, their marks, and what stands between the parts of a name.
fn is_name(text: &str) -> bool {
    let between =
        |c| matches!(c, ' ' | '\u{200c}' | '\u{200d}' | '-' | '.' | '\'' | '’' | '(' | ')' | 'ـ');
    let mark = |c| matches!(c, '\u{64b}'..='\u{655}' | '\u{670}' | '\u{300}'..='\u{36f}');
    text.chars().any(char::is_alphabetic)
        && text.chars().all(|c| c.is_alphabetic() || between(c) || mark(c))
}

fn is_blank(typed: &str) -> bool {
    persian_text::clean(typed).is_ok_and(|kept| kept.is_empty())
}
