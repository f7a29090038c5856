//! Districts and offices from a file of comma-separated values: read, compared with what is there,
//! and written when whoever sent it has seen what changes. Reading and comparing are pure.
//!
//! Invariant: applying a plan and planning again with the same file gives a plan that writes nothing.

use std::collections::BTreeMap;

use pishkhan_domain::ids::OfficeCode;
use pishkhan_domain::persian_text::clean;

use crate::administration::checked_code;
use crate::storage::districts::District;

mod applying;
mod reading;

pub use applying::{apply, keep_office, plan_now};
pub use reading::{ReadError, Row, read};

/// Longest name of anything.
const MAX_TITLE: usize = 100;

/// An office as far as an import concerns it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ImportedOffice {
    /// Code.
    pub code: OfficeCode,
    /// Name.
    pub title: String,
    /// Code of its district; empty for one that was added before there were districts.
    pub district: String,
}

/// What becomes of a line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fate {
    /// It is not there yet.
    Added,
    /// These parts of it become another: name of the part, before, after.
    Changed(Vec<(&'static str, String, String)>),
    /// It is there as it is here.
    Unchanged,
    /// It is not taken, and why, with the way out.
    Refused(String),
}

/// What a line is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Subject {
    /// A district.
    District,
    /// An office.
    Office,
}

/// A line of the preview.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Line {
    /// Line of the file, from 1.
    pub row: u64,
    /// What it is about.
    pub subject: Subject,
    /// Code.
    pub code: String,
    /// Name.
    pub title: String,
    /// What becomes of it.
    pub fate: Fate,
}

/// What a file would change.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Plan {
    /// Every line, in the order of the file.
    pub lines: Vec<Line>,
    /// Districts to write.
    pub districts: Vec<District>,
    /// Offices to write.
    pub offices: Vec<ImportedOffice>,
}

impl Plan {
    /// Would it write anything?
    #[must_use]
    pub fn writes(&self) -> bool {
        !self.districts.is_empty() || !self.offices.is_empty()
    }

    /// Lines of a kind.
    pub fn of(&self, wanted: fn(&Fate) -> bool) -> impl Iterator<Item = &Line> {
        self.lines.iter().filter(move |line| wanted(&line.fate))
    }
}

/// Compares a file with the districts and offices that there are.
#[must_use]
pub fn plan(rows: &[Row], districts: &[District], offices: &[ImportedOffice]) -> Plan {
    let mut named: BTreeMap<&str, &Row> = BTreeMap::new();
    for row in rows.iter().filter(|row| row.names_district() && district_fault(row).is_none()) {
        named.entry(&row.district).or_insert(row);
    }
    let mut planning = Planning {
        known: districts.iter().map(|one| (one.code.as_str(), one)).collect(),
        offices: offices.iter().map(|one| (one.code.0.as_str(), one)).collect(),
        named,
        seen: BTreeMap::new(),
        plan: Plan::default(),
    };
    for row in rows {
        planning.take(row);
    }
    planning.plan
}

struct Planning<'a> {
    known: BTreeMap<&'a str, &'a District>,
    offices: BTreeMap<&'a str, &'a ImportedOffice>,
    /// Districts as this file has them: the line that names each first, wherever that stands.
    named: BTreeMap<&'a str, &'a Row>,
    /// Offices of this file, with their lines.
    seen: BTreeMap<&'a str, u64>,
    plan: Plan,
}

impl<'a> Planning<'a> {
    fn take(&mut self, row: &'a Row) {
        if self.named.get(row.district.as_str()).is_some_and(|first| first.line == row.line) {
            self.take_district(row);
        }
        let subject = if row.office.is_empty() { Subject::District } else { Subject::Office };
        let fault = district_fault(row).or_else(|| self.fault(row)).or_else(|| match subject {
            Subject::District => None,
            Subject::Office => self.office_fault(row),
        });
        match fault {
            Some(fault) => {
                let (code, title) = match subject {
                    Subject::District => (row.district.clone(), row.district_title.clone()),
                    Subject::Office => (row.office.clone(), row.title.clone()),
                };
                let fate = Fate::Refused(fault);
                self.plan.lines.push(Line { row: row.line, subject, code, title, fate });
            }
            None if subject == Subject::Office => self.take_office(row),
            None => {}
        }
    }

    /// What is wrong with a line beside the others.
    fn fault(&self, row: &Row) -> Option<String> {
        let code = &row.district;
        match self.named.get(code.as_str()) {
            Some(first) if row.names_district() && first.district() != row.district() => {
                let line = first.line;
                Some(format!(
                    "دهستان {code} در سطر {line} نام یا جای دیگری دارد. یکی از این دو سطر را درست کنید."
                ))
            }
            None if !self.known.contains_key(code.as_str()) => Some(format!(
                "دهستان {code} شناخته نیست. نام، شهرستان و استان آن را در همین سطر بنویسید."
            )),
            _ => None,
        }
    }

    fn office_fault(&self, row: &Row) -> Option<String> {
        if checked_code(&row.office).is_err() {
            return Some(code_fault("دفتر", &row.office));
        }
        if row.title.is_empty() {
            return Some("نام دفتر نوشته نشده است. آن را بنویسید.".to_owned());
        }
        let before = self.seen.get(row.office.as_str())?;
        let code = &row.office;
        Some(format!("دفتر {code} در سطر {before} هم آمده است. یکی از این دو سطر را بردارید."))
    }

    fn take_district(&mut self, row: &Row) {
        let district = row.district();
        let fate = match self.known.get(row.district.as_str()) {
            None => Fate::Added,
            Some(known) => compared(&[
                ("نام دهستان", &known.title, &district.title),
                ("شهرستان", &known.county, &district.county),
                ("استان", &known.province, &district.province),
            ]),
        };
        let (code, title) = (district.code.clone(), district.title.clone());
        if fate != Fate::Unchanged {
            self.plan.districts.push(district);
        }
        let subject = Subject::District;
        self.plan.lines.push(Line { row: row.line, subject, code, title, fate });
    }

    fn take_office(&mut self, row: &'a Row) {
        let office = ImportedOffice {
            code: OfficeCode(row.office.clone()),
            title: row.title.clone(),
            district: row.district.clone(),
        };
        let fate = match self.offices.get(row.office.as_str()) {
            None => Fate::Added,
            Some(known) => compared(&[
                ("نام دفتر", &known.title, &office.title),
                ("دهستان", &known.district, &office.district),
            ]),
        };
        if fate != Fate::Unchanged {
            self.plan.offices.push(office);
        }
        self.seen.insert(&row.office, row.line);
        let (code, title) = (row.office.clone(), row.title.clone());
        self.plan.lines.push(Line { row: row.line, subject: Subject::Office, code, title, fate });
    }
}

/// What is wrong with a line by itself, its office aside.
fn district_fault(row: &Row) -> Option<String> {
    if let Some(fault) = &row.fault {
        return Some(fault.clone());
    }
    let texts = [&row.title, &row.district_title, &row.county, &row.province];
    if texts.iter().any(|text| text.chars().count() > MAX_TITLE || clean(text).is_err()) {
        let sentence =
            "یکی از نام‌ها بلندتر از صد نویسه است یا نویسهٔ پنهان دارد. آن را دوباره بنویسید.";
        return Some(sentence.to_owned());
    }
    if checked_code(&row.district).is_err() {
        return Some(code_fault("دهستان", &row.district));
    }
    let told = [&row.district_title, &row.county, &row.province];
    let some = told.iter().any(|text| !text.is_empty());
    (some && told.iter().any(|text| text.is_empty()))
        .then(|| "نام دهستان، شهرستان و استان یا هر سه نوشته شود یا هیچ‌کدام.".to_owned())
}

fn compared(parts: &[(&'static str, &String, &String)]) -> Fate {
    let changed = parts.iter().filter(|(_, before, after)| before != after);
    let changed: Vec<_> =
        changed.map(|(part, before, after)| (*part, (*before).clone(), (*after).clone())).collect();
    if changed.is_empty() { Fate::Unchanged } else { Fate::Changed(changed) }
}

fn code_fault(what: &str, code: &str) -> String {
    if code.is_empty() {
        format!("کد {what} نوشته نشده است. آن را بنویسید.")
    } else {
        format!(
            "کد {what} تنها حروف کوچک لاتین، رقم و خط تیره دارد، تا ۶۴ نویسه. «{code}» را درست کنید."
        )
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::panic)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const HEADER: &str = "office,title,district,district_title,county,province\n";

    fn planned(text: &str, districts: &[District], offices: &[ImportedOffice]) -> Plan {
        plan(&read(format!("{HEADER}{text}").as_bytes()).unwrap(), districts, offices)
    }

    fn refusal(plan: &Plan) -> String {
        match &plan.lines.last().unwrap().fate {
            Fate::Refused(why) => why.clone(),
            other => format!("{other:?}"),
        }
    }

    #[test]
    fn a_district_is_named_once_and_its_offices_follow() {
        let plan = planned(
            "a-1,دفتر یک,d-1,دهستان یک,شهرستان,استان\na-2,دفتر دو,d-1,,,\n,,d-2,دهستان دو,شهرستان,استان\n",
            &[],
            &[],
        );
        assert_eq!((plan.districts.len(), plan.offices.len()), (2, 2));
        assert!(plan.lines.iter().all(|line| line.fate == Fate::Added));
        assert_eq!(plan.lines.iter().map(|line| line.row).collect::<Vec<_>>(), [2, 2, 3, 4]);
    }

    #[test]
    fn each_fault_is_named_and_the_other_lines_are_taken() {
        let good = "a-1,دفتر یک,d-1,دهستان یک,شهرستان,استان\n";
        let bad = [
            ("A 2,دفتر,d-1,,,\n", "کد دفتر"),
            ("a-2,,d-1,,,\n", "نام دفتر نوشته نشده"),
            ("a-2,دفتر,,,,\n", "کد دهستان نوشته نشده"),
            ("a-2,دفتر,d-9,,,\n", "دهستان d-9 شناخته نیست"),
            ("a-2,دفتر,d-9,دهستان,,\n", "یا هر سه"),
            ("a-2,دفتر,d-1,نام دیگر,شهرستان,استان\n", "در سطر 2"),
            ("a-1,دفتر,d-1,,,\n", "در سطر 2 هم آمده"),
            ("a-2,دفتر\n", "ستون"),
            ("a-2,\u{202e}دفتر,d-1,,,\n", "پنهان"),
        ];
        for (line, why) in bad {
            let plan = planned(&format!("{good}{line}"), &[], &[]);
            assert!(refusal(&plan).contains(why), "{line}: {}", refusal(&plan));
            assert_eq!((plan.districts.len(), plan.offices.len()), (1, 1), "{line}");
        }
    }

    #[test]
    fn what_changes_is_told_with_before_and_after() {
        let known = District {
            code: "d-1".to_owned(),
            title: "دهستان یک".to_owned(),
            county: "شهرستان".to_owned(),
            province: "استان".to_owned(),
        };
        let office = ImportedOffice {
            code: "a-1".into(),
            title: "دفتر یک".to_owned(),
            district: String::new(),
        };
        let plan = planned("a-1,دفتر نو,d-1,دهستان نو,شهرستان,استان\n", &[known], &[office]);
        let changes = |line: &Line| match &line.fate {
            Fate::Changed(changes) => changes.iter().map(|(part, ..)| *part).collect::<Vec<_>>(),
            other => panic!("{other:?}"),
        };
        assert_eq!(changes(&plan.lines[0]), ["نام دهستان"]);
        assert_eq!(changes(&plan.lines[1]), ["نام دفتر", "دهستان"]);
    }

    fn row() -> impl Strategy<Value = String> {
        let title = prop::sample::select(vec!["", "نام", "نام دیگر"]);
        let code = prop::sample::select(vec!["", "a", "b", "c", "D"]);
        (code.clone(), title.clone(), code, title.clone(), title.clone(), title)
            .prop_map(|(a, b, c, d, e, f)| format!("{a},{b},{c},{d},{e},{f}\n"))
    }

    proptest! {
        #[test]
        fn an_import_that_was_applied_changes_nothing_the_second_time(
            rows in prop::collection::vec(row(), 0..12)
        ) {
            let text = format!("{}z,نام,z,نام,نام,نام\n", rows.concat());
            let first = planned(&text, &[], &[]);
            let second = planned(&text, &first.districts, &first.offices);
            prop_assert!(!second.writes(), "{second:?}");
            prop_assert_eq!(first.lines.len(), second.lines.len());
        }
    }
}
