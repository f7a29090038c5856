//! Sealing bytes under a key: XChaCha20-Poly1305 with a random nonce of 24 bytes before the
//! ciphertext, bound to a context that must be named again to open it.

use chacha20poly1305::aead::{Aead, Payload};
use chacha20poly1305::{KeyInit, XChaCha20Poly1305, XNonce};

const NONCE_BYTES: usize = 24;

/// The seal does not open: another key, another context, or changed bytes.
#[derive(Debug, thiserror::Error)]
#[error("the seal does not open")]
pub(crate) struct SealBroken;

/// Seals `plain` for `context`; `None` when the system has no randomness.
pub(crate) fn seal(key: &[u8; 32], context: &[u8], plain: &[u8]) -> Option<Vec<u8>> {
    let mut nonce = [0; NONCE_BYTES];
    getrandom::fill(&mut nonce).ok()?;
    let payload = Payload { msg: plain, aad: context };
    let cipher = XChaCha20Poly1305::new(&(*key).into());
    let ciphertext = cipher.encrypt(&XNonce::from(nonce), payload).ok()?;
    Some([&nonce[..], &ciphertext].concat())
}

/// Opens what [`seal`] sealed.
pub(crate) fn open(key: &[u8; 32], context: &[u8], sealed: &[u8]) -> Result<Vec<u8>, SealBroken> {
    let (nonce, ciphertext) = sealed.split_first_chunk::<NONCE_BYTES>().ok_or(SealBroken)?;
    let payload = Payload { msg: ciphertext, aad: context };
    let cipher = XChaCha20Poly1305::new(&(*key).into());
    cipher.decrypt(&XNonce::from(*nonce), payload).map_err(|_| SealBroken)
}
