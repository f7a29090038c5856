//! Which document goes next. Invariant: trouble with one document delays neither text nor the
//! other documents.

use std::collections::BTreeMap;

use pishkhan_domain::content_hash::ContentHash;

use super::back_off::{BackOff, Random};
use super::config::Config;
use super::input::Moment;

/// A lost upload or two are the line's ordinary life.
const FAILURES_SHOWN: u32 = 3;

/// Waits of documents, kept in memory: a restart tries all again.
#[derive(Clone, Debug, Default)]
pub(crate) struct Documents {
    all: Wait,
    each: BTreeMap<ContentHash, Wait>,
}

#[derive(Clone, Copy, Debug, Default)]
struct Wait {
    back_off: BackOff,
    not_before: Moment,
}

impl Wait {
    fn fail(&mut self, now: Moment, config: &Config, random: &mut Random) {
        self.not_before = now + self.back_off.fail(config, random);
    }
}

impl Documents {
    /// The first that may go now.
    pub(crate) fn pick(&self, now: Moment, waiting: &[ContentHash]) -> Option<ContentHash> {
        waiting.iter().copied().find(|hash| self.not_before(hash) <= now)
    }

    /// When the next may go.
    pub(crate) fn next_due(&self, waiting: &[ContentHash]) -> Option<Moment> {
        waiting.iter().map(|hash| self.not_before(hash)).min()
    }

    /// A piece arrived. Only the whole document clears its own failures: one that never gives its
    /// hash is sent ever more seldom.
    pub(crate) fn advanced(&mut self, hash: &ContentHash, complete: bool) {
        self.all = Wait::default();
        if complete {
            self.each.remove(hash);
        }
    }

    pub(crate) fn failed_all(&mut self, now: Moment, config: &Config, random: &mut Random) {
        self.all.fail(now, config, random);
    }

    /// True when it failed so often that somebody should know.
    pub(crate) fn failed(
        &mut self,
        hash: ContentHash,
        now: Moment,
        config: &Config,
        random: &mut Random,
    ) -> bool {
        let wait = self.each.entry(hash).or_default();
        wait.fail(now, config, random);
        wait.back_off.failures() >= FAILURES_SHOWN
    }

    /// The operator asks: all may go.
    pub(crate) fn retry_all(&mut self) {
        *self = Self::default();
    }

    fn not_before(&self, hash: &ContentHash) -> Moment {
        let own = self.each.get(hash).map_or(Moment::ZERO, |wait| wait.not_before);
        own.max(self.all.not_before)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_document_in_trouble_lets_the_next_one_pass() {
        let (config, mut random) = (Config::default(), Random::from_seed(1));
        let [bad, good] = [ContentHash::of(b"bad"), ContentHash::of(b"good")];
        let mut documents = Documents::default();
        documents.failed(bad, Moment::ZERO, &config, &mut random);
        assert_eq!(documents.pick(Moment::ZERO, &[bad, good]), Some(good));
        let due = documents.next_due(&[bad]);
        assert_eq!(documents.pick(due.unwrap_or_default(), &[bad]), Some(bad));
    }
}
