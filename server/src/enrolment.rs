//! Enrolment: a one-time code becomes a device number for ever, a certificate and a secret.

use pishkhan_domain::ids::OfficeCode;
use pishkhan_protocol::certificate::{Certificate, DeviceFacts};
use pishkhan_protocol::derive::device_secret;
use pishkhan_protocol::enrolment::{EnrolReply, EnrolRequest};
use pishkhan_protocol::event::{Hash, tagged_hash};
use pishkhan_protocol::head::Head;

use crate::centre::Centre;
use crate::lease::Leases;
use crate::secret::readable;
use crate::storage::devices::{self, Device};
use crate::storage::{StorageError, Unit, enrolment_codes, identity, offices};

/// Letters of a code: 16 of 30 are 78 bits.
const CODE_LETTERS: usize = 16;
/// A code is good for three days.
const CODE_LIFE_MS: i64 = 3 * 24 * 60 * 60 * 1_000;
/// Longest text that an unknown device may leave with us.
const MAX_TEXT: usize = 120;
/// Receipts carry the office's name in so many bytes at most.
const MAX_TITLE_BYTES: usize = 60;

/// Why no device was enrolled.
#[derive(Debug, thiserror::Error)]
pub enum EnrolError {
    /// The code is wrong, used or expired: which of them is not said.
    #[error("the code is not valid")]
    CodeInvalid,
    /// Try again later.
    #[error(transparent)]
    Storage(#[from] StorageError),
    /// The system has no randomness.
    #[error("no randomness")]
    Randomness(#[from] getrandom::Error),
}

/// Makes a code for an office; only its hash is kept.
///
/// # Errors
/// [`EnrolError::Storage`], [`EnrolError::Randomness`].
pub async fn issue_code(
    unit: &mut dyn Unit,
    office: &OfficeCode,
    now: i64,
) -> Result<String, EnrolError> {
    let code = readable::<CODE_LETTERS>()?;
    enrolment_codes::insert(unit, code_hash(&code), office, now, now + CODE_LIFE_MS).await?;
    Ok(code)
}

/// Enrols a device. The same code with the same key is answered again until the device's first
/// exchange, since the reply may have been lost.
///
/// # Errors
/// [`EnrolError`].
pub async fn enrol(centre: &Centre, request: &EnrolRequest) -> Result<EnrolReply, EnrolError> {
    let now = centre.now();
    let code = code_hash(&request.code);
    let mut unit = centre.storage.begin().await?;
    // Under the lock of the centre's row: of two requests at once, the second finds what the first
    // has made.
    let number = identity::next_device(unit.as_mut()).await?;
    if let Some(office) = enrolment_codes::spend(unit.as_mut(), code, number, now).await? {
        let device = Device {
            office,
            number,
            key: request.key,
            secret: device_secret(&centre.secret, number, &request.key),
            head: Head::EMPTY,
            received_link: [0; 32],
            safe_seq: 0,
            leases: Leases::default(),
            revoked_at: None,
        };
        let (machine, agent) = (cut(&request.machine, MAX_TEXT), cut(&request.agent, MAX_TEXT));
        devices::insert(unit.as_mut(), &device, machine, agent, now).await?;
        let reply = answer(centre, unit.as_mut(), device, now, now).await?;
        unit.commit().await?;
        tracing::info!(device = number.0, office = reply.office.0, "device enrolled");
        return Ok(reply);
    }
    let spent = enrolment_codes::spent_on(unit.as_mut(), code, now).await?;
    let (office, number) = spent.ok_or(EnrolError::CodeInvalid)?;
    let unheard = devices::find_unheard(unit.as_mut(), &office, number).await?;
    let (device, enrolled_at) =
        unheard.filter(|(device, _)| device.key == request.key).ok_or(EnrolError::CodeInvalid)?;
    tracing::info!(device = number.0, "device asked again for what it was enrolled with");
    answer(centre, unit.as_mut(), device, enrolled_at, now).await
}

async fn answer(
    centre: &Centre,
    unit: &mut dyn Unit,
    device: Device,
    enrolled_at: i64,
    now: i64,
) -> Result<EnrolReply, EnrolError> {
    let office = offices::find(unit, &device.office).await?;
    let office = office.ok_or(StorageError::Unreadable("office"))?;
    let epoch = identity::find(unit).await?.ok_or(StorageError::Unreadable("centre"))?.epoch;
    let facts = DeviceFacts {
        device: device.number,
        office: office.code.clone(),
        office_title: cut(&office.title, MAX_TITLE_BYTES).to_owned(),
        key: device.key,
        enrolled_at_ms: enrolled_at,
    };
    Ok(EnrolReply {
        device: device.number,
        office: office.code,
        office_title: office.title,
        district_title: office.district_title,
        certificate: Certificate::issue(&facts, &centre.key),
        centre_key: centre.key.public(),
        secret: device.secret.0,
        epoch,
        at_ms: now,
        public_url: centre.public_url.clone(),
    })
}

fn code_hash(code: &str) -> Hash {
    let typed: String = code.chars().filter(char::is_ascii_alphanumeric).collect();
    tagged_hash(b"pishkhan/enrolment-code/v1", &[typed.to_ascii_uppercase().as_bytes()])
}

/// At most so many bytes, never through the middle of a letter.
fn cut(text: &str, bytes: usize) -> &str {
    let end = (0..=bytes.min(text.len())).rev().find(|end| text.is_char_boundary(*end));
    &text[..end.unwrap_or(0)]
}
