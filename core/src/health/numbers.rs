//! Sets of numbers: which a threshold is about, which another one is, and whether they meet.

#[cfg(feature = "documents")]
use std::ops::Bound;

/// An unbroken run of numbers, infinities included. An end may belong to it or not.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Run {
    low: f64,
    low_in: bool,
    high: f64,
    high_in: bool,
}

/// A run of numbers, or all but such a run. NaN is in none.
///
/// ```
/// use housekeep::health::Numbers;
///
/// let high = Numbers::above(85.0);
/// assert!(high.contains(85.1) && !high.contains(85.0));
/// assert!(!high.meets(&Numbers::below(80.0)) && high.meets(&Numbers::outside(0.0, 90.0)));
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Numbers {
    run: Run,
    inverted: bool,
}

impl Run {
    fn new(low: f64, low_in: bool, high: f64, high_in: bool) -> Self {
        Self { low, low_in, high, high_in }
    }

    #[inline]
    fn contains(&self, value: f64) -> bool {
        (value > self.low || (self.low_in && value == self.low))
            && (value < self.high || (self.high_in && value == self.high))
    }

    fn is_empty(&self) -> bool {
        // NaN as an end makes it empty, too.
        !(self.low < self.high || (self.low == self.high && self.low_in && self.high_in))
    }

    fn meets(&self, other: &Self) -> bool {
        let low = match self.low.total_cmp(&other.low) {
            std::cmp::Ordering::Less => (other.low, other.low_in),
            std::cmp::Ordering::Greater => (self.low, self.low_in),
            std::cmp::Ordering::Equal => (self.low, self.low_in && other.low_in),
        };
        let high = match self.high.total_cmp(&other.high) {
            std::cmp::Ordering::Less => (self.high, self.high_in),
            std::cmp::Ordering::Greater => (other.high, other.high_in),
            std::cmp::Ordering::Equal => (self.high, self.high_in && other.high_in),
        };
        !Self::new(low.0, low.1, high.0, high.1).is_empty()
    }
}

impl Numbers {
    fn of(run: Run) -> Self {
        // 0 and -0 are one number.
        let (low, high) = (run.low + 0.0, run.high + 0.0);
        Self { run: Run { low, high, ..run }, inverted: false }
    }

    /// More than a bound.
    #[must_use]
    pub fn above(bound: f64) -> Self {
        Self::of(Run::new(bound, false, f64::INFINITY, true))
    }

    /// A bound, and more.
    #[must_use]
    pub fn at_least(bound: f64) -> Self {
        Self::of(Run::new(bound, true, f64::INFINITY, true))
    }

    /// Less than a bound.
    #[must_use]
    pub fn below(bound: f64) -> Self {
        Self::of(Run::new(f64::NEG_INFINITY, true, bound, false))
    }

    /// A bound, and less.
    #[must_use]
    pub fn at_most(bound: f64) -> Self {
        Self::of(Run::new(f64::NEG_INFINITY, true, bound, true))
    }

    /// From one bound to another, both included.
    #[must_use]
    pub fn inside(low: f64, high: f64) -> Self {
        Self::of(Run::new(low, true, high, true))
    }

    /// Less than one bound, or more than another.
    #[must_use]
    pub fn outside(low: f64, high: f64) -> Self {
        Self::inside(low, high).others()
    }

    /// All numbers that are not in the set.
    #[must_use]
    pub fn others(self) -> Self {
        Self { inverted: !self.inverted, ..self }
    }

    /// Whether a number is in the set.
    #[inline]
    #[must_use]
    pub fn contains(&self, value: f64) -> bool {
        !value.is_nan() && self.run.contains(value) != self.inverted
    }

    /// Whether some number is in both sets.
    #[must_use]
    pub fn meets(&self, other: &Self) -> bool {
        self.runs().any(|own| other.runs().any(|other| own.meets(&other)))
    }

    /// Whether every number of this set is in the other.
    #[must_use]
    pub fn is_within(&self, other: &Self) -> bool {
        !self.meets(&other.others())
    }

    /// Whether no number is in it.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.runs().next().is_none()
    }

    /// The bounds between what is in the set and what is not.
    pub fn ends(&self) -> impl Iterator<Item = f64> + use<> {
        [self.run.low, self.run.high].into_iter().filter(|end| end.is_finite())
    }

    /// Its unbroken runs, from the least number on, both ends of which belong to it.
    pub(super) fn closed(&self) -> impl Iterator<Item = (f64, f64)> + use<> {
        let low = |run: &Run| if run.low_in { run.low } else { run.low.next_up() };
        let high = |run: &Run| if run.high_in { run.high } else { run.high.next_down() };
        // An open run may hold no number between its ends.
        let ends = self.runs().map(move |run| (low(&run), high(&run)));
        ends.filter(|(low, high)| low <= high)
    }

    /// The range of Nagios that alerts on exactly these numbers. Ends of such a range belong to it, so an
    /// end that is not in the set is moved to the next number. `None` for no numbers at all.
    #[must_use]
    pub fn to_nagios(&self) -> Option<String> {
        let Run { low, low_in, high, high_in } = self.run;
        let low = if low_in { low } else { low.next_up() };
        let high = if high_in { high } else { high.next_down() };
        let is_all = (low == f64::NEG_INFINITY, high == f64::INFINITY);
        Some(match (self.inverted, is_all) {
            // What alerts is inside. Inside of a run without an end is outside of what is beyond it.
            (false, _) if low > high => return None,
            (false, (true, true)) => "@~:".into(),
            (false, (false, true)) => format!("~:{}", low.next_down()),
            (false, (true, false)) => format!("{}:", high.next_up()),
            (false, (false, false)) => format!("@{low}:{high}"),
            (true, _) if low > high => "@~:".into(),
            (true, (true, true)) => return None,
            (true, (true, false)) => format!("~:{high}"),
            (true, (false, true)) => format!("{low}:"),
            (true, (false, false)) => format!("{low}:{high}"),
        })
    }

    /// Its unbroken runs, each from one bound to another. One that reaches to an infinity has no bound there.
    #[cfg(feature = "documents")]
    pub(crate) fn bounds(&self) -> impl Iterator<Item = (Bound<f64>, Bound<f64>)> + use<> {
        let bound = |end: f64, is_in| match is_in {
            true if end.is_infinite() => Bound::Unbounded,
            true => Bound::Included(end),
            false => Bound::Excluded(end),
        };
        self.runs().map(move |run| (bound(run.low, run.low_in), bound(run.high, run.high_in)))
    }

    /// Its unbroken runs.
    fn runs(&self) -> impl Iterator<Item = Run> + use<> {
        let all = Run::new(f64::NEG_INFINITY, true, f64::INFINITY, true);
        let run = self.run;
        let runs = match (self.inverted, run.is_empty()) {
            (false, _) => [Some(run), None],
            (true, true) => [Some(all), None],
            (true, false) => [
                Some(Run::new(all.low, true, run.low, !run.low_in)),
                Some(Run::new(run.high, !run.high_in, all.high, true)),
            ],
        };
        runs.into_iter().flatten().filter(|run| !run.is_empty())
    }
}
