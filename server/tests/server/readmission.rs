//! Devices that a restored centre has forgotten: let in again by their certificates, and nobody else.

use pishkhan_domain::ids::{DeviceNumber, OfficeCode};
use pishkhan_protocol::certificate::{Certificate, DeviceFacts};
use pishkhan_protocol::derive::DeviceSecret;
use pishkhan_protocol::exchange::{ExchangeReply, ExchangeRequest, Verdict};
use pishkhan_protocol::keys::SecretKey;
use pishkhan_server::exchange::{ExchangeError, exchange};
use pishkhan_server::secret::random;
use pishkhan_server::storage::{identity, offices};

use crate::conformance::{application, counts};
use crate::fixture::{OFFICE, START, TestCentre, TestDevice, on_both_stores};

on_both_stores!(
    a_forgotten_device_is_let_in_again_and_sends_everything,
    an_office_that_was_forgotten_too_is_made_again,
    nobody_is_let_in_without_a_certificate_of_this_centre,
    a_number_that_is_held_stays_with_who_holds_it,
    numbers_that_a_backup_does_not_know_are_given_to_nobody_else,
);

async fn a_forgotten_device_is_let_in_again_and_sends_everything(centre: TestCentre) {
    let mut device = centre.device().await;
    let id = device.record();
    device.record();
    // What the centre heard of these two is lost with the rest.
    (device.received, device.lease) = (2, Some([7; 16]));
    forget(&centre, device.number).await;
    begin_epoch(&centre).await;
    device.record();
    let said = device.request(Some(device.batch(2, 3)));
    assert!(matches!(ask(&centre, &device, &said).await, Err(ExchangeError::UnknownDevice)));
    let said = shown(&centre, &device, said);
    let reply = ask(&centre, &device, &said).await.unwrap();
    assert_eq!((reply.verdict, reply.received.seq), (Verdict::Gap, 0), "it must send everything");
    device.keep(&reply);
    let reply = device.sync(&centre.centre).await;
    assert_eq!((reply.verdict, reply.received), (Verdict::Ok, device.head()));
    assert_eq!(counts(&centre, &device).await, (3, 0));
    let again = application(&centre, id).await.unwrap();
    assert_eq!(Some(again.tracking_code.as_u64()), device.log[0].core.tracking_code);
    // Shown once more, it changes nothing.
    let said = shown(&centre, &device, device.request(None));
    assert_eq!(ask(&centre, &device, &said).await.unwrap().received, device.head());
}

async fn an_office_that_was_forgotten_too_is_made_again(centre: TestCentre) {
    let mut device = centre.device().await;
    forget(&centre, device.number).await;
    let other = OfficeCode::from("sample-0002");
    let mut facts = facts(&device);
    facts.office = other.clone();
    let mut said = device.request(None);
    said.certificate = Some(Certificate::issue(&facts, &centre.centre.key));
    device.keep(&ask(&centre, &device, &said).await.unwrap());
    let mut unit = centre.centre.storage.read().await.unwrap();
    let made = offices::find(unit.as_mut(), &other).await.unwrap().unwrap();
    assert_eq!(made.title, "دفتر نمونه");
    drop(unit);
    device.record();
    assert_eq!(device.sync(&centre.centre).await.received, device.head());
}

async fn nobody_is_let_in_without_a_certificate_of_this_centre(centre: TestCentre) {
    let mut device = centre.device().await;
    device.record();
    forget(&centre, device.number).await;
    let refused = async |said: &ExchangeRequest, sender: &TestDevice| {
        let answer = ask(&centre, sender, said).await;
        assert!(matches!(answer, Err(ExchangeError::UnknownDevice)));
    };
    let plain = device.request(Some(device.batch(0, 1)));
    refused(&plain, &device).await;
    // Of another centre.
    let mut said = plain.clone();
    said.certificate =
        Some(Certificate::issue(&facts(&device), &SecretKey::from_seed(&random().unwrap())));
    refused(&said, &device).await;
    // A true certificate, which every receipt carries, shown by somebody without the key.
    let mut thief = device.copy();
    thief.key = SecretKey::from_seed(&random().unwrap());
    let said = shown(&centre, &device, device.request(None));
    refused(&said, &thief).await;
    // A true certificate under another number.
    let mut other = device.copy();
    other.number = DeviceNumber(4_242);
    let mut said = shown(&centre, &device, other.request(None));
    refused(&said, &other).await;
    // Enrolled when secrets were still drawn by lot: its entries could not be linked.
    let mut old = device.copy();
    old.secret = DeviceSecret([9; 32]);
    old.log.clear();
    old.record();
    said = shown(&centre, &device, old.request(Some(old.batch(0, 1))));
    refused(&said, &old).await;
    let mut unit = centre.centre.storage.read().await.unwrap();
    let known = unit.query("SELECT device FROM device_numbers", Vec::new()).await.unwrap();
    assert!(known.is_empty());
    drop(unit);
    let said = shown(&centre, &device, plain);
    assert_eq!(ask(&centre, &device, &said).await.unwrap().received, device.head());
}

async fn a_number_that_is_held_stays_with_who_holds_it(centre: TestCentre) {
    let holder = centre.device().await;
    let mut other = holder.copy();
    other.key = SecretKey::from_seed(&random().unwrap());
    let said = shown(&centre, &other, other.request(None));
    let answer = ask(&centre, &other, &said).await;
    assert!(matches!(answer, Err(ExchangeError::NotUnderstood(_))));
    assert_eq!(holder.ask(&centre.centre, None).await.verdict, Verdict::Ok);
}

async fn numbers_that_a_backup_does_not_know_are_given_to_nobody_else(centre: TestCentre) {
    let known = centre.device().await;
    let mut forgotten = Vec::new();
    for _ in 0..3 {
        forgotten.push(centre.device().await);
    }
    // As in a backup that was made after the first.
    for device in &forgotten {
        forget(&centre, device.number).await;
    }
    set_counter(&centre, known.number.0).await;
    begin_epoch(&centre).await;
    let mut new = centre.device().await;
    new.record();
    assert_eq!(new.sync(&centre.centre).await.received, new.head());
    for device in &mut forgotten {
        assert_ne!(device.number, new.number);
        let said = shown(&centre, device, device.request(None));
        assert_eq!(ask(&centre, device, &said).await.unwrap().verdict, Verdict::Ok);
    }
    // Should more have been forgotten than were left out: who comes back keeps the number.
    let mut far = forgotten.pop().unwrap();
    forget(&centre, far.number).await;
    far.number = DeviceNumber(new.number.0 + 1);
    let said = shown(&centre, &far, far.request(None));
    ask(&centre, &far, &said).await.unwrap();
    assert_eq!(centre.device().await.number.0, far.number.0 + 1);
}

fn facts(device: &TestDevice) -> DeviceFacts {
    DeviceFacts {
        device: device.number,
        office: OfficeCode::from(OFFICE),
        office_title: "دفتر نمونه".to_owned(),
        key: device.key.public(),
        enrolled_at_ms: START,
    }
}

fn shown(centre: &TestCentre, device: &TestDevice, request: ExchangeRequest) -> ExchangeRequest {
    let certificate = Certificate::issue(&facts(device), &centre.centre.key);
    ExchangeRequest { certificate: Some(certificate), ..request }
}

async fn ask(
    centre: &TestCentre,
    device: &TestDevice,
    request: &ExchangeRequest,
) -> Result<ExchangeReply, ExchangeError> {
    Ok(device.open(&exchange(&centre.centre, &device.seal(request)).await?))
}

/// As if the database were older than the device, of which it has no entries yet.
async fn forget(centre: &TestCentre, device: DeviceNumber) {
    let mut unit = centre.centre.storage.begin().await.unwrap();
    for statement in
        ["DELETE FROM devices WHERE device = $1", "DELETE FROM device_numbers WHERE device = $1"]
    {
        unit.execute(statement, vec![vec![device.0.into()]]).await.unwrap();
    }
    unit.commit().await.unwrap();
}

async fn set_counter(centre: &TestCentre, number: u32) {
    let mut unit = centre.centre.storage.begin().await.unwrap();
    let sql = "UPDATE centre_identity SET device_number = $1";
    unit.execute(sql, vec![vec![number.into()]]).await.unwrap();
    unit.commit().await.unwrap();
}

async fn begin_epoch(centre: &TestCentre) {
    let mut unit = centre.centre.storage.begin().await.unwrap();
    identity::set_epoch(unit.as_mut(), [8; 16]).await.unwrap();
    unit.commit().await.unwrap();
}
