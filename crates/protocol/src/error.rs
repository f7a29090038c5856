//! Why bytes from elsewhere are not taken.

/// Split by what the caller would do.
#[derive(Debug, thiserror::Error)]
pub enum ProtocolError {
    /// The bytes are not what they should be: cut, garbled, too long.
    #[error("the bytes are not a {what}")]
    Malformed {
        /// What was expected.
        what: &'static str,
    },
    /// A signature does not hold.
    #[error("the signature of the {what} does not hold")]
    BadSignature {
        /// What was signed.
        what: &'static str,
    },
    /// The facts and the proof do not belong together.
    #[error("the {what} does not match its commitment")]
    Mismatch {
        /// What differs.
        what: &'static str,
    },
    /// A protocol, codec or encoding this side does not know.
    #[error("unknown {what} {number}")]
    Unknown {
        /// What kind of number.
        what: &'static str,
        /// The number.
        number: u64,
    },
}
