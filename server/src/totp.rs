//! Codes that change every half minute (TOTP, RFC 6238) as the usual apps make them: HMAC-SHA-1,
//! six digits, thirty seconds.
//!
//! Invariant: a code is good for one step before and one after its own, and only for a step that
//! comes after the last one that was taken.

use std::fmt::Write as _;

use data_encoding::BASE32_NOPAD;
use hmac::{Hmac, KeyInit, Mac};
use pishkhan_domain::digits::{to_latin_digits, without_separators};
use sha1::Sha1;

/// Length of a step.
pub const STEP_MS: i64 = 30_000;
/// Steps before and after the present one that a slow clock or hand may be off.
const DRIFT: i64 = 1;
const DIGITS: usize = 6;

/// What the app and the centre share: as many bytes as the hash gives (RFC 4226, 4).
pub type Secret = [u8; 20];

/// The step that a time falls in.
#[must_use]
pub fn step_at(now_ms: i64) -> i64 {
    now_ms.div_euclid(STEP_MS)
}

/// The code of a step, in six digits.
#[must_use]
pub fn code(secret: &Secret, step: i64) -> String {
    let number = truncated(secret, step).map_or(0, |number| number % 1_000_000);
    format!("{number:06}")
}

/// The step whose code was typed, in any digits; none when there is no such step after `taken`.
#[must_use]
pub fn matching_step(secret: &Secret, typed: &str, now_ms: i64, taken: i64) -> Option<i64> {
    let typed = without_separators(&to_latin_digits(typed));
    if typed.len() != DIGITS || !typed.bytes().all(|digit| digit.is_ascii_digit()) {
        return None;
    }
    let present = step_at(now_ms);
    let mut steps = (present - DRIFT)..=(present + DRIFT);
    steps.find(|step| *step > taken && code(secret, *step) == typed)
}

/// The secret as people type it into an app, in groups of four.
#[must_use]
pub fn readable(secret: &Secret) -> String {
    let letters = BASE32_NOPAD.encode(secret);
    let mut grouped = String::with_capacity(letters.len() + letters.len() / 4);
    for (at, letter) in letters.chars().enumerate() {
        if at > 0 && at % 4 == 0 {
            grouped.push(' ');
        }
        grouped.push(letter);
    }
    grouped
}

/// The address that an app reads from the square code.
#[must_use]
pub fn address(secret: &Secret, username: &str) -> String {
    let mut address = String::from("otpauth://totp/Pishkhan:");
    // Names to log in with have letters, digits and dashes only.
    let _ = write!(address, "{username}?secret={}&issuer=Pishkhan", BASE32_NOPAD.encode(secret));
    address
}

/// Dynamic truncation (RFC 4226, 5.3).
fn truncated(secret: &Secret, step: i64) -> Option<u32> {
    let mut mac = Hmac::<Sha1>::new_from_slice(secret).ok()?;
    mac.update(&step.to_be_bytes());
    let bytes = mac.finalize().into_bytes();
    let at = usize::from(bytes.last()? & 0x0f);
    let four: [u8; 4] = bytes.get(at..at + 4)?.try_into().ok()?;
    Some(u32::from_be_bytes(four) & 0x7fff_ffff)
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECRET: Secret = *b"12345678901234567890";

    /// RFC 6238, appendix B, the last six of its eight digits.
    #[test]
    fn codes_are_those_of_the_standard() {
        let vectors = [
            (59, "287082"),
            (1_111_111_109, "081804"),
            (1_111_111_111, "050471"),
            (1_234_567_890, "005924"),
            (2_000_000_000, "279037"),
            (20_000_000_000, "353130"),
        ];
        for (seconds, expected) in vectors {
            assert_eq!(code(&SECRET, step_at(seconds * 1_000)), expected);
        }
    }

    #[test]
    fn a_code_is_taken_once_and_only_near_its_time() {
        let now = 1_111_111_111_000;
        let step = step_at(now);
        assert_eq!(matching_step(&SECRET, "۰۵۰ ۴۷۱", now, 0), Some(step));
        assert_eq!(matching_step(&SECRET, "050471", now + STEP_MS, 0), Some(step));
        assert_eq!(matching_step(&SECRET, "050471", now - STEP_MS, 0), Some(step));
        assert_eq!(matching_step(&SECRET, "050471", now + 2 * STEP_MS, 0), None);
        assert_eq!(matching_step(&SECRET, "050471", now, step), None, "used before");
        assert_eq!(matching_step(&SECRET, &code(&SECRET, step - 1), now, step), None, "older");
        for typed in ["", "05047", "0504711", "05047a", "050472"] {
            assert_eq!(matching_step(&SECRET, typed, now, 0), None, "{typed}");
        }
    }

    #[test]
    fn the_secret_is_written_as_apps_read_it() {
        assert_eq!(readable(&SECRET), "GEZD GNBV GY3T QOJQ GEZD GNBV GY3T QOJQ");
        let address = address(&SECRET, "sample");
        assert!(address.starts_with("otpauth://totp/Pishkhan:sample?secret=GEZDGNBVGY3TQOJQ"));
    }
}
