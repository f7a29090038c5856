//! The exchange: what a device sends is stored, committed, and only then acknowledged; what is new
//! for its office comes down with the answer.
//!
//! Invariant: the full and the short form differ in how they are written, never in what is stored.

use pishkhan_domain::ids::DeviceNumber;
use pishkhan_protocol::dictionary;
use pishkhan_protocol::envelope::Envelope;
use pishkhan_protocol::error::ProtocolError;
use pishkhan_protocol::exchange::{Batch, ExchangeRequest, PROTOCOL, Verdict, code_of_request};
use pishkhan_protocol::ingest::{VerifiedBatch, verify_batch};
use pishkhan_protocol::keys::Purpose;

use crate::centre::Centre;
use crate::storage::devices::{self, Device};
use crate::storage::{StorageError, Unit, offices};

mod coming_down;
mod conversation;
mod readmission;
mod roots_told;
mod short;

use conversation::{Heard, converse};

pub(crate) use coming_down::{Wishes, bring_down, wanted};
pub(crate) use conversation::{bare_reply, push};
pub(crate) use readmission::{admit, forgotten};
pub(crate) use roots_told::tell_root;
pub use short::{ShortError, short};

/// Why there is no reply.
#[derive(Debug, thiserror::Error)]
pub enum ExchangeError {
    /// Not a message of ours.
    #[error(transparent)]
    NotUnderstood(#[from] ProtocolError),
    /// No such device, or another one signed.
    #[error("the device is not known")]
    UnknownDevice,
    /// Try again later.
    #[error(transparent)]
    Storage(#[from] StorageError),
    /// The system has no randomness.
    #[error("no randomness")]
    Randomness(#[from] getrandom::Error),
}

/// Answers a sealed request with a sealed reply.
///
/// # Errors
/// [`ExchangeError`]; then nothing was stored.
pub async fn exchange(centre: &Centre, sealed: &[u8]) -> Result<Vec<u8>, ExchangeError> {
    let envelope = Envelope::from_bytes(sealed)?;
    let known = {
        let mut unit = centre.storage.read().await?;
        find_device(unit.as_mut(), envelope.device).await?
    };
    let device = match known {
        Some(device) => device,
        None => readmission::readmit(centre, &envelope).await?,
    };
    let request = ExchangeRequest::from_bytes(&envelope.open(Purpose::Request, &device.key)?)?;
    if request.device != device.number {
        return Err(ExchangeError::UnknownDevice);
    }
    // Checked before the transaction: signatures and hashes need nothing stored but the key.
    let pushed = request.batch.as_ref().map(|batch| read_batch(&device, request.protocol, batch));
    let heard = heard(&request, pushed);
    let (unit, mut reply) = converse(centre, device, &heard).await?;
    unit.commit().await?;
    // A device of protocol 1 gets what it always got.
    if request.protocol > 1 {
        reply.dictionary = Some(dictionary::NEWEST);
        reply.answers = Some(code_of_request(sealed));
    }
    let (number, message) = (heard.wishes.dictionary, reply.to_bytes());
    let purpose = Purpose::Reply;
    Ok(Envelope::seal_with(number, purpose, reply.device, &message, &centre.key).to_bytes())
}

pub(crate) async fn find_device(
    unit: &mut dyn Unit,
    number: DeviceNumber,
) -> Result<Option<Device>, StorageError> {
    match offices::of_device(unit, number).await? {
        Some(office) => devices::find(unit, &office, number).await,
        None => Ok(None),
    }
}

pub(crate) fn read_batch(
    device: &Device,
    protocol: u16,
    batch: &Batch,
) -> Result<VerifiedBatch, Verdict> {
    if protocol > PROTOCOL {
        return Err(Verdict::Unsupported);
    }
    verify_batch(device.number, &device.secret, &device.key, batch).map_err(|error| {
        tracing::warn!(device = device.number.0, %error, "batch not taken");
        match error {
            ProtocolError::Unknown { .. } => Verdict::Unsupported,
            _ => Verdict::BadChain,
        }
    })
}

fn heard(request: &ExchangeRequest, pushed: Option<Result<VerifiedBatch, Verdict>>) -> Heard<'_> {
    Heard {
        epoch: request.epoch,
        lease: request.lease,
        pushed,
        feed_cursor: request.feed_cursor,
        catalogue_cursor: request.catalogue_cursor,
        log_seq: request.log_seq,
        oldest_waiting_ms: request.oldest_waiting_ms,
        agent: Some(&request.agent),
        wishes: Wishes {
            protocol: request.protocol,
            most_bytes: request.reply_most_bytes,
            dictionary: request.dictionary.unwrap_or(dictionary::NONE).min(dictionary::NEWEST),
        },
    }
}
