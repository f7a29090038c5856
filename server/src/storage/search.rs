//! Finding an application of an agency by what somebody has in hand: a code, a number, a name.
//!
//! Invariant: what is looked for is matched from its beginning, so that an index finds it.

use pishkhan_domain::ids::AgencyCode;

use super::queue::{QueueRow, read, select};
use super::{StorageError, Unit, offices};
use crate::looked_for::LookedFor;
use crate::values;

/// Behind every letter: a text that begins with `x` is below `x` with this behind it.
const LAST_LETTER: char = '\u{10ffff}';

/// The applications of an agency that fit.
///
/// # Errors
/// [`StorageError`].
pub async fn search(
    unit: &mut dyn Unit,
    agency: &AgencyCode,
    looked_for: &LookedFor,
    limit: u32,
) -> Result<Vec<QueueRow>, StorageError> {
    let rows = match looked_for {
        LookedFor::Code(code) => {
            let Some(office) = offices::of_device(unit, code.device()).await? else {
                return Ok(Vec::new());
            };
            let sql = select!("WHERE office = $1 AND tracking_code = $2 AND agency = $3");
            unit.query(sql, values![office.0.as_str(), code.as_u64(), agency.0.as_str()]).await?
        }
        LookedFor::Identity(number) => {
            let sql = select!(
                "WHERE agency = $1 AND national_id = $2 AND national_id <> '' \
                 ORDER BY filed_at DESC LIMIT $3"
            );
            unit.query(sql, values![agency.0.as_str(), number.as_str(), limit]).await?
        }
        LookedFor::Mobile(number) => {
            let sql = select!(
                "WHERE agency = $1 AND mobile = $2 AND mobile <> '' \
                 ORDER BY filed_at DESC LIMIT $3"
            );
            unit.query(sql, values![agency.0.as_str(), number.as_str(), limit]).await?
        }
        LookedFor::Name(key) => {
            let by_name = select!(
                "WHERE agency = $1 AND name_key >= $2 AND name_key < $3 \
                 ORDER BY name_key, application LIMIT $4"
            );
            let by_family = select!(
                "WHERE agency = $1 AND family_key >= $2 AND family_key < $3 \
                 ORDER BY family_key, application LIMIT $4"
            );
            let end = format!("{key}{LAST_LETTER}");
            let set = values![agency.0.as_str(), key.as_str(), end, limit];
            let mut rows = unit.query(by_name, set.clone()).await?;
            rows.extend(unit.query(by_family, set).await?);
            rows
        }
    };
    let mut found: Vec<QueueRow> = Vec::new();
    for row in &rows {
        let row = read(row)?;
        if found.iter().all(|known| known.id != row.id) {
            found.push(row);
        }
    }
    found.truncate(limit as usize);
    Ok(found)
}
