//! Courier files that come over a line, at the centre or at a hub: those on their way, the marks of
//! those that were taken, and the answers, of each device by number.
//!
//! Invariant: an answer is on the disk as a whole before anybody can fetch it.

use std::io;
use std::path::PathBuf;
use std::time::{Duration, SystemTime};

use pishkhan_domain::content_hash::ContentHash;
use pishkhan_domain::ids::DeviceNumber;
use tokio::fs;

use crate::disk::{self, files};
use crate::parts::{PartWriter, Parts};
use crate::sweeping::Swept;

/// Largest file that is taken over a line.
pub const MOST_BYTES: u64 = 256 * 1024 * 1024;
/// Together, of files on their way.
const MOST_INCOMING_BYTES: u64 = 4 * 1024 * 1024 * 1024;
/// A file that did not go on for so long is given up.
const INCOMING_LIFE: Duration = Duration::from_secs(3 * 24 * 60 * 60);
/// For so long a file that was taken is recognised, and an answer kept.
const LIFE: Duration = Duration::from_secs(60 * 24 * 60 * 60);

/// A folder of courier files.
pub struct Carried {
    root: PathBuf,
    parts: Parts,
    swept: Swept,
}

/// What is known of a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Coming {
    /// Length.
    pub length: u64,
    /// Was it taken?
    pub taken: bool,
}

impl Carried {
    /// In this folder; what is in it is made when it is needed.
    #[must_use]
    pub fn new(root: PathBuf) -> Self {
        Self { root, parts: Parts::default(), swept: Swept::default() }
    }

    /// Makes a place for a file; says whether there is room.
    ///
    /// # Errors
    /// Of the disk, as in all that follow.
    pub async fn announce(&self, hash: ContentHash, length: u64) -> io::Result<bool> {
        self.sweep_at_times().await?;
        if self.find(hash).await?.is_some_and(|known| known.taken || known.length == length) {
            return Ok(true);
        }
        let begins = format!("{hash}.");
        let mut others = 0;
        for found in files(&self.root.join(INCOMING)).await? {
            let name = found.name();
            if name.starts_with(&begins) {
                // Announced with another length before; the name cannot fit both.
                fs::remove_file(&found.path).await?;
            } else {
                others += length_in(&name).unwrap_or(0);
            }
        }
        if others + length > MOST_INCOMING_BYTES {
            return Ok(false);
        }
        let part = self.part(hash, length);
        if let Some(folder) = part.parent() {
            fs::create_dir_all(folder).await?;
        }
        disk::before_writing(&part)?;
        fs::File::create(part).await?;
        Ok(true)
    }

    /// What is known of a file.
    ///
    /// # Errors
    /// As [`Carried::announce`].
    pub async fn find(&self, hash: ContentHash) -> io::Result<Option<Coming>> {
        match fs::read_to_string(self.mark(hash)).await {
            Ok(length) => {
                let length = length.trim().parse().unwrap_or(0);
                return Ok(Some(Coming { length, taken: true }));
            }
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
            Err(_) => {}
        }
        if let Some(length) = disk::length(&self.incoming(hash)).await? {
            return Ok(Some(Coming { length, taken: false }));
        }
        let begins = format!("{hash}.");
        for found in files(&self.root.join(INCOMING)).await? {
            let name = found.name();
            if let Some(length) = length_in(&name).filter(|_| name.starts_with(&begins)) {
                return Ok(Some(Coming { length, taken: false }));
            }
        }
        Ok(None)
    }

    /// The right to write a file's part.
    ///
    /// # Errors
    /// As [`Carried::announce`].
    pub async fn write(&self, hash: ContentHash, length: u64) -> io::Result<Option<PartWriter>> {
        self.parts.write(self.part(hash, length), self.incoming(hash)).await
    }

    /// Where a whole file waits to be taken.
    #[must_use]
    pub fn incoming(&self, hash: ContentHash) -> PathBuf {
        self.root.join(INCOMING).join(hash.to_string())
    }

    /// Whole files that nobody has taken: whoever was about to was stopped.
    ///
    /// # Errors
    /// As [`Carried::announce`].
    pub async fn left_over(&self) -> io::Result<Vec<ContentHash>> {
        let found = files(&self.root.join(INCOMING)).await?;
        Ok(found.iter().filter_map(|found| found.name().parse().ok()).collect())
    }

    /// Marks a file as taken: who sends it again is told that it is here.
    ///
    /// # Errors
    /// As [`Carried::announce`].
    pub async fn mark_taken(&self, hash: ContentHash, length: u64) -> io::Result<()> {
        disk::put(&self.mark(hash), length.to_string().as_bytes()).await
    }

    /// Keeps an answer; a later one of the same number takes its place.
    ///
    /// # Errors
    /// As [`Carried::announce`].
    pub async fn keep_answer(
        &self,
        device: DeviceNumber,
        number: u64,
        bytes: &[u8],
    ) -> io::Result<()> {
        disk::put(&self.answers(device).join(format!("{number:020}")), bytes).await
    }

    /// The answer of the highest number above `after`.
    ///
    /// # Errors
    /// As [`Carried::announce`].
    pub async fn newest_answer(
        &self,
        device: DeviceNumber,
        after: u64,
    ) -> io::Result<Option<Vec<u8>>> {
        let found = files(&self.answers(device)).await?;
        let numbers =
            found.iter().filter_map(|found| Some((found.name().parse().ok()?, &found.path)));
        let newest = numbers.filter(|(number, _): &(u64, _)| *number > after).max();
        match newest {
            Some((_, path)) => Ok(Some(fs::read(path).await?)),
            None => Ok(None),
        }
    }

    /// The answer to one file.
    ///
    /// # Errors
    /// As [`Carried::announce`].
    pub async fn answer_to(
        &self,
        device: DeviceNumber,
        number: u64,
    ) -> io::Result<Option<Vec<u8>>> {
        match fs::read(self.answers(device).join(format!("{number:020}"))).await {
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            read => Ok(Some(read?)),
        }
    }

    async fn sweep_at_times(&self) -> io::Result<()> {
        let now = SystemTime::now();
        if self.swept.is_due(now) { self.sweep(now).await } else { Ok(()) }
    }

    /// Removes what is too old at this time. A whole file that waits to be taken stays.
    ///
    /// # Errors
    /// As [`Carried::announce`].
    pub async fn sweep(&self, now: SystemTime) -> io::Result<()> {
        let incoming = self.root.join(INCOMING);
        for found in files(&incoming).await? {
            if length_in(&found.name()).is_some() && found.changed + INCOMING_LIFE < now {
                fs::remove_file(found.path).await?;
            }
        }
        let mut old = files(&self.root.join(TAKEN)).await?;
        for device in files(&self.root.join(ANSWERS)).await? {
            old.extend(files(&device.path).await?);
        }
        for found in old {
            if found.changed + LIFE < now {
                fs::remove_file(found.path).await?;
            }
        }
        Ok(())
    }

    fn part(&self, hash: ContentHash, length: u64) -> PathBuf {
        self.incoming(hash).with_extension(format!("{length}.part"))
    }

    fn mark(&self, hash: ContentHash) -> PathBuf {
        self.root.join(TAKEN).join(hash.to_string())
    }

    fn answers(&self, device: DeviceNumber) -> PathBuf {
        self.root.join(ANSWERS).join(device.0.to_string())
    }
}

const INCOMING: &str = "incoming";
const TAKEN: &str = "taken";
const ANSWERS: &str = "answers";

/// The announced length in the name of a part.
fn length_in(name: &str) -> Option<u64> {
    name.strip_suffix(".part")?.rsplit_once('.')?.1.parse().ok()
}
