//! What the centre holds of our log, and the rest of what it says about the conversation itself.

use pishkhan_protocol::head::Head;
use rusqlite::{Connection, named_params};

use super::ReplyEffects;
use crate::error::StoreError;
use crate::numbers::to_sql;
use crate::sync_state::SyncState;
use crate::{documents, log};

/// The centre may only acknowledge what we recorded.
pub(super) fn check_head(connection: &Connection, received: &Head) -> Result<(), StoreError> {
    match log::hash_in(connection, received.seq)? {
        Some(hash) if hash == received.hash => Ok(()),
        _ => Err(StoreError::Fork),
    }
}

pub(super) fn acknowledge(
    connection: &Connection,
    before: &SyncState,
    effects: &ReplyEffects,
) -> Result<bool, StoreError> {
    let (old, new) = (before.acknowledged.seq, effects.received.seq);
    connection.execute(
        "UPDATE sync_state SET acknowledged_seq = :seq, safe_seq = :safe",
        named_params! { ":seq": to_sql(new), ":safe": to_sql(effects.safe_seq.min(new)) },
    )?;
    if new < old {
        tracing::warn!(old, new, "the centre holds less of this device's log than before");
        connection.execute(
            "DELETE FROM acknowledgements WHERE seq > :seq",
            named_params! { ":seq": to_sql(new) },
        )?;
        documents::offer_again(connection)?;
    } else if new > old {
        connection.execute(
            "INSERT INTO acknowledgements (seq, came_at) VALUES (:seq, :at) \
             ON CONFLICT (seq) DO NOTHING",
            named_params! { ":seq": to_sql(new), ":at": effects.at_ms },
        )?;
        connection.execute(
            "UPDATE sync_state SET last_received_at = :at",
            named_params! { ":at": effects.at_ms },
        )?;
    }
    Ok(new != old)
}

pub(super) fn save_contact(
    connection: &Connection,
    effects: &ReplyEffects,
) -> Result<(), StoreError> {
    connection.execute(
        "UPDATE sync_state SET last_contact_at = :at, \
         clock_offset_ms = coalesce(:offset, clock_offset_ms)",
        named_params! { ":at": effects.at_ms, ":offset": effects.clock_offset_ms },
    )?;
    if let Some(lease) = effects.lease {
        connection
            .execute("UPDATE sync_state SET lease = :lease", named_params! { ":lease": lease })?;
    }
    // An older anchor would widen the interval that a receipt proves.
    if let Some(anchor) = effects.anchor {
        connection.execute(
            "UPDATE sync_state SET anchor_at = :at, anchor_nonce = :nonce WHERE anchor_at <= :at",
            named_params! { ":at": anchor.at_ms, ":nonce": anchor.nonce },
        )?;
    }
    Ok(())
}
