//! What the administrator does: publish the catalogue, add offices and staff, revoke devices.

use std::io;
use std::path::{Path, PathBuf};

use argon2::Argon2;
use argon2::password_hash::PasswordHasher;
use pishkhan_domain::catalogue::Publication;
use pishkhan_domain::content_hash::ContentHash;
use pishkhan_domain::ids::{AgencyCode, OfficeCode};
use pishkhan_domain::service_card::ServiceCard;
use pishkhan_domain::working_days::WorkingCalendar;
use pishkhan_protocol::keys::{Purpose, SecretKey};

use crate::access::{Role, Scope};
use crate::storage::publications::{self, StoredPublication};
use crate::storage::staff::{self, Officer};
use crate::storage::{StorageError, Unit, identity, offices, sessions};

/// Why an administrator's order was not carried out.
#[derive(Debug, thiserror::Error)]
pub enum AdministrationError {
    /// The database.
    #[error(transparent)]
    Storage(#[from] StorageError),
    /// A file cannot be read.
    #[error("{0} cannot be read")]
    File(PathBuf, #[source] io::Error),
    /// A file is not what it should be.
    #[error("{0} is not a valid {1}")]
    Invalid(PathBuf, &'static str, #[source] serde_json::Error),
    /// A code has letters that do not belong in a code.
    #[error("a code has small letters, digits and dashes: {0}")]
    Code(String),
    /// There is no such thing.
    #[error("there is no {0} {1}")]
    Unknown(&'static str, String),
    /// A role has its agency, a governor a place; nobody has what is not the role's.
    #[error("the agency, province or county does not fit the role {0}")]
    Scope(Role),
    /// A password could not be hashed.
    #[error("the password cannot be hashed: {0}")]
    Password(String),
}

/// Publishes every card of `services/` in a folder, and `working-calendar.json` beside it, unless
/// they are published already; gives the number of new publications.
///
/// # Errors
/// [`AdministrationError`].
pub async fn publish_catalogue(
    unit: &mut dyn Unit,
    key: &SecretKey,
    folder: &Path,
    now: i64,
) -> Result<usize, AdministrationError> {
    let mut published = 0;
    for path in json_files(&folder.join("services"))? {
        let card: ServiceCard = read_json(&path, "service card")?;
        staff::upsert_agency(unit, &card.agency).await?;
        published +=
            usize::from(publish(unit, key, Publication::ServiceCard(Box::new(card)), now).await?);
    }
    let calendar = folder.join("working-calendar.json");
    if calendar.exists() {
        let calendar: WorkingCalendar = read_json(&calendar, "working calendar")?;
        let publication = Publication::WorkingCalendar(calendar);
        published += usize::from(publish(unit, key, publication, now).await?);
    }
    Ok(published)
}

/// Publishes unless the newest publication of the same kind and code has the same bytes.
///
/// # Errors
/// [`AdministrationError`].
pub async fn publish(
    unit: &mut dyn Unit,
    key: &SecretKey,
    publication: Publication,
    now: i64,
) -> Result<bool, AdministrationError> {
    let (kind, code) = match &publication {
        Publication::ServiceCard(card) => ("service_card", card.code.0.clone()),
        Publication::WorkingCalendar(_) => ("working_calendar", String::new()),
    };
    let bytes = serde_json::to_vec(&publication).map_err(|error| {
        AdministrationError::Invalid(PathBuf::from(&code), "publication", error)
    })?;
    let version = ContentHash::of(&bytes).to_string();
    if publications::newest_version(unit, kind, &code).await?.as_deref() == Some(&version) {
        return Ok(false);
    }
    let stored = StoredPublication {
        number: identity::next_publication(unit).await?,
        kind: kind.to_owned(),
        code,
        version,
        signature: key.sign(Purpose::Publication, &bytes),
        bytes,
    };
    publications::insert(unit, &stored, now).await?;
    Ok(true)
}

/// Adds an office, or renames it.
///
/// # Errors
/// [`AdministrationError`].
pub async fn add_office(
    unit: &mut dyn Unit,
    code: &str,
    title: &str,
    district_title: &str,
    now: i64,
) -> Result<OfficeCode, AdministrationError> {
    let office = OfficeCode(checked_code(code)?.to_owned());
    offices::upsert(unit, &office, title, district_title, now).await?;
    Ok(office)
}

/// Who is added to the staff, and as what.
#[derive(Clone, Copy, Debug)]
pub struct NewMember<'a> {
    /// Name to log in with.
    pub username: &'a str,
    /// Name as colleagues see it.
    pub display_name: &'a str,
    /// As what.
    pub role: Role,
    /// Of which agency; empty for a role that is of none.
    pub agency: &'a str,
    /// A governor's province; empty is the whole country.
    pub province: &'a str,
    /// A governor's county; empty is the whole province.
    pub county: &'a str,
}

impl NewMember<'_> {
    /// As a member, if name, agency and place fit the role and there is such an agency.
    ///
    /// # Errors
    /// [`AdministrationError`].
    pub async fn resolved(&self, unit: &mut dyn Unit) -> Result<Officer, AdministrationError> {
        checked_code(self.username)?;
        let scope = self.scope()?;
        let agencies = staff::agencies(unit).await?;
        let found = agencies.into_iter().find(|(known, _)| known.0 == self.agency);
        if found.is_none() && self.role.is_of_agency() {
            return Err(AdministrationError::Unknown("agency", self.agency.to_owned()));
        }
        let (agency, agency_title) = found.unwrap_or((AgencyCode::from(""), String::new()));
        Ok(Officer {
            username: self.username.to_owned(),
            role: self.role,
            scope,
            agency,
            agency_title,
            display_name: self.display_name.to_owned(),
        })
    }

    fn scope(&self) -> Result<Scope, AdministrationError> {
        let Self { role, agency, province, county, .. } = *self;
        if role.is_of_agency() == agency.is_empty() {
            return Err(AdministrationError::Scope(role));
        }
        let is_of_place = !province.is_empty() || !county.is_empty();
        if is_of_place && role != Role::Governor || province.is_empty() && !county.is_empty() {
            return Err(AdministrationError::Scope(role));
        }
        let province = province.to_owned();
        Ok(match () {
            () if role.is_of_agency() => Scope::Agency(AgencyCode::from(agency)),
            () if !county.is_empty() => Scope::County { province, county: county.to_owned() },
            () if is_of_place => Scope::Province(province),
            () => Scope::Country,
        })
    }
}

/// Adds an officer, or gives a new password.
///
/// # Errors
/// [`AdministrationError`].
pub async fn add_officer(
    unit: &mut dyn Unit,
    username: &str,
    agency: &AgencyCode,
    display_name: &str,
    password: &str,
    now: i64,
) -> Result<(), AdministrationError> {
    let (province, county) = ("", "");
    let (role, agency) = (Role::Officer, agency.0.as_str());
    let member = NewMember { username, display_name, role, agency, province, county };
    add_member(unit, &member, password, false, now).await
}

/// Adds a member of the staff, or changes one and gives a new password, with which all sessions
/// end. Whoever `must_change` it chooses another before anything else.
///
/// # Errors
/// [`AdministrationError`].
pub async fn add_member(
    unit: &mut dyn Unit,
    member: &NewMember<'_>,
    password: &str,
    must_change: bool,
    now: i64,
) -> Result<(), AdministrationError> {
    let officer = member.resolved(unit).await?;
    staff::upsert(unit, &officer, &password_hash(password)?, must_change, now).await?;
    sessions::close_all(unit, member.username).await?;
    Ok(())
}

/// What is kept of a password.
///
/// # Errors
/// [`AdministrationError::Password`].
pub fn password_hash(password: &str) -> Result<String, AdministrationError> {
    let hash = Argon2::default()
        .hash_password(password.as_bytes())
        .map_err(|error| AdministrationError::Password(error.to_string()))?;
    Ok(hash.to_string())
}

/// Codes become names of folders and parts of addresses.
pub(crate) fn checked_code(code: &str) -> Result<&str, AdministrationError> {
    let fits =
        |letter: u8| letter.is_ascii_lowercase() || letter.is_ascii_digit() || letter == b'-';
    if !code.is_empty() && code.len() <= 64 && code.bytes().all(fits) {
        Ok(code)
    } else {
        Err(AdministrationError::Code(code.to_owned()))
    }
}

fn json_files(folder: &Path) -> Result<Vec<PathBuf>, AdministrationError> {
    let failed = |error| AdministrationError::File(folder.to_owned(), error);
    let mut files = Vec::new();
    for entry in std::fs::read_dir(folder).map_err(failed)? {
        let path = entry.map_err(failed)?.path();
        if path.extension().is_some_and(|extension| extension == "json") {
            files.push(path);
        }
    }
    files.sort();
    Ok(files)
}

fn read_json<T: serde::de::DeserializeOwned>(
    path: &Path,
    what: &'static str,
) -> Result<T, AdministrationError> {
    let bytes =
        std::fs::read(path).map_err(|error| AdministrationError::File(path.to_owned(), error))?;
    serde_json::from_slice(&bytes)
        .map_err(|error| AdministrationError::Invalid(path.to_owned(), what, error))
}
