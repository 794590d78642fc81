//! Elapsed time.

use std::fmt;
use std::str::FromStr;

use thiserror::Error;

use crate::bounds::LONGEST_MICROSECONDS;
use crate::error::{Code, Error, Leaf, quoted};
use crate::text_form::text_form;

/// Units from the longest to the shortest: microseconds, and the names it goes by. The first name
/// is the one that is written.
const UNITS: [(i64, &[&str]); 7] = [
    (604_800_000_000, &["w", "week", "weeks"]),
    (86_400_000_000, &["d", "day", "days"]),
    (3_600_000_000, &["h", "hr", "hour", "hours"]),
    (60_000_000, &["m", "min", "mins", "minute", "minutes"]),
    (1_000_000, &["s", "sec", "secs", "second", "seconds"]),
    (1_000, &["ms", "millisecond", "milliseconds"]),
    (1, &["us", "µs", "microsecond", "microseconds"]),
];
/// Calendar units: they have no fixed length, and so are no duration.
const CALENDAR: [&str; 7] = ["mo", "month", "months", "y", "yr", "year", "years"];

/// Elapsed time, zero or longer, in whole microseconds. A day is 24 hours, a week 7 days.
///
/// Read from text such as `10m`, `7d`, `90 days` or `1h30m`, and written the same way.
///
/// ```
/// use housekeep::time::Duration;
///
/// let window: Duration = "1h 30 min".parse()?;
/// assert_eq!(window.to_string(), "1h30m");
/// # Ok::<(), housekeep::Error>(())
/// ```
#[derive(Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Duration(i64);

/// A text that is no duration.
#[derive(Debug, Error)]
pub(super) enum NotADuration {
    #[error("{} is no duration", quoted(.0))]
    Malformed(String),
    #[error("{} has a number without a unit", quoted(.0))]
    NoUnit(String),
    #[error("{} is negative", quoted(.0))]
    Negative(String),
    #[error("{} counts months or years, which have no fixed length", quoted(.0))]
    Calendar(String),
    #[error("{} is longer than 9999 years", quoted(.0))]
    TooLong(String),
    #[error("{} names its units out of order", quoted(.0))]
    Order(String),
}

impl NotADuration {
    /// The same, said of another text: one that this was a part of.
    pub(super) fn of(self, whole: &str) -> Self {
        let said = match self {
            NotADuration::Malformed(_) => NotADuration::Malformed,
            NotADuration::NoUnit(_) => NotADuration::NoUnit,
            NotADuration::Negative(_) => NotADuration::Negative,
            NotADuration::Calendar(_) => NotADuration::Calendar,
            NotADuration::TooLong(_) => NotADuration::TooLong,
            NotADuration::Order(_) => NotADuration::Order,
        };
        said(whole.to_owned())
    }
}

impl Leaf for NotADuration {
    fn code(&self) -> Code {
        Code::PolicyBadValue
    }

    fn help(&self) -> Option<String> {
        Some(
            match self {
                NotADuration::Calendar(_) => "count it in days, such as `30d`",
                NotADuration::Negative(_) => "give zero or more, such as `10m`",
                NotADuration::Order(_) => "put the longest first, such as `1h30m`",
                _ => "write a number and a unit (us, ms, s, m, h, d, w), such as `10m` or `1h30m`",
            }
            .into(),
        )
    }
}

/// The shortest time there is.
pub(crate) const TICK: Duration = Duration(1);

impl Duration {
    /// No time at all.
    pub const ZERO: Self = Self(0);
    /// From the first instant to the last.
    pub const MAX: Self = Self(LONGEST_MICROSECONDS);

    /// From microseconds; `None` for fewer than none, or for more than 9999 years.
    #[must_use]
    pub fn from_micros(micros: i64) -> Option<Self> {
        (0..=LONGEST_MICROSECONDS).contains(&micros).then_some(Self(micros))
    }

    /// From whole seconds, at most [`Duration::MAX`].
    #[must_use]
    pub const fn from_secs(seconds: u32) -> Self {
        Self(seconds as i64 * 1_000_000)
    }

    /// From whole minutes, at most [`Duration::MAX`].
    #[must_use]
    pub const fn from_mins(minutes: u32) -> Self {
        let micros = minutes as i64 * 60_000_000;
        Self(if micros < LONGEST_MICROSECONDS { micros } else { LONGEST_MICROSECONDS })
    }

    /// The caller knows that it is neither negative nor longer than the longest.
    pub(crate) const fn from_micros_unchecked(micros: i64) -> Self {
        Self(micros)
    }

    /// In microseconds.
    #[must_use]
    pub const fn as_micros(self) -> i64 {
        self.0
    }

    pub(super) fn read(text: &str) -> Result<Self, NotADuration> {
        let whole = || text.to_owned();
        let mut rest = text.trim();
        if rest.is_empty() {
            return Err(NotADuration::Malformed(whole()));
        }
        if rest.strip_prefix('-').is_some_and(|rest| rest.starts_with(|c: char| c.is_ascii_digit()))
        {
            return Err(NotADuration::Negative(whole()));
        }
        let mut total = 0i64;
        let mut last = i64::MAX;
        while !rest.is_empty() {
            let (digits, after) = split(rest, |c| c.is_ascii_digit());
            let (name, after) = split(after.trim_start(), char::is_alphabetic);
            if digits.is_empty() {
                return Err(NotADuration::Malformed(whole()));
            }
            if name.is_empty() {
                return Err(NotADuration::NoUnit(whole()));
            }
            if CALENDAR.contains(&name) {
                return Err(NotADuration::Calendar(whole()));
            }
            let unit = UNITS.iter().find(|(_, names)| names.contains(&name));
            let &(micros, _) = unit.ok_or_else(|| NotADuration::Malformed(whole()))?;
            if micros >= last {
                return Err(NotADuration::Order(whole()));
            }
            last = micros;
            total = (digits.parse::<i64>().ok())
                .and_then(|count| count.checked_mul(micros))
                .and_then(|part| total.checked_add(part))
                .filter(|&total| total <= LONGEST_MICROSECONDS)
                .ok_or_else(|| NotADuration::TooLong(whole()))?;
            rest = after.trim_start();
        }
        Ok(Self(total))
    }

    /// A pattern that every text the parser accepts matches, for the JSON Schema.
    #[cfg(feature = "documents")]
    pub(crate) fn pattern() -> String {
        let names = |names: &[&str]| names.join("|");
        let units: Vec<String> =
            UNITS.iter().map(|(_, all)| format!(r"(\d+\s*({})\s*)?", names(all))).collect();
        format!(r"^\s*(?=\d){}$", units.concat())
    }
}

fn split(text: &str, belongs: impl Fn(char) -> bool) -> (&str, &str) {
    text.split_at(text.find(|c| !belongs(c)).unwrap_or(text.len()))
}

impl FromStr for Duration {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Error> {
        Ok(Self::read(text)?)
    }
}

impl fmt::Display for Duration {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.0 == 0 {
            return f.write_str("0s");
        }
        let mut rest = self.0;
        // Weeks are read but not written: `7d` is clearer than `1w` in a plan.
        for (micros, names) in UNITS.iter().skip(1) {
            let count = rest / micros;
            rest %= micros;
            if count > 0 {
                write!(f, "{count}{}", names.first().copied().unwrap_or_default())?;
            }
        }
        Ok(())
    }
}

impl fmt::Debug for Duration {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

text_form!(
    Duration,
    "Elapsed time: a number and a unit, such as `10m`, `7d`, `90 days` or `1h30m`. A day is 24 hours.",
    Duration::pattern()
);
