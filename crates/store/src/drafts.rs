//! Drafts: what is typed before it is filed. They belong to the office, not to an operator.

use pishkhan_domain::ids::{ApplicationId, DraftId, OperatorId};

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
        _id: Option<DraftId>,
        _content: &DraftContent,
        _operator: OperatorId,
        _now_ms: i64,
    ) -> Result<Draft, StoreError> {
        unimplemented!()
    }

    /// All drafts, the last touched first.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn drafts(&self) -> Result<Vec<Draft>, StoreError> {
        unimplemented!()
    }

    /// A draft.
    ///
    /// # Errors
    /// [`StoreError::NotFound`].
    pub fn draft(&self, _id: DraftId) -> Result<Draft, StoreError> {
        unimplemented!()
    }

    /// Throws a draft away; nothing happens when there is none.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn discard_draft(&mut self, _id: DraftId) -> Result<(), StoreError> {
        unimplemented!()
    }
}
