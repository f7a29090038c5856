//! Whatever happens in whatever order: what is computed as acts come is what is computed anew,
//! and office and centre come to the same end.

use pishkhan_domain::ids::ApplicationId;
use pishkhan_domain::lifecycle::{Act, Party, State, apply};
use pishkhan_protocol::body::{
    ApplicationDelivered, ApplicationResubmitted, ApplicationWithdrawn, EventBody, NoteAdded,
    ReceiptPrinted,
};
use pishkhan_protocol::feed::{Approved, EntryParked, FeedBody, Note, Refused, Returned};
use pishkhan_protocol::head::Head;
use proptest::prelude::*;
use std::collections::{BTreeMap, BTreeSet};

use super::{Feed, append, head_of, office, record_one, reply};
use crate::history::{OrderedAct, OwnAct, standing};
use crate::projection::history;
use crate::sample::{DEVICE, NOW, OPERATOR, recorded};
use crate::{ListFilter, Store, StoreError};

/// Everything computed, as text.
fn projections(store: &Store) -> Vec<String> {
    let mut found = Vec::new();
    for table in [
        "applications",
        "document_uses",
        "parked_entries",
        "operators",
        "service_counts",
        "application_counts",
        "notices",
    ] {
        let mut statement =
            store.reader.prepare(&format!("SELECT * FROM {table} ORDER BY 1, 2")).unwrap();
        let columns = statement.column_count();
        let mut rows = statement.query([]).unwrap();
        while let Some(row) = rows.next().unwrap() {
            let values: Vec<rusqlite::types::Value> =
                (0..columns).map(|column| row.get(column).unwrap()).collect();
            found.push(format!("{table}: {values:?}"));
        }
    }
    counts_are_those_of_the_lists(store);
    for query in ["علی", "کیانی", "اصلاح", "0076229645"] {
        let rows = store.applications(ListFilter::All, query, 100, None, NOW).unwrap();
        found.push(format!("{query}: {:?}", rows.iter().map(|row| row.seq).collect::<Vec<_>>()));
    }
    found
}

fn counts_are_those_of_the_lists(store: &Store) {
    let now = NOW + 40 * 86_400_000;
    let counts = store.work_counts(now).unwrap();
    for (filter, count) in [
        (ListFilter::Returned, counts.returned),
        (ListFilter::ToDeliver, counts.to_deliver),
        (ListFilter::Late, counts.late),
        (ListFilter::ToPrint, counts.to_print),
        (ListFilter::Parked, counts.parked),
    ] {
        let rows = store.applications(filter, "", u32::MAX, None, now).unwrap();
        assert_eq!(rows.len(), count as usize, "{filter:?}");
    }
    let rows = store.applications(ListFilter::All, "", u32::MAX, None, now).unwrap();
    let accepted = rows.iter().filter(|row| row.accepted).count();
    assert_eq!(store.accepted().unwrap() as usize, accepted);
}

/// What may happen. Numbers choose among the applications that there are; a faulty form is one that
/// the centre parks.
#[derive(Clone, Debug)]
enum Step {
    Record { faulty: bool },
    Resubmit { which: usize, faulty: bool },
    Withdraw(usize),
    Deliver(usize),
    Print(usize),
    Note(usize),
    Agency(usize, u8),
    Exchange { at_most: usize, reply_lost: bool },
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        2 => prop::bool::weighted(0.2).prop_map(|faulty| Step::Record { faulty }),
        4 => (any::<usize>(), prop::bool::weighted(0.3))
            .prop_map(|(which, faulty)| Step::Resubmit { which, faulty }),
        1 => any::<usize>().prop_map(Step::Withdraw),
        1 => any::<usize>().prop_map(Step::Deliver),
        1 => any::<usize>().prop_map(Step::Print),
        1 => any::<usize>().prop_map(Step::Note),
        8 => (any::<usize>(), 0_u8..5).prop_map(|(which, act)| Step::Agency(which, act)),
        6 => (1_usize..6, any::<bool>())
            .prop_map(|(at_most, reply_lost)| Step::Exchange { at_most, reply_lost }),
    ]
}

const FAULT: &str = "خطا";

/// An application at the centre; without a state while its recording is parked.
#[derive(Clone, Copy)]
struct AtCentre {
    state: Option<State>,
    last_seq: u64,
}

/// The centre as far as it matters here: it applies what is allowed in the order in which it comes,
/// and parks the rest.
struct Centre {
    received: u64,
    applications: BTreeMap<ApplicationId, AtCentre>,
    refused: BTreeSet<u64>,
    feed: Feed,
}

impl Centre {
    fn new() -> Self {
        let (applications, refused) = (BTreeMap::new(), BTreeSet::new());
        Self { received: 0, applications, refused, feed: Feed::new() }
    }

    fn take(&mut self, seq: u64, id: ApplicationId, body: &EventBody) {
        self.received = seq;
        let known = self.applications.get(&id).and_then(|known| known.state);
        let state = self.judge(known, body);
        let kept = AtCentre { state: state.unwrap_or(known), last_seq: seq };
        self.applications.insert(id, kept);
        if state.is_none() {
            self.refused.insert(seq);
            self.feed.push(FeedBody::EntryParked(EntryParked {
                device: DEVICE,
                seq,
                field: String::new(),
                code: "entry.unreadable".to_owned(),
                params: BTreeMap::new(),
            }));
        }
    }

    /// The state after an entry, or nothing if it is parked.
    fn judge(&self, known: Option<State>, body: &EventBody) -> Option<Option<State>> {
        let act = match body {
            EventBody::ApplicationRecorded(body) if body.applicant.last_name == FAULT => {
                return None;
            }
            EventBody::ApplicationResubmitted(body) if body.applicant.last_name == FAULT => {
                return None;
            }
            EventBody::ApplicationRecorded(_) => return Some(Some(State::Recorded)),
            // The form that the agency sees first.
            EventBody::ApplicationResubmitted(_) if known.is_none() => {
                return Some(Some(State::Recorded));
            }
            EventBody::ApplicationResubmitted(_) => Act::Resubmit,
            EventBody::ApplicationWithdrawn(_) => Act::Withdraw,
            EventBody::ApplicationDelivered(_) => Act::Deliver,
            _ => return known.map(Some),
        };
        apply(known?, act, Party::Office).ok().map(Some)
    }

    /// What an officer may do, does; everything else is refused at the console.
    fn agency(&mut self, id: ApplicationId, which: u8) {
        let Some(AtCentre { state: Some(before), last_seq }) = self.applications.get(&id).copied()
        else {
            return;
        };
        let note = String::new();
        let (act, body) = match which {
            0 => (Act::Accept, FeedBody::Accepted(id)),
            1 => {
                let body = Returned { application: id, defects: Vec::new(), note };
                (Act::Return, FeedBody::Returned(body))
            }
            2 => {
                (Act::Approve, FeedBody::Approved(Approved { application: id, note, letter: None }))
            }
            3 => {
                let body = Refused { application: id, reason_code: "age".to_owned(), note };
                (Act::Refuse, FeedBody::Refused(body))
            }
            _ => {
                let note = Note { application: id, text: "ملاحظه شد".into() };
                return self.feed.push_after(last_seq, FeedBody::Note(note));
            }
        };
        if let Ok(after) = apply(before, act, Party::Agency) {
            self.applications.insert(id, AtCentre { state: Some(after), last_seq });
            self.feed.push_after(last_seq, body);
        }
    }
}

fn resubmission(application: ApplicationId, faulty: bool) -> EventBody {
    let mut of = recorded("0076229645");
    of.applicant.last_name = if faulty { FAULT } else { "اصلاح" }.to_owned();
    EventBody::ApplicationResubmitted(Box::new(ApplicationResubmitted {
        application,
        applicant: of.applicant,
        form: of.form,
        documents: of.documents,
        note: String::new(),
    }))
}

fn exchange(store: &mut Store, centre: &mut Centre, at_most: usize, reply_lost: bool) {
    for event in store.entries_after(centre.received, usize::MAX, at_most).unwrap() {
        let body = EventBody::from_bytes(&event.body).unwrap();
        let own = ApplicationId::from(event.rest.id);
        let id = crate::projection::application_of(&body, own).unwrap_or(own);
        centre.take(event.core.seq, id, &body);
    }
    if !reply_lost {
        let received = match centre.received {
            0 => Head::EMPTY,
            seq => head_of(&store.event(seq).unwrap()),
        };
        let applied = store.apply_reply(&reply(store, received, &centre.feed)).unwrap();
        assert_eq!(applied.feed_trouble, None);
    }
}

/// Does what the office may do as it sees things; the counter offers nothing else.
fn attempt(store: &mut Store, body: EventBody) {
    match store.append(OPERATOR, NOW, vec![body], &[]) {
        Ok(_) | Err(StoreError::NotAllowed) => {}
        Err(other) => panic!("{other:?}"),
    }
}

fn play(steps: &[Step]) -> (tempfile::TempDir, Store, Centre) {
    let (dir, mut store) = office();
    let mut centre = Centre::new();
    let mut ids = vec![record_one(&mut store, "0076229645")];
    for step in steps {
        let pick = |which: &usize| ids[which % ids.len()];
        match step {
            Step::Record { faulty } => {
                let mut body = recorded("1583250689");
                if *faulty {
                    body.applicant.last_name = FAULT.to_owned();
                }
                let body = EventBody::ApplicationRecorded(Box::new(body));
                ids.push(append(&mut store, body).rest.id.into());
            }
            Step::Resubmit { which, faulty } => {
                attempt(&mut store, resubmission(pick(which), *faulty));
            }
            Step::Withdraw(which) => {
                let body = ApplicationWithdrawn { application: pick(which), reason: String::new() };
                attempt(&mut store, EventBody::ApplicationWithdrawn(body));
            }
            Step::Deliver(which) => {
                let recipient = "شخص نمونه".to_owned();
                let body = ApplicationDelivered { application: pick(which), recipient };
                attempt(&mut store, EventBody::ApplicationDelivered(body));
            }
            Step::Print(which) => {
                let body = ReceiptPrinted { application: pick(which), copy: 1 };
                attempt(&mut store, EventBody::ReceiptPrinted(body));
            }
            Step::Note(which) => {
                let body =
                    NoteAdded { application: pick(which), text: "یادداشت".to_owned() };
                attempt(&mut store, EventBody::NoteAdded(body));
            }
            Step::Agency(which, act) => centre.agency(pick(which), *act),
            Step::Exchange { at_most, reply_lost } => {
                exchange(&mut store, &mut centre, *at_most, *reply_lost);
            }
        }
    }
    exchange(&mut store, &mut centre, usize::MAX, false);
    (dir, store, centre)
}

fn moves(act: &OwnAct) -> bool {
    use EventBody::{ApplicationDelivered, ApplicationResubmitted, ApplicationWithdrawn};
    matches!(
        act.body,
        ApplicationResubmitted(_) | ApplicationWithdrawn(_) | ApplicationDelivered(_)
    )
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 40, ..ProptestConfig::default() })]

    #[test]
    fn what_is_computed_anew_is_what_was_computed_as_it_came(
        steps in prop::collection::vec(step(), 1..40)
    ) {
        let (_dir, mut store, _) = play(&steps);
        let before = projections(&store);
        store.rebuild_projections().unwrap();
        prop_assert_eq!(projections(&store), before);
    }

    #[test]
    fn office_and_centre_come_to_the_same_end_in_whatever_order_they_acted(
        steps in prop::collection::vec(step(), 1..40)
    ) {
        let (_dir, store, centre) = play(&steps);
        for (id, at_centre) in &centre.applications {
            let row = store.row(*id, NOW).unwrap();
            let here = if row.state == State::Received { State::Recorded } else { row.state };
            // What the agency never saw stands as recorded, to be mended.
            prop_assert_eq!(here, at_centre.state.unwrap_or(State::Recorded));
            prop_assert!(at_centre.state.is_some() || row.parked);
            let (own, feed) = history(&store.reader, *id).unwrap();
            for (act, applied) in standing(own, feed).acts {
                match act {
                    OrderedAct::Own(act) if moves(&act) => {
                        prop_assert_eq!(applied, !centre.refused.contains(&act.seq));
                    }
                    OrderedAct::Own(_) => {}
                    OrderedAct::Feed(act) => {
                        let parked = matches!(act.item.body, FeedBody::EntryParked(_));
                        prop_assert!(applied || parked, "an officer's act is not applied");
                    }
                }
            }
        }
    }
}
