//! The lease: how a second living copy of a device is noticed.
//!
//! The centre takes the current lease and the one before, since a reply may have been lost. Any
//! other is held by a copy that has not been here since. A lease is good in the epoch in which it
//! was given: in a new one every device begins with none.

/// A lease.
pub type Lease = [u8; 16];

/// Epoch of the centre.
pub type Epoch = [u8; 16];

/// What the centre gave a device.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Leases {
    /// In which epoch; none before the first contact.
    pub epoch: Option<Epoch>,
    /// In force.
    pub current: Option<Lease>,
    /// Before that.
    pub previous: Option<Lease>,
    /// Has the device shown one, so that it is known to have heard of this epoch?
    pub shown: bool,
}

/// What to do with a lease that was presented.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LeaseDecision {
    /// Give a new one; the current becomes the one before.
    Rotate,
    /// The last reply was lost: give the current one again.
    Reissue,
    /// A copy may be alive, or a request was long under way.
    Stale,
}

impl Leases {
    /// What of them counts in an epoch.
    #[must_use]
    pub fn within(self, epoch: Epoch) -> Self {
        if self.epoch == Some(epoch) {
            self
        } else {
            Self { epoch: Some(epoch), ..Self::default() }
        }
    }

    /// Decides on what was presented: nothing, if it is a lease of another epoch.
    #[must_use]
    pub fn decide(&self, presented: Option<Lease>) -> LeaseDecision {
        match presented {
            None if self.shown => LeaseDecision::Stale,
            Some(_) if presented == self.previous => LeaseDecision::Reissue,
            Some(_) if presented == self.current => LeaseDecision::Rotate,
            None if self.current.is_some() => LeaseDecision::Reissue,
            _ if self.current.is_none() => LeaseDecision::Rotate,
            _ => LeaseDecision::Stale,
        }
    }

    /// Puts a new one in force after `presented` was shown.
    #[must_use]
    pub fn rotated(self, presented: Option<Lease>, new: Lease) -> Self {
        let shown = self.shown || presented.is_some();
        Self { current: Some(new), previous: self.current, shown, ..self }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const A: Option<Lease> = Some([1; 16]);
    const B: Option<Lease> = Some([2; 16]);
    const C: Option<Lease> = Some([3; 16]);

    fn leases(current: Option<Lease>, previous: Option<Lease>, shown: bool) -> Leases {
        Leases { epoch: Some([9; 16]), current, previous, shown }
    }

    #[test]
    fn current_rotates_previous_reissues_older_is_stale() {
        let leases = leases(C, B, true);
        assert_eq!(leases.decide(C), LeaseDecision::Rotate);
        assert_eq!(leases.decide(B), LeaseDecision::Reissue);
        assert_eq!(leases.decide(A), LeaseDecision::Stale);
        assert_eq!(leases.decide(None), LeaseDecision::Stale);
        let rotated = leases.rotated(C, [4; 16]);
        assert_eq!((rotated.current, rotated.previous), (Some([4; 16]), C));
    }

    #[test]
    fn first_contact_whose_reply_was_lost_gets_the_same_lease() {
        assert_eq!(leases(None, None, false).decide(None), LeaseDecision::Rotate);
        let first = leases(None, None, false).rotated(None, [1; 16]);
        assert_eq!((first.current, first.shown), (A, false));
        assert_eq!(first.decide(None), LeaseDecision::Reissue);
    }

    #[test]
    fn a_new_epoch_begins_with_none_until_one_is_shown() {
        let before = leases(B, A, true);
        let begun = before.within([8; 16]);
        assert_eq!(begun.decide(None), LeaseDecision::Rotate);
        let given = begun.rotated(None, [3; 16]);
        assert_eq!(given.decide(None), LeaseDecision::Reissue);
        let shown = given.rotated(C, [4; 16]);
        assert_eq!(shown.decide(None), LeaseDecision::Stale);
        assert_eq!(shown.within([8; 16]), shown);
    }
}
