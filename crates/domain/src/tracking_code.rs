//! The tracking code (کد رهگیری): thirteen digits, minted with no line, read over the telephone.
//!
//! Five digits of device number, seven of randomness, one check digit (Damm 2004) that catches
//! every single wrong digit and every swap of neighbours.

use std::fmt;

use crate::digits::to_latin_digits;
use crate::ids::DeviceNumber;

/// Thirteen digits, checked.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct TrackingCode(u64);

/// Why a text is not a tracking code.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub enum TrackingCodeError {
    /// Not thirteen digits.
    #[error("a tracking code has 13 digits")]
    Length,
    /// A digit is wrong, or two are swapped.
    #[error("the check digit does not fit")]
    CheckDigit,
}

/// Quasigroup of order ten, totally anti-symmetric: H. M. Damm, "Total anti-symmetrische
/// Quasigruppen", Marburg 2004.
const DAMM: [[u8; 10]; 10] = [
    [0, 3, 1, 7, 5, 9, 8, 6, 4, 2],
    [7, 0, 9, 2, 1, 5, 4, 8, 6, 3],
    [4, 2, 0, 6, 8, 7, 1, 3, 5, 9],
    [1, 7, 5, 0, 9, 8, 3, 4, 2, 6],
    [6, 1, 2, 3, 0, 4, 5, 9, 7, 8],
    [3, 6, 7, 4, 2, 0, 9, 5, 8, 1],
    [5, 8, 6, 9, 7, 2, 0, 1, 3, 4],
    [8, 9, 4, 5, 3, 6, 2, 0, 1, 7],
    [9, 4, 3, 8, 6, 1, 7, 2, 0, 5],
    [2, 5, 8, 1, 4, 3, 6, 7, 9, 0],
];

impl TrackingCode {
    /// Mints the code of a device from randomness; only the last seven decimal digits of it count.
    #[must_use]
    pub fn mint(device: DeviceNumber, randomness: u64) -> Self {
        let body = u64::from(device.0 % 100_000) * 10_000_000 + randomness % 10_000_000;
        Self(body * 10 + u64::from(damm(body, 12)))
    }

    /// As a number; leading zeros are lost, [`TrackingCode::from_u64`] restores them.
    #[must_use]
    pub fn as_u64(self) -> u64 {
        self.0
    }

    /// From a number.
    ///
    /// # Errors
    /// [`TrackingCodeError`] when it is too long or its check digit does not fit.
    pub fn from_u64(number: u64) -> Result<Self, TrackingCodeError> {
        if number >= 10_000_000_000_000 {
            return Err(TrackingCodeError::Length);
        }
        if damm(number, 13) == 0 { Ok(Self(number)) } else { Err(TrackingCodeError::CheckDigit) }
    }

    /// From text as typed: any digits, spaces and dashes anywhere.
    ///
    /// # Errors
    /// [`TrackingCodeError`].
    pub fn parse(text: &str) -> Result<Self, TrackingCodeError> {
        let digits: String = to_latin_digits(text)
            .chars()
            .filter(|c| {
                !c.is_whitespace() && !matches!(c, '-' | '\u{200c}' | '\u{200e}' | '\u{200f}')
            })
            .collect();
        if digits.len() != 13 || !digits.bytes().all(|b| b.is_ascii_digit()) {
            return Err(TrackingCodeError::Length);
        }
        digits.parse().map_err(|_| TrackingCodeError::Length).and_then(Self::from_u64)
    }

    /// The device that minted it.
    #[must_use]
    pub fn device(self) -> DeviceNumber {
        DeviceNumber(u32::try_from(self.0 / 100_000_000).unwrap_or(0))
    }

    /// Grouped for reading aloud: `0001 234 567 890` in Latin digits.
    #[must_use]
    pub fn grouped(self) -> String {
        let digits = self.to_string();
        format!("{} {} {} {}", &digits[..4], &digits[4..7], &digits[7..10], &digits[10..])
    }
}

impl fmt::Display for TrackingCode {
    /// Thirteen Latin digits.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:013}", self.0)
    }
}

/// The interim digit of Damm's method after `count` digits of `number`.
fn damm(number: u64, count: u32) -> u8 {
    (0..count).rev().fold(0, |interim, place| {
        let digit = (number / 10_u64.pow(place)) % 10;
        DAMM[usize::from(interim)][usize::try_from(digit).unwrap_or(0)]
    })
}
