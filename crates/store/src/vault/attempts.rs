//! Wrong PINs, counted in `attempts.json` beside the keys, so that counting never rewrites the
//! file without which everything is lost. A missing or damaged count is a count of none.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use pishkhan_domain::ids::OperatorId;
use serde::{Deserialize, Serialize};

use super::VaultError;
use crate::files;

const ATTEMPTS_FILE: &str = "attempts.json";
const FREE_TRIES: u32 = 5;
const FIRST_WAIT_MS: i64 = 60_000;
const LONGEST_WAIT_MS: i64 = 3_600_000;

#[derive(Clone, Copy, Default, Serialize, Deserialize)]
struct Count {
    wrong: u32,
    last_at: i64,
}

/// The counts of all operators.
pub(super) struct Attempts {
    path: PathBuf,
    counts: BTreeMap<OperatorId, Count>,
}

impl Attempts {
    pub(super) fn read(dir: &Path) -> Self {
        let path = dir.join(ATTEMPTS_FILE);
        let counts = std::fs::read(&path).ok();
        let counts = counts.and_then(|bytes| serde_json::from_slice(&bytes).ok());
        Self { path, counts: counts.unwrap_or_default() }
    }

    /// May the operator try now? A clock that went back makes the wait begin anew, not last for
    /// years: a flat battery after a power cut is no crime.
    pub(super) fn check(&mut self, operator: OperatorId, now_ms: i64) -> Result<(), VaultError> {
        let Some(count) = self.counts.get_mut(&operator) else { return Ok(()) };
        let wait_ms = wait_ms(count.wrong);
        if wait_ms > 0 && now_ms < count.last_at {
            count.last_at = now_ms;
            self.write();
            return Err(VaultError::Wait { until_ms: now_ms.saturating_add(wait_ms) });
        }
        let until_ms = count.last_at.saturating_add(wait_ms);
        if now_ms < until_ms { Err(VaultError::Wait { until_ms }) } else { Ok(()) }
    }

    /// Counts one more; gives the tries that remain before a wait.
    pub(super) fn count(&mut self, operator: OperatorId, now_ms: i64) -> u32 {
        let count = self.counts.entry(operator).or_default();
        count.wrong = count.wrong.saturating_add(1);
        count.last_at = now_ms;
        let tries_left = FREE_TRIES.saturating_sub(count.wrong);
        self.write();
        tries_left
    }

    pub(super) fn forget(&mut self, operator: OperatorId) {
        self.counts.remove(&operator);
        self.write();
    }

    /// A full disk must not keep anybody out, so a count that cannot be written is not an error.
    fn write(&self) {
        let written = serde_json::to_vec(&self.counts).map_err(std::io::Error::other);
        let written = written.and_then(|bytes| files::write_atomically(&self.path, &bytes));
        if let Err(error) = written {
            tracing::warn!(%error, "the count of wrong PINs was not kept");
        }
    }
}

fn wait_ms(wrong: u32) -> i64 {
    match wrong.checked_sub(FREE_TRIES) {
        None => 0,
        Some(doublings) => {
            FIRST_WAIT_MS.saturating_mul(1 << doublings.min(20)).min(LONGEST_WAIT_MS)
        }
    }
}
