//! An agency's applications in the order in which they changed, for its own system.

use pishkhan_domain::ids::{AgencyCode, ApplicationId};

use super::applications::{self, Application};
use super::{StorageError, Unit};
use crate::values;

/// A place in that order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Place {
    /// When the last one had changed.
    pub changed_at: i64,
    /// Which it was; none before the first.
    pub application: Option<ApplicationId>,
}

impl Place {
    /// Before the first.
    pub const BEGIN: Self = Self { changed_at: i64::MIN, application: None };
}

/// Applications behind a place that had changed before a time, at most `limit`, in order.
///
/// # Errors
/// [`StorageError`].
pub async fn after(
    unit: &mut dyn Unit,
    agency: &AgencyCode,
    place: Place,
    before: i64,
    limit: u32,
) -> Result<Vec<Application>, StorageError> {
    let id = place.application.map(|id| id.to_string()).unwrap_or_default();
    let rows = unit
        .query(
            concat!(
                include_str!("application_select.sql"),
                "WHERE agency = $1 AND changed_at >= $2 AND changed_at < $4 \
                 AND (changed_at > $2 OR application > $3) \
                 ORDER BY changed_at, application LIMIT $5"
            ),
            values![agency.0.as_str(), place.changed_at, id, before, limit],
        )
        .await?;
    rows.iter().map(applications::read).collect()
}
