//! The steps that the engine orders, one function each. Invariant: each gives exactly one input
//! back, whatever happens, so that the engine never waits for ever.

use std::sync::Arc;

use pishkhan_domain::content_hash::ContentHash;
use pishkhan_store::StoreError;

use super::parcel::{self, Parcel};
use super::{Driver, aside, locked};
use crate::conversation::{
    self, Ahead, Asked, Form, Incoming, Material, Outgoing, Portion, ReplyError, Sent, Speech,
};
use crate::courier::CourierOffice;
use crate::engine::{Action, Carried, Failure, Gone, Input, Order, Trouble, UploadTrouble};
use crate::status::{Sending, UploadProgress};
use crate::tus::{Advance, Place, Setback, TusTrouble};

/// Forms in which the same may be said one after the other: short, full, with the
/// certificate, plain.
const FORMS: u32 = 4;
const DOCUMENTS: &str = "sync/v1/documents";

impl<O: CourierOffice> Driver<O> {
    /// Does one of the engine's actions; a sleep is the caller's.
    pub async fn perform(&mut self, action: Action) -> Input {
        match action {
            Action::Probe => match self.line.probe().await {
                Ok(()) => Input::ProbeAnswered,
                Err(trouble) => Input::ProbeFailed(trouble),
            },
            Action::Exchange(order) => self.exchange(order).await.unwrap_or_else(store_failed),
            Action::Apply => self.apply().await.unwrap_or_else(store_failed),
            Action::Upload { hash, max_bytes } => {
                self.upload(hash, max_bytes).await.unwrap_or_else(store_failed)
            }
            Action::Post { send } => self.post(send).await.unwrap_or_else(store_failed),
            Action::Sleep { .. } | Action::Report(_) => Input::Tick,
        }
    }

    /// The store as it stands; none when it cannot be read just now.
    pub async fn snapshot(&self) -> Option<crate::engine::StoreSnapshot> {
        self.with_office(|office| conversation::snapshot(office)).await.ok()
    }

    async fn exchange(&mut self, order: Order) -> Result<Input, StoreError> {
        for _ in 0..FORMS {
            if let Some(input) = self.say(order).await? {
                return Ok(input);
            }
        }
        Ok(Input::ExchangeFailed(Trouble::NotTheCentre.into()))
    }

    /// Says it in the form that is right by now; none when it is to be said in another one.
    async fn say(&mut self, mut order: Order) -> Result<Option<Input>, StoreError> {
        if let Some(parcel) = &self.parcel {
            let lease = self.with_office(|office| Ok(office.sync_state()?.lease)).await?;
            if !parcel.fits(&order, lease) {
                self.parcel = None;
            } else if order.parcels {
                return self.deliver(order).await;
            } else {
                // A token is asked for, and nothing else: what waits is in the parcel.
                order.max_entries = 0;
            }
        }
        let mut outgoing = self.measured(order).await?;
        if order.parcels && outgoing.bytes.len() > order.whole_most_bytes {
            let reply_most_bytes = order.reply_most_bytes.min(parcel::REPLY_MOST_BYTES);
            let order = Order { reply_most_bytes, ..order };
            let outgoing = self.ask(order, self.speech.in_full()).await?;
            self.parcel = Some(Parcel::new(outgoing));
            return self.deliver(order).await;
        }
        let Outgoing { asked, sent, .. } = outgoing;
        let bytes = std::mem::take(&mut outgoing.bytes);
        self.publish.send_modify(|status| {
            let total_bytes = bytes.len() as u64;
            let sending = Sending { entries: sent.entries, sent_bytes: 0, total_bytes };
            status.sending = (sent.entries > 0).then_some(sending);
        });
        let path = match asked.form() {
            Form::Short => "sync/v2/exchange",
            Form::Full => "sync/v1/exchange",
        };
        let ahead = self.ahead(&order, &asked, sent);
        let (answer, ahead) = tokio::join!(self.line.post(path, bytes), ahead);
        self.ahead = ahead;
        match answer {
            Ok(answer) => self.heard(answer, asked, sent, Carried::Whole).await,
            Err(refusal) => {
                if let Some(status) = refusal.status
                    && self.speech.refused(asked.form(), status.as_u16())
                {
                    return Ok(None);
                }
                let too_large = refusal.trouble == Trouble::TooLarge;
                let gone = if refusal.gone || too_large {
                    Gone::Whole { bytes: sent.bytes }
                } else {
                    Gone::Nothing
                };
                let failure = Failure { trouble: refusal.trouble, gone };
                Ok(Some(Input::ExchangeFailed(failure)))
            }
        }
    }

    /// A request that goes in one piece is no larger than that piece, even when entries are less
    /// dense than was thought: they are measured before they go. If even one is too large, the
    /// token is asked for with which it goes as a parcel.
    async fn measured(&mut self, mut order: Order) -> Result<Outgoing, StoreError> {
        let outgoing = self.ask(order, self.speech).await?;
        let (is, most) = (outgoing.bytes.len(), order.whole_most_bytes);
        if order.parcels || is <= most + most / 4 || outgoing.sent.entries == 0 {
            return Ok(outgoing);
        }
        order.max_bytes = outgoing.sent.body_bytes / is.div_ceil(most);
        let smaller = self.ask(order, self.speech).await?;
        if smaller.bytes.len() <= 2 * most || !order.token_first {
            return Ok(smaller);
        }
        self.ask(Order { max_entries: 0, ..order }, self.speech).await
    }

    async fn ask(&mut self, order: Order, speech: Speech) -> Result<Outgoing, StoreError> {
        let ahead = self.ahead.take().filter(|ahead| ahead.fits(&order));
        let material = self.with_office(move |office| Material::read(office, order, ahead)).await?;
        let (agent, now_ms) = (self.agent.clone(), self.wall_ms());
        aside(move || Ok(material.say(&speech, now_ms, &agent))).await
    }

    /// Encodes the entries that come after these while the centre works on these: as many, since
    /// no more is known of the next order. What cannot be read now is read when it is ordered.
    fn ahead(
        &self,
        order: &Order,
        asked: &Asked,
        sent: Sent,
    ) -> impl Future<Output = Option<Ahead>> + use<O> {
        let Order { max_bytes, max_entries, .. } = *order;
        let after_seq = sent.after_seq + sent.entries as u64;
        let portion = Portion { after_seq, max_bytes, max_entries };
        let office = Arc::clone(&self.office);
        let wanted = asked.form() == Form::Short && sent.entries > 0;
        async move {
            if !wanted {
                return None;
            }
            let encoded = aside(move || {
                let ahead = locked(&office, |office| Ahead::read(office, portion))?;
                Ok(ahead.map(Ahead::encoded))
            });
            encoded.await.ok().flatten()
        }
    }

    /// Takes an answer for what it is; none when the same is to be said in another form.
    pub(super) async fn heard(
        &mut self,
        answer: Vec<u8>,
        asked: Asked,
        sent: Sent,
        carried: Carried,
    ) -> Result<Option<Input>, StoreError> {
        let now_ms = self.wall_ms();
        let read = self
            .with_office(move |office| {
                match conversation::read_reply(office, &answer, &asked, sent, now_ms) {
                    Err(ReplyError::Store(error)) => Err(error),
                    other => Ok(other),
                }
            })
            .await?;
        match read {
            Ok(incoming) => {
                let Incoming { facts, dictionary, .. } = &incoming;
                tracing::debug!(?facts, "a reply of the centre");
                if self.speech.understood(asked.form(), facts.verdict, *dictionary) {
                    return Ok(None);
                }
                let facts = crate::engine::ReplyFacts { carried, ..*facts };
                self.incoming = Some(incoming);
                Ok(Some(Input::ReplyArrived(facts)))
            }
            Err(error) => {
                tracing::info!(%error, "an answer that is not the centre's");
                if asked.form() == Form::Short && self.speech.not_believed() {
                    return Ok(None);
                }
                Ok(Some(Input::ExchangeFailed(Trouble::NotTheCentre.into())))
            }
        }
    }

    async fn apply(&mut self) -> Result<Input, StoreError> {
        let Some(incoming) = self.incoming.take() else { return Ok(Input::StoreFailed) };
        if incoming.upload_token.is_some() {
            self.upload_token.clone_from(&incoming.upload_token);
        }
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
                Err(Setback { trouble: TusTrouble::Upload, progressed: false, reached: 0 })
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
                let place =
                    Place { path: DOCUMENTS, token: Some(&token), bytes_with_creation: false };
                let item = (hash, bytes.as_slice());
                self.uploads.advance(&mut self.line, place, item, max_bytes).await
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
                let Advance { complete, sent_bytes, .. } = advance;
                Ok(Input::UploadAdvanced { complete, sent_bytes, snapshot })
            }
            Err(Setback { trouble, progressed, .. }) => {
                let trouble = match trouble {
                    TusTrouble::Line(trouble) => UploadTrouble::Line(trouble),
                    TusTrouble::TokenRefused => UploadTrouble::TokenRefused,
                    TusTrouble::Upload => UploadTrouble::Document(hash),
                    TusTrouble::NoSuchPlace => UploadTrouble::Line(Trouble::NotTheCentre),
                };
                if !progressed {
                    self.document = None;
                }
                let snapshot = self.with_office(|office| conversation::snapshot(office)).await?;
                Ok(Input::UploadFailed { trouble, progressed, snapshot })
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
