//! What an event says. Bodies are encoded once, at filing, and those exact bytes are hashed,
//! stored and sent; they are never encoded again.
//!
//! New kinds and new optional fields are added at the end with new numbers; a number is never
//! used twice. A centre that does not know a kind stores it as it came.

use minicbor::{Decode, Encode};
use pishkhan_domain::applicant::Applicant;
use pishkhan_domain::application::AttachedDocument;
use pishkhan_domain::content_hash::ContentHash;
use pishkhan_domain::form::Form;
use pishkhan_domain::ids::{ApplicationId, OperatorId, ServiceCode};

use crate::error::ProtocolError;

/// What happened at the office.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
pub enum EventBody {
    /// An operator was given access to this device.
    #[n(1)]
    OperatorEnrolled(#[n(0)] OperatorEnrolled),
    /// An application was recorded.
    #[n(2)]
    ApplicationRecorded(#[n(0)] Box<ApplicationRecorded>),
    /// A returned application was mended and sent again.
    #[n(3)]
    ApplicationResubmitted(#[n(0)] Box<ApplicationResubmitted>),
    /// The citizen withdrew.
    #[n(4)]
    ApplicationWithdrawn(#[n(0)] ApplicationWithdrawn),
    /// The result was handed over.
    #[n(5)]
    ApplicationDelivered(#[n(0)] ApplicationDelivered),
    /// A receipt was handed to a printer.
    #[n(6)]
    ReceiptPrinted(#[n(0)] ReceiptPrinted),
    /// A note for the agency.
    #[n(7)]
    NoteAdded(#[n(0)] NoteAdded),
    /// A letter of the agency was handed to a printer; since 28 November 2026.
    #[n(8)]
    LetterPrinted(#[n(0)] LetterPrinted),
}

/// See [`EventBody::OperatorEnrolled`].
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
pub struct OperatorEnrolled {
    /// The operator.
    #[n(0)]
    pub operator: OperatorId,
    /// Name as shown.
    #[n(1)]
    pub name: String,
}

/// See [`EventBody::ApplicationRecorded`]. Its application id is the event's id; its tracking code
/// is derived from the device's secret, the sequence and `code_attempt`.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
pub struct ApplicationRecorded {
    /// Service.
    #[n(0)]
    pub service: ServiceCode,
    /// Version of its card.
    #[n(1)]
    pub card_version: ContentHash,
    /// Applicant.
    #[n(2)]
    pub applicant: Applicant,
    /// Answers.
    #[n(3)]
    pub form: Form,
    /// Papers.
    #[n(4)]
    pub documents: Vec<AttachedDocument>,
    /// Tariff as on the card, in rial.
    #[n(5)]
    pub fee_rial: i64,
    /// Day on which the agency's answer is due, ISO 8601 Gregorian.
    #[n(6)]
    pub due_on: String,
    /// Did the applicant consent to the processing of the data?
    #[n(7)]
    pub consent: bool,
    /// How many codes were skipped since this device had used them already: nearly always 0.
    #[n(8)]
    pub code_attempt: u8,
}

/// See [`EventBody::ApplicationResubmitted`]: the whole content as mended.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
pub struct ApplicationResubmitted {
    /// Application.
    #[n(0)]
    pub application: ApplicationId,
    /// Applicant.
    #[n(1)]
    pub applicant: Applicant,
    /// Answers.
    #[n(2)]
    pub form: Form,
    /// Papers.
    #[n(3)]
    pub documents: Vec<AttachedDocument>,
    /// What was mended, in the operator's words; may be empty.
    #[n(4)]
    pub note: String,
}

/// See [`EventBody::ApplicationWithdrawn`].
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
pub struct ApplicationWithdrawn {
    /// Application.
    #[n(0)]
    pub application: ApplicationId,
    /// Why, in the citizen's words; may be empty.
    #[n(1)]
    pub reason: String,
}

/// See [`EventBody::ApplicationDelivered`].
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
pub struct ApplicationDelivered {
    /// Application.
    #[n(0)]
    pub application: ApplicationId,
    /// Who took it.
    #[n(1)]
    pub recipient: String,
}

/// See [`EventBody::ReceiptPrinted`].
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
pub struct ReceiptPrinted {
    /// Application.
    #[n(0)]
    pub application: ApplicationId,
    /// 1 is the original, 2 and more are marked «المثنی».
    #[n(1)]
    pub copy: u32,
}

/// See [`EventBody::NoteAdded`].
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
pub struct NoteAdded {
    /// Application.
    #[n(0)]
    pub application: ApplicationId,
    /// The note.
    #[n(1)]
    pub text: String,
}

/// See [`EventBody::LetterPrinted`].
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
pub struct LetterPrinted {
    /// Application.
    #[n(0)]
    pub application: ApplicationId,
    /// How often it has been printed now; every print is the same letter.
    #[n(1)]
    pub copy: u32,
}

impl EventBody {
    /// The number of its kind, as in the header.
    #[must_use]
    pub fn kind(&self) -> u8 {
        match self {
            Self::OperatorEnrolled(_) => 1,
            Self::ApplicationRecorded(_) => 2,
            Self::ApplicationResubmitted(_) => 3,
            Self::ApplicationWithdrawn(_) => 4,
            Self::ApplicationDelivered(_) => 5,
            Self::ReceiptPrinted(_) => 6,
            Self::NoteAdded(_) => 7,
            Self::LetterPrinted(_) => 8,
        }
    }

    /// The bytes that are hashed, stored and sent.
    #[must_use]
    pub fn to_bytes(&self) -> Vec<u8> {
        crate::event::to_cbor(self)
    }

    /// Reads a body.
    ///
    /// # Errors
    /// [`ProtocolError::Malformed`] for anything that is not exactly one body of a known kind.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, ProtocolError> {
        crate::event::from_cbor(bytes, "event body")
    }
}
