//! Secrets of second factors at rest: sealed by a key that lies in a file beside the documents, so
//! that whoever has the database alone, or a backup of it, has no factor.
//!
//! Invariant: the seal is bound to the name to log in with; one member's row copied over another's
//! does not open.

use std::io::{self, ErrorKind, Write as _};
use std::path::{Path, PathBuf};

use chacha20poly1305::aead::{Aead, Payload};
use chacha20poly1305::{KeyInit, XChaCha20Poly1305, XNonce};
use tokio::sync::OnceCell;
use tokio::task::spawn_blocking;

use crate::secret::{hex, random};
use crate::totp::Secret;

const NONCE_BYTES: usize = 24;
const KEY_BYTES: usize = 32;

/// Why a secret was not sealed or opened.
#[derive(Debug, thiserror::Error)]
pub enum FactorError {
    /// The file of the key.
    #[error("the key of the second factors cannot be read or written")]
    Key(#[source] io::Error),
    /// Another key, another member, or changed bytes.
    #[error("the seal of a second factor does not open")]
    Seal,
    /// The system has no randomness.
    #[error("no randomness")]
    Randomness(#[from] getrandom::Error),
}

/// The key, read or made when it is first needed.
pub struct FactorKey {
    file: PathBuf,
    key: OnceCell<[u8; KEY_BYTES]>,
}

impl FactorKey {
    /// In this file.
    #[must_use]
    pub fn in_file(file: PathBuf) -> Self {
        Self { file, key: OnceCell::new() }
    }

    /// Seals a member's secret.
    ///
    /// # Errors
    /// [`FactorError::Key`], [`FactorError::Randomness`].
    pub async fn seal(&self, username: &str, secret: &Secret) -> Result<Vec<u8>, FactorError> {
        let nonce: [u8; NONCE_BYTES] = random()?;
        let context = context(username);
        let payload = Payload { msg: secret, aad: &context };
        let sealed = self.cipher().await?.encrypt(&XNonce::from(nonce), payload);
        Ok([&nonce[..], &sealed.map_err(|_| FactorError::Seal)?].concat())
    }

    /// Opens what [`FactorKey::seal`] sealed.
    ///
    /// # Errors
    /// [`FactorError::Key`], [`FactorError::Seal`].
    pub async fn open(&self, username: &str, sealed: &[u8]) -> Result<Secret, FactorError> {
        let (nonce, sealed) = sealed.split_first_chunk::<NONCE_BYTES>().ok_or(FactorError::Seal)?;
        let context = context(username);
        let payload = Payload { msg: sealed, aad: &context };
        let secret = self.cipher().await?.decrypt(&XNonce::from(*nonce), payload);
        secret.ok().and_then(|secret| secret.try_into().ok()).ok_or(FactorError::Seal)
    }

    async fn cipher(&self) -> Result<XChaCha20Poly1305, FactorError> {
        let read = || async {
            let (file, made, suffix) = (self.file.clone(), random()?, random()?);
            let read = spawn_blocking(move || read_or_make(&file, &made, suffix)).await;
            read.map_err(|error| FactorError::Key(io::Error::other(error)))?
                .map_err(FactorError::Key)
        };
        Ok(XChaCha20Poly1305::new(self.key.get_or_try_init(read).await?.into()))
    }
}

fn context(username: &str) -> Vec<u8> {
    [b"pishkhan/second-factor/v1/", username.as_bytes()].concat()
}

/// Written beside and linked to its name: of two processes that start together, one makes the key
/// and the other reads it, and nobody reads half of it.
fn read_or_make(
    file: &Path,
    made: &[u8; KEY_BYTES],
    suffix: [u8; 8],
) -> io::Result<[u8; KEY_BYTES]> {
    match read(file) {
        Err(error) if error.kind() == ErrorKind::NotFound => {}
        found => return found,
    }
    let beside = file.with_extension(hex(&suffix));
    let mut options = std::fs::OpenOptions::new();
    options.write(true).create_new(true);
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut half = options.open(&beside)?;
    half.write_all(made)?;
    half.sync_all()?;
    let linked = std::fs::hard_link(&beside, file);
    std::fs::remove_file(&beside)?;
    match linked {
        Err(error) if error.kind() != ErrorKind::AlreadyExists => Err(error),
        _ => read(file),
    }
}

fn read(file: &Path) -> io::Result<[u8; KEY_BYTES]> {
    let bytes = std::fs::read(file)?;
    bytes.try_into().map_err(|_| io::Error::new(ErrorKind::InvalidData, "not a key of 32 bytes"))
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_seal_opens_for_its_member_and_its_key_only() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("key");
        let key = FactorKey::in_file(file.clone());
        let sealed = key.seal("sample", &[7; 20]).await.unwrap();
        assert!(!sealed.windows(8).any(|part| part == [7; 8]));
        let later = FactorKey::in_file(file);
        assert_eq!(later.open("sample", &sealed).await.unwrap(), [7; 20]);
        assert!(matches!(later.open("other", &sealed).await, Err(FactorError::Seal)));
        let mut changed = sealed.clone();
        *changed.last_mut().unwrap() ^= 1;
        assert!(matches!(later.open("sample", &changed).await, Err(FactorError::Seal)));
        let another = FactorKey::in_file(folder.path().join("another"));
        assert!(matches!(another.open("sample", &sealed).await, Err(FactorError::Seal)));
        assert!(matches!(another.open("sample", &[0; 3]).await, Err(FactorError::Seal)));
    }

    #[tokio::test]
    async fn those_who_start_together_have_one_key() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("key");
        let made = (0..8).map(|_| {
            let file = file.clone();
            let (key, suffix) = (random().unwrap(), random().unwrap());
            std::thread::spawn(move || read_or_make(&file, &key, suffix).unwrap())
        });
        let made: Vec<_> =
            made.collect::<Vec<_>>().into_iter().map(|one| one.join().unwrap()).collect();
        assert!(made.iter().all(|key| key == &made[0]));
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1, "nothing is left beside");
        let mode = std::os::unix::fs::PermissionsExt::mode(
            &std::fs::metadata(&file).unwrap().permissions(),
        );
        assert_eq!(mode & 0o077, 0);
    }
}
