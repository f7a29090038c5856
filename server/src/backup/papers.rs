//! Documents beside a backup: each once, by its name, which is the hash of its bytes.

use std::io;
use std::path::{Path, PathBuf};

use pishkhan_domain::content_hash::ContentHash;
use tokio::fs;

use super::gives_its_name;
use crate::disk::{self, files, name_of};

/// Copies what is not there yet; gives how many are there now, and those that are damaged here.
pub(super) async fn copy(from: &Path, to: &Path) -> io::Result<(u64, Vec<PathBuf>)> {
    let (mut count, mut damaged) = (0, Vec::new());
    for office in files(from).await? {
        // Those that begin with a dot are on their way and not whole.
        if office.name().starts_with('.') || !fs::metadata(&office.path).await?.is_dir() {
            continue;
        }
        for found in files(&office.path).await? {
            let Ok(hash) = name_of(&found.path).parse::<ContentHash>() else { continue };
            let target = to.join(office.name()).join(hash.to_string());
            let length = disk::length(&found.path).await?;
            if disk::length(&target).await? == length {
                count += 1;
                continue;
            }
            let part = target.with_extension("new");
            if let Some(folder) = target.parent() {
                fs::create_dir_all(folder).await?;
            }
            fs::copy(&found.path, &part).await?;
            if !gives_its_name(&part, hash).await? {
                disk::remove(&part).await?;
                damaged.push(found.path);
                continue;
            }
            fs::File::open(&part).await?.sync_all().await?;
            disk::move_to(&part, &target).await?;
            count += 1;
        }
    }
    Ok((count, damaged))
}
