//! Is a card consistent in itself? Asked before it is published; an office trusts what it gets.

use std::collections::BTreeSet;

use super::{Bilingual, Computed, Condition, Field, FieldKind, ServiceCard};
use crate::entry::MAX_TEXT;

/// Values of `applicant.…` that a condition may ask for.
const APPLICANT: [(&str, [&str; 2]); 2] =
    [("applicant.gender", ["female", "male"]), ("applicant.without_papers", ["true", "false"])];

impl ServiceCard {
    /// What is inconsistent, in sentences for whoever writes cards, each of which begins with the
    /// place; empty when nothing is.
    #[must_use]
    pub fn lint(&self) -> Vec<Bilingual> {
        let mut lint = Lint { faults: Vec::new() };
        lint.card(self);
        lint.faults
    }
}

struct Lint {
    faults: Vec<Bilingual>,
}

impl Lint {
    /// `sentence` gives Persian and English.
    fn fault(&mut self, holds: bool, sentence: impl FnOnce() -> (String, String)) {
        if !holds {
            let (fa, en) = sentence();
            self.faults.push(Bilingual { fa, en });
        }
    }

    fn card(&mut self, card: &ServiceCard) {
        self.kebab("code", &card.code.0);
        self.kebab("agency.code", &card.agency.code.0);
        self.bilingual("title", &card.title);
        self.bilingual("agency", &card.agency.title);
        self.bilingual("audience", &card.audience);
        self.fault(!card.everyday_names.is_empty(), || {
            let fa = "everyday_names: دست‌کم یک نام روزمره بنویسید.";
            (fa.to_owned(), "everyday_names: no everyday names".to_owned())
        });
        self.fault((1..=366).contains(&card.deadline_working_days), || {
            let fa = "deadline_working_days: مهلت میان ۱ و ۳۶۶ روز کاری است.";
            let en = "deadline_working_days: deadline is not between 1 and 366 working days";
            (fa.to_owned(), en.to_owned())
        });
        self.fault(card.fee.rial >= 0, || {
            let fa = "fee.rial: هزینه کمتر از صفر نیست.";
            (fa.to_owned(), "fee.rial: fee is negative".to_owned())
        });
        self.fields(&card.fields, &[], "fields");
        self.documents(card);
        let codes = card.refusal_reasons.iter().map(|reason| reason.code.as_str());
        self.unique("refusal_reasons", codes);
        self.fault(!card.refusal_reasons.is_empty(), || {
            let fa = "refusal_reasons: دست‌کم یک دلیل قانونی برای رد بنویسید.";
            (fa.to_owned(), "refusal_reasons: no refusal reasons".to_owned())
        });
        for reason in &card.refusal_reasons {
            self.kebab("refusal_reasons", &reason.code);
            self.bilingual(&reason.code, &reason.title);
        }
        self.assumptions(card);
    }

    fn documents(&mut self, card: &ServiceCard) {
        self.unique("documents", card.documents.iter().map(|document| document.code.as_str()));
        for document in &card.documents {
            let code = &document.code;
            self.kebab("documents", code);
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
            self.snake(place, key);
            self.bilingual(key, &field.label);
            if let Some(condition) = &field.when {
                self.condition(key, condition, &[&fields[..index], above]);
            }
            self.kind(key, &field.kind, &fields[..index], place);
            if let Some(rule) = &field.computed {
                self.computed(field, rule, &fields[..index], place);
            }
        }
    }

    fn kind(&mut self, key: &str, kind: &FieldKind, before: &[Field], place: &str) {
        match kind {
            FieldKind::Text { max_length, .. } => {
                self.fault((1..=MAX_TEXT).contains(&usize::from(*max_length)), || {
                    let fa = format!("{key}: max_length میان ۱ و {MAX_TEXT} نویسه است.");
                    let en = format!("{key}: allows no text or more than {MAX_TEXT} characters");
                    (fa, en)
                });
            }
            FieldKind::Integer { min, max, .. } | FieldKind::Decimal { min, max, .. } => {
                self.range(key, min < max);
            }
            FieldKind::Money { max_rial } => self.range(key, *max_rial > 0),
            FieldKind::Choice { options } => {
                self.fault(options.len() > 1, || {
                    let fa = format!("{key}: دست‌کم دو گزینه بنویسید.");
                    (fa, format!("{key}: leaves no choice"))
                });
                self.unique(key, options.iter().map(|option| option.value.as_str()));
                for option in options {
                    self.snake(key, &option.value);
                    self.bilingual(&option.value, &option.label);
                }
            }
            FieldKind::Repeat { min, max, fields } => {
                self.fault(place == "fields", || {
                    let fa = format!("{key}: گروه تکرارشونده در گروه دیگری نمی‌آید.");
                    (fa, format!("{key}: repeats within a group"))
                });
                self.range(key, min <= max && *max > 0);
                self.fault(!fields.is_empty(), || {
                    let fa = format!("{key}: این گروه فیلدی ندارد.");
                    (fa, format!("{key}: the group has no fields"))
                });
                self.fields(fields, before, key);
            }
            _ => {}
        }
    }

    /// A number is worked out from what stands above it, as a condition looks only upwards.
    fn computed(&mut self, field: &Field, rule: &Computed, before: &[Field], place: &str) {
        let key = &field.key;
        let number = matches!(field.kind, FieldKind::Integer { .. } | FieldKind::Money { .. });
        self.fault(number && place == "fields", || {
            let fa = format!("{key}: تنها عدد درست یا مبلغِ خودِ فرم را می‌شود حساب کرد.");
            (fa, format!("{key}: only a whole number or an amount of the form itself is computed"))
        });
        let above = |name: &str| before.iter().find(|field| field.key == name);
        let rows = |name: &str| match above(name).map(|field| &field.kind) {
            Some(FieldKind::Repeat { fields, .. }) => Some(fields),
            _ => None,
        };
        let (what, usable) = match rule {
            Computed::Count { group, .. } => (group.clone(), rows(group).is_some()),
            Computed::Sum { group, field } => {
                let summed = |inner: &Field| {
                    let number =
                        matches!(inner.kind, FieldKind::Integer { .. } | FieldKind::Money { .. });
                    inner.key == *field && number
                };
                let usable = rows(group).is_some_and(|fields| fields.iter().any(summed));
                (format!("{group}.{field}"), usable)
            }
            Computed::Years { since } => {
                let date = |field: &Field| matches!(field.kind, FieldKind::Date { .. });
                (since.clone(), since == "applicant.birth_date" || above(since).is_some_and(date))
            }
        };
        self.fault(usable, || {
            let fa =
                format!("{key}: از `{what}` حساب می‌شود که بالاتر از آن نیست یا به این کار نمی‌آید.");
            let en = format!(
                "{key}: is computed from `{what}`, which is not above it or is of another kind"
            );
            (fa, en)
        });
    }

    fn range(&mut self, key: &str, holds: bool) {
        self.fault(holds, || {
            let fa = format!("{key}: کمترین و بیشترین با هم نمی‌خواند.");
            (fa, format!("{key}: has an empty range"))
        });
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
            let fa = format!(
                "{of}: شرط آن به `{name}` است که فیلد گزینه‌ای یا بله‌وخیرِ بالاتر از آن نیست."
            );
            let en =
                format!("{of}: condition on `{name}`, which is no choice or yes-no field above it");
            self.faults.push(Bilingual { fa, en });
            return;
        };
        self.fault(!condition.any_of.is_empty(), || {
            let fa = format!("{of}: شرط آن هرگز برقرار نمی‌شود؛ any_of خالی است.");
            (fa, format!("{of}: condition never holds"))
        });
        for value in &condition.any_of {
            self.fault(possible.contains(&value.as_str()), || {
                let fa = format!("{of}: شرط آن `{value}` را می‌خواهد که `{name}` هرگز نمی‌گیرد.");
                (fa, format!("{of}: condition asks for `{value}`, which `{name}` never is"))
            });
        }
    }

    /// Pointers resolve in the card as JSON, and what a sample card must call an assumption is so.
    fn assumptions(&mut self, card: &ServiceCard) {
        let json = serde_json::to_value(card).unwrap_or_default();
        self.unique("assumptions", card.assumptions.iter().map(String::as_str));
        for pointer in &card.assumptions {
            self.fault(!pointer.is_empty() && json.pointer(pointer).is_some(), || {
                let fa = format!("assumptions: `{pointer}` به چیزی در شناسنامه اشاره نمی‌کند.");
                (fa, format!("assumptions: `{pointer}` points to nothing"))
            });
        }
        for source in &card.sources {
            self.fault(!source.trim().is_empty(), || {
                let fa = "sources: یکی از منبع‌ها خالی است.";
                (fa.to_owned(), "sources: an empty source".to_owned())
            });
        }
    }

    fn bilingual(&mut self, place: &str, text: &Bilingual) {
        let both = [&text.fa, &text.en];
        self.fault(
            both.iter().all(|one| !one.trim().is_empty() && one.trim() == one.as_str()),
            || {
                let fa = format!("{place}: متن در یکی از دو زبان خالی است یا فاصله در دو سر دارد.");
                (fa, format!("{place}: text is empty in a language or has spaces at its ends"))
            },
        );
        self.fault(!text.fa.contains(['ي', 'ك', 'ى']), || {
            let fa = format!("{place}: متن «ي» یا «ك» عربی دارد؛ «ی» و «ک» فارسی بنویسید.");
            (fa, format!("{place}: text has Arabic ي or ك"))
        });
    }

    fn unique<'a>(&mut self, place: &str, keys: impl Iterator<Item = &'a str>) {
        let mut seen = BTreeSet::new();
        for key in keys {
            self.fault(seen.insert(key), || {
                let fa = format!("{place}: `{key}` دو بار آمده است.");
                (fa, format!("{place}: `{key}` stands twice"))
            });
        }
    }

    fn kebab(&mut self, place: &str, code: &str) {
        self.fault(is_code(code, b'-'), || {
            let fa = format!("{place}: کد `{code}` تنها حروف کوچک لاتین، رقم و خط تیره دارد.");
            (fa, format!("{place}: `{code}` is not in kebab-case"))
        });
    }

    fn snake(&mut self, place: &str, key: &str) {
        self.fault(is_code(key, b'_'), || {
            let fa = format!("{place}: کلید `{key}` تنها حروف کوچک لاتین، رقم و زیرخط دارد.");
            (fa, format!("{place}: `{key}` is not in snake_case"))
        });
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

fn is_code(code: &str, between: u8) -> bool {
    code.len() <= 60
        && code.starts_with(|c: char| c.is_ascii_lowercase() || c.is_ascii_digit())
        && code.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == between)
}
