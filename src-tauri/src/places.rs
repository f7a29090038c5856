//! Where this PC keeps the office's data and puts receipts.

use std::path::PathBuf;

use pishkhan_counter::Places;
use pishkhan_counter::printer::Spooler;
use tauri::{AppHandle, Manager as _};

/// `PISHKHAN_DATA_DIR` and `PISHKHAN_RECEIPTS_DIR`, else the folders that the system gives to
/// programs and to documents.
pub(crate) fn places(app: &AppHandle) -> tauri::Result<Places> {
    let data_dir = match from_env("PISHKHAN_DATA_DIR") {
        Some(dir) => dir,
        None => app.path().app_data_dir()?,
    };
    let receipts_dir = from_env("PISHKHAN_RECEIPTS_DIR").unwrap_or_else(|| {
        // A PC without a folder for documents still saves receipts.
        app.path()
            .document_dir()
            .map_or_else(|_| data_dir.join("receipts"), |documents| documents.join("پیشخوان"))
    });
    Ok(Places { data_dir, receipts_dir, spooler: Spooler::default() })
}

fn from_env(name: &str) -> Option<PathBuf> {
    std::env::var_os(name).filter(|value| !value.is_empty()).map(PathBuf::from)
}
