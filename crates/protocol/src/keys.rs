//! Ed25519 keys (RFC 8032) of devices and of the centre, and signing with a purpose.
//!
//! Every signature covers a tag that names its purpose, so that none can be replayed as another.

use ed25519_dalek::{Signature, Signer, SigningKey, VerifyingKey};
use minicbor::{Decode, Encode};
use zeroize::Zeroizing;

use crate::error::ProtocolError;

/// What a signature is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Purpose {
    /// The head of a device's chain.
    Head,
    /// A device's request.
    Request,
    /// A centre's reply.
    Reply,
    /// A device's certificate.
    Certificate,
    /// A publication of the catalogue.
    Publication,
    /// The cover of a device's courier file.
    Courier,
    /// The cover of the centre's answer to one.
    CourierAnswer,
    /// The root of a day.
    DayRoot,
}

impl Purpose {
    fn tag(self) -> &'static [u8] {
        match self {
            Self::Head => b"pishkhan/head/v1\0",
            Self::Request => b"pishkhan/request/v1\0",
            Self::Reply => b"pishkhan/reply/v1\0",
            Self::Certificate => b"pishkhan/certificate/v1\0",
            Self::Publication => b"pishkhan/publication/v1\0",
            Self::Courier => b"pishkhan/courier/v1\0",
            Self::CourierAnswer => b"pishkhan/courier-answer/v1\0",
            Self::DayRoot => b"pishkhan/day-root/v1\0",
        }
    }

    fn name(self) -> &'static str {
        match self {
            Self::Head => "head",
            Self::Request => "request",
            Self::Reply => "reply",
            Self::Certificate => "certificate",
            Self::Publication => "publication",
            Self::Courier => "courier file",
            Self::CourierAnswer => "answer by courier",
            Self::DayRoot => "day root",
        }
    }
}

/// A secret signing key. Wiped from memory when dropped.
pub struct SecretKey(SigningKey);

impl SecretKey {
    /// From 32 random bytes.
    #[must_use]
    pub fn from_seed(seed: &[u8; 32]) -> Self {
        Self(SigningKey::from_bytes(seed))
    }

    /// The 32 bytes it was made from, to be sealed and stored.
    #[must_use]
    pub fn seed(&self) -> Zeroizing<[u8; 32]> {
        Zeroizing::new(self.0.to_bytes())
    }

    /// The public half.
    #[must_use]
    pub fn public(&self) -> PublicKey {
        PublicKey(self.0.verifying_key().to_bytes())
    }

    /// Signs `message` for `purpose`.
    #[must_use]
    pub fn sign(&self, purpose: Purpose, message: &[u8]) -> SignatureBytes {
        SignatureBytes(self.0.sign(&tagged(purpose, message)).to_bytes())
    }
}

/// A public key, 32 bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode)]
#[cbor(transparent)]
pub struct PublicKey(#[cbor(n(0), with = "minicbor::bytes")] pub [u8; 32]);

impl PublicKey {
    /// Checks a signature strictly (RFC 8032 with small-order and non-canonical keys refused).
    ///
    /// # Errors
    /// [`ProtocolError::BadSignature`] naming the purpose.
    pub fn verify(
        &self,
        purpose: Purpose,
        message: &[u8],
        signature: &SignatureBytes,
    ) -> Result<(), ProtocolError> {
        let bad = || ProtocolError::BadSignature { what: purpose.name() };
        VerifyingKey::from_bytes(&self.0)
            .map_err(|_| bad())?
            .verify_strict(&tagged(purpose, message), &Signature::from_bytes(&signature.0))
            .map_err(|_| bad())
    }
}

/// A signature, 64 bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode)]
#[cbor(transparent)]
pub struct SignatureBytes(#[cbor(n(0), with = "minicbor::bytes")] pub [u8; 64]);

fn tagged(purpose: Purpose, message: &[u8]) -> Vec<u8> {
    [purpose.tag(), message].concat()
}
