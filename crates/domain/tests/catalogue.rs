//! Every file of `catalogue/` is what it should be.

#![allow(clippy::unwrap_used, clippy::panic)]

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use jiff::civil::date;
use pishkhan_domain::catalogue::{Publication, PublicationError, PublishedCard};
use pishkhan_domain::content_hash::ContentHash;
use pishkhan_domain::jalali::JalaliDate;
use pishkhan_domain::service_card::ServiceCard;
use pishkhan_domain::working_days::{WorkingCalendar, add_working_days};
use serde_json::{Value, json};

fn catalogue() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../catalogue")
}

/// File name without its ending, and text, of every card.
fn card_files() -> Vec<(String, String)> {
    let folder = fs::read_dir(catalogue().join("services")).unwrap();
    let mut files: Vec<PathBuf> = folder.map(|entry| entry.unwrap().path()).collect();
    files.sort();
    let name = |path: &Path| path.file_stem().unwrap().to_str().unwrap().to_owned();
    files.iter().map(|path| (name(path), fs::read_to_string(path).unwrap())).collect()
}

fn schema() -> jsonschema::Validator {
    let text = fs::read_to_string(catalogue().join("service-card.schema.json")).unwrap();
    jsonschema::validator_for(&serde_json::from_str(&text).unwrap()).unwrap()
}

fn calendar() -> WorkingCalendar {
    let text = fs::read_to_string(catalogue().join("working-calendar.json")).unwrap();
    serde_json::from_str(&text).unwrap()
}

/// A value without its null and false members, which a file may leave out.
fn without_defaults(value: Value) -> Value {
    match value {
        Value::Object(members) => members
            .into_iter()
            .filter(|(_, member)| !matches!(member, Value::Null | Value::Bool(false)))
            .map(|(key, member)| (key, without_defaults(member)))
            .collect::<serde_json::Map<_, _>>()
            .into(),
        Value::Array(items) => items.into_iter().map(without_defaults).collect(),
        other => other,
    }
}

#[test]
fn every_card_fits_the_schema_and_is_consistent() {
    let schema = schema();
    let mut codes = BTreeSet::new();
    for (name, text) in card_files() {
        let json: Value = serde_json::from_str(&text).unwrap();
        let faults: Vec<String> =
            schema.iter_errors(&json).map(|e| format!("{}: {e}", e.instance_path())).collect();
        assert!(faults.is_empty(), "{name}: {faults:#?}");
        let card: ServiceCard =
            serde_json::from_str(&text).unwrap_or_else(|e| panic!("{name}: {e}"));
        assert_eq!(card.code.0, name);
        assert!(card.lint().is_empty(), "{name}: {:?}", card.lint());
        assert!(codes.insert(card.code.0));
    }
    assert!(codes.len() >= 16);
    for needed in [
        "birth-registration",
        "identity-without-papers",
        "electricity-connection",
        "building-permit",
        "postcode-certificate",
    ] {
        assert!(codes.contains(needed), "{needed}");
    }
}

#[test]
fn reading_and_writing_a_card_loses_nothing() {
    for (name, text) in card_files() {
        let card: ServiceCard = serde_json::from_str(&text).unwrap();
        let written = serde_json::to_value(&card).unwrap();
        assert_eq!(
            without_defaults(serde_json::from_str(&text).unwrap()),
            without_defaults(written.clone()),
            "{name}"
        );
        assert_eq!(serde_json::from_value::<ServiceCard>(written).unwrap(), card);
    }
}

#[test]
fn a_published_card_is_named_by_the_hash_of_its_bytes() {
    for (_, text) in card_files() {
        let card: ServiceCard = serde_json::from_str(&text).unwrap();
        let bytes = Publication::ServiceCard(Box::new(card.clone())).to_bytes().unwrap();
        let published = PublishedCard::from_bytes(&bytes).unwrap();
        assert_eq!(published, PublishedCard { version: ContentHash::of(&bytes), card });
        assert_eq!(Publication::from_bytes(&bytes).unwrap().to_bytes().unwrap(), bytes);
    }
    let bytes = Publication::WorkingCalendar(calendar()).to_bytes().unwrap();
    assert_eq!(Publication::from_bytes(&bytes).unwrap(), Publication::WorkingCalendar(calendar()));
    assert!(matches!(PublishedCard::from_bytes(&bytes), Err(PublicationError::NotACard)));
    let cut = PublishedCard::from_bytes(&bytes[..bytes.len() - 1]);
    assert!(matches!(cut, Err(PublicationError::Unreadable(_))));
}

#[test]
fn what_is_assumed_is_marked() {
    for (name, text) in card_files() {
        let card: ServiceCard = serde_json::from_str(&text).unwrap();
        let marked = |pointer: &str| card.assumptions.iter().any(|known| known == pointer);
        assert!(marked("/deadline_working_days") && marked("/fee"), "{name}");
        assert!(card.legal_basis.is_none() || marked("/legal_basis"), "{name}");
        assert!(marked("/documents") || !card.sources.is_empty(), "{name}");
    }
}

#[test]
fn the_schema_and_the_types_refuse_what_they_do_not_know() {
    let (_, text) =
        card_files().into_iter().find(|(name, _)| name == "birth-registration").unwrap();
    let good: Value = serde_json::from_str(&text).unwrap();
    let schema = schema();
    assert!(schema.is_valid(&good));
    let spoiled: [fn(&mut Value); 9] = [
        |card| card["colour"] = json!("red"),
        |card| card["fee"]["toman"] = json!(5),
        |card| card["documents"][0]["colour"] = json!("red"),
        |card| card["fields"][0]["colour"] = json!("red"),
        |card| card["fields"][0]["type"] = json!("colour"),
        |card| card["fields"][0]["options"] = json!([]),
        |card| card["fields"][0]["max_length"] = json!(5000),
        |card| card["deadline_working_days"] = json!(0),
        |card| card["refusal_reasons"] = json!([]),
    ];
    for (index, spoil) in spoiled.iter().enumerate() {
        let mut card = good.clone();
        spoil(&mut card);
        assert!(!schema.is_valid(&card), "case {index}");
    }
    for spoil in &spoiled[..3] {
        let mut card = good.clone();
        spoil(&mut card);
        assert!(serde_json::from_value::<ServiceCard>(card).is_err());
    }
}

#[test]
fn lint_names_what_is_inconsistent() {
    let (_, text) =
        card_files().into_iter().find(|(name, _)| name == "birth-registration").unwrap();
    let good: Value = serde_json::from_str(&text).unwrap();
    type Spoil = fn(&mut Value);
    let cases: [(Spoil, &str); 11] = [
        (|card| card["code"] = json!("Birth"), "kebab-case"),
        (|card| card["fields"][1]["key"] = json!("child_name"), "stands twice"),
        (|card| card["fields"][1]["options"] = json!([]), "leaves no choice"),
        (|card| card["fields"][0]["max_length"] = json!(0), "allows no text"),
        (
            |card| card["fields"][0]["when"] = json!({"field": "child_gender", "any_of": ["girl"]}),
            "above it",
        ),
        (|card| card["documents"][1]["when"]["any_of"] = json!(["maybe"]), "never is"),
        (|card| card["documents"][1]["when"]["any_of"] = json!([]), "never holds"),
        (|card| card["documents"][1]["code"] = json!("birth-certificate"), "stands twice"),
        (|card| card["assumptions"] = json!(["/fees"]), "points to nothing"),
        (|card| card["title"]["fa"] = json!("ثبت ولادت كودك"), "Arabic"),
        (|card| card["refusal_reasons"] = json!([]), "no refusal reasons"),
    ];
    for (spoil, sentence) in cases {
        let mut card = good.clone();
        spoil(&mut card);
        let faults = serde_json::from_value::<ServiceCard>(card).unwrap().lint();
        assert!(faults.iter().any(|fault| fault.en.contains(sentence)), "{sentence}: {faults:?}");
    }
}

#[test]
fn the_working_calendar_covers_this_year_and_the_next() {
    let calendar = calendar();
    for day in calendar.holidays.keys() {
        assert_eq!(JalaliDate::parse(day).unwrap().to_string(), *day);
        assert!(calendar.knows(JalaliDate::parse(day).unwrap().to_civil()));
    }
    for solar in ["1405-01-01", "1405-01-13", "1405-11-22", "1406-01-01", "1406-12-29"] {
        assert!(calendar.holidays.contains_key(solar), "{solar}");
    }
    let today = date(2026, 11, 24);
    assert!(!add_working_days(today, 180, &calendar).provisional);
    assert_eq!(add_working_days(today, 3, &calendar).on, date(2026, 11, 29));
    assert!(calendar.sample);
}
