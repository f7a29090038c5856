use pishkhan_domain::ids::{ApplicationId, ServiceCode};
use pishkhan_domain::service_card::{AcceptedApplicants, Agency, Bilingual, Fee, ServiceCard};
use pishkhan_protocol::body::EventBody;
use pishkhan_protocol::exchange::CatalogueEntry;
use pishkhan_protocol::head::Head;
use pishkhan_protocol::keys::Purpose;

use super::{Feed, append, office, record_one, reply};
use crate::sample::{NOW, centre_key, recorded};
use crate::{ListFilter, Store};

fn bilingual(fa: &str) -> Bilingual {
    Bilingual { fa: fa.to_owned(), en: "sample".to_owned() }
}

pub(super) fn card(title: &str) -> ServiceCard {
    ServiceCard {
        code: ServiceCode::from("birth-registration"),
        official_id: None,
        title: bilingual(title),
        everyday_names: vec!["شناسنامهٔ نوزاد".to_owned()],
        agency: Agency { code: "civil-registration".into(), title: bilingual("ثبت احوال") },
        legal_basis: None,
        audience: bilingual("همه"),
        accepts: AcceptedApplicants { without_papers: true, legal_entity: false },
        documents: Vec::new(),
        fields: Vec::new(),
        fee: Fee { rial: 0, note: None },
        deadline_working_days: 10,
        visits_before: 3,
        refusal_reasons: Vec::new(),
        assumptions: vec!["/fee".to_owned()],
        sources: Vec::new(),
    }
}

pub(super) fn published(number: u64, card: ServiceCard) -> CatalogueEntry {
    let publication = pishkhan_domain::catalogue::Publication::ServiceCard(Box::new(card));
    let bytes = serde_json::to_vec(&publication).unwrap();
    let signature = centre_key().sign(Purpose::Publication, &bytes);
    CatalogueEntry { number, bytes, signature, base: None }
}

fn found(store: &Store, query: &str) -> Vec<u64> {
    let rows = store.applications(ListFilter::All, query, 50, None, NOW).unwrap();
    rows.iter().map(|row| row.seq).collect()
}

#[test]
fn each_spelling_finds_each() {
    let (_dir, mut store) = office();
    record_one(&mut store, "0076229645");
    for query in [
        "علی‌رضا",
        "علی رضا",
        "علیرضا",
        "علي رضا",
        "عليرضا",
        "علی",
        "كياني",
        "کیانی علی",
        "محمد",
        "مُحمّد",
        "نمونه کیا",
        "0076229645",
        "۰۰۷۶۲۲۹۶۴۵",
        "٠٠٧٦٢٢٩٦٤٥",
        "007-622964-5",
        "007 622 9645",
        "۰۰۷۶",
        "09121234567",
        "0912 123 4567",
        "+98 912 123 4567",
        "00989121234567",
        "9121234567",
        "کیانی ۰۹۱۲",
    ] {
        assert_eq!(found(&store, query), [1], "{query}");
    }
    for query in ["حسن", "علی حسن", "0076229646", "رضوان", "کیانی 0913", "622 9645 007"]
    {
        assert!(found(&store, query).is_empty(), "{query}");
    }
}

#[test]
fn a_tracking_code_is_found_as_it_is_read_over_the_telephone() {
    let (_dir, mut store) = office();
    let id = record_one(&mut store, "0076229645");
    record_one(&mut store, "1583250689");
    let code = store.row(id, NOW).unwrap().tracking_code;
    let dashed = code.grouped().replace(' ', "-");
    let persian = pishkhan_domain::digits::to_persian_digits(&code.grouped());
    for query in [code.to_string(), code.grouped(), dashed, persian] {
        assert_eq!(found(&store, &query), [1], "{query}");
    }
}

#[test]
fn what_was_typed_is_never_a_command() {
    let (_dir, mut store) = office();
    record_one(&mut store, "0076229645");
    for query in
        ["\"", "a\" OR \"b", "NOT", "AND OR", "(", "words:x", "*", "علی*", "^علی", "-", "%"]
    {
        store.applications(ListFilter::All, query, 50, None, NOW).unwrap();
    }
    assert_eq!(found(&store, "علی*"), [1]);
    assert_eq!(found(&store, "  "), [1], "nothing typed is no condition");
}

#[test]
fn newest_come_first_in_pages_and_within_the_filter() {
    let (_dir, mut store) = office();
    let ids: Vec<_> = (0..5).map(|_| record_one(&mut store, "0076229645")).collect();
    assert_eq!(found(&store, "علی"), [5, 4, 3, 2, 1]);
    let page = store.applications(ListFilter::All, "علی", 2, Some(ids[3]), NOW).unwrap();
    assert_eq!(page.iter().map(|row| row.seq).collect::<Vec<_>>(), [3, 2]);
    let unknown = ApplicationId(uuid::Uuid::nil());
    let page = store.applications(ListFilter::All, "علی", 2, Some(unknown), NOW).unwrap();
    assert!(page.is_empty(), "after nothing comes nothing");
    assert!(store.applications(ListFilter::Returned, "علی", 9, None, NOW).unwrap().is_empty());
    assert_eq!(store.applications(ListFilter::ToPrint, "علی", 9, None, NOW).unwrap().len(), 5);
}

#[test]
fn a_service_is_found_by_its_title_and_by_what_people_call_it() {
    let (_dir, mut store) = office();
    let entry = published(1, card("ثبت ولادت"));
    let mut effects = reply(&store, Head::EMPTY, &Feed::new());
    effects.catalogue = vec![entry];
    store.apply_reply(&effects).unwrap();
    let mut body = recorded("0076229645");
    body.card_version = store.cards().unwrap()[0].version;
    append(&mut store, EventBody::ApplicationRecorded(Box::new(body)));
    assert_eq!(found(&store, "ولادت"), [1]);
    assert_eq!(found(&store, "شناسنامه نوزاد"), [1]);
    assert_eq!(found(&store, "نوزاد کیانی"), [1]);
}

#[test]
fn a_person_who_was_here_before_is_known_by_the_national_id() {
    let (_dir, mut store) = office();
    let service = ServiceCode::from("birth-registration");
    let first = record_one(&mut store, "0076229645");
    let found = store.find_applicant_by_national_id("0076229645").unwrap().unwrap();
    assert_eq!(found.father_name, "محمّد");
    assert_eq!(store.find_applicant_by_national_id("1583250689").unwrap(), None);
    assert_eq!(store.find_applicant_by_national_id("").unwrap(), None);
    let open = store.open_duplicates("0076229645", &service, NOW).unwrap();
    assert_eq!(open.iter().map(|row| row.id).collect::<Vec<_>>(), [first]);
    let other = ServiceCode::from("other");
    assert!(store.open_duplicates("0076229645", &other, NOW).unwrap().is_empty());
    assert!(store.open_duplicates("", &service, NOW).unwrap().is_empty());
    assert_eq!(store.times_recorded().unwrap()[&service], 1);
}
