//! Texts by words, numbers in them by digits, days by their distance from the day of filing.

use jiff::civil::Date;

use super::model::{Column, Model, WordId, mix};
use super::range::Coder;

/// What stands in a text: nothing more, digits of one of three kinds, or a word.
const END: WordId = 0;
const LATIN: WordId = 1;
const PERSIAN: WordId = 2;
const ARABIC: WordId = 3;

/// Column of all words.
const ANY: Column = 0x7e87;

/// 10 is the end of a number.
const NO_DIGIT: u32 = 10;

/// Makes room for what is no word.
pub(super) fn prepare(model: &mut Model) {
    for (id, name) in [(END, ""), (LATIN, "0"), (PERSIAN, "۰"), (ARABIC, "٠")] {
        let word = model.add_word(name.as_bytes());
        debug_assert_eq!(word, id);
        model.learn(ANY, id);
    }
}

/// A text of a column; `known` when it is to be written. None when what was read is no text.
pub(super) fn text(
    model: &mut Model,
    coder: &mut impl Coder,
    column: Column,
    today: i32,
    known: Option<&str>,
    most: usize,
) -> Option<String> {
    // The days of one column keep a distance that depends on the day of the week.
    let days = mix(mix(column, 11), u64::from(today.rem_euclid(7).unsigned_abs()));
    let distance = known.and_then(day_number).map(|day| day.wrapping_sub(today).cast_unsigned());
    let seen = distance.filter(|distance| model.has(days, *distance));
    if model.bit(coder, mix(column, 12), seen.is_some()) {
        let distance = model.pick(coder, days, seen)?;
        return day_text(today.wrapping_add(distance.cast_signed()));
    }
    let mut rest = known;
    let mut out = Vec::new();
    let mut before = END;
    let mut numbers = 0;
    loop {
        let next = rest.map(next_word);
        let id = word(model, coder, column, before, next.map(|(word, _)| word), most - out.len())?;
        match id {
            END => break,
            LATIN | PERSIAN | ARABIC => {
                let column = mix(mix(column, 13), numbers);
                numbers += 1;
                let digits = next.map(|(digits, _)| digits);
                number(model, coder, column, id, digits, &mut out, most)?;
            }
            _ => out.extend_from_slice(model.word(id)?),
        }
        if out.len() > most {
            return None;
        }
        before = id;
        rest = next.map(|(_, rest)| rest);
    }
    let out = String::from_utf8(out).ok()?;
    if let Some(day) = day_number(&out) {
        model.learn(days, day.wrapping_sub(today).cast_unsigned());
    }
    Some(out)
}

/// A word: one that came after the one before, one of the column, one of any column, or a new one.
fn word(
    model: &mut Model,
    coder: &mut impl Coder,
    column: Column,
    before: WordId,
    known: Option<&str>,
    most: usize,
) -> Option<WordId> {
    let id = known.map(|word| kind(word).or_else(|| model.word_id(word.as_bytes())));
    let wanted = id.map(|id| id.unwrap_or(u32::MAX));
    let columns = [mix(mix(column, 14), u64::from(before)), mix(column, 15), ANY];
    let mut found = None;
    for (depth, place) in columns.into_iter().enumerate() {
        found = model.pick(coder, place, wanted);
        if found.is_some() {
            for place in &columns[..depth] {
                model.learn(*place, found?);
            }
            break;
        }
    }
    if found.is_none() {
        let spelt = spell(model, coder, known.map(str::as_bytes), most)?;
        let id = match model.word_id(&spelt) {
            Some(id) => id,
            None => model.add_word(&spelt),
        };
        columns.into_iter().for_each(|place| model.learn(place, id));
        found = Some(id);
    }
    found
}

/// A word letter by letter; each byte in the light of the two before.
fn spell(
    model: &mut Model,
    coder: &mut impl Coder,
    known: Option<&[u8]>,
    most: usize,
) -> Option<Vec<u8>> {
    let mut out = Vec::new();
    let mut light = mix(ANY, 16);
    let mut last = [0_u8; 2];
    loop {
        let byte = known.map_or(0, |word| word.get(out.len()).copied().unwrap_or(0));
        let byte = model.symbol(coder, light, 8, u32::from(byte));
        let byte = u8::try_from(byte).ok()?;
        if byte == 0 {
            return Some(out);
        }
        if out.len() >= most {
            return None;
        }
        out.push(byte);
        last = [last[1], byte];
        light = mix(mix(ANY, 17), u64::from(u16::from_be_bytes(last)));
    }
}

fn number(
    model: &mut Model,
    coder: &mut impl Coder,
    column: Column,
    kind: WordId,
    known: Option<&str>,
    out: &mut Vec<u8>,
    most: usize,
) -> Option<()> {
    let zero = zero_of(kind)?;
    let mut known = known.map(str::chars);
    let mut place = 0;
    let mut last = 0;
    // The last digit of a national id follows from the nine before it.
    let mut weighed = 0;
    loop {
        let digit = match &mut known {
            Some(digits) => digits.next().map_or(NO_DIGIT, |it| u32::from(it) - u32::from(zero)),
            None => 0,
        };
        let light = if place == 9 { 11 + weighed % 11 } else { last };
        let column = mix(mix(column, place.min(20)), u64::from(light));
        let digit = model.symbol(coder, column, 4, digit);
        if digit == NO_DIGIT {
            return (place > 0).then_some(());
        }
        if digit > NO_DIGIT || out.len() > most {
            return None;
        }
        let letter = char::from_u32(u32::from(zero) + digit)?;
        out.extend_from_slice(letter.encode_utf8(&mut [0; 4]).as_bytes());
        weighed += digit * (10 - u32::try_from(place.min(9)).ok()?);
        place += 1;
        last = digit;
    }
}

fn zero_of(kind: WordId) -> Option<char> {
    match kind {
        LATIN => Some('0'),
        PERSIAN => Some('۰'),
        ARABIC => Some('٠'),
        _ => None,
    }
}

/// Which kind of no-word this is.
fn kind(word: &str) -> Option<WordId> {
    word.chars().next().map_or(Some(END), digits_of)
}

fn digits_of(letter: char) -> Option<WordId> {
    match letter {
        '0'..='9' => Some(LATIN),
        '۰'..='۹' => Some(PERSIAN),
        '٠'..='٩' => Some(ARABIC),
        _ => None,
    }
}

/// Up to the next digit, end of digits, or space that begins another word.
fn next_word(text: &str) -> (&str, &str) {
    let mut letters = text.char_indices();
    let Some((_, first)) = letters.next() else { return ("", "") };
    let first = digits_of(first);
    let ends = |letter: char| digits_of(letter) != first || (first.is_none() && letter == ' ');
    let end = letters.find(|(_, letter)| ends(*letter)).map_or(text.len(), |(place, _)| place);
    text.split_at(end)
}

/// Days since 1970 of a day as bodies write it; none if it is written otherwise.
fn day_number(text: &str) -> Option<i32> {
    let bytes = text.as_bytes();
    if bytes.len() != 10 || bytes[4] != b'-' || bytes[7] != b'-' {
        return None;
    }
    let date: Date = text.parse().ok()?;
    let days = Date::constant(1970, 1, 1).until(date).ok()?.get_days();
    (day_text(days)? == text).then_some(days)
}

fn day_text(days: i32) -> Option<String> {
    let span = jiff::Span::new().try_days(days).ok()?;
    Date::constant(1970, 1, 1).checked_add(span).ok().map(|date| date.to_string())
}
