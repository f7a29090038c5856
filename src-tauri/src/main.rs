//! The shell: a window over the office's use cases.

fn main() -> anyhow::Result<()> {
    tauri::Builder::default()
        .setup(|app| {
            let config = app.config().app.windows.first().cloned().ok_or("no window")?;
            tauri::WebviewWindowBuilder::from_config(app.handle(), &config)?.build()?;
            Ok(())
        })
        .run(tauri::generate_context!())?;
    Ok(())
}
