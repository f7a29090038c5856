//! The window's tables, as they are printed and as they stand in docs/benchmarks.md behind those of
//! synchronisation. Invariant: each of the two writes its own part of the file and keeps the other.

use std::fmt::Write as _;
use std::path::Path;

use super::Measured;
use super::spread::Spread;
use super::starting::Started;
use crate::report::Surroundings;

/// The line with which the window's part of the file begins.
pub(crate) const HEADING: &str = "# Measured: the window of a big office";
const METHOD: &str = include_str!("../../window.md");
/// Seconds from the process to a usable screen.
const START_GOAL: f64 = 2.0;

pub(crate) fn section(measured: &Measured, around: &Surroundings) -> String {
    let mut page =
        format!("{HEADING}\n\nWritten by `script/bench window`: every figure is of one run.\n");
    let mut line = |text: &str| {
        page.push_str(text);
        page.push('\n');
    };
    line("");
    for fact in around.lines() {
        line(&format!("- {fact}"));
    }
    line(&format!(
        "- {} applications in one office's store of {:.1} GB; from the PIN to the open store {:.2} s",
        measured.applications,
        measured.store_bytes as f64 / 1e9,
        measured.opening_seconds
    ));
    line("\n## Answers, milliseconds at the command boundary\n");
    line("| question | times | median | 95th of 100 | slowest | goal | |");
    line("|---|---:|---:|---:|---:|---:|---|");
    for asked in &measured.asked {
        let Spread { times, median, p95, most } = asked.spread;
        let goal = asked.goal_ms.map_or("–".to_owned(), |goal| format!("{goal:.0}"));
        let verdict = asked.goal_ms.map_or("", |goal| verdict(p95 < goal));
        line(&format!(
            "| {} | {times} | {median:.2} | {p95:.2} | {most:.2} | {goal} | {verdict} |",
            asked.what
        ));
    }
    if let Some((ours, empty)) = &measured.started {
        line("\n## The window\n");
        line("| | Pishkhan | an empty window of Tauri | goal | |");
        line("|---|---:|---:|---:|---|");
        started(&mut line, ours, empty);
    }
    let _infallible = write!(page, "\n{METHOD}");
    page
}

fn started(line: &mut impl FnMut(&str), ours: &Started, empty: &Started) {
    let seconds = |spread: &Spread| format!("{:.2} (slowest {:.2})", spread.median, spread.most);
    let row = |name: &str, ours: String, empty: String, goal: Option<(f64, f64)>| {
        let (goal, verdict) = match goal {
            Some((reached, goal)) => (format!("{goal:.0}"), verdict(reached < goal)),
            None => ("–".to_owned(), ""),
        };
        format!("| {name} | {ours} | {empty} | {goal} | {verdict} |")
    };
    let first = &ours.first_screen;
    line(&row(
        "from the process to the first screen, painted and usable, s",
        seconds(first),
        seconds(&empty.first_screen),
        Some((first.most, START_GOAL)),
    ));
    let none = || "–".to_owned();
    if let Some(unlocked) = &ours.unlocked {
        line(&row("from Enter behind the PIN to the desk, s", seconds(unlocked), none(), None));
        let both = first.most + unlocked.most;
        line(&row(
            "both together, the slowest of each, s",
            format!("{both:.2}"),
            none(),
            Some((both, START_GOAL)),
        ));
    }
    if let Some(searched) = &ours.searched {
        line(&row(
            "from a key of a name typed into the search to its lines on the screen, ms",
            format!("{:.0} (95th of 100: {:.0})", searched.median, searched.p95),
            none(),
            None,
        ));
    }
    let whole = |memory: &[(String, f64)]| -> f64 { memory.iter().map(|(_, mib)| mib).sum() };
    let parts = |memory: &[(String, f64)]| {
        let parts = memory.iter().map(|(name, mib)| format!("{name} {mib:.0}"));
        format!("{:.0} ({})", whole(memory), parts.collect::<Vec<_>>().join(", "))
    };
    line(&row(
        "idle memory of all processes (PSS), MiB",
        parts(&ours.memory),
        parts(&empty.memory),
        None,
    ));
}

fn verdict(reached: bool) -> &'static str {
    if reached { "yes" } else { "**no**" }
}

/// Puts the section at the end of the file, in place of the one before.
pub(crate) fn write(file: &Path, section: &str) -> anyhow::Result<()> {
    let there = std::fs::read_to_string(file).unwrap_or_default();
    let (before, _) = apart(&there);
    std::fs::write(file, format!("{}\n\n{}\n", before.trim_end(), section.trim_end()))?;
    Ok(())
}

/// What stands before the window's part, and that part.
pub(crate) fn apart(page: &str) -> (&str, &str) {
    match page.find(&format!("{HEADING}\n")) {
        Some(at) => page.split_at(at),
        None => (page, ""),
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn the_window_writes_its_own_part_and_no_other() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("page.md");
        std::fs::write(&file, "# Measured\n\nsync\n").unwrap();
        for section in ["old", "new"] {
            write(&file, &format!("{HEADING}\n\n{section}\n")).unwrap();
        }
        let page = std::fs::read_to_string(&file).unwrap();
        assert_eq!(page, format!("# Measured\n\nsync\n\n{HEADING}\n\nnew\n"));
        assert_eq!(apart(&page).1, format!("{HEADING}\n\nnew\n"));
    }
}
