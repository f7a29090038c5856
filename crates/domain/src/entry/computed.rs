//! Answers that the program works out from others.
//!
//! Invariant: they follow from what is typed and the day alone, so that whoever has the same answers
//! comes to the same numbers. What cannot be worked out yet (a date that is missing, an amount that
//! is no number) is no fault of its own: the fault stands at what it hangs on.

use std::collections::BTreeMap;

use jiff::Unit;
use jiff::civil::Date;
use serde_json::Value;

use super::answers::is_blank;
use super::conditions::Asked;
use super::numbers;
use crate::applicant::ApplicantEntry;
use crate::form::FormEntry;
use crate::jalali::JalaliDate;
use crate::service_card::{Computed, ServiceCard};

/// Every number that can be worked out with the answers so far, by the key of its field.
#[must_use]
pub fn computed_answers(
    card: &ServiceCard,
    form: &FormEntry,
    applicant: &ApplicantEntry,
    today: Date,
) -> BTreeMap<String, i64> {
    let asked = Asked::of(card, form, applicant);
    let fields = card.fields.iter().filter(|field| asked.has(&field.key));
    let known = fields.filter_map(|field| {
        let number = work_out(field.computed.as_ref()?, &asked, form, applicant, today)?;
        Some((field.key.clone(), number))
    });
    known.collect()
}

fn work_out(
    rule: &Computed,
    asked: &Asked<'_>,
    form: &FormEntry,
    applicant: &ApplicantEntry,
    today: Date,
) -> Option<i64> {
    let rows = |group: &str| -> Vec<&Value> {
        let rows = form.get(group).filter(|_| asked.has(group)).and_then(Value::as_array);
        rows.into_iter().flatten().filter(|row| !is_blank(row)).collect()
    };
    match rule {
        Computed::Count { group, plus } => {
            Some(i64::try_from(rows(group).len()).ok()? + i64::from(*plus))
        }
        Computed::Sum { group, field } => {
            let given = rows(group).into_iter().filter_map(|row| row.get(field));
            let given = given.filter(|value| !is_blank(value));
            given.map(amount).try_fold(0_i64, |sum, amount| sum.checked_add(amount?))
        }
        Computed::Years { since } => {
            let typed = match since.as_str() {
                "applicant.birth_date" => Some(applicant.birth_date.as_str()),
                key if asked.has(key) => form.get(key).and_then(Value::as_str),
                _ => None,
            };
            let since = JalaliDate::parse(typed?).ok()?.to_civil();
            let years = since.until((Unit::Year, today)).ok()?.get_years();
            (since <= today).then_some(i64::from(years))
        }
    }
}

fn amount(value: &Value) -> Option<i64> {
    let typed = match value {
        Value::String(typed) => typed.trim().trim_end_matches("ریال").to_owned(),
        Value::Number(number) => number.to_string(),
        _ => return None,
    };
    numbers::whole(&typed).ok()
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::panic)]
mod tests {
    use jiff::civil::date;
    use serde_json::json;

    use super::*;
    use crate::entry::check_form;
    use crate::form::Answer;

    const TODAY: Date = date(2026, 11, 24);

    fn card() -> ServiceCard {
        let label = json!({ "fa": "نمونه", "en": "sample" });
        let field = |key: &str, more: Value| {
            let mut field = json!({ "key": key, "label": label, "required": false });
            field.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
            field
        };
        let whole = |max: i64, computed: Value| json!({ "type": "integer", "min": 0, "max": max, "required": true, "computed": computed });
        serde_json::from_value(json!({
            "code": "sample", "official_id": null, "title": label, "everyday_names": ["نمونه"],
            "agency": { "code": "sample", "title": label }, "legal_basis": null, "audience": label,
            "accepts": { "without_papers": true, "legal_entity": false }, "documents": [],
            "fields": [
                field("has", json!({ "type": "flag" })),
                field("members", json!({
                    "type": "repeat", "min": 0, "max": 5,
                    "when": { "field": "has", "any_of": ["true"] },
                    "fields": [
                        field("name", json!({ "type": "text", "max_length": 50 })),
                        field("income", json!({ "type": "money", "max_rial": 1_000_000 })),
                    ],
                })),
                field("born", json!({ "type": "date" })),
                field("size", whole(4, json!({ "by": "count", "group": "members", "plus": 1 }))),
                field("income", json!({
                    "type": "money", "max_rial": 10_000_000,
                    "computed": { "by": "sum", "group": "members", "field": "income" },
                })),
                field("age", whole(120, json!({ "by": "years", "since": "born" }))),
                field("own_age", whole(120, json!({ "by": "years", "since": "applicant.birth_date" }))),
            ],
            "fee": { "rial": 0 }, "deadline_working_days": 5, "visits_before": 1,
            "refusal_reasons": [{ "code": "sample", "title": label }],
            "assumptions": [], "sources": [],
        }))
        .unwrap()
    }

    fn form(typed: &Value) -> FormEntry {
        serde_json::from_value(typed.clone()).unwrap()
    }

    fn of(typed: &Value) -> BTreeMap<String, i64> {
        let applicant =
            ApplicantEntry { birth_date: "۱۳۷۰/۹/۴".to_owned(), ..Default::default() };
        computed_answers(&card(), &form(typed), &applicant, TODAY)
    }

    #[test]
    fn rows_are_counted_and_summed_and_years_are_full_ones() {
        let members =
            json!([{ "name": "نمونه", "income": "۱۲٬۰۰۰ ریال" }, { "name": " " }, { "income": 5 }]);
        let known = of(&json!({ "has": true, "members": members, "born": "1400/9/3" }));
        // Today is the third of Azar 1405: the child is five today, the applicant 35 tomorrow.
        let expected = [("age", 5), ("income", 12_005), ("own_age", 34), ("size", 3)];
        assert_eq!(known, expected.map(|(key, value)| (key.to_owned(), value)).into());
    }

    #[test]
    fn a_group_that_is_not_asked_any_more_does_not_count() {
        let known = of(&json!({ "has": false, "members": [{ "income": "7" }] }));
        assert_eq!((known["size"], known["income"]), (1, 0));
    }

    #[test]
    fn what_cannot_be_worked_out_is_left_open_and_no_fault() {
        let typed = json!({ "has": true, "members": [{ "income": "ده" }], "born": "1400/13/1" });
        let known = of(&typed);
        assert!(!known.contains_key("income") && !known.contains_key("age"));
        let errors = check_form(&form(&typed), &card(), &ApplicantEntry::default(), TODAY);
        let places: Vec<String> =
            errors.unwrap_err().into_iter().map(|error| error.field).collect();
        assert_eq!(places, ["form.members.0.income", "form.born"]);
    }

    #[test]
    fn what_somebody_typed_in_its_place_is_not_taken() {
        let typed = json!({ "has": true, "members": [{ "name": "نمونه" }], "size": "99" });
        let checked =
            check_form(&form(&typed), &card(), &ApplicantEntry::default(), TODAY).unwrap();
        assert_eq!(checked["size"], Answer::Integer(2));
        assert!(!checked.contains_key("age"));
    }

    #[test]
    fn beyond_its_range_it_is_a_fault_like_any_other() {
        let members = vec![json!({ "name": "نمونه" }); 5];
        let typed = json!({ "has": true, "members": members });
        let errors = check_form(&form(&typed), &card(), &ApplicantEntry::default(), TODAY);
        let errors = errors.unwrap_err();
        assert_eq!(
            (errors[0].field.as_str(), errors[0].code.as_str()),
            ("form.size", "number.too_large")
        );
    }

    #[test]
    fn an_older_program_reads_the_card_and_asks_the_question() {
        // What the program knew of a question before there were computed ones.
        #[derive(serde::Deserialize)]
        struct Before {
            key: String,
            #[serde(flatten)]
            kind: crate::service_card::FieldKind,
        }
        let card = serde_json::to_value(card()).unwrap();
        let fields: Vec<Before> = serde_json::from_value(card["fields"].clone()).unwrap();
        let size = fields.iter().find(|field| field.key == "size").unwrap();
        assert!(matches!(size.kind, crate::service_card::FieldKind::Integer { max: 4, .. }));
    }

    #[test]
    fn a_card_without_any_is_written_as_it_always_was() {
        let mut card = card();
        card.fields.retain(|field| field.computed.is_none());
        assert!(!serde_json::to_string(&card).unwrap().contains("computed"));
    }

    #[test]
    fn a_rule_looks_only_upwards_at_what_it_can_use() {
        let faults = |spoil: &dyn Fn(&mut ServiceCard)| {
            let mut card = card();
            spoil(&mut card);
            card.lint().into_iter().map(|fault| fault.en).collect::<Vec<_>>()
        };
        assert_eq!(faults(&|_| {}), Vec::<String>::new());
        let rule = |rule: Computed| {
            faults(&move |card| {
                let size = card.fields.iter_mut().find(|field| field.key == "size").unwrap();
                size.computed = Some(rule.clone());
            })
        };
        let group = "members".to_owned();
        for wrong in [
            Computed::Count { group: "nothing".to_owned(), plus: 0 },
            Computed::Count { group: "born".to_owned(), plus: 0 },
            Computed::Sum { group: group.clone(), field: "name".to_owned() },
            Computed::Sum { group, field: "nothing".to_owned() },
            Computed::Years { since: "has".to_owned() },
            Computed::Years { since: "age".to_owned() },
        ] {
            let faults = rule(wrong.clone());
            assert_eq!(faults.len(), 1, "{wrong:?}: {faults:?}");
            assert!(faults[0].starts_with("size: is computed from"), "{faults:?}");
        }
        let on_text = faults(&|card| {
            let computed = Some(Computed::Years { since: "applicant.birth_date".to_owned() });
            let born = card.fields.iter_mut().find(|field| field.key == "born").unwrap();
            born.computed = computed;
        });
        assert_eq!(
            on_text,
            ["born: only a whole number or an amount of the form itself is computed"]
        );
    }
}
