//! What a part holds. Kinds have numbers; a reader passes over kinds that it does not know.

use minicbor::{Decode, Encode};
use pishkhan_domain::content_hash::ContentHash;

use crate::error::ProtocolError;
use crate::event::{from_cbor, to_cbor};
use crate::exchange::{ExchangeReply, ExchangeRequest};

const END: u8 = 0;
const EXCHANGE: u8 = 1;
const REPLY: u8 = 2;
const PIECE: u8 = 3;
const ARRIVED: u8 = 4;

/// What a part holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Content {
    /// 0: nothing follows; without it the file was cut.
    End,
    /// 1, to the centre: as on the line, without a lease. Its batch stands alone.
    Exchange(Box<ExchangeRequest>),
    /// 2, to the office: as on the line. Lease (zeros), token and waiting time mean nothing.
    Reply(Box<ExchangeReply>),
    /// 3, to the centre: some bytes of a document.
    Piece(DocumentPiece),
    /// 4, to the office: what the centre has of what was carried.
    Arrived(Arrived),
    /// Of a later version.
    Unknown(u8),
}

/// Some bytes of a document; its pieces follow each other from 0 on, without gaps.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
pub struct DocumentPiece {
    /// SHA-256 of the whole.
    #[n(0)]
    pub hash: ContentHash,
    /// Length of the whole.
    #[n(1)]
    pub size_bytes: u64,
    /// Where these bytes belong.
    #[n(2)]
    pub offset: u64,
    /// At least one, at most [`super::MAX_PIECE_BYTES`].
    #[cbor(n(3), with = "minicbor::bytes")]
    pub bytes: Vec<u8>,
}

/// What the centre has of what was carried.
#[derive(Clone, Debug, Default, PartialEq, Eq, Encode, Decode)]
pub struct Arrived {
    /// The device's files that have come so far, by number, at most the latest thousand.
    #[n(0)]
    pub files: Vec<ArrivedFile>,
    /// Documents of the answered file that the centre has whole; at most
    /// [`super::MAX_ARRIVED`], more in a further part.
    #[n(1)]
    pub documents: Vec<ContentHash>,
}

/// A file that has come.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
pub struct ArrivedFile {
    /// Its number.
    #[n(0)]
    pub number: u64,
    /// Its id.
    #[cbor(n(1), with = "minicbor::bytes")]
    pub id: [u8; 16],
    /// Did it come whole, at least once?
    #[n(2)]
    pub whole: bool,
}

impl Content {
    /// Kind and exact bytes.
    #[must_use]
    pub fn encode(&self) -> (u8, Vec<u8>) {
        match self {
            Self::End => (END, Vec::new()),
            Self::Exchange(request) => (EXCHANGE, request.to_bytes()),
            Self::Reply(reply) => (REPLY, reply.to_bytes()),
            Self::Piece(piece) => (PIECE, to_cbor(piece)),
            Self::Arrived(arrived) => (ARRIVED, to_cbor(arrived)),
            Self::Unknown(kind) => (*kind, Vec::new()),
        }
    }

    /// Reads what [`Content::encode`] wrote.
    ///
    /// # Errors
    /// [`ProtocolError::Malformed`].
    pub fn decode(kind: u8, bytes: &[u8]) -> Result<Self, ProtocolError> {
        Ok(match kind {
            END if bytes.is_empty() => Self::End,
            END => return Err(ProtocolError::Malformed { what: "end" }),
            EXCHANGE => Self::Exchange(Box::new(ExchangeRequest::from_bytes(bytes)?)),
            REPLY => Self::Reply(Box::new(ExchangeReply::from_bytes(bytes)?)),
            PIECE => Self::Piece(DocumentPiece::checked(from_cbor(bytes, "piece")?)?),
            ARRIVED => Self::Arrived(from_cbor(bytes, "list of what arrived")?),
            other => Self::Unknown(other),
        })
    }
}

impl DocumentPiece {
    fn checked(piece: Self) -> Result<Self, ProtocolError> {
        let end = piece.offset.checked_add(piece.bytes.len() as u64);
        let within = end.is_some_and(|end| end <= piece.size_bytes);
        if within && (1..=super::MAX_PIECE_BYTES).contains(&piece.bytes.len()) {
            Ok(piece)
        } else {
            Err(ProtocolError::Malformed { what: "piece" })
        }
    }
}
