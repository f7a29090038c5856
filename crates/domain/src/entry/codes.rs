//! The closed list of what can be wrong with a field.

/// Every code that a check of this crate can return; the interface has a sentence for each in each
/// language. Rule for adding one: `noun.reason`, here in order, with its sentences.
pub const FIELD_ERROR_CODES: &[&str] = &[
    "applicant.legal_entity_not_accepted",
    "applicant.two_identities",
    "applicant.without_papers_not_accepted",
    "choice.unknown",
    "consent.required",
    "date.format",
    "date.future",
    "date.no_such_day",
    "date.too_old",
    "date.year",
    "document.copy_needed",
    "document.empty",
    "document.required",
    "document.too_large",
    "document.too_many",
    "document.unknown",
    "document.wrong_type",
    "field.required",
    "field.type",
    "field.unknown",
    "iban.characters",
    "iban.check_digits",
    "iban.country",
    "iban.length",
    "legal_entity_id.all_equal",
    "legal_entity_id.characters",
    "legal_entity_id.check_digit",
    "legal_entity_id.length",
    "mobile.characters",
    "mobile.length",
    "mobile.prefix",
    "name.characters",
    "national_id.all_equal",
    "national_id.characters",
    "national_id.check_digit",
    "national_id.length",
    "number.format",
    "number.too_large",
    "number.too_many_decimals",
    "number.too_small",
    "point.format",
    "point.outside_iran",
    "postcode.all_equal",
    "postcode.characters",
    "postcode.leading_zero",
    "postcode.length",
    "rows.too_few",
    "rows.too_many",
    "telephone.area_code",
    "telephone.characters",
    "telephone.length",
    "text.control_characters",
    "text.too_long",
    "witness.repeated",
    "witness.required",
];

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    /// The parts of these sources that run outside tests.
    const SOURCES: [&str; 15] = [
        include_str!("../entry.rs"),
        include_str!("answers.rs"),
        include_str!("applicants.rs"),
        include_str!("numbers.rs"),
        include_str!("papers.rs"),
        include_str!("../iban.rs"),
        include_str!("../jalali.rs"),
        include_str!("../legal_entity_id.rs"),
        include_str!("../mobile.rs"),
        include_str!("../national_id.rs"),
        include_str!("../persian_text.rs"),
        include_str!("../postcode.rs"),
        include_str!("../telephone.rs"),
        include_str!("computed.rs"),
        include_str!("conditions.rs"),
    ];

    fn is_code(literal: &str) -> bool {
        let word = |part: &str| {
            !part.is_empty() && part.bytes().all(|b| b.is_ascii_lowercase() || b == b'_')
        };
        literal.split_once('.').is_some_and(|(noun, reason)| word(noun) && word(reason))
    }

    #[test]
    fn the_list_is_exactly_what_the_checks_return() {
        let used: BTreeSet<&str> = SOURCES
            .iter()
            .filter_map(|source| source.split("#[cfg(test)]").next())
            .flat_map(|source| source.lines().filter(|line| !line.trim_start().starts_with("//")))
            .flat_map(|line| line.split('"').skip(1).step_by(2))
            .filter(|literal| is_code(literal))
            .filter(|literal| {
                !literal.starts_with("applicant.") || FIELD_ERROR_CODES.contains(literal)
            })
            .collect();
        let listed: BTreeSet<&str> = FIELD_ERROR_CODES.iter().copied().collect();
        assert_eq!(used, listed);
        assert!(FIELD_ERROR_CODES.is_sorted());
    }
}
