//! What comes down to an office: a numbered, hash-linked feed of the centre's acts.
//!
//! Numbers are taken under the lock of the office's row, so that order of numbers is order of
//! commits; a cursor over them misses nothing. An entry links to the one before, so that the
//! office keeps a proof of what it was told and in what order.

use std::collections::BTreeMap;

use minicbor::{Decode, Encode};
use pishkhan_domain::application::Defect;
use pishkhan_domain::ids::{AgencyCode, ApplicationId, DeviceNumber, EventId};

use crate::day_root::{Inclusion, SignedDayRoot};
use crate::error::ProtocolError;
use crate::event::{Hash, from_cbor, tagged_hash, to_cbor};
use crate::letter::Letter;

/// One act of the centre or an agency.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
pub struct FeedItem {
    /// UUIDv7.
    #[n(0)]
    pub id: EventId,
    /// Centre's clock, milliseconds since 1970.
    #[n(1)]
    pub at_ms: i64,
    /// Who acted, as shown to the office ("کارشناس ثبت احوال"); empty for the centre itself.
    #[n(2)]
    pub by: String,
    /// What was done.
    #[n(3)]
    pub body: FeedBody,
    /// The last entry of the application's own device about this application that the centre had
    /// stored when the act was done; of a parked entry its own sequence; 0 for items about no
    /// application. So the office puts its acts and the centre's into the one true order.
    #[n(4)]
    pub after_seq: u64,
}

/// What was done.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
pub enum FeedBody {
    /// An officer took the application up.
    #[n(1)]
    Accepted(#[n(0)] ApplicationId),
    /// Returned with named defects.
    #[n(2)]
    Returned(#[n(0)] Returned),
    /// Approved.
    #[n(3)]
    Approved(#[n(0)] Approved),
    /// Refused with a lawful reason.
    #[n(4)]
    Refused(#[n(0)] Refused),
    /// A note of the agency on an application.
    #[n(5)]
    Note(#[n(0)] Note),
    /// An entry of a device could not be used; it is kept and blocks nothing.
    #[n(6)]
    EntryParked(#[n(0)] EntryParked),
    /// A message to the office.
    #[n(7)]
    Notice(#[n(0)] Notice),
    /// The root of a day, to be kept.
    #[n(10)]
    DayRoot(#[n(0)] Box<DayRootTold>),
}

/// See [`FeedBody::Returned`].
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
pub struct Returned {
    /// Application.
    #[n(0)]
    pub application: ApplicationId,
    /// What is missing or wrong; at least one.
    #[n(1)]
    pub defects: Vec<Defect>,
    /// A word to the citizen; may be empty.
    #[n(2)]
    pub note: String,
}

/// See [`FeedBody::Approved`].
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
pub struct Approved {
    /// Application.
    #[n(0)]
    pub application: ApplicationId,
    /// What to tell the citizen; may be empty.
    #[n(1)]
    pub note: String,
    /// A letter for the office to print; since 28 November 2026, and left out where there is none.
    #[n(2)]
    pub letter: Option<Box<Letter>>,
}

/// See [`FeedBody::Refused`].
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
pub struct Refused {
    /// Application.
    #[n(0)]
    pub application: ApplicationId,
    /// Code of a refusal reason of the card.
    #[n(1)]
    pub reason_code: String,
    /// What to tell the citizen; may be empty.
    #[n(2)]
    pub note: String,
}

/// See [`FeedBody::Note`].
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
pub struct Note {
    /// Application.
    #[n(0)]
    pub application: ApplicationId,
    /// Text.
    #[n(1)]
    pub text: String,
}

/// See [`FeedBody::EntryParked`].
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
pub struct EntryParked {
    /// Device.
    #[n(0)]
    pub device: DeviceNumber,
    /// Its entry.
    #[n(1)]
    pub seq: u64,
    /// Path of the field, or empty.
    #[n(2)]
    pub field: String,
    /// Code of the reason, `noun.reason`.
    #[n(3)]
    pub code: String,
    /// Values for the sentence.
    #[n(4)]
    pub params: BTreeMap<String, String>,
}

/// See [`FeedBody::Notice`].
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
pub struct Notice {
    /// Title in Persian.
    #[n(0)]
    pub title: String,
    /// Text in Persian.
    #[n(1)]
    pub text: String,
}

/// See [`FeedBody::DayRoot`].
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
pub struct DayRootTold {
    /// What the centre signed.
    #[n(0)]
    pub root: SignedDayRoot,
    /// That the logs of the office's devices, and what it was told, are in it.
    #[n(1)]
    pub inclusions: Vec<Inclusion>,
}

/// How a note begins that tells of a handing over. It is a note, and no kind of its own, so that
/// offices of every version show it; in parentheses follows the agency's code, so that an auditor
/// finds which agency has the application, and in quotes its name, which the office shows.
const HANDED_OVER: &str = "درخواست به دستگاه دیگری سپرده شد (";
const TO: &str = ") به «";

/// What a note says of a handing over.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HandedOver {
    /// Code of the agency that has the application now.
    pub agency: AgencyCode,
    /// Its name; empty when the note does not tell it.
    pub title: String,
}

impl Note {
    /// The text that tells of a handing over.
    #[must_use]
    pub fn handing_over(agency: &AgencyCode, title: &str, reason: &str) -> String {
        format!("{HANDED_OVER}{}{TO}{title}». دلیل: {reason}", agency.0)
    }

    /// What the note says of a handing over; nothing when it is any other note.
    #[must_use]
    pub fn handed_over(&self) -> Option<HandedOver> {
        let (agency, rest) = self.text.strip_prefix(HANDED_OVER)?.split_once(')')?;
        let name = format!("){rest}");
        let name = name.strip_prefix(TO).and_then(|name| name.split_once('»'));
        let title = name.map_or_else(String::new, |(title, _)| title.to_owned());
        Some(HandedOver { agency: AgencyCode::from(agency), title })
    }
}

impl FeedItem {
    /// Exact bytes.
    #[must_use]
    pub fn to_bytes(&self) -> Vec<u8> {
        to_cbor(self)
    }

    /// Reads an item.
    ///
    /// # Errors
    /// [`ProtocolError::Malformed`], also for kinds of a later version: the caller keeps the bytes.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, ProtocolError> {
        from_cbor(bytes, "feed item")
    }
}

/// Hash of the feed after `item`.
#[must_use]
pub fn feed_hash(before: &Hash, number: u64, item: &[u8]) -> Hash {
    tagged_hash(b"pishkhan/feed/v1", &[before, &number.to_be_bytes(), item])
}

#[cfg(test)]
mod tests {
    use super::*;

    fn note(text: &str) -> Note {
        Note { application: ApplicationId(uuid::Uuid::nil()), text: text.to_owned() }
    }

    #[test]
    fn a_note_of_a_handing_over_is_read_back() {
        let agency = AgencyCode::from("water-company");
        let text = Note::handing_over(&agency, "آب و فاضلاب", "کار ما «نیست»");
        let told = note(&text).handed_over();
        assert_eq!(told, Some(HandedOver { agency, title: "آب و فاضلاب".to_owned() }));
    }

    #[test]
    fn any_other_note_hands_nothing_over() {
        for text in ["", "اصل سند را هم بیاورند", "درخواست به دستگاه دیگری سپرده شد"]
        {
            assert_eq!(note(text).handed_over(), None, "{text}");
        }
    }
}
