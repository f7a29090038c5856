//! The token with which a device uploads documents: good for an hour, for one device, and checked
//! without looking anything up.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use hmac::{Hmac, KeyInit, Mac};
use pishkhan_domain::ids::DeviceNumber;
use sha2::Sha256;

const LIFE_MS: i64 = 60 * 60 * 1_000;
const TOKEN_BYTES: usize = 4 + 8 + 32;

/// A token from now on.
#[must_use]
pub fn token(centre_secret: &[u8; 32], device: DeviceNumber, now: i64) -> String {
    let mut bytes = Vec::with_capacity(TOKEN_BYTES);
    bytes.extend(device.0.to_be_bytes());
    bytes.extend((now + LIFE_MS).to_be_bytes());
    let Some(mac) = mac(centre_secret, &bytes) else { return String::new() };
    bytes.extend(mac.finalize().into_bytes());
    URL_SAFE_NO_PAD.encode(bytes)
}

/// The device of a token that is ours and has not expired.
#[must_use]
pub fn device_of(centre_secret: &[u8; 32], token: &str, now: i64) -> Option<DeviceNumber> {
    let bytes = URL_SAFE_NO_PAD.decode(token).ok().filter(|bytes| bytes.len() == TOKEN_BYTES)?;
    let (facts, tag) = bytes.split_at(TOKEN_BYTES - 32);
    mac(centre_secret, facts)?.verify_slice(tag).ok()?;
    let (device, expires_at) = facts.split_at(4);
    let expires_at = i64::from_be_bytes(expires_at.try_into().ok()?);
    (now < expires_at).then_some(DeviceNumber(u32::from_be_bytes(device.try_into().ok()?)))
}

fn mac(centre_secret: &[u8; 32], facts: &[u8]) -> Option<Hmac<Sha256>> {
    let mut mac = Hmac::<Sha256>::new_from_slice(centre_secret).ok()?;
    mac.update(b"pishkhan/upload-token/v1");
    mac.update(facts);
    Some(mac)
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    const SECRET: [u8; 32] = [7; 32];

    #[test]
    fn a_token_names_its_device_for_an_hour() {
        let token = token(&SECRET, DeviceNumber(42), 1_000);
        assert_eq!(device_of(&SECRET, &token, 1_000), Some(DeviceNumber(42)));
        assert_eq!(device_of(&SECRET, &token, 999 + LIFE_MS), Some(DeviceNumber(42)));
        assert_eq!(device_of(&SECRET, &token, 1_000 + LIFE_MS), None);
    }

    #[test]
    fn no_bit_of_a_token_can_be_changed() {
        let bytes = URL_SAFE_NO_PAD.decode(token(&SECRET, DeviceNumber(42), 0)).unwrap();
        for bit in 0..bytes.len() * 8 {
            let mut forged = bytes.clone();
            forged[bit / 8] ^= 1 << (bit % 8);
            assert_eq!(device_of(&SECRET, &URL_SAFE_NO_PAD.encode(forged), 0), None);
        }
        assert_eq!(device_of(&[8; 32], &token(&SECRET, DeviceNumber(42), 0), 0), None);
    }
}
