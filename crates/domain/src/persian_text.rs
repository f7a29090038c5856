//! Persian text: cleaned for keeping, folded for searching.
//!
//! Invariant: what is kept is what was written. Folding (ي/ی, ك/ک, ZWNJ, diacritics) happens only
//! in search columns and in comparisons, never in a kept or printed text.

use std::collections::BTreeSet;

use crate::digits::to_latin_digits;
use crate::field_error::FieldErrorCode;

const ZWNJ: char = '\u{200c}';

/// A single line for keeping: trimmed, spaces collapsed, letters with a combining hamza or madda
/// composed, ZWNJ only where it stands between two letters.
///
/// # Errors
/// `text.control_characters`: control characters or direction overrides, which could make a
/// receipt read differently from what was filed.
pub fn clean(text: &str) -> Result<String, FieldErrorCode> {
    let kept = kept_characters(text)?;
    Ok(clean_line(&kept))
}

/// Several lines for keeping: as [`clean`] line by line; empty lines at the ends are dropped.
///
/// # Errors
/// As [`clean`].
pub fn clean_lines(text: &str) -> Result<String, FieldErrorCode> {
    let kept = kept_characters(text)?;
    let lines: Vec<String> = kept.lines().map(clean_line).collect();
    Ok(lines.join("\n").trim_matches('\n').to_owned())
}

/// The words of a text as they go into a search column, in Latin digits and one spelling.
///
/// ZWNJ is written by some, replaced by a space by others and left out by the rest: «علی‌رضا»,
/// «علی رضا», «علیرضا». So a text is indexed both ways: its parts apart, and neighbours joined.
/// [`search_clauses`] does the same to what is searched for, and so each spelling finds each.
#[must_use]
pub fn fold_for_search(text: &str) -> String {
    let folded = fold_letters(text);
    let mut words: Vec<String> = parts(&folded).map(str::to_owned).collect();
    let mut seen: BTreeSet<String> = words.iter().cloned().collect();
    let neighbours = words.windows(2).filter(|pair| !pair.iter().any(|word| is_number(word)));
    let joined = neighbours.map(<[String]>::concat);
    let compounds = folded.split_whitespace().map(|word| word.replace(ZWNJ, ""));
    for extra in joined.chain(compounds).collect::<Vec<_>>() {
        if !extra.is_empty() && seen.insert(extra.clone()) {
            words.push(extra);
        }
    }
    words.join(" ")
}

/// What somebody searches for, as clauses: a text matches when of every clause at least one word
/// is the beginning of a word of its [`fold_for_search`].
#[must_use]
pub fn search_clauses(query: &str) -> Vec<Vec<String>> {
    let folded = fold_letters(query);
    let words: Vec<&str> = parts(&folded).collect();
    let join = |i: usize| words.get(i..i + 2).filter(|pair| !pair.iter().any(|w| is_number(w)));
    (0..words.len())
        .map(|i| {
            let mut alternatives = vec![words[i].to_owned()];
            alternatives.extend(join(i).map(<[&str]>::concat));
            alternatives.extend(i.checked_sub(1).and_then(join).map(<[&str]>::concat));
            alternatives
        })
        .collect()
}

/// One key for all spellings of a name or a village, for equality: folded, without any space.
#[must_use]
pub fn fold_key(text: &str) -> String {
    parts(&fold_letters(text)).collect()
}

/// Letters in one form, separators as single spaces, ZWNJ still in place.
fn fold_letters(text: &str) -> String {
    let lower = to_latin_digits(text).to_lowercase();
    let mut folded = String::with_capacity(lower.len());
    for c in lower.chars() {
        match c {
            'ي' | 'ى' | 'ې' | 'ۍ' | 'ئ' | 'ێ' => folded.push('ی'),
            'ك' | 'ڪ' | 'ګ' => folded.push('ک'),
            'ة' | 'ۀ' | 'ۂ' | 'ہ' | 'ھ' | 'ە' => folded.push('ه'),
            'أ' | 'إ' | 'آ' | 'ٱ' => folded.push('ا'),
            'ؤ' => folded.push('و'),
            ZWNJ => folded.push(ZWNJ),
            'ء' | 'ـ' => {}
            // Most of what comes; found sooner here than in the tables of all scripts.
            '\u{621}'..='\u{64a}' | '\u{671}'..='\u{6d3}' | 'a'..='z' | '0'..='9' => folded.push(c),
            c if is_mark(c) || is_invisible(c) => {}
            c if c.is_alphanumeric() => folded.push(c),
            _ => folded.push(' '),
        }
    }
    folded
}

fn parts(folded: &str) -> impl Iterator<Item = &str> {
    folded.split(|c: char| c.is_whitespace() || c == ZWNJ).filter(|part| !part.is_empty())
}

fn is_number(word: &str) -> bool {
    word.bytes().all(|b| b.is_ascii_digit())
}

/// Arabic diacritics and Quranic marks, and combining accents of Latin.
fn is_mark(c: char) -> bool {
    matches!(c, '\u{610}'..='\u{61a}' | '\u{64b}'..='\u{65f}' | '\u{670}' | '\u{300}'..='\u{36f}')
        || matches!(c, '\u{6d6}'..='\u{6dc}' | '\u{6df}'..='\u{6e8}' | '\u{6ea}'..='\u{6ed}')
}

/// Characters that show nothing and mean nothing in a kept text.
fn is_invisible(c: char) -> bool {
    matches!(
        c,
        '\u{200b}' | '\u{200d}'..='\u{200f}' | '\u{61c}' | '\u{2060}' | '\u{feff}' | '\u{ad}'
    )
}

fn kept_characters(text: &str) -> Result<String, FieldErrorCode> {
    let mut kept = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '\t' | '\n' | '\r' => kept.push(c),
            c if c.is_control() => return Err("text.control_characters"),
            '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{e0000}'..='\u{e007f}' => {
                return Err("text.control_characters");
            }
            // The joiner shapes abbreviations such as «ه‍» and so it stays.
            c if is_invisible(c) && c != '\u{200d}' => {}
            '\u{653}'..='\u{655}' => compose(&mut kept, c),
            c => kept.push(c),
        }
    }
    Ok(kept)
}

/// Puts a combining madda or hamza into the letter before it, as NFC does.
fn compose(kept: &mut String, mark: char) {
    let composed = match (kept.chars().next_back(), mark) {
        (Some('ا'), '\u{653}') => 'آ',
        (Some('ا'), '\u{654}') => 'أ',
        (Some('ا'), '\u{655}') => 'إ',
        (Some('و'), '\u{654}') => 'ؤ',
        (Some('ي' | 'ی'), '\u{654}') => 'ئ',
        (Some('ه' | 'ە'), '\u{654}') => 'ۀ',
        _ => return kept.push(mark),
    };
    kept.pop();
    kept.push(composed);
}

fn clean_line(line: &str) -> String {
    let words = line.split_whitespace().map(|word| {
        word.split(ZWNJ).filter(|part| !part.is_empty()).collect::<Vec<_>>().join("\u{200c}")
    });
    words.filter(|word| !word.is_empty()).collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn found(query: &str, text: &str) -> bool {
        let indexed = fold_for_search(text);
        let words: Vec<&str> = indexed.split(' ').collect();
        search_clauses(query)
            .iter()
            .all(|any| any.iter().any(|begin| words.iter().any(|word| word.starts_with(begin))))
    }

    #[test]
    fn cleaning_keeps_the_spelling() {
        assert_eq!(clean("  علي\u{a0} \u{200c}رضا ").as_deref(), Ok("علي رضا"));
        assert_eq!(clean("می\u{200c}\u{200c}رود").as_deref(), Ok("می\u{200c}رود"));
        assert_eq!(clean("كبری\u{200f}").as_deref(), Ok("كبری"));
        assert_eq!(clean("ا\u{653}ب").as_deref(), Ok("آب"));
        assert_eq!(clean_lines("\n یک \n\n دو\r\n").as_deref(), Ok("یک\n\nدو"));
        assert_eq!(clean("یک\nدو").as_deref(), Ok("یک دو"));
    }

    #[test]
    fn what_could_deceive_the_reader_is_refused() {
        for hidden in ["\0", "\u{7}", "\u{202e}", "\u{2066}", "\u{2069}", "\u{85}", "\u{e0041}"] {
            assert_eq!(clean(&format!("نام{hidden}")), Err("text.control_characters"));
            assert_eq!(clean_lines(&format!("نام{hidden}")), Err("text.control_characters"));
        }
    }

    #[test]
    fn every_spelling_finds_every_spelling() {
        let spellings = ["علی\u{200c}رضا", "علی رضا", "علیرضا", "علي رضا", "عَلیرضا"];
        for query in spellings {
            for text in spellings {
                assert!(found(query, &format!("{text} محمدی")), "{query} in {text}");
                assert!(found(&format!("{query} محمدي"), &format!("{text} محمدی")), "{query}");
            }
        }
        assert!(!found("علیرضا", "علی محمدی"));
        assert!(found("كبرى", "کبری"));
        assert!(found("فاطمة", "فاطمه"));
        assert!(found("اسیه", "آسیه"));
        assert!(found("۱۲۳٤", "1234"));
        assert!(found("ABC", "abc"));
    }

    #[test]
    fn a_name_has_one_key_in_all_spellings() {
        assert_eq!(fold_key("ده\u{200c}نو"), fold_key("ده نو"));
        assert_eq!(fold_key("كَريم آباد"), fold_key("کریم‌اباد"));
    }

    proptest! {
        #[test]
        fn cleaning_twice_is_cleaning_once(text in "\\PC{0,40}") {
            if let Ok(once) = clean(&text) {
                prop_assert_eq!(clean(&once), Ok(once.clone()));
                prop_assert_eq!(clean_lines(&once), Ok(once.clone()));
            }
        }

        #[test]
        fn folding_never_panics_and_finds_itself(text in any::<String>()) {
            prop_assert!(found(&text, &text));
        }

        #[test]
        fn a_word_of_a_text_is_found_in_either_spelling(
            words in prop::collection::vec("[کیادرسمنعلی]{1,6}", 1..5), pick in any::<prop::sample::Index>()
        ) {
            let arabic = |text: &str| text.replace('ی', "ي").replace('ک', "ك");
            let text = words.join(" ");
            let word = &words[pick.index(words.len())];
            prop_assert!(found(&arabic(word), &text));
            prop_assert!(found(word, &arabic(&text)));
            let with_zwnj = text.replace(' ', &ZWNJ.to_string());
            prop_assert!(found(&with_zwnj, &arabic(&text)));
        }
    }
}
