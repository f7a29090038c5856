//! The rules of the counter, with no input or output: identities, tracking codes, Jalali dates,
//! working days, service cards, applications and the transitions they may make.
//!
//! Invariant: nothing here reads a clock, a disk, a network or an environment variable; whatever
//! the rules need is handed to them.

pub mod applicant;
pub mod application;
pub mod catalogue;
pub mod content_hash;
pub mod digits;
pub mod entry;
pub mod field_error;
pub mod form;
pub mod iban;
pub mod ids;
pub mod jalali;
pub mod jalali_month;
pub mod legal_entity_id;
pub mod lifecycle;
pub mod mobile;
pub mod national_id;
pub mod persian_text;
pub mod postcode;
pub mod service_card;
pub mod service_clock;
pub mod telephone;
pub mod tracking_code;
pub mod working_days;
