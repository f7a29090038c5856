//! How different hands write: Arabic ي and ك, ZWNJ or a space or nothing, three kinds of digits.

use crate::random::Random;

/// The text as one of many hands would type it; folded, it stays the same.
pub(super) fn by_some_hand(random: &mut Random, text: &str) -> String {
    let mut written = text.to_owned();
    if random.percent(35) {
        written = written.replace('ی', "ي");
    }
    if random.percent(35) {
        written = written.replace('ک', "ك");
    }
    match random.below(4) {
        0 => written = written.replace('\u{200c}', " "),
        1 => written = written.replace('\u{200c}', ""),
        _ => {}
    }
    written
}

/// Latin digits as one of three kinds.
pub(super) fn digits(random: &mut Random, text: &str) -> String {
    let zero = match random.below(3) {
        0 => return text.to_owned(),
        1 => '۰',
        _ => '٠',
    };
    let shift = |c: char| char::from_u32(zero as u32 + c as u32 - '0' as u32).unwrap_or(c);
    text.chars().map(|c| if c.is_ascii_digit() { shift(c) } else { c }).collect()
}
