//! The signed roots of the days.

use pishkhan_protocol::day_root::DayRoot;
use pishkhan_server::day_root::{self, Made};
use pishkhan_server::secret::hex;

use super::orders::{open, say};

/// Makes the root of the last day that has ended.
pub(super) async fn make(database: &str) -> anyhow::Result<()> {
    let (storage, key, now) = open(database).await?;
    let (word, signed) = match day_root::make(&storage, &key, now).await? {
        Made::Now(signed) => ("made", signed),
        Made::Before(signed) => ("there", signed),
    };
    let DayRoot { day, leaves, root, .. } = signed.verify(&key.public())?;
    say(&format!("{word} {day} {leaves} {}", hex(&root)))
}
