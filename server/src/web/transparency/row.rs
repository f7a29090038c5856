//! Figures as people read them.

use pishkhan_domain::digits::{grouped_persian, to_persian_digits};

use crate::figures::published::{Satisfaction, Shown, Waited};
use crate::wording;

/// Instead of what is kept back.
pub(super) const KEPT_BACK: &str = "پنهان";

/// A row of the page's tables.
pub(in crate::web) struct Row {
    pub(in crate::web) title: String,
    pub(in crate::web) link: String,
    pub(in crate::web) filed: String,
    pub(in crate::web) decided: String,
    pub(in crate::web) line: String,
    pub(in crate::web) agency: String,
    pub(in crate::web) citizen: String,
    pub(in crate::web) deadline: String,
    pub(in crate::web) late: String,
    pub(in crate::web) returned: String,
    pub(in crate::web) refused: String,
    pub(in crate::web) visits: String,
    pub(in crate::web) km: String,
    pub(in crate::web) satisfaction: String,
}

impl Row {
    /// Of what is shown.
    pub(in crate::web) fn of(
        title: String,
        link: String,
        shown: &Shown,
        deadline: Option<u16>,
    ) -> Self {
        Self {
            title,
            link,
            filed: number(shown.filed),
            decided: number(shown.decided),
            line: waited(shown.line, shown.decided),
            agency: waited(shown.agency, shown.decided),
            citizen: waited(shown.citizen, shown.decided),
            deadline: deadline.map_or_else(|| "—".to_owned(), wording::number),
            late: share(shown.late, shown.decided),
            returned: share(shown.returned, shown.decided),
            refused: share(shown.refused, shown.decided),
            visits: signed(shown.visits_saved),
            km: signed(shown.km_saved),
            satisfaction: satisfaction(shown.satisfaction),
        }
    }
}

pub(in crate::web) fn number(number: Option<u64>) -> String {
    signed(number.map(|number| i64::try_from(number).unwrap_or(i64::MAX)))
}

pub(in crate::web) fn signed(number: Option<i64>) -> String {
    number.map_or_else(|| KEPT_BACK.to_owned(), grouped_persian)
}

/// `۳ (۹)`: half, and nine of ten.
fn waited(waited: Option<Waited>, decided: Option<u64>) -> String {
    match (waited, decided) {
        (Some(Waited { median, ninth: Some(ninth) }), _) => {
            to_persian_digits(&format!("{median} ({ninth})"))
        }
        (Some(Waited { median, ninth: None }), _) => wording::number(median),
        (None, Some(_)) => "—".to_owned(),
        (None, None) => KEPT_BACK.to_owned(),
    }
}

/// `۱۲٪`, of those decided.
pub(in crate::web) fn share(part: Option<u64>, whole: Option<u64>) -> String {
    match (part, whole) {
        (_, Some(0)) => "—".to_owned(),
        (Some(part), Some(whole)) => percent(part, whole),
        _ => KEPT_BACK.to_owned(),
    }
}

/// Rounded; something is never shown as nothing.
pub(in crate::web) fn percent(part: u64, whole: u64) -> String {
    let percent = (part * 100 + whole / 2) / whole.max(1);
    if percent == 0 && part > 0 {
        "کمتر از ۱٪".to_owned()
    } else {
        format!("{}٪", wording::number(percent))
    }
}

pub(in crate::web) fn satisfaction(mean: Option<Satisfaction>) -> String {
    mean.map_or_else(
        || "—".to_owned(),
        |mean| to_persian_digits(&format!("{}٫{} از 5", mean.tenths / 10, mean.tenths % 10)),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn figures_are_written_in_persian_and_what_is_kept_back_is_said() {
        assert_eq!(number(Some(12_345)), "۱۲٬۳۴۵");
        assert_eq!(number(None), "پنهان");
        assert_eq!(share(Some(1), Some(1_000)), "کمتر از ۱٪");
        assert_eq!(share(Some(0), Some(1_000)), "۰٪");
        assert_eq!(share(Some(25), Some(200)), "۱۳٪");
        assert_eq!(share(None, Some(200)), "پنهان");
        assert_eq!(share(None, Some(0)), "—");
        let three = Waited { median: 3, ninth: Some(11) };
        assert_eq!(waited(Some(three), Some(10)), "۳ (۱۱)");
        assert_eq!(waited(None, Some(0)), "—");
        assert_eq!(satisfaction(Some(Satisfaction { tenths: 43, rated: 9 })), "۴٫۳ از ۵");
    }
}
