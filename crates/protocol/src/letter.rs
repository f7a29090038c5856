//! A letter of an agency that goes with an approval: what it says, never how it looks. Centre and
//! office set the same page from it (`pishkhan-receipt`), so that a page of 30 kB never travels.
//!
//! Invariant: it is whole. Whoever has it, and the tracking code of its application, can set it
//! without asking anybody, and gets the same bytes.

use minicbor::{Decode, Encode};

use crate::error::ProtocolError;
use crate::event::{from_cbor, to_cbor};

/// See the module.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
pub struct Letter {
    /// Jalali year of its number.
    #[n(0)]
    pub year: u16,
    /// Number in the agency's register of that year, from 1 without gaps.
    #[n(1)]
    pub number: u64,
    /// Day, ISO 8601 Gregorian, in Tehran.
    #[n(2)]
    pub issued_on: String,
    /// Name of the agency in Persian.
    #[n(3)]
    pub agency: String,
    /// Name of the applicant.
    #[n(4)]
    pub applicant: String,
    /// What it is about.
    #[n(5)]
    pub subject: String,
    /// Its text, filled in.
    #[n(6)]
    pub paragraphs: Vec<String>,
    /// Public address at which its number and day are confirmed.
    #[n(7)]
    pub check_at: String,
    /// The agency's template for the application's service that it was made from.
    #[n(8)]
    pub template: u32,
    /// Version of the template.
    #[n(9)]
    pub version: u32,
}

impl Letter {
    /// Its number as it is written, in Latin digits: `1405/12`.
    #[must_use]
    pub fn reference(&self) -> String {
        format!("{}/{}", self.year, self.number)
    }

    /// Exact bytes.
    #[must_use]
    pub fn to_bytes(&self) -> Vec<u8> {
        to_cbor(self)
    }

    /// Reads a letter.
    ///
    /// # Errors
    /// [`ProtocolError::Malformed`].
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, ProtocolError> {
        from_cbor(bytes, "letter")
    }
}
