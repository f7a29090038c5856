//! Sealing parts: XChaCha20-Poly1305 under a key that only the device and its centre can derive,
//! a nonce made of the part's place, bound to the cover.

use chacha20poly1305::aead::{Aead, Payload};
use chacha20poly1305::{KeyInit, XChaCha20Poly1305, XNonce};
use zeroize::Zeroize;

use super::MAX_PART_BYTES;
use super::content::Content;
use super::cover::{Cover, Direction, SignedCover};
use crate::derive::{DeviceSecret, hmac};
use crate::dictionary;
use crate::error::ProtocolError;
use crate::event::Hash;
use crate::packing::{Packed, pack, unpack};

/// Kind and encoding before the content, and the tag behind it.
pub(super) const OVERHEAD: usize = 2 + 16;

/// Opens and seals the parts of one file.
pub struct PartKey {
    key: [u8; 32],
    cover: Hash,
}

impl Drop for PartKey {
    fn drop(&mut self) {
        self.key.zeroize();
    }
}

impl PartKey {
    /// The key of the file under a cover.
    #[must_use]
    pub fn of(secret: &DeviceSecret, cover: &Cover, signed: &SignedCover) -> Self {
        let direction = match cover.direction {
            Direction::ToCentre => [0],
            Direction::ToOffice => [1],
        };
        let key = hmac(&secret.0, &[b"pishkhan/courier/v1", &direction, &cover.id]);
        Self { key, cover: signed.hash() }
    }

    /// The sealed bytes of the part at a place, from 0.
    #[must_use]
    pub fn seal(&self, index: u64, content: &Content) -> Vec<u8> {
        let (kind, bytes) = content.encode();
        let Packed { encoding, payload, .. } = pack(&bytes, dictionary::NONE);
        let plain = [&[kind, encoding][..], &payload].concat();
        let payload = Payload { msg: &plain, aad: &self.cover };
        // Fails only beyond 256 GiB; nothing would then open.
        self.cipher().encrypt(&nonce(index), payload).unwrap_or_default()
    }

    /// What the part at a place holds.
    ///
    /// # Errors
    /// [`ProtocolError::BadSignature`] when it was changed, or sealed for another place or file;
    /// [`ProtocolError::Malformed`], [`ProtocolError::Unknown`].
    pub fn open(&self, index: u64, sealed: &[u8]) -> Result<Content, ProtocolError> {
        let payload = Payload { msg: sealed, aad: &self.cover };
        let plain = self
            .cipher()
            .decrypt(&nonce(index), payload)
            .map_err(|_| ProtocolError::BadSignature { what: "part" })?;
        let Some((&[kind, encoding], bytes)) = plain.split_first_chunk::<2>() else {
            return Err(ProtocolError::Malformed { what: "part" });
        };
        Content::decode(kind, &unpack(encoding, dictionary::NONE, bytes, MAX_PART_BYTES)?)
    }

    fn cipher(&self) -> XChaCha20Poly1305 {
        XChaCha20Poly1305::new(&self.key.into())
    }
}

fn nonce(index: u64) -> XNonce {
    let mut nonce = [0; 24];
    nonce[16..].copy_from_slice(&index.to_be_bytes());
    XNonce::from(nonce)
}
