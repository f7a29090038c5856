//! The history of one application, in the order in which both sides acted.

use pishkhan_domain::application::Defect;
use pishkhan_domain::field_error::FieldError;
use pishkhan_domain::ids::{ApplicationId, OperatorId};

use pishkhan_protocol::body::EventBody;
use pishkhan_protocol::feed::FeedBody;
use pishkhan_protocol::letter::Letter;
use rusqlite::{OptionalExtension, named_params};

use crate::error::StoreError;
use crate::history::{FeedAct, OrderedAct, OwnAct, standing};
use crate::numbers::{from_sql, to_sql};
use crate::store::Store;
use crate::{parked, projection};

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
    /// The agency's letter was printed.
    LetterPrinted {
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
        /// A letter for the office to print.
        letter: Option<Box<Letter>>,
    },
    Refused {
        reason_code: String,
        note: String,
    },
    /// A note of the agency.
    AgencyNote {
        text: String,
    },
    /// A note of the agency, that another has the application now.
    HandedOver {
        title: String,
        text: String,
    },
    /// The centre could not use an entry of the office.
    Parked {
        error: FieldError,
    },
}

/// A letter of an agency, and how often this office has printed it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeptLetter {
    /// What it says.
    pub letter: Letter,
    /// Prints so far.
    pub copies: u32,
}

/// The letter in a history. One of an approval that came too late is none.
#[must_use]
pub fn letter_of(timeline: &[TimelineEntry]) -> Option<KeptLetter> {
    let mut kept: Option<KeptLetter> = None;
    for entry in timeline.iter().filter(|entry| entry.applied) {
        match (&entry.what, &mut kept) {
            (Happening::Approved { letter: Some(letter), .. }, _) => {
                kept = Some(KeptLetter { letter: (**letter).clone(), copies: 0 });
            }
            (Happening::LetterPrinted { copy }, Some(kept)) => {
                kept.copies = kept.copies.max(*copy);
            }
            _ => {}
        }
    }
    kept
}

impl Store {
    /// The history of an application, oldest first.
    ///
    /// # Errors
    /// [`StoreError::NotFound`].
    pub fn timeline(&self, id: ApplicationId) -> Result<Vec<TimelineEntry>, StoreError> {
        let (own, feed) = projection::history(&self.reader, id)?;
        let recorded_seq = own.first().ok_or(StoreError::NotFound { what: "application" })?.seq;
        let acknowledged = self.acknowledged()?.seq;
        let acts = standing(own, feed).acts;
        // Where the acknowledgement of the recording stands among them.
        let received = self.acknowledgement_of(recorded_seq)?;
        let received_before = received.map(|(ack_seq, _)| {
            acts.iter()
                .position(|(act, _)| match act {
                    OrderedAct::Feed(_) => true,
                    OrderedAct::Own(own) => own.seq > ack_seq,
                })
                .unwrap_or(acts.len())
        });
        let mut timeline = Vec::with_capacity(acts.len() + 1);
        for (act, applied) in acts {
            timeline.extend(match act {
                OrderedAct::Own(act) => self.own_entry(act, applied, acknowledged)?,
                OrderedAct::Feed(act) => feed_entry(act, applied),
            });
        }
        if let (Some(place), Some((_, at))) = (received_before, received) {
            timeline.insert(place.min(timeline.len()), received_entry(at));
        }
        Ok(timeline)
    }

    /// The first acknowledgement that covers an event: its own sequence and when it came.
    fn acknowledgement_of(&self, seq: u64) -> Result<Option<(u64, i64)>, StoreError> {
        let sql = "SELECT seq, came_at FROM acknowledgements WHERE seq >= :seq \
                   ORDER BY seq LIMIT 1";
        Ok(self
            .reader
            .prepare_cached(sql)?
            .query_row(named_params! { ":seq": to_sql(seq) }, |row| {
                Ok((from_sql(row.get("seq")?), row.get("came_at")?))
            })
            .optional()?)
    }

    fn own_entry(
        &self,
        act: OwnAct,
        applied: bool,
        acknowledged: u64,
    ) -> Result<Option<TimelineEntry>, StoreError> {
        let what = match act.body {
            EventBody::ApplicationRecorded(_) => Happening::Recorded,
            EventBody::ApplicationResubmitted(body) => Happening::Resubmitted { note: body.note },
            EventBody::ApplicationWithdrawn(body) => Happening::Withdrawn { reason: body.reason },
            EventBody::ApplicationDelivered(body) => {
                Happening::Delivered { recipient: body.recipient }
            }
            EventBody::ReceiptPrinted(body) => Happening::Printed { copy: body.copy },
            EventBody::LetterPrinted(body) => Happening::LetterPrinted { copy: body.copy },
            EventBody::NoteAdded(body) => Happening::Noted { text: body.text },
            EventBody::OperatorEnrolled(_) => return Ok(None),
        };
        Ok(Some(TimelineEntry {
            at: act.at,
            by: self.operator_name(act.operator)?,
            operator: Some(act.operator),
            what,
            applied,
            received: act.seq <= acknowledged,
        }))
    }
}

fn received_entry(at: i64) -> TimelineEntry {
    TimelineEntry {
        at,
        by: String::new(),
        operator: None,
        what: Happening::Received,
        applied: true,
        received: true,
    }
}

fn feed_entry(act: FeedAct, applied: bool) -> Option<TimelineEntry> {
    let what = match act.item.body {
        FeedBody::Accepted(_) => Happening::Accepted,
        FeedBody::Returned(body) => Happening::Returned { defects: body.defects, note: body.note },
        FeedBody::Approved(body) => Happening::Approved { note: body.note, letter: body.letter },
        FeedBody::Refused(body) => {
            Happening::Refused { reason_code: body.reason_code, note: body.note }
        }
        FeedBody::Note(body) => match body.handed_over() {
            Some(told) => Happening::HandedOver { title: told.title, text: body.text },
            None => Happening::AgencyNote { text: body.text },
        },
        FeedBody::EntryParked(body) => Happening::Parked { error: parked::reason(body) },
        FeedBody::Notice(_) | FeedBody::DayRoot(_) => return None,
    };
    Some(TimelineEntry {
        at: act.item.at_ms,
        by: act.item.by,
        operator: None,
        what,
        applied,
        received: true,
    })
}
