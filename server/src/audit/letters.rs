//! Letters: each is what the office was told, and the registers number them without gaps.

use std::collections::BTreeMap;

use pishkhan_protocol::feed::FeedBody;
use pishkhan_protocol::letter::Letter;

use super::finding::{Finding, Wrong};
use super::history::History;
use super::{Counts, MOST_NAMED};
use crate::storage::letters::{self, LetterRow};
use crate::storage::{StorageError, Unit};

/// Numbers that letters have, by agency and year.
pub(super) type Registers = BTreeMap<(String, i64), Vec<i64>>;

/// Compares an office's letters with what it was told, and adds their numbers to `registers`.
pub(super) async fn check(
    unit: &mut dyn Unit,
    history: &History,
    registers: &mut Registers,
    counts: &mut Counts,
) -> Result<Vec<Finding>, StorageError> {
    let office = &history.office;
    let finding = |wrong, about: &str| Finding::new("letters", wrong).of(office).about(about);
    let mut told: BTreeMap<String, Vec<u8>> = BTreeMap::new();
    for item in &history.told {
        if let FeedBody::Approved(body) = &item.item.body
            && let Some(letter) = &body.letter
        {
            told.insert(body.application.to_string(), letter.to_bytes());
        }
    }
    let mut findings = Vec::new();
    for row in letters::of_office(unit, office).await? {
        counts.letters += 1;
        let LetterRow { application, agency, year, number, content } = row;
        match told.remove(&application) {
            None => findings.push(finding(Wrong::LetterForeign, &application)),
            Some(bytes) if bytes != content => {
                findings.push(finding(Wrong::LetterDiffers, &application));
            }
            Some(_) => {}
        }
        registers.entry((agency, year)).or_default().push(number);
        let says = Letter::from_bytes(&content).ok();
        let says = says.map(|letter| (i64::from(letter.year), i64::try_from(letter.number)));
        if !matches!(says, Some((said_year, Ok(said))) if (said_year, said) == (year, number)) {
            findings.push(finding(Wrong::LetterNumber, &application));
        }
    }
    findings.extend(told.keys().map(|application| finding(Wrong::LetterMissing, application)));
    Ok(findings)
}

/// Every register: from 1 to its last number, each once.
pub(super) async fn check_registers(
    unit: &mut dyn Unit,
    mut registers: Registers,
    findings: &mut Vec<Finding>,
) -> Result<(), StorageError> {
    let about = |(agency, year): &(String, i64), number: i64, wrong| {
        let number = u64::try_from(number).unwrap_or_default();
        Finding::new("letter_numbers", wrong).about(format!("{agency} {year}")).at(number)
    };
    for (register, last) in letters::registers(unit).await? {
        let mut numbers = registers.remove(&register).unwrap_or_default();
        numbers.sort_unstable();
        let mut expected = 1;
        for number in &numbers {
            let missing = (expected..*number).take(MOST_NAMED);
            findings.extend(missing.map(|gap| about(&register, gap, Wrong::LetterGap)));
            if *number < expected {
                findings.push(about(&register, *number, Wrong::LetterTwice));
            }
            expected = expected.max(number + 1);
        }
        let missing = (expected..=last).take(MOST_NAMED);
        findings.extend(missing.map(|gap| about(&register, gap, Wrong::LetterGap)));
        if expected > last + 1 {
            findings.push(about(&register, last, Wrong::LetterRegister));
        }
    }
    let unknown = registers.keys().map(|register| about(register, 0, Wrong::LetterRegister));
    findings.extend(unknown);
    Ok(())
}
