//! What came too late, what was handed over, and when it came: a history of its own.

use pishkhan_domain::ids::{AgencyCode, ApplicationId};
use pishkhan_domain::service_card::{Agency, Bilingual};
use pishkhan_protocol::body::{ApplicationWithdrawn, EventBody, NoteAdded};
use pishkhan_protocol::chain::{Entry, link};
use pishkhan_protocol::derive::anchor;
use pishkhan_protocol::feed::{Approved, FeedBody, FeedItem, Notice};
use pishkhan_server::audit::Wrong;
use pishkhan_server::projection::OfficerAct;
use pishkhan_server::storage::{identity, staff};
use pishkhan_server::values;

use super::{Copy, Original, names, ways};
use crate::conformance::decide;
use crate::fixture::{Store, TestCentre, TestDevice};

/// The first was approved and then withdrawn, which came too late; the second was handed over, and
/// the office wrote a note on it that names when the centre was last heard of.
async fn lived(store: Store) -> (Original, ApplicationId, ApplicationId) {
    let centre = TestCentre::start(store).await;
    let water = Agency {
        code: "water-company".into(),
        title: Bilingual { fa: "آب و فاضلاب".to_owned(), en: "Water".to_owned() },
    };
    let mut unit = centre.centre.storage.begin().await.unwrap();
    staff::upsert_agency(unit.as_mut(), &water).await.unwrap();
    unit.commit().await.unwrap();
    let mut device = centre.device().await;
    let (first, second) = (device.record(), device.record());
    device.sync(&centre.centre).await;
    let approve = OfficerAct::Approve { note: String::new() };
    for act in [OfficerAct::Accept, approve] {
        centre.pass(60_000);
        decide(&centre, first, act).await.unwrap();
    }
    let reason = "نمونه".to_owned();
    let withdrawn = ApplicationWithdrawn { application: first, reason: reason.clone() };
    device.add(&EventBody::ApplicationWithdrawn(withdrawn));
    device.sync(&centre.centre).await;
    centre.pass(60_000);
    let agency = AgencyCode::from("water-company");
    decide(&centre, second, OfficerAct::HandOver { agency, reason }).await.unwrap();
    note_with_anchor(&centre, &mut device, second).await;
    device.sync(&centre.centre).await;
    (Original::left(centre, device, store).await, first, second)
}

async fn note_with_anchor(centre: &TestCentre, device: &mut TestDevice, about: ApplicationId) {
    let mut unit = centre.centre.storage.read().await.unwrap();
    let secret = identity::find(unit.as_mut()).await.unwrap().unwrap().secret;
    let body = EventBody::NoteAdded(NoteAdded { application: about, text: "نمونه".into() });
    let entry = Entry {
        kind: body.kind(),
        device_time_ms: device.log[2].core.device_time_ms + 1_000,
        anchor: Some(anchor(&secret, device.number, centre.centre.now())),
        operator: device.operator,
        body: body.to_bytes(),
    };
    device.log.push(link(device.number, &device.secret, &device.head(), entry));
}

pub(super) async fn every_way(store: Store) {
    let (original, first, second) = lived(store).await;
    let number = original.device.number.0;
    let (first_id, second_id) = (first.to_string(), second.to_string());
    let (first_id, second_id) = (first_id.as_str(), second_id.as_str());
    assert_eq!(original.copy().await.audit().await, [], "nobody has touched it");
    ways! { original:
        "a withdrawal that came too late is made to count", copy => {
            let notice = Notice { title: "نمونه".to_owned(), text: "نمونه".to_owned() };
            put(&copy, 3, FeedBody::Notice(notice)).await;
            copy.write("UPDATE acts SET applied = 1 WHERE application = $1 AND kind = 'withdrawn'", values![first_id]).await;
        } => ("acts", ActState, Some(5));
        "an approval is put where it was not possible", copy => {
            let approved = Approved { application: first, note: String::new(), letter: None };
            put(&copy, 1, FeedBody::Approved(approved)).await;
            copy.write("UPDATE acts SET kind = 'approved' WHERE application = $1 AND kind = 'accepted'", values![first_id]).await;
        } => ("acts", ActState, Some(3));
        "the staff's log is made to name another agency for what was handed over", copy => {
            copy.write("UPDATE audit_log SET detail = 'other' WHERE act = 'application.handed_over'", vec![]).await;
        } => ("acts", ActForeign, Some(3)), ("audit_log", LogLink, None);
        "what was handed over is given back in its row alone", copy => {
            let sql = "UPDATE applications SET agency = 'civil-registration' WHERE application = $1";
            copy.write(sql, values![second_id]).await;
        } => ("applications", ApplicationDiffers, None);
        "an entry is dated back behind the anchor that it names", copy => {
            let sql = "UPDATE events SET received_at = received_at - 86400000 WHERE device = $1 AND seq = 4";
            copy.write(sql, values![number]).await;
        } => ("events", ReceivedBeforeAnchor, Some(4)), ("events", ReceivedAtChanged, Some(4));
    }
}

/// Puts something else into an item of the feed, and links the feed anew.
async fn put(copy: &Copy, number: u64, body: FeedBody) {
    let row = &copy.rows("SELECT item FROM feed WHERE number = $1", values![number]).await[0];
    let mut item = FeedItem::from_bytes(&row.bytes("item").unwrap()).unwrap();
    item.body = body;
    let item = item.to_bytes();
    let sql = "UPDATE feed SET item = $2 WHERE number = $1";
    copy.write(sql, values![number, item.as_slice()]).await;
    copy.link_feed_again().await;
}
