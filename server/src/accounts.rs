//! What the administrator does to accounts of the staff: each act in one transaction, with its entry
//! in the audit log.
//!
//! Invariants: there is always an administrator whose account is open; whoever is given other
//! rights, a password or no factor, or is closed, has no session afterwards.

use pishkhan_domain::persian_text::clean;

use crate::access::Role;
use crate::administration::{AdministrationError, NewMember, add_member};
use crate::passwords;
use crate::secret::readable;
use crate::storage::accounts::{self, Account};
use crate::storage::staff::Officer;
use crate::storage::{StorageError, Unit, audit_log, factors, sessions, sign_ins};

const PASSWORD_LETTERS: usize = 12;
const MAX_NAME: usize = 100;
const MAX_REASON: usize = 200;

/// Why an act on an account was not carried out.
#[derive(Debug, thiserror::Error)]
pub enum AccountError {
    /// Role, agency or place do not fit, or a code is none.
    #[error(transparent)]
    Administration(#[from] AdministrationError),
    /// The name to log in with is somebody's.
    #[error("the username is taken")]
    Taken,
    /// There is no such account.
    #[error("there is no such account")]
    Unknown,
    /// The name is missing or too long.
    #[error("the display name is empty or too long")]
    Name,
    /// No reason was given, or it is too long.
    #[error("the reason is empty or too long")]
    Reason,
    /// Nobody else could administer.
    #[error("this is the last administrator")]
    LastAdministrator,
    /// The system has no randomness.
    #[error("no randomness")]
    Randomness(#[from] getrandom::Error),
}

impl From<StorageError> for AccountError {
    fn from(error: StorageError) -> Self {
        Self::Administration(error.into())
    }
}

/// Opens an account; gives the password, which is shown once and must be changed.
///
/// # Errors
/// [`AccountError`], as in all that follow; then nothing is to be committed.
pub async fn open(
    unit: &mut dyn Unit,
    by: &Officer,
    member: &NewMember<'_>,
    now: i64,
) -> Result<String, AccountError> {
    let display_name = named(member.display_name)?;
    if accounts::find(unit, member.username).await?.is_some() {
        return Err(AccountError::Taken);
    }
    let password = new_password()?;
    let member = NewMember { display_name: &display_name, ..*member };
    add_member(unit, &member, &password, true, now).await?;
    let subject = member.username;
    audit_log::record(unit, by, "staff.added", subject, member.role.name(), now).await?;
    Ok(password)
}

/// Changes name, role and scope.
///
/// # Errors
/// As [`open`].
pub async fn change(
    unit: &mut dyn Unit,
    by: &Officer,
    member: &NewMember<'_>,
    now: i64,
) -> Result<(), AccountError> {
    let display_name = named(member.display_name)?;
    let before = known(unit, member.username).await?.member;
    if member.role != Role::Administrator {
        another_administrator(unit, member.username).await?;
    }
    let member = NewMember { display_name: &display_name, ..*member };
    let after = member.resolved(unit).await?;
    accounts::change(unit, &after).await?;
    if (before.role, &before.scope) != (after.role, &after.scope) {
        end_sessions(unit, member.username).await?;
    }
    let detail = format!("{} → {}", before.role, after.role);
    audit_log::record(unit, by, "staff.changed", member.username, &detail, now).await?;
    Ok(())
}

/// Gives another password, which is shown once and must be changed.
///
/// # Errors
/// As [`open`].
pub async fn give_password(
    unit: &mut dyn Unit,
    by: &Officer,
    username: &str,
    now: i64,
) -> Result<String, AccountError> {
    known(unit, username).await?;
    let password = new_password()?;
    let hash = passwords::hash(password.clone()).await?;
    factors::set_password(unit, username, &hash, true).await?;
    end_sessions(unit, username).await?;
    audit_log::record(unit, by, "staff.password_given", username, "", now).await?;
    Ok(password)
}

/// Takes the second factor away: it is set up anew at the next sign-in.
///
/// # Errors
/// As [`open`].
pub async fn reset_factor(
    unit: &mut dyn Unit,
    by: &Officer,
    username: &str,
    now: i64,
) -> Result<(), AccountError> {
    known(unit, username).await?;
    factors::clear(unit, username).await?;
    end_sessions(unit, username).await?;
    audit_log::record(unit, by, "staff.factor_reset", username, "", now).await?;
    Ok(())
}

/// Closes an account.
///
/// # Errors
/// As [`open`].
pub async fn close(
    unit: &mut dyn Unit,
    by: &Officer,
    username: &str,
    reason: &str,
    now: i64,
) -> Result<(), AccountError> {
    let reason = given_reason(reason).ok_or(AccountError::Reason)?;
    known(unit, username).await?;
    another_administrator(unit, username).await?;
    accounts::close(unit, username, &reason, now).await?;
    end_sessions(unit, username).await?;
    audit_log::record(unit, by, "staff.closed", username, &reason, now).await?;
    Ok(())
}

/// Opens a closed account again, with another password.
///
/// # Errors
/// As [`open`].
pub async fn reopen(
    unit: &mut dyn Unit,
    by: &Officer,
    username: &str,
    now: i64,
) -> Result<String, AccountError> {
    known(unit, username).await?;
    accounts::reopen(unit, username).await?;
    audit_log::record(unit, by, "staff.reopened", username, "", now).await?;
    give_password(unit, by, username, now).await
}

/// A reason as it is kept; none when there is none or it is too long.
#[must_use]
pub fn given_reason(typed: &str) -> Option<String> {
    let reason = clean(typed).unwrap_or_default();
    (!reason.is_empty() && reason.chars().count() <= MAX_REASON).then_some(reason)
}

async fn known(unit: &mut dyn Unit, username: &str) -> Result<Account, AccountError> {
    accounts::find(unit, username).await?.ok_or(AccountError::Unknown)
}

/// Is somebody else left who administers, in case this one does not any more?
async fn another_administrator(unit: &mut dyn Unit, username: &str) -> Result<(), AccountError> {
    let open = accounts::lock_administrators(unit).await?;
    match &open[..] {
        [only] if only == username => Err(AccountError::LastAdministrator),
        _ => Ok(()),
    }
}

async fn end_sessions(unit: &mut dyn Unit, username: &str) -> Result<(), StorageError> {
    sessions::close_all(unit, username).await?;
    sign_ins::end_all(unit, username).await
}

fn new_password() -> Result<String, getrandom::Error> {
    readable::<PASSWORD_LETTERS>().map(|password| password.to_ascii_lowercase())
}

fn named(typed: &str) -> Result<String, AccountError> {
    let name = clean(typed).unwrap_or_default();
    let fits = !name.is_empty() && name.chars().count() <= MAX_NAME;
    if fits { Ok(name) } else { Err(AccountError::Name) }
}
