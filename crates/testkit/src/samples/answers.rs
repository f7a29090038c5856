//! Answers to a card's questions, drawn from its own rules.

use jiff::{Span, civil::Date};
use pishkhan_domain::applicant::ApplicantEntry;
use pishkhan_domain::entry::fields_asked;
use pishkhan_domain::form::FormEntry;
use pishkhan_domain::iban;
use pishkhan_domain::service_card::{Field, FieldKind, ServiceCard};
use serde_json::{Map, Value};

use super::people::{day_before, name, postcode, random_id, random_mobile, typed_day};
use super::writing::{by_some_hand, digits};
use crate::random::Random;

const SENTENCES: [&str; 6] = [
    "این متن نمونه است و برای آزمایش سامانه نوشته شده است.",
    "خانه در سیل آسیب دیده و دیوارهای شمالی آن ترک برداشته است.",
    "راه روستا در زمستان بسته می‌شود و رفت‌وآمد دشوار است.",
    "پیش از این دو بار به شهر رفته‌ایم و پاسخی نگرفته‌ایم.",
    "همسایه‌ها و دهیار از موضوع آگاه‌اند و گواهی می‌دهند.",
    "از مسئولان محترم خواهش می‌کنیم هرچه زودتر رسیدگی کنند.",
];
const WORDS: [&str; 6] = [
    "نمونه یک",
    "نمونه محلی",
    "کنار مسجد نمونه",
    "خانه بهداشت نمونه",
    "دبستان نمونه",
    "مرتع نمونه",
];

pub(super) fn form(
    random: &mut Random,
    card: &ServiceCard,
    applicant: &ApplicantEntry,
    today: Date,
) -> FormEntry {
    let mut form = FormEntry::new();
    for field in &card.fields {
        let asked = fields_asked(card, &form, applicant);
        if field.computed.is_none()
            && asked.contains(&field.key)
            && (field.required || random.percent(70))
        {
            form.insert(field.key.clone(), answer(random, field, today));
        }
    }
    form
}

fn answer(random: &mut Random, field: &Field, today: Date) -> Value {
    let text = match &field.kind {
        FieldKind::Flag => return Value::Bool(random.percent(60)),
        FieldKind::Repeat { min, max, fields } => {
            let most = i64::from(*max).min(3);
            let count = random.between(i64::from(*min).clamp(1, most), most);
            return (0..count).map(|_| Value::Object(row(random, fields, today))).collect();
        }
        FieldKind::Text { max_length, multiline } => {
            free_text(random, &field.key, usize::from(*max_length), *multiline)
        }
        FieldKind::Integer { min, max, .. } => {
            let (min, max) = (i64::from(*min), i64::from(*max));
            let number = random.between(min, max.min(min + 90)).to_string();
            digits(random, &number)
        }
        FieldKind::Decimal { min, max, decimals, .. } => {
            let (min, max) = (i64::from(*min), i64::from(*max));
            let whole = random.between(min, (max - 1).min(min + 250));
            let sign = if random.percent(50) { "٫" } else { "." };
            let text = match decimals {
                0 => whole.to_string(),
                _ => format!("{whole}{sign}{}", random.between(1, 9)),
            };
            digits(random, &text)
        }
        FieldKind::Money { max_rial } => {
            let thousands = random.between(1, (max_rial / 1_000).min(900_000));
            let sign = if random.percent(50) { "٬" } else { "" };
            digits(random, &format!("{thousands}{sign}000"))
        }
        FieldKind::Date { not_future: true } => day_before(random, today, 0, 300),
        FieldKind::Date { not_future: false } => {
            let day = today.saturating_add(Span::new().days(random.between(1, 60)));
            typed_day(random, day)
        }
        FieldKind::Choice { options } => random.pick(options).value.clone(),
        FieldKind::NationalId => random_id(random),
        FieldKind::LegalEntityId => "10380284790".to_owned(),
        FieldKind::Mobile => random_mobile(random),
        FieldKind::Telephone => {
            let local = random.digits(7);
            digits(random, &format!("054-3{local}"))
        }
        FieldKind::Postcode => postcode(random),
        FieldKind::Iban => {
            iban::of_account(&format!("017{}", random.digits(19))).unwrap_or_default()
        }
        FieldKind::Point => {
            let (north, east) = (random.between(25_100, 31_300), random.between(58_900, 63_200));
            let degrees = |n: i64| format!("{}.{:03}", n / 1_000, n % 1_000);
            digits(random, &format!("{}, {}", degrees(north), degrees(east)))
        }
    };
    Value::String(text)
}

fn row(random: &mut Random, fields: &[Field], today: Date) -> Map<String, Value> {
    let asked = fields.iter().filter(|field| field.when.is_none());
    asked.map(|field| (field.key.clone(), answer(random, field, today))).collect()
}

fn free_text(random: &mut Random, key: &str, max: usize, multiline: bool) -> String {
    let text = match key {
        key if key.ends_with("name") || key.ends_with("installer") || key == "supervisor" => {
            name(random)
        }
        key if key.ends_with("_no") || key.ends_with("_id") || key.ends_with("serial") => {
            let code = random.digits(9);
            digits(random, &code)
        }
        _ if multiline => {
            let count = random.between(2, 5);
            let sentences = (0..count).map(|_| *random.pick(&SENTENCES)).collect::<Vec<_>>();
            by_some_hand(random, &sentences.join(" "))
        }
        _ => {
            let words = *random.pick(&WORDS);
            by_some_hand(random, words)
        }
    };
    text.chars().take(max).collect()
}
