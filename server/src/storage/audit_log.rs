//! What the staff did and whose data they looked at: append-only, numbered without gaps, each entry
//! linked to the one before it.
//!
//! Invariant: the log's end is the last lock that a unit takes. Record after everything else, so
//! that no two writers wait for each other in a ring.

use pishkhan_protocol::event::{Hash, tagged_hash};

use super::staff::Officer;
use super::{Row, StorageError, Unit};
use crate::values;

/// An entry.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AuditEntry {
    /// Its number, from 1.
    pub number: u64,
    /// When.
    pub at: i64,
    /// Who.
    pub username: String,
    /// As what.
    pub role: String,
    /// What: `application.viewed`, for instance.
    pub act: String,
    /// To what: an id, a code, a name to log in with.
    pub subject: String,
    /// What else is to be said; no personal data.
    pub detail: String,
    /// Link.
    pub hash: Hash,
}

impl AuditEntry {
    /// The link of an entry that comes after one with the hash `before`.
    #[must_use]
    pub fn link(&self, before: &Hash) -> Hash {
        let (number, at) = (self.number.to_be_bytes(), self.at.to_be_bytes());
        let texts = [&self.username, &self.role, &self.act, &self.subject, &self.detail];
        let mut parts: Vec<&[u8]> = vec![before, &number, &at];
        parts.extend(texts.map(|text| text.as_bytes()));
        tagged_hash(b"pishkhan/audit-log/v1", &parts)
    }
}

/// Which entries.
#[derive(Clone, Debug, Default)]
pub struct AuditFilter {
    /// Only of this name; empty is everybody.
    pub username: String,
    /// Only acts that begin so; empty is every act.
    pub act: String,
    /// Only about this; empty is everything.
    pub subject: String,
    /// Only below this number.
    pub before: Option<u64>,
}

/// Records an act of a member of the staff.
///
/// # Errors
/// [`StorageError`], as in all that follow.
pub async fn record(
    unit: &mut dyn Unit,
    who: &Officer,
    act: &str,
    subject: &str,
    detail: &str,
    now: i64,
) -> Result<(), StorageError> {
    append(unit, (&who.username, who.role.name()), (act, subject, detail), now).await
}

/// Records an act of an agency's own system, by the title of its token.
///
/// # Errors
/// As [`record`].
pub async fn record_system(
    unit: &mut dyn Unit,
    title: &str,
    act: &str,
    subject: &str,
    detail: &str,
    now: i64,
) -> Result<(), StorageError> {
    append(unit, (title, SYSTEM), (act, subject, detail), now).await
}

/// The role under which the systems of agencies stand in the log.
pub const SYSTEM: &str = "system";

/// Records an act of whoever obeys orders on the machine itself.
///
/// # Errors
/// As [`record`].
pub async fn record_order(
    unit: &mut dyn Unit,
    act: &str,
    subject: &str,
    now: i64,
) -> Result<(), StorageError> {
    record_order_of(unit, act, subject, "", now).await
}

/// The same with what else is to be said.
///
/// # Errors
/// As [`record`].
pub async fn record_order_of(
    unit: &mut dyn Unit,
    act: &str,
    subject: &str,
    detail: &str,
    now: i64,
) -> Result<(), StorageError> {
    append(unit, ("", "machine"), (act, subject, detail), now).await
}

async fn append(
    unit: &mut dyn Unit,
    (username, role): (&str, &str),
    (act, subject, detail): (&str, &str, &str),
    now: i64,
) -> Result<(), StorageError> {
    let rows = unit
        .query("SELECT number, hash FROM audit_log_end WHERE id = 1 FOR UPDATE", vec![])
        .await?;
    let end = rows.first().ok_or(StorageError::Unreadable("audit_log_end"))?;
    let mut entry = AuditEntry {
        number: end.count("number")? + 1,
        at: now,
        username: username.to_owned(),
        role: role.to_owned(),
        act: act.to_owned(),
        subject: subject.replace('\0', ""),
        detail: detail.replace('\0', ""),
        hash: [0; 32],
    };
    entry.hash = entry.link(&end.array("hash")?);
    let set = values![
        entry.number,
        entry.at,
        entry.username,
        entry.role,
        entry.act,
        entry.subject,
        entry.detail,
        entry.hash
    ];
    unit.execute(
        "INSERT INTO audit_log (number, at, username, role, act, subject, detail, hash) \
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
        vec![set],
    )
    .await?;
    unit.execute(
        "UPDATE audit_log_end SET number = $1, hash = $2 WHERE id = 1",
        vec![values![entry.number, entry.hash]],
    )
    .await?;
    Ok(())
}

/// Entries, the newest first.
///
/// # Errors
/// As [`record`].
pub async fn newest(
    unit: &mut dyn Unit,
    filter: &AuditFilter,
    limit: u32,
) -> Result<Vec<AuditEntry>, StorageError> {
    let set = values![
        filter.username.as_str(),
        // An act that begins so is not below it and below it with the highest letter behind it.
        filter.act.as_str(),
        format!("{}~", filter.act),
        filter.subject.as_str(),
        filter.before.unwrap_or(i64::MAX as u64),
        limit
    ];
    let rows = unit
        .query(
            "SELECT number, at, username, role, act, subject, detail, hash FROM audit_log \
             WHERE ($1 = '' OR username = $1) AND ($2 = '' OR (act >= $2 AND act < $3)) \
             AND ($4 = '' OR subject = $4) AND number < $5 ORDER BY number DESC LIMIT $6",
            set,
        )
        .await?;
    rows.iter().map(read).collect()
}

/// Entries after a number, in order.
///
/// # Errors
/// As [`record`].
pub async fn after(
    unit: &mut dyn Unit,
    number: u64,
    limit: u32,
) -> Result<Vec<AuditEntry>, StorageError> {
    let rows = unit
        .query(
            "SELECT number, at, username, role, act, subject, detail, hash FROM audit_log \
             WHERE number > $1 ORDER BY number LIMIT $2",
            values![number, limit],
        )
        .await?;
    rows.iter().map(read).collect()
}

fn read(row: &Row) -> Result<AuditEntry, StorageError> {
    Ok(AuditEntry {
        number: row.count("number")?,
        at: row.int("at")?,
        username: row.text("username")?,
        role: row.text("role")?,
        act: row.text("act")?,
        subject: row.text("subject")?,
        detail: row.text("detail")?,
        hash: row.array("hash")?,
    })
}
