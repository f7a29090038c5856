//! The last time of the centre that a device had seen when it filed: the lower end of the interval
//! in which a filing provably happened (promise P3).

use minicbor::{Decode, Encode};

/// Given out by the centre with every reply. `nonce` cannot be guessed before `at_ms`, and the
/// centre can recompute it, so it proves that the device's entry is younger.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode)]
pub struct Anchor {
    /// Centre's time, milliseconds since 1970-01-01T00:00:00Z.
    #[n(0)]
    pub at_ms: i64,
    /// HMAC-SHA-256 of device number and time under a secret of the centre, first 16 bytes.
    #[cbor(n(1), with = "minicbor::bytes")]
    pub nonce: [u8; 16],
}
