//! What is typed wrongly, and the sentence that it gets: `spoiled.tsv` is the table. With `UPDATE=1`
//! its sentences are written anew; a person reads them.

use std::path::{Path, PathBuf};

use pishkhan_counter::sentence::{Language, sentence};
use pishkhan_domain::field_error::FieldError;
use pishkhan_domain::service_card::ServiceCard;
use pishkhan_ipc::draft::{ApplicationEntry, EntryCheckRequest};
use serde_json::{Value, json};

use super::Office;

const CARD: &str = include_str!("every-kind.json");

pub(super) fn card() -> ServiceCard {
    let card: ServiceCard = serde_json::from_str(CARD).unwrap();
    assert_eq!(card.lint(), []);
    card
}

/// A good entry for the card with every kind of question.
pub(super) fn good() -> Value {
    json!({
        "service": "every-kind",
        "card_version": null,
        "applicant": {
            "national_id": "۰۰۷۶۲۲۹۶۴۵",
            "legal_entity_id": "",
            "without_papers": false,
            "provisional_key": null,
            "first_name": "مریم",
            "last_name": "رضایی نمونه",
            "father_name": "علی",
            "birth_date": "۱۳۷۰/۵/۱۲",
            "gender": "female",
            "mobile": "",
            "village": "روستای نمونه",
            "address": "",
            "postcode": "",
            "witnesses": [],
        },
        "form": { "text": "متن", "whole": "۵", "choice": "one", "rows": [{ "name": "نمونه" }] },
        "documents": [{ "code": "picture", "evidence": { "kind": "seen" } }],
        "consent": true,
    })
}

/// A line of the table.
struct Line {
    field: String,
    typed: Value,
    code: String,
    told: [String; 2],
}

fn table() -> Vec<Line> {
    let lines = include_str!("spoiled.tsv").lines().filter(|line| !line.starts_with('#'));
    lines
        .map(|line| {
            let [field, typed, code, persian, english] = line.split('\t').collect::<Vec<_>>()[..]
            else {
                panic!("{line}")
            };
            let typed = serde_json::from_str(typed).unwrap();
            let told = [persian.to_owned(), english.to_owned()];
            Line { field: field.to_owned(), typed, code: code.to_owned(), told }
        })
        .collect()
}

/// The good entry, spoiled by a line.
fn spoil(line: &Line) -> ApplicationEntry {
    let mut entry = good();
    let typed = &line.typed;
    let named = line.field.split(' ').next().unwrap();
    if line.field.starts_with("applicant.witnesses") || line.field.ends_with("and without_papers") {
        entry["applicant"]["without_papers"] = json!(true);
        entry["applicant"]["national_id"] = json!("");
        let witness = json!({ "name": "گواه نمونه", "national_id": "0076229645" });
        entry["applicant"]["witnesses"] = json!([witness, witness]);
        entry["applicant"]["witnesses"][1]["national_id"] = json!("1583250689");
    }
    if line.field == "applicant.legal_entity_id" {
        entry["applicant"]["national_id"] = json!("");
    }
    match line.field.as_str() {
        "applicant.witnesses none" => entry["applicant"]["witnesses"] = json!([]),
        "applicant.witnesses eleven" => {
            let ids = (100_000_000..).map(national_id_of).take(11);
            let witness = |id: String| json!({ "name": "گواه نمونه", "national_id": id });
            entry["applicant"]["witnesses"] = ids.map(witness).collect();
        }
        "service" => {
            entry["service"] = if typed == "" { Value::Null } else { typed.clone() };
        }
        "consent" => entry["consent"] = typed.clone(),
        field if field.starts_with("documents") => {
            let document = |told: &Value| match told[1].as_str() {
                Some(seen) => json!({ "code": told[0], "evidence": { "kind": seen } }),
                None => json!({ "code": told[0], "evidence": {
                    "kind": "copy",
                    "hash": "00".repeat(32),
                    "size_bytes": told[1],
                    "media_type": told[2],
                } }),
            };
            let told: Vec<Value> = typed.as_array().unwrap().iter().map(document).collect();
            let mut documents =
                if told.is_empty() { Vec::new() } else { vec![good()["documents"][0].clone()] };
            documents.extend(told);
            entry["documents"] = json!(documents);
        }
        field if field.starts_with("form.rows") => entry["form"]["rows"] = typed.clone(),
        _ => {
            let mut place = &mut entry;
            for part in named.split('.') {
                place = match part.parse::<usize>() {
                    Ok(index) => &mut place[index],
                    Err(_) => &mut place[part],
                };
            }
            *place = typed.clone();
        }
    }
    serde_json::from_value(entry).unwrap()
}

fn national_id_of(nine: u64) -> String {
    let digits = nine.to_string();
    let sum: u64 = (2..=10)
        .rev()
        .zip(digits.bytes())
        .map(|(weight, digit)| weight * u64::from(digit - b'0'))
        .sum();
    let rest = sum % 11;
    format!("{digits}{}", if rest < 2 { rest } else { 11 - rest })
}

/// A file as somebody might pick it.
fn file(name: &str) -> Vec<u8> {
    let png = |side: u32| {
        let mut bytes = Vec::new();
        let picture = image::GrayImage::new(side, side);
        let mut out = std::io::Cursor::new(&mut bytes);
        picture.write_to(&mut out, image::ImageFormat::Png).unwrap();
        bytes
    };
    match name {
        "gif" => b"GIF89a\x01\0\x01\0".to_vec(),
        "text" => "متن".as_bytes().to_vec(),
        "nothing" => Vec::new(),
        "exe" => b"MZ\x90\0\x03".to_vec(),
        "html" => b"<!doctype html><script>alert(1)</script>".to_vec(),
        "zip" => b"PK\x03\x04".to_vec(),
        "cut.pdf" => b"%PDF-1.4\n1 0 obj".to_vec(),
        "large.pdf" => [b"%PDF-1.4\n", vec![b' '; 6 << 20].as_slice(), b"%%EOF"].concat(),
        "cut.jpeg" => b"\xff\xd8\xff\xe0\0\x10JFIF".to_vec(),
        "cut.png" => png(20)[..40].to_vec(),
        "bomb.png" => png(9_000),
        "huge" => vec![0xff; 26 << 20],
        other => panic!("{other}"),
    }
}

#[test]
fn every_wrong_input_gets_its_sentence() {
    let office = Office::with_card(card());
    let good: ApplicationEntry = serde_json::from_value(good()).unwrap();
    let check = |entry| office.counter().entry_check(&EntryCheckRequest { entry }).unwrap().errors;
    assert_eq!(check(good), [], "the entry that is spoiled is good");
    let mut lines = table();
    assert!(lines.len() >= 150, "{}", lines.len());
    let mut otherwise = Vec::new();
    for line in &mut lines {
        let named = line.field.split(' ').next().unwrap();
        let errors = if named == "file" {
            let bytes = file(line.typed.as_str().unwrap());
            let error = office.counter().document_take_in("picture", &bytes).unwrap_err();
            vec![FieldError { field: named.to_owned(), code: error.code, params: error.params }]
        } else {
            check(spoil(line))
        };
        let typed: String = line.typed.to_string().chars().take(60).collect();
        let [error] = &errors[..] else {
            otherwise.push(format!("{} {typed}: {errors:?}", line.field));
            continue;
        };
        if (error.field.as_str(), &error.code) != (named, &line.code) {
            otherwise.push(format!("{} {typed}: {error:?}", line.field));
        }
        let told = [Language::Persian, Language::English]
            .map(|language| sentence(language, &error.code, &error.params));
        if told.iter().any(|sentence| *sentence == error.code || sentence.contains('{')) {
            otherwise.push(format!("{} {typed}: {told:?}", line.field));
        }
        if std::env::var_os("UPDATE").is_some() {
            line.told = told;
        } else if told != line.told {
            otherwise.push(format!("{} {typed}: {told:?}", line.field));
        }
    }
    assert!(otherwise.is_empty(), "{}", otherwise.join("\n"));
    if std::env::var_os("UPDATE").is_some() {
        write(&lines);
    }
}

#[test]
fn every_kind_of_question_is_in_the_table_with_every_code_that_it_can_get() {
    let lines = table();
    for field in card().fields {
        let path = format!("form.{}", field.key);
        assert!(
            field.key == "flag"
                || lines.iter().filter(|line| line.field.starts_with(&path)).count() > 2,
            "{path}"
        );
    }
    let told = |code: &str| lines.iter().any(|line| line.code == code);
    // Of these two the card of this table takes everybody; the cards that do not are tried elsewhere.
    let elsewhere = [
        "applicant.legal_entity_not_accepted",
        "applicant.without_papers_not_accepted",
        "rows.too_few",
    ];
    for code in pishkhan_domain::entry::FIELD_ERROR_CODES {
        assert!(told(code) || elsewhere.contains(code), "{code}");
    }
}

fn write(lines: &[Line]) {
    let hidden = |c: char| {
        c.is_control()
            || u32::from(c) > 0xffff
            || matches!(c, '\u{200b}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
    };
    let visible = |value: &Value| -> String {
        let text = value.to_string();
        let mut units = [0; 2];
        text.chars()
            .map(|c| match c {
                c if hidden(c) => {
                    c.encode_utf16(&mut units).iter().map(|unit| format!("\\u{unit:04x}")).collect()
                }
                c => c.to_string(),
            })
            .collect()
    };
    let mut text = "# What is typed wrongly, and what is said of it: field, value as JSON, code, \
                    Persian sentence, English sentence.\n"
        .to_owned();
    for line in lines {
        let [persian, english] = &line.told;
        let typed = visible(&line.typed);
        text.push_str(&format!("{}\t{typed}\t{}\t{persian}\t{english}\n", line.field, line.code));
    }
    let file: PathBuf = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/counter/spoiled.tsv");
    std::fs::write(file, text).unwrap();
}
