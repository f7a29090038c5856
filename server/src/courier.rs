//! Files that were carried here: taken part by part, answered with a file of our own.
//!
//! Invariant: idempotent. A part is one transaction, the chain decides what is new, and no lease is
//! shown or changed; so a file may come in any order, twice, cut, or never.

mod answer;
mod papers;
mod work;

use std::io::{self, Read};

use pishkhan_domain::ids::{DeviceNumber, OfficeCode};
use pishkhan_protocol::certificate::DeviceFacts;
use pishkhan_protocol::courier::{Content, CourierError, Cover, Direction, FileReader, PartKey};
use pishkhan_protocol::exchange::Verdict;
use tokio::task::spawn_blocking;

use crate::centre::Centre;
use crate::exchange::{ExchangeError, admit, find_device, forgotten};
use crate::storage::StorageError;
use crate::storage::courier::{self as files, Came};
use crate::storage::devices::Device;
use work::Work;

/// A file that was taken.
#[derive(Clone, Debug)]
pub struct Taken {
    /// Office of the device.
    pub office: OfficeCode,
    /// Device that wrote it.
    pub device: DeviceNumber,
    /// Number of the file.
    pub number: u64,
    /// Did it have its end? If not, what came before the cut was taken.
    pub whole: bool,
    /// Of its entries: the first word that was not `Ok`.
    pub verdict: Verdict,
    /// Entries that were new.
    pub entries: u64,
    /// Documents that it completed.
    pub documents: u64,
    /// Bytes of the answer, to be carried back.
    pub answer: Vec<u8>,
}

/// Why a file was not taken: nothing of it was stored, and there is no answer. Split by what its
/// bearer is told.
#[derive(Debug, thiserror::Error)]
pub enum TakeError {
    /// No courier's file.
    #[error("not a courier's file")]
    NotOne,
    /// Of a later version of the program.
    #[error("a courier's file of a later version")]
    TooNew,
    /// Cut or changed so that not even its first part can be read.
    #[error("the file is cut or changed")]
    Damaged,
    /// An answer, on its way to an office.
    #[error("an answer to an office")]
    Answer,
    /// Of a device that this centre never enrolled.
    #[error("of a device of another centre")]
    Stranger,
    /// The file cannot be read.
    #[error("the file cannot be read")]
    Disk(#[source] io::Error),
    /// Try again later; what was stored before is stored once.
    #[error(transparent)]
    Storage(#[from] StorageError),
    /// The system has no randomness.
    #[error("no randomness")]
    Randomness(#[from] getrandom::Error),
}

impl Taken {
    /// What the answer is called, for people.
    #[must_use]
    pub fn answer_name(&self) -> String {
        format!("pishkhan-{}-{}-answer.courier", self.device.0, self.number)
    }
}

impl From<ExchangeError> for TakeError {
    fn from(error: ExchangeError) -> Self {
        match error {
            ExchangeError::Storage(error) => error.into(),
            ExchangeError::Randomness(error) => error.into(),
            ExchangeError::NotUnderstood(_) | ExchangeError::UnknownDevice => Self::Stranger,
        }
    }
}

/// Takes a file, whatever it is, and answers it.
///
/// # Errors
/// [`TakeError`].
pub async fn take(centre: &Centre, from: impl Read + Send + 'static) -> Result<Taken, TakeError> {
    let file = spawn_blocking(|| FileReader::open(from)).await.map_err(interrupted)?;
    let file = file.map_err(not_taken)?;
    let (cover, facts) = certified(centre, &file)?;
    let (device, known) = device_of(centre, &facts).await?;
    let key = PartKey::of(&device.secret, &cover, file.cover());
    let mut source = Source { file, key };
    let mut work = Work::new(device, cover);
    let mut begun = false;
    let whole = loop {
        let part;
        (source, part) = source.next().await?;
        match part {
            Err(CourierError::Disk(error)) => return Err(TakeError::Disk(error)),
            Err(_) if !begun && !known => return Err(TakeError::Stranger),
            Err(_) if !begun => return Err(TakeError::Damaged),
            Err(error) => {
                tracing::warn!(device = facts.device.0, %error, "a courier file ends early");
                break false;
            }
            Ok(part) => {
                if !begun && !known {
                    // Who sealed this part has the secret that only we could have given.
                    admit(centre, &facts).await?;
                }
                begun = true;
                match part {
                    None => break true,
                    Some(Content::Exchange(request)) => work.entries(centre, *request).await?,
                    Some(Content::Piece(piece)) => work.piece(centre, &piece).await?,
                    Some(_) => {}
                }
            }
        }
    };
    finish(centre, work, whole).await
}

/// A file that is read away from the threads that serve.
struct Source<R> {
    file: FileReader<R>,
    key: PartKey,
}

impl<R: Read + Send + 'static> Source<R> {
    async fn next(mut self) -> Result<(Self, Result<Option<Content>, CourierError>), TakeError> {
        let read = move || {
            let part = self.file.next(&self.key);
            (self, part)
        };
        spawn_blocking(read).await.map_err(interrupted)
    }
}

async fn finish(centre: &Centre, work: Work, whole: bool) -> Result<Taken, TakeError> {
    let Work { device, cover, verdict, entries, documents, .. } = &work;
    let (office, number) = (device.office.clone(), device.number);
    let came = Came { whole, entries: *entries, documents: *documents, now: centre.now() };
    let mut unit = centre.storage.begin().await?;
    files::note(unit.as_mut(), &office, cover, came).await?;
    unit.commit().await?;
    let verdict = *verdict;
    tracing::info!(
        device = number.0,
        file = cover.number,
        whole,
        ?verdict,
        entries,
        documents,
        "a courier file was taken"
    );
    let answer = answer::write(centre, &work).await?;
    Ok(Taken {
        office,
        device: number,
        number: cover.number,
        whole,
        verdict,
        entries: *entries,
        documents: *documents,
        answer,
    })
}

/// The cover, if our own key vouches for the device that signed it.
fn certified<R: Read>(
    centre: &Centre,
    file: &FileReader<R>,
) -> Result<(Cover, DeviceFacts), TakeError> {
    let us = centre.key.public();
    let cover = file.cover().read().map_err(|_| TakeError::Damaged)?;
    if cover.direction == Direction::ToOffice {
        return Err(TakeError::Answer);
    }
    let cover = file.cover().verify(&us).map_err(|_| TakeError::Stranger)?.cover;
    let certificate = cover.certificate.as_ref().ok_or(TakeError::Stranger)?;
    let facts = certificate.verify(&us).map_err(|_| TakeError::Stranger)?;
    Ok((cover, facts))
}

/// The device, and whether it is known; if not, as it would be.
async fn device_of(centre: &Centre, facts: &DeviceFacts) -> Result<(Device, bool), TakeError> {
    let mut unit = centre.storage.read().await?;
    match find_device(unit.as_mut(), facts.device).await? {
        Some(device) if device.key == facts.key => Ok((device, true)),
        Some(_) => Err(TakeError::Stranger),
        None => Ok((forgotten(centre, facts), false)),
    }
}

fn not_taken(error: CourierError) -> TakeError {
    match error {
        CourierError::NotOurs => TakeError::NotOne,
        CourierError::TooNew => TakeError::TooNew,
        CourierError::Cut | CourierError::Damaged(_) => TakeError::Damaged,
        CourierError::Disk(error) => TakeError::Disk(error),
    }
}

fn interrupted(error: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> TakeError {
    TakeError::Disk(io::Error::other(error))
}
