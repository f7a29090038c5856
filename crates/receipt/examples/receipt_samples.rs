//! Writes sample receipts into the folder named by `PISHKHAN_SAMPLES`, for docs/screens and for
//! looking at them. Every person, office and key in them is made up and marked «نمونه».

use std::path::PathBuf;

use pishkhan_receipt::{Paper, render_pdf, render_png};

#[path = "../tests/receipt/sample.rs"]
mod sample;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let folder = std::env::var_os("PISHKHAN_SAMPLES")
        .map(PathBuf::from)
        .ok_or("set PISHKHAN_SAMPLES to the folder that the receipts go to")?;
    std::fs::create_dir_all(&folder)?;
    for (name, content) in sample::all() {
        std::fs::write(folder.join(format!("{name}-a5.pdf")), render_pdf(&content, Paper::A5)?)?;
        for (paper, size) in [(Paper::A5, "a5"), (Paper::Thermal80, "80mm")] {
            std::fs::write(
                folder.join(format!("{name}-{size}.png")),
                render_png(&content, paper, 150.0)?,
            )?;
        }
    }
    Ok(())
}
