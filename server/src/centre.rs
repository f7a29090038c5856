//! The centre as its parts share it: identity, storage, cards, documents, clock.

use std::sync::Arc;

use pishkhan_protocol::keys::SecretKey;

use crate::cards::CardShelf;
use crate::carried::Carried;
use crate::clock::Clock;
use crate::day_root::RootShelf;
use crate::documents::DocumentStore;
use crate::factor::FactorKey;
use crate::figures::shelf::FiguresShelf;
use crate::parcels::ParcelStore;
use crate::storage::identity::{self, StoredIdentity};
use crate::storage::{SharedStorage, StorageError};

/// Shared by every request.
pub struct Centre {
    /// Database.
    pub storage: SharedStorage,
    /// Signing key.
    pub key: SecretKey,
    /// Secret from which anchors and upload tokens are computed.
    pub secret: [u8; 32],
    /// Cards.
    pub cards: CardShelf,
    /// The newest root of a day.
    pub roots: RootShelf,
    /// Figures of the districts.
    pub figures: FiguresShelf,
    /// What seals the second factors of the staff.
    pub factor_key: FactorKey,
    /// Documents.
    pub documents: DocumentStore,
    /// Exchanges that come in pieces.
    pub parcels: ParcelStore,
    /// Courier files that come over a line.
    pub carried: Carried,
    /// Clock.
    pub clock: Clock,
    /// Address of the public pages, without a slash at its end.
    pub public_url: String,
}

/// Why there is no centre.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// The database.
    #[error(transparent)]
    Storage(#[from] StorageError),
    /// The system has no randomness for a new key.
    #[error("no randomness for the centre's key")]
    Randomness(#[source] getrandom::Error),
}

impl Centre {
    /// Reads the centre's identity, making one in an empty database.
    ///
    /// # Errors
    /// [`OpenError`].
    pub async fn open(
        storage: SharedStorage,
        documents: DocumentStore,
        clock: Clock,
        public_url: String,
    ) -> Result<Arc<Self>, OpenError> {
        let identity = load_identity(&storage, clock()).await?;
        Ok(Arc::new(Self {
            storage,
            key: SecretKey::from_seed(&identity.key_seed),
            secret: identity.secret,
            cards: CardShelf::default(),
            roots: RootShelf::default(),
            figures: FiguresShelf::default(),
            carried: Carried::new(documents.beside("courier")),
            parcels: ParcelStore::new(documents.beside("parcels")),
            factor_key: FactorKey::in_file(documents.beside("factor-key")),
            documents,
            clock,
            public_url,
        }))
    }

    /// Milliseconds since 1970.
    #[must_use]
    pub fn now(&self) -> i64 {
        (self.clock)()
    }
}

/// The centre's identity, made and kept when there is none yet.
///
/// # Errors
/// [`OpenError`].
pub async fn load_identity(storage: &SharedStorage, now: i64) -> Result<StoredIdentity, OpenError> {
    let mut unit = storage.begin().await?;
    let made = StoredIdentity {
        key_seed: crate::secret::random().map_err(OpenError::Randomness)?,
        secret: crate::secret::random().map_err(OpenError::Randomness)?,
        epoch: crate::secret::random().map_err(OpenError::Randomness)?,
        backed_up_at: None,
    };
    // Does nothing when there is one: two processes that start together agree.
    identity::insert(unit.as_mut(), &made, now).await?;
    let stored = identity::find(unit.as_mut()).await?;
    unit.commit().await?;
    Ok(stored.ok_or(StorageError::Unreadable("centre"))?)
}
