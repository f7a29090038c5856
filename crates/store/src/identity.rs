//! Who this device is: what the centre gave at enrolment and the device's own key. Kept inside
//! the encrypted database, and there only.

use pishkhan_domain::ids::{DeviceNumber, OfficeCode};
use pishkhan_protocol::certificate::Certificate;
use pishkhan_protocol::derive::DeviceSecret;
use pishkhan_protocol::keys::{PublicKey, SecretKey};
use rusqlite::{Connection, named_params};
use zeroize::Zeroizing;

use crate::error::StoreError;

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

impl Identity {
    pub(crate) fn insert(&self, connection: &Connection) -> Result<(), StoreError> {
        connection.execute(
            include_str!("identity/insert.sql"),
            named_params! {
                ":device": self.device.0,
                ":office": self.office.0,
                ":office_title": self.office_title,
                ":district_title": self.district_title,
                ":centre_url": self.centre_url,
                ":public_url": self.public_url,
                ":certificate": self.certificate.to_bytes(),
                ":centre_key": self.centre_key.0,
                ":key_seed": &self.key_seed[..],
                ":secret": &self.secret.0[..],
                ":epoch": self.epoch,
            },
        )?;
        Ok(())
    }

    pub(crate) fn read(connection: &Connection) -> Result<Self, StoreError> {
        let sql = "SELECT device, office, office_title, district_title, centre_url, public_url, \
                   certificate, centre_key, key_seed, secret, epoch FROM identity";
        let mut statement = connection.prepare(sql)?;
        let mut rows = statement.query([])?;
        let row = rows.next()?.ok_or_else(|| StoreError::corrupt("no identity of this device"))?;
        let certificate: Vec<u8> = row.get("certificate")?;
        Ok(Self {
            device: DeviceNumber(row.get("device")?),
            office: OfficeCode(row.get("office")?),
            office_title: row.get("office_title")?,
            district_title: row.get("district_title")?,
            centre_url: row.get("centre_url")?,
            public_url: row.get("public_url")?,
            certificate: Certificate::from_bytes(&certificate)
                .map_err(|_| StoreError::corrupt("the certificate of this device"))?,
            centre_key: PublicKey(row.get("centre_key")?),
            key_seed: Zeroizing::new(row.get("key_seed")?),
            secret: DeviceSecret(row.get("secret")?),
            epoch: row.get("epoch")?,
        })
    }
}
