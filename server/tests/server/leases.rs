//! Leases and revocation: devices that are copies, late or no longer trusted lose nothing that they
//! send, and are told nothing.

use pishkhan_domain::ids::OfficeCode;
use pishkhan_protocol::exchange::Verdict;
use pishkhan_server::exchange::exchange;
use pishkhan_server::storage::{devices, events, identity};

use crate::conformance::{counts, queue_length};
use crate::fixture::{OFFICE, START, TestCentre, on_both_stores};

on_both_stores!(
    an_older_lease_is_stale_and_what_was_sent_is_stored,
    a_lost_reply_gives_the_same_lease_again,
    a_straggler_of_an_epoch_before_makes_nobody_stale,
    a_revoked_device_sends_to_the_side_and_fetches_nothing,
    what_is_kept_aside_is_kept_once_and_is_bounded,
);

async fn an_older_lease_is_stale_and_what_was_sent_is_stored(centre: TestCentre) {
    let mut device = centre.device().await;
    device.sync(&centre.centre).await;
    let mut copy = device.copy();
    device.sync(&centre.centre).await;
    device.sync(&centre.centre).await;
    copy.record();
    let reply = copy.ask(&centre.centre, Some(copy.batch(0, 1))).await;
    assert_eq!((reply.verdict, reply.received), (Verdict::StaleLease, copy.head()));
    assert!(reply.feed.is_empty() && reply.catalogue.is_empty() && reply.upload_token.is_none());
    assert_eq!(queue_length(&centre).await, 1);
    assert_eq!(device.ask(&centre.centre, None).await.verdict, Verdict::Ok);
}

async fn a_lost_reply_gives_the_same_lease_again(centre: TestCentre) {
    let mut device = centre.device().await;
    let first = device.ask(&centre.centre, None).await;
    let again = device.ask(&centre.centre, None).await;
    assert_eq!(first.lease, again.lease);
    device.keep(&again);
    let next = device.ask(&centre.centre, None).await;
    assert_ne!(next.lease, again.lease);
    assert_eq!(device.ask(&centre.centre, None).await.lease, next.lease);
}

async fn a_straggler_of_an_epoch_before_makes_nobody_stale(centre: TestCentre) {
    let mut device = centre.device().await;
    device.sync(&centre.centre).await;
    device.sync(&centre.centre).await;
    let straggler = device.seal(&device.request(None));
    let mut unit = centre.centre.storage.begin().await.unwrap();
    identity::set_epoch(unit.as_mut(), [8; 16]).await.unwrap();
    unit.commit().await.unwrap();
    let lost = device.ask(&centre.centre, None).await;
    let first = device.sync(&centre.centre).await;
    assert_eq!((first.verdict, first.lease), (Verdict::Ok, lost.lease), "until it is shown");
    device.sync(&centre.centre).await;
    for _ in 0..2 {
        let reply = device.open(&exchange(&centre.centre, &straggler).await.unwrap());
        assert_eq!(reply.verdict, Verdict::StaleLease);
        assert!(reply.catalogue.is_empty() && reply.upload_token.is_none());
    }
    assert_eq!(device.sync(&centre.centre).await.verdict, Verdict::Ok);
    device.lease = None;
    assert_eq!(device.ask(&centre.centre, None).await.verdict, Verdict::StaleLease);
}

async fn a_revoked_device_sends_to_the_side_and_fetches_nothing(centre: TestCentre) {
    let mut device = centre.device().await;
    device.record();
    device.sync(&centre.centre).await;
    let mut unit = centre.centre.storage.begin().await.unwrap();
    assert!(devices::revoke(unit.as_mut(), device.number, centre.centre.now()).await.unwrap());
    unit.commit().await.unwrap();
    for _ in 0..3 {
        device.record();
    }
    // From its head, the same again, from beyond its head, and everything at once.
    for (after, to, aside) in [(1, 2, 1), (1, 2, 1), (2, 4, 3), (0, 4, 3)] {
        let reply = device.ask(&centre.centre, Some(device.batch(after, to))).await;
        assert_eq!((reply.verdict, reply.received.seq), (Verdict::Revoked, 1));
        assert!(reply.feed.is_empty() && reply.catalogue.is_empty());
        assert!(reply.upload_token.is_none() && reply.lease == [0; 16]);
        assert_eq!(counts(&centre, &device).await, (1, aside));
    }
    assert_eq!(queue_length(&centre).await, 1);
    let mut unit = centre.centre.storage.read().await.unwrap();
    let reasons = unit.query("SELECT DISTINCT reason FROM forks", Vec::new()).await.unwrap();
    let reasons: Vec<String> = reasons.iter().map(|row| row.text("reason").unwrap()).collect();
    assert_eq!(reasons, ["revoked"]);
}

async fn what_is_kept_aside_is_kept_once_and_is_bounded(centre: TestCentre) {
    let mut device = centre.device().await;
    for _ in 0..4 {
        device.record();
    }
    let office = OfficeCode::from(OFFICE);
    let mut unit = centre.centre.storage.begin().await.unwrap();
    for (from, to) in [(0, 1), (0, 4), (2, 4), (3, 4)] {
        let (some, reason) = (&device.log[from..to], events::AsideReason::Revoked);
        events::keep_aside(unit.as_mut(), &office, device.number, some, reason, 3, START)
            .await
            .unwrap();
    }
    unit.commit().await.unwrap();
    assert_eq!(counts(&centre, &device).await, (0, 3));
}
