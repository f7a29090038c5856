//! As every program of Tauri.

fn main() {
    tauri_build::build();
}
