//! Reading back what was written: sticks lie.

use std::io::Read;

use pishkhan_protocol::courier::{CourierError, FileReader, PartKey};
use pishkhan_protocol::error::ProtocolError;
use pishkhan_store::Identity;

use super::export::Exported;

/// Is this the file that was written, whole, to its last byte?
///
/// # Errors
/// [`CourierError`].
pub fn verify(
    from: impl Read,
    identity: &Identity,
    written: &Exported,
) -> Result<(), CourierError> {
    let mut file = FileReader::open(from)?;
    let cover = file.cover().verify(&identity.centre_key)?.cover;
    if (cover.id, cover.number) != (written.id, written.number) {
        return Err(ProtocolError::Mismatch { what: "cover" }.into());
    }
    let key = PartKey::of(&identity.secret, &cover, file.cover());
    while file.next(&key)?.is_some() {}
    Ok(())
}
