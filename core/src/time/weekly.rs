//! Hours of a week on the clocks of a zone.

use std::fmt;
use std::str::FromStr;

use chrono::{NaiveTime, Timelike};
use thiserror::Error;

use super::instant::{MICROS_PER_DAY, MICROS_PER_SECOND};
use super::{Date, Duration, Instant, Zone};
use crate::error::{Code, Error, Leaf, quoted};
use crate::text_form::text_form;
use crate::words::words;

words! {
    /// A day of the week.
    Weekday {
        /// Monday.
        #[default]
        Mon = "mon",
        /// Tuesday.
        Tue = "tue",
        /// Wednesday.
        Wed = "wed",
        /// Thursday.
        Thu = "thu",
        /// Friday.
        Fri = "fri",
        /// Saturday.
        Sat = "sat",
        /// Sunday.
        Sun = "sun",
    }
}

/// What a clock on the wall shows, without a day: `09:00`, or `09:00:30`.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct WallTime(u32);

/// A text that no clock shows.
#[derive(Debug, Error)]
#[error("{} is no time of a day", quoted(.0))]
struct NotAWallTime(String);

impl Leaf for NotAWallTime {
    fn code(&self) -> Code {
        Code::PolicyBadValue
    }

    fn help(&self) -> Option<String> {
        Some("write it from `00:00` to `23:59`, such as `09:00`".into())
    }
}

impl WallTime {
    /// Midnight.
    pub const MIN: Self = Self(0);
    /// The last second of a day.
    pub const MAX: Self = Self(86_399);

    /// So many hours, minutes and seconds after midnight, if a clock shows that.
    #[must_use]
    pub fn new(hour: u32, minute: u32, second: u32) -> Option<Self> {
        NaiveTime::from_hms_opt(hour, minute, second)
            .map(|time| Self(time.num_seconds_from_midnight()))
    }

    pub(super) fn micros(self) -> i64 {
        i64::from(self.0) * MICROS_PER_SECOND
    }

    /// How long it is until a clock that nobody changes shows another time: of the next day, if it is not
    /// later.
    pub(crate) fn until(self, other: Self) -> Duration {
        let next = i64::from(other <= self) * MICROS_PER_DAY;
        Duration::from_micros_unchecked(other.micros() + next - self.micros())
    }
}

impl FromStr for WallTime {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Error> {
        let parsed = ["%H:%M", "%H:%M:%S"]
            .iter()
            .find_map(|form| NaiveTime::parse_from_str(text, form).ok())
            // Not a leap second, which no zone's clocks are set by.
            .filter(|time| time.nanosecond() == 0 && text.len() >= 5);
        let time = parsed.ok_or_else(|| NotAWallTime(text.to_owned()))?;
        Ok(Self(time.num_seconds_from_midnight()))
    }
}

impl fmt::Display for WallTime {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (hour, minute, second) = (self.0 / 3600, self.0 / 60 % 60, self.0 % 60);
        write!(f, "{hour:02}:{minute:02}")?;
        if second == 0 { Ok(()) } else { write!(f, ":{second:02}") }
    }
}

impl fmt::Debug for WallTime {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

text_form!(
    WallTime,
    "What a clock on the wall shows, such as `09:00`.",
    r"^([01]\d|2[0-3]):[0-5]\d(:[0-5]\d)?$"
);

/// Hours of a week: on each of some days from one time on the clocks of a zone until another.
///
/// They begin at the first instant at which the clocks show that time or a later one, and end before
/// the first at which they show the end: on the next day, if the end is not later than the beginning.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Hours {
    /// Bit n for the nth day after Monday.
    days: u8,
    at: WallTime,
    until: WallTime,
    zone: Zone,
}

const EVERY_DAY: u8 = 0x7f;

impl Hours {
    /// On these days of the week, or on every day where there are none.
    #[must_use]
    pub fn new(days: &[Weekday], at: WallTime, until: WallTime, zone: Zone) -> Self {
        let days = days.iter().fold(0, |days, day| days | 1 << (*day as u8));
        Self { days: if days == 0 { EVERY_DAY } else { days }, at, until, zone }
    }

    /// Those that begin on a day, counted from 1970: from, and until.
    fn of_day(&self, day: i64) -> Option<(Instant, Instant)> {
        if self.days >> Date::of_number(day)?.weekday() as u8 & 1 == 0 {
            return None;
        }
        let next = i64::from(self.until <= self.at);
        let from = self.zone.resolve(day, self.at.micros())?;
        let until = self.zone.resolve(day + next, self.until.micros())?;
        // Of hours that the clocks skip nothing is left.
        (from < until).then_some((from, until))
    }

    /// Those that are open at an instant or will be next, in the order in which they begin.
    fn from(&self, at: Instant) -> impl Iterator<Item = (Instant, Instant)> {
        let today = self.zone.date(at).number();
        // The hours of yesterday may last until today, and there are some in every week but those in
        // which the clocks skip them.
        let days = today - 1..=today + 15;
        days.filter_map(|day| self.of_day(day)).filter(move |(_, until)| *until > at)
    }

    /// Whether an instant lies in them.
    #[must_use]
    pub fn contains(&self, at: Instant) -> bool {
        self.from(at).any(|(from, _)| from <= at)
    }

    /// The first instant from this one on that lies in them.
    #[must_use]
    pub fn next_inside(&self, at: Instant) -> Option<Instant> {
        self.from(at).map(|(from, _)| from.max(at)).next()
    }

    /// Whether the end of each is the beginning of the next, on every day.
    pub(crate) fn is_always(&self) -> bool {
        self.days == EVERY_DAY && self.at == self.until
    }

    /// The first instant from this one on that does not lie in them; none if there is none in two weeks.
    #[must_use]
    pub fn next_outside(&self, at: Instant) -> Option<Instant> {
        let mut outside = at;
        for (from, until) in self.from(at) {
            if from > outside {
                return Some(outside);
            }
            outside = outside.max(until);
        }
        (outside.as_micros() - at.as_micros() < 14 * MICROS_PER_DAY).then_some(outside)
    }
}
