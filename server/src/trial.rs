//! The trial: a centre in one folder, with the catalogue published, a sample office, a sample
//! officer for each agency, a sample administrator, and a fresh code to enrol a device with.

use std::path::Path;

use pishkhan_domain::ids::OfficeCode;
use serde::{Deserialize, Serialize};

use crate::access::Role;
use crate::administration::{
    AdministrationError, NewMember, add_member, add_office, add_officer, publish_catalogue,
};
use crate::centre::Centre;
use crate::enrolment::{EnrolError, issue_code};
use crate::secret::{hex, readable};
use crate::storage::staff;

const OFFICE: &str = "sample-0001";
const OFFICE_TITLE: &str = "دفتر نمونه";
const DISTRICT_TITLE: &str = "دهستان نمونه، شهرستان نمونه";
const ADMINISTRATOR: &str = "administrator";
const PASSWORD_LETTERS: usize = 10;

/// What whoever started the trial needs to know.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct TrialSummary {
    /// Address the centre listens on.
    pub listen: String,
    /// Address of its pages.
    pub public_url: String,
    /// Code for one device.
    pub enrolment_code: String,
    /// Sample logins of the console.
    pub staff: Vec<SampleOfficer>,
    /// The centre's public key.
    pub centre_key_hex: String,
}

/// A sample login.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct SampleOfficer {
    /// Agency's code; empty for the administrator.
    pub agency: String,
    /// Name to log in with.
    pub username: String,
    /// Password.
    pub password: String,
}

/// Why there is no trial.
#[derive(Debug, thiserror::Error)]
pub enum TrialError {
    /// An order was not carried out.
    #[error(transparent)]
    Administration(#[from] AdministrationError),
    /// No code.
    #[error(transparent)]
    Enrol(#[from] EnrolError),
    /// Randomness.
    #[error("no randomness")]
    Randomness(#[from] getrandom::Error),
}

/// Fills what is missing of a trial and gives a fresh code. `known` are the logins of the last
/// start, whose passwords stay.
///
/// # Errors
/// [`TrialError`].
pub async fn prepare(
    centre: &Centre,
    catalogue: &Path,
    listen: String,
    known: Vec<SampleOfficer>,
) -> Result<TrialSummary, TrialError> {
    let now = centre.now();
    let mut unit = centre.storage.begin().await.map_err(AdministrationError::from)?;
    let unit_ref = unit.as_mut();
    publish_catalogue(unit_ref, &centre.key, catalogue, now).await?;
    let office = OfficeCode::from(OFFICE);
    add_office(unit_ref, OFFICE, OFFICE_TITLE, DISTRICT_TITLE, now).await?;
    let mut officers = known;
    for (agency, title) in staff::agencies(unit_ref).await.map_err(AdministrationError::from)? {
        if officers.iter().any(|officer| officer.agency == agency.0) {
            continue;
        }
        let password = readable::<PASSWORD_LETTERS>()?.to_ascii_lowercase();
        let name = format!("کارشناس نمونهٔ {title}");
        add_officer(unit_ref, &agency.0, &agency, &name, &password, now).await?;
        let username = agency.0.clone();
        officers.push(SampleOfficer { agency: agency.0, username, password });
    }
    if !officers.iter().any(|officer| officer.username == ADMINISTRATOR) {
        let password = readable::<PASSWORD_LETTERS>()?.to_ascii_lowercase();
        let member = NewMember {
            username: ADMINISTRATOR,
            display_name: "راهبر نمونه",
            role: Role::Administrator,
            agency: "",
            province: "",
            county: "",
        };
        add_member(unit_ref, &member, &password, false, now).await?;
        let (agency, username) = (String::new(), ADMINISTRATOR.to_owned());
        officers.push(SampleOfficer { agency, username, password });
    }
    let enrolment_code = issue_code(unit_ref, &office, now).await?;
    unit.commit().await.map_err(AdministrationError::from)?;
    Ok(TrialSummary {
        listen,
        public_url: centre.public_url.clone(),
        enrolment_code,
        staff: officers,
        centre_key_hex: hex(&centre.key.public().0),
    })
}
