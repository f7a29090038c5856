//! What officers do, on both stores.

use pishkhan_domain::ids::OfficeCode;
use pishkhan_domain::lifecycle::State;
use pishkhan_protocol::body::{
    ApplicationDelivered, ApplicationResubmitted, ApplicationWithdrawn, EventBody, ReceiptPrinted,
};
use pishkhan_protocol::feed::{FeedBody, FeedItem};
use pishkhan_server::officer::{ActError, act};
use pishkhan_server::projection::OfficerAct;
use pishkhan_server::storage::acts;

use crate::conformance::{a_return, application, bodies, decide, parked};
use crate::fixture::{OFFICE, TestCentre, on_both_stores};

on_both_stores!(
    the_whole_life_of_an_application,
    an_act_that_comes_too_late_is_kept_and_changes_nothing,
    two_officers_who_decide_at_once_decide_once,
    a_decision_on_an_older_state_is_not_carried_out,
    another_agency_finds_nothing,
);

async fn the_whole_life_of_an_application(centre: TestCentre) {
    let mut device = centre.device().await;
    let id = device.record();
    device.add(&EventBody::ReceiptPrinted(ReceiptPrinted { application: id, copy: 1 }));
    device.sync(&centre.centre).await;
    assert_eq!(decide(&centre, id, OfficerAct::Accept).await.unwrap(), State::Accepted);
    assert_eq!(decide(&centre, id, a_return()).await.unwrap(), State::Returned);
    let reply = device.sync(&centre.centre).await;
    let told = bodies(&reply);
    assert!(matches!(&told[..], [FeedBody::Accepted(a), FeedBody::Returned(r)]
        if *a == id && r.application == id && r.defects.len() == 1));
    let by = FeedItem::from_bytes(&reply.feed[0].item).unwrap().by;
    assert_eq!(by, "کارشناس ثبت احوال");
    let recorded = device.recorded();
    device.add(&EventBody::ApplicationResubmitted(Box::new(ApplicationResubmitted {
        application: id,
        applicant: recorded.applicant,
        form: recorded.form,
        documents: recorded.documents,
        note: "اصل گواهی دوباره اسکن شد".to_owned(),
    })));
    device.sync(&centre.centre).await;
    let standing = application(&centre, id).await.unwrap();
    assert_eq!((standing.state, standing.defects.len()), (State::Resubmitted, 0));
    let approve = OfficerAct::Approve { note: "شناسنامه آماده است".to_owned() };
    assert_eq!(decide(&centre, id, approve).await.unwrap(), State::Approved);
    let delivered = ApplicationDelivered { application: id, recipient: "نمونه".to_owned() };
    device.add(&EventBody::ApplicationDelivered(delivered));
    let reply = device.sync(&centre.centre).await;
    assert!(matches!(&bodies(&reply)[..], [FeedBody::Approved(approved)]
        if approved.note == "شناسنامه آماده است"));
    let standing = application(&centre, id).await.unwrap();
    assert_eq!((standing.state, standing.copies_printed), (State::Delivered, 1));
    let mut unit = centre.centre.storage.read().await.unwrap();
    let history = acts::of(unit.as_mut(), &OfficeCode::from(OFFICE), id).await.unwrap();
    let kinds: Vec<&str> = history.iter().map(|act| act.kind.as_str()).collect();
    let expected = [
        "recorded",
        "received",
        "printed",
        "accepted",
        "returned",
        "resubmitted",
        "approved",
        "delivered",
    ];
    assert_eq!(kinds, expected);
}

async fn an_act_that_comes_too_late_is_kept_and_changes_nothing(centre: TestCentre) {
    let mut device = centre.device().await;
    let id = device.record();
    device.sync(&centre.centre).await;
    decide(&centre, id, OfficerAct::Accept).await.unwrap();
    decide(&centre, id, OfficerAct::Approve { note: String::new() }).await.unwrap();
    let late = ApplicationWithdrawn { application: id, reason: "نمونه".to_owned() };
    device.add(&EventBody::ApplicationWithdrawn(late));
    let next = device.record();
    let reply = device.sync(&centre.centre).await;
    assert_eq!(parked(&reply)[0].code, "application.act_not_allowed");
    assert_eq!(application(&centre, id).await.unwrap().state, State::Approved);
    assert_eq!(application(&centre, next).await.unwrap().state, State::Received);
    let mut unit = centre.centre.storage.read().await.unwrap();
    let history = acts::of(unit.as_mut(), &OfficeCode::from(OFFICE), id).await.unwrap();
    let last = history.last().unwrap();
    assert_eq!((last.kind.as_str(), last.applied), ("withdrawn", false));
}

async fn two_officers_who_decide_at_once_decide_once(centre: TestCentre) {
    let mut device = centre.device().await;
    let id = device.record();
    device.sync(&centre.centre).await;
    decide(&centre, id, OfficerAct::Accept).await.unwrap();
    let seen = application(&centre, id).await.unwrap().changed_at;
    let click = || {
        let (shared, officer) = (centre.centre.clone(), centre.officer());
        tokio::spawn(async move {
            let approve = OfficerAct::Approve { note: String::new() };
            act(&shared, &officer, id, seen, approve).await
        })
    };
    let clicks = [click(), click(), click()];
    let mut carried_out = 0;
    for click in clicks {
        match click.await.unwrap() {
            Ok(_) => carried_out += 1,
            Err(ActError::NotNow(state)) => assert_eq!(state, State::Approved),
            Err(other) => panic!("{other}"),
        }
    }
    assert_eq!(carried_out, 1);
    assert_eq!(bodies(&device.sync(&centre.centre).await).len(), 2);
    let missing = decide(&centre, id, OfficerAct::Return { defects: vec![], note: String::new() });
    assert!(matches!(missing.await, Err(ActError::DefectRequired)));
}

async fn a_decision_on_an_older_state_is_not_carried_out(centre: TestCentre) {
    let mut device = centre.device().await;
    let id = device.record();
    device.sync(&centre.centre).await;
    decide(&centre, id, OfficerAct::Accept).await.unwrap();
    let seen = application(&centre, id).await.unwrap().changed_at;
    decide(&centre, id, a_return()).await.unwrap();
    let recorded = device.recorded();
    device.add(&EventBody::ApplicationResubmitted(Box::new(ApplicationResubmitted {
        application: id,
        applicant: recorded.applicant,
        form: recorded.form,
        documents: recorded.documents,
        note: String::new(),
    })));
    device.sync(&centre.centre).await;
    // Allowed in itself, but this officer's page shows what was there before the return.
    let approve = OfficerAct::Approve { note: String::new() };
    let late = act(&centre.centre, &centre.officer(), id, seen, approve).await;
    assert!(matches!(late, Err(ActError::NotNow(State::Resubmitted))));
    assert_eq!(application(&centre, id).await.unwrap().state, State::Resubmitted);
}

async fn another_agency_finds_nothing(centre: TestCentre) {
    let mut device = centre.device().await;
    let id = device.record();
    device.sync(&centre.centre).await;
    let mut stranger = centre.officer();
    stranger.agency = "water-company".into();
    let seen = application(&centre, id).await.unwrap().changed_at;
    let tried = act(&centre.centre, &stranger, id, seen, OfficerAct::Accept).await;
    assert!(matches!(tried, Err(ActError::NotFound)));
    assert_eq!(application(&centre, id).await.unwrap().state, State::Received);
}
