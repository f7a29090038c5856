//! A receipt as whoever holds it can check it: text of the PDF, and the QR read from a picture.

use std::path::Path;
use std::process::Command;

use anyhow::{Context as _, ensure};
use pishkhan_protocol::keys::PublicKey;
use pishkhan_protocol::receipt_proof::{ReceiptProof, VerifiedReceipt};
use rxing::BarcodeFormat;
use tempfile::TempDir;

/// What is written on a PDF.
pub(crate) fn text(pdf: &Path) -> anyhow::Result<String> {
    let output = Command::new("pdftotext").arg("-layout").arg(pdf).arg("-").output()?;
    ensure!(output.status.success(), "pdftotext failed on {}", pdf.display());
    Ok(String::from_utf8(output.stdout)?)
}

/// The QR of a PDF, read back from a picture of its page as a telephone would see it.
pub(crate) fn qr(pdf: &Path) -> anyhow::Result<String> {
    let dir = TempDir::new()?;
    let page = dir.path().join("page");
    let status = Command::new("pdftoppm")
        .args(["-r", "200", "-png", "-singlefile"])
        .arg(pdf)
        .arg(&page)
        .status()?;
    ensure!(status.success(), "pdftoppm failed on {}", pdf.display());
    let picture = image::open(page.with_extension("png"))?.into_luma8();
    let (width, height) = picture.dimensions();
    let found = rxing::helpers::detect_in_luma(
        picture.into_raw(),
        width,
        height,
        Some(BarcodeFormat::QR_CODE),
    )
    .context("no QR is readable")?;
    Ok(found.getText().to_owned())
}

/// Verifies a receipt with the centre's public key and nothing else.
pub(crate) fn verify(pdf: &Path, centre: &PublicKey) -> anyhow::Result<VerifiedReceipt> {
    Ok(ReceiptProof::from_url(&qr(pdf)?)?.verify(centre)?)
}
