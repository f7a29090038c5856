//! Is a card consistent in itself? Asked before it is published; an office trusts what it gets.

use std::collections::BTreeSet;

use super::{Bilingual, Condition, Field, FieldKind, ServiceCard};
use crate::entry::MAX_TEXT;

/// Values of `applicant.…` that a condition may ask for.
const APPLICANT: [(&str, [&str; 2]); 2] =
    [("applicant.gender", ["female", "male"]), ("applicant.without_papers", ["true", "false"])];

impl ServiceCard {
    /// What is inconsistent, in sentences for whoever writes cards; empty when nothing is.
    #[must_use]
    pub fn lint(&self) -> Vec<String> {
        let mut lint = Lint { faults: Vec::new() };
        lint.card(self);
        lint.faults
    }
}

struct Lint {
    faults: Vec<String>,
}

impl Lint {
    fn fault(&mut self, holds: bool, sentence: impl FnOnce() -> String) {
        if !holds {
            self.faults.push(sentence());
        }
    }

    fn card(&mut self, card: &ServiceCard) {
        let code = &card.code.0;
        self.fault(is_kebab(code), || format!("code `{code}` is not in kebab-case"));
        self.fault(is_kebab(&card.agency.code.0), || "agency code is not in kebab-case".to_owned());
        self.bilingual("title", &card.title);
        self.bilingual("agency", &card.agency.title);
        self.bilingual("audience", &card.audience);
        self.fault(!card.everyday_names.is_empty(), || "no everyday names".to_owned());
        self.fault((1..=366).contains(&card.deadline_working_days), || {
            "deadline is not between 1 and 366 working days".to_owned()
        });
        self.fault(card.fee.rial >= 0, || "fee is negative".to_owned());
        self.fields(&card.fields, &[], "fields");
        self.documents(card);
        self.unique(
            "refusal reason",
            card.refusal_reasons.iter().map(|reason| reason.code.as_str()),
        );
        self.fault(!card.refusal_reasons.is_empty(), || "no refusal reasons".to_owned());
        for reason in &card.refusal_reasons {
            self.fault(is_kebab(&reason.code), || {
                format!("reason `{}` is not in kebab-case", reason.code)
            });
            self.bilingual(&reason.code, &reason.title);
        }
        self.assumptions(card);
    }

    fn documents(&mut self, card: &ServiceCard) {
        self.unique("document", card.documents.iter().map(|document| document.code.as_str()));
        for document in &card.documents {
            let code = &document.code;
            self.fault(is_kebab(code), || format!("document `{code}` is not in kebab-case"));
            self.bilingual(code, &document.title);
            if let Some(condition) = &document.when {
                self.condition(code, condition, &[&card.fields]);
            }
        }
    }

    /// `above` are the fields outside the group that these fields stand in.
    fn fields(&mut self, fields: &[Field], above: &[Field], place: &str) {
        self.unique(place, fields.iter().map(|field| field.key.as_str()));
        for (index, field) in fields.iter().enumerate() {
            let key = &field.key;
            self.fault(is_snake(key), || format!("field `{key}` is not in snake_case"));
            self.bilingual(key, &field.label);
            if let Some(condition) = &field.when {
                self.condition(key, condition, &[&fields[..index], above]);
            }
            self.kind(key, &field.kind, &fields[..index], place);
        }
    }

    fn kind(&mut self, key: &str, kind: &FieldKind, before: &[Field], place: &str) {
        match kind {
            FieldKind::Text { max_length, .. } => {
                self.fault((1..=MAX_TEXT).contains(&usize::from(*max_length)), || {
                    format!("field `{key}` allows no text or more than {MAX_TEXT} characters")
                });
            }
            FieldKind::Integer { min, max, .. } | FieldKind::Decimal { min, max, .. } => {
                self.fault(min < max, || format!("field `{key}` has an empty range"));
            }
            FieldKind::Money { max_rial } => {
                self.fault(*max_rial > 0, || format!("field `{key}` has an empty range"));
            }
            FieldKind::Choice { options } => {
                self.fault(options.len() > 1, || format!("field `{key}` leaves no choice"));
                self.unique(key, options.iter().map(|option| option.value.as_str()));
                for option in options {
                    self.fault(is_snake(&option.value), || {
                        format!("option `{}` of `{key}` is not in snake_case", option.value)
                    });
                    self.bilingual(&option.value, &option.label);
                }
            }
            FieldKind::Repeat { min, max, fields } => {
                self.fault(place == "fields", || format!("group `{key}` repeats within a group"));
                self.fault(min <= max && *max > 0, || format!("group `{key}` has an empty range"));
                self.fault(!fields.is_empty(), || format!("group `{key}` has no fields"));
                self.fields(fields, before, key);
            }
            _ => {}
        }
    }

    /// A condition looks only upwards, and asks for values that can be given.
    fn condition(&mut self, of: &str, condition: &Condition, scopes: &[&[Field]]) {
        let name = condition.field.as_str();
        let possible: Option<Vec<&str>> = match APPLICANT.iter().find(|(field, _)| *field == name) {
            Some((_, values)) => Some(values.to_vec()),
            None => scopes
                .iter()
                .find_map(|fields| fields.iter().find(|f| f.key == name))
                .and_then(values_of),
        };
        let Some(possible) = possible else {
            self.faults.push(format!(
                "condition of `{of}` on `{name}`, which is no choice or yes-no field above it"
            ));
            return;
        };
        self.fault(!condition.any_of.is_empty(), || format!("condition of `{of}` never holds"));
        for value in &condition.any_of {
            self.fault(possible.contains(&value.as_str()), || {
                format!("condition of `{of}` asks for `{value}`, which `{name}` never is")
            });
        }
    }

    /// Pointers resolve in the card as JSON, and what a sample card must call an assumption is so.
    fn assumptions(&mut self, card: &ServiceCard) {
        let json = serde_json::to_value(card).unwrap_or_default();
        self.unique("assumption", card.assumptions.iter().map(String::as_str));
        for pointer in &card.assumptions {
            self.fault(!pointer.is_empty() && json.pointer(pointer).is_some(), || {
                format!("assumption `{pointer}` points to nothing")
            });
        }
        for source in &card.sources {
            self.fault(!source.trim().is_empty(), || "an empty source".to_owned());
        }
    }

    fn bilingual(&mut self, place: &str, text: &Bilingual) {
        let both = [&text.fa, &text.en];
        self.fault(
            both.iter().all(|one| !one.trim().is_empty() && one.trim() == one.as_str()),
            || format!("text of `{place}` is empty in a language or has spaces at its ends"),
        );
        self.fault(!text.fa.contains(['ي', 'ك', 'ى']), || {
            format!("text of `{place}` has Arabic ي or ك")
        });
    }

    fn unique<'a>(&mut self, place: &str, keys: impl Iterator<Item = &'a str>) {
        let mut seen = BTreeSet::new();
        for key in keys {
            self.fault(seen.insert(key), || format!("`{key}` stands twice in {place}"));
        }
    }
}

/// Values that a condition can compare with; only of choices and yes-no fields.
fn values_of(field: &Field) -> Option<Vec<&str>> {
    match &field.kind {
        FieldKind::Choice { options } => Some(options.iter().map(|o| o.value.as_str()).collect()),
        FieldKind::Flag => Some(vec!["true", "false"]),
        _ => None,
    }
}

fn is_kebab(code: &str) -> bool {
    is_code(code, b'-')
}

fn is_snake(key: &str) -> bool {
    is_code(key, b'_')
}

fn is_code(code: &str, between: u8) -> bool {
    code.len() <= 60
        && code.starts_with(|c: char| c.is_ascii_lowercase() || c.is_ascii_digit())
        && code.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == between)
}
