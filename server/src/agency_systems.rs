//! Agencies' own systems: the tokens by which they read their agency's applications.
//!
//! Invariant: a token is told once, to whoever made it; what is kept is its hash. No two tokens in
//! force of an agency have one title, since by its title a token is taken away and named in the log.

use pishkhan_domain::ids::AgencyCode;
use pishkhan_domain::persian_text::clean;

use crate::secret::{hex, random};
use crate::storage::{StorageError, Unit, agency_tokens, staff};

/// Longest name of an agency's system, in letters.
pub const MOST_TITLE: usize = 60;

/// Why no token was made.
#[derive(Debug, thiserror::Error)]
pub enum TokenError {
    /// There is no such agency.
    #[error("there is no such agency: publish a card of it first")]
    NoSuchAgency,
    /// It names the system in the staff's log.
    #[error("a title has 1 to {MOST_TITLE} letters: it names the system in the staff's log")]
    Title,
    /// One of that title is in force.
    #[error("a token of that title is in force: take it away first, or choose another title")]
    InForce,
    /// Try again later.
    #[error(transparent)]
    Storage(#[from] StorageError),
    /// The system has no randomness.
    #[error("no randomness")]
    Randomness(#[from] getrandom::Error),
}

/// The title as it is kept.
///
/// # Errors
/// [`TokenError::Title`].
pub fn title(typed: &str) -> Result<String, TokenError> {
    let title = clean(typed).map_err(|_| TokenError::Title)?;
    if (1..=MOST_TITLE).contains(&title.chars().count()) {
        Ok(title)
    } else {
        Err(TokenError::Title)
    }
}

/// Makes a token for a system of an agency, and gives it: it cannot be read again.
///
/// # Errors
/// [`TokenError`]; then nothing was kept.
pub async fn make(
    unit: &mut dyn Unit,
    agency: &AgencyCode,
    title: &str,
    now: i64,
) -> Result<String, TokenError> {
    if !staff::agencies(unit).await?.iter().any(|(known, _)| known == agency) {
        return Err(TokenError::NoSuchAgency);
    }
    let kept = agency_tokens::of(unit, agency).await?;
    if kept.iter().any(|token| token.title == title && token.revoked_at.is_none()) {
        return Err(TokenError::InForce);
    }
    let token = format!("pk_{}", hex(&random::<32>()?));
    agency_tokens::insert(unit, agency_tokens::token_hash(&token), agency, title, now).await?;
    Ok(token)
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn a_title_is_cleaned_and_has_some_letters_and_not_too_many() {
        assert_eq!(title("  سامانهٔ   نمونه ").unwrap(), clean("سامانهٔ نمونه").unwrap());
        for wrong in ["", "   ", "a\u{202e}b", &"ب".repeat(61)] {
            assert!(matches!(title(wrong), Err(TokenError::Title)), "{wrong:?}");
        }
    }
}
