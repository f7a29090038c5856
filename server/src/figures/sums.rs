//! Figures as sums: of one month, one service and one place. Adding two gives the figures of both.
//!
//! Invariant: only numbers, and codes of the service card; nothing that anybody wrote.

use std::collections::BTreeMap;
use std::ops::AddAssign;

use serde::{Deserialize, Serialize};

/// How many waited how many working days: exact to a day, and small.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Days(BTreeMap<u32, u64>);

impl Days {
    /// Adds one that waited so long.
    pub fn add(&mut self, days: u32) {
        *self.0.entry(days).or_default() += 1;
    }

    /// How many there are.
    #[must_use]
    pub fn count(&self) -> u64 {
        self.0.values().sum()
    }

    /// The least number of days within which `percent` of a hundred had it behind them (nearest
    /// rank); none of none.
    #[must_use]
    pub fn percentile(&self, percent: u64) -> Option<u32> {
        let rank = (self.count() * percent).div_ceil(100).max(1);
        let mut seen = 0;
        self.0.iter().find_map(|(days, number)| {
            seen += number;
            (seen >= rank).then_some(*days)
        })
    }

    /// Half of them waited no longer.
    #[must_use]
    pub fn median(&self) -> Option<u32> {
        self.percentile(50)
    }

    /// Days and how many waited so long, shortest first.
    pub fn iter(&self) -> impl Iterator<Item = (u32, u64)> {
        self.0.iter().map(|(days, number)| (*days, *number))
    }

    fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl AddAssign<&Self> for Days {
    fn add_assign(&mut self, other: &Self) {
        add_all(&mut self.0, &other.0);
    }
}

/// The sums. What is counted when is written in docs/transparency.md.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Sums {
    /// Filed in the month.
    #[serde(skip_serializing_if = "is_nothing")]
    pub filed: u64,
    /// Received by the centre in the month.
    #[serde(skip_serializing_if = "is_nothing")]
    pub received: u64,
    /// First taken up in the month.
    #[serde(skip_serializing_if = "is_nothing")]
    pub accepted: u64,
    /// Withdrawn in the month.
    #[serde(skip_serializing_if = "is_nothing")]
    pub withdrawn: u64,
    /// Approved in the month. All that follow are of those decided in the month.
    #[serde(skip_serializing_if = "is_nothing")]
    pub approved: u64,
    /// Refused.
    #[serde(skip_serializing_if = "is_nothing")]
    pub refused: u64,
    /// Decided after the due day.
    #[serde(skip_serializing_if = "is_nothing")]
    pub late: u64,
    /// Returned at least once before the decision.
    #[serde(skip_serializing_if = "is_nothing")]
    pub returned: u64,
    /// The same, by path of the field or paper.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub returned_for: BTreeMap<String, u64>,
    /// Refused, by code of the card's reason.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub refused_for: BTreeMap<String, u64>,
    /// Waits for the line.
    #[serde(skip_serializing_if = "Days::is_empty")]
    pub line: Days,
    /// Waits for the agency.
    #[serde(skip_serializing_if = "Days::is_empty")]
    pub agency: Days,
    /// Waits for the citizen.
    #[serde(skip_serializing_if = "Days::is_empty")]
    pub citizen: Days,
    /// Visits that the old way needed, less those that were made; below nothing where more were.
    #[serde(skip_serializing_if = "is_nothing")]
    pub visits_saved: i64,
    /// The same in kilometres, there and back.
    #[serde(skip_serializing_if = "is_nothing")]
    pub km_saved: i64,
    /// Answers to "how satisfied are you", from 1 to 5.
    #[serde(skip_serializing_if = "is_nothing")]
    pub ratings: [u64; 5],
    /// Undecided now and not with the citizen, by due day; only where the month is none.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub open: BTreeMap<String, u64>,
    /// Undecided now, and with the citizen.
    #[serde(skip_serializing_if = "is_nothing")]
    pub open_for_citizen: u64,
}

impl Sums {
    /// Decided.
    #[must_use]
    pub fn decided(&self) -> u64 {
        self.approved + self.refused
    }

    /// Answers to the question of satisfaction.
    #[must_use]
    pub fn rated(&self) -> u64 {
        self.ratings.iter().sum()
    }

    /// Mean of the answers in tenths, rounded.
    #[must_use]
    pub fn satisfaction_tenths(&self) -> Option<u64> {
        let points: u64 =
            (1..).zip(self.ratings).map(|(points, number): (u64, _)| points * number).sum();
        let rated = self.rated();
        (rated > 0).then(|| (points * 10 + rated / 2) / rated)
    }

    /// Undecided now.
    #[must_use]
    pub fn open_now(&self) -> u64 {
        self.open.values().sum::<u64>() + self.open_for_citizen
    }

    /// Undecided and due before a day (ISO 8601), which is
    /// [`crate::service_clock::late_if_due_before`].
    #[must_use]
    pub fn late_now(&self, late_day: &str) -> u64 {
        let due_before = self.open.iter().take_while(|(due_on, _)| due_on.as_str() < late_day);
        due_before.map(|(_, number)| number).sum()
    }

    /// Nothing at all?
    #[must_use]
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}

impl AddAssign<&Self> for Sums {
    fn add_assign(&mut self, other: &Self) {
        self.filed += other.filed;
        self.received += other.received;
        self.accepted += other.accepted;
        self.withdrawn += other.withdrawn;
        self.approved += other.approved;
        self.refused += other.refused;
        self.late += other.late;
        self.returned += other.returned;
        add_all(&mut self.returned_for, &other.returned_for);
        add_all(&mut self.refused_for, &other.refused_for);
        self.line += &other.line;
        self.agency += &other.agency;
        self.citizen += &other.citizen;
        self.visits_saved += other.visits_saved;
        self.km_saved += other.km_saved;
        for (mine, theirs) in self.ratings.iter_mut().zip(other.ratings) {
            *mine += theirs;
        }
        add_all(&mut self.open, &other.open);
        self.open_for_citizen += other.open_for_citizen;
    }
}

impl<'a> std::iter::Sum<&'a Self> for Sums {
    fn sum<I: Iterator<Item = &'a Self>>(all: I) -> Self {
        let mut sum = Self::default();
        all.for_each(|one| sum += one);
        sum
    }
}

fn add_all<K: Ord + Clone>(mine: &mut BTreeMap<K, u64>, theirs: &BTreeMap<K, u64>) {
    for (key, number) in theirs {
        *mine.entry(key.clone()).or_default() += number;
    }
}

fn is_nothing<T: Default + PartialEq>(number: &T) -> bool {
    *number == T::default()
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn days(list: &[u32]) -> Days {
        let mut days = Days::default();
        list.iter().for_each(|one| days.add(*one));
        days
    }

    #[test]
    fn half_and_nine_of_ten_waited_no_longer() {
        assert_eq!(days(&[]).median(), None);
        assert_eq!(days(&[4]).percentile(90), Some(4));
        assert_eq!(days(&[1, 2, 3, 40]).median(), Some(2));
        assert_eq!(days(&[1, 2, 3, 4, 5, 6, 7, 8, 9, 10]).percentile(90), Some(9));
        assert_eq!(days(&[0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 30]).percentile(90), Some(0));
    }

    #[test]
    fn what_is_late_is_due_before_the_day() {
        let open = [("2026-11-23", 2), ("2026-11-24", 3), ("2026-11-25", 4)];
        let open = open.map(|(day, number)| (day.to_owned(), number)).into();
        let sums = Sums { open, ..Sums::default() };
        assert_eq!((sums.late_now("2026-11-24"), sums.open_now()), (2, 9));
    }

    #[test]
    fn satisfaction_is_a_mean_in_tenths() {
        let sums = Sums { ratings: [0, 0, 1, 0, 2], ..Sums::default() };
        assert_eq!(sums.satisfaction_tenths(), Some(43));
        assert_eq!(Sums::default().satisfaction_tenths(), None);
    }

    #[test]
    fn nothing_takes_no_room() {
        assert_eq!(serde_json::to_string(&Sums::default()).unwrap(), "{}");
    }

    proptest! {
        /// Against the plain definition: sort and count.
        #[test]
        fn a_percentile_is_that_of_the_sorted_list(
            mut list in prop::collection::vec(0..40_u32, 1..60), percent in 1..=100_usize
        ) {
            let expected = {
                list.sort_unstable();
                list[(list.len() * percent).div_ceil(100).max(1) - 1]
            };
            prop_assert_eq!(days(&list).percentile(percent as u64), Some(expected));
        }

        #[test]
        fn sums_survive_being_stored_and_added(a in sums(), b in sums()) {
            let stored: Sums = serde_json::from_str(&serde_json::to_string(&a).unwrap()).unwrap();
            prop_assert_eq!(&stored, &a);
            let (ab, ba): (Sums, Sums) = ([&a, &b].into_iter().sum(), [&b, &a].into_iter().sum());
            prop_assert_eq!(&ab, &ba);
            prop_assert_eq!(ab.decided(), a.decided() + b.decided());
            prop_assert_eq!(ab.agency.count(), a.agency.count() + b.agency.count());
        }
    }

    fn sums() -> impl Strategy<Value = Sums> {
        let waits = prop::collection::vec(0..90_u32, 0..20);
        (0..50_u64, 0..50_u64, waits, -5..90_i64, "[a-z]{1,3}").prop_map(
            |(filed, refused, waits, visits_saved, reason)| Sums {
                filed,
                refused,
                refused_for: [(reason, refused)].into(),
                agency: days(&waits),
                visits_saved,
                ..Sums::default()
            },
        )
    }
}
