//! Drafts: what is typed before it is filed. They belong to the office, not to an operator.

use pishkhan_domain::ids::{ApplicationId, DraftId, OperatorId};

use rusqlite::{OptionalExtension, Row, named_params};

use crate::error::StoreError;
use crate::store::Store;

/// What a draft holds.
#[derive(Clone, Debug, PartialEq)]
pub struct DraftContent {
    /// What was typed, kept exactly as given.
    pub entry: serde_json::Value,
    /// The returned application that it mends, if it does.
    pub mends: Option<ApplicationId>,
}

/// A draft.
#[derive(Clone, Debug, PartialEq)]
pub struct Draft {
    /// Id.
    pub id: DraftId,
    /// Content.
    pub content: DraftContent,
    /// Who touched it last.
    pub operator: OperatorId,
    /// When, milliseconds since 1970.
    pub saved_at: i64,
}

impl Store {
    /// Keeps a draft, durably; begins one when `id` is `None`. A draft that was discarded
    /// meanwhile is begun anew under its old id: typed text is never refused.
    ///
    /// # Errors
    /// [`StoreError::Full`].
    pub fn save_draft(
        &mut self,
        id: Option<DraftId>,
        content: &DraftContent,
        operator: OperatorId,
        now_ms: i64,
    ) -> Result<Draft, StoreError> {
        let id = id.unwrap_or_else(|| DraftId(uuid::Uuid::now_v7()));
        let mends = content.mends.map(|application| *application.as_bytes());
        let sql = "INSERT INTO drafts (id, entry, mends, operator, saved_at) \
                   VALUES (:id, :entry, :mends, :operator, :saved_at) \
                   ON CONFLICT (id) DO UPDATE SET entry = excluded.entry, \
                   mends = excluded.mends, operator = excluded.operator, \
                   saved_at = excluded.saved_at";
        self.writer.prepare_cached(sql)?.execute(named_params! {
            ":id": &id.as_bytes()[..],
            ":entry": content.entry.to_string(),
            ":mends": mends.as_ref().map_or(&[][..], |id| &id[..]),
            ":operator": &operator.as_bytes()[..],
            ":saved_at": now_ms,
        })?;
        Ok(Draft { id, content: content.clone(), operator, saved_at: now_ms })
    }

    /// All drafts, the last touched first. One that cannot be read is left out, not in the way.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn drafts(&self) -> Result<Vec<Draft>, StoreError> {
        let sql = "SELECT id, entry, mends, operator, saved_at FROM drafts \
                   ORDER BY saved_at DESC, id DESC";
        let mut statement = self.reader.prepare_cached(sql)?;
        let drafts = statement.query_map([], read)?;
        Ok(drafts.collect::<Result<Vec<_>, _>>()?.into_iter().flatten().collect())
    }

    /// A draft.
    ///
    /// # Errors
    /// [`StoreError::NotFound`].
    pub fn draft(&self, id: DraftId) -> Result<Draft, StoreError> {
        let sql = "SELECT id, entry, mends, operator, saved_at FROM drafts WHERE id = :id";
        let draft = self
            .reader
            .prepare_cached(sql)?
            .query_row(named_params! { ":id": &id.as_bytes()[..] }, read)
            .optional()?;
        match draft {
            Some(Some(draft)) => Ok(draft),
            Some(None) => Err(StoreError::corrupt("a draft")),
            None => Err(StoreError::NotFound { what: "draft" }),
        }
    }

    /// Throws a draft away; nothing happens when there is none.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn discard_draft(&mut self, id: DraftId) -> Result<(), StoreError> {
        let sql = "DELETE FROM drafts WHERE id = :id";
        self.writer.execute(sql, named_params! { ":id": &id.as_bytes()[..] })?;
        Ok(())
    }
}

fn read(row: &Row<'_>) -> rusqlite::Result<Option<Draft>> {
    let entry: String = row.get("entry")?;
    let mends: Vec<u8> = row.get("mends")?;
    let mends = <[u8; 16]>::try_from(mends).ok().map(ApplicationId::from_bytes);
    let Ok(entry) = serde_json::from_str(&entry) else { return Ok(None) };
    Ok(Some(Draft {
        id: DraftId::from_bytes(row.get("id")?),
        content: DraftContent { entry, mends },
        operator: OperatorId::from_bytes(row.get("operator")?),
        saved_at: row.get("saved_at")?,
    }))
}
