//! Randomness and the texts made of it.

use std::fmt::Write as _;

/// Random bytes of the operating system.
///
/// # Errors
/// When it has none.
pub fn random<const N: usize>() -> Result<[u8; N], getrandom::Error> {
    let mut bytes = [0; N];
    #[cfg(feature = "simulation")]
    if simulated::fill(&mut bytes) {
        return Ok(bytes);
    }
    getrandom::fill(&mut bytes)?;
    Ok(bytes)
}

/// Randomness from a seed, for a simulation that must be repeatable: on one thread, once it asked.
#[cfg(feature = "simulation")]
pub mod simulated {
    use std::cell::Cell;

    thread_local! {
        static STATE: Cell<Option<u64>> = const { Cell::new(None) };
    }

    /// From now on this thread's random bytes come from this seed.
    pub fn seed(seed: u64) {
        STATE.set(Some(seed));
    }

    pub(super) fn fill(bytes: &mut [u8]) -> bool {
        let Some(mut state) = STATE.get() else { return false };
        for piece in bytes.chunks_mut(8) {
            // SplitMix64 (Steele and others 2014).
            state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
            let mixed = (state ^ (state >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
            let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
            piece.copy_from_slice(&(mixed ^ (mixed >> 31)).to_le_bytes()[..piece.len()]);
        }
        STATE.set(Some(state));
        true
    }
}

/// Lower-case hexadecimal digits.
#[must_use]
pub fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::with_capacity(2 * bytes.len()), |mut text, byte| {
        // Writing to a String cannot fail.
        let _ = write!(text, "{byte:02x}");
        text
    })
}

/// A UUIDv7 (RFC 9562) at a time in milliseconds since 1970.
#[must_use]
pub fn uuid_at(at_ms: i64) -> uuid::Uuid {
    // Without randomness an id would only be less unlikely to repeat; feeds are numbered anyway.
    let random = random().unwrap_or_default();
    let millis = u64::try_from(at_ms).unwrap_or(0);
    uuid::Builder::from_unix_timestamp_millis(millis, &random).into_uuid()
}

/// Letters and digits that nobody confuses when reading aloud or typing: no 0 O 1 I L U.
const ALPHABET: &[u8; 30] = b"23456789ABCDEFGHJKMNPQRSTVWXYZ";

/// A code of `N` such letters, evenly distributed.
///
/// # Errors
/// As [`random`].
pub fn readable<const N: usize>() -> Result<String, getrandom::Error> {
    let mut code = String::with_capacity(N);
    while code.len() < N {
        let bytes: [u8; 64] = random()?;
        // 240 is the largest multiple of 30 in a byte: beyond it some letters would be likelier.
        let fair = bytes.iter().filter(|byte| **byte < 240);
        code.extend(fair.map(|byte| char::from(ALPHABET[usize::from(byte % 30)])));
    }
    code.truncate(N);
    Ok(code)
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn codes_have_their_length_and_only_clear_letters() {
        let code = readable::<20>().unwrap();
        assert_eq!(code.len(), 20);
        assert!(code.bytes().all(|letter| ALPHABET.contains(&letter)));
        assert_ne!(code, readable::<20>().unwrap());
    }
}
