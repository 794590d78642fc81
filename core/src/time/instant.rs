//! A point in time.

use std::fmt;

use chrono::{Datelike, NaiveDate};
use thiserror::Error;

use super::{Duration, parse_instant};
use crate::bounds::{FIRST_MICROSECOND, LAST_MICROSECOND};
use crate::error::{Code, Error, Leaf};

pub(super) const MICROS_PER_SECOND: i64 = 1_000_000;
pub(super) const MICROS_PER_DAY: i64 = 86_400 * MICROS_PER_SECOND;
/// Days from 0001-01-01 (chrono's day 1) to 1970-01-01.
pub(super) const EPOCH_DAY: i32 = 719_163;

/// A point in time: whole microseconds since 1970-01-01T00:00:00Z, years 0001 to 9999.
///
/// Written as RFC 3339 with `Z` and a fraction of 0, 3 or 6 digits, as needed.
///
/// ```
/// use housekeep::time::Instant;
///
/// let at = Instant::parse("2026-02-13 03:00:00.5-03")?;
/// assert_eq!(at.to_string(), "2026-02-13T06:00:00.500Z");
/// # Ok::<(), housekeep::Error>(())
/// ```
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Instant(i64);

/// A number of microseconds that is no instant.
#[derive(Debug, Error)]
#[error("{0} microseconds is outside the years 0001 to 9999")]
struct NotAnInstant(i64);

impl Leaf for NotAnInstant {
    fn code(&self) -> Code {
        Code::RowsTimeOutOfRange
    }

    fn help(&self) -> Option<String> {
        Some("give microseconds since 1970-01-01T00:00:00Z".into())
    }
}

impl Instant {
    /// 0001-01-01T00:00:00Z.
    pub const MIN: Self = Self(FIRST_MICROSECOND);
    /// 9999-12-31T23:59:59.999999Z.
    pub const MAX: Self = Self(LAST_MICROSECOND);

    /// From microseconds since 1970.
    ///
    /// # Errors
    /// `rows.time_out_of_range` outside the years 0001 to 9999.
    pub fn from_micros(micros: i64) -> Result<Self, Error> {
        Self::checked(micros).ok_or_else(|| NotAnInstant(micros).into())
    }

    pub(crate) fn checked(micros: i64) -> Option<Self> {
        (FIRST_MICROSECOND..=LAST_MICROSECOND).contains(&micros).then_some(Self(micros))
    }

    /// Microseconds since 1970.
    #[must_use]
    pub fn as_micros(self) -> i64 {
        self.0
    }

    /// From text: RFC 3339, or PostgreSQL's text form. Digits finer than a microsecond are cut.
    ///
    /// # Errors
    /// `rows.naive_time` without an offset, `rows.infinite_time`, `rows.time_out_of_range`, and
    /// `rows.bad_value` for what is no time at all.
    pub fn parse(text: &str) -> Result<Self, Error> {
        Ok(parse_instant(text.as_bytes(), None).map_err(|fault| fault.of(text))?)
    }

    /// This much later, or the last instant there is.
    #[must_use]
    pub fn saturating_add(self, by: Duration) -> Self {
        Self(self.0.saturating_add(by.as_micros()).min(LAST_MICROSECOND))
    }

    /// This much earlier, or the first instant there is.
    #[must_use]
    pub fn saturating_sub(self, by: Duration) -> Self {
        Self(self.0.saturating_sub(by.as_micros()).max(FIRST_MICROSECOND))
    }

    /// The one after it, if there is one.
    pub(crate) fn next(self) -> Option<Self> {
        Self::checked(self.0 + 1)
    }

    /// Elapsed time from the earlier of the two to the later.
    #[must_use]
    pub fn distance(self, other: Self) -> Duration {
        Duration::from_micros_unchecked((self.0 - other.0).abs())
    }

    /// From a day counted from 1970 and the microseconds into it.
    pub(super) fn from_day(day: i64, micros_of_day: i64) -> Option<Self> {
        day.checked_mul(MICROS_PER_DAY)?.checked_add(micros_of_day).and_then(Self::checked)
    }

    /// The text form, in a buffer that is long enough for every year.
    fn text(self, out: &mut [u8; 27]) -> &str {
        let length = self.write(out);
        out.get(..length).and_then(|bytes| std::str::from_utf8(bytes).ok()).unwrap_or_default()
    }

    /// Writes the text form, and gives its length.
    fn write(self, out: &mut [u8; 27]) -> usize {
        let day = self.0.div_euclid(MICROS_PER_DAY);
        let micros = self.0.rem_euclid(MICROS_PER_DAY);
        // Both fit: the years are bounded.
        let date = i32::try_from(day)
            .ok()
            .and_then(|day| NaiveDate::from_num_days_from_ce_opt(day + EPOCH_DAY))
            .unwrap_or_default();
        let seconds = micros / MICROS_PER_SECOND;
        let fraction = micros % MICROS_PER_SECOND;
        let mut pen = Pen { out, at: 0 };
        pen.digits(i64::from(date.year()), 4);
        pen.byte(b'-');
        pen.digits(i64::from(date.month()), 2);
        pen.byte(b'-');
        pen.digits(i64::from(date.day()), 2);
        pen.byte(b'T');
        pen.digits(seconds / 3600, 2);
        pen.byte(b':');
        pen.digits(seconds / 60 % 60, 2);
        pen.byte(b':');
        pen.digits(seconds % 60, 2);
        if fraction != 0 {
            pen.byte(b'.');
            if fraction % 1000 == 0 {
                pen.digits(fraction / 1000, 3);
            } else {
                pen.digits(fraction, 6);
            }
        }
        pen.byte(b'Z');
        pen.at
    }
}

/// Writes digits from the left into a buffer that is long enough.
struct Pen<'a> {
    out: &'a mut [u8; 27],
    at: usize,
}

impl Pen<'_> {
    fn byte(&mut self, byte: u8) {
        if let Some(slot) = self.out.get_mut(self.at) {
            *slot = byte;
            self.at += 1;
        }
    }

    fn digits(&mut self, value: i64, width: u32) {
        for place in (0..width).rev() {
            let digit = value / 10i64.pow(place) % 10;
            self.byte(b'0' + u8::try_from(digit).unwrap_or(0));
        }
    }
}

impl fmt::Display for Instant {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.text(&mut [0; 27]))
    }
}

impl fmt::Debug for Instant {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// The day of a calendar date, counted from 1970.
pub(super) fn day_number(year: i32, month: u32, day: u32) -> Option<i64> {
    let date = NaiveDate::from_ymd_opt(year, month, day)?;
    Some(i64::from(date.num_days_from_ce() - EPOCH_DAY))
}

#[cfg(feature = "documents")]
mod document {
    use std::borrow::Cow;

    use super::Instant;

    impl serde::Serialize for Instant {
        fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
            let mut out = [0; 27];
            serializer.serialize_str(self.text(&mut out))
        }
    }

    impl<'de> serde::Deserialize<'de> for Instant {
        fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
            let text = Cow::<str>::deserialize(deserializer)?;
            Instant::parse(&text).map_err(serde::de::Error::custom)
        }
    }
}
