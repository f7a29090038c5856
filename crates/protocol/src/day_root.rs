//! The daily root: one hash over where every log of the centre stood, signed and published, so that
//! nothing that was there on that day can be taken away or changed unseen.
//!
//! A tree of RFC 6962 over leaves in the order of their keys. A leaf names a device's log, what an
//! office was told, or the log of the staff's acts. Each root names the one before. Invariant: a
//! later leaf of the same key stands for a log that goes on from the earlier one.

use ct_merkle::mem_backed_tree::MemoryBackedTree;
use ct_merkle::{InclusionProof, RootHash};
use minicbor::{Decode, Encode};
use pishkhan_domain::ids::{DeviceNumber, OfficeCode};
use sha2::Sha256;

use crate::error::ProtocolError;
use crate::event::{Hash, from_cbor, tagged_hash, to_cbor};
use crate::head::Head;
use crate::keys::{PublicKey, Purpose, SecretKey, SignatureBytes};

/// Version of the root's layout. 1: November 2026, the first.
pub const DAY_ROOT_VERSION: u8 = 1;

/// Where one log stood.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
pub enum Leaf {
    /// A device's log as received.
    #[n(0)]
    Device(#[n(0)] DeviceLeaf),
    /// What an office was told.
    #[n(1)]
    Feed(#[n(0)] FeedLeaf),
    /// What the staff did.
    #[n(2)]
    AuditLog(#[n(0)] AuditLogLeaf),
}

/// See [`Leaf::Device`].
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
pub struct DeviceLeaf {
    /// Device.
    #[n(0)]
    pub device: DeviceNumber,
    /// Its key.
    #[n(1)]
    pub key: PublicKey,
    /// Head of its log at the centre.
    #[n(2)]
    pub head: Head,
    /// Link of the last head that was received of it, see [`received_link`]; zeros for none.
    #[cbor(n(3), with = "minicbor::bytes")]
    pub received: Hash,
}

/// See [`Leaf::Feed`].
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
pub struct FeedLeaf {
    /// Office.
    #[n(0)]
    pub office: OfficeCode,
    /// Number of the last item.
    #[n(1)]
    pub number: u64,
    /// Hash of the feed there.
    #[cbor(n(2), with = "minicbor::bytes")]
    pub hash: Hash,
}

/// See [`Leaf::AuditLog`].
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
pub struct AuditLogLeaf {
    /// Number of the last entry.
    #[n(0)]
    pub number: u64,
    /// Its link.
    #[cbor(n(1), with = "minicbor::bytes")]
    pub hash: Hash,
}

impl Leaf {
    /// What it is sorted by: one for each log, for ever.
    #[must_use]
    pub fn key(&self) -> String {
        match self {
            Self::Device(leaf) => device_key(leaf.device),
            Self::Feed(leaf) => feed_key(&leaf.office),
            Self::AuditLog(_) => "audit-log".to_owned(),
        }
    }

    /// Exact bytes.
    #[must_use]
    pub fn to_bytes(&self) -> Vec<u8> {
        to_cbor(self)
    }

    /// Reads a leaf.
    ///
    /// # Errors
    /// [`ProtocolError::Malformed`].
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, ProtocolError> {
        from_cbor(bytes, "leaf")
    }
}

/// Key of a device's leaf.
#[must_use]
pub fn device_key(device: DeviceNumber) -> String {
    format!("device/{:010}", device.0)
}

/// Key of an office's leaf.
#[must_use]
pub fn feed_key(office: &OfficeCode) -> String {
    format!("feed/{office}")
}

/// What a root says.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
pub struct DayRoot {
    /// [`DAY_ROOT_VERSION`] of the writer.
    #[n(0)]
    pub version: u8,
    /// The day that it closes, in Tehran; ISO 8601 Gregorian.
    #[n(1)]
    pub day: String,
    /// When it was made, milliseconds since 1970.
    #[n(2)]
    pub at_ms: i64,
    /// The centre's epoch.
    #[cbor(n(3), with = "minicbor::bytes")]
    pub epoch: [u8; 16],
    /// Number of leaves.
    #[n(4)]
    pub leaves: u64,
    /// Head of the tree over them (RFC 6962, SHA-256).
    #[cbor(n(5), with = "minicbor::bytes")]
    pub root: Hash,
    /// [`SignedDayRoot::hash`] of the root before; zeros for the first.
    #[cbor(n(6), with = "minicbor::bytes")]
    pub previous: Hash,
}

impl DayRoot {
    /// Reads what a root says; says nothing of its signature.
    ///
    /// # Errors
    /// [`ProtocolError::Malformed`].
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, ProtocolError> {
        from_cbor(bytes, "day root")
    }
}

/// A root under the centre's signature; `statement` are the exact bytes that were signed.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
pub struct SignedDayRoot {
    /// CBOR of a [`DayRoot`].
    #[cbor(n(0), with = "minicbor::bytes")]
    pub statement: Vec<u8>,
    /// By the centre's key.
    #[n(1)]
    pub signature: SignatureBytes,
}

impl SignedDayRoot {
    /// Signs.
    #[must_use]
    pub fn sign(root: &DayRoot, centre: &SecretKey) -> Self {
        let statement = to_cbor(root);
        let signature = centre.sign(Purpose::DayRoot, &statement);
        Self { statement, signature }
    }

    /// What it says, if the centre's key signed it.
    ///
    /// # Errors
    /// [`ProtocolError::BadSignature`], [`ProtocolError::Malformed`].
    pub fn verify(&self, centre: &PublicKey) -> Result<DayRoot, ProtocolError> {
        centre.verify(Purpose::DayRoot, &self.statement, &self.signature)?;
        DayRoot::from_bytes(&self.statement)
    }

    /// What the next root names it by.
    #[must_use]
    pub fn hash(&self) -> Hash {
        tagged_hash(b"pishkhan/day-root/v1", &[&self.statement])
    }
}

/// That a leaf is in a root.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
pub struct Inclusion {
    /// Place of the leaf, from 0.
    #[n(0)]
    pub index: u64,
    /// Exact bytes of the [`Leaf`].
    #[cbor(n(1), with = "minicbor::bytes")]
    pub leaf: Vec<u8>,
    /// The hashes beside its way up, one after the other (`PATH` of RFC 6962).
    #[cbor(n(2), with = "minicbor::bytes")]
    pub path: Vec<u8>,
}

impl Inclusion {
    /// The leaf, if it is in this root.
    ///
    /// # Errors
    /// [`ProtocolError::Mismatch`], [`ProtocolError::Malformed`].
    pub fn verify(&self, root: &DayRoot) -> Result<Leaf, ProtocolError> {
        let not_in = || ProtocolError::Mismatch { what: "leaf" };
        let head: RootHash<Sha256> = RootHash::new(root.root.into(), root.leaves);
        let path = InclusionProof::try_from_bytes(self.path.clone()).map_err(|_| not_in())?;
        head.verify_inclusion(&self.leaf, self.index, &path).map_err(|_| not_in())?;
        Leaf::from_bytes(&self.leaf)
    }
}

/// The tree over the exact bytes of leaves, in the order of their keys.
pub struct RootTree(MemoryBackedTree<Sha256, Vec<u8>>);

impl RootTree {
    /// Over leaves that are sorted by [`Leaf::key`].
    #[must_use]
    pub fn of(leaves: impl IntoIterator<Item = Vec<u8>>) -> Self {
        let mut tree = MemoryBackedTree::new();
        for leaf in leaves {
            tree.push(leaf);
        }
        Self(tree)
    }

    /// Number of leaves.
    #[must_use]
    pub fn leaves(&self) -> u64 {
        self.0.len()
    }

    /// Its head.
    #[must_use]
    pub fn root(&self) -> Hash {
        (*self.0.root().as_bytes()).into()
    }

    /// That the leaf at a place is in it; none beyond its end.
    #[must_use]
    pub fn prove(&self, index: usize) -> Option<Inclusion> {
        let leaf = self.0.get(index)?.clone();
        let path = self.0.prove_inclusion(index).as_bytes().to_vec();
        Some(Inclusion { index: index as u64, leaf, path })
    }
}

/// A head as the centre received it under the device's signature.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReceivedHead {
    /// The head.
    pub head: Head,
    /// The log as it was stored until then.
    pub after_seq: u64,
    /// The device's signature on the head.
    pub signature: SignatureBytes,
    /// Centre's clock, milliseconds since 1970.
    pub received_at_ms: i64,
}

/// The link of a received head to the one before of the same device: by it the time at which the
/// entries came is held by the day's root as well.
#[must_use]
pub fn received_link(before: &Hash, device: DeviceNumber, received: &ReceivedHead) -> Hash {
    tagged_hash(
        b"pishkhan/received/v1",
        &[
            before,
            &device.0.to_be_bytes(),
            &received.after_seq.to_be_bytes(),
            &received.head.seq.to_be_bytes(),
            &received.head.hash,
            &received.signature.0,
            &received.received_at_ms.to_be_bytes(),
        ],
    )
}
