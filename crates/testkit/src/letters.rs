//! A letter of an agency.

use pishkhan_protocol::letter::Letter;

/// A letter that a birth is registered.
#[must_use]
pub fn letter() -> Letter {
    Letter {
        year: 1405,
        number: 127,
        issued_on: "2026-11-28".to_owned(),
        agency: "سازمان نمونه".to_owned(),
        applicant: "زهرا نمونه".to_owned(),
        subject: "گواهی ثبت".to_owned(),
        paragraphs: vec!["با سلام".to_owned(), "این گواهی برای آزمایش است.".to_owned()],
        check_at: "https://centre.example/track?code=0000712345674".to_owned(),
        template: 1,
        version: 2,
    }
}
