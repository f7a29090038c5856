//! A file as a stream of bytes: written part by part, read part by part, never held whole.

use std::io::{self, ErrorKind, Read, Write};

use super::content::Content;
use super::cover::{Cover, SignedCover};
use super::seal::{OVERHEAD, PartKey};
use super::{MAGIC, MAGIC_OF_ANY, MAX_COVER_BYTES, MAX_FILE_BYTES, MAX_PART_BYTES};
use crate::derive::DeviceSecret;
use crate::error::ProtocolError;
use crate::keys::SecretKey;

/// Major type 2 of CBOR: a byte string.
const BYTE_STRING: u8 = 0x40;
/// What the end takes: room for it is kept.
const END_BYTES: u64 = 1 + OVERHEAD as u64;

/// Why a file gives no more. Split by what the reader would be told.
#[derive(Debug, thiserror::Error)]
pub enum CourierError {
    /// Not a courier's file at all.
    #[error("not a courier's file")]
    NotOurs,
    /// Of a later version of the format.
    #[error("a courier's file of a later version")]
    TooNew,
    /// It ends in the middle: what came before can be used.
    #[error("the file ends before its end")]
    Cut,
    /// Changed on the way, or put together from others: what came before can be used.
    #[error("the file was changed")]
    Damaged(#[from] ProtocolError),
    /// The disk or stick cannot be read.
    #[error("the file cannot be read")]
    Disk(#[from] io::Error),
}

/// Writes a file.
pub struct FileWriter<W> {
    out: W,
    key: PartKey,
    parts: u64,
    bytes: u64,
}

impl<W: Write> FileWriter<W> {
    /// Begins a file: `key` is the device's or, for an answer, the centre's. The id on the cover
    /// must be fresh and random.
    ///
    /// # Errors
    /// Of `out`, as in all that follow.
    pub fn begin(
        mut out: W,
        cover: &Cover,
        key: &SecretKey,
        secret: &DeviceSecret,
    ) -> io::Result<Self> {
        let signed = SignedCover::sign(cover, key);
        let bytes = signed.to_bytes();
        out.write_all(MAGIC)?;
        out.write_all(&head(bytes.len()))?;
        out.write_all(&bytes)?;
        let written = MAGIC.len() + head(bytes.len()).len() + bytes.len();
        let key = PartKey::of(secret, cover, &signed);
        Ok(Self { out, key, parts: 0, bytes: written as u64 })
    }

    /// Is there room for so many bytes of parts in a file of `most` bytes?
    #[must_use]
    pub fn has_room(&self, bytes: u64, most: u64) -> bool {
        let end = self.bytes.saturating_add(bytes).saturating_add(END_BYTES);
        end <= most.min(MAX_FILE_BYTES)
    }

    /// Adds a part, if the file then still ends within `most` bytes; says whether it did.
    ///
    /// # Errors
    /// As [`FileWriter::begin`].
    pub fn add(&mut self, content: &Content, most: u64) -> io::Result<bool> {
        let sealed = self.key.seal(self.parts, content);
        let head = head(sealed.len());
        let bytes = self.bytes + (head.len() + sealed.len()) as u64;
        if *content != Content::End && !self.has_room(bytes - self.bytes, most) {
            return Ok(false);
        }
        self.out.write_all(&head)?;
        self.out.write_all(&sealed)?;
        self.parts += 1;
        self.bytes = bytes;
        Ok(true)
    }

    /// Adds the end; gives what was written into, and the length of the file.
    ///
    /// # Errors
    /// As [`FileWriter::begin`].
    pub fn end(mut self) -> io::Result<(W, u64)> {
        self.add(&Content::End, MAX_FILE_BYTES)?;
        Ok((self.out, self.bytes))
    }
}

/// Reads a file.
#[derive(Debug)]
pub struct FileReader<R> {
    from: R,
    cover: SignedCover,
    parts: u64,
    bytes: u64,
    ended: bool,
}

impl<R: Read> FileReader<R> {
    /// Reads magic and cover; says nothing of its signature yet.
    ///
    /// # Errors
    /// [`CourierError`].
    pub fn open(mut from: R) -> Result<Self, CourierError> {
        read_magic(&mut from)?;
        let mut reader = Frames { from: &mut from, bytes: MAGIC.len() as u64 };
        let bytes = reader.next(MAX_COVER_BYTES)?.ok_or(CourierError::Cut)?;
        let read = reader.bytes;
        let cover = SignedCover::from_bytes(&bytes)?;
        Ok(Self { from, cover, parts: 0, bytes: read, ended: false })
    }

    /// The cover.
    #[must_use]
    pub fn cover(&self) -> &SignedCover {
        &self.cover
    }

    /// The next part; none after the end. What stands behind the end is not looked at.
    ///
    /// # Errors
    /// [`CourierError::Cut`], [`CourierError::Damaged`], [`CourierError::Disk`]; nothing more can
    /// be read then.
    pub fn next(&mut self, key: &PartKey) -> Result<Option<Content>, CourierError> {
        if self.ended {
            return Ok(None);
        }
        let mut frames = Frames { from: &mut self.from, bytes: self.bytes };
        let sealed = frames.next(MAX_PART_BYTES + OVERHEAD)?.ok_or(CourierError::Cut)?;
        self.bytes = frames.bytes;
        let content = key.open(self.parts, &sealed)?;
        self.parts += 1;
        self.ended = content == Content::End;
        Ok((!self.ended).then_some(content))
    }
}

fn read_magic(from: &mut impl Read) -> Result<(), CourierError> {
    let mut magic = [0; MAGIC.len()];
    match from.read_exact(&mut magic) {
        Ok(()) if magic == *MAGIC => Ok(()),
        Ok(()) if magic.starts_with(MAGIC_OF_ANY) => Err(CourierError::TooNew),
        Ok(()) => Err(CourierError::NotOurs),
        Err(error) if error.kind() == ErrorKind::UnexpectedEof => Err(CourierError::NotOurs),
        Err(error) => Err(error.into()),
    }
}

/// Byte strings of CBOR, one after the other.
struct Frames<'a, R> {
    from: &'a mut R,
    bytes: u64,
}

impl<R: Read> Frames<'_, R> {
    /// The next one, of at most so many bytes; none at the end of the file.
    fn next(&mut self, most: usize) -> Result<Option<Vec<u8>>, CourierError> {
        let malformed = || CourierError::from(ProtocolError::Malformed { what: "byte string" });
        let mut first = [0];
        if self.from.read(&mut first)? == 0 {
            return Ok(None);
        }
        let wide = match first[0].wrapping_sub(BYTE_STRING) {
            0..=23 => 0,
            24 => 1,
            25 => 2,
            26 => 4,
            _ => return Err(malformed()),
        };
        let mut length = [0; 4];
        self.exactly(&mut length[4 - wide..])?;
        let length = match wide {
            0 => usize::from(first[0] - BYTE_STRING),
            _ => u32::from_be_bytes(length) as usize,
        };
        self.bytes += 1 + (wide + length) as u64;
        if length > most || self.bytes > MAX_FILE_BYTES {
            return Err(malformed());
        }
        let mut bytes = vec![0; length];
        self.exactly(&mut bytes)?;
        Ok(Some(bytes))
    }

    fn exactly(&mut self, into: &mut [u8]) -> Result<(), CourierError> {
        self.from.read_exact(into).map_err(|error| match error.kind() {
            ErrorKind::UnexpectedEof => CourierError::Cut,
            _ => error.into(),
        })
    }
}

/// Head of a byte string, in the shortest form.
fn head(length: usize) -> Vec<u8> {
    match u32::try_from(length).unwrap_or(u32::MAX) {
        length @ 0..=23 => vec![BYTE_STRING + length as u8],
        length @ 24..=0xff => vec![BYTE_STRING + 24, length as u8],
        length @ 0x100..=0xffff => {
            [&[BYTE_STRING + 25][..], &(length as u16).to_be_bytes()].concat()
        }
        length => [&[BYTE_STRING + 26][..], &length.to_be_bytes()].concat(),
    }
}
