//! A request that is too large for one piece: uploaded first, then handled as if it had been
//! posted. Invariant: a parcel is only carried on under the lease that it was made under; anything
//! said under a later one has made it stale.

use std::sync::Arc;

use pishkhan_domain::content_hash::ContentHash;
use pishkhan_store::StoreError;
use reqwest::StatusCode;
use reqwest::header::CONTENT_TYPE;

use super::Driver;
use crate::conversation::{Form, Outgoing};
use crate::courier::CourierOffice;
use crate::engine::{Carried, Failure, Gone, Input, Order, ParcelRefusal, Trouble};
use crate::line::Refusal;
use crate::status::Sending;
use crate::tus::{Advance, Place, Setback, TusTrouble};

/// Below the centre's address.
const PARCELS: &str = "sync/v1/parcels";
/// News comes with the next exchange: a reply must not make a parcel that arrived go twice.
pub(super) const REPLY_MOST_BYTES: u32 = 1024;

/// One that is on its way.
#[derive(Debug)]
pub(crate) struct Parcel {
    outgoing: Outgoing,
    hash: ContentHash,
    bytes: Arc<Vec<u8>>,
    /// Is all of it there?
    whole: bool,
}

impl Parcel {
    pub(super) fn new(mut outgoing: Outgoing) -> Self {
        let bytes = Arc::new(std::mem::take(&mut outgoing.bytes));
        Self { hash: ContentHash::of(&bytes), outgoing, bytes, whole: false }
    }

    /// May it still go, as part of this order?
    pub(super) fn fits(&self, order: &Order, lease: Option<[u8; 16]>) -> bool {
        self.outgoing.sent.after_seq == order.after_seq && self.outgoing.lease == lease
    }
}

/// How a try goes.
#[derive(Clone, Copy, Debug, Default)]
struct Try {
    bytes: usize,
    trips: u32,
}

impl<O: CourierOffice> Driver<O> {
    /// Carries the parcel on; none when the same is to be said anew in another form.
    pub(super) async fn deliver(&mut self, order: Order) -> Result<Option<Input>, StoreError> {
        let Some(mut parcel) = self.parcel.take() else { return Ok(None) };
        let mut tried = Try::default();
        if !parcel.whole
            && let Err(setback) = self.carry_up(&mut parcel, &order, &mut tried).await
        {
            let input = set_back(setback, &order);
            // Nothing of it can go where no parcels are taken.
            let refused = Input::ParcelRefused(ParcelRefusal::Unknown);
            self.parcel = (input != refused).then_some(parcel);
            return Ok(Some(input));
        }
        parcel.whole = true;
        tried.trips += 1;
        let address = self.line.address(&format!("{PARCELS}/{}/exchange", parcel.hash));
        let token = self.upload_token.clone().unwrap_or_default();
        let request = self.line.uploads().post(address).bearer_auth(token);
        let answer = self.line.ask(request.header(CONTENT_TYPE, "application/cbor")).await;
        match answer {
            Ok(answer) => {
                let Outgoing { asked, sent, .. } = parcel.outgoing;
                let carried = Carried::Parcel {
                    bytes: tried.bytes,
                    trips: tried.trips,
                    piece_bytes: tried.bytes.min(order.piece_most_bytes),
                };
                self.heard(answer, asked, sent, carried).await
            }
            Err(refusal) => Ok(self.not_handled(parcel, refusal, &order)),
        }
    }

    async fn carry_up(
        &mut self,
        parcel: &mut Parcel,
        order: &Order,
        tried: &mut Try,
    ) -> Result<(), Setback> {
        let token = self.upload_token.clone().unwrap_or_default();
        let place = Place { path: PARCELS, token: Some(&token), bytes_with_creation: true };
        let entries = parcel.outgoing.sent.entries;
        let total_bytes = parcel.bytes.len() as u64;
        loop {
            let item = (parcel.hash, parcel.bytes.as_slice());
            let most = order.piece_most_bytes;
            let step = self.uploads.advance(&mut self.line, place, item, most).await;
            let sent_bytes = match &step {
                Ok(advance) => advance.offset,
                Err(setback) => setback.reached,
            };
            self.publish.send_modify(|status| {
                status.sending = Some(Sending { entries, sent_bytes, total_bytes });
            });
            let Advance { sent_bytes, complete, trips, .. } = step?;
            tried.bytes += sent_bytes;
            tried.trips += trips;
            if complete {
                return Ok(());
            }
        }
    }

    /// It is there, and was not answered as hoped for.
    fn not_handled(
        &mut self,
        mut parcel: Parcel,
        refusal: Refusal,
        order: &Order,
    ) -> Option<Input> {
        let gone = Gone::Parcel { progressed: false, piece_bytes: order.piece_most_bytes };
        let Refusal { status, trouble, .. } = refusal;
        let Some(status) = status else {
            self.parcel = Some(parcel);
            return Some(Input::ExchangeFailed(Failure { trouble, gone }));
        };
        let trouble = match status {
            StatusCode::UNAUTHORIZED => {
                self.parcel = Some(parcel);
                return Some(Input::ParcelRefused(ParcelRefusal::Token));
            }
            // Swept, or not as whole as we thought: it is asked for its offset.
            StatusCode::NOT_FOUND | StatusCode::GONE | StatusCode::CONFLICT => {
                parcel.whole = false;
                self.parcel = Some(parcel);
                Trouble::Busy { retry_after: None }
            }
            status if status.is_server_error() || status == StatusCode::TOO_MANY_REQUESTS => {
                self.parcel = Some(parcel);
                trouble
            }
            // What is wrong is in the request: it is made anew.
            status => {
                if self.speech.refused(Form::Full, status.as_u16()) {
                    return None;
                }
                trouble
            }
        };
        Some(Input::ExchangeFailed(Failure { trouble, gone }))
    }
}

fn set_back(setback: Setback, order: &Order) -> Input {
    let Setback { trouble, progressed, .. } = setback;
    let gone = Gone::Parcel { progressed, piece_bytes: order.piece_most_bytes };
    let trouble = match trouble {
        TusTrouble::TokenRefused => return Input::ParcelRefused(ParcelRefusal::Token),
        TusTrouble::NoSuchPlace => return Input::ParcelRefused(ParcelRefusal::Unknown),
        TusTrouble::Upload => Trouble::Busy { retry_after: None },
        TusTrouble::Line(trouble) => trouble,
    };
    Input::ExchangeFailed(Failure { trouble, gone })
}
