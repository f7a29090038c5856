//! The typesetter's world: one template at a time, two font files, one dictionary of data. It has
//! no files, no packages, no network and no clock.

use std::sync::LazyLock;

use pishkhan_domain::tracking_code::TrackingCode;
use typst::diag::{FileError, FileResult, SourceDiagnostic};
use typst::foundations::{Bytes, Datetime, Dict, Duration, IntoValue, Smart};
use typst::syntax::{FileId, Source};
use typst::text::{Font, FontBook};
use typst::utils::LazyHash;
use typst::{Library, LibraryExt, World};
use typst_layout::PagedDocument;
use typst_pdf::PdfOptions;

use crate::content::{Paper, ReceiptContent};
use crate::error::ReceiptError;
use crate::font::FONTS;
use crate::printed::printed;
use crate::qr::QrPicture;

/// What is set.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Template {
    Receipt,
    Briefing,
    Poster,
    Letter,
}

impl Template {
    fn source(self) -> &'static Source {
        static RECEIPT: LazyLock<Source> =
            LazyLock::new(|| Source::detached(include_str!("receipt.typ")));
        static BRIEFING: LazyLock<Source> =
            LazyLock::new(|| Source::detached(include_str!("briefing.typ")));
        static POSTER: LazyLock<Source> =
            LazyLock::new(|| Source::detached(include_str!("poster.typ")));
        static LETTER: LazyLock<Source> =
            LazyLock::new(|| Source::detached(include_str!("letter.typ")));
        match self {
            Self::Receipt => &RECEIPT,
            Self::Briefing => &BRIEFING,
            Self::Poster => &POSTER,
            Self::Letter => &LETTER,
        }
    }
}

struct PaperWorld {
    library: LazyHash<Library>,
    main: &'static Source,
}

impl PaperWorld {
    fn new(template: Template, data: Dict) -> Self {
        let library = LazyHash::new(Library::builder().with_inputs(data).build());
        Self { library, main: template.source() }
    }
}

impl World for PaperWorld {
    fn library(&self) -> &LazyHash<Library> {
        &self.library
    }

    fn book(&self) -> &LazyHash<FontBook> {
        &FONTS.book
    }

    fn main(&self) -> FileId {
        self.main.id()
    }

    fn source(&self, id: FileId) -> FileResult<Source> {
        if id == self.main.id() { Ok(self.main.clone()) } else { Err(FileError::AccessDenied) }
    }

    fn file(&self, _: FileId) -> FileResult<Bytes> {
        Err(FileError::AccessDenied)
    }

    fn font(&self, index: usize) -> Option<Font> {
        FONTS.all.get(index).cloned()
    }

    fn today(&self, _: Option<Duration>) -> Option<Datetime> {
        None
    }
}

/// Air between things, from the usual to the least that is still easy to read.
const AIR: [f64; 3] = [1.0, 0.6, 0.25];

/// What a thermal receipt is set for; A5 is the same for both.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Target {
    /// A point is a dot.
    Dots,
    /// A page of the roll's true width.
    Page,
}

/// Sets the receipt with as much air as one page allows; what is longer flows on, with the usual.
pub(crate) fn typeset(
    content: &ReceiptContent,
    paper: Paper,
    qr: &QrPicture,
    target: Target,
) -> Result<PagedDocument, ReceiptError> {
    let mut data = printed(content, paper, qr)?;
    data.insert("dots".into(), (target == Target::Dots).into_value());
    let usual = compile(&data, AIR[0])?;
    if usual.pages().len() == 1 {
        return Ok(usual);
    }
    for air in &AIR[1..] {
        let tighter = compile(&data, *air)?;
        if tighter.pages().len() == 1 {
            return Ok(tighter);
        }
    }
    Ok(usual)
}

fn compile(data: &Dict, air: f64) -> Result<PagedDocument, ReceiptError> {
    let mut data = data.clone();
    data.insert("air".into(), air.into_value());
    set(Template::Receipt, &data)
}

/// Sets a template with its data.
pub(crate) fn set(template: Template, data: &Dict) -> Result<PagedDocument, ReceiptError> {
    let world = PaperWorld::new(template, data.clone());
    let document = typst::compile::<PagedDocument>(&world).output.map_err(|errors| failed(&errors));
    // The compiler remembers what it set, the applicant's name with it.
    typst::comemo::evict(0);
    document
}

/// Writes the set receipt as PDF.
pub(crate) fn pdf(
    document: &PagedDocument,
    content: &ReceiptContent,
) -> Result<Vec<u8>, ReceiptError> {
    write(document, &identity(content.tracking_code, content.copy))
}

/// Writes what is set as PDF; the same document under the same identity gives the same bytes.
pub(crate) fn write(document: &PagedDocument, identity: &str) -> Result<Vec<u8>, ReceiptError> {
    let options = PdfOptions {
        ident: Smart::Custom(identity.to_owned()),
        creator: Smart::Custom(Some("Pishkhan".to_owned())),
        ..PdfOptions::default()
    };
    typst_pdf::pdf(document, &options).map_err(|errors| failed(&errors))
}

fn identity(code: TrackingCode, copy: u32) -> String {
    format!("pishkhan receipt {code} copy {copy}")
}

fn failed(errors: &[SourceDiagnostic]) -> ReceiptError {
    let messages: Vec<_> = errors.iter().map(|error| error.message.as_str()).collect();
    ReceiptError::Typeset { message: messages.join("; ") }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use typst::foundations::Str;
    use typst::layout::{Frame, FrameItem};
    use typst::text::TextItem;

    use super::*;
    use crate::content::{Handed, ReceiptDocument};

    fn content() -> ReceiptContent {
        ReceiptContent {
            office_title: "دفتر پیشخوان روستای نمونه".to_owned(),
            district_title: "بخش مرکزی، شهرستان نمونه".to_owned(),
            operator_name: "کاربر نمونه".to_owned(),
            tracking_code: TrackingCode::mint(pishkhan_domain::ids::DeviceNumber(7), 1_234_567),
            service_title: "ثبت ولادت".to_owned(),
            agency_title: "ادارهٔ ثبت احوال".to_owned(),
            applicant_name: "نام نمونه".to_owned(),
            applicant_code_masked: "9645".to_owned(),
            documents: vec![ReceiptDocument {
                title: "شناسنامه".to_owned(), handed: Handed::Copy
            }],
            documents_missing: vec!["سند ازدواج".to_owned()],
            fee_rial: 1_250_000,
            fee_note: "تعرفهٔ دفتر".to_owned(),
            recorded_at_ms: 1_795_517_760_000,
            due_on: "2026-12-13".to_owned(),
            deadline_working_days: 15,
            sample: true,
            public_url: "https://peygiri.example.ir".to_owned(),
            proof_url: "https://peygiri.example.ir/r#AAAA".to_owned(),
            copy: 2,
            time_not_confirmed: true,
        }
    }

    fn set(content: &ReceiptContent, paper: Paper) -> PagedDocument {
        let qr = QrPicture::of(&content.proof_url, paper).unwrap();
        typeset(content, paper, &qr, Target::Dots).unwrap()
    }

    fn each_text(document: &PagedDocument, mut see: impl FnMut(&TextItem)) {
        fn walk(frame: &Frame, see: &mut dyn FnMut(&TextItem)) {
            for (_, item) in frame.items() {
                match item {
                    FrameItem::Group(group) => walk(&group.frame, see),
                    FrameItem::Text(text) => see(text),
                    _ => {}
                }
            }
        }
        for page in document.pages() {
            walk(&page.frame, &mut see);
        }
    }

    /// Texts for which the font had no glyph.
    fn missing_glyphs(document: &PagedDocument) -> Vec<String> {
        let mut missing = Vec::new();
        each_text(document, |text| {
            if text.glyphs.iter().any(|glyph| glyph.id == 0) {
                missing.push(text.text.to_string());
            }
        });
        missing
    }

    fn all_text(document: &PagedDocument) -> String {
        let mut all = String::new();
        each_text(document, |text| all.push_str(&text.text));
        all
    }

    #[test]
    fn no_glyph_is_missing_whatever_is_printed() {
        let letters: String = ('\u{621}'..='\u{652}')
            .chain("پچژکگیۀةٹڈڑںھہےۆێڵڕءآأإؤئ٪٬«»؟؛،…–—۰۱۲۳۴۵۶۷۸۹0123٠١٢".chars())
            .collect();
        let strange = "😀 漢字 \u{0}\u{7}\u{1b}\u{fffd}\u{e000}".to_owned();
        let names = ["می‌روم ولادت الله لا لإ".to_owned(), letters, strange];
        for name in names {
            for (paper, last_four, missing) in [
                (Paper::A5, "9645", vec!["سند".to_owned()]),
                (Paper::A5, "", vec![]),
                (Paper::Thermal80, "9645", vec![]),
                (Paper::Thermal80, "", vec![name.clone()]),
            ] {
                let content = ReceiptContent {
                    applicant_name: name.clone(),
                    office_title: name.clone(),
                    applicant_code_masked: last_four.to_owned(),
                    documents_missing: missing,
                    ..content()
                };
                let missing = missing_glyphs(&set(&content, paper));
                assert!(missing.is_empty(), "{missing:?}");
            }
        }
    }

    #[test]
    fn a_missing_glyph_is_seen() {
        let content = content();
        let qr = QrPicture::of(&content.proof_url, Paper::A5).unwrap();
        let mut data = printed(&content, Paper::A5, &qr).unwrap();
        data.insert(Str::from("applicant"), "漢".into_value());
        data.insert(Str::from("dots"), true.into_value());
        let document = compile(&data, AIR[0]).unwrap();
        assert_eq!(missing_glyphs(&document), ["漢"]);
    }

    #[test]
    fn nothing_in_a_name_is_markup() {
        let hostile = [
            "#panic(\"x\")",
            "*b* _i_ `c`",
            "$x^2$",
            "#sys.inputs",
            "\\u{41} \\",
            "\"] #[",
            "<label> @ref",
            "//c /*d*/",
            "= H",
            "- l",
            "#{1+1} #image(\"/etc/passwd\")",
        ];
        for text in hostile {
            for paper in [Paper::A5, Paper::Thermal80] {
                let content = ReceiptContent {
                    applicant_name: text.to_owned(),
                    service_title: text.to_owned(),
                    office_title: text.to_owned(),
                    documents_missing: vec![text.to_owned()],
                    ..content()
                };
                let printed = all_text(&set(&content, paper));
                let expected = pishkhan_domain::digits::to_persian_digits(text);
                let letters = |text: &str| {
                    let mut letters: Vec<char> =
                        text.chars().filter(|c| !c.is_whitespace()).collect();
                    letters.sort_unstable();
                    letters
                };
                let (printed, expected) = (letters(&printed), letters(&expected));
                assert!(
                    expected.iter().all(|c| printed.iter().filter(|p| *p == c).count() >= 4),
                    "{text}"
                );
            }
        }
    }

    #[test]
    fn the_typesetter_has_neither_files_nor_a_clock() {
        let world = PaperWorld::new(Template::Receipt, Dict::new());
        assert!(world.file(world.main()).is_err());
        assert!(world.today(None).is_none());
    }
}
