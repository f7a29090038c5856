//! What a citizen holds in hand, read back as a stranger would: from the dots and from the page.

#![allow(clippy::unwrap_used, clippy::panic)]

mod letter;
mod sample;

use std::process::Command;

use image::GrayImage;
use pishkhan_protocol::keys::SecretKey;
use pishkhan_protocol::receipt_proof::ReceiptProof;
use pishkhan_receipt::{
    Paper, ReceiptContent, THERMAL_80_DOTS, render_pdf, render_png, render_raster,
};
use rxing::BarcodeFormat;

fn scan(picture: &GrayImage) -> String {
    let (width, height) = picture.dimensions();
    rxing::helpers::detect_in_luma(
        picture.as_raw().clone(),
        width,
        height,
        Some(BarcodeFormat::QR_CODE),
    )
    .unwrap()
    .getText()
    .to_owned()
}

fn png(content: &ReceiptContent, paper: Paper, ppi: f64) -> GrayImage {
    image::load_from_memory(&render_png(content, paper, ppi).unwrap()).unwrap().into_luma8()
}

/// Text of a PDF in reading order, by poppler's `pdftotext` (Debian: poppler-utils).
fn pdf_text(content: &ReceiptContent, paper: Paper) -> String {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("receipt.pdf");
    std::fs::write(&file, render_pdf(content, paper).unwrap()).unwrap();
    let output = Command::new("pdftotext").arg("-raw").arg(&file).arg("-").output();
    let output = output.map_err(|_| "this test needs pdftotext: install poppler-utils").unwrap();
    assert!(output.status.success());
    String::from_utf8(output.stdout).unwrap()
}

/// Without the word «نمونه» in any of its texts.
fn no_samples() -> ReceiptContent {
    ReceiptContent {
        office_title: "دفتر پیشخوان".to_owned(),
        district_title: String::new(),
        operator_name: "کاربر".to_owned(),
        applicant_name: "متقاضی".to_owned(),
        sample: false,
        ..sample::usual()
    }
}

fn pages(content: &ReceiptContent) -> usize {
    pdf_text(content, Paper::A5).matches('\u{c}').count()
}

fn letters(text: &str) -> String {
    text.chars().filter(|c| c.is_alphanumeric()).collect()
}

#[test]
fn the_symbol_on_paper_is_proved_with_the_centres_public_key_alone() {
    let content = sample::usual();
    let centre = sample::centre().public();
    let stranger = SecretKey::from_seed(&[8; 32]).public();
    let pictures = [
        render_raster(&content, Paper::Thermal80).unwrap(),
        png(&content, Paper::Thermal80, 96.0),
        png(&content, Paper::A5, 300.0),
        render_raster(&content, Paper::A5).unwrap(),
    ];
    for picture in pictures {
        let url = scan(&picture);
        assert_eq!(url, content.proof_url);
        let proof = ReceiptProof::from_url(&url).unwrap();
        let proved = proof.verify(&centre).unwrap();
        assert_eq!(proved.core.tracking_code, Some(content.tracking_code.as_u64()));
        assert_eq!(proved.summary.applicant_name, content.applicant_name);
        assert!(proof.verify(&stranger).is_err());
    }
}

#[test]
fn a_thermal_receipt_is_576_dots_of_black_or_white() {
    for content in [sample::usual(), sample::full()] {
        let dots = render_raster(&content, Paper::Thermal80).unwrap();
        assert_eq!(dots.width(), THERMAL_80_DOTS);
        assert_eq!(THERMAL_80_DOTS, 576);
        assert!(dots.pixels().all(|dot| matches!(dot.0[0], 0 | 255)));
        assert!(dots.rows().next_back().unwrap().all(|dot| dot.0[0] == 255));
    }
}

#[test]
fn every_module_of_a_thermal_symbol_is_a_square_of_whole_dots() {
    for (name, content) in sample::all() {
        let dots = render_raster(&content, Paper::Thermal80).unwrap();
        let rows: Vec<Vec<u8>> = dots.rows().map(|row| row.map(|dot| dot.0[0]).collect()).collect();
        // The first row of the symbol begins and ends with the seven dark modules of a corner.
        let begins = [[0; 28].as_slice(), &[255; 4]].concat();
        let ends = [[255; 4].as_slice(), &[0; 28]].concat();
        let (top, left, right) = rows
            .iter()
            .enumerate()
            .find_map(|(y, row)| {
                let left = row.iter().position(|dot| *dot == 0)?;
                let right = row.iter().rposition(|dot| *dot == 0)? + 1;
                let corners =
                    row[left..right].starts_with(&begins) && row[..right].ends_with(&ends);
                corners.then_some((y, left, right))
            })
            .unwrap_or_else(|| panic!("{name}: no symbol"));
        let side = right - left;
        assert!(side.is_multiple_of(4) && side / 4 % 4 == 1, "{name}: {side}");
        let symbol: Vec<&[u8]> =
            rows[top..top + side].iter().map(|row| &row[left..right]).collect();
        for modules in symbol.chunk_by(|a, b| a == b) {
            assert!(modules.len().is_multiple_of(4), "{name}");
            assert!(modules[0].chunk_by(|a, b| a == b).all(|run| run.len().is_multiple_of(4)));
        }
    }
}

#[test]
fn the_page_holds_the_tracking_code_and_the_word_and_claims_no_more() {
    let content = sample::usual();
    for paper in [Paper::A5, Paper::Thermal80] {
        let text = pdf_text(&content, paper);
        let grouped = pishkhan_domain::digits::to_persian_digits(&content.tracking_code.grouped());
        assert!(text.contains(&grouped), "{text}");
        // Words of Persian come out of a PDF in visual order here and there: letters are enough.
        assert!(!text.contains("0076229645") && !letters(&text).contains("۰۰۷۶۲۲۹۶۴۵"));
        for never in ["پذیرفته شد", "تأیید شد"] {
            assert!(!text.contains(never));
        }
    }
}

#[test]
fn a_reprint_is_marked_with_its_number() {
    let (first, third) = (sample::usual(), ReceiptContent { copy: 3, ..sample::usual() });
    for paper in [Paper::A5, Paper::Thermal80] {
        assert!(!pdf_text(&first, paper).contains("المثنی"));
        let text = pdf_text(&third, paper);
        assert!(text.contains("المثنی") && text.contains('۳'), "{text}");
    }
}

#[test]
fn a_card_with_assumptions_and_a_clock_unmeasured_are_said() {
    let plain = ReceiptContent { sample: false, ..no_samples() };
    let said = ReceiptContent { sample: true, time_not_confirmed: true, ..plain.clone() };
    assert!(!pdf_text(&plain, Paper::A5).contains("نمونه"));
    let text = pdf_text(&said, Paper::A5);
    assert!(text.contains("نمونه") && text.contains("رایانه"), "{text}");
}

#[test]
fn eight_papers_with_long_titles_fit_one_page() {
    let content = sample::full();
    assert_eq!(content.documents.len() + content.documents_missing.len(), 8);
    assert_eq!(pages(&content), 1);
    assert_eq!(pages(&sample::usual()), 1);
}

#[test]
fn what_is_longer_flows_on_and_loses_nothing() {
    let content = sample::longest();
    assert!(pages(&content) > 1);
    let printed = letters(&pdf_text(&content, Paper::A5));
    assert_eq!(printed.matches("تکرار").count(), 3 * (2 + 2 + 10 + 1));
}

#[test]
fn no_name_however_long_leaves_the_paper() {
    let content = sample::longest();
    let white = |dot: &image::Luma<u8>| dot.0[0] == 255;
    let dots = render_raster(&content, Paper::Thermal80).unwrap();
    assert!(dots.rows().all(|mut row| row.by_ref().take(6).all(white)));
    assert!(dots.rows().all(|row| row.rev().take(6).all(white)));
    let page = render_raster(&content, Paper::A5).unwrap();
    assert!(page.rows().all(|mut row| row.by_ref().take(60).all(white)));
    assert!(page.rows().all(|row| row.rev().take(60).all(white)));
}

#[test]
fn a_thermal_receipt_as_a_page_is_as_wide_as_the_roll() {
    for content in [sample::usual(), sample::full()] {
        let pdf = render_pdf(&content, Paper::Thermal80).unwrap();
        let text = String::from_utf8_lossy(&pdf);
        let boxes: Vec<_> = text.split("/MediaBox").skip(1).collect();
        assert_eq!(boxes.len(), 1);
        let (_, rest) = boxes[0].split_once('[').unwrap();
        let sides: Vec<f64> = rest
            .split(']')
            .next()
            .unwrap()
            .split_whitespace()
            .map(|side| side.parse().unwrap())
            .collect();
        assert!((sides[2] - 80.0 * 72.0 / 25.4).abs() < 0.1, "{sides:?}");
    }
}

#[test]
fn the_same_receipt_gives_the_same_bytes() {
    let content = sample::usual();
    assert_eq!(render_pdf(&content, Paper::A5).unwrap(), render_pdf(&content, Paper::A5).unwrap());
}
