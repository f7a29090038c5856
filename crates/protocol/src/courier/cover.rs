//! The cover: which way, whose, which number; in clear, so that a hub can sort files that it cannot
//! read, and signed, so that it takes none of a stranger.

use minicbor::{Decode, Encode};
use pishkhan_domain::ids::{DeviceNumber, OfficeCode};

use crate::certificate::Certificate;
use crate::error::ProtocolError;
use crate::event::{Hash, from_cbor, tagged_hash, to_cbor};
use crate::keys::{PublicKey, Purpose, SecretKey, SignatureBytes};

/// Which way a file goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode)]
#[cbor(index_only)]
pub enum Direction {
    /// From a device to the centre.
    #[n(0)]
    ToCentre,
    /// The centre's answer to a device.
    #[n(1)]
    ToOffice,
}

/// What is written on the outside.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
pub struct Cover {
    /// Which way.
    #[n(0)]
    pub direction: Direction,
    /// The device that wrote it, or that it is for.
    #[n(1)]
    pub device: DeviceNumber,
    /// Number of the device's file, from 1; of an answer, that of the file it answers.
    #[n(2)]
    pub number: u64,
    /// Clock of who wrote it, milliseconds since 1970.
    #[n(3)]
    pub made_at_ms: i64,
    /// Random: tells two files of one number apart, and no two files have the same key.
    #[cbor(n(4), with = "minicbor::bytes")]
    pub id: [u8; 16],
    /// Of the device; none on an answer.
    #[n(5)]
    pub certificate: Option<Certificate>,
}

/// The exact bytes of a cover, and the signature of who wrote the file.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
pub struct SignedCover {
    /// CBOR of a [`Cover`].
    #[cbor(n(0), with = "minicbor::bytes")]
    pub cover: Vec<u8>,
    /// By the device's key, or by the centre's.
    #[n(1)]
    pub signature: SignatureBytes,
}

/// A cover that the centre's key vouches for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Verified {
    /// The cover.
    pub cover: Cover,
    /// The certified office of the device; none on an answer.
    pub office: Option<OfficeCode>,
}

impl SignedCover {
    /// Signs a cover with the key of the device or, for an answer, of the centre.
    #[must_use]
    pub fn sign(cover: &Cover, key: &SecretKey) -> Self {
        let bytes = to_cbor(cover);
        let signature = key.sign(purpose(cover.direction), &bytes);
        Self { cover: bytes, signature }
    }

    /// What is written on it; says nothing of the signature.
    ///
    /// # Errors
    /// [`ProtocolError::Malformed`].
    pub fn read(&self) -> Result<Cover, ProtocolError> {
        from_cbor(&self.cover, "cover")
    }

    /// What is written on it, if the centre signed it, or a device that the centre has certified.
    /// Needs no secret: a hub can do it.
    ///
    /// # Errors
    /// [`ProtocolError::Malformed`], [`ProtocolError::BadSignature`], and
    /// [`ProtocolError::Mismatch`] when the certificate is another device's.
    pub fn verify(&self, centre: &PublicKey) -> Result<Verified, ProtocolError> {
        let cover = self.read()?;
        let (key, office) = match (&cover.certificate, cover.direction) {
            (None, Direction::ToOffice) => (*centre, None),
            (Some(certificate), Direction::ToCentre) => {
                let facts = certificate.verify(centre)?;
                if facts.device != cover.device {
                    return Err(ProtocolError::Mismatch { what: "cover" });
                }
                (facts.key, Some(facts.office))
            }
            _ => return Err(ProtocolError::Malformed { what: "cover" }),
        };
        key.verify(purpose(cover.direction), &self.cover, &self.signature)?;
        Ok(Verified { cover, office })
    }

    /// What binds every part to this cover.
    #[must_use]
    pub fn hash(&self) -> Hash {
        tagged_hash(b"pishkhan/courier-cover/v1", &[&self.cover])
    }

    /// Exact bytes.
    #[must_use]
    pub fn to_bytes(&self) -> Vec<u8> {
        to_cbor(self)
    }

    /// Reads a signed cover; says nothing of its signature.
    ///
    /// # Errors
    /// [`ProtocolError::Malformed`].
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, ProtocolError> {
        from_cbor(bytes, "cover")
    }
}

fn purpose(direction: Direction) -> Purpose {
    match direction {
        Direction::ToCentre => Purpose::Courier,
        Direction::ToOffice => Purpose::CourierAnswer,
    }
}
