//! The administrator's orders: each opens the database, does one thing and says what it did.

use std::io::Write as _;
use std::path::Path;

use anyhow::{Context as _, bail};
use pishkhan_domain::ids::{AgencyCode, DeviceNumber, OfficeCode};
use pishkhan_protocol::keys::SecretKey;
use pishkhan_server::administration::{self, NewMember};
use pishkhan_server::agency_systems;
use pishkhan_server::centre::load_identity;
use pishkhan_server::clock::system_clock;
use pishkhan_server::enrolment::issue_code;
use pishkhan_server::secret::{hex, random, readable};
use pishkhan_server::storage::{
    self, SharedStorage, agency_tokens, audit_log, devices, districts, factors, identity, offices,
    sessions, staff,
};

const PASSWORD_LETTERS: usize = 12;

/// An address without a slash at its end.
pub(super) fn public_url(text: &str) -> Result<String, String> {
    let url = text.trim_end_matches('/');
    let host = url.strip_prefix("https://").or_else(|| url.strip_prefix("http://"));
    match host {
        Some(host) if !host.is_empty() && !host.contains(['#', '?', ' ']) => Ok(url.to_owned()),
        _ => Err("an address such as https://pishkhan.example.ir".to_owned()),
    }
}

pub(super) async fn publish(database: &str, folder: &Path) -> anyhow::Result<()> {
    let (storage, key, now) = open(database).await?;
    let mut unit = storage.begin().await?;
    let published = administration::publish_catalogue(unit.as_mut(), &key, folder, now).await?;
    let subject = published.to_string();
    audit_log::record_order(unit.as_mut(), "catalogue.published", &subject, now).await?;
    unit.commit().await?;
    say(&format!("published {published}"))
}

pub(super) async fn add_office(
    database: &str,
    code: &str,
    title: &str,
    district: &str,
) -> anyhow::Result<()> {
    let (storage, _, now) = open(database).await?;
    let mut unit = storage.begin().await?;
    let office = administration::add_office(unit.as_mut(), code, title, district, now).await?;
    audit_log::record_order(unit.as_mut(), "office.added", code, now).await?;
    unit.commit().await?;
    say(&format!("office {office}"))
}

pub(super) async fn place_office(
    database: &str,
    code: &str,
    district: &str,
    distance_km: u32,
) -> anyhow::Result<()> {
    let (storage, _, now) = open(database).await?;
    let mut unit = storage.begin().await?;
    let office = OfficeCode::from(code);
    if offices::find(unit.as_mut(), &office).await?.is_none() {
        bail!("there is no office {office}");
    }
    if !districts::all(unit.as_mut()).await?.iter().any(|known| known.code == district) {
        bail!("there is no district {district}");
    }
    offices::place(unit.as_mut(), &office, district, distance_km).await?;
    audit_log::record_order(unit.as_mut(), "office.added", code, now).await?;
    unit.commit().await?;
    say(&format!("office {office} in {district}"))
}

pub(super) async fn enrolment_code(database: &str, office: &str) -> anyhow::Result<()> {
    let (storage, _, now) = open(database).await?;
    let mut unit = storage.begin().await?;
    let office = OfficeCode::from(office);
    if offices::find(unit.as_mut(), &office).await?.is_none() {
        bail!("there is no office {office}");
    }
    let code = issue_code(unit.as_mut(), &office, now).await?;
    audit_log::record_order(unit.as_mut(), "device.code_issued", &office.0, now).await?;
    unit.commit().await?;
    say(&code)
}

pub(super) async fn add_member(database: &str, member: &NewMember<'_>) -> anyhow::Result<()> {
    let (storage, _, now) = open(database).await?;
    let password = readable::<PASSWORD_LETTERS>()?.to_ascii_lowercase();
    let mut unit = storage.begin().await?;
    administration::add_member(unit.as_mut(), member, &password, true, now).await?;
    audit_log::record_order(unit.as_mut(), "staff.added", member.username, now).await?;
    unit.commit().await?;
    say(&password)
}

pub(super) async fn reset_factor(database: &str, username: &str) -> anyhow::Result<()> {
    let (storage, _, now) = open(database).await?;
    let mut unit = storage.begin().await?;
    if staff::find(unit.as_mut(), username).await?.is_none() {
        bail!("there is no member {username}");
    }
    factors::clear(unit.as_mut(), username).await?;
    sessions::close_all(unit.as_mut(), username).await?;
    audit_log::record_order(unit.as_mut(), "staff.factor_reset", username, now).await?;
    unit.commit().await?;
    say(&format!("{username} has no second factor"))
}

pub(super) async fn add_token(database: &str, agency: &str, title: &str) -> anyhow::Result<()> {
    let (storage, _, now) = open(database).await?;
    let (agency, title) = (AgencyCode::from(agency), agency_systems::title(title)?);
    let mut unit = storage.begin().await?;
    let token = agency_systems::make(unit.as_mut(), &agency, &title, now).await?;
    audit_log::record_order_of(unit.as_mut(), "agency_token.added", &agency.0, &title, now).await?;
    unit.commit().await?;
    say(&token)
}

pub(super) async fn revoke_token(database: &str, agency: &str, title: &str) -> anyhow::Result<()> {
    let (storage, _, now) = open(database).await?;
    let (agency, mut title) = (AgencyCode::from(agency), title.trim().to_owned());
    let mut unit = storage.begin().await?;
    let mut taken = agency_tokens::revoke(unit.as_mut(), &agency, &title, now).await?;
    if taken == 0 {
        // As it is kept when it was made by a newer version.
        title = agency_systems::title(&title)?;
        taken = agency_tokens::revoke(unit.as_mut(), &agency, &title, now).await?;
    }
    if taken == 0 {
        bail!("there is no token «{title}» of {agency} in force");
    }
    audit_log::record_order_of(unit.as_mut(), "agency_token.revoked", &agency.0, &title, now)
        .await?;
    unit.commit().await?;
    say(&format!("{taken} taken away"))
}

pub(super) async fn revoke(database: &str, number: u32) -> anyhow::Result<()> {
    let (storage, _, now) = open(database).await?;
    let mut unit = storage.begin().await?;
    if !devices::revoke(unit.as_mut(), DeviceNumber(number), now).await? {
        bail!("there is no device {number}");
    }
    let subject = number.to_string();
    audit_log::record_order(unit.as_mut(), "device.revoked", &subject, now).await?;
    unit.commit().await?;
    say(&format!("device {number} revoked"))
}

pub(super) async fn key(database: &str) -> anyhow::Result<()> {
    let (_, key, _) = open(database).await?;
    say(&hex(&key.public().0))
}

pub(super) async fn restored(database: &str) -> anyhow::Result<()> {
    let (storage, _, now) = open(database).await?;
    let epoch = random()?;
    let mut unit = storage.begin().await?;
    identity::set_epoch(unit.as_mut(), epoch).await?;
    audit_log::record_order(unit.as_mut(), "centre.restored", &hex(&epoch), now).await?;
    unit.commit().await?;
    say(&format!("epoch {}", hex(&epoch)))
}

pub(super) async fn open(database: &str) -> anyhow::Result<(SharedStorage, SecretKey, i64)> {
    let now = system_clock()();
    let storage = storage::open(database).await.context("opening the database")?;
    let identity = load_identity(&storage, now).await?;
    Ok((storage, SecretKey::from_seed(&identity.key_seed), now))
}

/// One line for whoever called.
pub(super) fn say(line: &str) -> anyhow::Result<()> {
    writeln!(std::io::stdout(), "{line}")?;
    Ok(())
}
