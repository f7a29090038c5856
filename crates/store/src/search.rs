//! The words by which an application is found, and the question put to FTS5.
//!
//! Invariant: text and question are folded by the same rules of `domain::persian_text`. What is
//! kept for printing is never folded.

use pishkhan_domain::applicant::{Applicant, Identity};
use pishkhan_domain::digits::to_latin_digits;
use pishkhan_domain::persian_text::{fold_for_search, search_clauses};
use pishkhan_domain::service_card::ServiceCard;
use pishkhan_domain::tracking_code::TrackingCode;

/// The words of an application.
pub(crate) fn words(
    applicant: &Applicant,
    code: TrackingCode,
    service: &str,
    card: Option<&ServiceCard>,
) -> String {
    let mut texts = vec![applicant.full_name(), applicant.father_name.clone()];
    match &applicant.identity {
        Identity::NationalId { national_id } => texts.push(national_id.clone()),
        Identity::LegalEntity { legal_entity_id } => texts.push(legal_entity_id.clone()),
        Identity::WithoutPapers { .. } => {}
    }
    if let Some(mobile) = &applicant.mobile {
        let international = mobile.trim_start_matches('+');
        texts.push(international.to_owned());
        // As it is dialled at home, and as it is typed by those who leave the zero out.
        if let Some(national) = international.strip_prefix("98") {
            texts.extend([format!("0{national}"), national.to_owned()]);
        }
    }
    texts.push(code.to_string());
    match card {
        Some(card) => {
            texts.push(card.title.fa.clone());
            texts.extend(card.everyday_names.iter().cloned());
        }
        None => texts.push(service.to_owned()),
    }
    texts.iter().map(|text| fold_for_search(text)).collect::<Vec<_>>().join(" ")
}

/// The question to FTS5; `None` when nothing to search for was typed.
pub(crate) fn question(query: &str) -> Option<String> {
    let (text, numbers) = numbers_apart(query);
    let mut clauses: Vec<String> = search_clauses(&text).iter().map(|words| any(words)).collect();
    clauses.extend(numbers.iter().map(|groups| number(groups)));
    (!clauses.is_empty()).then(|| clauses.join(" AND "))
}

/// Takes the numbers out of a query. Groups of digits that stand together, apart by spaces or
/// dashes, may be one number as read over the telephone.
fn numbers_apart(query: &str) -> (String, Vec<Vec<String>>) {
    let latin = to_latin_digits(query);
    let is_gap = |c: char| {
        c.is_whitespace()
            || matches!(
                c,
                '-' | '‐' | '–' | '—' | '+' | '(' | ')' | '\u{200c}' | '\u{200e}' | '\u{200f}'
            )
    };
    let mut text = Vec::new();
    let mut numbers: Vec<Vec<String>> = Vec::new();
    let mut in_number = false;
    for word in latin.split_whitespace() {
        let groups: Vec<&str> = word.split(is_gap).filter(|group| !group.is_empty()).collect();
        let digits = |group: &&str| group.bytes().all(|byte| byte.is_ascii_digit());
        if groups.iter().all(digits) {
            let groups = groups.iter().map(|group| (*group).to_owned());
            match numbers.last_mut().filter(|_| in_number) {
                Some(last) => last.extend(groups),
                None => numbers.push(groups.collect()),
            }
            in_number = true;
        } else {
            text.push(word);
            in_number = false;
        }
    }
    numbers.retain(|groups| !groups.is_empty());
    (text.join(" "), numbers)
}

fn number(groups: &[String]) -> String {
    let whole = groups.concat();
    let mut ways = vec![beginning(&whole)];
    if let Some(international) = whole.strip_prefix("00") {
        ways.push(beginning(international));
    }
    if groups.len() > 1 {
        let each: Vec<String> = groups.iter().map(|group| beginning(group)).collect();
        ways.push(format!("({})", each.join(" AND ")));
    }
    format!("({})", ways.join(" OR "))
}

fn any(words: &[String]) -> String {
    let words: Vec<String> = words.iter().map(|word| beginning(word)).collect();
    format!("({})", words.join(" OR "))
}

/// Words that begin so. Quotes are doubled, so that no typed character means anything to FTS5.
fn beginning(word: &str) -> String {
    format!("\"{}\" *", word.replace('"', "\"\""))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn groups_of_a_number_are_tried_together_and_apart() {
        let together = question("۰۰۰۱ ۲۳۴-۵۶۷").unwrap_or_default();
        assert_eq!(
            together,
            "(\"0001234567\" * OR \"01234567\" * OR (\"0001\" * AND \"234\" * AND \"567\" *))"
        );
    }

    #[test]
    fn nothing_typed_asks_nothing() {
        assert_eq!(question("  - «» "), None);
        assert_eq!(question(""), None);
    }
}
