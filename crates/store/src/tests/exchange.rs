use std::collections::BTreeMap;

use pishkhan_domain::application::Defect;
use pishkhan_domain::ids::ApplicationId;
use pishkhan_domain::lifecycle::State;
use pishkhan_protocol::anchor::Anchor;
use pishkhan_protocol::body::{
    ApplicationResubmitted, EventBody, OperatorEnrolled, ReceiptPrinted,
};
use pishkhan_protocol::feed::{Approved, EntryParked, FeedBody, Note, Notice, Returned};
use pishkhan_protocol::head::Head;
use pishkhan_protocol::keys::SignatureBytes;

use super::searching::{card, published};
use super::{Feed, append, head_of, office, record_one, reply};
use crate::sample::{DEVICE, EPOCH, NOW, OPERATOR, data_key, record, recorded};
use crate::{FeedTrouble, Happening, ListFilter, ReplyEffects, Store, StoreError};

const RESTORED: [u8; 16] = [6; 16];

fn resubmit(application: ApplicationId) -> EventBody {
    let of = recorded("0076229645");
    EventBody::ApplicationResubmitted(Box::new(ApplicationResubmitted {
        application,
        applicant: of.applicant,
        form: of.form,
        documents: of.documents,
        note: "نام فرزند اصلاح شد".to_owned(),
    }))
}

fn print(application: ApplicationId) -> EventBody {
    EventBody::ReceiptPrinted(ReceiptPrinted { application, copy: 1 })
}

fn returned(application: ApplicationId) -> FeedBody {
    let defect = Defect { field: "form.child_name".into(), reason: "ناخوانا".into() };
    FeedBody::Returned(Returned { application, defects: vec![defect], note: String::new() })
}

fn approved(application: ApplicationId) -> FeedBody {
    FeedBody::Approved(Approved { application, note: String::new(), letter: None })
}

fn parked(seq: u64) -> FeedBody {
    FeedBody::EntryParked(EntryParked {
        device: DEVICE,
        seq,
        field: "form.child_name".into(),
        code: "text.required".into(),
        params: BTreeMap::new(),
    })
}

fn state(store: &Store, id: ApplicationId) -> State {
    store.row(id, NOW).unwrap().state
}

#[test]
fn received_is_said_when_the_centre_acknowledged_and_not_before() {
    let (_dir, mut store) = office();
    let event = append(&mut store, record("0076229645"));
    let id = event.rest.id.into();
    append(&mut store, print(id));
    let waiting = store.waiting().unwrap();
    assert_eq!((waiting.recorded, waiting.applications, waiting.other_entries), (1, 1, 1));
    assert_eq!(waiting.oldest_at, Some(NOW));
    assert_eq!((state(&store, id), store.row(id, NOW).unwrap().received), (State::Recorded, false));

    let applied = store.apply_reply(&reply(&store, head_of(&event), &Feed::new())).unwrap();
    assert!(applied.acknowledged_moved);
    assert_eq!((state(&store, id), store.row(id, NOW).unwrap().received), (State::Received, true));
    let waiting = store.waiting().unwrap();
    assert_eq!((waiting.applications, waiting.other_entries), (0, 1));
    assert_eq!(store.sync_state().unwrap().last_received_at, Some(NOW + 1_000));
    let happenings: Vec<_> = store.timeline(id).unwrap().into_iter().map(|e| e.what).collect();
    let printed = Happening::Printed { copy: 1 };
    assert_eq!(happenings, [Happening::Recorded, Happening::Received, printed]);
}

#[test]
fn a_head_that_is_not_ours_is_a_fork_and_changes_nothing() {
    let (_dir, mut store) = office();
    record_one(&mut store, "0076229645");
    let before = store.sync_state().unwrap();
    let mut feed = Feed::new();
    feed.push(FeedBody::Notice(Notice { title: String::new(), text: String::new() }));
    for received in [
        Head { seq: 1, hash: [1; 32] },
        Head { seq: 2, hash: [1; 32] },
        Head { seq: 0, hash: [1; 32] },
    ] {
        let fork = store.apply_reply(&reply(&store, received, &feed));
        assert!(matches!(fork, Err(StoreError::Fork)));
        assert_eq!(store.sync_state().unwrap(), before);
    }
    assert!(store.notices().unwrap().is_empty());
}

#[test]
fn answers_of_the_agency_come_down_and_survive_a_restart() {
    let (dir, mut store) = office();
    let event = append(&mut store, record("0076229645"));
    let id = event.rest.id.into();
    let mut feed = Feed::new();
    feed.push(FeedBody::Accepted(id));
    feed.push(returned(id));
    let applied = store.apply_reply(&reply(&store, head_of(&event), &feed)).unwrap();
    assert_eq!(applied.applications, [id]);
    drop(store);
    let mut store = Store::open(dir.path(), &data_key()).unwrap();
    let row = store.row(id, NOW).unwrap();
    assert_eq!((row.state, row.accepted, row.defects.len()), (State::Returned, true, 1));
    assert_eq!(store.sync_state().unwrap().feed_cursor, 2);
    assert_eq!(store.work_counts(NOW).unwrap().returned, 1);

    append(&mut store, resubmit(id));
    let row = store.row(id, NOW).unwrap();
    assert_eq!((row.state, row.received, row.defects.len()), (State::Resubmitted, false, 0));
    let list = store.applications(ListFilter::Waiting, "", 10, None, NOW).unwrap();
    assert_eq!(list[0].id, id);
}

#[test]
fn a_note_of_a_handing_over_names_the_agency_and_any_other_does_not() {
    let (_dir, mut store) = office();
    let event = append(&mut store, record("0076229645"));
    let id = event.rest.id.into();
    let handed = Note::handing_over(&"water-company".into(), "آب و فاضلاب", "کار ما نیست");
    let mut feed = Feed::new();
    for text in ["اصل سند را هم بیاورند", &handed] {
        feed.push(FeedBody::Note(Note { application: id, text: text.to_owned() }));
    }
    store.apply_reply(&reply(&store, head_of(&event), &feed)).unwrap();
    let timeline = store.timeline(id).unwrap();
    let told: Vec<_> = timeline.into_iter().rev().take(2).map(|entry| entry.what).collect();
    assert_eq!(
        told,
        [
            Happening::HandedOver { title: "آب و فاضلاب".to_owned(), text: handed },
            Happening::AgencyNote { text: "اصل سند را هم بیاورند".to_owned() },
        ]
    );
}

#[test]
fn the_same_reply_twice_is_harmless() {
    let (_dir, mut store) = office();
    let event = append(&mut store, record("0076229645"));
    let id = event.rest.id.into();
    let mut feed = Feed::new();
    feed.push(FeedBody::Accepted(id));
    feed.push(FeedBody::Notice(Notice { title: "اطلاعیه".into(), text: "متن".into() }));
    let effects = reply(&store, head_of(&event), &feed);
    store.apply_reply(&effects).unwrap();
    let before = store.sync_state().unwrap();
    let again = store.apply_reply(&effects).unwrap();
    assert_eq!((again.feed_trouble, again.acknowledged_moved, again.notices), (None, false, 0));
    assert_eq!(store.sync_state().unwrap(), before);
    assert_eq!(store.notices().unwrap().len(), 1);
}

#[test]
fn a_feed_with_a_gap_is_not_taken_but_the_acknowledgement_is() {
    let (_dir, mut store) = office();
    let event = append(&mut store, record("0076229645"));
    let id = event.rest.id.into();
    let mut feed = Feed::new();
    for body in [FeedBody::Accepted(id), returned(id), approved(id)] {
        feed.push(body);
    }
    let mut effects = reply(&store, head_of(&event), &feed);
    effects.feed.remove(1);
    let applied = store.apply_reply(&effects).unwrap();
    assert_eq!(applied.feed_trouble, Some(FeedTrouble::Gap { expected: 2 }));
    let state = store.sync_state().unwrap();
    assert_eq!(
        (state.feed_cursor, state.acknowledged.seq),
        (0, 1),
        "none of it, not even number 1"
    );
}

#[test]
fn a_feed_that_tells_another_history_is_not_taken_and_can_be_begun_anew() {
    let (_dir, mut store) = office();
    let event = append(&mut store, record("0076229645"));
    let id = event.rest.id.into();
    let mut feed = Feed::new();
    feed.push(FeedBody::Accepted(id));
    store.apply_reply(&reply(&store, head_of(&event), &feed)).unwrap();
    // The centre says now that number 1 was something else.
    let mut other = Feed::new();
    other.push(returned(id));
    other.push(FeedBody::Accepted(id));
    let applied = store.apply_reply(&reply(&store, head_of(&event), &other)).unwrap();
    assert_eq!(applied.feed_trouble, Some(FeedTrouble::Mismatch { at: 2 }));
    assert_eq!(store.sync_state().unwrap().feed_cursor, 1);

    store.restart_feed().unwrap();
    assert_eq!(state(&store, id), State::Received);
    let applied = store.apply_reply(&reply(&store, head_of(&event), &other)).unwrap();
    assert_eq!(applied.feed_trouble, None);
    assert_eq!(state(&store, id), State::Accepted);
    let kept: i64 =
        store.reader.query_row("SELECT count(*) FROM feed", [], |row| row.get(0)).unwrap();
    assert_eq!(kept, 3, "what was told before is kept as evidence");
}

#[test]
fn an_item_of_a_kind_not_known_yet_is_kept_and_blocks_nothing() {
    let (_dir, mut store) = office();
    let event = append(&mut store, record("0076229645"));
    let id: ApplicationId = event.rest.id.into();
    let mut feed = Feed::new();
    feed.push_bytes(b"\x84\x50of a later version".to_vec());
    feed.push(FeedBody::Accepted(id));
    let applied = store.apply_reply(&reply(&store, head_of(&event), &feed)).unwrap();
    assert_eq!((applied.feed_trouble, applied.applications), (None, vec![id]));
    assert_eq!(state(&store, id), State::Accepted);
    assert_eq!(store.sync_state().unwrap().feed_cursor, 2);
}

#[test]
fn a_restored_centre_gets_again_what_it_lost_and_nothing_is_believed_lost_here() {
    let (_dir, mut store) = office();
    let first = append(&mut store, record("0076229645"));
    let id = first.rest.id.into();
    let mut feed = Feed::new();
    feed.push(FeedBody::Accepted(id));
    feed.push(returned(id));
    store.apply_reply(&reply(&store, head_of(&first), &feed)).unwrap();
    let second = append(&mut store, resubmit(id));
    let third = append(&mut store, record("1583250689"));
    let lost_feed = feed.clone();
    feed.push_after(2, approved(id));
    store.apply_reply(&reply(&store, head_of(&third), &feed)).unwrap();
    assert_eq!(state(&store, id), State::Approved);
    assert_eq!(store.waiting().unwrap().applications, 0);

    // Restored to the time after the resubmission: event 3 and the approval are gone.
    let mut effects = reply(&store, head_of(&second), &lost_feed);
    effects.epoch = RESTORED;
    let applied = store.apply_reply(&effects).unwrap();
    assert!(applied.epoch_changed && applied.acknowledged_moved);
    assert_eq!(applied.feed_trouble, None);
    let sync = store.sync_state().unwrap();
    assert_eq!((sync.epoch, sync.acknowledged.seq, sync.feed_cursor), (RESTORED, 2, 0));
    let waiting = store.entries_after(sync.acknowledged.seq, usize::MAX, 10).unwrap();
    assert_eq!(waiting.iter().map(|event| event.core.seq).collect::<Vec<_>>(), [3]);
    assert_eq!(store.row(third.rest.id.into(), NOW).unwrap().state, State::Recorded);

    // The feed comes again from its beginning; the return still stands before the resubmission.
    let mut effects = reply(&store, head_of(&third), &lost_feed);
    effects.epoch = RESTORED;
    store.apply_reply(&effects).unwrap();
    assert_eq!(state(&store, id), State::Resubmitted);
    let mut again = lost_feed;
    again.push_after(2, approved(id));
    let mut effects = reply(&store, head_of(&third), &again);
    effects.epoch = RESTORED;
    store.apply_reply(&effects).unwrap();
    assert_eq!(state(&store, id), State::Approved);
    assert_eq!(store.waiting().unwrap().applications, 0);
}

#[test]
fn what_the_centre_parked_is_shown_with_its_reason_until_it_is_mended() {
    let (_dir, mut store) = office();
    let event = append(&mut store, record("0076229645"));
    let id = event.rest.id.into();
    let enrolled =
        OperatorEnrolled { operator: OPERATOR, name: "اپراتور نمونه".into() };
    let stray = append(&mut store, EventBody::OperatorEnrolled(enrolled));
    let mut feed = Feed::new();
    feed.push(parked(1));
    feed.push(parked(stray.core.seq));
    feed.push(parked(77));
    store.apply_reply(&reply(&store, head_of(&stray), &feed)).unwrap();
    let entries = store.parked(NOW).unwrap();
    let of_ours = entries.iter().find(|entry| entry.seq == 1).unwrap();
    assert_eq!(of_ours.application.as_ref().unwrap().id, id);
    assert_eq!(of_ours.error.code, "text.required");
    assert!(store.row(id, NOW).unwrap().parked);
    assert_eq!(store.applications(ListFilter::Parked, "", 10, None, NOW).unwrap().len(), 1);

    append(&mut store, resubmit(id));
    assert!(!store.row(id, NOW).unwrap().parked);
    assert!(store.parked(NOW).unwrap().iter().all(|entry| entry.application.is_none()));
}

#[test]
fn the_office_does_only_what_it_may_do_now() {
    let (_dir, mut store) = office();
    let event = append(&mut store, record("0076229645"));
    let id = event.rest.id.into();
    let refused = store.append(OPERATOR, NOW, vec![resubmit(id)], &[]);
    assert!(matches!(refused, Err(StoreError::NotAllowed)));
    let nobody = store.append(OPERATOR, NOW, vec![print(ApplicationId(uuid::Uuid::nil()))], &[]);
    assert!(matches!(nobody, Err(StoreError::NotFound { what: "application" })));
    let mut feed = Feed::new();
    feed.push(FeedBody::Accepted(id));
    feed.push(returned(id));
    store.apply_reply(&reply(&store, head_of(&event), &feed)).unwrap();
    let twice = store.append(OPERATOR, NOW, vec![resubmit(id), resubmit(id)], &[]);
    assert!(matches!(twice, Err(StoreError::NotAllowed)));
    assert_eq!(store.head().unwrap().seq, 1, "all or nothing");
    append(&mut store, resubmit(id));
}

#[test]
fn a_message_stays_read_when_the_feed_starts_over() {
    let (_dir, mut store) = office();
    let mut feed = Feed::new();
    feed.push(FeedBody::Notice(Notice { title: "تعطیلی".into(), text: "متن".into() }));
    store.apply_reply(&reply(&store, Head::EMPTY, &feed)).unwrap();
    assert_eq!(store.work_counts(NOW).unwrap().notices_unread, 1);
    store.mark_notice_read(1, NOW).unwrap();
    let missing = store.mark_notice_read(2, NOW);
    assert!(matches!(missing, Err(StoreError::NotFound { what: "notice" })));
    let mut effects = reply(&store, Head::EMPTY, &feed);
    effects.epoch = RESTORED;
    store.apply_reply(&effects).unwrap();
    let mut effects = reply(&store, Head::EMPTY, &feed);
    effects.epoch = RESTORED;
    store.apply_reply(&effects).unwrap();
    let notices = store.notices().unwrap();
    assert_eq!((notices.len(), notices[0].read), (1, true));
}

#[test]
fn the_newest_card_is_offered_and_every_older_one_is_kept() {
    let (_dir, mut store) = office();
    let (old, new) = (published(1, card("قدیم")), published(4, card("جدید")));
    let mut effects = reply(&store, Head::EMPTY, &Feed::new());
    let unknown = {
        let bytes = br#"{"kind":"of_a_later_version"}"#.to_vec();
        let purpose = pishkhan_protocol::keys::Purpose::Publication;
        let signature = crate::sample::centre_key().sign(purpose, &bytes);
        pishkhan_protocol::exchange::CatalogueEntry { number: 2, bytes, signature, base: None }
    };
    effects.catalogue = vec![old.clone(), unknown, new.clone()];
    assert_eq!(store.apply_reply(&effects).unwrap().publications, 3);
    let cards = store.cards().unwrap();
    assert_eq!((cards.len(), cards[0].card.title.fa.as_str()), (1, "جدید"));
    assert_eq!(store.newest_card(&cards[0].card.code).unwrap().unwrap(), cards[0]);
    let version = pishkhan_domain::content_hash::ContentHash::of(&old.bytes);
    assert_eq!(store.card(version).unwrap().unwrap().card.title.fa, "قدیم");
    assert_eq!(store.sync_state().unwrap().catalogue_cursor, 4);

    // After a restored centre has published the old card again, that one is the newest.
    let mut effects = reply(&store, Head::EMPTY, &Feed::new());
    effects.epoch = RESTORED;
    store.apply_reply(&effects).unwrap();
    assert_eq!(store.cards().unwrap()[0].card.title.fa, "جدید");
    assert_eq!(store.sync_state().unwrap().catalogue_cursor, 0);
    effects.catalogue = vec![old];
    store.apply_reply(&effects).unwrap();
    assert_eq!(store.cards().unwrap()[0].card.title.fa, "قدیم");
}

#[test]
fn a_publication_that_the_centre_did_not_sign_is_not_taken() {
    let (_dir, mut store) = office();
    let mut forged = published(2, card("جعلی"));
    forged.signature = SignatureBytes([1; 64]);
    let mut effects = reply(&store, Head::EMPTY, &Feed::new());
    effects.catalogue = vec![published(1, card("درست")), forged, published(3, card("بعدی"))];
    let applied = store.apply_reply(&effects).unwrap();
    assert_eq!((applied.publications, applied.bad_publication), (1, Some(2)));
    assert_eq!(store.sync_state().unwrap().catalogue_cursor, 1);
    assert_eq!(store.cards().unwrap()[0].card.title.fa, "درست");
}

#[test]
fn the_next_filing_carries_the_newest_anchor() {
    let (_dir, mut store) = office();
    let newest = Anchor { at_ms: NOW, nonce: [2; 16] };
    for anchor in [newest, Anchor { at_ms: NOW - 1, nonce: [1; 16] }] {
        let mut effects = reply(&store, Head::EMPTY, &Feed::new());
        effects.anchor = Some(anchor);
        effects.lease = Some([4; 16]);
        effects.clock_offset_ms = Some(-5);
        store.apply_reply(&effects).unwrap();
    }
    let sync = store.sync_state().unwrap();
    assert_eq!((sync.lease, sync.clock_offset_ms, sync.epoch), (Some([4; 16]), Some(-5), EPOCH));
    assert_eq!(append(&mut store, record("0076229645")).core.anchor, Some(newest));
}

#[test]
fn a_lease_is_not_shown_in_another_epoch() {
    let (_dir, mut store) = office();
    let mut effects = reply(&store, Head::EMPTY, &Feed::new());
    effects.lease = Some([4; 16]);
    store.apply_reply(&effects).unwrap();
    // What a courier brings gives no lease.
    effects = ReplyEffects { epoch: [6; 16], lease: None, ..effects };
    store.apply_reply(&effects).unwrap();
    assert_eq!(store.sync_state().unwrap().lease, None);
}

#[test]
fn lists_hold_what_they_say() {
    let (_dir, mut store) = office();
    let ids: Vec<ApplicationId> = (0..4).map(|_| record_one(&mut store, "0076229645")).collect();
    append(&mut store, print(ids[0]));
    let mut feed = Feed::new();
    for (seq, id) in [(2, ids[1]), (3, ids[2])] {
        feed.push_after(seq, FeedBody::Accepted(id));
    }
    feed.push_after(2, approved(ids[1]));
    feed.push_after(3, returned(ids[2]));
    let head = store.head().unwrap();
    store.apply_reply(&reply(&store, head, &feed)).unwrap();
    let list = |filter, now| -> Vec<ApplicationId> {
        let rows = store.applications(filter, "", 10, None, now).unwrap();
        rows.iter().map(|row| row.id).collect()
    };
    assert_eq!(list(ListFilter::ToPrint, NOW), [ids[3], ids[2], ids[1]]);
    assert_eq!(list(ListFilter::ToDeliver, NOW), [ids[1]]);
    assert_eq!(list(ListFilter::Returned, NOW), [ids[2]]);
    assert_eq!(list(ListFilter::Today, NOW).len(), 4);
    assert!(list(ListFilter::Late, NOW).is_empty());
    // Due on 8 December: late from the 9th on, and only what the agency has to answer.
    let day_ms = 86_400_000;
    assert!(list(ListFilter::Late, NOW + 14 * day_ms).is_empty());
    assert_eq!(list(ListFilter::Late, NOW + 15 * day_ms), [ids[0], ids[3]]);
    assert!(list(ListFilter::Today, NOW + day_ms).is_empty());
    let counts = store.work_counts(NOW + 15 * day_ms).unwrap();
    assert_eq!((counts.today, counts.late, counts.to_print, counts.to_deliver), (0, 2, 3, 1));
}

#[test]
fn every_list_goes_on_where_it_stopped() {
    let (_dir, mut store) = office();
    let ids: Vec<ApplicationId> = (0..9).map(|_| record_one(&mut store, "0076229645")).collect();
    let (head, mut feed) = (store.head().unwrap(), Feed::new());
    for (seq, id) in (1..).zip(&ids).filter(|(seq, _)| seq % 3 != 0) {
        feed.push_after(seq, FeedBody::Accepted(*id));
        feed.push_after(seq, if seq % 3 == 1 { approved(*id) } else { returned(*id) });
    }
    store.apply_reply(&reply(&store, Head { seq: 1, hash: hash_of(&store, 1) }, &feed)).unwrap();
    assert_eq!(head.seq, 9);
    let late = NOW + 40 * 86_400_000;
    for filter in [
        ListFilter::All,
        ListFilter::Today,
        ListFilter::Waiting,
        ListFilter::Returned,
        ListFilter::ToDeliver,
        ListFilter::Late,
        ListFilter::ToPrint,
    ] {
        let now = if filter == ListFilter::Late { late } else { NOW };
        for query in ["", "علی"] {
            let part = |limit, after| -> Vec<ApplicationId> {
                let rows = store.applications(filter, query, limit, after, now).unwrap();
                rows.iter().map(|row| row.id).collect()
            };
            let whole = part(100, None);
            assert!(whole.len() > 2, "{filter:?} {query}");
            let mut parts: Vec<ApplicationId> = Vec::new();
            loop {
                let next = part(2, parts.last().copied());
                if next.is_empty() {
                    break;
                }
                parts.extend(next);
            }
            assert_eq!(parts, whole, "{filter:?} {query}");
        }
    }
    let counts = store.work_counts(late).unwrap();
    assert_eq!((counts.returned, counts.to_deliver, counts.late, counts.to_print), (3, 3, 3, 9));
}

fn hash_of(store: &Store, seq: u64) -> pishkhan_protocol::event::Hash {
    store.event(seq).unwrap().hash()
}
