//! An application's content as lines to read: labels from its card, values as people write them.

use pishkhan_domain::applicant::{Applicant, Gender, Identity};
use pishkhan_domain::digits::to_persian_digits;
use pishkhan_domain::form::Answer;
use pishkhan_domain::jalali;
use pishkhan_domain::service_card::{Field, FieldKind, ServiceCard};

use crate::storage::applications::Content;
use crate::wording;

/// One line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fact {
    /// Path of the field, as in defects.
    pub path: String,
    /// What it is.
    pub label: String,
    /// Its value.
    pub value: String,
    /// Is it a code that reads from left to right?
    pub ltr: bool,
}

/// Every line, in the order of form and card; what was not asked is left out.
#[must_use]
pub fn facts(card: &ServiceCard, content: &Content) -> Vec<Fact> {
    let mut lines = applicant_facts(&content.applicant);
    for field in &card.fields {
        if let Some(answer) = content.form.get(&field.key) {
            let path = format!("form.{}", field.key);
            answer_facts(field, answer, &path, &field.label.fa, &mut lines);
        }
    }
    lines
}

/// The label of a path, for a defect.
#[must_use]
pub fn label(card: &ServiceCard, path: &str) -> String {
    let found = match path.split_once('.') {
        Some(("applicant", key)) => Some(applicant_label(key).to_owned()),
        Some(("form", key)) => {
            let key = key.split('.').next().unwrap_or(key);
            card.fields.iter().find(|field| field.key == key).map(|field| field.label.fa.clone())
        }
        Some(("documents", code)) => card
            .documents
            .iter()
            .find(|paper| paper.code == code)
            .map(|paper| paper.title.fa.clone()),
        _ => None,
    };
    found.unwrap_or_else(|| path.to_owned())
}

/// What a particular of the applicant is called.
#[must_use]
pub fn applicant_label(key: &str) -> &'static str {
    match key {
        "identity" => "کد ملی یا شناسهٔ ملی",
        "first_name" => "نام",
        "last_name" => "نام خانوادگی",
        "father_name" => "نام پدر",
        "birth_date" => "تاریخ تولد",
        "gender" => "جنسیت",
        "mobile" => "شمارهٔ همراه",
        "village" => "روستا",
        "address" => "نشانی",
        "postcode" => "کد پستی",
        _ => "متقاضی",
    }
}

fn applicant_facts(applicant: &Applicant) -> Vec<Fact> {
    let mut lines = Vec::new();
    let mut add = |key: &str, label: &str, value: String, ltr: bool| {
        if !value.is_empty() {
            let (path, label) = (format!("applicant.{key}"), label.to_owned());
            lines.push(Fact { path, label, value, ltr });
        }
    };
    let (identity, code, ltr) = match &applicant.identity {
        Identity::NationalId { national_id } => ("کد ملی", to_persian_digits(national_id), true),
        Identity::LegalEntity { legal_entity_id } => {
            ("شناسهٔ ملی", to_persian_digits(legal_entity_id), true)
        }
        Identity::WithoutPapers { .. } => ("شناسنامه", "ندارد".to_owned(), false),
    };
    add("identity", identity, code, ltr);
    add("first_name", applicant_label("first_name"), applicant.first_name.clone(), false);
    add("last_name", applicant_label("last_name"), applicant.last_name.clone(), false);
    add("father_name", applicant_label("father_name"), applicant.father_name.clone(), false);
    let born = applicant.birth_date.as_deref().map(jalali::iso_in_digits).unwrap_or_default();
    add("birth_date", applicant_label("birth_date"), born, true);
    let gender = applicant.gender.map_or("", |gender| match gender {
        Gender::Female => "زن",
        Gender::Male => "مرد",
    });
    add("gender", applicant_label("gender"), gender.to_owned(), false);
    let mobile = applicant.mobile.as_deref().map(telephone).unwrap_or_default();
    add("mobile", applicant_label("mobile"), mobile, true);
    add("village", applicant_label("village"), to_persian_digits(&applicant.village), false);
    add("address", applicant_label("address"), to_persian_digits(&applicant.address), false);
    let postcode = applicant.postcode.as_deref().map(to_persian_digits).unwrap_or_default();
    add("postcode", applicant_label("postcode"), postcode, true);
    for (index, witness) in applicant.witnesses.iter().enumerate() {
        let label = format!("گواه {}", wording::number(index + 1));
        let id = to_persian_digits(&witness.national_id);
        add("witnesses", &label, format!("{}، کد ملی {id}", witness.name), false);
    }
    lines
}

fn answer_facts(field: &Field, answer: &Answer, path: &str, label: &str, lines: &mut Vec<Fact>) {
    if let (FieldKind::Repeat { fields, .. }, Answer::Rows(rows)) = (&field.kind, answer) {
        for (index, row) in rows.iter().enumerate() {
            for inner in fields {
                let Some(answer) = row.get(&inner.key) else { continue };
                let label = format!("{label} {}، {}", wording::number(index + 1), inner.label.fa);
                answer_facts(inner, answer, path, &label, lines);
            }
        }
        return;
    }
    let (value, ltr) = value(&field.kind, answer);
    lines.push(Fact { path: path.to_owned(), label: label.to_owned(), value, ltr });
}

fn value(kind: &FieldKind, answer: &Answer) -> (String, bool) {
    match (kind, answer) {
        (_, Answer::Flag(flag)) => ((if *flag { "بله" } else { "خیر" }).to_owned(), false),
        (FieldKind::Money { .. }, Answer::Integer(amount)) => (wording::rial(*amount), false),
        (FieldKind::Integer { unit, .. }, Answer::Integer(number)) => {
            let unit = unit.as_ref().map_or("", |unit| unit.fa.as_str());
            (format!("{} {unit}", wording::number(number)).trim().to_owned(), false)
        }
        (_, Answer::Integer(number)) => (wording::number(number), false),
        (FieldKind::Choice { options }, Answer::Text(chosen)) => {
            let option = options.iter().find(|option| option.value == *chosen);
            (option.map_or_else(|| chosen.clone(), |option| option.label.fa.clone()), false)
        }
        (FieldKind::Date { .. }, Answer::Text(date)) => (jalali::iso_in_words(date), false),
        (FieldKind::Decimal { unit, .. }, Answer::Text(number)) => {
            let unit = unit.as_ref().map_or("", |unit| unit.fa.as_str());
            let number = to_persian_digits(number).replace('.', "٫");
            (format!("{number} {unit}").trim().to_owned(), false)
        }
        (FieldKind::Text { .. }, Answer::Text(text)) => (to_persian_digits(text), false),
        (FieldKind::Mobile | FieldKind::Telephone, Answer::Text(number)) => {
            (telephone(number), true)
        }
        (FieldKind::Iban, Answer::Text(iban)) => (iban.clone(), true),
        (_, Answer::Text(code)) => (to_persian_digits(code), true),
        (_, Answer::Rows(_)) => (String::new(), false),
    }
}

/// As people dial it inside the country.
fn telephone(number: &str) -> String {
    let dialled =
        number.strip_prefix("+98").map_or_else(|| number.to_owned(), |rest| format!("0{rest}"));
    to_persian_digits(&dialled)
}
