//! What devices upload in pieces: documents, and parcels, which are exchanges too large for one
//! piece of a bad line. Each shows the token of its last exchange.

use std::io::ErrorKind;
use std::sync::Arc;

use axum::Router;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::post;
use pishkhan_domain::content_hash::ContentHash;
use pishkhan_domain::ids::{DeviceNumber, OfficeCode};

use super::AppState;
use super::tus::{self, Known, Refused, Shelf};
use super::{MAX_ENVELOPE_BYTES, sync};
use crate::centre::Centre;
use crate::documents::MAX_DOCUMENT_BYTES;
use crate::parts::PartWriter;
use crate::storage::{devices, documents, offices};
use crate::upload;

/// Addresses of documents and parcels. No time limit on the whole: a scan over a bad line takes
/// long. Silence ends it.
pub fn routes(centre: &Arc<Centre>) -> Router {
    let documents = tus::routes(Arc::new(Documents(centre.clone())));
    documents.merge(tus::routes(Arc::new(Parcels(centre.clone()))))
}

/// The address at which a parcel is handled.
pub fn handling() -> Router<AppState> {
    Router::new().route("/sync/v1/parcels/{hash}/exchange", post(exchange))
}

/// The device of the token, if it may still send.
async fn device_of(
    centre: &Centre,
    headers: &HeaderMap,
) -> Result<(OfficeCode, DeviceNumber), Refused> {
    let refused = || Refused(StatusCode::UNAUTHORIZED);
    let token = headers.get(header::AUTHORIZATION).and_then(|value| value.to_str().ok());
    let token = token.and_then(|value| value.strip_prefix("Bearer ")).ok_or_else(refused)?;
    let device = upload::device_of(&centre.secret, token, centre.now()).ok_or_else(refused)?;
    let mut unit = centre.storage.read().await?;
    let office = offices::of_device(unit.as_mut(), device).await?.ok_or_else(refused)?;
    let found = devices::find(unit.as_mut(), &office, device).await?.ok_or_else(refused)?;
    match found.revoked_at {
        Some(_) => Err(Refused(StatusCode::FORBIDDEN)),
        None => Ok((office, device)),
    }
}

/// Documents, by office: what one device has sent the other need not send again.
struct Documents(Arc<Centre>);

impl Shelf for Documents {
    const ADDRESS: &'static str = "/sync/v1/documents";
    const MOST_BYTES: u64 = MAX_DOCUMENT_BYTES;
    type Owner = OfficeCode;

    async fn admit(&self, headers: &HeaderMap) -> Result<OfficeCode, Refused> {
        Ok(device_of(&self.0, headers).await?.0)
    }

    async fn announce(
        &self,
        office: &OfficeCode,
        hash: ContentHash,
        length: u64,
    ) -> Result<(), Refused> {
        let mut unit = self.0.storage.begin().await?;
        documents::announce(unit.as_mut(), office, hash, length, self.0.now()).await?;
        Ok(unit.commit().await?)
    }

    async fn find(&self, office: &OfficeCode, hash: ContentHash) -> Result<Option<Known>, Refused> {
        let mut unit = self.0.storage.read().await?;
        let found = documents::find(unit.as_mut(), office, hash).await?;
        let known = |document: documents::StoredDocument| Known {
            length: document.size_bytes,
            whole: document.received_at.is_some(),
        };
        Ok(found.map(known))
    }

    async fn write(
        &self,
        office: &OfficeCode,
        hash: ContentHash,
        _: u64,
    ) -> std::io::Result<Option<PartWriter>> {
        self.0.documents.write(office, hash).await
    }

    async fn arrived(&self, office: &OfficeCode, hash: ContentHash) -> Result<(), Refused> {
        let mut unit = self.0.storage.begin().await?;
        documents::mark_received(unit.as_mut(), office, hash, self.0.now()).await?;
        Ok(unit.commit().await?)
    }
}

/// Parcels, by device.
struct Parcels(Arc<Centre>);

impl Shelf for Parcels {
    const ADDRESS: &'static str = "/sync/v1/parcels";
    const MOST_BYTES: u64 = MAX_ENVELOPE_BYTES as u64;
    type Owner = DeviceNumber;

    async fn admit(&self, headers: &HeaderMap) -> Result<DeviceNumber, Refused> {
        Ok(device_of(&self.0, headers).await?.1)
    }

    async fn announce(
        &self,
        device: &DeviceNumber,
        hash: ContentHash,
        length: u64,
    ) -> Result<(), Refused> {
        Ok(self.0.parcels.announce(*device, hash, length).await?)
    }

    async fn find(
        &self,
        device: &DeviceNumber,
        hash: ContentHash,
    ) -> Result<Option<Known>, Refused> {
        let found = self.0.parcels.find(*device, hash).await?;
        Ok(found.map(|parcel| Known { length: parcel.length, whole: parcel.whole }))
    }

    async fn write(
        &self,
        device: &DeviceNumber,
        hash: ContentHash,
        length: u64,
    ) -> std::io::Result<Option<PartWriter>> {
        self.0.parcels.write(*device, hash, length).await
    }

    async fn arrived(&self, _: &DeviceNumber, _: ContentHash) -> Result<(), Refused> {
        Ok(())
    }
}

/// Handles a parcel as if its bytes had been sent in one piece.
async fn exchange(
    State(state): State<AppState>,
    Path(hash): Path<String>,
    headers: HeaderMap,
) -> Result<Response, Refused> {
    let centre = &state.centre;
    let (_, device) = device_of(centre, &headers).await?;
    let missing = || Refused(StatusCode::NOT_FOUND);
    let hash: ContentHash = hash.parse().map_err(|_| missing())?;
    let parcel = centre.parcels.find(device, hash).await?.ok_or_else(missing)?;
    if !parcel.whole {
        return Err(Refused(StatusCode::CONFLICT));
    }
    let bytes = match centre.parcels.read(device, hash).await {
        Err(error) if error.kind() == ErrorKind::NotFound => return Err(missing()),
        read => read?,
    };
    let answer = sync::answer(centre, &bytes).await.into_response();
    if answer.status() == StatusCode::OK {
        centre.parcels.mark_answered(device, hash).await?;
    }
    Ok(answer)
}
