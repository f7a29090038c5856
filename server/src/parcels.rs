//! Parcels: envelopes that came in pieces, kept until they are handled. One folder for each device;
//! the length that was announced is part of a part's name.
//!
//! Invariant: a parcel that was answered stays until its device announces another one, so that a
//! lost answer can be had again without sending the parcel again.

use std::io;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use pishkhan_domain::content_hash::ContentHash;
use pishkhan_domain::ids::DeviceNumber;
use tokio::fs;

use crate::disk::{self, files, remove};
use crate::parts::{PartWriter, Parts};
use crate::sweeping::Swept;

/// Most parcels of one device, whole or not: 64 MiB. The oldest makes room.
pub const MOST_PARCELS: usize = 8;
/// What is older is swept.
const LIFE: Duration = Duration::from_secs(24 * 60 * 60);

/// A folder of parcels.
pub struct ParcelStore {
    root: PathBuf,
    parts: Parts,
    swept: Swept,
}

/// What is known of a parcel.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Parcel {
    /// Length that was announced.
    pub length: u64,
    /// Is it here as a whole?
    pub whole: bool,
}

impl ParcelStore {
    /// In this folder, which is made when it is needed.
    #[must_use]
    pub fn new(root: PathBuf) -> Self {
        Self { root, parts: Parts::default(), swept: Swept::default() }
    }

    /// Makes room for a parcel of this length: those that were answered go, and of too many the
    /// oldest.
    ///
    /// # Errors
    /// Of the disk, as in all that follow.
    pub async fn announce(
        &self,
        device: DeviceNumber,
        hash: ContentHash,
        length: u64,
    ) -> io::Result<()> {
        self.sweep_at_times().await?;
        let folder = self.folder(device);
        fs::create_dir_all(&folder).await?;
        let name = hash.to_string();
        let mut others = Vec::new();
        for file in files(&folder).await? {
            if !file.name().starts_with(&name) {
                if has_ending(&file.path, ANSWERED) {
                    remove(&file.path).await?;
                } else {
                    others.push(file);
                }
            } else if has_ending(&file.path, PART) && file.path != self.part(device, hash, length) {
                // Announced with another length before; the name cannot fit both.
                remove(&file.path).await?;
            }
        }
        others.sort_by_key(|file| file.changed);
        for file in others.iter().rev().skip(MOST_PARCELS - 1) {
            remove(&file.path).await?;
        }
        if self.find(device, hash).await?.is_none() {
            fs::File::create(self.part(device, hash, length)).await?;
        }
        Ok(())
    }

    /// What is known of a parcel.
    ///
    /// # Errors
    /// As [`ParcelStore::announce`].
    pub async fn find(
        &self,
        device: DeviceNumber,
        hash: ContentHash,
    ) -> io::Result<Option<Parcel>> {
        let (whole, answered) = (self.whole(device, hash), self.answered(device, hash));
        for path in [&whole, &answered] {
            if let Some(length) = disk::length(path).await? {
                return Ok(Some(Parcel { length, whole: true }));
            }
        }
        let begins = format!("{hash}.");
        for file in files(&self.folder(device)).await? {
            let name = file.path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
            let length = name.strip_prefix(&begins).and_then(|rest| rest.strip_suffix(".part"));
            if let Some(length) = length.and_then(|length| length.parse().ok()) {
                return Ok(Some(Parcel { length, whole: false }));
            }
        }
        Ok(None)
    }

    /// The right to write a parcel's part; `None` while somebody else does not give it up.
    ///
    /// # Errors
    /// As [`ParcelStore::announce`].
    pub async fn write(
        &self,
        device: DeviceNumber,
        hash: ContentHash,
        length: u64,
    ) -> io::Result<Option<PartWriter>> {
        self.parts.write(self.part(device, hash, length), self.whole(device, hash)).await
    }

    /// The bytes of a whole parcel, answered or not.
    ///
    /// # Errors
    /// As [`ParcelStore::announce`]; [`io::ErrorKind::NotFound`].
    pub async fn read(&self, device: DeviceNumber, hash: ContentHash) -> io::Result<Vec<u8>> {
        match fs::read(self.whole(device, hash)).await {
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                fs::read(self.answered(device, hash)).await
            }
            read => read,
        }
    }

    /// Marks a parcel as answered: the next one that its device announces pushes it out.
    ///
    /// # Errors
    /// As [`ParcelStore::announce`].
    pub async fn mark_answered(&self, device: DeviceNumber, hash: ContentHash) -> io::Result<()> {
        match fs::rename(self.whole(device, hash), self.answered(device, hash)).await {
            Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
            _ => Ok(()),
        }
    }

    /// Removes what has not been touched since.
    ///
    /// # Errors
    /// As [`ParcelStore::announce`].
    pub async fn sweep(&self, since: SystemTime) -> io::Result<()> {
        for device in files(&self.root).await? {
            for file in files(&device.path).await? {
                if file.changed < since {
                    remove(&file.path).await?;
                }
            }
            // Only an empty one goes.
            let _ = fs::remove_dir(&device.path).await;
        }
        Ok(())
    }

    async fn sweep_at_times(&self) -> io::Result<()> {
        let now = SystemTime::now();
        if self.swept.is_due(now) { self.sweep(now - LIFE).await } else { Ok(()) }
    }

    fn folder(&self, device: DeviceNumber) -> PathBuf {
        self.root.join(device.0.to_string())
    }

    fn whole(&self, device: DeviceNumber, hash: ContentHash) -> PathBuf {
        self.folder(device).join(hash.to_string())
    }

    fn answered(&self, device: DeviceNumber, hash: ContentHash) -> PathBuf {
        self.whole(device, hash).with_extension(ANSWERED)
    }

    fn part(&self, device: DeviceNumber, hash: ContentHash, length: u64) -> PathBuf {
        self.whole(device, hash).with_extension(format!("{length}.{PART}"))
    }
}

const ANSWERED: &str = "answered";
const PART: &str = "part";

fn has_ending(path: &Path, ending: &str) -> bool {
    path.extension().is_some_and(|found| found == ending)
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    const DEVICE: DeviceNumber = DeviceNumber(7);

    fn name(index: u8) -> ContentHash {
        ContentHash([index; 32])
    }

    async fn finished(parcels: &ParcelStore, bytes: &[u8]) -> ContentHash {
        let hash = ContentHash::of(bytes);
        parcels.announce(DEVICE, hash, bytes.len() as u64).await.unwrap();
        let writer = parcels.write(DEVICE, hash, bytes.len() as u64).await.unwrap().unwrap();
        let mut file = writer.append().await.unwrap();
        tokio::io::AsyncWriteExt::write_all(&mut file, bytes).await.unwrap();
        file.sync_all().await.unwrap();
        assert!(writer.finish(hash).await.unwrap());
        hash
    }

    #[tokio::test]
    async fn of_too_many_the_oldest_makes_room() {
        let folder = tempfile::tempdir().unwrap();
        let parcels = ParcelStore::new(folder.path().join("parcels"));
        for index in 0..12 {
            parcels.announce(DEVICE, name(index), 100).await.unwrap();
            let file = std::fs::File::options()
                .append(true)
                .open(parcels.part(DEVICE, name(index), 100))
                .unwrap();
            let at = SystemTime::now() - Duration::from_secs(1_000 - u64::from(index));
            file.set_modified(at).unwrap();
        }
        for index in 0..12 {
            let found = parcels.find(DEVICE, name(index)).await.unwrap();
            let kept = usize::from(index) >= 12 - MOST_PARCELS;
            assert_eq!(found, kept.then_some(Parcel { length: 100, whole: false }), "{index}");
        }
        let other = parcels.find(DeviceNumber(8), name(11)).await.unwrap();
        assert_eq!(other, None, "another device does not see it");
    }

    #[tokio::test]
    async fn an_answered_parcel_stays_until_the_next_is_announced() {
        let folder = tempfile::tempdir().unwrap();
        let parcels = ParcelStore::new(folder.path().join("parcels"));
        let waiting = finished(&parcels, b"waiting").await;
        let answered = finished(&parcels, b"answered").await;
        parcels.mark_answered(DEVICE, answered).await.unwrap();
        parcels.mark_answered(DEVICE, answered).await.unwrap();
        assert_eq!(parcels.read(DEVICE, answered).await.unwrap(), b"answered");
        parcels.announce(DEVICE, answered, 8).await.unwrap();
        assert_eq!(parcels.read(DEVICE, answered).await.unwrap(), b"answered");
        parcels.announce(DEVICE, name(1), 8).await.unwrap();
        assert_eq!(parcels.find(DEVICE, answered).await.unwrap(), None);
        assert_eq!(parcels.read(DEVICE, waiting).await.unwrap(), b"waiting");
    }

    #[tokio::test]
    async fn another_length_begins_anew() {
        let folder = tempfile::tempdir().unwrap();
        let parcels = ParcelStore::new(folder.path().join("parcels"));
        for length in [100, 200] {
            parcels.announce(DEVICE, name(1), length).await.unwrap();
            let found = parcels.find(DEVICE, name(1)).await.unwrap();
            assert_eq!(found, Some(Parcel { length, whole: false }));
        }
        assert_eq!(files(&parcels.folder(DEVICE)).await.unwrap().len(), 1);
    }

    #[tokio::test]
    async fn what_is_a_day_old_is_swept() {
        let folder = tempfile::tempdir().unwrap();
        let parcels = ParcelStore::new(folder.path().join("parcels"));
        parcels.announce(DEVICE, name(1), 100).await.unwrap();
        parcels.sweep(SystemTime::now() - LIFE).await.unwrap();
        assert!(parcels.find(DEVICE, name(1)).await.unwrap().is_some());
        parcels.sweep(SystemTime::now() + LIFE).await.unwrap();
        assert_eq!(parcels.find(DEVICE, name(1)).await.unwrap(), None);
        assert!(files(&parcels.root).await.unwrap().is_empty());
    }
}
