//! The one place where errors of the parts become codes that have a sentence.

use std::io;

use pishkhan_domain::lifecycle::NotAllowed;
use pishkhan_ipc::error::IpcError;
use pishkhan_receipt::ReceiptError;
use pishkhan_store::{StoreError, VaultError};

/// Why a use case did not do what it was asked.
#[derive(Debug, thiserror::Error)]
pub(crate) enum CounterError {
    /// Known by its code already.
    #[error("{}", .0.code)]
    Told(IpcError),
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error(transparent)]
    Vault(#[from] VaultError),
    #[error(transparent)]
    Receipt(#[from] ReceiptError),
    #[error(transparent)]
    NotAllowed(#[from] NotAllowed),
    #[error(transparent)]
    Disk(#[from] io::Error),
    /// What this program wrote itself cannot be read back.
    #[error("{0}")]
    Internal(String),
}

impl From<IpcError> for CounterError {
    fn from(error: IpcError) -> Self {
        Self::Told(error)
    }
}

impl CounterError {
    /// With the code alone.
    pub(crate) fn told(code: &str) -> Self {
        Self::Told(IpcError::new(code))
    }

    /// As the window gets it. What needs support is logged with its sources; none of them holds
    /// personal data.
    pub(crate) fn into_ipc(self, now_ms: i64) -> IpcError {
        let code = match &self {
            Self::Told(error) => return error.clone(),
            Self::Store(error) => store_code(error),
            Self::Vault(VaultError::Wait { until_ms }) => {
                let seconds = (until_ms - now_ms).max(0).saturating_add(999) / 1000;
                return IpcError::new("pin.wait").with("seconds", seconds);
            }
            Self::Vault(VaultError::WrongPin { tries_left }) => {
                return IpcError::new("pin.wrong").with("tries_left", tries_left);
            }
            Self::Vault(error) => vault_code(error),
            Self::NotAllowed(_) => "application.act_not_allowed",
            Self::Disk(error) if is_full(error) => "disk.full",
            Self::Disk(_) => "disk.failed",
            Self::Receipt(_) | Self::Internal(_) => "internal.failed",
        };
        tracing::error!(code, error = ?self, "a command failed");
        IpcError::new(code)
    }
}

/// Is there no room left, on the disk or in the user's share of it?
pub(crate) fn is_full(error: &io::Error) -> bool {
    matches!(error.kind(), io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded)
}

fn store_code(error: &StoreError) -> &'static str {
    match error {
        StoreError::InUse => "store.in_use",
        StoreError::WrongKey | StoreError::Missing | StoreError::Corrupt { .. } => "store.corrupt",
        StoreError::TooNew => "store.too_new",
        StoreError::AlreadyExists => "enrolment.already_done",
        StoreError::Full => "disk.full",
        StoreError::NotAllowed => "application.act_not_allowed",
        StoreError::TooLarge { .. } => "entry.too_large",
        StoreError::NotFound { what: "draft" } => "draft.not_found",
        StoreError::NotFound { what: "document" } => "document.not_found",
        StoreError::NotFound { what: "application" } => "application.not_found",
        StoreError::NotFound { .. } | StoreError::Fork => "internal.failed",
        StoreError::Other { .. } => "disk.failed",
    }
}

fn vault_code(error: &VaultError) -> &'static str {
    match error {
        VaultError::WrongPin { .. } => "pin.wrong",
        VaultError::Wait { .. } => "pin.wait",
        VaultError::PinTooShort => "pin.too_short",
        VaultError::NameRequired => "operator.name_required",
        VaultError::UnknownOperator => "pin.wrong",
        VaultError::AlreadyExists => "enrolment.already_done",
        VaultError::Corrupt => "store.corrupt",
        VaultError::Full => "disk.full",
        VaultError::Other { .. } => "disk.failed",
    }
}
