//! Service cards and the calendar, as the centre published them; every version is kept.

use std::borrow::Cow;

use pishkhan_domain::catalogue::{Publication, PublishedCard};
use pishkhan_domain::content_hash::ContentHash;
use pishkhan_domain::ids::ServiceCode;
use pishkhan_domain::working_days::WorkingCalendar;

use pishkhan_protocol::delta;
use pishkhan_protocol::exchange::{CatalogueEntry, MAX_MESSAGE_BYTES};
use rusqlite::{Connection, OptionalExtension, Row, named_params};

use crate::error::StoreError;
use crate::numbers::to_sql;
use crate::store::Store;

impl Store {
    /// The newest card of every service, by code.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn cards(&self) -> Result<Vec<PublishedCard>, StoreError> {
        let mut statement = self.reader.prepare_cached(include_str!("catalogue/newest.sql"))?;
        let cards = statement.query_map([], bytes_and_version)?;
        let cards = cards.collect::<Result<Vec<_>, _>>()?;
        Ok(cards.iter().filter_map(|(bytes, version)| published(bytes, *version)).collect())
    }

    /// The newest card of a service.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn newest_card(&self, service: &ServiceCode) -> Result<Option<PublishedCard>, StoreError> {
        let sql = "SELECT bytes, version FROM publications \
                   WHERE kind = 'service_card' AND service = :service \
                   ORDER BY number DESC, id DESC LIMIT 1";
        let card = self
            .reader
            .prepare_cached(sql)?
            .query_row(named_params! { ":service": service.0 }, bytes_and_version)
            .optional()?;
        Ok(card.and_then(|(bytes, version)| published(&bytes, version)))
    }

    /// A card by its version.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn card(&self, version: ContentHash) -> Result<Option<PublishedCard>, StoreError> {
        card_in(&self.reader, version)
    }

    /// The newest calendar of working days.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn calendar(&self) -> Result<Option<WorkingCalendar>, StoreError> {
        let sql = "SELECT bytes, version FROM publications WHERE kind = 'working_calendar' \
                   ORDER BY number DESC, id DESC LIMIT 1";
        let found = self.reader.prepare_cached(sql)?.query_row([], bytes_and_version).optional()?;
        Ok(found.and_then(|(bytes, _)| match serde_json::from_slice(&bytes) {
            Ok(Publication::WorkingCalendar(calendar)) => Some(calendar),
            _ => None,
        }))
    }
}

/// A card by its version, as a connection sees it.
pub(crate) fn card_in(
    connection: &Connection,
    version: ContentHash,
) -> Result<Option<PublishedCard>, StoreError> {
    let sql = "SELECT bytes, version FROM publications \
               WHERE version = :version AND kind = 'service_card'";
    let card = connection
        .prepare_cached(sql)?
        .query_row(named_params! { ":version": version.0 }, bytes_and_version)
        .optional()?;
    Ok(card.and_then(|(bytes, version)| published(&bytes, version)))
}

/// A publication without a base; none when its base is not here, or does not give anything.
pub(crate) fn whole<'a>(
    connection: &Connection,
    entry: &'a CatalogueEntry,
) -> Result<Option<Cow<'a, CatalogueEntry>>, StoreError> {
    let Some(base) = entry.base else { return Ok(Some(Cow::Borrowed(entry))) };
    let sql = "SELECT bytes FROM publications WHERE version = :version";
    let base: Option<Vec<u8>> = connection
        .prepare_cached(sql)?
        .query_row(named_params! { ":version": base.0 }, |row| row.get("bytes"))
        .optional()?;
    let bytes = base.and_then(|base| delta::decode(&entry.bytes, &base, MAX_MESSAGE_BYTES).ok());
    let CatalogueEntry { number, signature, .. } = *entry;
    Ok(bytes.map(|bytes| Cow::Owned(CatalogueEntry { number, bytes, signature, base: None })))
}

/// Keeps a publication whose signature was checked; one of a kind not known yet is kept too.
pub(crate) fn keep(
    connection: &Connection,
    entry: &CatalogueEntry,
    at_ms: i64,
) -> Result<(), StoreError> {
    let (kind, service) = match serde_json::from_slice(&entry.bytes) {
        Ok(Publication::ServiceCard(card)) => ("service_card", card.code.0),
        Ok(Publication::WorkingCalendar(_)) => ("working_calendar", String::new()),
        Err(_) => ("", String::new()),
    };
    connection.prepare_cached(include_str!("catalogue/keep.sql"))?.execute(named_params! {
        ":number": to_sql(entry.number),
        ":version": ContentHash::of(&entry.bytes).0,
        ":kind": kind,
        ":service": service,
        ":bytes": entry.bytes,
        ":signature": entry.signature.0,
        ":came_at": at_ms,
    })?;
    Ok(())
}

fn bytes_and_version(row: &Row<'_>) -> rusqlite::Result<(Vec<u8>, ContentHash)> {
    Ok((row.get("bytes")?, ContentHash(row.get("version")?)))
}

fn published(bytes: &[u8], version: ContentHash) -> Option<PublishedCard> {
    match serde_json::from_slice(bytes) {
        Ok(Publication::ServiceCard(card)) => Some(PublishedCard { version, card: *card }),
        _ => None,
    }
}
