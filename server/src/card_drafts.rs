//! Service cards as somebody writes them: read from text with every fault named, and what a new
//! version would change.
//!
//! Invariant: a card that is read here has lost nothing of what was typed; a member that no card has
//! is a fault, wherever it stands.

use pishkhan_domain::ids::ServiceCode;
use pishkhan_domain::service_card::ServiceCard;
use serde_json::Value;

/// A fault: where, and what to do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CardFault {
    /// Path of the member, or line and column of the text; may be empty.
    pub place: String,
    /// Sentence in Persian.
    pub sentence: String,
}

/// Reads a card that is to be published under a code.
///
/// # Errors
/// Every fault that can be told at once.
pub fn read_card(text: &str, code: &str) -> Result<ServiceCard, Vec<CardFault>> {
    let json: Value = serde_json::from_str(text).map_err(|error| {
        let place = format!("{}:{}", error.line(), error.column());
        let sentence = if error.is_eof() {
            "متن پیش از پایان بریده است. آکولاد یا گیومه‌ای کم است."
        } else {
            "در این سطر و ستون نشانه‌ای زیاد یا کم است: کاما، گیومه یا آکولاد را ببینید."
        };
        vec![CardFault { place, sentence: sentence.to_owned() }]
    })?;
    let read: Result<ServiceCard, _> = serde_path_to_error::deserialize(&json);
    let card = read.map_err(|error| {
        let (path, inner) = (error.path().to_string(), error.inner().to_string());
        vec![type_fault(&path, &inner)]
    })?;
    let mut faults = Vec::new();
    if card.code.0 != code {
        let sentence =
            format!("کد شناسنامه «{code}» است و هرگز عوض نمی‌شود. خدمت دیگر شناسنامهٔ دیگری دارد.");
        faults.push(CardFault { place: "code".to_owned(), sentence });
    }
    let kept = serde_json::to_value(&card).unwrap_or_default();
    let mut unknown = Vec::new();
    unknown_members(&json, &kept, "", &mut unknown);
    faults.extend(unknown.into_iter().map(|place| CardFault {
        place,
        sentence: "چنین عضوی در شناسنامه نیست. املای آن را ببینید یا آن را بردارید.".to_owned(),
    }));
    faults.extend(card.lint().into_iter().map(|fault| {
        let (place, sentence) = fault.fa.split_once(": ").unwrap_or(("", fault.fa.as_str()));
        CardFault { place: place.to_owned(), sentence: sentence.to_owned() }
    }));
    if faults.is_empty() { Ok(card) } else { Err(faults) }
}

/// What the reader of types says, in words for whoever writes cards.
fn type_fault(path: &str, said: &str) -> CardFault {
    let name = said.split('`').nth(1).unwrap_or_default();
    let (place, sentence) = if said.starts_with("missing field") {
        let sentence = "نوشته نشده است. آن را بیفزایید.".to_owned();
        (joined(path, name), sentence)
    } else if said.starts_with("unknown field") {
        let sentence = "چنین عضوی در شناسنامه نیست. املای آن را ببینید یا آن را بردارید.";
        let inside = path.rsplit('.').next() == Some(name);
        (if inside { path.to_owned() } else { joined(path, name) }, sentence.to_owned())
    } else if said.starts_with("unknown variant") {
        (
            path.to_owned(),
            format!("«{name}» از گونه‌های شناخته نیست. فهرست گونه‌ها را زیر ویرایشگر ببینید."),
        )
    } else {
        let sentence =
            "گونهٔ مقدار درست نیست: عدد به‌جای متن، متن به‌جای عدد، یا عددی بیرون از اندازه.";
        (path.to_owned(), sentence.to_owned())
    };
    CardFault { place, sentence }
}

fn joined(path: &str, name: &str) -> String {
    if path == "." || path.is_empty() { name.to_owned() } else { format!("{path}.{name}") }
}

/// Members that were typed and that the types have dropped.
fn unknown_members(typed: &Value, kept: &Value, path: &str, found: &mut Vec<String>) {
    match (typed, kept) {
        (Value::Object(typed), Value::Object(kept)) => {
            for (name, value) in typed {
                let here = joined(path, name);
                match kept.get(name) {
                    Some(kept) => unknown_members(value, kept, &here, found),
                    None => found.push(here),
                }
            }
        }
        (Value::Array(typed), Value::Array(kept)) => {
            for (index, (typed, kept)) in typed.iter().zip(kept).enumerate() {
                unknown_members(typed, kept, &format!("{path}[{index}]"), found);
            }
        }
        _ => {}
    }
}

/// A card as it stands in the editor.
#[must_use]
pub fn as_text(card: &ServiceCard) -> String {
    serde_json::to_string_pretty(card).unwrap_or_default()
}

/// A card for another service, to begin with.
#[must_use]
pub fn begun_from(card: &ServiceCard, code: &str) -> String {
    as_text(&ServiceCard { code: ServiceCode(code.to_owned()), official_id: None, ..card.clone() })
}

/// Members of the card that a new version changes.
#[must_use]
pub fn changed_members(before: &ServiceCard, after: &ServiceCard) -> Vec<String> {
    let value = |card| serde_json::to_value(card).unwrap_or_default();
    let mut found = Vec::new();
    differences(&value(before), &value(after), "", &mut found);
    found
}

fn differences(before: &Value, after: &Value, path: &str, found: &mut Vec<String>) {
    match (before, after) {
        (Value::Object(one), Value::Object(other)) => {
            for name in one.keys().chain(other.keys().filter(|name| !one.contains_key(*name))) {
                let none = &Value::Null;
                let (one, other) = (one.get(name).unwrap_or(none), other.get(name).unwrap_or(none));
                differences(one, other, &joined(path, name), found);
            }
        }
        (Value::Array(one), Value::Array(other)) if one.len() == other.len() => {
            for (index, (one, other)) in one.iter().zip(other).enumerate() {
                differences(one, other, &format!("{path}[{index}]"), found);
            }
        }
        _ if before != after => found.push(path.to_owned()),
        _ => {}
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use serde_json::json;

    use super::*;

    const CARD: &str = include_str!("../tests/server/card.json");
    const CODE: &str = "birth-registration";

    type Spoil = fn(&mut Value);

    fn faults(spoil: Spoil) -> Vec<CardFault> {
        let mut card: Value = serde_json::from_str(CARD).unwrap();
        spoil(&mut card);
        read_card(&card.to_string(), CODE).unwrap_err()
    }

    #[test]
    fn a_good_card_is_read_and_written_as_it_was() {
        let card = read_card(CARD, CODE).unwrap();
        assert_eq!(read_card(&as_text(&card), CODE).unwrap(), card);
        let begun = begun_from(&card, "another");
        assert_eq!(read_card(&begun, "another").unwrap().title, card.title);
    }

    #[test]
    fn each_fault_names_its_place() {
        let cases: [(Spoil, &str, &str); 8] = [
            (|card| card["code"] = json!("other"), "code", "هرگز عوض نمی‌شود"),
            (|card| card["colour"] = json!(1), "colour", "چنین عضوی"),
            (|card| card["fields"][0]["colour"] = json!(1), "fields[0].colour", "چنین عضوی"),
            (|card| card["fee"]["rial"] = json!("ten"), "fee.rial", "گونهٔ مقدار"),
            (|card| card["fee"]["rial"] = json!(-1), "fee.rial", "کمتر از صفر"),
            (|card| card["title"] = json!({ "fa": "نام" }), "title.en", "نوشته نشده"),
            (|card| card["fields"][0]["type"] = json!("x"), "fields[0]", "از گونه‌های شناخته نیست"),
            (|card| card["deadline_working_days"] = json!(0), "deadline_working_days", "مهلت"),
        ];
        for (spoil, place, words) in cases {
            let found = faults(spoil);
            let named = |fault: &CardFault| fault.place == place && fault.sentence.contains(words);
            assert!(found.iter().any(named), "{place}: {found:?}");
        }
        let broken = read_card("{\n  \"code\": \"a\",,\n}", CODE).unwrap_err();
        assert_eq!(broken[0].place, "2:15");
        assert!(read_card("{", CODE).unwrap_err()[0].sentence.contains("بریده"));
    }

    #[test]
    fn what_changes_is_named() {
        let before = read_card(CARD, CODE).unwrap();
        let mut after = before.clone();
        assert!(changed_members(&before, &after).is_empty());
        after.fee.rial += 1;
        after.title.fa.push('.');
        after.refusal_reasons.clear();
        let mut changed = changed_members(&before, &after);
        changed.sort();
        assert_eq!(changed, ["fee.rial", "refusal_reasons", "title.fa"]);
    }
}
