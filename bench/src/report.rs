//! The table, as it is printed and as it stands in docs/benchmarks.md. Invariant: every number comes
//! from a figure of this run.

use std::fmt::Write as _;
use std::path::Path;

use serde_json::{Value, json};

use crate::figures::{Figure, Figures};
use crate::goals::goals;
use crate::ours::WHO;
use crate::peers::{ANKI, POUCHDB};

/// Where and with what it was measured.
pub(crate) struct Surroundings {
    date: String,
    machine: String,
    load: String,
    document_bytes: u64,
    pub(crate) versions: Vec<String>,
    missing: Vec<(String, String)>,
}

impl Surroundings {
    pub(crate) fn look(root: &Path, document_bytes: u64) -> anyhow::Result<Self> {
        let read = |path: &str| std::fs::read_to_string(path).unwrap_or_default();
        let cpu = read("/proc/cpuinfo");
        let model = cpu.lines().find_map(|line| line.strip_prefix("model name")).unwrap_or("");
        let model = model.trim_start_matches([' ', '\t', ':']);
        let cores = std::thread::available_parallelism()?;
        let memory = read("/proc/meminfo");
        let memory = memory.split_whitespace().nth(1).and_then(|kib| kib.parse::<u64>().ok());
        let gib = memory.unwrap_or_default() >> 20;
        let kernel = read("/proc/sys/kernel/osrelease").trim().to_owned();
        let mut commit = std::process::Command::new("git");
        let commit = commit.args(["describe", "--always", "--dirty"]).current_dir(root).output();
        let commit = commit.map(|told| String::from_utf8_lossy(&told.stdout).trim().to_owned());
        Ok(Self {
            date: jiff::Timestamp::now().strftime("%-d %B %Y, %H:%M UTC").to_string(),
            machine: format!("{cores} cores of {model}, {gib} GiB, Linux {kernel}"),
            load: read("/proc/loadavg").split(' ').next().unwrap_or("").to_owned(),
            document_bytes,
            versions: vec![format!("Pishkhan at {}", commit.unwrap_or_default())],
            missing: Vec::new(),
        })
    }

    /// When, on what and of which version.
    pub(crate) fn lines(&self) -> Vec<String> {
        vec![
            format!("{}; load when it began {}", self.date, self.load),
            self.machine.clone(),
            self.versions.join("; "),
        ]
    }

    /// Something could not be measured, and why.
    pub(crate) fn missing(&mut self, what: &str, why: &str) {
        self.missing.push((what.to_owned(), why.to_owned()));
    }

    /// Is there nothing missing that was not left out on purpose?
    pub(crate) fn complete(&self) -> bool {
        self.missing.iter().all(|(_, why)| why == "left out")
    }

    pub(crate) fn to_json(&self) -> Value {
        json!({
            "date": self.date,
            "machine": self.machine,
            "load_before": self.load,
            "document_bytes": self.document_bytes,
            "versions": self.versions,
            "missing": self.missing,
        })
    }
}

const ROWS: &[(&str, &str)] = &[
    ("drain", "all at once, loopback"),
    ("drain-tls", "the same under TLS"),
    ("drain-postgresql", "the same into PostgreSQL"),
    ("full", "the whole collection at once (no sync)"),
    ("line", "1,000 over 64 kbit/s, 600 ms"),
    ("line-tls", "the same under TLS"),
    ("cuts-300k", "a cut every 300 kB"),
    ("cuts-100k", "a cut every 100 kB"),
    ("cuts-10k", "a cut every 10 kB"),
    ("cuts-10k-tls", "1,000, a cut every 10 kB, under TLS"),
    ("cuts-2k", "1,000, a cut every 2 kB"),
    ("one", "one at a time, open session"),
    ("one-new", "one at a time, new connection"),
    ("one-tls", "one at a time, open TLS session"),
    ("one-tls-new", "one at a time, new TLS connection, resumed"),
    ("one-line", "one at a time, open session, 64 kbit/s, 600 ms"),
    ("one-line-tls", "the same, open TLS session"),
    ("one-line-tls-new", "the same, new TLS connection, resumed"),
];

const BEGIN: &str = "# Measured\n\nWritten by `script/bench sync --page docs/benchmarks.md`: every figure is of one run. How it is \
measured, and what limits it, is said below the tables.\n";

pub(crate) fn page(figures: &Figures, around: &Surroundings) -> String {
    let mut page = BEGIN.to_owned();
    let mut line = |text: &str| {
        page.push_str(text);
        page.push('\n');
    };
    line("");
    for fact in around.lines() {
        line(&format!("- {fact}"));
    }
    line(&format!("- applications of {} bytes as JSON", around.document_bytes));
    for (what, why) in &around.missing {
        line(&format!("- **without {what}**: {why}"));
    }
    line("\n## Goals\n");
    line("| goal | reached | must | moonshot | |");
    line("|---|---:|---:|---:|---|");
    for goal in goals(figures) {
        let reached = goal.reached.map_or("–".to_owned(), |value| format!("{value:.2}"));
        let (must, moonshot) = (goal.must, goal.moonshot);
        let verdict = goal.verdict();
        line(&format!("| {} | {reached} | {must} | {moonshot:.2} | {verdict} |", goal.name));
    }
    line("\n## Figures\n");
    line(
        "Bytes are those above TCP, both ways, for each application that arrived. Requests are HTTP's \
         (under TLS they cannot be seen); turns are answers after questions on the wire, in which \
         HTTP/2's own settings and TLS's handshake count too.\n",
    );
    line("| | who | arrived | bytes each | up | down | requests | turns | cuts | seconds |");
    line("|---|---|---:|---:|---:|---:|---:|---:|---:|---:|");
    for (what, name) in ROWS {
        for who in [WHO, ANKI, POUCHDB] {
            if let Some(figure) = figures.find(who, what) {
                line(&row(name, figure));
            }
        }
    }
    if let Some(one) = figures.find(WHO, "one") {
        line("\n## One application over an open session, in clear, by part\n");
        line("| part | bytes |");
        line("|---|---:|");
        for (part, bytes) in &one.parts {
            let each = *bytes as f64 / one.arrived.max(1) as f64;
            line(&format!("| {part} | {each:.1} |"));
        }
    }
    page.push_str(METHOD);
    page
}

fn row(name: &str, figure: &Figure) -> String {
    let counted = &figure.counted;
    let mut row = String::new();
    let requests = figure.requests.map_or("–".to_owned(), |requests| requests.to_string());
    let arrived = if figure.finished {
        figure.arrived.to_string()
    } else {
        format!("**{} of {}**", figure.arrived, figure.applications)
    };
    let seconds = match figure.spread {
        Some((least, most)) => format!("{:.2} ({least:.2} to {most:.2})", figure.seconds),
        None => format!("{:.2}", figure.seconds),
    };
    let _infallible = write!(
        row,
        "| {name} | {} | {arrived} | {:.1} | {} | {} | {requests} | {} | {} | {seconds} |",
        figure.who,
        figure.bytes_each(),
        counted.up_bytes,
        counted.down_bytes,
        counted.round_trips,
        counted.cuts,
    );
    row
}

const METHOD: &str = include_str!("../method.md");
