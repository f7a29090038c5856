//! What was measured, by who and what. Invariant: a figure is complete in itself; ratios are computed
//! from figures, never kept.

use pishkhan_testkit::faulty_line::Counted;
use serde_json::{Value, json};

/// One measurement.
#[derive(Clone, Debug)]
pub(crate) struct Figure {
    pub(crate) who: &'static str,
    pub(crate) what: &'static str,
    pub(crate) applications: u64,
    pub(crate) arrived: u64,
    pub(crate) finished: bool,
    pub(crate) seconds: f64,
    /// Fastest and slowest, if it was repeated.
    pub(crate) spread: Option<(f64, f64)>,
    pub(crate) counted: Counted,
    /// HTTP requests, where they can be seen.
    pub(crate) requests: Option<u64>,
    /// Bytes by part of the conversation, where they can be seen.
    pub(crate) parts: Vec<(String, u64)>,
    pub(crate) note: String,
}

impl Figure {
    /// Bytes both ways for each application that arrived.
    pub(crate) fn bytes_each(&self) -> f64 {
        self.counted.bytes() as f64 / self.arrived.max(1) as f64
    }

    pub(crate) fn to_json(&self) -> Value {
        let counted = &self.counted;
        json!({
            "who": self.who,
            "what": self.what,
            "applications": self.applications,
            "arrived": self.arrived,
            "finished": self.finished,
            "seconds": self.seconds,
            "spread_seconds": self.spread.map(|(least, most)| [least, most]),
            "up_bytes": counted.up_bytes,
            "down_bytes": counted.down_bytes,
            "bytes_each": self.bytes_each(),
            "connections": counted.connections,
            "round_trips": counted.round_trips,
            "requests": self.requests,
            "cuts": counted.cuts,
            "parts": self.parts.iter().map(|(part, bytes)| json!([part, bytes])).collect::<Vec<_>>(),
            "note": self.note,
        })
    }
}

/// Everything measured in this run.
#[derive(Default)]
pub(crate) struct Figures(Vec<Figure>);

impl Figures {
    /// Takes one measurement in, and tells it on standard error, since a run takes minutes.
    pub(crate) fn take(&mut self, figure: Figure) {
        use std::io::Write as _;
        let counted = &figure.counted;
        let _told = writeln!(
            std::io::stderr(),
            "{} {}: {} of {} in {:.2} s, {:.1} bytes each ({} up, {} down), {} connections, \
             {} requests, {} round trips, {} cuts {}",
            figure.who,
            figure.what,
            figure.arrived,
            figure.applications,
            figure.seconds,
            figure.bytes_each(),
            counted.up_bytes,
            counted.down_bytes,
            counted.connections,
            figure.requests.unwrap_or_default(),
            counted.round_trips,
            counted.cuts,
            figure.note,
        );
        self.0.push(figure);
    }

    /// Of several of the same, the one in the middle by time.
    pub(crate) fn take_median(&mut self, mut figures: Vec<Figure>) {
        figures.sort_by(|one, other| one.seconds.total_cmp(&other.seconds));
        let spread = figures.first().zip(figures.last());
        let spread = spread.map(|(least, most)| (least.seconds, most.seconds));
        let middle = figures.len() / 2;
        if let Some(figure) = figures.into_iter().nth(middle) {
            self.take(Figure { spread, ..figure });
        }
    }

    pub(crate) fn find(&self, who: &str, what: &str) -> Option<&Figure> {
        self.0.iter().find(|figure| figure.who == who && figure.what == what)
    }

    pub(crate) fn all(&self) -> &[Figure] {
        &self.0
    }
}
