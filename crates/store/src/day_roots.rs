//! Roots of the days that the centre signed, kept here as evidence: each is checked when it comes,
//! against this device's own log and what this office was told.
//!
//! Invariant: a root that does not hold is kept as well, with what is wrong, and told to the office;
//! it changes nothing else.

use pishkhan_protocol::day_root::{DayRoot, Leaf, SignedDayRoot};
use pishkhan_protocol::feed::{DayRootTold, FeedItem};
use pishkhan_protocol::head::Head;
use pishkhan_protocol::keys::{SecretKey, SignatureBytes};
use rusqlite::{Connection, OptionalExtension, named_params};

use crate::error::StoreError;
use crate::identity::Identity;
use crate::numbers::to_sql;
use crate::store::Store;

/// A root as it was kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeptRoot {
    /// The day that it closes, ISO 8601; empty when it could not be read.
    pub day: String,
    /// What the centre signed.
    pub signed: SignedDayRoot,
    /// What is wrong with it; empty when it holds. `root.signature`, `root.other`, `device.missing`,
    /// `device.log`, `device.key`, `office.feed`.
    pub fault: String,
    /// When it came.
    pub came_at: i64,
}

impl Store {
    /// All roots that came, in the order of their days.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn day_roots(&self) -> Result<Vec<KeptRoot>, StoreError> {
        let sql = "SELECT day, statement, signature, fault, came_at FROM day_roots \
                   ORDER BY day, came_at";
        let mut statement = self.reader.prepare_cached(sql)?;
        let rows = statement.query_map([], |row| {
            Ok(KeptRoot {
                day: row.get("day")?,
                signed: SignedDayRoot {
                    statement: row.get("statement")?,
                    signature: SignatureBytes(row.get("signature")?),
                },
                fault: row.get("fault")?,
                came_at: row.get("came_at")?,
            })
        })?;
        Ok(rows.collect::<Result<_, _>>()?)
    }
}

/// Keeps a root that came at `number` of the feed; says whether it holds.
pub(crate) fn take(
    connection: &Connection,
    identity: &Identity,
    item: &FeedItem,
    number: u64,
    told: &DayRootTold,
    came_at: i64,
) -> Result<bool, StoreError> {
    let read = told.root.verify(&identity.centre_key).ok();
    let fault = match &read {
        None => "root.signature",
        Some(root) => fault(connection, identity, root, told)?,
    };
    let day = read.map(|root| root.day).unwrap_or_default();
    let sql = "INSERT INTO day_roots (statement, day, signature, number, fault, came_at) \
               VALUES (:statement, :day, :signature, :number, :fault, :came_at) \
               ON CONFLICT (statement) DO NOTHING";
    connection.prepare_cached(sql)?.execute(named_params! {
        ":statement": told.root.statement,
        ":day": day,
        ":signature": &told.root.signature.0[..],
        ":number": to_sql(number),
        ":fault": fault,
        ":came_at": came_at,
    })?;
    if fault.is_empty() {
        return Ok(true);
    }
    tracing::error!(day, fault, "a root of the centre does not hold");
    let sql = "INSERT INTO notices (item_id, number, title, text, at) \
               VALUES (:item_id, :number, :title, :text, :at) ON CONFLICT (item_id) DO NOTHING";
    connection.execute(
        sql,
        named_params! {
            ":item_id": &item.id.as_bytes()[..],
            ":number": to_sql(number),
            ":title": "ریشهٔ روز با دفتر این دستگاه نمی‌خواند",
            ":text": format!(
                "مرکز ریشهٔ روزی را فرستاد که با آنچه این دستگاه ثبت کرده یا به آن گفته شده \
                 نمی‌خواند ({fault}). کار دفتر ادامه دارد و چیزی از دست نرفته است. این پیام را به \
                 بازرس خبر دهید."
            ),
            ":at": item.at_ms,
        },
    )?;
    Ok(false)
}

fn fault(
    connection: &Connection,
    identity: &Identity,
    root: &DayRoot,
    told: &DayRootTold,
) -> Result<&'static str, StoreError> {
    let sql = "SELECT statement FROM day_roots WHERE day = :day AND statement <> :statement \
               AND fault = ''";
    let mut others = connection.prepare_cached(sql)?;
    let day = named_params! { ":day": root.day, ":statement": told.root.statement };
    let others = others.query_map(day, |row| row.get::<_, Vec<u8>>("statement"))?;
    for other in others {
        let other = DayRoot::from_bytes(&other?);
        // A centre that was restored in between makes the day's root again, in another epoch.
        if other.is_ok_and(|other| other.epoch == root.epoch) {
            return Ok("root.other");
        }
    }
    let mut own = false;
    for inclusion in &told.inclusions {
        match inclusion.verify(root) {
            Err(_) => return Ok("root.signature"),
            Ok(Leaf::Device(leaf)) if leaf.device == identity.device => {
                own = true;
                if leaf.key != SecretKey::from_seed(&identity.key_seed).public() {
                    return Ok("device.key");
                }
                if !has(connection, "SELECT hash FROM events WHERE seq = :place", &leaf.head)? {
                    return Ok("device.log");
                }
            }
            Ok(Leaf::Feed(leaf)) if leaf.office == identity.office => {
                let sql = "SELECT hash FROM feed WHERE number = :place \
                           AND run = (SELECT feed_run FROM sync_state)";
                let place = Head { seq: leaf.number, hash: leaf.hash };
                if !has(connection, sql, &place)? {
                    return Ok("office.feed");
                }
            }
            Ok(_) => {}
        }
    }
    // Enrolled since, it cannot be in it.
    let facts = identity.certificate.verify(&identity.centre_key).ok();
    let since = facts.is_some_and(|facts| facts.enrolled_at_ms > root.at_ms);
    Ok(if own || since { "" } else { "device.missing" })
}

/// Is this hash at this place of ours?
fn has(connection: &Connection, sql: &str, place: &Head) -> Result<bool, StoreError> {
    if place.seq == 0 {
        return Ok(place.hash == [0; 32]);
    }
    let found: Option<Vec<u8>> = connection
        .prepare_cached(sql)?
        .query_row(named_params! { ":place": to_sql(place.seq) }, |row| row.get("hash"))
        .optional()?;
    Ok(found.is_some_and(|hash| hash == place.hash))
}
