//! Signing in, step by step: password, second factor, a password of one's own, setting a factor up.
//!
//! Invariants: there is no session before the last step; a code of the factor and a recovery code
//! are good once.

use pishkhan_protocol::event::{Hash, tagged_hash};

use crate::access::Role;
use crate::centre::Centre;
use crate::factor::FactorError;
use crate::secret::{random, readable};
use crate::storage::factors::{self, Standing};
use crate::storage::{StorageError, Unit};
use crate::totp::{self, Secret};

/// How long signing in may take.
pub const SIGN_IN_LIFE_MS: i64 = 10 * 60_000;
/// Recovery codes that are given at once.
const RECOVERY_CODES: usize = 8;
/// Letters of each: 28 of 30 are 137 bits, so that a plain hash keeps them.
const RECOVERY_LETTERS: usize = 28;

/// Why it went no further.
#[derive(Debug, thiserror::Error)]
pub enum SignInError {
    /// The database.
    #[error(transparent)]
    Storage(#[from] StorageError),
    /// The seal of the factor.
    #[error(transparent)]
    Factor(#[from] FactorError),
    /// The system has no randomness.
    #[error("no randomness")]
    Randomness(#[from] getrandom::Error),
}

/// What comes next after the password.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    /// To show the second factor.
    ShowFactor,
    /// To choose a password instead of the one that was given.
    ChoosePassword,
    /// To set a second factor up.
    SetUpFactor,
    /// Nothing: there may be a session.
    Done,
}

/// What comes next for a role with this standing. Nobody chooses a password or sets a factor up
/// before showing the one there is.
#[must_use]
pub fn next_step(role: Role, standing: &Standing, factor_shown: bool) -> Step {
    if standing.factor.is_some() && !factor_shown {
        Step::ShowFactor
    } else if standing.password_is_given {
        Step::ChoosePassword
    } else if standing.factor.is_none() && role.needs_factor() {
        Step::SetUpFactor
    } else {
        Step::Done
    }
}

/// What somebody showed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shown {
    /// A code of the app, good and now taken.
    Code,
    /// A recovery code, good and now spent.
    RecoveryCode,
    /// Nothing that is good, or not any more.
    Wrong,
}

/// Takes what somebody typed as second factor. The caller commits.
///
/// # Errors
/// [`SignInError`].
pub async fn show_factor(
    centre: &Centre,
    unit: &mut dyn Unit,
    username: &str,
    typed: &str,
) -> Result<Shown, SignInError> {
    let now = centre.now();
    let Some(standing) = factors::standing(unit, username).await? else {
        return Ok(Shown::Wrong);
    };
    let Some(sealed) = &standing.factor else { return Ok(Shown::Wrong) };
    if is_recovery_code(typed) {
        let hash = recovery_hash(username, typed);
        let spent = factors::spend_recovery_code(unit, username, hash, now).await?;
        return Ok(if spent { Shown::RecoveryCode } else { Shown::Wrong });
    }
    let secret = centre.factor_key.open(username, sealed).await?;
    match totp::matching_step(&secret, typed, now, standing.taken_step) {
        Some(step) if factors::take_step(unit, username, step).await? => Ok(Shown::Code),
        _ => Ok(Shown::Wrong),
    }
}

/// A new secret for a factor, with its seal.
///
/// # Errors
/// [`SignInError`].
pub async fn new_secret(centre: &Centre, username: &str) -> Result<(Secret, Vec<u8>), SignInError> {
    let secret = random()?;
    let sealed = centre.factor_key.seal(username, &secret).await?;
    Ok((secret, sealed))
}

/// Sets a factor up if what was typed is its code; gives the recovery codes, which are shown once.
/// None when it is not. The caller commits.
///
/// # Errors
/// [`SignInError`].
pub async fn set_up_factor(
    centre: &Centre,
    unit: &mut dyn Unit,
    username: &str,
    sealed: &[u8],
    typed: &str,
) -> Result<Option<Vec<String>>, SignInError> {
    let secret = centre.factor_key.open(username, sealed).await?;
    let Some(step) = totp::matching_step(&secret, typed, centre.now(), 0) else {
        return Ok(None);
    };
    factors::set(unit, username, sealed, step).await?;
    new_recovery_codes(unit, username).await.map(Some)
}

/// Gives a member other recovery codes, which are shown once. The caller commits.
///
/// # Errors
/// [`SignInError`].
pub async fn new_recovery_codes(
    unit: &mut dyn Unit,
    username: &str,
) -> Result<Vec<String>, SignInError> {
    let codes = (0..RECOVERY_CODES).map(|_| readable::<RECOVERY_LETTERS>());
    let codes = codes.collect::<Result<Vec<_>, _>>()?;
    let hashes: Vec<Hash> = codes.iter().map(|code| recovery_hash(username, code)).collect();
    factors::replace_recovery_codes(unit, username, &hashes).await?;
    Ok(codes.iter().map(|code| in_fours(code)).collect())
}

fn in_fours(code: &str) -> String {
    let letters: Vec<char> = code.chars().collect();
    let fours = letters.chunks(4).map(|four| four.iter().collect::<String>());
    fours.collect::<Vec<_>>().join("-")
}

/// Codes of the app have six digits; whoever types letters means a recovery code.
fn is_recovery_code(typed: &str) -> bool {
    typed.chars().filter(char::is_ascii_alphanumeric).count() == RECOVERY_LETTERS
}

fn recovery_hash(username: &str, typed: &str) -> Hash {
    let letters: String = typed.chars().filter(char::is_ascii_alphanumeric).collect();
    let letters = letters.to_ascii_uppercase();
    tagged_hash(b"pishkhan/recovery-code/v1", &[username.as_bytes(), letters.as_bytes()])
}

#[cfg(test)]
mod tests {
    use super::*;

    fn standing(factor: bool, given: bool) -> Standing {
        Standing {
            password_hash: String::new(),
            password_is_given: given,
            factor: factor.then(|| vec![1]),
            taken_step: 0,
        }
    }

    #[test]
    fn the_factor_comes_first_and_no_role_that_needs_one_is_done_without() {
        for role in Role::ALL {
            assert_eq!(next_step(role, &standing(true, true), false), Step::ShowFactor);
            assert_eq!(next_step(role, &standing(true, true), true), Step::ChoosePassword);
            assert_eq!(next_step(role, &standing(false, true), false), Step::ChoosePassword);
            assert_eq!(next_step(role, &standing(true, false), true), Step::Done);
            let bare = next_step(role, &standing(false, false), false);
            let expected = if role.needs_factor() { Step::SetUpFactor } else { Step::Done };
            assert_eq!(bare, expected, "{role}");
        }
    }

    #[test]
    fn a_recovery_code_is_read_as_people_type_it() {
        let code = "ABCD-EFGH-JKMN-PQRS-TVWX-YZ23-4567";
        assert!(is_recovery_code(code) && !is_recovery_code("123456"));
        let typed = code.to_lowercase().replace('-', " ");
        assert_eq!(recovery_hash("a", code), recovery_hash("a", &typed));
        assert_ne!(recovery_hash("a", code), recovery_hash("b", code));
        assert_eq!(in_fours("ABCDEFGH"), "ABCD-EFGH");
    }
}
