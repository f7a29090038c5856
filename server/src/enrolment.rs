//! Enrolment: a one-time code becomes a device number for ever, a certificate and a secret.

use pishkhan_domain::ids::OfficeCode;
use pishkhan_protocol::certificate::{Certificate, DeviceFacts};
use pishkhan_protocol::derive::DeviceSecret;
use pishkhan_protocol::enrolment::{EnrolReply, EnrolRequest};
use pishkhan_protocol::event::{Hash, tagged_hash};
use pishkhan_protocol::head::Head;

use crate::centre::Centre;
use crate::lease::Leases;
use crate::secret::{random, readable};
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

/// Enrols a device.
///
/// # Errors
/// [`EnrolError`].
pub async fn enrol(centre: &Centre, request: &EnrolRequest) -> Result<EnrolReply, EnrolError> {
    let now = centre.now();
    let secret: [u8; 32] = random()?;
    let mut unit = centre.storage.begin().await?;
    let number = identity::next_device(unit.as_mut()).await?;
    let office = enrolment_codes::spend(unit.as_mut(), code_hash(&request.code), number, now)
        .await?
        .ok_or(EnrolError::CodeInvalid)?;
    let device = Device {
        office: office.clone(),
        number,
        key: request.key,
        secret: DeviceSecret(secret),
        head: Head::EMPTY,
        leases: Leases::default(),
        revoked_at: None,
    };
    let machine = cut(&request.machine, MAX_TEXT);
    devices::insert(unit.as_mut(), &device, machine, cut(&request.agent, MAX_TEXT), now).await?;
    let office =
        offices::find(unit.as_mut(), &office).await?.ok_or(StorageError::Unreadable("office"))?;
    let identity = identity::find(unit.as_mut()).await?;
    let epoch = identity.ok_or(StorageError::Unreadable("centre"))?.epoch;
    unit.commit().await?;
    tracing::info!(device = number.0, office = office.code.0, "device enrolled");
    let facts = DeviceFacts {
        device: number,
        office: office.code.clone(),
        office_title: cut(&office.title, MAX_TITLE_BYTES).to_owned(),
        key: request.key,
        enrolled_at_ms: now,
    };
    Ok(EnrolReply {
        device: number,
        office: office.code,
        office_title: office.title,
        district_title: office.district_title,
        certificate: Certificate::issue(&facts, &centre.key),
        centre_key: centre.key.public(),
        secret,
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
