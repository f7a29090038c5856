//! The history of an application as people read it.

use std::collections::BTreeMap;

use pishkhan_domain::jalali;
use pishkhan_domain::service_card::ServiceCard;

use crate::storage::acts::{ActRecord, Place};
use crate::web::track::NamedDefect;
use crate::{facts, wording};

/// A line of the history as the page shows it.
pub struct HistoryItem {
    /// What was done.
    pub what: &'static str,
    /// When, in words.
    pub when: String,
    /// Who.
    pub by: String,
    /// A note, a recipient, a copy's number; may be empty.
    pub text: String,
    /// Of a return.
    pub defects: Vec<NamedDefect>,
    /// Did it change the application?
    pub applied: bool,
}

/// A line of the history; `names` are the office's operators by id.
#[must_use]
pub fn item(card: &ServiceCard, act: &ActRecord, names: &BTreeMap<String, String>) -> HistoryItem {
    let by = match act.place {
        Place::Office => names
            .get(&act.actor)
            .map_or("کاربر دفتر".to_owned(), |name| format!("{name}، کاربر دفتر")),
        Place::Agency => act.actor.clone(),
        Place::Centre => String::new(),
    };
    let text = match act.kind.as_str() {
        "printed" => match act.text.as_str() {
            "1" => "نسخهٔ اصل".to_owned(),
            copy => format!("المثنی، نسخهٔ {}", wording::number(copy)),
        },
        "delivered" => format!("تحویل‌گیرنده: {}", act.text),
        _ => act.text.clone(),
    };
    HistoryItem {
        what: wording::act(&act.kind),
        when: jalali::timestamp_in_words(act.acted_at),
        by,
        text,
        defects: act
            .defects
            .iter()
            .map(|defect| NamedDefect {
                label: facts::label(card, &defect.field),
                reason: defect.reason.clone(),
            })
            .collect(),
        applied: act.applied,
    }
}
