//! The file itself: which column is which, by the names in its first line.

use pishkhan_domain::persian_text::clean;

use crate::storage::districts::District;

/// Most lines of one file: a province has about a thousand offices.
const MAX_ROWS: usize = 5_000;

/// A column: its name, and the same in Persian.
const COLUMNS: [(&str, &str); 6] = [
    ("office", "کد دفتر"),
    ("title", "نام دفتر"),
    ("district", "کد دهستان"),
    ("district_title", "نام دهستان"),
    ("county", "شهرستان"),
    ("province", "استان"),
];

/// A line of the file.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Row {
    /// Its line, from 1.
    pub line: u64,
    /// Code of the office; empty for a line that only names a district.
    pub office: String,
    /// Name of the office.
    pub title: String,
    /// Code of the district.
    pub district: String,
    /// Name of the district; with county and province empty when it is known already.
    pub district_title: String,
    /// County.
    pub county: String,
    /// Province.
    pub province: String,
    /// Why it cannot be read.
    pub(super) fault: Option<String>,
}

impl Row {
    pub(super) fn names_district(&self) -> bool {
        !self.district_title.is_empty()
    }

    pub(super) fn district(&self) -> District {
        District {
            code: self.district.clone(),
            title: self.district_title.clone(),
            county: self.county.clone(),
            province: self.province.clone(),
        }
    }
}

/// Why a file is none of ours.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub enum ReadError {
    /// Nothing in it.
    #[error("the file is empty")]
    Empty,
    /// Not UTF-8.
    #[error("the file is not UTF-8")]
    NotUtf8,
    /// A column is not there: its name in Persian.
    #[error("the column {0} is missing")]
    ColumnMissing(&'static str),
    /// Too many lines.
    #[error("too many lines")]
    TooMany,
}

/// Reads a file with the names of its columns in the first line, in Persian or English and in any
/// order, separated by commas, semicolons or tabs.
///
/// # Errors
/// [`ReadError`]; a line that cannot be read is a row with a fault instead.
pub fn read(bytes: &[u8]) -> Result<Vec<Row>, ReadError> {
    let text = std::str::from_utf8(bytes).map_err(|_| ReadError::NotUtf8)?;
    // Spreadsheets write a mark at the beginning.
    // A carriage return would put the numbers of lines one behind.
    let text = text.trim_start_matches('\u{feff}').replace("\r\n", "\n");
    let first = text.lines().next().filter(|line| !line.trim().is_empty());
    let first = first.ok_or(ReadError::Empty)?;
    let often = |mark: &u8| first.bytes().filter(|byte| byte == mark).count();
    let separator = *b",;\t".iter().max_by_key(|mark| often(mark)).unwrap_or(&b',');
    let mut reader = csv::ReaderBuilder::new()
        .delimiter(separator)
        .flexible(true)
        .has_headers(false)
        .from_reader(text.as_bytes());
    let mut records = reader.records();
    let header = records.next().and_then(Result::ok).ok_or(ReadError::Empty)?;
    let places = places(&header)?;
    let mut rows = Vec::new();
    for record in records {
        let record = record.map_err(|_| ReadError::NotUtf8)?;
        if record.iter().all(|cell| cell.trim().is_empty()) {
            continue;
        }
        if rows.len() >= MAX_ROWS {
            return Err(ReadError::TooMany);
        }
        rows.push(row(&record, header.len(), &places));
    }
    if rows.is_empty() { Err(ReadError::Empty) } else { Ok(rows) }
}

fn places(header: &csv::StringRecord) -> Result<[usize; 6], ReadError> {
    let mut places = [0; 6];
    for (place, (name, persian)) in places.iter_mut().zip(COLUMNS) {
        let named = |cell: &str| {
            let cell = cell.trim();
            cell.eq_ignore_ascii_case(name) || cell.replace('ك', "ک").replace('ي', "ی") == persian
        };
        *place = header.iter().position(named).ok_or(ReadError::ColumnMissing(persian))?;
    }
    Ok(places)
}

fn row(record: &csv::StringRecord, columns: usize, places: &[usize; 6]) -> Row {
    // Kept as they are when they have hidden characters: the plan refuses them by name.
    let cell = |at: usize| {
        let cell = places.get(at).and_then(|place| record.get(*place)).unwrap_or_default();
        clean(cell).unwrap_or_else(|_| cell.to_owned())
    };
    let fault = (record.len() != columns).then(|| {
        format!(
            "این سطر {} ستون دارد و سطر نخست {columns} ستون. اگر نامی جداکننده دارد، آن را میان دو گیومهٔ لاتین \" بگذارید.",
            record.len()
        )
    });
    Row {
        line: record.position().map_or(0, csv::Position::line),
        office: cell(0).to_ascii_lowercase(),
        title: cell(1),
        district: cell(2).to_ascii_lowercase(),
        district_title: cell(3),
        county: cell(4),
        province: cell(5),
        fault,
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn columns_are_known_by_their_names_in_any_order() {
        let text = "\u{feff}استان;شهرستان;کد دهستان;نام دهستان;کد دفتر;نام دفتر\r\n\
                    سیستان؛ نمونه;زاهدان;D-1;\"دهستان; یک\";a-1; دفتر  یک \r\n;;;;;\r\n";
        let rows = read(text.as_bytes()).unwrap();
        assert_eq!(rows.len(), 1, "an empty line is none");
        let row = &rows[0];
        assert_eq!((row.line, row.district.as_str()), (2, "d-1"));
        assert_eq!((row.title.as_str(), row.district_title.as_str()), ("دفتر یک", "دهستان; یک"));
    }

    #[test]
    fn what_is_no_such_file_is_told() {
        assert_eq!(read(b""), Err(ReadError::Empty));
        assert_eq!(read(b"office,title"), Err(ReadError::ColumnMissing("کد دهستان")));
        assert_eq!(read(&[0xff, 0xfe, b'a', 0]), Err(ReadError::NotUtf8));
        let header = "office,title,district,district_title,county,province\n";
        assert_eq!(read(header.as_bytes()), Err(ReadError::Empty));
        let many = format!("{header}{}", "a,b,c,d,e,f\n".repeat(MAX_ROWS + 1));
        assert_eq!(read(many.as_bytes()), Err(ReadError::TooMany));
    }
}
