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
use std::collections::BTreeMap;

use super::{Feed, head_of, office, record_one, reply};
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
    for query in ["علی", "کیانی", "اصلاح", "0076229645"] {
        let rows = store.applications(ListFilter::All, query, 100, 0, NOW).unwrap();
        found.push(format!("{query}: {:?}", rows.iter().map(|row| row.seq).collect::<Vec<_>>()));
    }
    found
}

/// What may happen. Numbers choose among the applications that there are.
#[derive(Clone, Debug)]
enum Step {
    Record,
    Resubmit(usize),
    Withdraw(usize),
    Deliver(usize),
    Print(usize),
    Note(usize),
    Agency(usize, u8),
    Exchange { reply_lost: bool },
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        2 => Just(Step::Record),
        2 => any::<usize>().prop_map(Step::Resubmit),
        1 => any::<usize>().prop_map(Step::Withdraw),
        1 => any::<usize>().prop_map(Step::Deliver),
        1 => any::<usize>().prop_map(Step::Print),
        1 => any::<usize>().prop_map(Step::Note),
        8 => (any::<usize>(), 0_u8..6).prop_map(|(which, act)| Step::Agency(which, act)),
        5 => any::<bool>().prop_map(|reply_lost| Step::Exchange { reply_lost }),
    ]
}

/// The centre as far as it matters here: it applies what is allowed in the order in which it comes.
#[derive(Default)]
struct Centre {
    received: u64,
    states: BTreeMap<ApplicationId, State>,
}

impl Centre {
    fn take(&mut self, seq: u64, id: ApplicationId, body: &EventBody) {
        self.received = seq;
        let (act, before) = match body {
            EventBody::ApplicationRecorded(_) => (Act::Record, State::Draft),
            EventBody::ApplicationResubmitted(_) => (Act::Resubmit, self.states[&id]),
            EventBody::ApplicationWithdrawn(_) => (Act::Withdraw, self.states[&id]),
            EventBody::ApplicationDelivered(_) => (Act::Deliver, self.states[&id]),
            _ => return,
        };
        if let Ok(state) = apply(before, act, Party::Office) {
            self.states.insert(id, state);
        }
    }

    /// What an officer may do, does; everything else is refused at the console.
    fn agency(&mut self, id: ApplicationId, which: u8) -> Option<FeedBody> {
        let before = *self.states.get(&id)?;
        let (act, body) = match which {
            0 => (Act::Accept, FeedBody::Accepted(id)),
            1 => {
                let body = Returned { application: id, defects: Vec::new(), note: String::new() };
                (Act::Return, FeedBody::Returned(body))
            }
            2 => {
                let body = Approved { application: id, note: String::new() };
                (Act::Approve, FeedBody::Approved(body))
            }
            3 => {
                let body =
                    Refused { application: id, reason_code: "age".to_owned(), note: String::new() };
                (Act::Refuse, FeedBody::Refused(body))
            }
            4 => {
                return Some(FeedBody::Note(Note {
                    application: id, text: "ملاحظه شد".into()
                }));
            }
            _ => {
                return Some(FeedBody::EntryParked(EntryParked {
                    device: DEVICE,
                    seq: self.received,
                    field: String::new(),
                    code: "entry.unreadable".to_owned(),
                    params: BTreeMap::new(),
                }));
            }
        };
        let after = apply(before, act, Party::Agency).ok()?;
        self.states.insert(id, after);
        Some(body)
    }
}

fn resubmission(application: ApplicationId) -> EventBody {
    let mut of = recorded("0076229645");
    of.applicant.last_name = "اصلاح".to_owned();
    EventBody::ApplicationResubmitted(Box::new(ApplicationResubmitted {
        application,
        applicant: of.applicant,
        form: of.form,
        documents: of.documents,
        note: String::new(),
    }))
}

fn exchange(store: &mut Store, centre: &mut Centre, feed: &Feed, reply_lost: bool) {
    for event in store.entries_after(centre.received, usize::MAX, usize::MAX).unwrap() {
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
        let applied = store.apply_reply(&reply(store, received, feed)).unwrap();
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

fn play(steps: &[Step], with_parked: bool) -> (tempfile::TempDir, Store, Centre) {
    let (dir, mut store) = office();
    let (mut centre, mut feed) = (Centre::default(), Feed::new());
    let mut ids = vec![record_one(&mut store, "0076229645")];
    for step in steps {
        let pick = |which: &usize| ids[which % ids.len()];
        match step {
            Step::Record => ids.push(record_one(&mut store, "1583250689")),
            Step::Resubmit(which) => attempt(&mut store, resubmission(pick(which))),
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
            Step::Agency(_, 5) if !with_parked => {}
            Step::Agency(which, act) => {
                if let Some(body) = centre.agency(pick(which), *act) {
                    feed.push(body);
                }
            }
            Step::Exchange { reply_lost } => {
                exchange(&mut store, &mut centre, &feed, *reply_lost);
            }
        }
    }
    exchange(&mut store, &mut centre, &feed, false);
    (dir, store, centre)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 40, ..ProptestConfig::default() })]

    #[test]
    fn what_is_computed_anew_is_what_was_computed_as_it_came(
        steps in prop::collection::vec(step(), 1..40)
    ) {
        let (_dir, mut store, _) = play(&steps, true);
        let before = projections(&store);
        store.rebuild_projections().unwrap();
        prop_assert_eq!(projections(&store), before);
    }

    #[test]
    fn office_and_centre_come_to_the_same_end_though_replies_are_lost(
        steps in prop::collection::vec(step(), 1..40)
    ) {
        let (_dir, store, centre) = play(&steps, false);
        for (id, at_centre) in &centre.states {
            let here = match store.row(*id, NOW).unwrap().state {
                State::Received => State::Recorded,
                other => other,
            };
            prop_assert_eq!(here, *at_centre);
        }
    }
}
