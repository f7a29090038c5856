//! The form of a card as an office will see it, with nothing to send.

use askama::Template;
use axum::http::StatusCode;
use axum::response::Response;
use jiff::civil::Date;
use pishkhan_domain::jalali::JalaliDate;
use pishkhan_domain::service_card::{Bilingual, Condition, Field, FieldKind, ServiceCard};
use pishkhan_domain::working_days::{WorkingCalendar, add_working_days};

use crate::facts;
use crate::web::page::page;
use crate::web::session::Frame;
use crate::wording;

#[derive(Template)]
#[template(path = "admin/card_preview.html")]
struct Preview {
    frame: Frame,
    code: String,
    title: String,
    agency: String,
    audience: String,
    names: String,
    fee: String,
    fee_note: String,
    deadline: String,
    due: String,
    visits: String,
    accepts: Vec<&'static str>,
    papers: Vec<Paper>,
    fields: Vec<Question>,
    reasons: Vec<String>,
}

struct Paper {
    title: String,
    hints: Vec<String>,
}

struct Question {
    id: String,
    label: String,
    hints: Vec<String>,
    kind: Kind,
}

enum Kind {
    Line { unit: String, ltr: bool },
    Lines,
    Choice(Vec<String>),
    Flag,
    Group(Vec<Question>),
}

/// The page.
pub(super) fn show(
    frame: Frame,
    card: &ServiceCard,
    calendar: Option<&WorkingCalendar>,
    today: Date,
) -> Response {
    let due =
        calendar.map(|calendar| add_working_days(today, card.deadline_working_days, calendar));
    let due = due.map_or_else(String::new, |due| JalaliDate::from_civil(due.on).in_words());
    let accepts = [
        (true, "شخص با کد ملی"),
        (card.accepts.without_papers, "شخص بی شناسنامه، با گواه"),
        (card.accepts.legal_entity, "شرکت، تعاونی یا دهیاری با شناسهٔ ملی"),
    ];
    let view = Preview {
        frame,
        code: card.code.0.clone(),
        title: card.title.fa.clone(),
        agency: card.agency.title.fa.clone(),
        audience: card.audience.fa.clone(),
        names: card.everyday_names.join("، "),
        fee: wording::rial(card.fee.rial),
        fee_note: fa(card.fee.note.as_ref()),
        deadline: format!("{} روز کاری", wording::number(card.deadline_working_days)),
        due,
        visits: wording::number(card.visits_before),
        accepts: accepts.iter().filter(|(holds, _)| *holds).map(|(_, who)| *who).collect(),
        papers: papers(card),
        fields: card.fields.iter().map(|field| question(card, field, &[], "")).collect(),
        reasons: card.refusal_reasons.iter().map(|reason| reason.title.fa.clone()).collect(),
    };
    page(StatusCode::OK, &view)
}

fn papers(card: &ServiceCard) -> Vec<Paper> {
    let papers = card.documents.iter().map(|paper| {
        let mut hints = Vec::new();
        hints.push(if paper.required { "لازم" } else { "اگر هست" }.to_owned());
        hints.push(if paper.copy_needed { "تصویر" } else { "دیدن اصل بس است" }.to_owned());
        hints.extend(paper.when.as_ref().map(|when| condition(card, when, &[])));
        Paper { title: paper.title.fa.clone(), hints }
    });
    papers.collect()
}

/// `group` are the other fields of the row that a field stands in.
fn question(card: &ServiceCard, field: &Field, group: &[Field], prefix: &str) -> Question {
    let id = format!("{prefix}{}", field.key);
    let mut hints = Vec::new();
    if !field.required {
        hints.push("اختیاری".to_owned());
    }
    hints.extend(field.when.as_ref().map(|when| condition(card, when, group)));
    hints.extend(rule(&field.kind));
    hints.extend(field.help.as_ref().map(|help| help.fa.clone()));
    let line = |unit: Option<&Bilingual>, ltr| Kind::Line { unit: fa(unit), ltr };
    let kind = match &field.kind {
        FieldKind::Text { multiline: true, .. } => Kind::Lines,
        FieldKind::Text { .. } => line(None, false),
        FieldKind::Integer { unit, .. } | FieldKind::Decimal { unit, .. } => {
            line(unit.as_ref(), true)
        }
        FieldKind::Money { .. } => Kind::Line { unit: "ریال".to_owned(), ltr: true },
        FieldKind::Choice { options } => {
            Kind::Choice(options.iter().map(|option| option.label.fa.clone()).collect())
        }
        FieldKind::Flag => Kind::Flag,
        FieldKind::Repeat { fields, .. } => {
            let prefix = format!("{id}.");
            Kind::Group(fields.iter().map(|inner| question(card, inner, fields, &prefix)).collect())
        }
        FieldKind::Date { .. }
        | FieldKind::NationalId
        | FieldKind::LegalEntityId
        | FieldKind::Mobile
        | FieldKind::Telephone
        | FieldKind::Postcode
        | FieldKind::Iban
        | FieldKind::Point => line(None, true),
    };
    Question { id, label: field.label.fa.clone(), hints, kind }
}

/// The rule of a kind, in words.
fn rule(kind: &FieldKind) -> Option<String> {
    let between =
        |min: &i32, max: &i32| format!("از {} تا {}", wording::number(min), wording::number(max));
    Some(match kind {
        FieldKind::Text { max_length, .. } => format!("تا {} نویسه", wording::number(max_length)),
        FieldKind::Integer { min, max, .. } => between(min, max),
        FieldKind::Decimal { min, max, decimals, .. } => {
            format!("{}، تا {} رقم اعشار", between(min, max), wording::number(decimals))
        }
        FieldKind::Money { max_rial } => format!("تا {}", wording::rial(*max_rial)),
        FieldKind::Date { not_future: true } => "تاریخ شمسی، نه پس از امروز".to_owned(),
        FieldKind::Date { not_future: false } => "تاریخ شمسی".to_owned(),
        FieldKind::NationalId => "ده رقم".to_owned(),
        FieldKind::LegalEntityId => "یازده رقم".to_owned(),
        FieldKind::Postcode => "ده رقم".to_owned(),
        FieldKind::Iban => "شماره شبا".to_owned(),
        FieldKind::Point => "طول و عرض جغرافیایی".to_owned(),
        FieldKind::Repeat { min, max, .. } => {
            format!("از {} تا {} ردیف", wording::number(min), wording::number(max))
        }
        FieldKind::Choice { .. } | FieldKind::Flag | FieldKind::Mobile | FieldKind::Telephone => {
            return None;
        }
    })
}

/// When it is asked for, in the words of the form.
fn condition(card: &ServiceCard, when: &Condition, group: &[Field]) -> String {
    let name = when.field.as_str();
    if let Some(key) = name.strip_prefix("applicant.") {
        let values = when.any_of.iter().map(|value| match (key, value.as_str()) {
            ("gender", "female") => "متقاضی زن است",
            ("gender", _) => "متقاضی مرد است",
            (_, "true") => "متقاضی شناسنامه ندارد",
            _ => "متقاضی شناسنامه دارد",
        });
        return format!("وقتی {}", values.collect::<Vec<_>>().join(" یا "));
    }
    let field = group.iter().chain(&card.fields).find(|field| field.key == name);
    let values = when.any_of.iter().map(|value| match field.map(|field| &field.kind) {
        Some(FieldKind::Choice { options }) => {
            let option = options.iter().find(|option| option.value == *value);
            option.map_or_else(|| value.clone(), |option| option.label.fa.clone())
        }
        _ => (if value == "true" { "بله" } else { "خیر" }).to_owned(),
    });
    let values = values.collect::<Vec<_>>().join(" یا ");
    format!("وقتی «{}» {values} است", facts::label(card, &format!("form.{name}")))
}

fn fa(text: Option<&Bilingual>) -> String {
    text.map_or_else(String::new, |text| text.fa.clone())
}
