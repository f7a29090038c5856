//! The sentence of a code, in Persian or English: one table for window and command line.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use pishkhan_domain::digits::to_persian_digits;

type Table = BTreeMap<String, String>;

static PERSIAN: LazyLock<Table> =
    LazyLock::new(|| table(include_str!("../../../catalogue/sentences.fa.json")));
static ENGLISH: LazyLock<Table> =
    LazyLock::new(|| table(include_str!("../../../catalogue/sentences.en.json")));

/// Codes that have a sentence and are in no list of another crate: answers of synchronisation,
/// reasons for which a centre parks an entry, failures of printing, verdicts on a receipt, and of
/// the command line.
pub const OTHER_CODES: &[&str] = &[
    "applicant.kind_not_accepted",
    "card.version_unknown",
    "centre.busy",
    "centre.ok",
    "device.fork",
    "device.log_damaged",
    "device.revoked",
    "device.stale_copy",
    "document.failed",
    "entry.malformed",
    "entry.unreadable",
    "line.not_the_centre",
    "line.timeout",
    "line.unreachable",
    "printer.none",
    "printer.spooler",
    "printer.unreachable",
    "protocol.unsupported",
    "receipt.malformed",
    "receipt.mismatch",
    "receipt.signature",
    "tracking_code.repeated",
];

/// Language of sentences.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Language {
    /// فارسی
    Persian,
    /// English
    English,
}

/// The sentence of a code with its values; the code itself when there is none.
#[must_use]
pub fn sentence(language: Language, code: &str, params: &BTreeMap<String, String>) -> String {
    let table = match language {
        Language::Persian => &PERSIAN,
        Language::English => &ENGLISH,
    };
    let Some(template) = table.get(code) else { return code.to_owned() };
    params.iter().fold(template.clone(), |text, (name, value)| {
        let value = match language {
            Language::Persian => to_persian_digits(value),
            Language::English => value.clone(),
        };
        text.replace(&format!("{{{name}}}"), &value)
    })
}

fn table(json: &str) -> Table {
    // Part of the program; the test below reads it.
    serde_json::from_str(json).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use std::collections::BTreeSet;

    use pishkhan_domain::entry::FIELD_ERROR_CODES;
    use pishkhan_ipc::courier::COURIER_CODES;
    use pishkhan_ipc::error::CODES;

    use super::*;

    #[test]
    fn every_code_has_its_sentence_in_both_languages_and_no_sentence_is_idle() {
        let codes: BTreeSet<&str> = [FIELD_ERROR_CODES, CODES, COURIER_CODES, OTHER_CODES]
            .into_iter()
            .flatten()
            .copied()
            .collect();
        for table in [&PERSIAN, &ENGLISH] {
            let told: BTreeSet<&str> = table.keys().map(String::as_str).collect();
            let missing: Vec<_> = codes.difference(&told).collect();
            let idle: Vec<_> = told.difference(&codes).collect();
            assert!(missing.is_empty() && idle.is_empty(), "missing {missing:?}, idle {idle:?}");
        }
    }

    fn params(sentence: &str) -> BTreeSet<&str> {
        sentence.split('{').skip(1).filter_map(|part| part.split('}').next()).collect()
    }

    #[test]
    fn both_languages_name_the_same_values() {
        for (code, persian) in PERSIAN.iter() {
            assert_eq!(params(persian), params(&ENGLISH[code]), "{code}");
        }
    }

    #[test]
    fn a_persian_sentence_is_written_in_persian() {
        for (code, text) in PERSIAN.iter() {
            let foreign = text.chars().any(|c| matches!(c, 'ي' | 'ك' | '٠'..='٩' | '0'..='9'));
            assert!(!foreign, "{code}: {text}");
            assert!(text.ends_with(['.', '؛']), "{code} is no whole sentence: {text}");
        }
    }

    #[test]
    fn values_are_filled_in() {
        let params = BTreeMap::from([("seconds".to_owned(), "60".to_owned())]);
        assert!(sentence(Language::Persian, "pin.wait", &params).contains("۶۰ ثانیه"));
        assert!(sentence(Language::English, "pin.wait", &params).contains("60 seconds"));
    }
}
