//! The person or body for whom an application is filed.

use minicbor::{Decode, Encode};
use serde::{Deserialize, Serialize};

use crate::ids::ProvisionalKey;

/// How the applicant is identified. A person without papers is an applicant like any other.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, Encode, Decode)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Identity {
    /// کد ملی, ten Latin digits, checked.
    #[n(0)]
    NationalId {
        /// Ten Latin digits.
        #[n(0)]
        national_id: String,
    },
    /// فاقد شناسنامه: a provisional key, later joined to a national id.
    #[n(1)]
    WithoutPapers {
        /// Made at the first application of this person.
        #[n(0)]
        provisional_key: ProvisionalKey,
    },
    /// شناسه ملی, eleven Latin digits, checked.
    #[n(2)]
    LegalEntity {
        /// Eleven Latin digits.
        #[n(0)]
        legal_entity_id: String,
    },
}

/// Gender as written in the identity booklet.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, Encode, Decode)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
#[serde(rename_all = "snake_case")]
#[cbor(index_only)]
pub enum Gender {
    /// زن
    #[n(0)]
    Female,
    /// مرد
    #[n(1)]
    Male,
}

/// Somebody who vouches for a person without papers.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, Encode, Decode)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
#[serde(deny_unknown_fields)]
pub struct Witness {
    /// Full name.
    #[n(0)]
    pub name: String,
    /// National id, ten Latin digits.
    #[n(1)]
    pub national_id: String,
}

/// The applicant as entered and checked. Texts are kept as written (cleaned, never folded);
/// codes are Latin digits.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, Encode, Decode)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
#[serde(deny_unknown_fields)]
pub struct Applicant {
    /// How the applicant is identified.
    #[n(0)]
    pub identity: Identity,
    /// نام; of a legal entity, its name.
    #[n(1)]
    pub first_name: String,
    /// نام خانوادگی; empty for a legal entity.
    #[n(2)]
    pub last_name: String,
    /// نام پدر
    #[n(3)]
    #[serde(default)]
    pub father_name: String,
    /// تاریخ تولد, ISO 8601 Gregorian (`1991-08-03`).
    #[n(4)]
    #[serde(default)]
    pub birth_date: Option<String>,
    /// جنسیت
    #[n(5)]
    #[serde(default)]
    pub gender: Option<Gender>,
    /// `+989…`
    #[n(6)]
    #[serde(default)]
    pub mobile: Option<String>,
    /// روستا / آبادی
    #[n(7)]
    #[serde(default)]
    pub village: String,
    /// نشانی
    #[n(8)]
    #[serde(default)]
    pub address: String,
    /// کد پستی, ten Latin digits.
    #[n(9)]
    #[serde(default)]
    pub postcode: Option<String>,
    /// گواهان of a person without papers.
    #[n(10)]
    #[serde(default)]
    pub witnesses: Vec<Witness>,
}

impl Applicant {
    /// The name as it is printed.
    #[must_use]
    pub fn full_name(&self) -> String {
        format!("{} {}", self.first_name, self.last_name).trim().to_owned()
    }

    /// The four digits asked for on the public page: the last of the national or legal id, else of
    /// the mobile number; `None` when there is neither.
    #[must_use]
    pub fn last_four(&self) -> Option<&str> {
        let digits = match &self.identity {
            Identity::NationalId { national_id } => Some(national_id.as_str()),
            Identity::LegalEntity { legal_entity_id } => Some(legal_entity_id.as_str()),
            Identity::WithoutPapers { .. } => self.mobile.as_deref(),
        }?;
        digits.get(digits.len().checked_sub(4)?..)
    }
}

/// What the operator typed, before any check. Every text may hold Persian, Arabic or Latin digits,
/// and any spelling of ی and ک.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
#[serde(deny_unknown_fields, default)]
pub struct ApplicantEntry {
    /// کد ملی
    pub national_id: String,
    /// شناسه ملی
    pub legal_entity_id: String,
    /// فاقد شناسنامه, chosen in sight.
    pub without_papers: bool,
    /// Set when this person without papers was here before.
    pub provisional_key: Option<ProvisionalKey>,
    /// نام
    pub first_name: String,
    /// نام خانوادگی
    pub last_name: String,
    /// نام پدر
    pub father_name: String,
    /// Jalali, for instance `۱۳۷۰/۵/۱۲`.
    pub birth_date: String,
    /// جنسیت
    pub gender: Option<Gender>,
    /// شماره همراه
    pub mobile: String,
    /// روستا / آبادی
    pub village: String,
    /// نشانی
    pub address: String,
    /// کد پستی
    pub postcode: String,
    /// گواهان
    pub witnesses: Vec<WitnessEntry>,
}

/// A witness as typed.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
#[serde(deny_unknown_fields, default)]
pub struct WitnessEntry {
    /// Full name.
    pub name: String,
    /// National id.
    pub national_id: String,
}
