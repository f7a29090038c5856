//! Where the programs under test and the pictures of failures are.

use std::path::{Path, PathBuf};

/// Root of the repository.
pub(crate) fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap()
}

/// A program that `script/build` has built.
pub(crate) fn program(name: &str) -> PathBuf {
    let path = target().join("debug").join(name);
    assert!(path.exists(), "{} is not built: run script/build", path.display());
    path
}

/// Pictures of the screen when a test failed.
pub(crate) fn failures() -> PathBuf {
    let dir = target().join("failures");
    std::fs::create_dir_all(&dir).unwrap();
    dir
}

fn target() -> PathBuf {
    std::env::var_os("CARGO_TARGET_DIR").map_or_else(|| root().join("target"), PathBuf::from)
}
