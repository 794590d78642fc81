//! The share of events that failed, by two counters.

use std::fmt;

use crate::time::Duration;

/// The share of events that failed in the last of two windows, whichever is less: what burns an error
/// budget, and burns it still.
///
/// Written `error_ratio(errors / requests, 5m, 1h)`, or `error_ratio(!good / requests, 5m, 1h)` where
/// those are counted that did not fail. One window alone is both.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct ErrorRatio {
    /// The counter of the events that failed, or of those that did not.
    pub part: String,
    /// Whether `part` counts those that did not fail.
    pub is_good: bool,
    /// The counter of all events.
    pub total: String,
    /// The window that says whether it goes on.
    pub short: Duration,
    /// The window that says how much it was.
    pub long: Duration,
}

impl ErrorRatio {
    /// The windows: one, if both are the same.
    pub(super) fn windows(&self) -> impl Iterator<Item = Duration> + use<> {
        let other = (self.short != self.long).then_some(self.long);
        std::iter::once(self.short).chain(other)
    }

    /// The share of the events that failed, where so many of all were counted. NaN of none.
    pub(super) fn of(&self, part: f64, total: f64) -> f64 {
        let failed = if self.is_good { total - part } else { part };
        // Two counters are never read at quite the same moment.
        failed.max(0.0) / total
    }
}

impl fmt::Display for ErrorRatio {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let not = if self.is_good { "!" } else { "" };
        write!(f, "error_ratio({not}{} / {}", self.part, self.total)?;
        self.windows().try_for_each(|window| write!(f, ", {window}"))?;
        f.write_str(")")
    }
}
