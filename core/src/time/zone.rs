//! Time zones, from the IANA database that chrono-tz carries.

use std::fmt;
use std::str::FromStr;

use chrono::{DateTime, Months, NaiveDateTime, Offset, TimeDelta, TimeZone, Timelike};
use chrono_tz::Tz;
use thiserror::Error;

use super::instant::{MICROS_PER_DAY, MICROS_PER_SECOND};
use super::{Date, Duration, Instant, WallTime};
use crate::error::{Code, Error, Leaf, quoted};
use crate::suggest;
use crate::text_form::text_form;

/// A zone of the IANA database, such as `America/Santiago`.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Zone(Tz);

/// A name that is no zone.
#[derive(Debug, Error)]
#[error("{} is no time zone", quoted(name))]
struct UnknownZone {
    name: String,
}

impl Leaf for UnknownZone {
    fn code(&self) -> Code {
        Code::PolicyBadValue
    }

    fn help(&self) -> Option<String> {
        let names = chrono_tz::TZ_VARIANTS.iter().map(|zone| zone.name());
        Some(match suggest::closest(&self.name, names) {
            Some(name) => format!("did you mean {}?", quoted(name)),
            None => "give a name of the IANA database, such as `America/Santiago` or `UTC`".into(),
        })
    }
}

impl Zone {
    /// Coordinated universal time.
    pub const UTC: Self = Self(Tz::UTC);

    /// Finds a zone by its exact name.
    ///
    /// # Errors
    /// `policy.bad_value` for a name the database does not have.
    pub fn parse(name: &str) -> Result<Self, Error> {
        Ok(Tz::from_str(name).map(Self).map_err(|_| UnknownZone { name: name.to_owned() })?)
    }

    /// The name.
    #[must_use]
    pub fn name(self) -> &'static str {
        self.0.name()
    }

    /// The first instant whose local time is not before the given wall clock reading: the first
    /// pass where clocks were set back, the first valid instant where they were set forward.
    pub(super) fn resolve(self, day: i64, micros_of_day: i64) -> Option<Instant> {
        // Read as if it were UTC, then shifted by the zone's own offset.
        self.local(Instant::from_day(day, micros_of_day)?, false)
    }

    /// The first instant at which its clocks show this time of a day, or a later one.
    ///
    /// Where clocks are set back, that is the first pass; where they skip it, the end of the gap. None
    /// outside the years 0001 to 9999.
    #[must_use]
    pub fn first_at(self, date: Date, at: WallTime) -> Option<Instant> {
        self.resolve(date.number(), at.micros())
    }

    /// The day that its clocks show; in the first and last hours of time, where that day's year may be
    /// outside 0001 to 9999, the day next to it that is not.
    #[must_use]
    pub fn date(self, at: Instant) -> Date {
        let shown = self.clock(at).and_then(|(local, _)| Date::of_naive(local.date()));
        let is_early = at.as_micros() < 0;
        shown.unwrap_or(if is_early { Date::MIN } else { Date::MAX })
    }

    /// What [`Zone::resolve`] gives for a wall clock's reading that was taken as if it were UTC.
    /// In a `fold`, the second pass where clocks were set back.
    pub(crate) fn local(self, reading: Instant, fold: bool) -> Option<Instant> {
        self.shown(DateTime::from_timestamp_micros(reading.as_micros())?.naive_utc(), fold)
    }

    /// When its clocks show this: which may be in a year before the first or after the last.
    fn shown(self, local: NaiveDateTime, fold: bool) -> Option<Instant> {
        let passes = self.0.from_local_datetime(&local);
        match if fold { passes.latest() } else { passes.earliest() } {
            Some(at) => Instant::checked(at.timestamp_micros()),
            None => self.after_gap(local),
        }
    }

    /// What its clocks show at an instant, and how far they are ahead of UTC, in seconds.
    pub(crate) fn clock(self, at: Instant) -> Option<(NaiveDateTime, i32)> {
        let local = DateTime::from_timestamp_micros(at.as_micros())?.with_timezone(&self.0);
        Some((local.naive_local(), local.offset().fix().local_minus_utc()))
    }

    /// The instant some months later or earlier by its calendar, at the same time of day; where the
    /// month is too short, on its last day.
    pub(crate) fn add_months(self, at: Instant, months: i64) -> Option<Instant> {
        let (local, _) = self.clock(at)?;
        let count = Months::new(u32::try_from(months.unsigned_abs()).ok()?);
        let moved = if months < 0 {
            local.checked_sub_months(count)
        } else {
            local.checked_add_months(count)
        };
        self.shown(moved?, false)
    }

    /// Since when, at least, its clocks have shown the same part of a day: its beginning, or the
    /// instant itself where they were changed meanwhile. Parts are as long as `part`, from midnight.
    pub(crate) fn steady_since(self, at: Instant, part: Duration) -> Instant {
        let Some((local, offset)) = self.clock(at) else { return at };
        let start = at.as_micros() - micros_of_day(local) % part.as_micros();
        let first = Instant::checked(start).filter(|first| {
            // None was ever changed twice within a day: as it goes at both ends, it goes between.
            self.clock(*first).is_some_and(|(_, before)| before == offset)
        });
        first.unwrap_or(at)
    }

    /// The first instant at which its clocks no longer go on as they do: midnight, or that at which
    /// they are changed, if it is before. None if time ends earlier.
    pub(crate) fn steady_until(self, at: Instant) -> Option<Instant> {
        let shown = |micros: i64| {
            let (local, offset) = self.clock(Instant::checked(micros)?)?;
            Some((local.date(), offset))
        };
        let now = shown(at.as_micros());
        let (local, _) = self.clock(at)?;
        let midnight = at.as_micros() + MICROS_PER_DAY - micros_of_day(local);
        if shown(midnight - 1) == now {
            return Instant::checked(midnight);
        }
        let (mut same, mut other) = (at.as_micros(), midnight - 1);
        while other - same > 1 {
            let middle = same + (other - same) / 2;
            if shown(middle) == now { same = middle } else { other = middle }
        }
        Instant::checked(other)
    }

    /// The end of the gap that swallowed `local`: the transition itself, found by halving.
    fn after_gap(self, local: NaiveDateTime) -> Option<Instant> {
        let is_after = |micros: i64| -> Option<bool> {
            let at = DateTime::from_timestamp_micros(micros)?;
            Some(at.with_timezone(&self.0).naive_local() >= local)
        };
        // No zone ever skipped more than a day.
        let reach = TimeDelta::days(2);
        let mut before = (local - reach).and_utc().timestamp_micros();
        let mut after = (local + reach).and_utc().timestamp_micros();
        while after - before > 1 {
            let middle = before + (after - before) / 2;
            if is_after(middle)? {
                after = middle;
            } else {
                before = middle;
            }
        }
        Instant::checked(after)
    }
}

/// How far a clock's reading is past midnight.
fn micros_of_day(local: NaiveDateTime) -> i64 {
    let second = i64::from(local.num_seconds_from_midnight());
    second * MICROS_PER_SECOND + i64::from(local.nanosecond() / 1000)
}

impl FromStr for Zone {
    type Err = Error;

    fn from_str(name: &str) -> Result<Self, Error> {
        Self::parse(name)
    }
}

impl fmt::Display for Zone {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl fmt::Debug for Zone {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

text_form!(Zone, "A zone of the IANA database, such as `America/Santiago`.");
