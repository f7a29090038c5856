//! Sample receipts with real proofs, made from fixed keys.

use pishkhan_domain::applicant::{Applicant, Identity};
use pishkhan_domain::content_hash::ContentHash;
use pishkhan_domain::ids::{DeviceNumber, OfficeCode, OperatorId, ServiceCode};
use pishkhan_protocol::body::{ApplicationRecorded, EventBody};
use pishkhan_protocol::certificate::{Certificate, DeviceFacts};
use pishkhan_protocol::chain::{Entry, link};
use pishkhan_protocol::derive::{DeviceSecret, anchor};
use pishkhan_protocol::head::Head;
use pishkhan_protocol::keys::SecretKey;
use pishkhan_protocol::receipt_proof::ReceiptProof;
use pishkhan_protocol::summary::Summary;
use pishkhan_receipt::{Handed, ReceiptContent, ReceiptDocument};

/// 24 November 2026, 14:26 in Tehran.
const RECORDED_AT_MS: i64 = 1_795_517_760_000;
const DEVICE: DeviceNumber = DeviceNumber(142);
const PUBLIC_URL: &str = "https://peygiri.example.ir";

pub(crate) fn centre() -> SecretKey {
    SecretKey::from_seed(&[7; 32])
}

/// Name and content of every sample.
pub(crate) fn all() -> Vec<(&'static str, ReceiptContent)> {
    let copy = ReceiptContent { copy: 2, ..usual() };
    let unknown = ReceiptContent {
        applicant_code_masked: String::new(),
        time_not_confirmed: true,
        documents: Vec::new(),
        fee_rial: 0,
        fee_note: String::new(),
        ..usual()
    };
    vec![
        ("receipt", usual()),
        ("copy", copy),
        ("no-papers", unknown),
        ("full", full()),
        ("longest", longest()),
    ]
}

/// As most receipts are.
pub(crate) fn usual() -> ReceiptContent {
    let name = "مریم بلوچ (نمونه)";
    let code = "0076229645";
    let proof = proof(name, code, "دفتر پیشخوان روستای نمونه", "birth-registration");
    ReceiptContent {
        office_title: "دفتر پیشخوان روستای نمونه".to_owned(),
        district_title: "بخش مرکزی، شهرستان نمونه".to_owned(),
        operator_name: "کاربر نمونه".to_owned(),
        tracking_code: proof.1,
        service_title: "ثبت ولادت و صدور شناسنامهٔ نوزاد".to_owned(),
        agency_title: "ادارهٔ ثبت احوال شهرستان".to_owned(),
        applicant_name: name.to_owned(),
        applicant_code_masked: format!("••••••{}", &code[6..]),
        documents: vec![
            document("گواهی ولادت مهرشده از بیمارستان یا ماما", Handed::Copy),
            document("شناسنامهٔ پدر و مادر", Handed::Copy),
            document("کارت ملی اعلام‌کنندهٔ ولادت", Handed::Seen),
        ],
        documents_missing: vec!["سند ازدواج پدر و مادر".to_owned()],
        fee_rial: 1_250_000,
        fee_note: "شناسنامه و ارسال".to_owned(),
        recorded_at_ms: RECORDED_AT_MS,
        due_on: "2026-12-13".to_owned(),
        deadline_working_days: 15,
        sample: true,
        public_url: PUBLIC_URL.to_owned(),
        proof_url: proof.0,
        copy: 1,
        time_not_confirmed: false,
    }
}

/// Eight papers with long titles: still one page of A5.
pub(crate) fn full() -> ReceiptContent {
    let titles = [
        "تصویر همهٔ صفحه‌های شناسنامهٔ متقاضی و افراد تحت تکفل او",
        "گواهی سکونت با تأیید شورای اسلامی روستا و پاسگاه انتظامی محل",
        "سند مالکیت یا اجاره‌نامهٔ رسمی واحد مسکونی یا زمین کشاورزی",
        "گواهی اشتغال به کار یا نداشتن شغل با مهر شورای روستا",
        "استعلام بدهی آب، برق و گاز واحد در شش ماه گذشته",
        "نقشهٔ محل با مختصات جغرافیایی به تأیید بنیاد مسکن",
    ];
    ReceiptContent {
        service_title: "صدور پروانهٔ ساخت، بهسازی و نوسازی واحد مسکونی روستایی همراه با معرفی به بانک برای تسهیلات".to_owned(),
        agency_title: "بنیاد مسکن انقلاب اسلامی شهرستان نمونه، شعبهٔ بخش مرکزی و دهستان‌های پیرامون".to_owned(),
        applicant_name: "سیده‌فاطمه‌زهرا میرحسینی‌نژاد رودباری‌زاده (نمونه)".to_owned(),
        fee_note: "کارشناسی و بازدید از محل؛ عوارض دهیاری جداگانه است".to_owned(),
        documents: titles.iter().map(|title| document(title, Handed::Copy)).collect(),
        documents_missing: vec![
            "گواهی پایان تعهد تسهیلات پیشین از بانک عامل در شهرستان".to_owned(),
            "رضایت‌نامهٔ محضری شریک یا وارثان دیگر ملک".to_owned(),
        ],
        copy: 3,
        time_not_confirmed: true,
        ..usual()
    }
}

/// Longer than any page: flows on, loses nothing.
pub(crate) fn longest() -> ReceiptContent {
    let long = "نام‌بسیاربلندبی‌فاصله".repeat(12);
    let sentence = "عنوانی بسیار بلند که در هیچ سطری جا نمی‌شود و چند بار تکرار شده است ".repeat(3);
    ReceiptContent {
        office_title: format!("دفتر {sentence}"),
        district_title: sentence.clone(),
        operator_name: long.clone(),
        service_title: sentence.clone(),
        agency_title: sentence.clone(),
        applicant_name: long.clone(),
        documents: (0..10).map(|_| document(&sentence, Handed::Seen)).collect(),
        documents_missing: vec![long; 6],
        fee_rial: i64::MAX,
        fee_note: sentence,
        copy: 12,
        ..usual()
    }
}

pub(crate) fn document(title: &str, handed: Handed) -> ReceiptDocument {
    ReceiptDocument { title: title.to_owned(), handed }
}

/// The address with the proof of a filing, and its tracking code.
fn proof(
    name: &str,
    national_id: &str,
    office_title: &str,
    service: &str,
) -> (String, pishkhan_domain::tracking_code::TrackingCode) {
    let (device_key, secret) = (SecretKey::from_seed(&[3; 32]), DeviceSecret([5; 32]));
    let facts = DeviceFacts {
        device: DEVICE,
        office: OfficeCode("zahedan-0007".to_owned()),
        office_title: office_title.to_owned(),
        key: device_key.public(),
        enrolled_at_ms: RECORDED_AT_MS - 86_400_000,
    };
    let recorded = ApplicationRecorded {
        service: ServiceCode::from(service),
        card_version: ContentHash::of(b"sample card"),
        applicant: Applicant {
            identity: Identity::NationalId { national_id: national_id.to_owned() },
            first_name: name.to_owned(),
            last_name: String::new(),
            father_name: String::new(),
            birth_date: None,
            gender: None,
            mobile: None,
            village: String::new(),
            address: String::new(),
            postcode: None,
            witnesses: Vec::new(),
        },
        form: std::collections::BTreeMap::new(),
        documents: Vec::new(),
        fee_rial: 1_250_000,
        due_on: "2026-12-13".to_owned(),
        consent: true,
        code_attempt: 0,
    };
    let summary = Summary::of(&recorded).to_bytes();
    let body = EventBody::ApplicationRecorded(Box::new(recorded));
    let entry = Entry {
        kind: body.kind(),
        device_time_ms: RECORDED_AT_MS,
        anchor: Some(anchor(&[9; 32], DEVICE, RECORDED_AT_MS - 3_600_000)),
        operator: OperatorId::from_bytes([1; 16]),
        body: body.to_bytes(),
    };
    let event = link(DEVICE, &secret, &Head { seq: 41, hash: [2; 32] }, entry);
    let head = Head { seq: event.core.seq, hash: event.hash() };
    let proof = ReceiptProof {
        core: event.core.to_bytes(),
        rest_hash: event.rest.hash(),
        summary,
        summary_salt: secret.summary_salt(event.core.seq),
        signature: head.sign(DEVICE, &device_key),
        certificate: Certificate::issue(&facts, &centre()),
    };
    let code = pishkhan_protocol::chain::tracking_code(DEVICE, &secret, event.core.seq, 0);
    (proof.to_url(PUBLIC_URL), code)
}
