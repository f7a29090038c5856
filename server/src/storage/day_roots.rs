//! The signed roots of the days, append-only, and of each tree the leaves that were new.

use std::collections::BTreeMap;

use pishkhan_domain::ids::{DeviceNumber, OfficeCode};
use pishkhan_protocol::day_root::{AuditLogLeaf, DeviceLeaf, FeedLeaf, Leaf, SignedDayRoot};
use pishkhan_protocol::head::Head;
use pishkhan_protocol::keys::{PublicKey, SignatureBytes};

use super::{Row, StorageError, Unit};
use crate::values;

/// Exact bytes of leaves by their keys: a tree in its order.
pub type Leaves = BTreeMap<String, Vec<u8>>;

/// A root with the day under which it is stored.
pub struct StoredRoot {
    /// Day, ISO 8601.
    pub day: String,
    /// The root.
    pub signed: SignedDayRoot,
}

/// Keeps a root and the leaves that changed.
///
/// # Errors
/// [`StorageError`], as in all that follow.
pub async fn insert(
    unit: &mut dyn Unit,
    root: &StoredRoot,
    changed: &Leaves,
    now: i64,
) -> Result<(), StorageError> {
    let StoredRoot { day, signed } = root;
    let set = values![day.as_str(), signed.statement.as_slice(), signed.signature.0, now];
    unit.execute(
        "INSERT INTO day_roots (day, statement, signature, made_at) VALUES ($1, $2, $3, $4)",
        vec![set],
    )
    .await?;
    let leaf = |(key, leaf): (&String, &Vec<u8>)| values![key.as_str(), day.as_str(), &leaf[..]];
    unit.execute(
        "INSERT INTO day_root_leaves (leaf_key, day, leaf) VALUES ($1, $2, $3)",
        changed.iter().map(leaf).collect(),
    )
    .await?;
    Ok(())
}

/// The root of a day.
///
/// # Errors
/// As [`insert`].
pub async fn find(unit: &mut dyn Unit, day: &str) -> Result<Option<StoredRoot>, StorageError> {
    let rows = unit
        .query("SELECT day, statement, signature FROM day_roots WHERE day = $1", values![day])
        .await?;
    rows.first().map(read).transpose()
}

/// Roots before a day, newest first; before none, the newest.
///
/// # Errors
/// As [`insert`].
pub async fn before(
    unit: &mut dyn Unit,
    day: Option<&str>,
    limit: u32,
) -> Result<Vec<StoredRoot>, StorageError> {
    let rows = unit
        .query(
            "SELECT day, statement, signature FROM day_roots WHERE ($1 = '' OR day < $1) \
             ORDER BY day DESC LIMIT $2",
            values![day.unwrap_or_default(), limit],
        )
        .await?;
    rows.iter().map(read).collect()
}

/// The newest root.
///
/// # Errors
/// As [`insert`].
pub async fn newest(unit: &mut dyn Unit) -> Result<Option<StoredRoot>, StorageError> {
    Ok(before(unit, None, 1).await?.pop())
}

/// Day of the newest root: cheap enough to be asked at every exchange.
///
/// # Errors
/// As [`insert`].
pub async fn newest_day(unit: &mut dyn Unit) -> Result<Option<String>, StorageError> {
    let rows = unit.query("SELECT day FROM day_roots ORDER BY day DESC LIMIT 1", vec![]).await?;
    rows.first().map(|row| row.text("day")).transpose()
}

/// Every root in the order of days.
///
/// # Errors
/// As [`insert`].
pub async fn all(unit: &mut dyn Unit) -> Result<Vec<StoredRoot>, StorageError> {
    let rows =
        unit.query("SELECT day, statement, signature FROM day_roots ORDER BY day", vec![]).await?;
    rows.iter().map(read).collect()
}

/// The leaves that were new on a day.
///
/// # Errors
/// As [`insert`].
pub async fn changed_on(unit: &mut dyn Unit, day: &str) -> Result<Leaves, StorageError> {
    let rows = unit
        .query("SELECT leaf_key, leaf FROM day_root_leaves WHERE day = $1", values![day])
        .await?;
    leaves(&rows)
}

/// All leaves of a day's tree.
///
/// # Errors
/// As [`insert`].
pub async fn leaves_of(unit: &mut dyn Unit, day: &str) -> Result<Leaves, StorageError> {
    let rows = unit
        .query(
            "SELECT leaf_key, leaf FROM day_root_leaves WHERE day = (SELECT max(newest.day) FROM \
             day_root_leaves newest WHERE newest.leaf_key = day_root_leaves.leaf_key \
             AND newest.day <= $1)",
            values![day],
        )
        .await?;
    leaves(&rows)
}

fn leaves(rows: &[Row]) -> Result<Leaves, StorageError> {
    rows.iter().map(|row| Ok((row.text("leaf_key")?, row.bytes("leaf")?))).collect()
}

/// Where every log stands now.
///
/// # Errors
/// As [`insert`].
pub async fn standing(unit: &mut dyn Unit) -> Result<Vec<Leaf>, StorageError> {
    let mut leaves = Vec::new();
    let sql = "SELECT device, public_key, head_seq, head_hash, received_link FROM devices";
    for row in unit.query(sql, vec![]).await? {
        let number = u32::try_from(row.int("device")?);
        leaves.push(Leaf::Device(DeviceLeaf {
            device: DeviceNumber(number.map_err(|_| StorageError::Unreadable("device"))?),
            key: PublicKey(row.array("public_key")?),
            head: Head { seq: row.count("head_seq")?, hash: row.array("head_hash")? },
            received: row.array("received_link")?,
        }));
    }
    for row in unit.query("SELECT office, feed_number, feed_hash FROM offices", vec![]).await? {
        leaves.push(Leaf::Feed(FeedLeaf {
            office: OfficeCode(row.text("office")?),
            number: row.count("feed_number")?,
            hash: row.array("feed_hash")?,
        }));
    }
    for row in unit.query("SELECT number, hash FROM audit_log_end WHERE id = 1", vec![]).await? {
        let (number, hash) = (row.count("number")?, row.array("hash")?);
        leaves.push(Leaf::AuditLog(AuditLogLeaf { number, hash }));
    }
    Ok(leaves)
}

fn read(row: &Row) -> Result<StoredRoot, StorageError> {
    Ok(StoredRoot {
        day: row.text("day")?,
        signed: SignedDayRoot {
            statement: row.bytes("statement")?,
            signature: SignatureBytes(row.array("signature")?),
        },
    })
}
