//! What is measured, how it is written, and how two values are compared.

use pishkhan_domain::digits::{grouped_persian, to_persian_digits};

use super::Row;
use super::facts::Facts;
use crate::figures::sums::Sums;
use crate::wording;

/// How a value is written.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Unit {
    /// A number of things.
    Number,
    /// Working days.
    Days,
    /// Parts of a hundred.
    Percent,
    /// Tenths.
    Tenths,
}

/// A measure.
pub struct Measure {
    label: &'static str,
    unit: Unit,
    of: fn(&Facts) -> Option<i64>,
    /// Of the month, and so comparable with the month before?
    monthly: bool,
    /// Does it not depend on how large a place is?
    comparable: bool,
}

const fn monthly(
    label: &'static str,
    unit: Unit,
    comparable: bool,
    of: fn(&Facts) -> Option<i64>,
) -> Measure {
    Measure { label, unit, of, monthly: true, comparable }
}

const fn standing(
    label: &'static str,
    unit: Unit,
    comparable: bool,
    of: fn(&Facts) -> Option<i64>,
) -> Measure {
    Measure { label, unit, of, monthly: false, comparable }
}

/// All of them, in the order of the page.
pub static MEASURES: [Measure; 14] = [
    monthly("درخواست ثبت‌شده", Unit::Number, false, |facts| whole(facts.sums.filed)),
    monthly("پاسخ داده‌شده", Unit::Number, false, |facts| whole(facts.sums.decided())),
    monthly("انتظار دستگاه، میانه", Unit::Days, true, |facts| {
        days(facts.sums.agency.median())
    }),
    monthly("انتظار دستگاه، نه از ده", Unit::Days, true, |facts| {
        days(facts.sums.agency.percentile(90))
    }),
    monthly("انتظار خط، میانه", Unit::Days, true, |facts| {
        days(facts.sums.line.median())
    }),
    monthly("انتظار متقاضی، میانه", Unit::Days, true, |facts| {
        days(facts.sums.citizen.median())
    }),
    monthly("پاسخ دیرتر از مهلت", Unit::Percent, true, |facts| {
        of_decided(&facts.sums, facts.sums.late)
    }),
    monthly("برگشتی", Unit::Percent, true, |facts| {
        of_decided(&facts.sums, facts.sums.returned)
    }),
    monthly("ردشده", Unit::Percent, true, |facts| of_decided(&facts.sums, facts.sums.refused)),
    monthly("مراجعهٔ کمتر", Unit::Number, false, |facts| Some(facts.sums.visits_saved)),
    monthly("کیلومتر کمتر", Unit::Number, false, |facts| Some(facts.sums.km_saved)),
    monthly("خشنودی از ۵", Unit::Tenths, true, |facts| {
        facts.sums.satisfaction_tenths().and_then(whole)
    }),
    standing("اکنون در جریان و از مهلت گذشته", Unit::Number, false, |facts| whole(facts.late_now)),
    standing("دفتر متصل در هفت روز گذشته", Unit::Percent, true, |facts| {
        (facts.offices > 0).then(|| rounded(facts.connected, facts.offices))
    }),
];

impl Measure {
    /// Its row.
    #[must_use]
    pub fn row(&self, now: &Facts, before: &Facts, equals: &[Facts]) -> Row {
        let (value, former) = ((self.of)(now), (self.of)(before).filter(|_| self.monthly));
        let equals = equals.iter().filter(|_| self.comparable).filter_map(self.of).collect();
        Row {
            label: self.label,
            now: self.written(value),
            before: self.written(former),
            change: self.change(value, former),
            equals: self.written(median(equals)),
        }
    }

    fn written(&self, value: Option<i64>) -> String {
        let Some(value) = value else { return "—".to_owned() };
        match self.unit {
            Unit::Number => grouped_persian(value),
            Unit::Days => format!("{} روز", wording::number(value)),
            Unit::Percent => format!("{}٪", wording::number(value)),
            Unit::Tenths => to_persian_digits(&format!("{}٫{}", value / 10, value % 10)),
        }
    }

    fn change(&self, value: Option<i64>, former: Option<i64>) -> String {
        let (Some(value), Some(former)) = (value, former) else { return "—".to_owned() };
        let by = self.written(Some((value - former).abs()));
        match value.cmp(&former) {
            std::cmp::Ordering::Less => format!("{by} کمتر"),
            std::cmp::Ordering::Equal => "بی‌تغییر".to_owned(),
            std::cmp::Ordering::Greater => format!("{by} بیشتر"),
        }
    }
}

/// The middle one, the lower of two; none of none.
#[must_use]
pub fn median(mut values: Vec<i64>) -> Option<i64> {
    values.sort_unstable();
    values.get(values.len().saturating_sub(1) / 2).copied()
}

/// `۱۲٪`; a dash of nothing.
#[must_use]
pub fn percent(part: u64, whole: u64) -> String {
    if whole == 0 {
        "—".to_owned()
    } else {
        format!("{}٪", wording::number(rounded(part, whole)))
    }
}

fn of_decided(sums: &Sums, part: u64) -> Option<i64> {
    (sums.decided() > 0).then(|| rounded(part, sums.decided()))
}

fn rounded(part: u64, of: u64) -> i64 {
    i64::try_from((part * 100 + of / 2) / of.max(1)).unwrap_or(i64::MAX)
}

fn whole(number: u64) -> Option<i64> {
    i64::try_from(number).ok()
}

fn days(days: Option<u32>) -> Option<i64> {
    days.map(i64::from)
}
