//! What a run that failed says.

/// An invariant that did not hold.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{invariant}: {detail}")]
pub struct Broken {
    /// Which.
    pub invariant: &'static str,
    /// How it was seen.
    pub detail: String,
}

/// Says that an invariant does not hold.
pub(crate) fn broken<T>(invariant: &'static str, detail: impl Into<String>) -> Result<T, Broken> {
    Err(Broken { invariant, detail: detail.into() })
}
