//! Proving that the log is what was recorded.

use pishkhan_protocol::chain::{Entry, link};
use pishkhan_protocol::head::Head;

use super::{LogCheck, read};
use crate::error::StoreError;
use crate::numbers::from_sql;
use crate::store::Store;

impl Store {
    /// Walks along the whole log and links every entry anew: a changed, moved, missing or invented
    /// entry shows, unless whoever did it also had the device's secret and linked everything
    /// behind it again; then the acknowledged head, or a receipt, contradicts it.
    ///
    /// # Errors
    /// [`StoreError`] when the database cannot be read.
    pub fn verify_log(&self) -> Result<LogCheck, StoreError> {
        let sql = "SELECT seq, kind, device_time_at, hash, core, rest, body FROM events \
                   ORDER BY seq";
        let mut statement = self.reader.prepare(sql)?;
        let mut rows = statement.query([])?;
        let mut head = Head::EMPTY;
        while let Some(row) = rows.next()? {
            let seq = head.seq + 1;
            let sound = from_sql(row.get("seq")?) == seq
                && match read(row) {
                    Ok((event, hash)) => {
                        let entry = Entry::from(&event);
                        let linked =
                            link(self.identity.device, &self.identity.secret, &head, entry);
                        head = Head { seq, hash };
                        linked == event
                            && event.hash() == hash
                            && event.core.kind == row.get::<_, u8>("kind")?
                            && event.core.device_time_ms == row.get::<_, i64>("device_time_at")?
                    }
                    Err(StoreError::Corrupt { .. }) => false,
                    Err(other) => return Err(other),
                };
            if !sound {
                return Ok(LogCheck::BadEntry { seq });
            }
        }
        // Cut off behind what the centre has acknowledged?
        if self.sync_state()?.acknowledged.seq > head.seq {
            return Ok(LogCheck::BadEntry { seq: head.seq + 1 });
        }
        Ok(LogCheck::Sound { head })
    }
}
