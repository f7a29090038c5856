//! What every store of the centre must do. The same stories run on both.

use pishkhan_domain::application::Defect;
use pishkhan_domain::content_hash::ContentHash;
use pishkhan_domain::ids::{ApplicationId, OfficeCode};
use pishkhan_domain::lifecycle::State;
use pishkhan_protocol::body::{ApplicationResubmitted, EventBody, NoteAdded, ReceiptPrinted};
use pishkhan_protocol::derive::DeviceSecret;
use pishkhan_protocol::enrolment::EnrolReply;
use pishkhan_protocol::event::Hash;
use pishkhan_protocol::exchange::{ExchangeReply, Verdict};
use pishkhan_protocol::feed::{EntryParked, FeedBody, FeedItem, feed_hash};
use pishkhan_protocol::keys::SecretKey;
use pishkhan_server::enrolment::{EnrolError, enrol};
use pishkhan_server::exchange::{ExchangeError, exchange};
use pishkhan_server::officer::{ActError, act};
use pishkhan_server::projection::OfficerAct;
use pishkhan_server::storage::applications::{self, Application};
use pishkhan_server::storage::{devices, events, feed, identity, queue};

use crate::fixture::{OFFICE, TestCentre, TestDevice, enrol_request, on_both_stores};

on_both_stores!(
    a_code_enrols_one_device_and_no_second,
    a_lost_reply_does_not_burn_the_code,
    an_expired_code_enrols_nobody,
    a_resent_batch_is_accepted_once,
    a_batch_whose_reply_was_lost_is_accepted_once,
    a_batch_from_beyond_the_head_is_a_gap_and_stores_nothing,
    a_second_history_is_kept_aside_and_the_first_stands,
    entries_that_do_not_give_the_signed_head_are_not_taken,
    a_poison_entry_is_parked_and_the_rest_arrive,
    a_parked_application_can_be_mended_and_sent_again,
    each_item_names_the_entry_it_came_after,
    a_request_signed_by_another_is_not_answered,
    feed_numbers_have_no_gaps_under_concurrency,
    the_feed_is_linked_and_comes_in_pages,
    events_and_feed_cannot_be_changed,
    a_centre_restored_from_an_older_copy_accepts_the_resend,
    the_identity_survives_a_restart,
    catalogue_comes_down_signed,
);

pub(crate) async fn application(centre: &TestCentre, id: ApplicationId) -> Option<Application> {
    let mut unit = centre.centre.storage.read().await.unwrap();
    applications::find(unit.as_mut(), &OfficeCode::from(OFFICE), id).await.unwrap()
}

pub(crate) async fn counts(centre: &TestCentre, device: &TestDevice) -> (u64, u64) {
    let mut unit = centre.centre.storage.read().await.unwrap();
    events::counts(unit.as_mut(), &OfficeCode::from(OFFICE), device.number).await.unwrap()
}

pub(crate) async fn queue_length(centre: &TestCentre) -> usize {
    let mut unit = centre.centre.storage.read().await.unwrap();
    let agency = centre.officer().agency;
    let filter = queue::QueueFilter::of(&queue::ALL);
    queue::page(unit.as_mut(), &agency, &filter, None, 1_000).await.unwrap().len()
}

pub(crate) fn bodies(reply: &ExchangeReply) -> Vec<FeedBody> {
    reply.feed.iter().map(|entry| FeedItem::from_bytes(&entry.item).unwrap().body).collect()
}

pub(crate) fn parked(reply: &ExchangeReply) -> Vec<EntryParked> {
    let parked = bodies(reply).into_iter().filter_map(|body| match body {
        FeedBody::EntryParked(parked) => Some(parked),
        _ => None,
    });
    parked.collect()
}

pub(crate) async fn decide(
    centre: &TestCentre,
    id: ApplicationId,
    what: OfficerAct,
) -> Result<State, ActError> {
    let seen = application(centre, id).await.map_or(0, |application| application.changed_at);
    act(&centre.centre, &centre.officer(), id, seen, what).await
}

/// Taking up, whatever waits longer.
pub(crate) fn at_once() -> OfficerAct {
    OfficerAct::TakeOutOfOrder { reason: "نمونه: بیمار بستری است".to_owned() }
}

pub(crate) fn a_return() -> OfficerAct {
    let defect = Defect {
        field: "documents.birth-certificate".to_owned(),
        reason: "تصویر خوانا نیست".to_owned(),
    };
    OfficerAct::Return { defects: vec![defect], note: String::new() }
}

async fn a_code_enrols_one_device_and_no_second(centre: TestCentre) {
    let code = centre.code().await;
    let key = SecretKey::from_seed(&[1; 32]);
    // As people type it.
    let typed = format!("{}-{}", &code[..8].to_lowercase(), &code[8..]);
    let first = enrol(&centre.centre, &enrol_request(typed, &key)).await.unwrap();
    let another = SecretKey::from_seed(&[2; 32]);
    let second = enrol(&centre.centre, &enrol_request(code, &another)).await;
    assert!(matches!(second, Err(EnrolError::CodeInvalid)));
    let wrong = enrol(&centre.centre, &enrol_request("ABCD".to_owned(), &key)).await;
    assert!(matches!(wrong, Err(EnrolError::CodeInvalid)));
    assert_eq!(centre.device().await.number.0, first.device.0 + 1, "no number is wasted");
}

async fn a_lost_reply_does_not_burn_the_code(centre: TestCentre) {
    let code = centre.code().await;
    let request = enrol_request(code.clone(), &SecretKey::from_seed(&[1; 32]));
    let lost = enrol(&centre.centre, &request).await.unwrap();
    centre.pass(60_000);
    let again = enrol(&centre.centre, &request).await.unwrap();
    assert_eq!(again.at_ms, lost.at_ms + 60_000);
    assert_eq!(EnrolReply { at_ms: lost.at_ms, ..again }, lost);
    let thief = enrol_request(code, &SecretKey::from_seed(&[2; 32]));
    assert!(matches!(enrol(&centre.centre, &thief).await, Err(EnrolError::CodeInvalid)));

    let mut heard = centre.device().await;
    assert_eq!(heard.number.0, lost.device.0 + 1, "no number is wasted");
    heard.number = lost.device;
    heard.secret = DeviceSecret(lost.secret);
    heard.key = SecretKey::from_seed(&[1; 32]);
    assert_eq!(heard.ask(&centre.centre, None).await.verdict, Verdict::Ok);
    assert!(matches!(enrol(&centre.centre, &request).await, Err(EnrolError::CodeInvalid)));
}

async fn an_expired_code_enrols_nobody(centre: TestCentre) {
    let code = centre.code().await;
    let key = SecretKey::from_seed(&[1; 32]);
    let spent = centre.code().await;
    enrol(&centre.centre, &enrol_request(spent.clone(), &key)).await.unwrap();
    centre.pass(3 * 24 * 60 * 60 * 1_000);
    for code in [code, spent] {
        let late = enrol(&centre.centre, &enrol_request(code, &key)).await;
        assert!(matches!(late, Err(EnrolError::CodeInvalid)));
    }
}

async fn a_resent_batch_is_accepted_once(centre: TestCentre) {
    let mut device = centre.device().await;
    let id = device.record();
    device.record();
    let first = device.sync(&centre.centre).await;
    assert_eq!((first.verdict, first.received), (Verdict::Ok, device.head()));
    assert_eq!(first.safe_seq, 2);
    let again = device.ask(&centre.centre, Some(device.batch(0, 2))).await;
    assert_eq!((again.verdict, again.received), (Verdict::Ok, device.head()));
    device.record();
    let overlapping = device.ask(&centre.centre, Some(device.batch(1, 3))).await;
    assert_eq!((overlapping.verdict, overlapping.received), (Verdict::Ok, device.head()));
    assert_eq!(counts(&centre, &device).await, (3, 0));
    assert_eq!(queue_length(&centre).await, 3);
    assert_eq!(application(&centre, id).await.unwrap().state, State::Received);
}

async fn a_batch_whose_reply_was_lost_is_accepted_once(centre: TestCentre) {
    let mut device = centre.device().await;
    device.record();
    // The device hears nothing of this.
    device.ask(&centre.centre, Some(device.batch(0, 1))).await;
    device.record();
    let reply = device.sync(&centre.centre).await;
    assert_eq!((reply.verdict, reply.received), (Verdict::Ok, device.head()));
    assert_eq!(counts(&centre, &device).await, (2, 0));
    assert_eq!(queue_length(&centre).await, 2);
}

async fn a_batch_from_beyond_the_head_is_a_gap_and_stores_nothing(centre: TestCentre) {
    let mut device = centre.device().await;
    for _ in 0..3 {
        device.record();
    }
    let reply = device.ask(&centre.centre, Some(device.batch(2, 3))).await;
    assert_eq!((reply.verdict, reply.received.seq), (Verdict::Gap, 0));
    assert_eq!(counts(&centre, &device).await, (0, 0));
    let reply = device.sync(&centre.centre).await;
    assert_eq!((reply.verdict, reply.received), (Verdict::Ok, device.head()));
}

async fn a_second_history_is_kept_aside_and_the_first_stands(centre: TestCentre) {
    let mut device = centre.device().await;
    device.record();
    device.sync(&centre.centre).await;
    let mut other = device.copy();
    let kept = device.record();
    device.sync(&centre.centre).await;
    let mut recorded = other.recorded();
    recorded.applicant.first_name = "مریم".to_owned();
    other.add(&EventBody::ApplicationRecorded(Box::new(recorded)));
    other.lease = device.lease;
    let reply = other.ask(&centre.centre, Some(other.batch(1, 2))).await;
    assert_eq!((reply.verdict, reply.received), (Verdict::Fork, device.head()));
    assert_eq!(counts(&centre, &device).await, (2, 1));
    // The same fork again is the same fork.
    other.ask(&centre.centre, Some(other.batch(1, 2))).await;
    assert_eq!(counts(&centre, &device).await, (2, 1));
    assert_eq!(application(&centre, kept).await.unwrap().content.applicant.first_name, "زهرا");
}

async fn entries_that_do_not_give_the_signed_head_are_not_taken(centre: TestCentre) {
    let mut device = centre.device().await;
    device.record();
    device.record();
    let mut batch = device.batch(0, 2);
    batch.entries = device.batch(0, 1).entries;
    let reply = device.ask(&centre.centre, Some(batch)).await;
    assert_eq!((reply.verdict, reply.received.seq), (Verdict::BadChain, 0));
    let mut batch = device.batch(0, 2);
    batch.codec = 99;
    let reply = device.ask(&centre.centre, Some(batch)).await;
    assert_eq!((reply.verdict, reply.received.seq), (Verdict::Unsupported, 0));
    assert_eq!(counts(&centre, &device).await, (0, 0));
}

async fn a_poison_entry_is_parked_and_the_rest_arrive(centre: TestCentre) {
    let mut device = centre.device().await;
    device.record();
    device.add_bytes(2, b"not a body".to_vec());
    device.add_bytes(77, vec![0x80]);
    let mut unknown_card = device.recorded();
    unknown_card.card_version = ContentHash([9; 32]);
    device.add(&EventBody::ApplicationRecorded(Box::new(unknown_card)));
    let mut unknown_service = device.recorded();
    unknown_service.card_version = ContentHash([9; 32]);
    unknown_service.service = "no-such-service".into();
    device.add(&EventBody::ApplicationRecorded(Box::new(unknown_service)));
    let mut unfit = device.recorded();
    unfit.form.remove("child_name");
    device.add(&EventBody::ApplicationRecorded(Box::new(unfit)));
    let mut paperless = device.recorded();
    paperless.documents.clear();
    device.add(&EventBody::ApplicationRecorded(Box::new(paperless)));
    let nobody = ApplicationId::from_bytes([5; 16]);
    device.add(&EventBody::NoteAdded(NoteAdded { application: nobody, text: "نمونه".into() }));
    device.record();
    let reply = device.sync(&centre.centre).await;
    assert_eq!((reply.verdict, reply.received), (Verdict::Ok, device.head()));
    let told: Vec<(u64, String, String)> =
        parked(&reply).into_iter().map(|parked| (parked.seq, parked.field, parked.code)).collect();
    let expected = [
        (2, "", "entry.unreadable"),
        (3, "", "entry.unreadable"),
        (4, "service", "card.version_unknown"),
        (5, "service", "service.unknown"),
        (6, "form.child_name", "field.required"),
        (7, "documents.birth-certificate", "document.required"),
        (8, "application", "application.not_found"),
    ];
    let expected: Vec<(u64, String, String)> =
        expected.map(|(seq, field, code)| (seq, field.to_owned(), code.to_owned())).to_vec();
    assert_eq!(told, expected);
    assert_eq!(queue_length(&centre).await, 2);
    assert_eq!(counts(&centre, &device).await, (9, 0));
    let again = device.ask(&centre.centre, Some(device.batch(0, 9))).await;
    assert!(again.feed.is_empty(), "nothing is parked twice");
}

async fn a_parked_application_can_be_mended_and_sent_again(centre: TestCentre) {
    let mut device = centre.device().await;
    // Mended after the centre has told of it, and before it has heard of it at all.
    for told_between in [true, false] {
        let good = device.recorded();
        let mut unfit = device.recorded();
        unfit.form.remove("place");
        let id = device.add(&EventBody::ApplicationRecorded(Box::new(unfit)));
        let recorded = device.log.last().unwrap().core.clone();
        if told_between {
            let reply = device.sync(&centre.centre).await;
            assert_eq!(parked(&reply).len(), 1);
            assert_eq!(application(&centre, id).await, None);
        }
        device.add(&EventBody::ApplicationResubmitted(Box::new(ApplicationResubmitted {
            application: id,
            applicant: good.applicant,
            form: good.form,
            documents: good.documents,
            note: String::new(),
        })));
        let reply = device.sync(&centre.centre).await;
        assert_eq!(parked(&reply).len(), usize::from(!told_between));
        let mended = application(&centre, id).await.unwrap();
        assert_eq!((mended.state, mended.seq), (State::Received, recorded.seq));
        assert_eq!(Some(mended.tracking_code.as_u64()), recorded.tracking_code);
    }
}

async fn each_item_names_the_entry_it_came_after(centre: TestCentre) {
    let mut device = centre.device().await;
    let mut other = centre.device().await;
    let printed = |id| EventBody::ReceiptPrinted(ReceiptPrinted { application: id, copy: 1 });
    let mended = |device: &TestDevice, id, faulty: bool| {
        let mut of = device.recorded();
        if faulty {
            of.form.remove("place");
        }
        EventBody::ApplicationResubmitted(Box::new(ApplicationResubmitted {
            application: id,
            applicant: of.applicant,
            form: of.form,
            documents: of.documents,
            note: String::new(),
        }))
    };
    let id = device.record();
    device.add(&printed(id));
    let another = device.record();
    device.sync(&centre.centre).await;
    decide(&centre, id, OfficerAct::Accept).await.unwrap();
    // What another device says of it, under its own numbers, is not counted.
    for _ in 0..9 {
        other.add(&EventBody::NoteAdded(NoteAdded { application: id, text: "نمونه".into() }));
    }
    other.sync(&centre.centre).await;
    decide(&centre, id, a_return()).await.unwrap();
    // Parked, but stored before the officer's next act.
    device.add(&mended(&device, id, true));
    device.sync(&centre.centre).await;
    decide(&centre, another, OfficerAct::Accept).await.unwrap();
    assert_eq!(application(&centre, id).await.unwrap().last_seq, 4);
    device.add(&mended(&device, id, false));
    // Too late.
    device.add(&mended(&device, id, false));
    device.sync(&centre.centre).await;
    decide(&centre, id, OfficerAct::Approve { note: String::new() }).await.unwrap();
    device.feed_cursor = 0;
    let reply = device.sync(&centre.centre).await;
    let items = reply.feed.iter().map(|entry| FeedItem::from_bytes(&entry.item).unwrap());
    let after: Vec<u64> = items.map(|item| item.after_seq).collect();
    assert_eq!(after, [2, 2, 4, 3, 6, 6]);
}

async fn a_request_signed_by_another_is_not_answered(centre: TestCentre) {
    let device = centre.device().await;
    let mut thief = centre.device().await;
    thief.number = device.number;
    let sealed = thief.seal(&thief.request(None));
    let answer = exchange(&centre.centre, &sealed).await;
    assert!(matches!(answer, Err(ExchangeError::NotUnderstood(_))));
    thief.number.0 = 4_242;
    let sealed = thief.seal(&thief.request(None));
    assert!(matches!(exchange(&centre.centre, &sealed).await, Err(ExchangeError::UnknownDevice)));
    let answer = exchange(&centre.centre, b"GET / HTTP/1.1").await;
    assert!(matches!(answer, Err(ExchangeError::NotUnderstood(_))));
}

async fn feed_numbers_have_no_gaps_under_concurrency(centre: TestCentre) {
    let mut writers = Vec::new();
    for _ in 0..4 {
        let mut device = centre.device().await;
        let shared = centre.centre.clone();
        writers.push(tokio::spawn(async move {
            for _ in 0..5 {
                device.record();
                device.add_bytes(99, vec![0x80]);
                device.sync(&shared).await;
            }
        }));
    }
    for writer in writers {
        writer.await.unwrap();
    }
    let mut unit = centre.centre.storage.read().await.unwrap();
    let office = OfficeCode::from(OFFICE);
    let items = feed::after(unit.as_mut(), &office, 0, 1_000).await.unwrap();
    let numbers: Vec<u64> = items.iter().map(|(entry, _)| entry.number).collect();
    assert_eq!(numbers, (1..=20).collect::<Vec<u64>>());
    drop(unit);
    assert_eq!(queue_length(&centre).await, 20);
}

async fn the_feed_is_linked_and_comes_in_pages(centre: TestCentre) {
    let mut device = centre.device().await;
    for _ in 0..450 {
        device.add_bytes(99, vec![0x80]);
    }
    let mut reply = device.sync(&centre.centre).await;
    let mut hash: Hash = [0; 32];
    let mut seen = 0;
    let mut pages = 0;
    loop {
        for entry in &reply.feed {
            seen += 1;
            assert_eq!(entry.number, seen);
            hash = feed_hash(&hash, entry.number, &entry.item);
        }
        pages += 1;
        assert_eq!(reply.feed_hash, hash);
        if !reply.more {
            break;
        }
        reply = device.sync(&centre.centre).await;
    }
    assert_eq!((seen, pages), (450, 1));
    assert_eq!(device.sync(&centre.centre).await.feed_hash, hash, "at the cursor");
}

async fn events_and_feed_cannot_be_changed(centre: TestCentre) {
    let mut device = centre.device().await;
    device.record();
    device.add_bytes(99, vec![0x80]);
    device.sync(&centre.centre).await;
    for statement in [
        "UPDATE events SET received_at = 0",
        "DELETE FROM events",
        "UPDATE feed SET created_at = 0",
        "DELETE FROM feed",
    ] {
        let mut unit = centre.centre.storage.begin().await.unwrap();
        assert!(unit.execute(statement, vec![vec![]]).await.is_err(), "{statement}");
    }
    assert_eq!(counts(&centre, &device).await, (2, 0));
}

/// Restored: the database is that of an earlier day, and the administrator has said so.
async fn a_centre_restored_from_an_older_copy_accepts_the_resend(centre: TestCentre) {
    let mut device = centre.device().await;
    device.record();
    device.sync(&centre.centre).await;
    let accepted = device.log[0].rest.id.into();
    decide(&centre, accepted, OfficerAct::Accept).await.unwrap();
    // What the centre forgets: everything after this, as if from a backup of now.
    let backup = {
        let mut unit = centre.centre.storage.read().await.unwrap();
        let office = OfficeCode::from(OFFICE);
        devices::find(unit.as_mut(), &office, device.number).await.unwrap().unwrap()
    };
    let newer = centre.device().await;
    let mut ahead = device.copy();
    ahead.record();
    ahead.record();
    // The device believes that the centre has it all, under a lease that the centre never gave.
    ahead.received = 3;
    ahead.lease = Some([7; 16]);
    ahead.feed_cursor = 99;
    let mut unit = centre.centre.storage.begin().await.unwrap();
    identity::set_epoch(unit.as_mut(), [8; 16]).await.unwrap();
    unit.commit().await.unwrap();
    let reply = ahead.ask(&centre.centre, None).await;
    assert_eq!((reply.epoch, reply.received), ([8; 16], backup.head));
    assert_eq!((reply.verdict, reply.catalogue.len()), (Verdict::Ok, 1));
    assert_eq!(bodies(&reply).len(), 1, "the feed begins again");
    ahead.feed_cursor = 0;
    ahead.keep(&reply);
    assert_eq!(ahead.received, 1, "the centre's head decides what is sent");
    let reply = ahead.sync(&centre.centre).await;
    assert_eq!((reply.verdict, reply.received), (Verdict::Ok, ahead.head()));
    assert_eq!(queue_length(&centre).await, 3);
    assert_eq!(newer.ask(&centre.centre, None).await.verdict, Verdict::Ok);
}

async fn the_identity_survives_a_restart(mut centre: TestCentre) {
    let mut device = centre.device().await;
    device.record();
    device.sync(&centre.centre).await;
    centre.restart().await;
    device.record();
    let reply = device.sync(&centre.centre).await;
    assert_eq!((reply.verdict, reply.received), (Verdict::Ok, device.head()));
}

async fn catalogue_comes_down_signed(centre: TestCentre) {
    let device = centre.device().await;
    let reply = device.ask(&centre.centre, None).await;
    let [entry] = &reply.catalogue[..] else { panic!("one publication") };
    let purpose = pishkhan_protocol::keys::Purpose::Publication;
    device.centre_key.verify(purpose, &entry.bytes, &entry.signature).unwrap();
    assert_eq!(ContentHash::of(&entry.bytes), centre.card_version);
    let mut request = device.request(None);
    request.catalogue_cursor = entry.number;
    let sealed = device.seal(&request);
    let reply = device.open(&exchange(&centre.centre, &sealed).await.unwrap());
    assert!(reply.catalogue.is_empty());
}
