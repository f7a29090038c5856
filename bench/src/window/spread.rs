//! How something that was done often was spread.

/// Milliseconds, or mebibytes.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Spread {
    pub(crate) times: usize,
    pub(crate) median: f64,
    /// Of a hundred, 95 are not above it.
    pub(crate) p95: f64,
    pub(crate) most: f64,
}

impl Spread {
    /// None of nothing.
    pub(crate) fn of(mut values: Vec<f64>) -> Option<Self> {
        values.sort_by(f64::total_cmp);
        let most = *values.last()?;
        let at = |part: usize| values[(values.len() * part).div_ceil(100).max(1) - 1];
        Some(Self { times: values.len(), median: at(50), p95: at(95), most })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ninety_five_of_a_hundred_are_not_above_the_95th() {
        let spread = Spread::of((1..=100).rev().map(f64::from).collect());
        let expected = Spread { times: 100, median: 50.0, p95: 95.0, most: 100.0 };
        assert_eq!(spread, Some(expected));
        assert_eq!(Spread::of(vec![7.0]).map(|one| one.p95), Some(7.0));
        assert_eq!(Spread::of(Vec::new()), None);
    }
}
