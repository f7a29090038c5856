//! Courier files that come to the centre itself over a line, from a hub or from an office.

use std::io::BufReader;
use std::path::PathBuf;
use std::sync::Arc;

use axum::http::StatusCode;
use pishkhan_domain::content_hash::ContentHash;
use pishkhan_domain::ids::DeviceNumber;

use super::courier::Receiver;
use super::tus::Refused;
use crate::carried::Carried;
use crate::centre::Centre;
use crate::courier::{self, TakeError};

/// The centre.
pub(super) struct AtCentre(pub(super) Arc<Centre>);

impl Receiver for AtCentre {
    fn carried(&self) -> &Carried {
        &self.0.carried
    }

    async fn has_room(&self, _: Option<DeviceNumber>, _: u64) -> Result<(), Refused> {
        Ok(())
    }

    async fn take(&self, file: PathBuf, _: ContentHash) -> Result<(), Refused> {
        let file = tokio::fs::File::open(file).await?.into_std().await;
        let taken = courier::take(&self.0, BufReader::new(file)).await.map_err(refused)?;
        Ok(self.0.carried.keep_answer(taken.device, taken.number, &taken.answer).await?)
    }
}

fn refused(error: TakeError) -> Refused {
    Refused(match error {
        TakeError::NotOne | TakeError::Answer => StatusCode::UNSUPPORTED_MEDIA_TYPE,
        TakeError::TooNew => StatusCode::UPGRADE_REQUIRED,
        TakeError::Damaged => StatusCode::UNPROCESSABLE_ENTITY,
        TakeError::Stranger => StatusCode::FORBIDDEN,
        TakeError::Disk(_) | TakeError::Storage(_) | TakeError::Randomness(_) => {
            super::report(&error);
            StatusCode::SERVICE_UNAVAILABLE
        }
    })
}
