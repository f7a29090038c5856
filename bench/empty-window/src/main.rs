//! A window of Tauri with one sentence in it, to be measured beside ours. Invariant: it does nothing.

fn main() -> tauri::Result<()> {
    tauri::Builder::default().run(tauri::generate_context!())
}
