//! A letter, read back from the page.

use std::process::Command;

use pishkhan_domain::digits::to_persian_digits;
use pishkhan_domain::ids::DeviceNumber;
use pishkhan_domain::tracking_code::TrackingCode;
use pishkhan_protocol::letter::Letter;
use pishkhan_receipt::{LetterKind, ReceiptError, render_letter, render_letter_png};

use super::{letters, scan};

fn code() -> TrackingCode {
    TrackingCode::mint(DeviceNumber(7), 1_234_567)
}

fn letter() -> Letter {
    let check_at = format!("https://centre.example/track?code={}", code());
    Letter { check_at, ..pishkhan_testkit::letters::letter() }
}

fn text_of(letter: &Letter, kind: LetterKind) -> String {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("letter.pdf");
    std::fs::write(&file, render_letter(letter, code(), kind).unwrap()).unwrap();
    let output = Command::new("pdftotext").arg("-raw").arg(&file).arg("-").output();
    let output = output.map_err(|_| "this test needs pdftotext: install poppler-utils").unwrap();
    assert!(output.status.success());
    String::from_utf8(output.stdout).unwrap()
}

#[test]
fn a_letter_has_all_that_a_letter_has_and_the_same_bytes_each_time() {
    // Word by word: poppler gives the words of a line in the order in which they stand on paper.
    let text = letters(&text_of(&letter(), LetterKind::Issued));
    let persian = to_persian_digits(&code().grouped());
    let said = "سازمان نمونه ۱۴۰۵ ۱۲۷ شنبه ۷ آذر زهرا گواهی ثبت آزمایش مهر امضا";
    for word in said.split(' ').chain(persian.split(' ')) {
        assert!(text.contains(word), "{word}: {text}");
    }
    let first = render_letter(&letter(), code(), LetterKind::Issued).unwrap();
    assert_eq!(first, render_letter(&letter(), code(), LetterKind::Issued).unwrap());
    assert!(first.len() < 60_000, "{}", first.len());
}

#[test]
fn a_draft_says_so_and_has_no_number() {
    let draft = letters(&text_of(&letter(), LetterKind::Draft));
    assert!(draft.contains("تأیید") && !draft.contains("۱۲۷"), "{draft}");
    // Across the page, so from right to left as poppler reads it.
    let across: String = "پیش‌نویس".chars().filter(|c| c.is_alphabetic()).rev().collect();
    assert!(draft.contains(&across), "{draft}");
    assert!(!letters(&text_of(&letter(), LetterKind::Issued)).contains(&across));
}

#[test]
fn the_symbol_leads_to_where_the_letter_is_confirmed() {
    let png = render_letter_png(&letter(), code(), 200.0).unwrap();
    let picture = image::load_from_memory(&png).unwrap().into_luma8();
    assert_eq!(scan(&picture), letter().check_at);
}

#[test]
fn what_a_letter_says_is_never_markup() {
    let hostile = [
        "#panic()",
        "$x^2$",
        "*b* _i_",
        "`r`",
        "@ref",
        "<l>",
        "\\u{41}",
        "= H",
        "]) #panic()",
        "#{1+1}",
        "#image(\"/etc/passwd\")",
        "#import \"x\"",
        "\"; panic()",
    ];
    for said in hostile {
        let letter = Letter {
            agency: said.to_owned(),
            applicant: said.to_owned(),
            subject: said.to_owned(),
            paragraphs: vec![said.to_owned(), format!("متن {said} متن")],
            ..letter()
        };
        let text = text_of(&letter, LetterKind::Issued);
        let printed: Vec<char> = text.chars().collect();
        for expected in to_persian_digits(said).chars().filter(|c| !c.is_whitespace()) {
            let times = printed.iter().filter(|c| **c == expected).count();
            assert!(times >= 5, "{said}: {expected} is printed {times} times");
        }
    }
}

#[test]
fn the_most_that_may_be_written_is_one_page() {
    // As the centre's checks allow it: text of a template, and the officer's own words.
    for paragraphs in [1, 5, 15] {
        let paragraph = "واژه ".repeat(300 / paragraphs);
        let mut text = vec![paragraph; paragraphs];
        text.push("افزوده ".repeat(70));
        let letter = Letter {
            subject: "موضوع بلند ".repeat(11),
            agency: "ادارهٔ کل دستگاهی با نامی بلند در استان سیستان و بلوچستان".to_owned(),
            paragraphs: text,
            ..letter()
        };
        let pages = text_of(&letter, LetterKind::Issued).matches('\u{c}').count();
        assert_eq!(pages, 1, "{paragraphs} paragraphs");
    }
}

#[test]
fn a_day_that_is_none_is_refused() {
    let letter = Letter { issued_on: "soon".to_owned(), ..letter() };
    let refused = render_letter(&letter, code(), LetterKind::Issued);
    assert!(matches!(refused, Err(ReceiptError::Date { .. })));
}
