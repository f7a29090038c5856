//! Passwords of the staff: Argon2id, and what a password must be.

use argon2::Argon2;
use argon2::password_hash::PasswordVerifier;
use argon2::password_hash::phc::PasswordHash;
use tokio::task::spawn_blocking;

use crate::administration::{AdministrationError, password_hash};

/// Fewest characters: with a second factor beside it, more than a person guesses.
const LEAST: usize = 10;
/// Most characters: hashing more only costs time.
const MOST: usize = 200;

/// Checked in the place of an unknown member's, so that both take as long.
const NOBODY: &str = "$argon2id$v=19$m=19456,t=2,p=1$bm9ib2R5bm9ib2R5bm8$\
                      3v1r2mEYb0nCvJoW6dJ8dJ1S0yq5iR3o2gk2oGgk6c0";

/// Does the password fit what is stored? It takes as long when nothing is.
pub async fn verify(stored: Option<String>, password: String) -> bool {
    let known = stored.is_some();
    let stored = stored.unwrap_or_else(|| NOBODY.to_owned());
    let fits = spawn_blocking(move || {
        PasswordHash::new(&stored)
            .is_ok_and(|hash| Argon2::default().verify_password(password.as_bytes(), &hash).is_ok())
    });
    fits.await.unwrap_or(false) && known
}

/// What is kept of a password.
///
/// # Errors
/// [`AdministrationError::Password`].
pub async fn hash(password: String) -> Result<String, AdministrationError> {
    let hashed = spawn_blocking(move || password_hash(&password)).await;
    hashed.map_err(|error| AdministrationError::Password(error.to_string()))?
}

/// Why a password is not taken; none when it is.
#[must_use]
pub fn fault(password: &str, again: &str, username: &str) -> Option<&'static str> {
    let length = password.chars().count();
    if length < LEAST {
        Some("گذرواژهٔ تازه دست‌کم ده نویسه داشته باشد. چند واژهٔ بی‌ربط کنار هم خوب است.")
    } else if length > MOST {
        Some("گذرواژهٔ تازه بلندتر از دویست نویسه است. کوتاه‌تر برگزینید.")
    } else if password.to_lowercase().contains(&username.to_lowercase()) {
        Some("گذرواژهٔ تازه نباید نام کاربری را در خود داشته باشد. گذرواژهٔ دیگری برگزینید.")
    } else if is_one_letter(password) {
        Some("گذرواژهٔ تازه تنها از یک نویسه ساخته شده است. گذرواژهٔ دیگری برگزینید.")
    } else if password != again {
        Some("گذرواژهٔ تازه و تکرار آن یکی نیست. هر دو را دوباره بنویسید.")
    } else {
        None
    }
}

fn is_one_letter(password: &str) -> bool {
    let mut letters = password.chars();
    let first = letters.next();
    letters.all(|letter| Some(letter) == first)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_unknown_member_costs_as_much_as_a_known_one() {
        // A hash that does not parse would be refused at once, and tell who is known.
        assert!(PasswordHash::new(NOBODY).is_ok());
    }

    #[test]
    fn a_password_is_long_and_not_the_name_and_typed_twice() {
        assert_eq!(fault("چهار واژهٔ بی‌ربط", "چهار واژهٔ بی‌ربط", "sample"), None);
        assert!(fault("kootah", "kootah", "sample").is_some());
        assert!(fault(&"آب".repeat(101), &"آب".repeat(101), "sample").is_some());
        assert!(fault("My-Sample-2026", "My-Sample-2026", "sample").is_some());
        assert!(fault("aaaaaaaaaaaa", "aaaaaaaaaaaa", "sample").is_some());
        assert!(fault("a long enough one", "a long enough two", "sample").is_some());
    }
}
