//! Files on a stick: written beside and renamed, on the medium before anybody is told.

use std::fs::{self, File};
use std::io::{self, BufReader, BufWriter, ErrorKind};
use std::path::{Path, PathBuf};

use pishkhan_protocol::courier::EXTENSION;

use crate::error::{CounterError, is_full};

/// Left free on a stick: its folder grows too.
const SLACK_BYTES: u64 = 64 * 1024;

/// The folder, and the name if one was given.
pub(super) fn place(place: &Path) -> Result<(PathBuf, Option<String>), CounterError> {
    if place.is_dir() {
        return Ok((place.to_owned(), None));
    }
    let folder = match place.parent() {
        Some(parent) if parent.as_os_str().is_empty() => Path::new("."),
        Some(parent) => parent,
        None => return Err(CounterError::told("courier.no_folder")),
    };
    let name = place.extension().is_some_and(|end| end == EXTENSION);
    let name = place.file_stem().filter(|_| name && folder.is_dir());
    let name = name.ok_or_else(|| CounterError::told("courier.no_folder"))?;
    if place.symlink_metadata().is_ok() {
        // Nothing that is there is ever replaced.
        return Err(CounterError::told("courier.not_writable"));
    }
    Ok((folder.to_owned(), Some(name.to_string_lossy().into_owned())))
}

/// Bytes that a file may take; everything, where the system does not say.
pub(super) fn room(folder: &Path) -> u64 {
    fs4::available_space(folder).map_or(u64::MAX, |free| free.saturating_sub(SLACK_BYTES))
}

/// What a stick's refusal is called.
pub(super) fn refused(error: io::Error) -> CounterError {
    tracing::warn!(%error, "the stick refused");
    match error.kind() {
        ErrorKind::NotFound | ErrorKind::NotADirectory => CounterError::told("courier.no_folder"),
        _ if is_full(&error) => CounterError::told("courier.no_room"),
        ErrorKind::FileTooLarge => CounterError::told("courier.no_room"),
        _ => CounterError::told("courier.not_writable"),
    }
}

/// A file that is not whole yet; removed if it never will be.
pub(super) struct Unfinished {
    folder: PathBuf,
    path: PathBuf,
    file: File,
}

impl Unfinished {
    /// Begins a file; what a former attempt left is removed.
    pub(super) fn create(folder: &Path, device: u32) -> Result<Self, CounterError> {
        let path = folder.join(format!("pishkhan-{device}.{EXTENSION}.part"));
        // Removes the name itself, whatever it is: a link is not followed.
        match fs::remove_file(&path) {
            Err(error) if error.kind() != ErrorKind::NotFound => return Err(refused(error)),
            _ => {}
        }
        let file = File::options().write(true).create_new(true).open(&path).map_err(refused)?;
        Ok(Self { folder: folder.to_owned(), path, file })
    }

    pub(super) fn writer(&self) -> BufWriter<&File> {
        BufWriter::with_capacity(256 * 1024, &self.file)
    }

    /// The bytes as they are on the medium, as far as the system lets us see it.
    pub(super) fn read_back(&self) -> io::Result<BufReader<File>> {
        self.file.sync_all()?;
        let file = File::open(&self.path)?;
        forget_cached(&file);
        Ok(BufReader::with_capacity(256 * 1024, file))
    }

    /// Gives the file its name, or the next one that is free.
    pub(super) fn finish(self, name: &str) -> io::Result<PathBuf> {
        let names = std::iter::once(format!("{name}.{EXTENSION}"))
            .chain((2..).map(|again| format!("{name}-{again}.{EXTENSION}")));
        for name in names {
            let path = self.folder.join(name);
            if path.symlink_metadata().is_ok() {
                continue;
            }
            fs::rename(&self.path, &path)?;
            sync_folder(&self.folder)?;
            return Ok(path);
        }
        Err(ErrorKind::AlreadyExists.into())
    }
}

impl Drop for Unfinished {
    fn drop(&mut self) {
        // Gone under this name once it is finished.
        let _ = fs::remove_file(&self.path);
    }
}

#[cfg(unix)]
fn sync_folder(folder: &Path) -> io::Result<()> {
    match File::open(folder)?.sync_all() {
        // File systems of phones and network drives may not know it.
        Err(error) if error.kind() == ErrorKind::InvalidInput => Ok(()),
        other => other,
    }
}

// Windows has no fsync of folders.
#[cfg(not(unix))]
fn sync_folder(_folder: &Path) -> io::Result<()> {
    Ok(())
}

/// Asks the system to read from the medium, not from memory; a wish, which it may not grant.
#[cfg(target_os = "linux")]
fn forget_cached(file: &File) {
    if let Err(error) = rustix::fs::fadvise(file, 0, None, rustix::fs::Advice::DontNeed) {
        tracing::debug!(%error, "what was written may be read back from memory");
    }
}

#[cfg(not(target_os = "linux"))]
fn forget_cached(_file: &File) {}
