//! Enrolment over the line: a one-time code becomes a device. Invariant: the key pair is made
//! here and its secret half never leaves this machine.

use pishkhan_domain::digits::to_latin_digits;
use pishkhan_protocol::enrolment::{EnrolReply, EnrolRequest};
use pishkhan_protocol::keys::SecretKey;
use reqwest::StatusCode;
use zeroize::Zeroizing;

use crate::engine::{Config, Trouble};
use crate::line::{BadAddress, Line};

/// Why this machine is not enrolled.
#[derive(Debug, thiserror::Error)]
pub enum EnrolError {
    /// The address must be mended.
    #[error(transparent)]
    BadAddress(#[from] BadAddress),
    /// The code is wrong, used or expired: ask the centre for a new one.
    #[error("the centre does not take the code")]
    CodeRefused,
    /// No answer of a centre: try again, perhaps on another line.
    #[error("no answer of the centre: {0:?}")]
    Line(Trouble),
    /// Somebody answered whose certificate does not fit: not to be trusted.
    #[error("the answer does not certify this machine")]
    NotCertified,
    /// The system gives no random bytes.
    #[error("no random bytes")]
    NoRandom,
}

/// How often the same request is sent while the line is cut.
const TRIES: u32 = 3;

/// Seed of a device's signing key.
pub type Seed = Zeroizing<[u8; 32]>;

/// Seed of a new device's signing key. Keep it until the device is made: a code that was spent by a
/// request whose reply was lost is good for the same key alone.
///
/// # Errors
/// [`EnrolError::NoRandom`].
pub fn new_seed() -> Result<Seed, EnrolError> {
    let mut seed = Zeroizing::new([0; 32]);
    getrandom::fill(seed.as_mut_slice()).map_err(|_| EnrolError::NoRandom)?;
    Ok(seed)
}

/// Exchanges a code, as typed, for a device number; the second value is the seed of the device's
/// new signing key, to be kept sealed.
///
/// # Errors
/// [`EnrolError`]; nothing was changed on this machine.
pub async fn enrol(
    centre_url: &str,
    code: &str,
    machine: &str,
) -> Result<(EnrolReply, Seed), EnrolError> {
    let seed = new_seed()?;
    let reply = enrol_with_seed(centre_url, code, machine, &seed).await?;
    Ok((reply, seed))
}

/// As [`enrol`], with a key that may have been sent before.
///
/// # Errors
/// [`EnrolError`]; nothing was changed on this machine.
pub async fn enrol_with_seed(
    centre_url: &str,
    code: &str,
    machine: &str,
    seed: &Seed,
) -> Result<EnrolReply, EnrolError> {
    let code = normalised_code(code);
    if code.is_empty() {
        return Err(EnrolError::CodeRefused);
    }
    let mut line = Line::new(centre_url, &Config::default())?;
    let key = SecretKey::from_seed(seed).public();
    let request = EnrolRequest { code, key, machine: machine.to_owned(), agent: crate::agent() };
    let bytes = ask(&mut line, &request.to_bytes()).await?;
    let reply =
        EnrolReply::from_bytes(&bytes).map_err(|_| EnrolError::Line(Trouble::NotTheCentre))?;
    let facts =
        reply.certificate.verify(&reply.centre_key).map_err(|_| EnrolError::NotCertified)?;
    let certified = facts.device == reply.device && facts.office == reply.office;
    if certified && facts.key == key { Ok(reply) } else { Err(EnrolError::NotCertified) }
}

/// Asks again at once when the line was cut: what the centre answered may be lost on the way.
async fn ask(line: &mut Line, request: &[u8]) -> Result<Vec<u8>, EnrolError> {
    let mut tries = 1;
    loop {
        let refusal = match line.post("sync/v1/enrol", request.to_vec()).await {
            Ok(bytes) => return Ok(bytes),
            Err(refusal) => refusal,
        };
        match (refusal.status, refusal.trouble) {
            (Some(StatusCode::FORBIDDEN), _) => return Err(EnrolError::CodeRefused),
            (None, Trouble::Unreachable | Trouble::Timeout) if tries < TRIES => tries += 1,
            (_, trouble) => return Err(EnrolError::Line(trouble)),
        }
    }
}

/// Upper case, Latin digits, without separators.
fn normalised_code(typed: &str) -> String {
    to_latin_digits(typed)
        .chars()
        .filter(char::is_ascii_alphanumeric)
        .collect::<String>()
        .to_ascii_uppercase()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_is_taken_however_it_is_typed() {
        for typed in ["AB12-CD34", " ab12 cd34 ", "ab۱۲–cd۳۴", "AB١٢\u{200c}CD٣٤"] {
            assert_eq!(normalised_code(typed), "AB12CD34", "{typed}");
        }
        assert_eq!(normalised_code("—"), "");
    }
}
