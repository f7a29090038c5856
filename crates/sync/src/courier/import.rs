//! Reading an answer of the centre. Whatever the file is, there is a word for it, and nothing of
//! the office changes but what the centre says in it that is still true.

use std::collections::BTreeSet;
use std::io::Read;
use std::sync::Mutex;

use pishkhan_domain::content_hash::ContentHash;
use pishkhan_domain::ids::ApplicationId;
use pishkhan_protocol::courier::{
    Arrived, Content, CourierError, Cover, Direction, FileReader, PartKey,
};
use pishkhan_protocol::exchange::{ExchangeReply, Verdict};
use pishkhan_store::{Applied, CarriedReceipt, FeedTrouble, ReplyEffects, StoreError};

use super::{CourierOffice, locked};

/// What became of a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// Used; some of it was new.
    Taken,
    /// Nothing in it was new.
    TakenBefore,
    /// Used as far as it came: its end is missing, or does not open.
    Cut,
    /// Used; but the file of this office that it answers came to the centre without its end.
    ArrivedCut,
    /// Used; but the centre lacks entries before those that were carried. The next file has them.
    Gap,
    /// Used; but news before those in it are missing. The next file asks for them.
    NewsMissing,
    /// Made before the centre was restored from a backup: nothing of it is true any more.
    Outdated,
    /// For another device, or for one that this computer was before it was enrolled anew.
    OfAnother,
    /// Written by an office, for the centre.
    ForTheCentre,
    /// Changed or cut before anything could be used.
    Damaged,
    /// No courier's file.
    NotOne,
    /// Not signed by this office's centre.
    NotOfTheCentre,
    /// Of a later version of the program.
    TooNew,
    /// The file or stick cannot be read.
    Unreadable,
    /// The centre has another history of this device.
    Fork,
    /// The centre has more of this device's log than is here: this disk is an old copy.
    StaleCopy,
    /// The device's access was taken away.
    Revoked,
    /// The entries did not give the signed head.
    LogDamaged,
    /// The centre is older than this program.
    Unsupported,
}

/// What became of a file, and what it changed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Imported {
    /// What became of it.
    pub outcome: Outcome,
    /// Number of the file of this office that it answers.
    pub number: Option<u64>,
    /// When the centre made it, by the centre's clock, milliseconds since 1970.
    pub made_at_ms: Option<i64>,
    /// Entries that are newly acknowledged.
    pub acknowledged: u64,
    /// Applications that the feed spoke of.
    pub applications: u64,
    /// New notices.
    pub notices: u32,
    /// New publications.
    pub publications: u32,
    /// Documents that are newly known to have arrived.
    pub documents: u32,
}

/// Reads an answer and applies what is still true.
///
/// # Errors
/// [`StoreError`]; parts before it were applied, and the file can be read again.
pub fn import<O: CourierOffice>(
    office: &Mutex<O>,
    from: impl Read,
    now_ms: i64,
) -> Result<Imported, StoreError> {
    let mut imported = Imported::nothing(Outcome::TakenBefore);
    imported.outcome = match open(office, from) {
        Err(outcome) => outcome,
        Ok((cover, file, key)) => {
            imported.number = Some(cover.number);
            imported.made_at_ms = Some(cover.made_at_ms);
            Reading::new(office, cover, now_ms, &mut imported).read(file, &key)?
        }
    };
    Ok(imported)
}

/// Nothing of the file is believed before the centre's key has signed its cover for this device.
fn open<O: CourierOffice, R: Read>(
    office: &Mutex<O>,
    from: R,
) -> Result<(Cover, FileReader<R>, PartKey), Outcome> {
    let file = FileReader::open(from).map_err(|error| refused(&error))?;
    let cover = file.cover().read().map_err(|_| Outcome::Damaged)?;
    if cover.direction == Direction::ToCentre {
        return Err(Outcome::ForTheCentre);
    }
    let office = locked(office);
    let identity = office.identity();
    file.cover().verify(&identity.centre_key).map_err(|_| Outcome::NotOfTheCentre)?;
    if cover.device != identity.device {
        return Err(Outcome::OfAnother);
    }
    let key = PartKey::of(&identity.secret, &cover, file.cover());
    drop(office);
    Ok((cover, file, key))
}

fn refused(error: &CourierError) -> Outcome {
    match error {
        CourierError::NotOurs => Outcome::NotOne,
        CourierError::TooNew => Outcome::TooNew,
        CourierError::Cut | CourierError::Damaged(_) => Outcome::Damaged,
        CourierError::Disk(_) => Outcome::Unreadable,
    }
}

/// A file on its way through the office.
struct Reading<'a, O> {
    office: &'a Mutex<O>,
    cover: Cover,
    now_ms: i64,
    imported: &'a mut Imported,
    applications: BTreeSet<ApplicationId>,
    epoch: Option<[u8; 16]>,
    documents: Vec<ContentHash>,
    files: Vec<(u64, [u8; 16])>,
    whole: Option<bool>,
    used: bool,
    changed: bool,
    told: Option<Outcome>,
}

impl<'a, O: CourierOffice> Reading<'a, O> {
    fn new(office: &'a Mutex<O>, cover: Cover, now_ms: i64, imported: &'a mut Imported) -> Self {
        Self {
            office,
            cover,
            now_ms,
            imported,
            applications: BTreeSet::new(),
            epoch: None,
            documents: Vec::new(),
            files: Vec::new(),
            whole: None,
            used: false,
            changed: false,
            told: None,
        }
    }

    fn read(
        mut self,
        mut file: FileReader<impl Read>,
        key: &PartKey,
    ) -> Result<Outcome, StoreError> {
        let ended = loop {
            match file.next(key) {
                Ok(None) => break None,
                Ok(Some(content)) => {
                    if let Some(stop) = self.take(content)? {
                        return Ok(stop);
                    }
                }
                Err(error) => break Some(refused(&error)),
            }
        };
        if let Some(epoch) = self.epoch {
            let (documents, files) = (self.documents, self.files);
            let receipt = CarriedReceipt { epoch, documents, files };
            let noted = locked(self.office).note_carried(&receipt, self.now_ms)?;
            self.imported.documents = noted.documents;
            self.changed |= noted.documents > 0 || noted.files > 0;
        }
        self.imported.applications = self.applications.len() as u64;
        Ok(match (ended, self.told) {
            (Some(outcome), _) if !self.used => outcome,
            (Some(_), _) => Outcome::Cut,
            (None, Some(told)) => told,
            (None, None) if self.whole == Some(false) => Outcome::ArrivedCut,
            (None, None) if self.changed => Outcome::Taken,
            (None, None) => Outcome::TakenBefore,
        })
    }

    /// Uses a part; says when nothing more of the file is to be used.
    fn take(&mut self, content: Content) -> Result<Option<Outcome>, StoreError> {
        match content {
            Content::Reply(reply) => self.reply(&reply),
            Content::Arrived(arrived) => {
                self.arrived(arrived);
                Ok(None)
            }
            // An answer has none of the first two; others are of a later version.
            Content::Exchange(_) | Content::Piece(_) | Content::Unknown(_) | Content::End => {
                Ok(None)
            }
        }
    }

    fn reply(&mut self, reply: &ExchangeReply) -> Result<Option<Outcome>, StoreError> {
        let stop = match reply.verdict {
            _ if reply.device != self.cover.device => Some(Outcome::OfAnother),
            Verdict::Revoked => Some(Outcome::Revoked),
            Verdict::Fork => Some(Outcome::Fork),
            _ => None,
        };
        if stop.is_some() {
            return Ok(stop);
        }
        let effects = ReplyEffects::of(reply, self.now_ms, None);
        let gap = reply.verdict == Verdict::Gap;
        let mut office = locked(self.office);
        let before = office.sync_state()?.acknowledged.seq;
        let applied = match office.apply_carried(&effects, gap) {
            Err(StoreError::Fork) if reply.received.seq > office.head()?.seq => {
                return Ok(Some(Outcome::StaleCopy));
            }
            Err(StoreError::Fork) => return Ok(Some(Outcome::Fork)),
            Err(error) => return Err(error),
            Ok(None) => return Ok(Some(Outcome::Outdated)),
            Ok(Some(applied)) => applied,
        };
        // After a change of epoch the same reply begins the catalogue again.
        let again = match applied.epoch_changed {
            true => office.apply_carried(&effects, gap)?,
            false => None,
        };
        let missing = applied.feed_trouble.is_some()
            || again.as_ref().is_some_and(|again| again.feed_trouble.is_some());
        if let Some(FeedTrouble::Mismatch { at }) = applied.feed_trouble {
            tracing::warn!(at, "the centre tells another feed than before: it begins anew");
            office.restart_feed()?;
        }
        let acknowledged = office.sync_state()?.acknowledged.seq.saturating_sub(before);
        drop(office);
        self.used = true;
        self.epoch = Some(reply.epoch);
        self.imported.acknowledged += acknowledged;
        for applied in std::iter::once(applied).chain(again) {
            self.count(applied);
        }
        let told = match reply.verdict {
            Verdict::Gap => Some(Outcome::Gap),
            Verdict::BadChain => Some(Outcome::LogDamaged),
            Verdict::Unsupported => Some(Outcome::Unsupported),
            _ => missing.then_some(Outcome::NewsMissing),
        };
        self.told = self.told.or(told);
        Ok(None)
    }

    fn count(&mut self, applied: Applied) {
        self.imported.notices += applied.notices;
        self.imported.publications += applied.publications;
        self.changed |= applied.acknowledged_moved
            || applied.notices > 0
            || applied.publications > 0
            || applied.documents_wanted > 0
            || applied.epoch_changed
            || !applied.applications.is_empty();
        self.applications.extend(applied.applications);
    }

    fn arrived(&mut self, arrived: Arrived) {
        self.used = true;
        self.documents.extend(arrived.documents);
        for file in arrived.files {
            if file.whole {
                self.files.push((file.number, file.id));
            }
            if file.number == self.cover.number && self.whole.is_none() {
                self.whole = Some(file.whole);
            }
            if file.whole && file.number > self.cover.number {
                // What this one lacked, a later one has brought.
                self.whole = Some(true);
            }
        }
    }
}

impl Imported {
    /// A file of which nothing could be used.
    #[must_use]
    pub fn nothing(outcome: Outcome) -> Self {
        Self {
            outcome,
            number: None,
            made_at_ms: None,
            acknowledged: 0,
            applications: 0,
            notices: 0,
            publications: 0,
            documents: 0,
        }
    }
}
