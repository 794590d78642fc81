//! A set of numbers, in the form that is quickest to ask.

use crate::health::Numbers;

/// A set of numbers whose ends belong to it. NaN is in none.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Set {
    /// None at all.
    Never,
    /// From a number on.
    AtLeast(f64),
    /// Up to a number.
    AtMost(f64),
    /// From one to another.
    Inside(f64, f64),
    /// Up to one, and from another on.
    Outside(f64, f64),
}

impl Set {
    pub(super) fn new(numbers: &Numbers) -> Self {
        let mut runs = numbers.closed();
        match (runs.next(), runs.next()) {
            (None, _) => Set::Never,
            (Some((low, high)), None) if high == f64::INFINITY => Set::AtLeast(low),
            (Some((low, high)), None) if low == f64::NEG_INFINITY => Set::AtMost(high),
            (Some((low, high)), None) => Set::Inside(low, high),
            (Some((_, high)), Some((low, _))) => Set::Outside(high, low),
        }
    }

    #[inline]
    pub(super) fn contains(self, number: f64) -> bool {
        match self {
            Set::Never => false,
            Set::AtLeast(low) => number >= low,
            Set::AtMost(high) => number <= high,
            Set::Inside(low, high) => (number >= low) & (number <= high),
            Set::Outside(high, low) => (number <= high) | (number >= low),
        }
    }
}

/// Does something with a set's test, once for each form, so that a loop over numbers decides nothing
/// but the test itself.
macro_rules! with_test {
    ($set:expr, $test:ident => $work:expr) => {
        match $set {
            Set::Never => {
                let $test = |_: f64| false;
                $work
            }
            Set::AtLeast(low) => {
                let $test = |number: f64| number >= low;
                $work
            }
            Set::AtMost(high) => {
                let $test = |number: f64| number <= high;
                $work
            }
            Set::Inside(low, high) => {
                let $test = |number: f64| (number >= low) & (number <= high);
                $work
            }
            Set::Outside(high, low) => {
                let $test = |number: f64| (number <= high) | (number >= low);
                $work
            }
        }
    };
}

pub(super) use with_test;
