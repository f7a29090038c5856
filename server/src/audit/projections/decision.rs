//! What the feed says was decided.

use pishkhan_domain::application::Defect;
use pishkhan_domain::ids::ApplicationId;
use pishkhan_domain::lifecycle::Act;
use pishkhan_protocol::feed::FeedBody;

use super::columns::stored;
use crate::storage::acts::ActRecord;

/// How the history begins the reason for which an application was taken up before an older one;
/// the office is told only that it was taken up.
const OUT_OF_ORDER: &str = "بیرون از نوبت: ";
/// Another agency's from now on; the office is told by a note.
pub(super) const HANDED_OVER: &str = "handed_over";

/// What an item of the feed says was done to an application. A new act of officers is written here
/// too, and what it changes in [`super::story`]; the stories of both stores fail until it is.
pub(super) struct Decision<'a> {
    pub(super) kind: &'static str,
    pub(super) text: &'a str,
    pub(super) defects: &'a [Defect],
    pub(super) act: Option<Act>,
    pub(super) sets_note: bool,
}

pub(super) fn decided(body: &FeedBody) -> Option<(ApplicationId, Decision<'_>)> {
    let plain =
        |kind, text, act| Decision { kind, text, defects: &[], act: Some(act), sets_note: true };
    Some(match body {
        FeedBody::Accepted(id) => {
            (*id, Decision { sets_note: false, ..plain("accepted", "", Act::Accept) })
        }
        FeedBody::Returned(body) => {
            let decision = plain("returned", &body.note, Act::Return);
            (body.application, Decision { defects: &body.defects, ..decision })
        }
        FeedBody::Approved(body) => (body.application, plain("approved", &body.note, Act::Approve)),
        FeedBody::Refused(body) => (body.application, plain("refused", &body.note, Act::Refuse)),
        FeedBody::Note(body) => {
            let decision = plain("note", &body.text, Act::Accept);
            (body.application, Decision { act: None, sets_note: false, ..decision })
        }
        FeedBody::EntryParked(_) | FeedBody::Notice(_) | FeedBody::DayRoot(_) => return None,
    })
}

impl Decision<'_> {
    /// Would this have been written into the history?
    pub(super) fn is(&self, act: &ActRecord, at: i64) -> bool {
        let text = stored(self.text);
        let same = act.kind == self.kind && act.text == text;
        let out_of_order = self.kind == "accepted"
            && act.kind == self.kind
            && act.text.strip_prefix(OUT_OF_ORDER).is_some_and(|reason| !reason.is_empty());
        let handed_over = self.kind == "note" && act.kind == HANDED_OVER && act.text == text;
        (same || out_of_order || handed_over)
            && act.defects == self.defects
            && act.applied
            && (act.acted_at, act.received_at) == (at, at)
    }
}
