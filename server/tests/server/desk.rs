//! The desk: lists, search, order, notes, handing over, on both stores.

use pishkhan_domain::applicant::Identity;
use pishkhan_domain::catalogue::Publication;
use pishkhan_domain::ids::{AgencyCode, ApplicationId, OfficeCode, ServiceCode};
use pishkhan_domain::lifecycle::State;
use pishkhan_domain::service_card::Agency;
use pishkhan_protocol::body::{ApplicationResubmitted, EventBody};
use pishkhan_protocol::feed::FeedBody;
use pishkhan_server::administration::publish;
use pishkhan_server::desk_columns::fill;
use pishkhan_server::looked_for::LookedFor;
use pishkhan_server::officer::take_up::{next_after, take_up_first};
use pishkhan_server::officer::{ActError, act};
use pishkhan_server::projection::OfficerAct;
use pishkhan_server::storage::audit_log::{self, AuditFilter};
use pishkhan_server::storage::queue::{self, ALL, Key, OPEN, QueueFilter, QueueRow};
use pishkhan_server::storage::search::search;
use pishkhan_server::storage::{acts, applications, return_reasons, staff, taken_out_of_order};

use crate::conformance::{a_return, application, bodies, decide};
use crate::fixture::{AGENCY, OFFICE, TestCentre, TestDevice, USERNAME, card, on_both_stores};

on_both_stores!(
    a_list_goes_on_from_a_key_in_order_of_filing,
    a_list_is_narrowed_by_state_service_and_office,
    late_ones_are_listed_by_their_due_day,
    what_somebody_has_in_hand_finds_the_application,
    taking_one_up_out_of_order_needs_a_reason_that_is_kept,
    the_first_are_taken_up_together_and_in_order,
    the_next_is_the_one_behind_and_then_the_first,
    a_note_reaches_the_office_and_changes_nothing_else,
    what_is_handed_over_is_the_other_agencys_and_the_office_is_told,
    the_citizens_days_move_the_due_day,
    rows_of_an_older_release_are_filled,
    ready_reasons_are_written_anew,
);

const DAY: i64 = 24 * 60 * 60 * 1_000;

fn agency() -> AgencyCode {
    AgencyCode::from(AGENCY)
}

async fn list(centre: &TestCentre, filter: &QueueFilter) -> Vec<ApplicationId> {
    let mut unit = centre.centre.storage.read().await.unwrap();
    let found = queue::page(unit.as_mut(), &agency(), filter, None, 100).await.unwrap();
    found.iter().map(|row| row.id).collect()
}

async fn found(centre: &TestCentre, typed: &str) -> Vec<ApplicationId> {
    let looked_for = LookedFor::read(typed).unwrap();
    let mut unit = centre.centre.storage.read().await.unwrap();
    let found = search(unit.as_mut(), &agency(), &looked_for, 50).await.unwrap();
    found.iter().map(|row| row.id).collect()
}

/// A service of another agency, published.
async fn another_agency(centre: &TestCentre) -> Agency {
    let mut water = card();
    water.code = "water-connection".into();
    water.agency.code = "water-company".into();
    water.agency.title.fa = "آب و فاضلاب".to_owned();
    let mut unit = centre.centre.storage.begin().await.unwrap();
    staff::upsert_agency(unit.as_mut(), &water.agency).await.unwrap();
    let publication = Publication::ServiceCard(Box::new(water.clone()));
    publish(unit.as_mut(), &centre.centre.key, publication, 0).await.unwrap();
    unit.commit().await.unwrap();
    water.agency
}

fn record_as(device: &mut TestDevice, first: &str, last: &str, id: &str) -> ApplicationId {
    let mut recorded = device.recorded();
    recorded.applicant.first_name = first.to_owned();
    recorded.applicant.last_name = last.to_owned();
    recorded.applicant.identity = Identity::NationalId { national_id: id.to_owned() };
    device.add(&EventBody::ApplicationRecorded(Box::new(recorded)))
}

async fn a_list_goes_on_from_a_key_in_order_of_filing(centre: TestCentre) {
    let mut device = centre.device().await;
    let ids: Vec<ApplicationId> = (0..7).map(|_| device.record()).collect();
    device.sync(&centre.centre).await;
    // In two states, so that two lists are put together.
    take_up_first(&centre.centre, &centre.officer(), &card().code, 3).await.unwrap();
    let filter = QueueFilter::of(&OPEN);
    let mut unit = centre.centre.storage.read().await.unwrap();
    let (mut pages, mut after): (Vec<Vec<ApplicationId>>, Option<Key>) = (Vec::new(), None);
    loop {
        let rows = queue::page(unit.as_mut(), &agency(), &filter, after.as_ref(), 3).await.unwrap();
        let Some(last) = rows.last() else { break };
        after = Some(last.key(&filter));
        pages.push(rows.iter().map(|row| row.id).collect());
    }
    assert_eq!(pages.iter().map(Vec::len).collect::<Vec<_>>(), [3, 3, 1]);
    assert_eq!(pages.concat(), ids);
    let counts = queue::counts(unit.as_mut(), &agency(), None, &ALL).await.unwrap();
    assert!(counts.contains(&(State::Received, 4)) && counts.contains(&(State::Accepted, 3)));
    let of_service = queue::counts(unit.as_mut(), &agency(), Some(&card().code), &OPEN).await;
    assert_eq!(of_service.unwrap().iter().map(|(_, number)| number).sum::<u64>(), 7);
}

async fn a_list_is_narrowed_by_state_service_and_office(centre: TestCentre) {
    let mut device = centre.device().await;
    let (first, second) = (device.record(), device.record());
    device.sync(&centre.centre).await;
    decide(&centre, first, OfficerAct::Accept).await.unwrap();
    assert_eq!(list(&centre, &QueueFilter::of(&[State::Received])).await, [second]);
    assert_eq!(list(&centre, &QueueFilter::of(&[State::Accepted])).await, [first]);
    let narrowed = |service: &str, offices: Option<&str>| QueueFilter {
        service: Some(ServiceCode::from(service)),
        offices: offices.map(|office| vec![OfficeCode::from(office)]),
        ..QueueFilter::of(&OPEN)
    };
    assert_eq!(list(&centre, &narrowed(&card().code.0, None)).await, [first, second]);
    assert_eq!(list(&centre, &narrowed(&card().code.0, Some(OFFICE))).await, [first, second]);
    assert!(list(&centre, &narrowed("fuel-quota", None)).await.is_empty());
    assert!(list(&centre, &narrowed("fuel-quota", Some(OFFICE))).await.is_empty());
    assert!(list(&centre, &narrowed(&card().code.0, Some("sample-0002"))).await.is_empty());
    let mut unit = centre.centre.storage.read().await.unwrap();
    let stranger = AgencyCode::from("water-company");
    let filter = narrowed(&card().code.0, Some(OFFICE));
    let others = queue::page(unit.as_mut(), &stranger, &filter, None, 100).await.unwrap();
    assert!(others.is_empty(), "another agency's");
}

async fn late_ones_are_listed_by_their_due_day(centre: TestCentre) {
    let mut device = centre.device().await;
    let mut ids = Vec::new();
    for due_on in ["2026-12-05", "2026-11-25", "2026-11-30"] {
        let mut recorded = device.recorded();
        due_on.clone_into(&mut recorded.due_on);
        ids.push(device.add(&EventBody::ApplicationRecorded(Box::new(recorded))));
    }
    device.sync(&centre.centre).await;
    let late = |day: &str, offices: Option<Vec<OfficeCode>>| QueueFilter {
        due_before: Some(day.to_owned()),
        offices,
        ..QueueFilter::of(&OPEN)
    };
    assert!(list(&centre, &late("2026-11-25", None)).await.is_empty(), "the due day is not late");
    assert_eq!(list(&centre, &late("2026-11-26", None)).await, [ids[1]]);
    let office = || Some(vec![OfficeCode::from(OFFICE)]);
    for offices in [None, office()] {
        assert_eq!(list(&centre, &late("2027-01-01", offices)).await, [ids[1], ids[2], ids[0]]);
    }
    let mut unit = centre.centre.storage.read().await.unwrap();
    let filter = late("2027-01-01", None);
    let first = queue::page(unit.as_mut(), &agency(), &filter, None, 1).await.unwrap();
    let key = first[0].key(&filter);
    let rest = queue::page(unit.as_mut(), &agency(), &filter, Some(&key), 9).await.unwrap();
    assert_eq!(rest.iter().map(|row| row.id).collect::<Vec<_>>(), [ids[2], ids[0]]);
    assert_eq!(queue::count_late(unit.as_mut(), &agency(), "2026-12-01").await.unwrap(), 2);
    drop(unit);
    decide(&centre, ids[0], OfficerAct::Accept).await.unwrap();
    decide(&centre, ids[0], a_return()).await.unwrap();
    let waiting = list(&centre, &late("2027-01-01", None)).await;
    assert_eq!(waiting, [ids[1], ids[2]], "what the citizen has is not late");
}

async fn what_somebody_has_in_hand_finds_the_application(centre: TestCentre) {
    let mut device = centre.device().await;
    let ali = record_as(&mut device, "علی\u{200c}رضا", "کریمی", "0076229645");
    let zahra = record_as(&mut device, "زهرا", "عليزاده", "1583250689");
    device.sync(&centre.centre).await;
    let code = application(&centre, ali).await.unwrap().tracking_code;
    assert_eq!(found(&centre, &code.grouped()).await, [ali]);
    assert_eq!(found(&centre, "۱۵۸۳۲۵۰۶۸۹").await, [zahra]);
    assert_eq!(found(&centre, "09121234567").await.len(), 2);
    for typed in ["عليرضا كريمي", "علی رضا", "کریمی علی‌رضا", "كريم"]
    {
        assert_eq!(found(&centre, typed).await, [ali], "{typed}");
    }
    assert_eq!(found(&centre, "علی").await.len(), 2, "by first and by family name");
    assert!(found(&centre, "رضا").await.is_empty(), "from the beginning of a name");
    assert!(found(&centre, "0200203241").await.is_empty());
    let mut unit = centre.centre.storage.read().await.unwrap();
    let stranger = AgencyCode::from("water-company");
    for typed in [code.grouped().as_str(), "0076229645", "09121234567", "علی"] {
        let looked_for = LookedFor::read(typed).unwrap();
        let others = search(unit.as_mut(), &stranger, &looked_for, 50).await.unwrap();
        assert!(others.is_empty(), "{typed}: another agency's");
    }
}

async fn taking_one_up_out_of_order_needs_a_reason_that_is_kept(centre: TestCentre) {
    let mut device = centre.device().await;
    let ids: Vec<ApplicationId> = (0..3).map(|_| device.record()).collect();
    device.sync(&centre.centre).await;
    let refused = decide(&centre, ids[2], OfficerAct::Accept).await;
    assert!(matches!(refused, Err(ActError::OutOfOrder(2))), "{refused:?}");
    let empty = OfficerAct::TakeOutOfOrder { reason: String::new() };
    assert!(matches!(decide(&centre, ids[2], empty).await, Err(ActError::ReasonRequired(_))));
    assert_eq!(application(&centre, ids[2]).await.unwrap().state, State::Received);
    let reason = "بیماری متقاضی";
    let urgent = || OfficerAct::TakeOutOfOrder { reason: reason.to_owned() };
    assert_eq!(decide(&centre, ids[2], urgent()).await.unwrap(), State::Accepted);
    assert_eq!(decide(&centre, ids[0], OfficerAct::Accept).await.unwrap(), State::Accepted);
    // Nothing older waits: the reason is of no use and is not counted.
    assert_eq!(decide(&centre, ids[1], urgent()).await.unwrap(), State::Accepted);

    let mut unit = centre.centre.storage.read().await.unwrap();
    let counts = taken_out_of_order::counts(unit.as_mut(), &agency(), 0).await.unwrap();
    assert_eq!(counts, [(USERNAME.to_owned(), 1)]);
    let taken = taken_out_of_order::since(unit.as_mut(), &agency(), 0, 9).await.unwrap();
    assert_eq!((taken[0].application, taken[0].reason.as_str()), (ids[2], reason));
    let later = centre.centre.now() + 1;
    assert!(taken_out_of_order::counts(unit.as_mut(), &agency(), later).await.unwrap().is_empty());
    let history = acts::of(unit.as_mut(), &OfficeCode::from(OFFICE), ids[2]).await.unwrap();
    let last = history.last().unwrap();
    assert_eq!((last.kind.as_str(), last.text.as_str()), ("accepted", ""));
    let office = OfficeCode::from(OFFICE);
    let of = taken_out_of_order::of(unit.as_mut(), &office, ids[2]).await.unwrap();
    assert_eq!(of, [(last.acted_at, reason.to_owned())]);
    let filter =
        AuditFilter { act: "application.taken_out_of_order".to_owned(), ..AuditFilter::default() };
    let log = audit_log::newest(unit.as_mut(), &filter, 9).await.unwrap();
    assert_eq!(
        log.iter().map(|entry| entry.subject.clone()).collect::<Vec<_>>(),
        [ids[2].to_string()]
    );
}

async fn the_first_are_taken_up_together_and_in_order(centre: TestCentre) {
    let mut device = centre.device().await;
    let ids: Vec<ApplicationId> = (0..5).map(|_| device.record()).collect();
    device.sync(&centre.centre).await;
    let officer = centre.officer();
    let taken = take_up_first(&centre.centre, &officer, &card().code, 3).await.unwrap();
    assert_eq!(taken, ids[..3]);
    let other = ServiceCode::from("fuel-quota");
    assert!(take_up_first(&centre.centre, &officer, &other, 3).await.unwrap().is_empty());
    let rest = take_up_first(&centre.centre, &officer, &card().code, 50).await.unwrap();
    assert_eq!(rest, ids[3..]);
    let mut unit = centre.centre.storage.read().await.unwrap();
    let counts = taken_out_of_order::counts(unit.as_mut(), &agency(), 0).await.unwrap();
    assert!(counts.is_empty(), "none of them out of order");
}

async fn the_next_is_the_one_behind_and_then_the_first(centre: TestCentre) {
    let mut device = centre.device().await;
    let ids: Vec<ApplicationId> = (0..3).map(|_| device.record()).collect();
    device.sync(&centre.centre).await;
    let mut unit = centre.centre.storage.read().await.unwrap();
    let rows = queue::page(unit.as_mut(), &agency(), &QueueFilter::of(&OPEN), None, 9).await;
    let rows: Vec<QueueRow> = rows.unwrap();
    for (row, next) in rows.iter().zip([ids[1], ids[2], ids[0]]) {
        let here = (row.filed_at, row.id);
        let found = next_after(unit.as_mut(), &agency(), &row.service, here).await.unwrap();
        assert_eq!(found.map(|row| row.id), Some(next));
    }
    drop(unit);
    for id in &ids {
        decide(&centre, *id, OfficerAct::Accept).await.unwrap();
        decide(&centre, *id, OfficerAct::Approve { note: String::new() }).await.unwrap();
    }
    let mut unit = centre.centre.storage.read().await.unwrap();
    let here = (rows[0].filed_at, rows[0].id);
    let found = next_after(unit.as_mut(), &agency(), &rows[0].service, here).await.unwrap();
    assert!(found.is_none());
}

async fn a_note_reaches_the_office_and_changes_nothing_else(centre: TestCentre) {
    let mut device = centre.device().await;
    let id = device.record();
    device.sync(&centre.centre).await;
    let before = application(&centre, id).await.unwrap();
    let note = |text: &str| OfficerAct::Note { text: text.to_owned() };
    for text in ["", "درخواست به دستگاه دیگری سپرده شد (water-company) به «نمونه»"]
    {
        assert!(matches!(decide(&centre, id, note(text)).await, Err(ActError::TextRequired)));
    }
    let long = "ب".repeat(1_001);
    assert!(matches!(decide(&centre, id, note(&long)).await, Err(ActError::TooLong)));
    decide(&centre, id, note("اصل سند را هم بیاورند")).await.unwrap();
    let after = application(&centre, id).await.unwrap();
    assert_eq!((after.state, after.changed_at), (before.state, before.changed_at));
    let told = bodies(&device.sync(&centre.centre).await);
    assert!(matches!(&told[..], [FeedBody::Note(note)]
        if note.application == id && note.text == "اصل سند را هم بیاورند"));
    let mut unit = centre.centre.storage.read().await.unwrap();
    let history = acts::of(unit.as_mut(), &OfficeCode::from(OFFICE), id).await.unwrap();
    assert_eq!(history.last().unwrap().kind, "note");
}

async fn what_is_handed_over_is_the_other_agencys_and_the_office_is_told(centre: TestCentre) {
    let water = another_agency(&centre).await;
    let mut device = centre.device().await;
    let id = device.record();
    device.sync(&centre.centre).await;
    let hand_over = |agency: &str, reason: &str| OfficerAct::HandOver {
        agency: AgencyCode::from(agency),
        reason: reason.to_owned(),
    };
    for agency in ["nobody", AGENCY, ""] {
        let tried = decide(&centre, id, hand_over(agency, "کار ما نیست")).await;
        assert!(matches!(tried, Err(ActError::NoSuchAgency)), "{agency}");
    }
    let tried = decide(&centre, id, hand_over("water-company", "")).await;
    assert!(matches!(tried, Err(ActError::ReasonRequired(_))));
    decide(&centre, id, hand_over("water-company", "کار ما نیست")).await.unwrap();
    assert!(list(&centre, &QueueFilter::of(&ALL)).await.is_empty());
    let tried = decide(&centre, id, OfficerAct::Accept).await;
    assert!(matches!(tried, Err(ActError::NotFound)), "it is another's now");
    let told = bodies(&device.sync(&centre.centre).await);
    assert!(matches!(&told[..], [FeedBody::Note(note)]
        if note.text.contains("آب و فاضلاب") && note.text.contains("کار ما نیست")));

    let mut officer = centre.officer();
    officer.agency = water.code;
    let seen = application(&centre, id).await.unwrap().changed_at;
    act(&centre.centre, &officer, id, seen, OfficerAct::Accept).await.unwrap();
    let seen = application(&centre, id).await.unwrap().changed_at;
    let approve = OfficerAct::Approve { note: String::new() };
    act(&centre.centre, &officer, id, seen, approve).await.unwrap();
    let seen = application(&centre, id).await.unwrap().changed_at;
    let back = hand_over(AGENCY, "نمونه");
    let tried = act(&centre.centre, &officer, id, seen, back).await;
    assert!(matches!(tried, Err(ActError::NotNow(State::Approved))), "what is decided stays");
    let told = bodies(&device.sync(&centre.centre).await);
    assert!(matches!(&told[..], [FeedBody::Accepted(_), FeedBody::Approved(_)]));
}

async fn the_citizens_days_move_the_due_day(centre: TestCentre) {
    let mut device = centre.device().await;
    let id = device.record();
    device.sync(&centre.centre).await;
    decide(&centre, id, OfficerAct::Accept).await.unwrap();
    decide(&centre, id, a_return()).await.unwrap();
    assert_eq!(application(&centre, id).await.unwrap().answer_due_on, "2026-11-30");
    // Two weeks, of which ten days are working days.
    centre.pass(14 * DAY);
    device.pass(14 * DAY);
    let recorded = device.recorded();
    device.add(&EventBody::ApplicationResubmitted(Box::new(ApplicationResubmitted {
        application: id,
        applicant: recorded.applicant,
        form: recorded.form,
        documents: recorded.documents,
        note: String::new(),
    })));
    device.sync(&centre.centre).await;
    let mended = application(&centre, id).await.unwrap();
    assert_eq!((mended.state, mended.due_on.as_str()), (State::Resubmitted, "2026-11-30"));
    assert_eq!(mended.answer_due_on, "2026-12-14");
}

async fn rows_of_an_older_release_are_filled(centre: TestCentre) {
    let mut device = centre.device().await;
    let id = device.record();
    device.sync(&centre.centre).await;
    let mut unit = centre.centre.storage.begin().await.unwrap();
    let as_before = "UPDATE applications SET national_id = '', mobile = '', name_key = '', \
                     family_key = '', answer_due_on = '', desk_at = 0";
    unit.execute(as_before, vec![vec![]]).await.unwrap();
    unit.commit().await.unwrap();
    assert!(found(&centre, "0076229645").await.is_empty());
    assert_eq!(fill(&centre.centre).await.unwrap(), 1);
    assert_eq!(found(&centre, "0076229645").await, [id]);
    assert_eq!(found(&centre, "زهرا").await, [id]);
    let late = QueueFilter { due_before: Some("2027-01-01".to_owned()), ..QueueFilter::of(&OPEN) };
    assert_eq!(list(&centre, &late).await, [id]);
    assert_eq!(fill(&centre.centre).await.unwrap(), 0, "nothing is left");
    let mut unit = centre.centre.storage.read().await.unwrap();
    assert!(applications::not_at_desk(unit.as_mut(), 9).await.unwrap().is_empty());
}

async fn ready_reasons_are_written_anew(centre: TestCentre) {
    let mut unit = centre.centre.storage.begin().await.unwrap();
    let (agency, service) = (agency(), card().code);
    let reasons = |texts: &[&str]| texts.iter().map(|text| (*text).to_owned()).collect::<Vec<_>>();
    for list in [reasons(&["ب", "الف"]), reasons(&["پ"]), reasons(&[])] {
        return_reasons::replace(unit.as_mut(), &agency, &service, &list).await.unwrap();
        assert_eq!(return_reasons::of(unit.as_mut(), &agency, &service).await.unwrap(), list);
    }
}
