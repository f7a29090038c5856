//! The life of an application, and who may move it on.
//!
//! Until filed it belongs to the office, then to the agency; "returned" gives it back. An act that
//! arrives too late is kept in the log and marked not applied: it never fails the exchange.

use minicbor::{Decode, Encode};
use serde::{Deserialize, Serialize};

/// Where an application stands. `Draft` is never in the log; `Received` is computed from the
/// centre's acknowledgement, at the office, and is where the centre's own projection begins.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, Encode, Decode,
)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
#[serde(rename_all = "snake_case")]
#[cbor(index_only)]
pub enum State {
    /// پیش‌نویس
    #[n(0)]
    Draft,
    /// ثبت در دفتر
    #[n(1)]
    Recorded,
    /// رسید مرکز
    #[n(2)]
    Received,
    /// پذیرش دستگاه
    #[n(3)]
    Accepted,
    /// برگشت برای رفع نقص
    #[n(4)]
    Returned,
    /// ارسال دوباره
    #[n(5)]
    Resubmitted,
    /// تأیید شد
    #[n(6)]
    Approved,
    /// رد شد
    #[n(7)]
    Refused,
    /// تحویل شد
    #[n(8)]
    Delivered,
    /// انصراف
    #[n(9)]
    Withdrawn,
}

/// Who acts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Party {
    /// The village office.
    Office,
    /// The agency.
    Agency,
    /// The centre, by acknowledging.
    Centre,
}

/// What may be done to an application.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
#[serde(rename_all = "snake_case")]
pub enum Act {
    /// The office records it.
    Record,
    /// The centre acknowledges it.
    Receive,
    /// An officer takes it up.
    Accept,
    /// An officer returns it with named defects.
    Return,
    /// The office sends it again, mended.
    Resubmit,
    /// An officer approves.
    Approve,
    /// An officer refuses, with a lawful reason.
    Refuse,
    /// The office hands the result over.
    Deliver,
    /// The citizen withdraws.
    Withdraw,
}
