//! The short form: believed only under the code of this very request, and left for the full form
//! whenever something is out of the ordinary.

use pishkhan_protocol::exchange::Verdict;
use pishkhan_protocol::packing::{pack, unpack};
use pishkhan_protocol::short::{Implied, SessionKey, ShortEnvelope, ShortReply};
use pishkhan_sync::conversation::{self, Asked, Form, Outgoing, Speech};
use pishkhan_sync::engine::{Activity, Answer, Order};

use crate::memory_centre::MemoryCentre;
use crate::memory_office::{FIRST_EPOCH, MemoryOffice, device_secret};
use crate::mock_centre::{Instead, MockCentre};
use crate::over_http::{in_background, office_and_centre, once};

const NOW: i64 = 1_800_000_000_000;

fn order(after_seq: u64) -> Order {
    Order {
        after_seq,
        max_bytes: 100_000,
        max_entries: 100,
        whole_most_bytes: 100_000,
        parcels: false,
        piece_most_bytes: 100_000,
        reply_most_bytes: 32_768,
        wants_token: false,
        token_first: false,
    }
}

fn request(office: &MemoryOffice, after_seq: u64) -> Outgoing {
    conversation::request(office, order(after_seq), &Speech::default(), NOW, "test").unwrap()
}

fn take(office: &mut MemoryOffice, outgoing: &Outgoing, reply: &[u8]) -> Result<u64, String> {
    let Outgoing { asked, sent, .. } = outgoing;
    let incoming = conversation::read_reply(office, reply, asked, *sent, NOW);
    let incoming = incoming.map_err(|error| error.to_string())?;
    let mut troubles = conversation::FeedTroubles::default();
    conversation::apply(office, &incoming, &mut troubles).unwrap();
    Ok(incoming.facts.received_seq)
}

/// An office in session: it has spoken in the full form, and three entries are there.
fn in_session() -> (MemoryOffice, MemoryCentre) {
    let (mut office, mut centre) = (MemoryOffice::new("http://localhost"), MemoryCentre::new());
    for text in ["یک", "دو", "سه"] {
        office.record(text);
    }
    let first = request(&office, 0);
    assert_eq!(first.asked.form(), Form::Full, "before there is a lease");
    let reply = centre.exchange(&first.bytes, NOW).unwrap();
    assert_eq!(take(&mut office, &first, &reply), Ok(3));
    (office, centre)
}

#[test]
fn an_ordinary_session_is_in_the_short_form_and_says_the_same() {
    let (mut office, mut centre) = in_session();
    office.record("چهار");
    centre.tell("خبر");
    let outgoing = request(&office, 3);
    assert_eq!(outgoing.asked.form(), Form::Short);
    let reply = centre.short(&outgoing.bytes, NOW).unwrap();
    assert_eq!(take(&mut office, &outgoing, &reply), Ok(4));
    assert_eq!(centre.stored.log, office.log);
    assert_eq!(office.state.acknowledged, centre.head());
    assert_eq!(office.feed.len(), 1);
    assert!(outgoing.bytes.len() < 200, "{} bytes", outgoing.bytes.len());
    assert!(reply.len() < 200, "{} bytes", reply.len());
}

#[test]
fn a_reply_to_a_request_before_is_not_believed_in_the_full_form() {
    let (mut office, mut centre) = in_session();
    office.record("چهار");
    let full = Speech::default().in_full();
    let ask = |office: &MemoryOffice| {
        conversation::request(office, order(3), &full, NOW, "test").unwrap()
    };
    let old = ask(&office);
    let old_reply = centre.exchange(&old.bytes, NOW).unwrap();
    assert_eq!(take(&mut office, &old, &old_reply), Ok(4));
    let new = ask(&office);
    assert_eq!(
        take(&mut office, &new, &old_reply),
        Err("a reply of the centre to another request".to_owned())
    );
    let reply = centre.exchange(&new.bytes, NOW).unwrap();
    assert_eq!(take(&mut office, &new, &reply), Ok(4));
}

#[test]
fn a_reply_with_one_wrong_bit_is_not_believed() {
    let (mut office, mut centre) = in_session();
    office.record("چهار");
    let outgoing = request(&office, 3);
    let reply = centre.short(&outgoing.bytes, NOW).unwrap();
    let before = office.state.clone();
    for bit in 0..reply.len() * 8 {
        let mut spoiled = reply.clone();
        spoiled[bit / 8] ^= 1 << (bit % 8);
        assert!(take(&mut office, &outgoing, &spoiled).is_err(), "bit {bit}");
    }
    assert_eq!(office.state, before);
    assert_eq!(take(&mut office, &outgoing, &reply), Ok(4));
}

/// Somebody who has the session's key, as the centre has, but other hashes than this office.
fn reply_under(outgoing: &Outgoing, message: &ShortReply, implied: [[u8; 32]; 2]) -> Vec<u8> {
    let Asked::Short { lease, code } = outgoing.asked else { panic!("in full") };
    let packed = pack(&message.to_bytes(), 0);
    let mut envelope = ShortEnvelope {
        device: crate::memory_office::DEVICE,
        encoding: packed.encoding,
        dictionary: packed.dictionary,
        payload: packed.payload,
        code: [0; 16],
    };
    let [received_hash, feed_hash] = &implied;
    let implied = Implied { request: &code, received_hash, feed_hash };
    let key = SessionKey::of(&device_secret(), &FIRST_EPOCH, &lease);
    envelope.code = key.code_of_reply(&envelope, &implied);
    envelope.to_bytes()
}

#[test]
fn a_centre_with_another_history_or_another_feed_is_noticed_though_no_hash_travels() {
    let (mut office, mut centre) = in_session();
    office.record("چهار");
    let outgoing = request(&office, 3);
    let reply = centre.short(&outgoing.bytes, NOW).unwrap();
    let envelope = ShortEnvelope::from_bytes(&reply).unwrap();
    let message =
        unpack(envelope.encoding, envelope.dictionary, &envelope.payload, 10_000).unwrap();
    let message = ShortReply::from_bytes(&message).unwrap();
    let true_hashes = [centre.head().hash, office.state.feed_hash];
    for (place, at) in [(0, "received"), (1, "feed")] {
        let mut other = true_hashes;
        other[place][31] ^= 1;
        let reply = reply_under(&outgoing, &message, other);
        assert!(take(&mut office, &outgoing, &reply).is_err(), "another hash of the {at}");
    }
    let longer = ShortReply { received_seq: 9, ..message.clone() };
    let reply = reply_under(&outgoing, &longer, true_hashes);
    assert!(take(&mut office, &outgoing, &reply).is_err(), "a log that is longer than ours");
    let reply = reply_under(&outgoing, &message, true_hashes);
    assert_eq!(take(&mut office, &outgoing, &reply), Ok(4), "the key alone was not the reason");
}

#[test]
fn the_reply_to_an_earlier_request_is_not_believed_again() {
    let (mut office, mut centre) = in_session();
    let first = request(&office, 3);
    let old = centre.short(&first.bytes, NOW).unwrap();
    // It is lost, and comes late, to a request under the same lease.
    office.record("چهار");
    let second = request(&office, 3);
    assert_eq!(first.lease, second.lease);
    assert!(take(&mut office, &second, &old).is_err());
    let reply = centre.short(&second.bytes, NOW).unwrap();
    assert_eq!(take(&mut office, &second, &reply), Ok(4), "the lease before is good for that");
}

#[test]
fn an_anchor_is_asked_for_when_the_last_is_older_than_ten_minutes() {
    let (office, mut centre) = in_session();
    let replied = |office: &MemoryOffice, centre: &mut MemoryCentre, now| {
        let speech = Speech::default();
        let asked = conversation::request(office, order(3), &speech, now, "test").unwrap();
        let reply = centre.short(&asked.bytes, now).unwrap();
        let mut office = office.clone();
        office.state.anchor = None;
        conversation::read_reply(&office, &reply, &asked.asked, asked.sent, now)
            .map(|incoming| {
                let mut troubles = conversation::FeedTroubles::default();
                conversation::apply(&mut office, &incoming, &mut troubles).unwrap();
                office.state.anchor.is_some()
            })
            .unwrap()
    };
    let minute = 60_000;
    assert!(!replied(&office, &mut centre.clone(), NOW + 9 * minute));
    assert!(replied(&office, &mut centre.clone(), NOW + 10 * minute));
    assert!(replied(&office, &mut centre, NOW - minute), "after the clock was set back");
}

fn asked(centre: &MockCentre) -> Vec<String> {
    centre.lock().asked.clone()
}

#[tokio::test]
async fn what_is_out_of_the_ordinary_is_said_once_more_in_the_full_form_and_at_once() {
    let (office, centre) = office_and_centre().await;
    assert!(once(&office).await.finished);
    office.lock().unwrap().record("دو");
    centre.lock().script.short = Some(Instead::Status(412, 0));
    let before = asked(&centre).len();
    assert!(once(&office).await.finished, "without waiting");
    assert_eq!(asked(&centre)[before..], ["short", "exchange"]);
    assert_eq!(office.lock().unwrap().state.acknowledged.seq, 2);
}

#[tokio::test]
async fn a_centre_that_answers_412_to_everything_is_not_asked_in_a_circle() {
    let (office, centre) = office_and_centre().await;
    assert!(once(&office).await.finished);
    office.lock().unwrap().record("دو");
    centre.lock().script.exchange = Some(Instead::Status(412, 0));
    let before = asked(&centre).len();
    let outcome = once(&office).await;
    assert_eq!(outcome.answer, Some(Answer::NotTheCentre));
    assert_eq!(asked(&centre)[before..], ["short", "exchange"]);
}

#[tokio::test]
async fn a_short_reply_that_does_not_hold_is_asked_for_in_the_full_form() {
    let (office, centre) = office_and_centre().await;
    assert!(once(&office).await.finished);
    office.lock().unwrap().record("دو");
    centre.lock().script.spoil_short = Some(|mut reply| {
        let last = reply.len() - 1;
        reply[last] ^= 1;
        reply
    });
    assert!(once(&office).await.finished);
    let asked = asked(&centre);
    assert_eq!(asked[asked.len() - 2..], ["short", "exchange"]);
    assert_eq!(office.lock().unwrap().state.acknowledged, centre.lock().centre.head());
}

#[tokio::test]
async fn a_verdict_has_its_word_in_the_full_form() {
    let (office, centre) = office_and_centre().await;
    assert!(once(&office).await.finished);
    centre.lock().centre.verdict = Some(Verdict::Revoked);
    let outcome = once(&office).await;
    assert_eq!((outcome.stopped, outcome.answer), (true, Some(Answer::DeviceRevoked)));
}

#[tokio::test]
async fn a_restored_centre_is_heard_in_the_full_form() {
    let (office, centre) = office_and_centre().await;
    assert!(once(&office).await.finished);
    let backup = crate::memory_centre::Stored::default();
    centre.lock().centre.restore(backup, [9; 16]);
    office.lock().unwrap().record("دو");
    assert!(once(&office).await.finished);
    assert_eq!(centre.lock().centre.stored.log, office.lock().unwrap().log);
}

#[tokio::test]
async fn a_centre_of_protocol_1_is_spoken_to_by_rows() {
    let (office, centre) = office_and_centre().await;
    centre.lock().centre.protocol_1 = true;
    for number in 0..50 {
        office.lock().unwrap().record(&format!("یادداشت {number}"));
    }
    let handle = in_background(&office);
    let mut status = handle.subscribe();
    status.wait_for(|status| status.changes.acknowledged == 51).await.unwrap();
    status.wait_for(|status| status.activity == Activity::Idle).await.unwrap();
    let before = asked(&centre);
    office.lock().unwrap().record("دیگر");
    handle.wake();
    status.wait_for(|status| status.changes.acknowledged == 52).await.unwrap();
    handle.stopped().await;
    let after = asked(&centre);
    assert_eq!(after[before.len()..], ["exchange"], "and not tried again in this run");
    assert_eq!(centre.lock().centre.stored.log, office.lock().unwrap().log);
}

#[tokio::test]
async fn a_device_that_is_not_known_shows_its_certificate() {
    let (office, centre) = office_and_centre().await;
    centre.lock().centre.wants_certificate = true;
    let outcome = once(&office).await;
    assert!(outcome.finished, "{outcome:?}");
    assert_eq!(asked(&centre), ["exchange", "exchange"]);
}

#[test]
fn the_store_keeps_its_anchor_when_none_comes() {
    let (mut office, mut centre) = in_session();
    let anchor = office.state.anchor;
    office.record("چهار");
    let outgoing = request(&office, 3);
    let reply = centre.short(&outgoing.bytes, NOW + 1).unwrap();
    take(&mut office, &outgoing, &reply).unwrap();
    assert_eq!(office.state.anchor, anchor);
}
