//! Sample data of this crate's own tests.

use std::collections::BTreeMap;

use pishkhan_domain::applicant::{Applicant, Gender, Identity as ApplicantIdentity};
use pishkhan_domain::content_hash::ContentHash;
use pishkhan_domain::form::Answer;
use pishkhan_domain::ids::{DeviceNumber, OfficeCode, OperatorId, ServiceCode};
use pishkhan_protocol::body::{ApplicationRecorded, EventBody};
use pishkhan_protocol::certificate::{Certificate, DeviceFacts};
use pishkhan_protocol::derive::DeviceSecret;
use pishkhan_protocol::keys::SecretKey;
use zeroize::Zeroizing;

use crate::{DataKey, Identity};

pub(crate) const OPERATOR: OperatorId = OperatorId(uuid::Uuid::from_u128(1));
pub(crate) const DEVICE: DeviceNumber = DeviceNumber(17);
pub(crate) const EPOCH: [u8; 16] = [5; 16];
/// 2026-11-24T08:00:00Z, a Tuesday; half past eleven in Tehran.
pub(crate) const NOW: i64 = 1_795_507_200_000;

pub(crate) fn data_key() -> DataKey {
    DataKey::from_bytes([7; 32])
}

pub(crate) fn centre_key() -> SecretKey {
    SecretKey::from_seed(&[3; 32])
}

pub(crate) fn identity() -> Identity {
    let office = OfficeCode::from("sample-0001");
    let facts = DeviceFacts {
        device: DEVICE,
        office: office.clone(),
        office_title: "دفتر پیشخوان نمونه".to_owned(),
        key: SecretKey::from_seed(&[9; 32]).public(),
        enrolled_at_ms: NOW,
    };
    Identity {
        device: DEVICE,
        office,
        office_title: facts.office_title.clone(),
        district_title: "بخش نمونه".to_owned(),
        centre_url: "http://127.0.0.1:8080".to_owned(),
        public_url: "https://example.org".to_owned(),
        certificate: Certificate::issue(&facts, &centre_key()),
        centre_key: centre_key().public(),
        key_seed: Zeroizing::new([9; 32]),
        secret: DeviceSecret([11; 32]),
        epoch: EPOCH,
    }
}

pub(crate) fn recorded(national_id: &str) -> ApplicationRecorded {
    ApplicationRecorded {
        service: ServiceCode::from("birth-registration"),
        card_version: ContentHash::of(b"card"),
        applicant: Applicant {
            identity: ApplicantIdentity::NationalId { national_id: national_id.to_owned() },
            first_name: "علی‌رضا".to_owned(),
            last_name: "نمونه کیانی".to_owned(),
            father_name: "محمّد".to_owned(),
            birth_date: Some("1991-08-03".to_owned()),
            gender: Some(Gender::Male),
            mobile: Some("+989121234567".to_owned()),
            village: "روستای نمونه".to_owned(),
            address: String::new(),
            postcode: None,
            witnesses: Vec::new(),
        },
        form: BTreeMap::from([("child_name".to_owned(), Answer::Text("سارا".to_owned()))]),
        documents: Vec::new(),
        fee_rial: 0,
        due_on: "2026-12-08".to_owned(),
        consent: true,
        code_attempt: 0,
    }
}

pub(crate) fn record(national_id: &str) -> EventBody {
    EventBody::ApplicationRecorded(Box::new(recorded(national_id)))
}
