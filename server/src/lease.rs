//! The lease: how a second living copy of a device is noticed.
//!
//! The centre takes the current lease and the one before, since a reply may have been lost. Any
//! other is held by a copy that has not been here since.

/// A lease.
pub type Lease = [u8; 16];

/// What to do with a lease that was presented.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LeaseDecision {
    /// Give a new one; the current becomes the one before.
    Rotate,
    /// The last reply was lost: give the current one again.
    Reissue,
    /// A copy may be alive.
    Stale,
}

/// Decides. Before its first lease a device has none, so "none" is then the lease before.
#[must_use]
pub fn decide(
    current: Option<Lease>,
    previous: Option<Lease>,
    presented: Option<Lease>,
    epoch_changed: bool,
) -> LeaseDecision {
    if epoch_changed || current == presented {
        LeaseDecision::Rotate
    } else if previous == presented {
        LeaseDecision::Reissue
    } else if current.is_none() {
        LeaseDecision::Rotate
    } else {
        LeaseDecision::Stale
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const A: Option<Lease> = Some([1; 16]);
    const B: Option<Lease> = Some([2; 16]);
    const C: Option<Lease> = Some([3; 16]);

    #[test]
    fn current_rotates_previous_reissues_older_is_stale() {
        assert_eq!(decide(C, B, C, false), LeaseDecision::Rotate);
        assert_eq!(decide(C, B, B, false), LeaseDecision::Reissue);
        assert_eq!(decide(C, B, A, false), LeaseDecision::Stale);
        assert_eq!(decide(C, B, None, false), LeaseDecision::Stale);
    }

    #[test]
    fn first_contact_whose_reply_was_lost_gets_the_same_lease() {
        assert_eq!(decide(None, None, None, false), LeaseDecision::Rotate);
        assert_eq!(decide(A, None, None, false), LeaseDecision::Reissue);
    }

    #[test]
    fn after_a_change_of_epoch_any_lease_is_taken() {
        assert_eq!(decide(A, None, C, true), LeaseDecision::Rotate);
    }
}
