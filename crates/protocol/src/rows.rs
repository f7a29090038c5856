//! Codec 1 of a batch: entries one after the other, with operators and anchors named once.
//!
//! Sequence, hashes, ids, salts and codes are not sent: [`crate::chain::link`] derives them.

use minicbor::{Decode, Encode};
use pishkhan_domain::ids::OperatorId;

use crate::anchor::Anchor;
use crate::chain::Entry;
use crate::error::ProtocolError;
use crate::event::{from_cbor, to_cbor};

/// Number of this codec in [`crate::exchange::Batch`].
pub const CODEC_ROWS: u8 = 1;

#[derive(Encode, Decode)]
struct Rows {
    #[n(0)]
    operators: Vec<OperatorId>,
    #[n(1)]
    anchors: Vec<Anchor>,
    #[n(2)]
    rows: Vec<Row>,
}

#[derive(Encode, Decode)]
struct Row {
    #[n(0)]
    kind: u8,
    /// Milliseconds since the row before; of the first row, since 1970.
    #[n(1)]
    elapsed_ms: i64,
    #[n(2)]
    operator: u32,
    /// 0 is none, n is `anchors[n - 1]`.
    #[n(3)]
    anchor: u32,
    #[cbor(n(4), with = "minicbor::bytes")]
    body: Vec<u8>,
}

/// Writes entries.
#[must_use]
pub fn encode(entries: &[Entry]) -> Vec<u8> {
    let mut table = Rows { operators: Vec::new(), anchors: Vec::new(), rows: Vec::new() };
    let mut before_ms = 0;
    for entry in entries {
        let anchor = entry.anchor.map_or(0, |anchor| 1 + index_of(&mut table.anchors, anchor));
        let row = Row {
            kind: entry.kind,
            elapsed_ms: entry.device_time_ms.wrapping_sub(before_ms),
            operator: index_of(&mut table.operators, entry.operator),
            anchor,
            body: entry.body.clone(),
        };
        before_ms = entry.device_time_ms;
        table.rows.push(row);
    }
    to_cbor(&table)
}

/// Reads entries.
///
/// # Errors
/// [`ProtocolError::Malformed`] for anything that `encode` would not write.
pub fn decode(bytes: &[u8]) -> Result<Vec<Entry>, ProtocolError> {
    let malformed = || ProtocolError::Malformed { what: "batch" };
    let table: Rows = from_cbor(bytes, "batch")?;
    let mut before_ms = 0_i64;
    let mut entries = Vec::with_capacity(table.rows.len());
    for row in table.rows {
        before_ms = before_ms.wrapping_add(row.elapsed_ms);
        let anchor = match row.anchor.checked_sub(1) {
            None => None,
            Some(index) => Some(*table.anchors.get(index as usize).ok_or_else(malformed)?),
        };
        entries.push(Entry {
            kind: row.kind,
            device_time_ms: before_ms,
            anchor,
            operator: *table.operators.get(row.operator as usize).ok_or_else(malformed)?,
            body: row.body,
        });
    }
    Ok(entries)
}

fn index_of<T: PartialEq>(table: &mut Vec<T>, value: T) -> u32 {
    let index = table.iter().position(|known| *known == value).unwrap_or_else(|| {
        table.push(value);
        table.len() - 1
    });
    u32::try_from(index).unwrap_or(u32::MAX)
}
