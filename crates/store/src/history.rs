//! The history of one application: the office's acts and the centre's, and the one order of both.
//!
//! Invariant: pure. Where an application stands is decided by `domain::lifecycle` alone, over the
//! order in which the centre did it; so office and centre, which see each other's acts late, come to
//! the same end.

use std::collections::{BTreeMap, BTreeSet};

use pishkhan_domain::application::Defect;
use pishkhan_domain::ids::OperatorId;
use pishkhan_domain::lifecycle::{Act, Party, State, apply};
use pishkhan_protocol::body::EventBody;
use pishkhan_protocol::feed::{FeedBody, FeedItem};

/// An act of this office on the application.
#[derive(Clone, Debug)]
pub(crate) struct OwnAct {
    pub(crate) seq: u64,
    pub(crate) at: i64,
    pub(crate) operator: OperatorId,
    pub(crate) body: EventBody,
}

/// An act of the centre or an agency on the application.
#[derive(Clone, Debug)]
pub(crate) struct FeedAct {
    pub(crate) number: u64,
    pub(crate) item: FeedItem,
}

/// One act, in the order of both sides.
#[derive(Clone, Debug)]
pub(crate) enum OrderedAct {
    Own(OwnAct),
    Feed(FeedAct),
}

/// Where the acts lead.
#[derive(Clone, Debug)]
pub(crate) struct Standing {
    pub(crate) state: State,
    /// The office's last act that moved it.
    pub(crate) state_seq: u64,
    /// The event that holds its content.
    pub(crate) content_seq: u64,
    pub(crate) accepted: bool,
    /// Of the last return, while it is returned.
    pub(crate) defects: Vec<Defect>,
    pub(crate) copies_printed: u32,
    /// Entries parked and not mended since, with the number of the feed's item.
    pub(crate) parked: BTreeMap<u64, u64>,
    /// Every act in order, and whether it was applied.
    pub(crate) acts: Vec<(OrderedAct, bool)>,
}

/// Orders the acts and applies them. Both lists are in their own order.
///
/// Each item names the last of our acts that the centre had before; ours behind the last item stand
/// as if they came in time. What the centre parked moved nothing there and moves nothing here.
pub(crate) fn standing(own: Vec<OwnAct>, feed: Vec<FeedAct>) -> Standing {
    let parked: BTreeSet<u64> = feed
        .iter()
        .filter_map(|act| match &act.item.body {
            FeedBody::EntryParked(parked) => Some(parked.seq),
            _ => None,
        })
        .collect();
    let mut standing = Standing::before_all();
    let mut own = own.into_iter().peekable();
    for item in feed {
        while let Some(act) = own.next_if(|act| act.seq <= item.item.after_seq) {
            standing.take_own(act, &parked);
        }
        standing.take_feed(item);
    }
    for act in own {
        standing.take_own(act, &parked);
    }
    standing
}

impl Standing {
    fn before_all() -> Self {
        Self {
            state: State::Draft,
            state_seq: 0,
            content_seq: 0,
            accepted: false,
            defects: Vec::new(),
            copies_printed: 0,
            parked: BTreeMap::new(),
            acts: Vec::new(),
        }
    }

    /// Would an act of the office, done now, be applied?
    pub(crate) fn allows_own(&self, body: &EventBody) -> bool {
        self.clone().apply_own(u64::MAX, body)
    }

    fn take_own(&mut self, act: OwnAct, parked: &BTreeSet<u64>) {
        let applied = if parked.contains(&act.seq) {
            self.apply_parked(act.seq, &act.body)
        } else {
            self.apply_own(act.seq, &act.body)
        };
        self.acts.push((OrderedAct::Own(act), applied));
    }

    /// An act that the centre could not use. A recording stands here all the same, to be mended;
    /// a print and a note are facts of this office and move nothing.
    fn apply_parked(&mut self, seq: u64, body: &EventBody) -> bool {
        match body {
            EventBody::ApplicationResubmitted(_) => {
                // What was typed last is what will be mended.
                if self.allows_own(body) {
                    self.content_seq = seq;
                    self.parked.clear();
                }
                false
            }
            EventBody::ApplicationWithdrawn(_) | EventBody::ApplicationDelivered(_) => false,
            _ => self.apply_own(seq, body),
        }
    }

    fn apply_own(&mut self, seq: u64, body: &EventBody) -> bool {
        match body {
            EventBody::ApplicationRecorded(_) => self.moved(Act::Record, seq, true),
            EventBody::ApplicationResubmitted(_) => {
                // What the centre parked may be mended although no officer returned it.
                let mends = self.parked.contains_key(&self.content_seq) && !self.state.is_closed();
                self.moved(Act::Resubmit, seq, true) || (mends && self.mended(seq))
            }
            EventBody::ApplicationWithdrawn(_) => self.moved(Act::Withdraw, seq, false),
            EventBody::ApplicationDelivered(_) => self.moved(Act::Deliver, seq, false),
            EventBody::ReceiptPrinted(printed) => {
                self.copies_printed = self.copies_printed.max(printed.copy);
                true
            }
            EventBody::NoteAdded(_) | EventBody::LetterPrinted(_) => true,
            EventBody::OperatorEnrolled(_) => false,
        }
    }

    /// Does the lifecycle allow an act of the office? If so, it is done.
    fn moved(&mut self, act: Act, seq: u64, new_content: bool) -> bool {
        let Ok(state) = apply(self.state, act, Party::Office) else { return false };
        self.state = state;
        self.settle();
        self.state_seq = seq;
        if new_content {
            self.content_seq = seq;
        }
        true
    }

    fn mended(&mut self, seq: u64) -> bool {
        self.settle();
        self.state_seq = seq;
        self.content_seq = seq;
        true
    }

    /// What stood open is done with.
    fn settle(&mut self) {
        self.parked.clear();
        self.defects.clear();
    }

    fn take_feed(&mut self, act: FeedAct) {
        let applied = match (&act.item.body, agency_act(&act.item.body)) {
            (body, Some(agency)) => match apply(self.state, agency, Party::Agency) {
                Ok(state) => {
                    self.state = state;
                    self.settle();
                    self.accepted |= agency == Act::Accept;
                    if let FeedBody::Returned(returned) = body {
                        self.defects.clone_from(&returned.defects);
                    }
                    true
                }
                Err(_) => false,
            },
            (FeedBody::EntryParked(parked), None) => {
                // A mending that overtook the message has settled it already.
                let open = parked.seq >= self.content_seq;
                if open {
                    self.parked.insert(parked.seq, act.number);
                }
                open
            }
            (_, None) => true,
        };
        self.acts.push((OrderedAct::Feed(act), applied));
    }
}

fn agency_act(body: &FeedBody) -> Option<Act> {
    match body {
        FeedBody::Accepted(_) => Some(Act::Accept),
        FeedBody::Returned(_) => Some(Act::Return),
        FeedBody::Approved(_) => Some(Act::Approve),
        FeedBody::Refused(_) => Some(Act::Refuse),
        FeedBody::Note(_)
        | FeedBody::EntryParked(_)
        | FeedBody::Notice(_)
        | FeedBody::DayRoot(_) => None,
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use pishkhan_domain::ids::{ApplicationId, EventId};
    use pishkhan_protocol::body::{ApplicationResubmitted, ApplicationWithdrawn};
    use pishkhan_protocol::feed::{Approved, EntryParked, Returned};

    use super::*;
    use crate::sample;

    const APPLICATION: ApplicationId = ApplicationId(uuid::Uuid::from_u128(9));

    fn own(seq: u64, body: EventBody) -> OwnAct {
        OwnAct { seq, at: 0, operator: sample::OPERATOR, body }
    }

    fn fed(number: u64, after_seq: u64, body: FeedBody) -> FeedAct {
        let id = EventId(uuid::Uuid::from_u128(u128::from(number)));
        FeedAct { number, item: FeedItem { id, at_ms: 0, by: String::new(), body, after_seq } }
    }

    fn recorded(seq: u64) -> OwnAct {
        own(seq, EventBody::ApplicationRecorded(Box::new(sample::recorded("0076229645"))))
    }

    fn resubmitted(seq: u64) -> OwnAct {
        let of = sample::recorded("0076229645");
        own(
            seq,
            EventBody::ApplicationResubmitted(Box::new(ApplicationResubmitted {
                application: APPLICATION,
                applicant: of.applicant,
                form: of.form,
                documents: of.documents,
                note: String::new(),
            })),
        )
    }

    fn withdrawn(seq: u64) -> OwnAct {
        let body = ApplicationWithdrawn { application: APPLICATION, reason: String::new() };
        own(seq, EventBody::ApplicationWithdrawn(body))
    }

    fn returned(number: u64, after_seq: u64) -> FeedAct {
        let defects =
            vec![Defect { field: "form.child_name".into(), reason: "ناخوانا".into() }];
        let body = Returned { application: APPLICATION, defects, note: String::new() };
        fed(number, after_seq, FeedBody::Returned(body))
    }

    fn accepted(number: u64, after_seq: u64) -> FeedAct {
        fed(number, after_seq, FeedBody::Accepted(APPLICATION))
    }

    fn approved(number: u64, after_seq: u64) -> FeedAct {
        let body = Approved { application: APPLICATION, note: String::new(), letter: None };
        fed(number, after_seq, FeedBody::Approved(body))
    }

    fn applied(standing: &Standing) -> Vec<bool> {
        standing.acts.iter().map(|(_, applied)| *applied).collect()
    }

    fn parked(number: u64, seq: u64) -> FeedAct {
        let parked = EntryParked {
            device: sample::DEVICE,
            seq,
            field: "form.child_name".into(),
            code: "text.required".into(),
            params: BTreeMap::new(),
        };
        fed(number, seq, FeedBody::EntryParked(parked))
    }

    #[test]
    fn a_withdrawal_that_the_decision_overtook_is_kept_and_not_applied() {
        let feed = vec![accepted(1, 1), approved(2, 1)];
        let standing = standing(vec![recorded(1), withdrawn(2)], feed);
        assert_eq!(standing.state, State::Approved);
        assert_eq!(standing.state_seq, 1);
        assert_eq!(applied(&standing), [true, true, true, false]);
    }

    #[test]
    fn a_withdrawal_before_any_decision_stands() {
        let standing = standing(vec![recorded(1), withdrawn(2)], vec![accepted(1, 1)]);
        assert_eq!(standing.state, State::Withdrawn);
        assert_eq!(applied(&standing), [true, true, true]);
    }

    #[test]
    fn each_item_stands_where_the_centre_did_it() {
        // Both orders are lawful, and end otherwise; no reply needs to have come in between.
        let feed = |after| vec![accepted(1, 1), approved(2, after)];
        let own = vec![recorded(1), withdrawn(2)];
        assert_eq!(standing(own.clone(), feed(1)).state, State::Approved);
        let withdrawn_first = standing(own, feed(2));
        assert_eq!(withdrawn_first.state, State::Withdrawn);
        assert_eq!(applied(&withdrawn_first), [true, true, true, false]);
    }

    #[test]
    fn an_act_that_the_lifecycle_never_allows_changes_nothing() {
        let standing = standing(vec![recorded(1)], vec![approved(1, 1), accepted(2, 1)]);
        assert_eq!(standing.state, State::Accepted);
        assert_eq!(applied(&standing), [true, false, true]);
    }

    #[test]
    fn defects_are_those_of_the_last_return_and_go_with_the_mending() {
        let feed = vec![accepted(1, 1), returned(2, 1)];
        assert_eq!(standing(vec![recorded(1)], feed.clone()).defects.len(), 1);
        let mended = standing(vec![recorded(1), resubmitted(2)], feed);
        assert_eq!(mended.state, State::Resubmitted);
        assert!(mended.defects.is_empty());
    }

    #[test]
    fn what_the_centre_parked_can_be_mended_without_a_return() {
        let feed = vec![parked(1, 1)];
        let standing_parked = standing(vec![recorded(1)], feed.clone());
        assert_eq!(standing_parked.parked, BTreeMap::from([(1, 1)]));
        let mended = standing(vec![recorded(1), resubmitted(2)], feed);
        assert!(mended.parked.is_empty());
        assert_eq!((mended.state, mended.content_seq), (State::Recorded, 2));
    }

    #[test]
    fn a_mending_that_the_centre_parked_moves_nothing_and_can_be_mended() {
        let feed = vec![accepted(1, 1), returned(2, 1), parked(3, 2)];
        let refused = standing(vec![recorded(1), resubmitted(2)], feed.clone());
        assert_eq!((refused.state, refused.defects.len()), (State::Returned, 1));
        assert_eq!(applied(&refused), [true, true, true, false, true]);
        assert_eq!((refused.content_seq, refused.state_seq), (2, 1));
        assert_eq!(refused.parked, BTreeMap::from([(2, 3)]));
        let again = standing(vec![recorded(1), resubmitted(2), resubmitted(3)], feed);
        assert_eq!((again.state, again.content_seq), (State::Resubmitted, 3));
        assert!(again.parked.is_empty());
    }
}
