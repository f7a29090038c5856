//! What is pasted: too much, invisible, upside down or of another alphabet. Nothing of it is lost,
//! and nothing stops.

use pishkhan_domain::persian_text::{clean, clean_lines};
use pishkhan_ipc::draft::{ApplicationEntry, DraftRequest, DraftSaveRequest, EntryCheckRequest};
use pishkhan_ipc::receipt::{Paper, ReceiptRequest};
use serde_json::{Value, json};

use super::spoiled::{card, good};
use super::{ListFilter, Office};

/// Where text goes.
const PLACES: [&str; 9] = [
    "/applicant/national_id",
    "/applicant/first_name",
    "/applicant/birth_date",
    "/applicant/mobile",
    "/applicant/village",
    "/applicant/address",
    "/form/text",
    "/form/lines",
    "/form/rows/0/name",
];

/// What may come out of somebody's clipboard.
fn clippings() -> Vec<String> {
    let mut all: Vec<String> = [
        "\0",
        "\u{1}\u{2}\u{7f}\u{85}",
        "\u{1b}[31mقرمز\u{1b}[0m",
        "علی\u{202e}اضر",
        "\u{2066}\u{2067}\u{2068}\u{2069}",
        "\u{200b}\u{200c}\u{200d}\u{200e}\u{200f}\u{feff}",
        "علي كاظمي يكتا",
        "٠١٢٣٤٥٦٧٨٩ و ۰۱۲۳۴۵۶۷۸۹",
        "👨‍👩‍👧‍👦 🏳️‍🌈 😀",
        "نام\tبا\tجدول\r\nو\nسطر",
        "z̴̡̢̛͇̥̫͔̪̦̘̘͕̱̆̐̀̀̾̌̈́͛̕͝a̸l̷g̵o",
        "<script>alert('x')</script> & \"'`",
        "'; DROP TABLE applications; --",
        "=HYPERLINK(\"http://x\")",
        "ﷺ ﷲ ﻼ ﻻ",
        "漢字 हिन्दी ไทย ᠮᠣᠩᠭᠣᠯ",
        "\u{e0041}\u{e007f}",
        "\u{fffd}\u{ffff}\u{10ffff}",
        "#set page(width: 1pt)\n#panic() $x$ *b* _i_ @r \\ //",
        "{name} {0} %s %n ${x}",
    ]
    .map(str::to_owned)
    .to_vec();
    all.push("م".repeat(1 << 19));
    all.push("x\u{301}".repeat(100_000));
    all.push("پاراگراف بلند\n".repeat(40_000));
    all
}

fn with(place: &str, text: &str) -> ApplicationEntry {
    let mut entry = good();
    match entry.pointer_mut(place) {
        Some(field) => *field = json!(text),
        None => entry["form"]["lines"] = json!(text),
    }
    serde_json::from_value(entry).unwrap()
}

#[test]
fn whatever_is_pasted_is_answered_and_kept_in_the_draft() {
    let office = Office::with_card(card());
    let counter = office.counter();
    for text in clippings() {
        for place in PLACES {
            let entry = with(place, &text);
            let check = counter.entry_check(&EntryCheckRequest { entry: entry.clone() }).unwrap();
            for error in &check.errors {
                let told = pishkhan_counter::sentence::sentence(
                    pishkhan_counter::sentence::Language::Persian,
                    &error.code,
                    &error.params,
                );
                assert!(told != error.code && told.chars().count() < 200, "{told}");
                let path = place.trim_start_matches('/').replace('/', ".");
                assert_eq!(error.field, path, "the field that is wrong is named");
            }
            let saved = DraftSaveRequest { id: None, entry: entry.clone(), mends: None };
            let id = counter.draft_save(&saved).unwrap().id;
            let kept = counter.draft_get(&DraftRequest { id }).unwrap().entry;
            assert_eq!(kept, entry, "letter for letter");
            counter.draft_discard(&DraftRequest { id }).unwrap();
        }
    }
}

#[test]
fn a_megabyte_in_every_field_is_still_a_draft() {
    let office = Office::with_card(card());
    let mut entry = good();
    for place in ["/applicant/village", "/applicant/address", "/form/text"] {
        *entry.pointer_mut(place).unwrap() = json!("م".repeat(1_000_000));
    }
    let entry: ApplicationEntry = serde_json::from_value(entry).unwrap();
    let saved = DraftSaveRequest { id: None, entry: entry.clone(), mends: None };
    let id = office.counter().draft_save(&saved).unwrap().id;
    assert_eq!(office.counter().draft_get(&DraftRequest { id }).unwrap().entry, entry);
    let errors = office.counter().entry_check(&EntryCheckRequest { entry }).unwrap().errors;
    let codes: Vec<&str> = errors.iter().map(|error| error.code.as_str()).collect();
    assert_eq!(codes, ["text.too_long"; 3]);
}

#[test]
fn what_passes_is_filed_found_and_printed_as_it_was_written() {
    let office = Office::with_card(card());
    let mut filed = 0;
    for text in clippings() {
        for place in ["/applicant/village", "/applicant/address", "/form/lines"] {
            let entry = with(place, &text);
            let request = EntryCheckRequest { entry: entry.clone() };
            if !office.counter().entry_check(&request).unwrap().errors.is_empty() {
                continue;
            }
            let view = office.record(&entry);
            filed += 1;
            let kept: Value = match place {
                "/form/lines" if clean_lines(&text).unwrap().is_empty() => continue,
                "/form/lines" => json!(view.form["lines"]),
                "/applicant/village" => json!(view.applicant.village),
                _ => json!(view.applicant.address),
            };
            let expected = match place {
                "/form/lines" => {
                    json!(pishkhan_domain::form::Answer::Text(clean_lines(&text).unwrap()))
                }
                _ => json!(clean(&text).unwrap()),
            };
            assert_eq!(kept, expected, "{text:?}");
            // What the font has not is a box on the paper, and no failure. Answers are not on it.
            let paper = match place {
                "/applicant/village" => Paper::A5,
                "/applicant/address" => Paper::Thermal80,
                _ => continue,
            };
            let request = ReceiptRequest { application: view.row.id, paper: Some(paper) };
            let preview = office.counter().receipt_preview(&request).unwrap();
            assert!(preview.picture.len() > 10_000);
        }
    }
    assert!(filed > 25, "only {filed} of them could be filed");
}

#[test]
fn a_name_in_arabic_letters_stays_and_is_found_in_persian_ones() {
    let office = Office::with_card(card());
    let mut entry = good();
    entry["applicant"]["first_name"] = json!("علي\u{200f} كاظم");
    entry["applicant"]["last_name"] = json!("يكتا\u{200c}ي");
    let view = office.record(&serde_json::from_value(entry).unwrap());
    assert_eq!(view.applicant.first_name, "علي كاظم");
    assert_eq!(view.applicant.last_name, "يكتا\u{200c}ي");
    for query in ["علی کاظم", "یکتای", "یکتا ی", "كاظم"] {
        assert_eq!(office.listed(ListFilter::All, query), [view.row.id], "{query}");
    }
}
