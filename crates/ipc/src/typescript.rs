//! The TypeScript of every type that crosses the border, one file each, and an index.
//!
//! Invariant: [`export`] writes every type reachable from [`crate::command::Commands`], so nothing
//! that the window may say or hear is missing.

use std::collections::BTreeSet;
use std::path::Path;
use std::{fs, io};

use pishkhan_domain::entry::FIELD_ERROR_CODES;
use ts_rs::{Config, TS};

use crate::command::{COMMAND_NAMES, Changed, Commands};
use crate::courier::COURIER_CODES;
use crate::error::{CODES, IpcError};

/// Writes all types into `folder`, which is emptied first of what an older contract left there.
///
/// # Errors
/// When the folder cannot be written.
pub fn export(folder: &Path) -> io::Result<()> {
    if folder.exists() {
        fs::remove_dir_all(folder)?;
    }
    fs::create_dir_all(folder)?;
    let config = Config::new().with_out_dir(folder).with_large_int("number");
    Commands::export_all(&config).map_err(io::Error::other)?;
    Changed::export_all(&config).map_err(io::Error::other)?;
    IpcError::export_all(&config).map_err(io::Error::other)?;
    fs::write(folder.join("index.ts"), index(folder)?)
}

fn index(folder: &Path) -> io::Result<String> {
    let mut names = BTreeSet::new();
    for entry in fs::read_dir(folder)? {
        let name = entry?.file_name().to_string_lossy().into_owned();
        if let Some(name) = name.strip_suffix(".ts") {
            names.insert(name.to_owned());
        }
    }
    let mut text = String::from("// Written by pishkhan-ipc. Do not edit.\n");
    for name in names {
        text.push_str(&format!("export type {{ {name} }} from \"./{name}\";\n"));
    }
    text.push_str(&list("COMMAND_NAMES", COMMAND_NAMES));
    text.push_str(&list("CODES", CODES));
    text.push_str(&list("COURIER_CODES", COURIER_CODES));
    text.push_str(&list("FIELD_ERROR_CODES", FIELD_ERROR_CODES));
    Ok(text)
}

fn list(name: &str, values: &[&str]) -> String {
    let lines: String = values.iter().map(|value| format!("  \"{value}\",\n")).collect();
    format!("\nexport const {name} = [\n{lines}] as const;\n")
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use std::collections::BTreeMap;
    use std::path::Path;
    use std::{env, fs, process};

    fn files(folder: &Path) -> BTreeMap<String, String> {
        fs::read_dir(folder)
            .unwrap()
            .map(|entry| {
                let entry = entry.unwrap();
                let name = entry.file_name().to_string_lossy().into_owned();
                (name, fs::read_to_string(entry.path()).unwrap())
            })
            .collect()
    }

    /// Mend it with `cargo run -p pishkhan-ipc --bin write-typescript`.
    #[test]
    fn the_committed_types_are_those_of_this_contract() {
        let fresh = env::temp_dir().join(format!("pishkhan-ipc-{}", process::id()));
        super::export(&fresh).unwrap();
        let committed = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../ui/src/ipc/generated");
        let (fresh_files, committed_files) = (files(&fresh), files(&committed));
        fs::remove_dir_all(&fresh).unwrap();
        assert_eq!(
            fresh_files.keys().collect::<Vec<_>>(),
            committed_files.keys().collect::<Vec<_>>()
        );
        for (name, text) in fresh_files {
            assert_eq!(text, committed_files[&name], "{name} is not current");
        }
    }
}
