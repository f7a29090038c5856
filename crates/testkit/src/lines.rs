//! Samples as JSON lines, as `pishkhan-cli record` reads them.

use std::io::{self, Write};

use serde_json::{Value, json};

use crate::random::Random;
use crate::samples::Sampler;

/// How many lines of which kind.
#[derive(Clone, Copy, Debug)]
pub struct SampleLines {
    /// Good ones.
    pub good: usize,
    /// Spoiled ones, in all ways in turn, strewn among the good ones.
    pub spoiled: usize,
}

/// Writes the lines, and what must come of each spoiled one as a JSON array of
/// `{line, way, field, code}`, where `line` counts from 1.
///
/// # Errors
/// When writing fails, or when no card of the sampler can be applied for.
pub fn write_lines(
    sampler: &mut Sampler,
    count: SampleLines,
    out: &mut impl Write,
) -> io::Result<Value> {
    let nothing = || io::Error::other("no sample can be made for these cards");
    // Drawn apart, so that a sampler gives the same good ones whatever is spoiled.
    let mut places = Random::new(count.good as u64);
    let mut expected = Vec::with_capacity(count.spoiled);
    let total = count.good + count.spoiled;
    for line in 1..=total {
        let left = (total - line + 1) as u64;
        let spoiled_left = (count.spoiled - expected.len()) as u64;
        let entry = if places.below(left) < spoiled_left {
            let spoiled = sampler.spoiled(expected.len()).ok_or_else(nothing)?;
            expected.push(json!({
                "line": line, "way": spoiled.way, "field": spoiled.field, "code": spoiled.code,
            }));
            spoiled.entry
        } else {
            sampler.good().ok_or_else(nothing)?
        };
        writeln!(out, "{entry}")?;
    }
    Ok(Value::Array(expected))
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use std::collections::BTreeSet;

    use jiff::civil::date;

    use super::*;
    use crate::catalogue::cards;

    #[test]
    fn every_line_is_good_or_spoiled_as_said() {
        let mut sampler = Sampler::new(cards().unwrap(), date(2026, 11, 24), 3);
        let mut out = Vec::new();
        let count = SampleLines { good: 300, spoiled: 50 };
        let expected = write_lines(&mut sampler, count, &mut out).unwrap();
        let text = String::from_utf8(out).unwrap();
        let faulty: BTreeSet<u64> =
            expected.as_array().unwrap().iter().map(|one| one["line"].as_u64().unwrap()).collect();
        assert_eq!((faulty.len(), text.lines().count()), (50, 350));
        for (number, line) in (1..).zip(text.lines()) {
            let entry: Value = serde_json::from_str(line).unwrap();
            assert_eq!(sampler.faults_of(&entry).is_empty(), !faulty.contains(&number), "{line}");
        }
    }
}
