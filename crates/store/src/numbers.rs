//! Numbers as SQLite keeps them: signed, 64 bits.

/// For a column.
pub(crate) fn to_sql(number: u64) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}

/// From a column that is never negative.
pub(crate) fn from_sql(number: i64) -> u64 {
    u64::try_from(number).unwrap_or(0)
}

/// A count from a column.
pub(crate) fn count(number: i64) -> u32 {
    u32::try_from(number).unwrap_or(if number < 0 { 0 } else { u32::MAX })
}

/// A time from a column in which 0 stands for "never".
pub(crate) fn time(ms: i64) -> Option<i64> {
    (ms != 0).then_some(ms)
}
