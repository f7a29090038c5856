#![allow(clippy::unwrap_used, clippy::panic)]

use jiff::civil::{Date, date};
use proptest::prelude::*;
use serde_json::{Value, json};
use uuid::Uuid;

use super::*;
use crate::applicant::{Gender, Identity, WitnessEntry};
use crate::application::Evidence;
use crate::content_hash::ContentHash;
use crate::form::Answer;

const TODAY: Date = date(2026, 11, 24);
const KEY: ProvisionalKey = ProvisionalKey(Uuid::from_u128(7));

fn card() -> ServiceCard {
    let text = |fa: &str| json!({ "fa": fa, "en": fa });
    let field = |key: &str, required: bool, rest: Value| {
        let mut field = json!({ "key": key, "label": text("پرسش"), "required": required });
        field.as_object_mut().unwrap().extend(rest.as_object().unwrap().clone());
        field
    };
    let paper = |code: &str, required: bool, copy: bool, when: Value| json!({ "code": code, "title": text("مدرک"), "required": required, "copy_needed": copy, "when": when });
    let usage = json!([{ "value": "home", "label": text("خانه") }, { "value": "farm", "label": text("مزرعه") }]);
    serde_json::from_value(json!({
        "code": "sample", "official_id": null, "title": text("نمونه"), "everyday_names": ["نمونه"],
        "agency": { "code": "sample", "title": text("نمونه") }, "legal_basis": null,
        "audience": text("همه"), "accepts": { "without_papers": true, "legal_entity": true },
        "documents": [
            paper("id-card", true, false, Value::Null),
            paper("military-card", true, true, json!({ "field": "applicant.gender", "any_of": ["male"] })),
            paper("well-permit", true, true, json!({ "field": "usage", "any_of": ["farm"] })),
        ],
        "fields": [
            field("usage", true, json!({ "type": "choice", "options": usage })),
            field("pump_kw", true, json!({ "type": "decimal", "min": 1, "max": 100, "decimals": 1,
                "when": { "field": "usage", "any_of": ["farm"] } })),
            field("pump_age", false, json!({ "type": "integer", "min": 0, "max": 50,
                "when": { "field": "usage", "any_of": ["farm"] } })),
            field("well_date", false, json!({ "type": "date", "not_future": true })),
            field("note", false, json!({ "type": "text", "max_length": 10, "multiline": true })),
            field("income", false, json!({ "type": "money", "max_rial": 1_000_000 })),
            field("urgent", false, json!({ "type": "flag" })),
            field("nid", false, json!({ "type": "national_id" })),
            field("phone", false, json!({ "type": "telephone" })),
            field("account", false, json!({ "type": "iban" })),
            field("place", false, json!({ "type": "point" })),
            field("relatives", false, json!({ "type": "repeat", "min": 1, "max": 2, "fields": [
                field("name", true, json!({ "type": "text", "max_length": 50 })),
                field("national_id", true, json!({ "type": "national_id" })),
            ] })),
        ],
        "fee": { "rial": 0 }, "deadline_working_days": 5, "visits_before": 2,
        "refusal_reasons": [{ "code": "none", "title": text("بی‌دلیل") }],
        "assumptions": [], "sources": []
    }))
    .unwrap()
}

fn person() -> ApplicantEntry {
    ApplicantEntry {
        national_id: "۰۰۷۶۲۲۹۶۴۵".into(),
        first_name: " علي\u{200c}رضا ".into(),
        last_name: "نمونه".into(),
        father_name: "كریم".into(),
        birth_date: "۱۳۷۰/۵/۱۲".into(),
        gender: Some(Gender::Male),
        mobile: "٠٩١٥١٢٣٤٥٦٧".into(),
        village: "روستای نمونه".into(),
        ..ApplicantEntry::default()
    }
}

fn without_papers() -> ApplicantEntry {
    ApplicantEntry {
        without_papers: true,
        first_name: "گلی".into(),
        last_name: "نمونه".into(),
        gender: Some(Gender::Female),
        village: "روستای نمونه".into(),
        witnesses: vec![WitnessEntry {
            name: "گواه نمونه".into(),
            national_id: "0067749828".into(),
        }],
        ..ApplicantEntry::default()
    }
}

fn form(value: Value) -> FormEntry {
    serde_json::from_value(value).unwrap()
}

fn codes(errors: &[FieldError]) -> Vec<(&str, &str)> {
    errors.iter().map(|error| (error.field.as_str(), error.code.as_str())).collect()
}

fn applicant_faults(entry: &ApplicantEntry) -> Vec<FieldError> {
    check_applicant(entry, &card(), TODAY, KEY).err().unwrap_or_default()
}

fn form_faults(value: Value) -> Vec<FieldError> {
    check_form(&form(value), &card(), &person(), TODAY).err().unwrap_or_default()
}

#[test]
fn an_applicant_is_kept_as_written_with_codes_in_latin() {
    let kept = check_applicant(&person(), &card(), TODAY, KEY).unwrap();
    assert_eq!(kept.identity, Identity::NationalId { national_id: "0076229645".into() });
    assert_eq!(kept.full_name(), "علي\u{200c}رضا نمونه");
    assert_eq!(kept.father_name, "كریم");
    assert_eq!(kept.birth_date.as_deref(), Some("1991-08-03"));
    assert_eq!(kept.mobile.as_deref(), Some("+989151234567"));
    assert_eq!(check_applicant(&applicant_entry(&kept), &card(), TODAY, KEY), Ok(kept));
}

#[test]
fn an_empty_applicant_is_told_all_that_is_missing() {
    let errors = applicant_faults(&ApplicantEntry::default());
    let missing = [
        "national_id",
        "first_name",
        "last_name",
        "father_name",
        "birth_date",
        "gender",
        "village",
    ];
    let paths: Vec<String> = missing.iter().map(|field| format!("applicant.{field}")).collect();
    assert_eq!(errors.iter().map(|error| error.field.clone()).collect::<Vec<_>>(), paths);
    assert!(errors.iter().all(|error| error.code == "field.required"));
}

#[test]
fn a_person_without_papers_needs_a_witness_and_nothing_more() {
    let kept = check_applicant(&without_papers(), &card(), TODAY, KEY).unwrap();
    assert_eq!(kept.identity, Identity::WithoutPapers { provisional_key: KEY });
    assert_eq!(check_applicant(&applicant_entry(&kept), &card(), TODAY, KEY), Ok(kept));
    let known = ProvisionalKey(Uuid::from_u128(9));
    let again = ApplicantEntry { provisional_key: Some(known), ..without_papers() };
    let again = check_applicant(&again, &card(), TODAY, KEY).unwrap();
    assert_eq!(again.identity, Identity::WithoutPapers { provisional_key: known });

    let mut alone = without_papers();
    alone.witnesses = vec![WitnessEntry::default()];
    assert_eq!(codes(&applicant_faults(&alone)), [("applicant.witnesses", "witness.required")]);
    let mut twice = without_papers();
    twice.witnesses.push(WitnessEntry {
        name: "دیگری".into(), national_id: "۰۰۶۷۷۴۹۸۲۸".into()
    });
    twice.witnesses.push(WitnessEntry { name: "سومی".into(), national_id: "1".into() });
    assert_eq!(
        codes(&applicant_faults(&twice)),
        [
            ("applicant.witnesses.1.national_id", "witness.repeated"),
            ("applicant.witnesses.2.national_id", "national_id.length"),
        ]
    );
    let mut refusing = card();
    refusing.accepts.without_papers = false;
    let errors = check_applicant(&without_papers(), &refusing, TODAY, KEY).unwrap_err();
    let expected = ("applicant.without_papers", "applicant.without_papers_not_accepted");
    assert_eq!(codes(&errors), [expected]);
}

#[test]
fn a_legal_entity_has_a_name_and_no_birthday() {
    let company = ApplicantEntry {
        legal_entity_id: "۱۰۳۸۰۲۸۴۷۹۰".into(),
        first_name: "تعاونی نمونه ۲".into(),
        last_name: "از پیش مانده".into(),
        village: "روستای نمونه".into(),
        ..ApplicantEntry::default()
    };
    let kept = check_applicant(&company, &card(), TODAY, KEY).unwrap();
    assert_eq!(kept.identity, Identity::LegalEntity { legal_entity_id: "10380284790".into() });
    assert_eq!(kept.full_name(), "تعاونی نمونه ۲");
    let both = ApplicantEntry { national_id: "0076229645".into(), ..company.clone() };
    assert!(
        codes(&applicant_faults(&both))
            .contains(&("applicant.legal_entity_id", "applicant.two_identities"))
    );
    let mut refusing = card();
    refusing.accepts.legal_entity = false;
    let errors = check_applicant(&company, &refusing, TODAY, KEY).unwrap_err();
    let expected = ("applicant.legal_entity_id", "applicant.legal_entity_not_accepted");
    assert_eq!(codes(&errors), [expected]);
}

#[test]
fn each_fault_of_an_applicant_is_named() {
    type Spoil = fn(&mut ApplicantEntry);
    let cases: [(Spoil, &str, &str); 14] = [
        (|a| a.national_id = "0076229646".into(), "national_id", "national_id.check_digit"),
        (|a| a.first_name = "علی۲".into(), "first_name", "name.characters"),
        (|a| a.first_name = "...".into(), "first_name", "name.characters"),
        (|a| a.first_name = "\u{200c} ".into(), "first_name", "field.required"),
        (|a| a.last_name = "ن".repeat(101), "last_name", "text.too_long"),
        (|a| a.last_name = "نمونه\u{202e}".into(), "last_name", "text.control_characters"),
        (|a| a.birth_date = "۱۴۰۵/۹/۴".into(), "birth_date", "date.future"),
        (|a| a.birth_date = "۱۲۷۰/۱/۱".into(), "birth_date", "date.too_old"),
        (|a| a.birth_date = "۱۳۷۰/۷/۳۱".into(), "birth_date", "date.no_such_day"),
        (|a| a.gender = None, "gender", "field.required"),
        (|a| a.mobile = "0915".into(), "mobile", "mobile.length"),
        (|a| a.village = String::new(), "village", "field.required"),
        (|a| a.postcode = "0123456789".into(), "postcode", "postcode.leading_zero"),
        (|a| a.address = "ن".repeat(501), "address", "text.too_long"),
    ];
    for (spoil, field, code) in cases {
        let mut entry = person();
        spoil(&mut entry);
        let field = format!("applicant.{field}");
        assert_eq!(codes(&applicant_faults(&entry)), [(field.as_str(), code)]);
    }
    let mut born_today = person();
    born_today.birth_date = "۱۴۰۵/۹/۳".into();
    assert!(applicant_faults(&born_today).is_empty());
}

#[test]
fn answers_are_kept_in_one_form() {
    let typed = form(json!({
        "usage": "farm", "pump_kw": "۷٫۵۰", "pump_age": 3, "well_date": "۱۴۰۵/۹/۳", "note": " یک \n دو ",
        "income": "۱٬۰۰۰٬۰۰۰ ریال", "urgent": false, "nid": "۰۰۷۶۲۲۹۶۴۵", "phone": "054-33221100",
        "account": "IR58 0540 1051 8002 1273 1130 07", "place": "۲۹٫۴۹۶۳، ۶۰٫۸۶۲۹",
        "relatives": [{ "name": "", "national_id": "" }, { "name": "خواهر", "national_id": "0067749828" }]
    }));
    let kept = check_form(&typed, &card(), &person(), TODAY).unwrap();
    let text = |key: &str| match &kept[key] {
        Answer::Text(text) => text.clone(),
        other => panic!("{key} is {other:?}"),
    };
    assert_eq!(text("pump_kw"), "7.5");
    assert_eq!(text("well_date"), "2026-11-24");
    assert_eq!(text("note"), "یک\nدو");
    assert_eq!(text("phone"), "+985433221100");
    assert_eq!(text("place"), "29.4963, 60.8629");
    assert_eq!(kept["pump_age"], Answer::Integer(3));
    assert_eq!(kept["income"], Answer::Integer(1_000_000));
    assert_eq!(kept["urgent"], Answer::Flag(false));
    assert!(matches!(&kept["relatives"], Answer::Rows(rows) if rows.len() == 1));
    assert_eq!(check_form(&form_entry(&kept, &card()), &card(), &person(), TODAY), Ok(kept));
}

#[test]
fn an_answer_left_behind_by_a_condition_does_not_count() {
    let typed = form(json!({ "usage": "home", "pump_kw": "بی‌معنی" }));
    let kept = check_form(&typed, &card(), &person(), TODAY).unwrap();
    assert_eq!(kept.keys().collect::<Vec<_>>(), ["usage"]);
    let asked = fields_asked(&card(), &typed, &person());
    assert!(!asked.contains(&"pump_kw".to_owned()));
    assert_eq!(documents_asked(&card(), &typed, &person()), ["id-card", "military-card"]);
    let woman = ApplicantEntry { gender: Some(Gender::Female), ..person() };
    assert_eq!(documents_asked(&card(), &typed, &woman), ["id-card"]);
    let farm = form(json!({ "usage": "farm", "relatives": [{ "name": "یکی" }] }));
    let asked = fields_asked(&card(), &farm, &woman);
    assert!(
        asked.contains(&"pump_kw".to_owned()) && asked.contains(&"relatives.0.name".to_owned())
    );
    assert_eq!(documents_asked(&card(), &farm, &woman), ["id-card", "well-permit"]);
}

#[test]
fn each_fault_of_a_form_is_named() {
    let cases = [
        (json!({}), "form.usage", "field.required"),
        (json!({ "usage": "moon" }), "form.usage", "choice.unknown"),
        (json!({ "usage": true }), "form.usage", "field.type"),
        (json!({ "usage": "farm" }), "form.pump_kw", "field.required"),
        (json!({ "usage": "farm", "pump_kw": "7.55" }), "form.pump_kw", "number.too_many_decimals"),
        (json!({ "usage": "farm", "pump_kw": "100.1" }), "form.pump_kw", "number.too_large"),
        (json!({ "usage": "farm", "pump_kw": "0.9" }), "form.pump_kw", "number.too_small"),
        (json!({ "usage": "home", "well_date": "1405/9/4" }), "form.well_date", "date.future"),
        (json!({ "usage": "home", "note": "۱۲۳۴۵۶۷۸۹۰۱" }), "form.note", "text.too_long"),
        (json!({ "usage": "home", "note": 5 }), "form.note", "field.type"),
        (json!({ "usage": "home", "income": "1000001" }), "form.income", "number.too_large"),
        (json!({ "usage": "home", "income": "-1" }), "form.income", "number.too_small"),
        (json!({ "usage": "home", "income": "۵ تومان" }), "form.income", "number.format"),
        (json!({ "usage": "home", "urgent": "شاید" }), "form.urgent", "field.type"),
        (json!({ "usage": "home", "nid": 76_229_645 }), "form.nid", "field.type"),
        (json!({ "usage": "home", "nid": "0076229654" }), "form.nid", "national_id.check_digit"),
        (
            json!({ "usage": "home", "place": "60.8629, 29.4963" }),
            "form.place",
            "point.outside_iran",
        ),
        (json!({ "usage": "home", "place": "29.4963" }), "form.place", "point.format"),
        (json!({ "usage": "home", "moon": "" }), "form.moon", "field.unknown"),
        (json!({ "usage": "home", "relatives": "خواهر" }), "form.relatives", "field.type"),
        (json!({ "usage": "home", "relatives": ["خواهر"] }), "form.relatives.0", "field.type"),
        (
            json!({ "usage": "home", "relatives": [{}, { "name": "یکی" }] }),
            "form.relatives.1.national_id",
            "field.required",
        ),
        (
            json!({ "usage": "home", "relatives": [{ "name": "یکی", "national_id": "0067749828", "x": 1 }] }),
            "form.relatives.0.x",
            "field.unknown",
        ),
    ];
    for (typed, field, code) in cases {
        let errors = form_faults(typed);
        assert!(codes(&errors).contains(&(field, code)), "{field} {code}: {errors:?}");
    }
    let row = json!({ "name": "یکی", "national_id": "0067749828" });
    let errors = form_faults(json!({ "usage": "home", "relatives": [row, row, row] }));
    assert_eq!(codes(&errors), [("form.relatives", "rows.too_many")]);
}

#[test]
fn each_fault_of_the_papers_is_named() {
    let woman = ApplicantEntry { gender: Some(Gender::Female), ..person() };
    let farm = form(json!({ "usage": "farm" }));
    let copy = |size_bytes: u32, media_type: &str| Evidence::Copy {
        hash: ContentHash::of(b"scan"),
        size_bytes,
        media_type: media_type.to_owned(),
    };
    let check = |papers: &[(&str, Evidence)]| {
        let papers: Vec<AttachedDocument> = papers
            .iter()
            .map(|(code, evidence)| AttachedDocument {
                code: (*code).into(),
                evidence: evidence.clone(),
            })
            .collect();
        check_documents(&papers, &card(), &farm, &woman)
    };
    let seen = Evidence::Seen;
    let good = copy(1, "image/jpeg");
    assert_eq!(
        codes(&check(&[])),
        [
            ("documents.id-card", "document.required"),
            ("documents.well-permit", "document.copy_needed")
        ]
    );
    assert!(check(&[("id-card", seen.clone()), ("well-permit", good.clone())]).is_empty());
    assert!(
        check(&[
            ("id-card", good.clone()),
            ("well-permit", good.clone()),
            ("well-permit", good.clone())
        ])
        .is_empty()
    );
    for (paper, code) in [
        (seen.clone(), "document.copy_needed"),
        (copy(0, "image/jpeg"), "document.empty"),
        (copy(MAX_DOCUMENT_BYTES + 1, "image/jpeg"), "document.too_large"),
        (copy(1, "image/svg+xml"), "document.wrong_type"),
    ] {
        let errors = check(&[("id-card", seen.clone()), ("well-permit", paper)]);
        assert_eq!(codes(&errors), [("documents.well-permit", code)]);
    }
    let errors =
        check(&[("id-card", seen.clone()), ("well-permit", good.clone()), ("moon", seen.clone())]);
    assert_eq!(codes(&errors), [("documents.moon", "document.unknown")]);
    let many = vec![("id-card", seen); MAX_DOCUMENTS + 1];
    assert!(codes(&check(&many)).contains(&("documents", "document.too_many")));
}

#[test]
fn an_application_without_consent_is_not_filed() {
    let farmless = form(json!({ "usage": "home" }));
    let paper = |code: &str, evidence| AttachedDocument { code: code.into(), evidence };
    let scan = Evidence::Copy {
        hash: ContentHash::of(b"scan"),
        size_bytes: 9,
        media_type: "image/jpeg".into(),
    };
    let documents = [paper("id-card", Evidence::Seen), paper("military-card", scan)];
    let applicant = person();
    let typed = TypedApplication {
        applicant: &applicant,
        form: &farmless,
        documents: &documents,
        consent: false,
    };
    let errors = check_application(typed, &card(), TODAY, KEY).unwrap_err();
    assert_eq!(codes(&errors), [("consent", "consent.required")]);
    let typed = TypedApplication { consent: true, ..typed };
    assert_eq!(check_application(typed, &card(), TODAY, KEY).unwrap().documents, documents);
}

fn any_json() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        "\\PC{0,12}".prop_map(Value::from),
        any::<String>().prop_map(Value::from),
    ];
    leaf.prop_recursive(3, 12, 4, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            prop::collection::btree_map("name|national_id|x", inner, 0..3)
                .prop_map(|row| Value::Object(row.into_iter().collect())),
        ]
    })
}

proptest! {
    #[test]
    fn whatever_is_typed_is_kept_or_told_with_a_listed_code(
        entry in prop::collection::btree_map(
            "usage|pump_kw|pump_age|well_date|note|income|urgent|nid|phone|account|place|relatives|x",
            any_json(), 0..13),
        texts in prop::array::uniform9(any::<String>()),
        papers in any::<(bool, bool)>(),
    ) {
        let applicant = ApplicantEntry {
            national_id: texts[0].clone(), legal_entity_id: texts[1].clone(),
            first_name: texts[2].clone(), last_name: texts[3].clone(), father_name: texts[4].clone(),
            birth_date: texts[5].clone(), mobile: texts[6].clone(), village: texts[7].clone(),
            postcode: texts[8].clone(), without_papers: papers.0,
            witnesses: vec![WitnessEntry { name: texts[2].clone(), national_id: texts[0].clone() }],
            ..ApplicantEntry::default()
        };
        let typed = TypedApplication { applicant: &applicant, form: &entry, documents: &[], consent: papers.1 };
        let errors = check_application(typed, &card(), TODAY, KEY).unwrap_err();
        for error in &errors {
            prop_assert!(FIELD_ERROR_CODES.contains(&error.code.as_str()), "{}", error.code);
        }
        if let Ok(kept) = check_form(&entry, &card(), &applicant, TODAY) {
            let again = check_form(&form_entry(&kept, &card()), &card(), &applicant, TODAY);
            prop_assert_eq!(again, Ok(kept));
        }
    }
}
