//! Counts, each kept or from an index of what it counts.

use std::collections::BTreeMap;

use pishkhan_domain::ids::ServiceCode;
use rusqlite::named_params;

use super::{Waiting, WorkCounts};
use crate::day::Day;
use crate::error::StoreError;
use crate::numbers::{count, time};
use crate::store::Store;

impl Store {
    /// Counts of the home screen.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn work_counts(&self, now_ms: i64) -> Result<WorkCounts, StoreError> {
        let day = Day::of(now_ms);
        let mut statement = self.reader.prepare_cached(include_str!("work.sql"))?;
        let parameters = named_params! { ":day_begins_at": day.begins_at, ":today": day.iso };
        Ok(statement.query_row(parameters, |row| {
            Ok(WorkCounts {
                today: count(row.get("today")?),
                returned: count(row.get("returned")?),
                to_deliver: count(row.get("to_deliver")?),
                late: count(row.get("late")?),
                to_print: count(row.get("to_print")?),
                parked: count(row.get("parked")?),
                drafts: count(row.get("drafts")?),
                notices_unread: count(row.get("notices_unread")?),
            })
        })?)
    }

    /// What waits for the line.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn waiting(&self) -> Result<Waiting, StoreError> {
        let mut statement = self.reader.prepare_cached(include_str!("waiting.sql"))?;
        Ok(statement.query_row([], |row| {
            Ok(Waiting {
                recorded: count(row.get("recorded")?),
                applications: count(row.get("applications")?),
                oldest_at: time(row.get("oldest_at")?),
                oldest_application_at: time(row.get("oldest_application_at")?),
                other_entries: count(row.get("other_entries")?),
            })
        })?)
    }

    /// Applications that an officer has ever taken up: پذیرش دستگاه.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn accepted(&self) -> Result<u32, StoreError> {
        let sql = "SELECT coalesce(sum(applications), 0) AS accepted FROM application_counts \
                   WHERE list = 'accepted'";
        Ok(self.reader.prepare_cached(sql)?.query_row([], |row| Ok(count(row.get("accepted")?)))?)
    }

    /// How often this office recorded each service.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn times_recorded(&self) -> Result<BTreeMap<ServiceCode, u32>, StoreError> {
        let sql = "SELECT service, recorded FROM service_counts";
        let mut statement = self.reader.prepare_cached(sql)?;
        let counts = statement.query_map([], |row| {
            Ok((ServiceCode(row.get("service")?), count(row.get("recorded")?)))
        })?;
        Ok(counts.collect::<Result<_, _>>()?)
    }
}
