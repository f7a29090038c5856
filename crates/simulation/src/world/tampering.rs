//! Somebody with the centre's password, who changes its tables.

use pishkhan_protocol::feed::{FeedBody, FeedItem, Notice};
use pishkhan_server::storage::{Unit, Value};

use super::World;
use crate::coverage::Seen;

fn text(text: &str) -> Value {
    Value::Text(text.to_owned())
}

fn count(number: u64) -> anyhow::Result<Value> {
    Ok(Value::Int(i64::try_from(number)?))
}

async fn change_item(
    unit: &mut dyn Unit,
    office: &str,
    number: u64,
    from: &[u8],
    to: &[u8],
) -> anyhow::Result<()> {
    unit.execute("DROP TRIGGER feed_is_never_changed", vec![vec![]]).await?;
    let set =
        vec![text(office), count(number)?, Value::Bytes(from.to_vec()), Value::Bytes(to.to_vec())];
    let sql = "UPDATE feed SET item = $4 WHERE office = $1 AND number = $2 AND item = $3";
    unit.execute(sql, vec![set]).await?;
    unit.execute(
        "CREATE TRIGGER feed_is_never_changed BEFORE UPDATE ON feed \
         BEGIN SELECT RAISE(ABORT, 'the feed is append-only'); END",
        vec![vec![]],
    )
    .await?;
    Ok(())
}

impl World {
    /// Somebody with the centre's password changes what an office is told and has not heard yet.
    pub(super) async fn tamper(&mut self) -> anyhow::Result<()> {
        let number = self.dice.below(self.machines.len());
        let office = self.machines[number].office.0.clone();
        let cursors = self.machines.iter().filter(|machine| machine.office.0 == office);
        let mut heard = 0;
        for machine in cursors.filter(|machine| machine.on()) {
            heard = heard.max(machine.store(|store| store.sync_state())?.feed_cursor);
        }
        let mut unit = self.host.storage.begin().await?;
        let sql = "SELECT number, item FROM feed WHERE office = $1 AND number > $2 ORDER BY number";
        let rows = unit.query(sql, vec![text(&office), count(heard)?]).await?;
        let Some(row) = rows.first() else { return Ok(()) };
        let (at, item) = (row.count("number")?, row.bytes("item")?);
        let mut other = FeedItem::from_bytes(&item)?;
        let title = "نمونه".to_owned();
        other.body = FeedBody::Notice(Notice { title, text: String::new() });
        let other = other.to_bytes();
        change_item(unit.as_mut(), &office, at, &item, &other).await?;
        unit.commit().await?;
        self.tampered.push((office, at, item, other));
        self.saw(Seen::TamperedFeed);
        Ok(())
    }

    pub(super) async fn undo_tampering(&mut self) -> anyhow::Result<()> {
        let mut unit = self.host.storage.begin().await?;
        for (office, at, item, other) in std::mem::take(&mut self.tampered) {
            change_item(unit.as_mut(), &office, at, &other, &item).await?;
        }
        Ok(unit.commit().await?)
    }
}
