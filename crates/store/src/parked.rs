//! Entries that the centre could not use: kept, shown with the reason, blocking nothing.

use pishkhan_domain::field_error::FieldError;
use pishkhan_domain::ids::ApplicationId;
use pishkhan_protocol::feed::{EntryParked, FeedBody, FeedItem};

use crate::applications::ApplicationRow;
use crate::error::StoreError;
use crate::numbers::from_sql;
use crate::store::Store;

/// An entry that the centre could not use.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ParkedEntry {
    /// Sequence of the entry.
    pub seq: u64,
    /// Application it belongs to, if it does.
    pub application: Option<ApplicationRow>,
    /// Why.
    pub error: FieldError,
    /// When, by the centre's clock.
    pub at: i64,
}

impl Store {
    /// What the centre parked and nobody has mended.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn parked(&self, now_ms: i64) -> Result<Vec<ParkedEntry>, StoreError> {
        let sql = "SELECT parked.seq, parked.application, feed.item \
                   FROM parked_entries AS parked JOIN feed ON feed.number = parked.number \
                   AND feed.run = (SELECT feed_run FROM sync_state) ORDER BY parked.seq DESC";
        let mut statement = self.reader.prepare_cached(sql)?;
        let mut rows = statement.query([])?;
        let mut entries = Vec::new();
        while let Some(row) = rows.next()? {
            let item = FeedItem::from_bytes(&row.get::<_, Vec<u8>>("item")?);
            let Ok(FeedItem { at_ms, body: FeedBody::EntryParked(parked), .. }) = item else {
                continue;
            };
            let application = <[u8; 16]>::try_from(row.get::<_, Vec<u8>>("application")?).ok();
            let application = match application.map(ApplicationId::from_bytes) {
                Some(id) => Some(self.row(id, now_ms)?),
                None => None,
            };
            let seq = from_sql(row.get("seq")?);
            entries.push(ParkedEntry { seq, application, error: reason(parked), at: at_ms });
        }
        Ok(entries)
    }
}

/// The reason as every screen shows it.
pub(crate) fn reason(parked: EntryParked) -> FieldError {
    FieldError { field: parked.field, code: parked.code, params: parked.params }
}
