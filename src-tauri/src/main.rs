//! The shell: a window over the office's use cases, and the background synchronisation.
//!
//! Invariant: nothing is decided here. A command is one call of the counter, on a thread that may
//! wait for the disk; whatever it changed is told to the window.

#![cfg_attr(not(debug_assertions), windows_subsystem = "windows")]

mod commands;
mod desk;
mod drives;
mod enrolment;
mod heard;
mod places;
mod telling;

use std::sync::Arc;

use tauri::Manager as _;

use crate::desk::Desk;

fn main() -> anyhow::Result<()> {
    tracing_subscriber::fmt()
        .with_env_filter(
            tracing_subscriber::EnvFilter::try_from_env("PISHKHAN_LOG")
                .unwrap_or_else(|_| tracing_subscriber::EnvFilter::new("warn,pishkhan=info")),
        )
        .with_writer(std::io::stderr)
        .init();
    tauri::Builder::default()
        .invoke_handler(commands::handler())
        .setup(|app| {
            let places = places::places(app.handle())?;
            // What the web view keeps (the language, no more) lies with the office's data.
            let web_view_dir = places.data_dir.join("window");
            app.manage(Arc::new(Desk::open(app.handle(), places)));
            let config = app.config().app.windows.first().cloned().ok_or("no window configured")?;
            tauri::WebviewWindowBuilder::from_config(app.handle(), &config)?
                .data_directory(web_view_dir)
                .build()?;
            Ok(())
        })
        .run(tauri::generate_context!())?;
    Ok(())
}
