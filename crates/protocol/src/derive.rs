//! What both sides compute from the secret agreed at enrolment, so that it need not travel: ids,
//! salts, tracking codes.
//!
//! HMAC-SHA-256 (RFC 2104) under the device's secret, with a label for each use.

use hmac::{Hmac, KeyInit, Mac};
use pishkhan_domain::ids::{DeviceNumber, EventId};
use sha2::Sha256;
use uuid::Builder;
use zeroize::Zeroize;

use crate::anchor::Anchor;
use crate::keys::PublicKey;

/// 32 bytes that the centre gave at enrolment; both sides keep them.
#[derive(Clone)]
pub struct DeviceSecret(pub [u8; 32]);

impl Drop for DeviceSecret {
    fn drop(&mut self) {
        self.0.zeroize();
    }
}

impl DeviceSecret {
    /// Id of the event at `seq`: a UUIDv7 (RFC 9562) whose random bits are derived.
    #[must_use]
    pub fn event_id(&self, seq: u64, device_time_ms: i64) -> EventId {
        let mut random = [0; 10];
        random.copy_from_slice(&self.prf(b"event-id", seq, 0)[..10]);
        let millis = u64::try_from(device_time_ms).unwrap_or(0);
        EventId(Builder::from_unix_timestamp_millis(millis, &random).into_uuid())
    }

    /// Salt of the commitment to a body. Destroying body and salt erases without breaking the chain.
    #[must_use]
    pub fn body_salt(&self, seq: u64) -> [u8; 16] {
        self.salt(b"body-salt", seq)
    }

    /// Salt of the commitment to the printed facts.
    #[must_use]
    pub fn summary_salt(&self, seq: u64) -> [u8; 16] {
        self.salt(b"summary-salt", seq)
    }

    /// The random part of the tracking code of the application recorded at `seq`, to be reduced by
    /// the tracking code's own rule.
    #[must_use]
    pub fn tracking_random(&self, seq: u64, attempt: u8) -> u64 {
        let bytes = self.prf(b"tracking-code", seq, attempt);
        bytes[..8].iter().fold(0, |number, byte| (number << 8) | u64::from(*byte))
    }

    fn salt(&self, label: &[u8], seq: u64) -> [u8; 16] {
        let mut salt = [0; 16];
        salt.copy_from_slice(&self.prf(label, seq, 0)[..16]);
        salt
    }

    fn prf(&self, label: &[u8], seq: u64, attempt: u8) -> [u8; 32] {
        hmac(&self.0, &[label, &seq.to_be_bytes(), &[attempt]])
    }
}

/// The centre's anchor for a device at a time; `centre_secret` never leaves the centre.
#[must_use]
pub fn anchor(centre_secret: &[u8; 32], device: DeviceNumber, at_ms: i64) -> Anchor {
    let mut nonce = [0; 16];
    let parts: [&[u8]; 3] = [b"anchor", &device.0.to_be_bytes(), &at_ms.to_be_bytes()];
    nonce.copy_from_slice(&hmac(centre_secret, &parts)[..16]);
    Anchor { at_ms, nonce }
}

/// The secret of a device, which the centre can derive again when it has forgotten the device;
/// `centre_secret` never leaves the centre.
#[must_use]
pub fn device_secret(
    centre_secret: &[u8; 32],
    device: DeviceNumber,
    key: &PublicKey,
) -> DeviceSecret {
    DeviceSecret(hmac(centre_secret, &[b"device-secret", &device.0.to_be_bytes(), &key.0]))
}

pub(crate) fn hmac(key: &[u8; 32], parts: &[&[u8]]) -> [u8; 32] {
    // HMAC takes keys of any length, so the error cannot happen; zeros would fail every check.
    let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(key) else { return [0; 32] };
    for part in parts {
        mac.update(&(part.len() as u64).to_be_bytes());
        mac.update(part);
    }
    mac.finalize().into_bytes().into()
}
