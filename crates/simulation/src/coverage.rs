//! What a run has seen: a simulation in which a fault never happened proves nothing about it.

use std::collections::BTreeMap;

/// Something that a run is to meet.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[allow(missing_docs)]
pub enum Seen {
    RequestLost,
    RequestCut,
    ReplyLost,
    ReplyCut,
    Doubled,
    Stray,
    Interleaved,
    OldReply,
    Silence,
    Portal,
    Refused401,
    Refused403,
    Refused407,
    Failed5xx,
    RetryAfter,
    TooLarge,
    ForgedReply,
    OthersReply,
    LongOutage,
    CapWait,
    OfficeCrash,
    OfficePowerCut,
    OfficeDiskFull,
    CentreCrash,
    CentreCrashAfterCommit,
    CentrePowerCut,
    CentreDiskFull,
    CommitUnknown,
    Restored,
    RestoredUndeclared,
    DiskCloned,
    OldDisk,
    Enrolled,
    EnrolledAnew,
    StoppedStale,
    StoppedFork,
    Revoked,
    Poison,
    Mended,
    ClockJump,
    ClockStopped,
    OfficerAct,
    Published,
    DocumentCut,
    DocumentSpoiled,
    OldCentre,
    FullForm,
    ShortForm,
    ParcelPiece,
    BadMemory,
    TamperedFeed,
    CourierWritten,
    CourierTaken,
    CourierLost,
    CourierTwice,
    CourierCut,
    CourierSpoiled,
    AnswerRead,
    Applied,
    Overtaken,
    PaperLost,
    PaperWanted,
    PaperOpened,
    HubPosted,
    HubForwarded,
    HubStopped,
    HubDiskLost,
    HubAnswerRead,
    Stranger,
}

impl Seen {
    /// Everything that a run of some length is to meet.
    pub const ALL: &[Self] = &[
        Self::RequestLost,
        Self::RequestCut,
        Self::ReplyLost,
        Self::ReplyCut,
        Self::Doubled,
        Self::Stray,
        Self::Interleaved,
        Self::OldReply,
        Self::Silence,
        Self::Portal,
        Self::Refused401,
        Self::Refused403,
        Self::Refused407,
        Self::Failed5xx,
        Self::RetryAfter,
        Self::TooLarge,
        Self::ForgedReply,
        Self::OthersReply,
        Self::LongOutage,
        Self::CapWait,
        Self::OfficeCrash,
        Self::OfficePowerCut,
        Self::OfficeDiskFull,
        Self::CentreCrash,
        Self::CentreCrashAfterCommit,
        Self::CentrePowerCut,
        Self::CentreDiskFull,
        Self::CommitUnknown,
        Self::Restored,
        Self::RestoredUndeclared,
        Self::DiskCloned,
        Self::OldDisk,
        Self::Enrolled,
        Self::EnrolledAnew,
        Self::StoppedStale,
        Self::StoppedFork,
        Self::Revoked,
        Self::Poison,
        Self::Mended,
        Self::ClockJump,
        Self::ClockStopped,
        Self::OfficerAct,
        Self::Published,
        Self::DocumentCut,
        Self::DocumentSpoiled,
        Self::OldCentre,
        Self::FullForm,
        Self::ShortForm,
        Self::ParcelPiece,
        Self::BadMemory,
        Self::TamperedFeed,
        Self::CourierWritten,
        Self::CourierTaken,
        Self::CourierLost,
        Self::CourierTwice,
        Self::CourierCut,
        Self::CourierSpoiled,
        Self::AnswerRead,
        Self::Applied,
        Self::Overtaken,
        Self::PaperLost,
        Self::PaperWanted,
        Self::PaperOpened,
        Self::HubPosted,
        Self::HubForwarded,
        Self::HubStopped,
        Self::HubDiskLost,
        Self::HubAnswerRead,
        Self::Stranger,
    ];
}

/// How often what was seen.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Coverage(BTreeMap<Seen, u64>);

impl Coverage {
    /// Once more.
    pub fn saw(&mut self, seen: Seen) {
        *self.0.entry(seen).or_default() += 1;
    }

    /// Adds another run's.
    pub fn add(&mut self, other: &Self) {
        for (seen, times) in &other.0 {
            *self.0.entry(*seen).or_default() += times;
        }
    }

    /// How often.
    #[must_use]
    pub fn of(&self, seen: Seen) -> u64 {
        self.0.get(&seen).copied().unwrap_or(0)
    }

    /// What was seen less than `least` times.
    #[must_use]
    pub fn missing(&self, least: u64) -> Vec<Seen> {
        Seen::ALL.iter().copied().filter(|seen| self.of(*seen) < least).collect()
    }
}

impl std::fmt::Display for Coverage {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        for (seen, times) in &self.0 {
            write!(out, "{seen:?} {times}  ")?;
        }
        Ok(())
    }
}
