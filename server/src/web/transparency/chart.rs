//! Charts as SVG made here: where each bar lies, from right to left. The template draws them, and
//! says in words what they show.

use pishkhan_domain::digits::grouped_persian;

use crate::figures::published::{Month, Published};
use crate::wording;

/// Applications by month.
pub(super) struct Months {
    pub(super) columns: Vec<MonthColumn>,
    pub(super) description: String,
}

pub(super) struct MonthColumn {
    pub(super) label: &'static str,
    pub(super) label_x: u32,
    pub(super) filed: Bar,
    pub(super) decided: Bar,
}

/// A bar.
pub(super) struct Bar {
    pub(super) x: u32,
    pub(super) y: u32,
    pub(super) width: u32,
    pub(super) height: u32,
    pub(super) number: String,
    pub(super) number_y: u32,
    pub(super) number_x: u32,
}

const WIDTH: u32 = 720;
const FLOOR: u32 = 176;
const ROOM: u64 = 140;
const BAR: u32 = 27;

impl Months {
    pub(super) fn of(months: &[Month]) -> Self {
        let numbers =
            months.iter().flat_map(|month| [month.shown.filed, month.shown.decided]).flatten();
        let most = numbers.max().unwrap_or(0).max(1);
        let step = WIDTH / u32::try_from(months.len().max(1)).unwrap_or(1);
        let columns = (0..).zip(months).map(|(place, month)| {
            // The oldest stands on the right.
            let middle = WIDTH - step * place - step / 2;
            MonthColumn {
                label: month.month.name(),
                label_x: middle,
                filed: bar(middle, month.shown.filed, most),
                decided: bar(middle - BAR - 2, month.shown.decided, most),
            }
        });
        Self { columns: columns.collect(), description: described(months) }
    }
}

fn bar(x: u32, number: Option<u64>, most: u64) -> Bar {
    let height = u32::try_from(number.unwrap_or(0) * ROOM / most).unwrap_or(0);
    let y = FLOOR - height;
    let number = match number {
        Some(number) => short(number),
        None => "؟".to_owned(),
    };
    Bar { x, y, width: BAR, height, number, number_y: y - 5, number_x: x + BAR / 2 }
}

/// In thousands where a bar has no room for more.
fn short(number: u64) -> String {
    let shown = if number < 10_000 { number } else { number / 1_000 };
    let text = grouped_persian(i64::try_from(shown).unwrap_or(i64::MAX));
    if number < 10_000 { text } else { format!("{text}ه") }
}

fn described(months: &[Month]) -> String {
    let number = |number: Option<u64>| number.map_or_else(|| "پنهان".to_owned(), wording::number);
    let month = |month: &Month| {
        let (filed, decided) = (number(month.shown.filed), number(month.shown.decided));
        format!("{}: {filed} ثبت و {decided} پاسخ", month.month.in_words())
    };
    months.iter().map(month).collect::<Vec<_>>().join("؛ ")
}

/// How long the agencies take, service by service, each against its own legal deadline.
pub(super) struct Waits {
    /// Where the deadline of every service lies.
    pub(super) deadline_x: u32,
    pub(super) rows: Vec<WaitRow>,
    pub(super) height: u32,
    pub(super) description: String,
}

pub(super) struct WaitRow {
    pub(super) title: String,
    pub(super) title_y: u32,
    pub(super) bar_y: u32,
    pub(super) median_x: u32,
    pub(super) median_width: u32,
    pub(super) ninth_x: u32,
    pub(super) ninth_width: u32,
    pub(super) label: String,
}

/// Rows of the chart at most: the services that most were decided of.
const MOST_ROWS: usize = 10;
const ROW: u32 = 52;
/// So wide is a legal deadline; what takes half as long again reaches the edge.
const DEADLINE: u32 = 480;

impl Waits {
    /// Nothing to draw.
    pub(super) fn none() -> Self {
        Self { deadline_x: 0, rows: Vec::new(), height: 0, description: String::new() }
    }

    /// Of the services of a district, or of all districts.
    pub(super) fn of(published: &Published, district: Option<usize>) -> Self {
        let mut found: Vec<_> = (0..published.services.len())
            .filter_map(|row| {
                let shown = published.at(Some(row), district)?;
                let deadline = published.services[row].deadline.filter(|days| *days > 0)?;
                Some((row, shown.decided?, shown.agency?, u32::from(deadline)))
            })
            .collect();
        found.sort_by_key(|(row, decided, ..)| (std::cmp::Reverse(*decided), *row));
        found.truncate(MOST_ROWS);
        let rows: Vec<WaitRow> = (0..)
            .zip(&found)
            .map(|(place, (row, _, waited, deadline))| {
                let width = |days: u32| (days * DEADLINE / deadline).min(WIDTH);
                let median = width(waited.median).max(2);
                let ninth = width(waited.ninth.unwrap_or(0));
                WaitRow {
                    title: published.services[*row].title.clone(),
                    title_y: place * ROW + 18,
                    bar_y: place * ROW + 26,
                    median_x: WIDTH - median,
                    median_width: median,
                    ninth_x: WIDTH - ninth,
                    ninth_width: ninth,
                    label: label(waited.median, waited.ninth, *deadline),
                }
            })
            .collect();
        let height = u32::try_from(rows.len()).unwrap_or(0) * ROW + 4;
        let say = |row: &WaitRow| format!("{}: {}", row.title, row.label);
        let description = rows.iter().map(say).collect::<Vec<_>>().join("؛ ");
        Self { deadline_x: WIDTH - DEADLINE, rows, height, description }
    }
}

fn label(median: u32, ninth: Option<u32>, deadline: u32) -> String {
    let median = wording::number(median);
    let ninth =
        ninth.map_or_else(String::new, |ninth| format!("، نه از ده {}", wording::number(ninth)));
    format!("{median}{ninth}، مهلت {}", wording::number(deadline))
}
