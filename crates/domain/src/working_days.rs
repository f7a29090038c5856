//! Working days of the Iranian administration: weekend and official holidays are data of the
//! catalogue, since both have been changed by law more than once.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

/// Days of the week, Saturday first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Weekday {
    /// شنبه
    Saturday,
    /// یکشنبه
    Sunday,
    /// دوشنبه
    Monday,
    /// سه‌شنبه
    Tuesday,
    /// چهارشنبه
    Wednesday,
    /// پنجشنبه
    Thursday,
    /// جمعه
    Friday,
}

/// Weekend and holidays.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct WorkingCalendar {
    /// Days on which the agencies are closed every week.
    pub weekend: Vec<Weekday>,
    /// Jalali date (`1405-01-01`) to the name of the holiday.
    pub holidays: BTreeMap<String, String>,
    /// Last Jalali day that the list of holidays covers; a later due date is shown as provisional.
    pub known_until: String,
    /// Is the list an assumption rather than the official one?
    pub sample: bool,
}
