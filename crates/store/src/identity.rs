//! Who this device is: what the centre gave at enrolment and the device's own key. Kept inside
//! the encrypted database, and there only.

use pishkhan_domain::ids::{DeviceNumber, OfficeCode};
use pishkhan_protocol::certificate::Certificate;
use pishkhan_protocol::derive::DeviceSecret;
use pishkhan_protocol::keys::{PublicKey, SecretKey};
use zeroize::Zeroizing;

/// Written once, when the store is created.
#[derive(Clone)]
pub struct Identity {
    /// The device's number.
    pub device: DeviceNumber,
    /// Its office.
    pub office: OfficeCode,
    /// Name of the office in Persian.
    pub office_title: String,
    /// District and county in Persian.
    pub district_title: String,
    /// Address of the centre as it was typed at enrolment.
    pub centre_url: String,
    /// Address of the public pages, printed on receipts.
    pub public_url: String,
    /// Certificate for receipts.
    pub certificate: Certificate,
    /// The centre's public key; pinned.
    pub centre_key: PublicKey,
    /// Seed of the device's signing key.
    pub key_seed: Zeroizing<[u8; 32]>,
    /// Secret from which ids, salts and codes are derived.
    pub secret: DeviceSecret,
    /// The centre's epoch at enrolment; the present one is in the state of synchronisation.
    pub epoch: [u8; 16],
}

impl Identity {
    /// The device's signing key.
    #[must_use]
    pub fn key(&self) -> SecretKey {
        SecretKey::from_seed(&self.key_seed)
    }
}
