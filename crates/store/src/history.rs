//! The history of one application: the office's acts and the centre's, and the one order of both.
//!
//! Invariant: pure. Where an application stands is decided by `domain::lifecycle` alone, over the
//! order found here; office and centre, which see each other's acts late, come to the same end.

use std::collections::{BTreeMap, VecDeque};

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
    /// Our event that the centre had before.
    pub(crate) after_seq: u64,
    /// Our last event that the centre had when it told us.
    pub(crate) until_seq: u64,
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
    last_own_seq: u64,
    /// Every act in order, and whether it was applied.
    pub(crate) acts: Vec<(OrderedAct, bool)>,
}

/// Orders the acts and applies them. Both lists are in their own order.
///
/// A feed's item surely came after the events that the centre had acknowledged before, and before
/// those that it did not have when it answered. Where the events between stand, nobody told us
/// (a reply may have been lost); but the centre applies only what is allowed, so when the item is
/// not possible yet, they came first. That this is the true order rests on the office doing only
/// what was allowed as it saw things, which `Store::append` sees to.
pub(crate) fn standing(own: Vec<OwnAct>, feed: Vec<FeedAct>) -> Standing {
    let mut standing = Standing::before_all();
    let mut own = VecDeque::from(own);
    for item in feed {
        while own.front().is_some_and(|act| act.seq <= item.after_seq) {
            standing.take_own(&mut own);
        }
        let mut ahead = standing.clone();
        let mut own_ahead = own.clone();
        while !ahead.allows(&item) && own_ahead.front().is_some_and(|act| act.seq <= item.until_seq)
        {
            ahead.take_own(&mut own_ahead);
        }
        if ahead.allows(&item) {
            (standing, own) = (ahead, own_ahead);
        }
        standing.take_feed(item);
    }
    while !own.is_empty() {
        standing.take_own(&mut own);
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
            last_own_seq: 0,
            acts: Vec::new(),
        }
    }

    /// Would an act of the office, done now, be applied?
    pub(crate) fn allows_own(&self, body: &EventBody) -> bool {
        self.clone().apply_own(u64::MAX, body)
    }

    fn take_own(&mut self, own: &mut VecDeque<OwnAct>) {
        let Some(act) = own.pop_front() else { return };
        let applied = self.apply_own(act.seq, &act.body);
        self.last_own_seq = act.seq;
        self.acts.push((OrderedAct::Own(act), applied));
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
            EventBody::NoteAdded(_) => true,
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

    fn allows(&self, item: &FeedAct) -> bool {
        match (&item.item.body, agency_act(&item.item.body)) {
            (_, Some(act)) => apply(self.state, act, Party::Agency).is_ok(),
            (FeedBody::EntryParked(parked), None) => self.last_own_seq >= parked.seq,
            (_, None) => self.state != State::Draft,
        }
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
        FeedBody::Note(_) | FeedBody::EntryParked(_) | FeedBody::Notice(_) => None,
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use pishkhan_domain::ids::{ApplicationId, EventId};
    use pishkhan_protocol::body::{ApplicationResubmitted, ApplicationWithdrawn};
    use pishkhan_protocol::feed::{Approved, Returned};

    use super::*;
    use crate::sample;

    const APPLICATION: ApplicationId = ApplicationId(uuid::Uuid::from_u128(9));

    fn own(seq: u64, body: EventBody) -> OwnAct {
        OwnAct { seq, at: 0, operator: sample::OPERATOR, body }
    }

    fn fed(number: u64, after_seq: u64, until_seq: u64, body: FeedBody) -> FeedAct {
        let id = EventId(uuid::Uuid::from_u128(u128::from(number)));
        let item = FeedItem { id, at_ms: 0, by: String::new(), body };
        FeedAct { number, after_seq, until_seq, item }
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

    fn returned(number: u64, after_seq: u64, until_seq: u64) -> FeedAct {
        let defects =
            vec![Defect { field: "form.child_name".into(), reason: "ناخوانا".into() }];
        let body = Returned { application: APPLICATION, defects, note: String::new() };
        fed(number, after_seq, until_seq, FeedBody::Returned(body))
    }

    fn accepted(number: u64, after_seq: u64, until_seq: u64) -> FeedAct {
        fed(number, after_seq, until_seq, FeedBody::Accepted(APPLICATION))
    }

    fn approved(number: u64, after_seq: u64, until_seq: u64) -> FeedAct {
        let body = Approved { application: APPLICATION, note: String::new() };
        fed(number, after_seq, until_seq, FeedBody::Approved(body))
    }

    fn applied(standing: &Standing) -> Vec<bool> {
        standing.acts.iter().map(|(_, applied)| *applied).collect()
    }

    #[test]
    fn a_withdrawal_that_the_decision_overtook_is_kept_and_not_applied() {
        let feed = vec![accepted(1, 1, 1), approved(2, 1, 2)];
        let standing = standing(vec![recorded(1), withdrawn(2)], feed);
        assert_eq!(standing.state, State::Approved);
        assert_eq!(standing.state_seq, 1);
        assert_eq!(applied(&standing), [true, true, true, false]);
    }

    #[test]
    fn a_withdrawal_before_any_decision_stands() {
        let standing = standing(vec![recorded(1), withdrawn(2)], vec![accepted(1, 1, 1)]);
        assert_eq!(standing.state, State::Withdrawn);
        assert_eq!(applied(&standing), [true, true, true]);
    }

    #[test]
    fn a_lost_reply_does_not_put_an_answer_before_what_it_answers() {
        // The centre had taken the resubmission, but its reply was lost: when the next one brought
        // the approval, only event 1 was known to be acknowledged.
        let feed = vec![accepted(1, 1, 1), returned(2, 1, 1), approved(3, 1, 2)];
        let standing = standing(vec![recorded(1), resubmitted(2)], feed);
        assert_eq!(standing.state, State::Approved);
        assert_eq!(standing.content_seq, 2);
        assert!(standing.defects.is_empty());
    }

    #[test]
    fn an_act_that_the_lifecycle_never_allows_changes_nothing() {
        let standing = standing(vec![recorded(1)], vec![approved(1, 1, 1), accepted(2, 1, 1)]);
        assert_eq!(standing.state, State::Accepted);
        assert_eq!(applied(&standing), [true, false, true]);
    }

    #[test]
    fn defects_are_those_of_the_last_return_and_go_with_the_mending() {
        let feed = vec![accepted(1, 1, 1), returned(2, 1, 1)];
        assert_eq!(standing(vec![recorded(1)], feed.clone()).defects.len(), 1);
        let mended = standing(vec![recorded(1), resubmitted(2)], feed);
        assert_eq!(mended.state, State::Resubmitted);
        assert!(mended.defects.is_empty());
    }

    #[test]
    fn what_the_centre_parked_can_be_mended_without_a_return() {
        let parked = pishkhan_protocol::feed::EntryParked {
            device: sample::DEVICE,
            seq: 1,
            field: "form.child_name".into(),
            code: "text.required".into(),
            params: BTreeMap::new(),
        };
        let feed = vec![fed(1, 1, 1, FeedBody::EntryParked(parked))];
        let standing_parked = standing(vec![recorded(1)], feed.clone());
        assert_eq!(standing_parked.parked, BTreeMap::from([(1, 1)]));
        let mended = standing(vec![recorded(1), resubmitted(2)], feed);
        assert!(mended.parked.is_empty());
        assert_eq!((mended.state, mended.content_seq), (State::Recorded, 2));
    }
}
