//! Tables as CSV that a spreadsheet opens: Persian as it is, and nothing in them that runs.
//!
//! Invariant: a cell that a spreadsheet would take for a formula is a text in it. Every CSV of the
//! centre is written here.

use std::borrow::Cow;

/// By this a spreadsheet knows that the file is UTF-8.
const BYTE_ORDER_MARK: &str = "\u{feff}";

/// A table with its head, one line each.
///
/// # Errors
/// [`csv::Error`], for rows that are longer or shorter than the head.
pub fn csv<Row, Cell>(
    head: &[&str],
    rows: impl IntoIterator<Item = Row>,
) -> Result<Vec<u8>, csv::Error>
where
    Row: IntoIterator<Item = Cell>,
    Cell: AsRef<str>,
{
    let mut writer = csv::WriterBuilder::new()
        .terminator(csv::Terminator::CRLF)
        .from_writer(BYTE_ORDER_MARK.as_bytes().to_vec());
    writer.write_record(head)?;
    for row in rows {
        for cell in row {
            writer.write_field(harmless(cell.as_ref()).as_ref())?;
        }
        writer.write_record(None::<&[u8]>)?;
    }
    writer.into_inner().map_err(|error| error.into_error().into())
}

/// The cell so that it is only read: a quote stands before what would begin a formula, also behind
/// spaces, and in the wide letters of other keyboards. A plain number stays one.
#[must_use]
pub fn harmless(cell: &str) -> Cow<'_, str> {
    let shown = cell.trim_start_matches(|c: char| {
        c.is_whitespace() || c.is_control() || matches!(c, '\u{200b}'..='\u{200f}' | '\u{feff}')
    });
    let begins =
        |c| matches!(c, '=' | '+' | '-' | '@' | '|' | '%' | '＝' | '＋' | '－' | '＠' | '\u{2212}');
    let control = cell.starts_with(['\t', '\r', '\n', '\0']);
    if control || shown.starts_with(begins) && !is_number(cell) {
        Cow::Owned(format!("'{cell}"))
    } else {
        Cow::Borrowed(cell)
    }
}

fn is_number(cell: &str) -> bool {
    let digits = cell.strip_prefix('-').unwrap_or(cell);
    let (whole, part) = digits.split_once('.').unwrap_or((digits, "0"));
    let all_digits = |text: &str| !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
    all_digits(whole) && all_digits(part)
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn nothing_in_a_cell_is_a_formula() {
        for formula in [
            "=1+1",
            "+cmd|' /C calc'!A0",
            "-2+3",
            "@SUM(A1)",
            " =1",
            "\t=1",
            "\tnote",
            "\r=1",
            "\n=1",
            "\u{feff}=1",
            "\u{200f}=HYPERLINK(\"http://x\")",
            "＝1",
            "-",
            "-1.",
            "--1",
            "%0A=1",
            "|calc",
        ] {
            assert_eq!(harmless(formula), format!("'{formula}"), "{formula:?}");
        }
    }

    #[test]
    fn what_is_no_formula_stays_as_it_is() {
        for cell in ["", "12", "-12", "-0.5", "a=b", "زهرا", "۱۲", "1405-08", "1-2", "می‌روم"]
        {
            assert_eq!(harmless(cell), cell);
        }
    }

    #[test]
    fn a_table_is_read_back_as_it_was() {
        let rows = [["الف, \"ب\"", "=1"], ["خط\nدوم", "3"]];
        let file = csv(&["نام", "number"], rows).unwrap();
        let text = std::str::from_utf8(&file).unwrap();
        assert!(text.starts_with("\u{feff}نام,number\r\n"));
        let mut reader = csv::Reader::from_reader(&file[3..]);
        let read: Vec<Vec<String>> =
            reader.records().map(|row| row.unwrap().iter().map(str::to_owned).collect()).collect();
        assert_eq!(read, [["الف, \"ب\"", "'=1"], ["خط\nدوم", "3"]]);
        assert!(csv(&["one"], [["a", "b"]]).is_err(), "a row that is too long");
    }
}
