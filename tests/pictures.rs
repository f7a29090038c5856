//! Pictures for docs/screens, kept while stories are told: `script/screens` asks for them.

use std::path::PathBuf;

/// Where a picture of this name is to go, if pictures are wanted.
pub(crate) fn wanted(name: &str) -> Option<PathBuf> {
    let dir = PathBuf::from(std::env::var_os("PISHKHAN_PICTURES")?);
    Some(dir.join(format!("{name}.png")))
}
