//! The history of one application, in the order in which both sides acted.

use pishkhan_domain::application::Defect;
use pishkhan_domain::field_error::FieldError;
use pishkhan_domain::ids::{ApplicationId, OperatorId};

use crate::error::StoreError;
use crate::store::Store;

/// One line of an application's history.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TimelineEntry {
    /// When, by the clock of whoever acted, milliseconds since 1970.
    pub at: i64,
    /// Officer as the agency names itself, or operator's name; empty for the centre.
    pub by: String,
    /// The operator, if the office acted.
    pub operator: Option<OperatorId>,
    /// What.
    pub what: Happening,
    /// Did it change the application, or did it come too late?
    pub applied: bool,
    /// Of an act of this office: has the centre acknowledged it?
    pub received: bool,
}

/// What happened.
#[derive(Clone, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "the names are the words of the protocol")]
pub enum Happening {
    Recorded,
    /// The centre acknowledged what the office recorded.
    Received,
    Resubmitted {
        note: String,
    },
    Withdrawn {
        reason: String,
    },
    Delivered {
        recipient: String,
    },
    Printed {
        copy: u32,
    },
    /// A note of the office.
    Noted {
        text: String,
    },
    Accepted,
    Returned {
        defects: Vec<Defect>,
        note: String,
    },
    Approved {
        note: String,
    },
    Refused {
        reason_code: String,
        note: String,
    },
    /// A note of the agency.
    AgencyNote {
        text: String,
    },
    /// The centre could not use an entry of the office.
    Parked {
        error: FieldError,
    },
}

impl Store {
    /// The history of an application, oldest first.
    ///
    /// # Errors
    /// [`StoreError::NotFound`].
    pub fn timeline(&self, _id: ApplicationId) -> Result<Vec<TimelineEntry>, StoreError> {
        unimplemented!()
    }
}
