//! Files and folders as uploads, parcels and courier files all need them.
//!
//! Invariant: what is put or moved here is there as a whole or not at all, whenever the power goes.

use std::io;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use tokio::fs;
use tokio::io::AsyncWriteExt as _;

/// Something in a folder.
pub(crate) struct Found {
    /// Where.
    pub(crate) path: PathBuf,
    /// When it was changed last.
    pub(crate) changed: SystemTime,
}

impl Found {
    /// Its name in the folder.
    pub(crate) fn name(&self) -> String {
        name_of(&self.path)
    }
}

/// The last part of a path.
pub(crate) fn name_of(path: &Path) -> String {
    path.file_name().unwrap_or_default().to_string_lossy().into_owned()
}

/// What is in a folder; nothing if there is none.
pub(crate) async fn files(folder: &Path) -> io::Result<Vec<Found>> {
    let mut found = Vec::new();
    let mut entries = match fs::read_dir(folder).await {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(found),
        entries => entries?,
    };
    while let Some(entry) = entries.next_entry().await? {
        // One that another request has just removed is not there.
        if let Ok(facts) = entry.metadata().await {
            found.push(Found { path: entry.path(), changed: facts.modified()? });
        }
    }
    Ok(found)
}

/// Length of a file; none if it is not there.
pub(crate) async fn length(path: &Path) -> io::Result<Option<u64>> {
    match fs::metadata(path).await {
        Ok(found) => Ok(Some(found.len())),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error),
    }
}

/// Comes before whatever is written, so that the machine of a simulation can stop there.
pub(crate) fn before_writing(path: &Path) -> io::Result<()> {
    #[cfg(feature = "simulation")]
    simulated::burn(path)?;
    let _ = path;
    Ok(())
}

/// Removes a file, if it is there.
pub(crate) async fn remove(path: &Path) -> io::Result<()> {
    before_writing(path)?;
    match fs::remove_file(path).await {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
        _ => Ok(()),
    }
}

/// Writes a file beside, then renames it.
pub(crate) async fn put(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let folder = path.parent().unwrap_or(Path::new("."));
    fs::create_dir_all(folder).await?;
    let beside = path.with_extension("new");
    before_writing(&beside)?;
    let mut file = fs::File::create(&beside).await?;
    before_writing(&beside)?;
    file.write_all(bytes).await?;
    file.flush().await?;
    file.sync_all().await?;
    move_to(&beside, path).await
}

/// Moves a file, and makes sure that it stays moved.
pub(crate) async fn move_to(from: &Path, to: &Path) -> io::Result<()> {
    let folder = to.parent().unwrap_or(Path::new("."));
    fs::create_dir_all(folder).await?;
    before_writing(to)?;
    fs::rename(from, to).await?;
    fs::File::open(folder).await?.sync_all().await
}

/// Machines that stop between any two writes, of one thread, as a seed of the simulation is.
#[cfg(feature = "simulation")]
pub mod simulated {
    use std::cell::RefCell;
    use std::collections::BTreeMap;
    use std::io;
    use std::path::{Path, PathBuf};

    #[derive(Clone, Copy)]
    enum State {
        /// Stops at the write after so many more.
        Burning(u32),
        Stopped,
    }

    thread_local! {
        static MACHINES: RefCell<BTreeMap<PathBuf, State>> = const { RefCell::new(BTreeMap::new()) };
    }

    /// The machine with this folder stops at the write after so many more.
    pub fn light(folder: &Path, writes: u32) {
        MACHINES.with_borrow_mut(|machines| {
            machines.entry(folder.to_owned()).or_insert(State::Burning(writes));
        });
    }

    /// The danger is over, unless it has stopped already.
    pub fn put_out(folder: &Path) {
        if !has_stopped(folder) {
            mend(folder);
        }
    }

    /// Has it stopped? Then nothing more reaches its disk.
    #[must_use]
    pub fn has_stopped(folder: &Path) -> bool {
        MACHINES.with_borrow(|machines| matches!(machines.get(folder), Some(State::Stopped)))
    }

    /// It may start again.
    pub fn mend(folder: &Path) {
        MACHINES.with_borrow_mut(|machines| machines.remove(folder));
    }

    pub(super) fn burn(path: &Path) -> io::Result<()> {
        MACHINES.with_borrow_mut(|machines| {
            let machine = machines.iter_mut().find(|(folder, _)| path.starts_with(folder));
            let Some((_, state)) = machine else { return Ok(()) };
            match state {
                State::Burning(left) if *left > 0 => {
                    *left -= 1;
                    Ok(())
                }
                state => {
                    *state = State::Stopped;
                    Err(io::Error::other("no power"))
                }
            }
        })
    }
}
