//! What comes down to an office, numbered and hash-linked.

use pishkhan_domain::ids::OfficeCode;
use pishkhan_protocol::event::Hash;
use pishkhan_protocol::exchange::FeedEntry;
use pishkhan_protocol::feed::{FeedItem, feed_hash};

use super::offices::Office;
use super::{StorageError, Unit};
use crate::values;

/// Appends items; `office` is the locked row and is brought forward.
///
/// # Errors
/// [`StorageError`], as in all that follow.
pub async fn append(
    unit: &mut dyn Unit,
    office: &mut Office,
    items: &[FeedItem],
) -> Result<(), StorageError> {
    if items.is_empty() {
        return Ok(());
    }
    let mut sets = Vec::with_capacity(items.len());
    for item in items {
        let bytes = item.to_bytes();
        office.feed_number += 1;
        office.feed_hash = feed_hash(&office.feed_hash, office.feed_number, &bytes);
        sets.push(values![
            office.code.0.as_str(),
            office.feed_number,
            bytes.as_slice(),
            office.feed_hash,
            item.at_ms
        ]);
    }
    unit.execute(
        "INSERT INTO feed (office, number, item, hash, created_at) VALUES ($1, $2, $3, $4, $5)",
        sets,
    )
    .await?;
    let set = values![office.code.0.as_str(), office.feed_number, office.feed_hash];
    unit.execute(
        "UPDATE offices SET feed_number = $2, feed_hash = $3 WHERE office = $1",
        vec![set],
    )
    .await?;
    Ok(())
}

/// The items after a number, at most `limit`, in order.
///
/// # Errors
/// As [`append`].
pub async fn after(
    unit: &mut dyn Unit,
    office: &OfficeCode,
    cursor: u64,
    limit: u32,
) -> Result<Vec<(FeedEntry, Hash)>, StorageError> {
    let rows = unit
        .query(
            "SELECT number, item, hash FROM feed WHERE office = $1 AND number > $2 \
             ORDER BY number LIMIT $3",
            values![office.0.as_str(), cursor, limit],
        )
        .await?;
    rows.iter()
        .map(|row| {
            let entry = FeedEntry { number: row.count("number")?, item: row.bytes("item")? };
            Ok((entry, row.array("hash")?))
        })
        .collect()
}

/// Hash of the feed at a number; zeros before the first.
///
/// # Errors
/// As [`append`].
pub async fn hash_at(
    unit: &mut dyn Unit,
    office: &OfficeCode,
    number: u64,
) -> Result<Hash, StorageError> {
    let rows = unit
        .query(
            "SELECT hash FROM feed WHERE office = $1 AND number = $2",
            values![office.0.as_str(), number],
        )
        .await?;
    rows.first().map_or(Ok([0; 32]), |row| row.array("hash"))
}
