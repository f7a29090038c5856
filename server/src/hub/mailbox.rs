//! Files that wait for the centre: one folder for each device, each file named by its number, its
//! id and the hash of its bytes, so that one that comes twice is there once.

use std::fs::File;
use std::io::{self, BufReader};
use std::path::{Path, PathBuf};

use axum::http::StatusCode;
use pishkhan_domain::content_hash::ContentHash;
use pishkhan_domain::ids::DeviceNumber;
use pishkhan_protocol::courier::{CourierError, Cover, Direction, FileReader};
use pishkhan_protocol::keys::PublicKey;
use tokio::task::spawn_blocking;

use super::Hub;
use crate::carried::Carried;
use crate::disk::{self, files, move_to, name_of};
use crate::secret::hex;
use crate::web::courier::Receiver;
use crate::web::tus::Refused;

/// What may wait for one device.
pub const QUOTA_BYTES: u64 = 512 * 1024 * 1024;

pub(super) struct Mailbox {
    root: PathBuf,
    quota_bytes: u64,
}

/// A file that waits.
#[derive(Clone, Debug)]
pub(super) struct Waiting {
    pub(super) device: DeviceNumber,
    pub(super) number: u64,
    pub(super) hash: ContentHash,
    pub(super) length: u64,
    pub(super) path: PathBuf,
}

impl Mailbox {
    pub(super) fn new(root: PathBuf, quota_bytes: u64) -> Self {
        Self { root, quota_bytes }
    }

    /// All that waits; of each device by number.
    pub(super) async fn waiting(&self) -> io::Result<Vec<Waiting>> {
        let mut all = Vec::new();
        for folder in files(&self.root).await? {
            for file in files(&folder.path).await? {
                let length = disk::length(&file.path).await?.unwrap_or(0);
                all.extend(read_name(&folder.path, &file.path, length));
            }
        }
        all.sort_by_key(|waiting| (waiting.device, waiting.number));
        Ok(all)
    }

    async fn has_room(&self, device: DeviceNumber, length: u64) -> io::Result<bool> {
        let mut used = 0;
        for file in files(&self.root.join(device.0.to_string())).await? {
            used += disk::length(&file.path).await?.unwrap_or(0);
        }
        Ok(used + length <= self.quota_bytes)
    }

    async fn keep(&self, file: &Path, cover: &Cover, hash: ContentHash) -> io::Result<()> {
        let name = format!("{:020}-{}-{hash}", cover.number, hex(&cover.id));
        move_to(file, &self.root.join(cover.device.0.to_string()).join(name)).await
    }

    pub(super) async fn remove(&self, waiting: &Waiting) -> io::Result<()> {
        disk::remove(&waiting.path).await
    }
}

fn read_name(folder: &Path, path: &Path, length: u64) -> Option<Waiting> {
    let name = name_of(path);
    let mut parts = name.split('-');
    let number = parts.next()?.parse().ok()?;
    let hash = parts.nth(1)?.parse().ok()?;
    let device = DeviceNumber(name_of(folder).parse().ok()?);
    Some(Waiting { device, number, hash, length, path: path.to_owned() })
}

impl Receiver for Hub {
    fn carried(&self) -> &Carried {
        &self.carried
    }

    async fn has_room(&self, device: Option<DeviceNumber>, length: u64) -> Result<(), Refused> {
        let Some(device) = device else { return Ok(()) };
        match self.mailbox.has_room(device, length).await? {
            true => Ok(()),
            false => Err(Refused(StatusCode::INSUFFICIENT_STORAGE)),
        }
    }

    async fn take(&self, file: PathBuf, hash: ContentHash) -> Result<(), Refused> {
        let (path, key) = (file.clone(), self.centre_key);
        let read = spawn_blocking(move || read_cover(&path, &key)).await;
        let cover = read.unwrap_or(Err(Refused(StatusCode::SERVICE_UNAVAILABLE)))?;
        let length = disk::length(&file).await?.unwrap_or(0);
        self.has_room(Some(cover.device), length).await?;
        self.mailbox.keep(&file, &cover, hash).await?;
        tracing::info!(device = cover.device.0, file = cover.number, length, "kept for the centre");
        self.came.notify_one();
        Ok(())
    }
}

/// The cover of a file to the centre, of a device that the centre has certified.
fn read_cover(path: &Path, key: &PublicKey) -> Result<Cover, Refused> {
    let reader = FileReader::open(BufReader::new(File::open(path)?)).map_err(|error| {
        Refused(match error {
            CourierError::NotOurs => StatusCode::UNSUPPORTED_MEDIA_TYPE,
            CourierError::TooNew => StatusCode::UPGRADE_REQUIRED,
            CourierError::Cut | CourierError::Damaged(_) => StatusCode::UNPROCESSABLE_ENTITY,
            CourierError::Disk(error) => return Refused::disk(&error),
        })
    })?;
    let stranger = |_| Refused(StatusCode::FORBIDDEN);
    let cover = reader.cover().verify(key).map_err(stranger)?.cover;
    match cover.direction {
        Direction::ToCentre => Ok(cover),
        Direction::ToOffice => Err(Refused(StatusCode::UNSUPPORTED_MEDIA_TYPE)),
    }
}
