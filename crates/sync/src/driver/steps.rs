//! The steps that the engine orders, one function each. Invariant: each gives exactly one input
//! back, whatever happens, so that the engine never waits for ever.

use std::sync::Arc;

use pishkhan_domain::content_hash::ContentHash;
use pishkhan_store::StoreError;

use super::Driver;
use crate::conversation::{self, Order, Outgoing, ReplyError};
use crate::engine::{Action, Input, Trouble, UploadTrouble};
use crate::office::Office;
use crate::status::UploadProgress;

impl<O: Office> Driver<O> {
    /// Does one of the engine's actions; a sleep is the caller's.
    pub async fn perform(&mut self, action: Action) -> Input {
        match action {
            Action::Probe => match self.line.probe().await {
                Ok(()) => Input::ProbeAnswered,
                Err(trouble) => Input::ProbeFailed(trouble),
            },
            Action::Exchange { after_seq, max_bytes, max_entries } => {
                let order = Order { after_seq, max_bytes, max_entries };
                self.exchange(order).await.unwrap_or_else(store_failed)
            }
            Action::Apply => self.apply().await.unwrap_or_else(store_failed),
            Action::Upload { hash, max_bytes } => {
                self.upload(hash, max_bytes).await.unwrap_or_else(store_failed)
            }
            Action::Sleep { .. } | Action::Report(_) => Input::Tick,
        }
    }

    /// The store as it stands; none when it cannot be read just now.
    pub async fn snapshot(&self) -> Option<crate::engine::StoreSnapshot> {
        self.with_office(|office| conversation::snapshot(office)).await.ok()
    }

    async fn exchange(&mut self, order: Order) -> Result<Input, StoreError> {
        let (agent, now_ms) = (self.agent.clone(), self.wall_ms());
        let Outgoing { bytes, sent } = self
            .with_office(move |office| conversation::request(office, order, now_ms, &agent))
            .await?;
        let answer = match self.line.post("sync/v1/exchange", bytes).await {
            Ok(answer) => answer,
            Err(refusal) => return Ok(Input::ExchangeFailed(refusal.trouble)),
        };
        let now_ms = self.wall_ms();
        let read = self
            .with_office(move |office| {
                match conversation::read_reply(office, &answer, sent, now_ms) {
                    Err(ReplyError::Store(error)) => Err(error),
                    other => Ok(other),
                }
            })
            .await?;
        match read {
            Ok(incoming) => {
                let facts = incoming.facts;
                tracing::debug!(?facts, "a reply of the centre");
                self.incoming = Some(incoming);
                Ok(Input::ReplyArrived(facts))
            }
            Err(error) => {
                tracing::info!(%error, "an answer that is not the centre's");
                Ok(Input::ExchangeFailed(Trouble::NotTheCentre))
            }
        }
    }

    async fn apply(&mut self) -> Result<Input, StoreError> {
        let Some(incoming) = self.incoming.take() else { return Ok(Input::StoreFailed) };
        self.upload_token = incoming.upload_token.clone();
        let facts = incoming.facts;
        let mut troubles = self.feed_troubles;
        let (troubles, applied, snapshot) = self
            .with_office(move |office| {
                let applied = conversation::apply(office, &incoming, &mut troubles)?;
                Ok((troubles, applied, conversation::snapshot(office)?))
            })
            .await?;
        self.feed_troubles = troubles;
        self.publish.send_modify(|status| {
            let changes = &mut status.changes;
            changes.acknowledged += facts.received_seq.saturating_sub(facts.after_seq);
            changes.applications += u64::from(!applied.applications.is_empty());
            changes.notices += u64::from(applied.notices > 0);
            changes.services += u64::from(applied.publications > 0);
        });
        let again = applied.epoch_changed || applied.feed_trouble.is_some();
        Ok(Input::Applied { snapshot, again })
    }

    async fn upload(&mut self, hash: ContentHash, max_bytes: usize) -> Result<Input, StoreError> {
        let upload = self.with_office(move |office| {
            let waiting = office.uploads(conversation::DOCUMENTS_SEEN)?;
            Ok(waiting.into_iter().find(|upload| upload.hash == hash))
        });
        let upload = upload.await?;
        let advance = match self.bytes_of(hash).await {
            Err(error) => {
                tracing::warn!(%hash, %error, "a document cannot be read");
                Err(UploadTrouble::Document(hash))
            }
            Ok(bytes) => {
                if let Some(upload) = upload {
                    self.publish.send_modify(|status| {
                        status.upload = Some(UploadProgress {
                            hash,
                            application: upload.application,
                            sent_bytes: upload.offset,
                            total_bytes: upload.size_bytes,
                        });
                    });
                }
                let token = self.upload_token.clone().unwrap_or_default();
                self.uploads.advance(&self.line, &token, (hash, &bytes), max_bytes).await
            }
        };
        match advance {
            Ok(advance) => {
                let now_ms = self.wall_ms();
                let snapshot = self
                    .with_office(move |office| {
                        if advance.complete {
                            office.mark_uploaded(hash, now_ms)?;
                        } else {
                            office.set_document_offset(hash, advance.offset)?;
                        }
                        conversation::snapshot(office)
                    })
                    .await?;
                self.publish.send_modify(|status| {
                    status.changes.documents += u64::from(advance.complete);
                });
                let (complete, sent_bytes) = (advance.complete, advance.sent_bytes);
                Ok(Input::UploadAdvanced { complete, sent_bytes, snapshot })
            }
            Err(trouble) => {
                self.document = None;
                let snapshot = self.with_office(|office| conversation::snapshot(office)).await?;
                Ok(Input::UploadFailed(trouble, snapshot))
            }
        }
    }

    async fn bytes_of(&mut self, hash: ContentHash) -> Result<Arc<Vec<u8>>, StoreError> {
        if let Some((kept, bytes)) = &self.document
            && *kept == hash
        {
            return Ok(Arc::clone(bytes));
        }
        let bytes = Arc::new(self.with_office(move |office| office.document(hash)).await?);
        self.document = Some((hash, Arc::clone(&bytes)));
        Ok(bytes)
    }
}

fn store_failed(error: StoreError) -> Input {
    tracing::error!(%error, "the store failed during synchronisation");
    Input::StoreFailed
}
