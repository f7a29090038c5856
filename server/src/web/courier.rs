//! Courier files over a line: the addresses that centre and hub have alike. Nobody needs a token:
//! a file says itself who wrote it, and an answer can be read by its device alone.

use std::path::PathBuf;
use std::sync::Arc;

use axum::Router;
use axum::extract::{Path, Query, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use pishkhan_domain::content_hash::ContentHash;
use pishkhan_domain::ids::DeviceNumber;
use serde::Deserialize;

use super::tus::{self, Known, Refused, Shelf};
use crate::carried::{Carried, MOST_BYTES};
use crate::disk::{self, remove};
use crate::parts::PartWriter;

/// Who takes files that have come whole.
pub trait Receiver: Send + Sync + 'static {
    /// Where they are kept.
    fn carried(&self) -> &Carried;

    /// Is there room for a file of this length, of the device that is named by whoever brings it?
    fn has_room(
        &self,
        device: Option<DeviceNumber>,
        length: u64,
    ) -> impl Future<Output = Result<(), Refused>> + Send;

    /// Takes a whole file. It is removed afterwards, and also after a refusal, unless that means
    /// "later".
    fn take(
        &self,
        file: PathBuf,
        hash: ContentHash,
    ) -> impl Future<Output = Result<(), Refused>> + Send;
}

/// The addresses.
pub fn routes<R: Receiver>(receiver: Arc<R>) -> Router {
    let answers = Router::new()
        .route("/courier/v1/answers/{device}", get(answer::<R>))
        .with_state(receiver.clone());
    tus::routes(Arc::new(Files(receiver))).merge(answers)
}

/// Takes what was whole when the server was stopped.
///
/// # Errors
/// Of the disk.
pub async fn take_left_over<R: Receiver>(receiver: &Arc<R>) -> std::io::Result<()> {
    let files = Files(receiver.clone());
    for hash in receiver.carried().left_over().await? {
        if let Err(Refused(status)) = files.arrived(&None, hash).await {
            tracing::warn!(%hash, %status, "a courier file that was left over is not taken");
        }
    }
    Ok(())
}

struct Files<R>(Arc<R>);

impl<R: Receiver> Shelf for Files<R> {
    const ADDRESS: &'static str = "/courier/v1/files";
    const MOST_BYTES: u64 = MOST_BYTES;
    /// The device that whoever brings the file names, so that a full quota is said at once.
    type Owner = Option<DeviceNumber>;

    async fn admit(&self, headers: &HeaderMap) -> Result<Self::Owner, Refused> {
        let device = tus::announced(headers, "device").and_then(|device| device.parse().ok());
        Ok(device.map(DeviceNumber))
    }

    async fn announce(
        &self,
        device: &Self::Owner,
        hash: ContentHash,
        length: u64,
    ) -> Result<(), Refused> {
        let carried = self.0.carried();
        if carried.find(hash).await?.is_none() {
            self.0.has_room(*device, length).await?;
        }
        match carried.announce(hash, length).await? {
            true => Ok(()),
            false => Err(Refused(StatusCode::INSUFFICIENT_STORAGE)),
        }
    }

    async fn find(&self, _: &Self::Owner, hash: ContentHash) -> Result<Option<Known>, Refused> {
        let found = self.0.carried().find(hash).await?;
        Ok(found.map(|coming| Known { length: coming.length, whole: coming.taken }))
    }

    async fn write(
        &self,
        _: &Self::Owner,
        hash: ContentHash,
        length: u64,
    ) -> std::io::Result<Option<PartWriter>> {
        self.0.carried().write(hash, length).await
    }

    async fn arrived(&self, _: &Self::Owner, hash: ContentHash) -> Result<(), Refused> {
        let carried = self.0.carried();
        let file = carried.incoming(hash);
        let Some(length) = disk::length(&file).await? else { return Ok(()) };
        match self.0.take(file.clone(), hash).await {
            Ok(()) => carried.mark_taken(hash, length).await?,
            Err(refused) if refused.0 == StatusCode::SERVICE_UNAVAILABLE => return Err(refused),
            Err(refused) => {
                tracing::warn!(%hash, status = %refused.0, "a courier file is not taken");
                remove(&file).await?;
                return Err(refused);
            }
        }
        Ok(remove(&file).await?)
    }
}

#[derive(Deserialize)]
struct Which {
    after: Option<u64>,
    number: Option<u64>,
}

/// The newest answer to a device, if it answers a file of a higher number than `after`; or the
/// answer to the file of this number.
async fn answer<R: Receiver>(
    State(receiver): State<Arc<R>>,
    Path(device): Path<u32>,
    Query(which): Query<Which>,
) -> Response {
    let (carried, device) = (receiver.carried(), DeviceNumber(device));
    let found = match which.number {
        Some(number) => carried.answer_to(device, number).await,
        None => carried.newest_answer(device, which.after.unwrap_or(0)).await,
    };
    match found {
        Ok(Some(answer)) => axum::body::Body::from(answer).into_response(),
        Ok(None) => StatusCode::NO_CONTENT.into_response(),
        Err(error) => Refused::disk(&error).into_response(),
    }
}
