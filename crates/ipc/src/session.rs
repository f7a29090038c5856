//! First start, operators, lock.

use pishkhan_domain::ids::{DeviceNumber, OfficeCode, OperatorId};
use serde::{Deserialize, Serialize};
use ts_rs::TS;

/// What the window shows first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum Stage {
    /// No device number yet: first start.
    Unenrolled,
    /// Enrolled; an operator must unlock with a PIN.
    Locked,
    /// An operator is at work.
    Open,
}

/// The office, as certified at enrolment.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct Office {
    /// Code.
    pub code: OfficeCode,
    /// Name in Persian.
    pub title: String,
    /// District and county in Persian.
    pub district_title: String,
    /// This device.
    pub device: DeviceNumber,
    /// Address of the centre.
    pub centre_url: String,
    /// Address of the public pages, as printed on receipts.
    pub public_url: String,
}

/// An operator.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct Operator {
    /// Id.
    pub id: OperatorId,
    /// Name as shown.
    pub name: String,
}

/// Reply of `app_status`, and of every command that changes it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct AppStatus {
    /// What to show.
    pub stage: Stage,
    /// Version of the program.
    pub version: String,
    /// The office, once enrolled and unlocked for the first time since start, else its last known
    /// title is not shown: nothing of the store can be read while it is sealed.
    pub office: Option<Office>,
    /// Who may unlock.
    pub operators: Vec<Operator>,
    /// Who is at work.
    pub operator: Option<Operator>,
}

/// Request of `device_enrol`: enrolment and the first operator in one step.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct EnrolRequest {
    /// Address of the centre, for instance `http://127.0.0.1:8080`.
    pub centre_url: String,
    /// One-time code as typed.
    pub code: String,
    /// Name of the first operator.
    pub operator_name: String,
    /// PIN of six digits or more, any digits.
    pub pin: String,
}

/// Request of `operator_add`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct OperatorAddRequest {
    /// Name.
    pub name: String,
    /// PIN.
    pub pin: String,
}

/// Request of `session_unlock`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct UnlockRequest {
    /// Who.
    pub operator: OperatorId,
    /// PIN.
    pub pin: String,
}
