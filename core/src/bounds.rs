//! Every limit, declared once: the declaration makes both the check and its message.

use core::fmt::Display;

use thiserror::Error;

use crate::error::{Code, Leaf};

/// An inclusive range that a number given from outside has to lie in.
pub(crate) struct Bound<T> {
    what: &'static str,
    low: T,
    high: T,
}

/// A number outside its [`Bound`].
#[derive(Debug, Error)]
#[error("{what} is {given}, outside {low} to {high}")]
pub(crate) struct OutOfBounds {
    what: &'static str,
    given: String,
    low: String,
    high: String,
}

impl Leaf for OutOfBounds {
    fn code(&self) -> Code {
        Code::PolicyOutOfRange
    }
}

impl<T: PartialOrd + Display + Copy> Bound<T> {
    const fn new(what: &'static str, low: T, high: T) -> Self {
        Self { what, low, high }
    }

    /// Gives `value` back if it lies inside. Not-a-number never does.
    pub(crate) fn check(&self, value: T) -> Result<T, OutOfBounds> {
        if value >= self.low && value <= self.high {
            return Ok(value);
        }
        Err(OutOfBounds {
            what: self.what,
            given: value.to_string(),
            low: self.low.to_string(),
            high: self.high.to_string(),
        })
    }
}

/// Microseconds from 1970 to 0001-01-01T00:00:00Z.
pub(crate) const FIRST_MICROSECOND: i64 = -62_135_596_800_000_000;
/// Microseconds from 1970 to 9999-12-31T23:59:59.999999Z.
pub(crate) const LAST_MICROSECOND: i64 = 253_402_300_799_999_999;
/// The longest duration: from the first instant to the last.
pub(crate) const LONGEST_MICROSECONDS: i64 = LAST_MICROSECOND - FIRST_MICROSECOND;

/// `guard.max_fraction`: a share of the eligible rows.
pub(crate) const MAX_FRACTION: Bound<f64> = Bound::new("`max_fraction`", 0.0, 1.0);
#[cfg(feature = "documents")]
/// Columns in a key. More is a mistake, not a key.
pub(crate) const ID_COLUMNS: Bound<usize> = Bound::new("the number of id columns", 1, 64);
#[cfg(feature = "documents")]
pub(crate) const KEY_COLUMNS: Bound<usize> = Bound::new("the number of key columns", 1, 64);
#[cfg(feature = "documents")]
/// Tables and lists of a policy that lie one in the other: it is read by functions that call
/// themselves.
pub(crate) const POLICY_DEPTH: Bound<usize> = Bound::new("the depth of the policy", 0, 64);
#[cfg(feature = "documents")]
/// Periods that a keep rule counts; -1 are all.
pub(crate) const KEEP_COUNT: Bound<i64> = Bound::new("`count`", -1, i64::MAX);
#[cfg(feature = "documents")]
/// Overrides of one rule.
pub(crate) const OVERRIDES: Bound<usize> = Bound::new("the number of overrides", 0, 10_000);
/// Samples that a check of their failures looks at.
pub(crate) const FAIL_RATE_SAMPLES: Bound<u32> = Bound::new("the number of samples", 1, 10_000);
/// A percentile of samples.
pub(crate) const PERCENTILE: Bound<u8> = Bound::new("the percentile", 0, 100);
/// The share of events that is to go well.
pub(crate) const TARGET: Bound<f64> = Bound::new("`target`", 1e-9, 0.999_999_999);
/// Samples that vote on a change.
pub(crate) const VOTES: Bound<u16> = Bound::new("the number of votes", 1, 64);
/// Those that so many of are asked for: samples, or members of a group.
pub(crate) const QUORUM: Bound<u16> = Bound::new("the number of votes", 1, 10_000);
/// A day of a month.
pub(crate) const DAY_OF_MONTH: Bound<u32> = Bound::new("the day", 1, 31);
#[cfg(feature = "documents")]
/// Times of one day: more often than once a minute nothing is looked back at.
pub(crate) const TIMES_PER_DAY: Bound<usize> = Bound::new("the number of times a day", 1, 1440);
/// Slots that are looked back at.
pub(crate) const LOOK_BACK: Bound<u32> = Bound::new("`look_back`", 1, 10_000);
/// Missed runs that are offered at once.
pub(crate) const MAX_RUNS: Bound<u32> = Bound::new("`max`", 1, u32::MAX);
/// How often a slot may fail.
pub(crate) const ATTEMPTS: Bound<u32> = Bound::new("`attempts`", 1, 1_000_000);
/// Threads a caller may ask for.
pub(crate) const THREADS: Bound<usize> = Bound::new("the number of threads", 1, 1024);
/// Windows in one sweep.
pub(crate) const SWEEP_WINDOWS: Bound<usize> = Bound::new("the number of windows", 1, 1000);

/// Rows of one table: a row number has 32 bits.
pub(crate) const MAX_ROWS: u64 = (u32::MAX - 1) as u64;
/// Bytes of one text value.
pub(crate) const MAX_TEXT_BYTES: usize = 256 << 20;
/// A key has a usual interval, its median gap, from this many gaps on.
pub(crate) const USUAL_INTERVAL_GAPS: usize = 5;
/// Samples that are remembered of one check: of a window that has more, the last.
pub(crate) const MAX_SAMPLES: usize = 100_000;
/// Every integer up to this is a number of its own among floats.
#[cfg(feature = "documents")]
pub(crate) const EXACT_INTEGERS: f64 = 9_007_199_254_740_992.0;
/// Characters of the user's own text that a message quotes.
pub(crate) const QUOTED_CHARS: usize = 80;
