//! Sheets of the centre: the governor's briefing, an office's poster, an agency's letter.
//!
//! Invariant: as on a receipt, what comes in is data and never markup, every text is cleaned, and
//! digits are Persian.

use serde_json::{Map, Value as Json};
use typst::foundations::{Array, Bytes, Dict, IntoValue, Value};
use typst_layout::PagedDocument;

use crate::content::Paper;
use crate::error::ReceiptError;
use crate::printed::{address, text};
use crate::qr::QrPicture;
use crate::world::{Template, set, write};

/// Which sheet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sheet {
    /// One page of A4 for a governor.
    Briefing,
    /// One page of A3 or A4 to hang up.
    Poster,
    /// One page of A4: see [`crate::letter`].
    Letter,
}

/// Sizes of type, from the usual to the least that is still easy to read: a sheet is one page.
const SIZES: [f64; 4] = [1.0, 0.92, 0.84, 0.76];

/// Sets a sheet as PDF. Members of the content are the template's; the text of a member `address`
/// is left as it is, and drawn as a QR symbol too.
///
/// # Errors
/// [`ReceiptError`].
pub fn render_sheet(
    sheet: Sheet,
    content: &Map<String, Json>,
    identity: &str,
) -> Result<Vec<u8>, ReceiptError> {
    write(&document(sheet, content)?, identity)
}

pub(crate) fn document(
    sheet: Sheet,
    content: &Map<String, Json>,
) -> Result<PagedDocument, ReceiptError> {
    let mut data = dict(content);
    if let Some(Json::String(url)) = content.get("address") {
        let picture = QrPicture::of(url, Paper::A5)?;
        data.insert("qr".into(), Value::Bytes(Bytes::new(picture.to_svg().into_bytes())));
    }
    let template = match sheet {
        Sheet::Briefing => Template::Briefing,
        Sheet::Poster => Template::Poster,
        Sheet::Letter => Template::Letter,
    };
    let mut last = None;
    for size in SIZES {
        data.insert("size".into(), size.into_value());
        let set = set(template, &data)?;
        let fits = set.pages().len() == 1;
        last = Some(set);
        if fits {
            break;
        }
    }
    last.ok_or_else(|| ReceiptError::Typeset { message: "no size".to_owned() })
}

fn dict(members: &Map<String, Json>) -> Dict {
    members
        .iter()
        .map(|(key, value)| {
            let value = match value {
                Json::String(url) if key == "address" || key == "paper" => {
                    address(url).into_value()
                }
                other => value_of(other),
            };
            // Names in the templates have dashes.
            (key.replace('_', "-").as_str().into(), value)
        })
        .collect()
}

fn value_of(json: &Json) -> Value {
    match json {
        Json::Null => Value::None,
        Json::Bool(yes) => (*yes).into_value(),
        Json::Number(number) => match number.as_i64() {
            Some(whole) => whole.into_value(),
            None => number.as_f64().unwrap_or_default().into_value(),
        },
        Json::String(raw) => text(raw).into_value(),
        Json::Array(items) => items.iter().map(value_of).collect::<Array>().into_value(),
        Json::Object(members) => dict(members).into_value(),
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use serde_json::json;

    use super::*;

    fn map(json: Json) -> Map<String, Json> {
        json.as_object().cloned().unwrap()
    }

    fn briefing(lines: usize) -> Map<String, Json> {
        let row = json!({"label": "ثبت‌شده", "now": "12", "before": "10", "change": "2 بیشتر",
            "equals": "—"});
        let part = json!({"title": "#panic() $x$ دهستان", "filed": "3", "decided": "2",
            "agency": "4", "late": "0", "returned": "5٪", "offices": "2 از 3"});
        map(json!({
            "title": "شهرستان نمونه", "month": "آبان 1405", "made": "1405/09/07",
            "matters": [{"title": "دیر", "text": "دوازده درخواست دیر شده است.", "who": "شرکت برق"}],
            "rows": vec![row; 13],
            "months": [{"label": "مهر", "filed": 1.0, "decided": 0.5, "filed_number": "9",
                "decided_number": "5"}],
            "parts_title": "دهستان‌ها", "parts": vec![part; lines], "note": "یادداشت",
            "equals_title": "میانهٔ شهرستان‌های دیگر",
        }))
    }

    #[test]
    fn a_briefing_is_one_page_and_its_texts_are_no_markup() {
        for lines in [0, 8, 16] {
            let set = document(Sheet::Briefing, &briefing(lines)).unwrap();
            assert_eq!(set.pages().len(), 1, "{lines} lines");
        }
        let pdf = render_sheet(Sheet::Briefing, &briefing(3), "briefing").unwrap();
        assert!(pdf.starts_with(b"%PDF-"));
    }

    #[test]
    fn a_poster_is_one_page_on_both_papers() {
        for paper in ["a3", "a4"] {
            let big = json!({"number": "1250", "label": "درخواست ثبت‌شده"});
            let content = map(json!({
                "paper": paper, "office": "دفتر روستای *نمونه*", "place": "دهستان نمونه",
                "period": "آذر 1404 تا آبان 1405", "big": vec![big; 4],
                "lines": ["نیمی از پاسخ‌ها در 4 روز کاری داده شد."],
                "address": "https://centre.example/transparency/offices/sample-0001",
            }));
            let set = document(Sheet::Poster, &content).unwrap();
            assert_eq!(set.pages().len(), 1);
            let width_mm = set.pages()[0].frame.width().to_mm();
            assert!((width_mm - if paper == "a3" { 297.0 } else { 210.0 }).abs() < 0.1);
        }
    }
}
