//! What was aimed at, and whether it is reached. Invariant: a goal that was not measured is not
//! reached.

use crate::figures::{Figure, Figures};
use crate::ours::WHO;
use crate::peers::ANKI;

/// A goal in the words of the table.
pub(crate) struct Goal {
    pub(crate) name: &'static str,
    pub(crate) reached: Option<f64>,
    pub(crate) must: f64,
    pub(crate) moonshot: f64,
}

impl Goal {
    pub(crate) fn verdict(&self) -> &'static str {
        match self.reached {
            None => "not measured",
            Some(value) if value <= self.moonshot => "moonshot",
            Some(value) if value <= self.must => "yes",
            Some(_) => "**no**",
        }
    }
}

pub(crate) fn goals(figures: &Figures) -> Vec<Goal> {
    let ours = |what: &str| figures.find(WHO, what).filter(|figure| figure.finished);
    let anki = |what: &str| figures.find(ANKI, what).filter(|figure| figure.finished);
    let ratio = |one: Option<&Figure>, other: Option<&Figure>, of: fn(&Figure) -> f64| {
        Some(of(one?) / of(other?))
    };
    let goal = |name, reached, must, moonshot| Goal { name, reached, must, moonshot };
    let requests = |figure: &Figure| figure.requests.map(|requests| requests as f64);
    let seconds = |figure: &Figure| figure.seconds;
    let bytes = |figure: &Figure| figure.counted.bytes() as f64;
    vec![
        goal(
            "bytes each when all drain, of Anki's",
            ratio(ours("drain"), anki("drain"), Figure::bytes_each),
            0.5,
            0.36,
        ),
        goal(
            "bytes of one over an open session",
            ours("one").map(Figure::bytes_each),
            350.0,
            200.0,
        ),
        goal(
            "round trips of one over an open session",
            ours("one").and_then(|one| Some(requests(one)? / one.arrived as f64)),
            1.0,
            1.0,
        ),
        goal(
            "time of 1,000 over 64 kbit/s and 600 ms, of Anki's",
            ratio(ours("line"), anki("line"), seconds),
            0.5,
            1.0 / 3.0,
        ),
        goal("round trips when all drain", ours("drain").and_then(requests), 5.0, 2.0),
        goal(
            "bytes with a cut every 10 kB, of the uncut",
            ratio(ours("cuts-10k"), ours("drain"), bytes),
            1.15,
            1.03,
        ),
        goal(
            "cuts every 2 kB: part of 1,000 that did not arrive",
            figures
                .find(WHO, "cuts-2k")
                .map(|cut| 1.0 - cut.arrived as f64 / cut.applications as f64),
            0.999,
            0.0,
        ),
        goal(
            "time into the embedded centre, of Anki's",
            ratio(ours("drain"), anki("drain"), seconds),
            1.0,
            1.0,
        ),
        goal(
            "time into PostgreSQL, of Anki's",
            ratio(ours("drain-postgresql"), anki("drain"), seconds),
            2.0,
            2.0,
        ),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_not_measured_is_not_reached() {
        assert!(goals(&Figures::default()).iter().all(|goal| goal.verdict() == "not measured"));
        let goal = |reached| Goal { name: "", reached: Some(reached), must: 0.5, moonshot: 0.36 };
        let verdicts = [0.3, 0.5, 0.6].map(|reached| goal(reached).verdict());
        assert_eq!(verdicts, ["moonshot", "yes", "**no**"]);
    }
}
