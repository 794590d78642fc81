//! A length of time on a calendar: months, and elapsed time beyond them.

use std::fmt;
use std::str::FromStr;

use thiserror::Error;

use super::duration::NotADuration;
use super::{Duration, Instant, Zone};
use crate::error::{Code, Error, Leaf, quoted};
use crate::text_form::text_form;

/// Names of a month and of a year.
const MONTH: [&str; 3] = ["mo", "month", "months"];
const YEAR: [&str; 4] = ["y", "yr", "year", "years"];
/// More months than there are between the first year and the last.
const MOST_MONTHS: u32 = 12 * 9999;

/// Some months, whose length depends on when they begin, and elapsed time beyond them.
///
/// Read from text such as `7d`, `2mo`, `1y` or `1y6mo 3d`, and written the same way. Months are
/// counted on the calendar of a zone, and clamped: a month before 31 March is 28 or 29 February.
#[derive(Clone, Copy, Default, PartialEq, Eq, Hash)]
pub struct Span {
    months: u32,
    elapsed: Duration,
}

impl Span {
    /// No time at all.
    pub const ZERO: Self = Self { months: 0, elapsed: Duration::ZERO };

    /// This many months; more than 9999 years of them are as good as those.
    #[must_use]
    pub fn months(months: u32) -> Self {
        Self { months: months.min(MOST_MONTHS), elapsed: Duration::ZERO }
    }

    /// Whether its length depends on the calendar.
    #[must_use]
    pub fn is_calendar(self) -> bool {
        self.months > 0
    }

    /// What there is beyond the months.
    pub(crate) fn elapsed(self) -> Duration {
        self.elapsed
    }

    /// The instant this long after another; the last there is, if it would be later.
    #[must_use]
    pub fn after(self, at: Instant, zone: Zone) -> Instant {
        self.checked_after(at, zone).unwrap_or(Instant::MAX)
    }

    /// The instant this long before another; the first there is, if it would be earlier.
    #[must_use]
    pub fn before(self, at: Instant, zone: Zone) -> Instant {
        self.checked_before(at, zone).unwrap_or(Instant::MIN)
    }

    /// The instant this long after another, if it is not beyond the last.
    pub(crate) fn checked_after(self, at: Instant, zone: Zone) -> Option<Instant> {
        let later = match self.months {
            0 => at,
            months => zone.add_months(at, i64::from(months))?,
        };
        Instant::checked(later.as_micros().checked_add(self.elapsed.as_micros())?)
    }

    /// The instant this long before another, if it is not before the first.
    pub(crate) fn checked_before(self, at: Instant, zone: Zone) -> Option<Instant> {
        let earlier = match self.months {
            0 => at,
            months => zone.add_months(at, -i64::from(months))?,
        };
        Instant::checked(earlier.as_micros().checked_sub(self.elapsed.as_micros())?)
    }

    /// The first instant after `from` at which `holds` says otherwise of the instant this long before
    /// it than it says at `from`. What `holds` says has to turn at `about`, and there alone: it
    /// compares with that.
    ///
    /// For elapsed time there is one such instant at the most. Months before the last days of a longer
    /// month are the same day, so that what is this long before goes back a little every now and then.
    pub(crate) fn turns(
        self,
        from: Instant,
        zone: Zone,
        about: Instant,
        holds: impl Fn(Option<Instant>) -> bool,
    ) -> Option<Instant> {
        let says = |at: Instant| holds(self.checked_before(at, zone));
        let was = says(from);
        let near = self.checked_after(about, zone);
        if !self.is_calendar() {
            let turned = |at: &Instant| *at > from && says(*at) != was;
            return [near, near?.next()].into_iter().flatten().find(turned);
        }
        // The lengths of so many months differ by three days, of which the first may be cut by a
        // change of the clock; the months may begin later by what is elapsed.
        let around = Duration::from_mins(6 * 24 * 60);
        let near = near.unwrap_or(Instant::MAX);
        let last = near.saturating_add(around);
        if from > last {
            return None;
        }
        let mut at = from.max(near.saturating_sub(around));
        loop {
            if at > from && says(at) != was {
                return Some(at);
            }
            // Within a day, and between two changes of the clock, time goes only on.
            let end = zone.steady_until(at);
            let last_of_day = end.map_or(Instant::MAX, |end| end.saturating_sub(TICK));
            if says(last_of_day) != was {
                let (mut same, mut other) = (at.as_micros(), last_of_day.as_micros());
                while other - same > 1 {
                    let middle = same + (other - same) / 2;
                    let differs = Instant::checked(middle).is_some_and(|at| says(at) != was);
                    if differs { other = middle } else { same = middle }
                }
                return Instant::checked(other);
            }
            at = end.filter(|end| *end <= last)?;
        }
    }
}

/// The least that time goes on.
const TICK: Duration = Duration::from_micros_unchecked(1);

impl From<Duration> for Span {
    fn from(elapsed: Duration) -> Self {
        Self { months: 0, elapsed }
    }
}

/// A text that is no span.
#[derive(Debug, Error)]
enum NotASpan {
    #[error(transparent)]
    Elapsed(NotADuration),
    #[error("{} names its units out of order", quoted(.0))]
    Order(String),
}

impl Leaf for NotASpan {
    fn code(&self) -> Code {
        Code::PolicyBadValue
    }

    fn help(&self) -> Option<String> {
        match self {
            NotASpan::Elapsed(NotADuration::Malformed(_) | NotADuration::NoUnit(_)) => Some(
                "write a number and a unit (us, ms, s, m, h, d, w, mo, y), such as `7d` or `1y6mo`"
                    .into(),
            ),
            NotASpan::Elapsed(elapsed) => elapsed.help(),
            NotASpan::Order(_) => Some("put the longest first, such as `1y6mo3d`".into()),
        }
    }
}

impl Span {
    fn read(text: &str) -> Result<Self, NotASpan> {
        let mut rest = text.trim();
        let mut months = 0u32;
        let mut is_calendar = false;
        for (names, each) in [(&YEAR[..], 12), (&MONTH[..], 1)] {
            let digits = rest.trim_start_matches(|c: char| c.is_ascii_digit());
            let count = rest.strip_suffix(digits).filter(|count| !count.is_empty());
            // More than can be counted are too many in any case.
            let count = count.map(|count| count.parse::<u32>().unwrap_or(u32::MAX));
            let after = digits.trim_start();
            let unit = after.trim_start_matches(char::is_alphabetic);
            let name = after.strip_suffix(unit).unwrap_or_default();
            if let Some(count) = count.filter(|_| names.contains(&name)) {
                months = months.saturating_add(count.saturating_mul(each));
                is_calendar = true;
                rest = unit.trim_start();
            }
        }
        if rest.is_empty() && is_calendar {
            return Ok(Self::months(months));
        }
        // Said of the whole text, and not of what is left of it.
        let elapsed = Duration::read(rest).map_err(|elapsed| match elapsed {
            NotADuration::Calendar(_) => NotASpan::Order(text.to_owned()),
            elapsed => NotASpan::Elapsed(elapsed.of(text)),
        })?;
        Ok(Self { months: months.min(MOST_MONTHS), elapsed })
    }

    /// A pattern that every text the parser accepts matches, for the JSON Schema.
    #[cfg(feature = "documents")]
    fn pattern() -> String {
        let part = |names: &[&str]| format!(r"(\d+\s*({})\s*)?", names.join("|"));
        let calendar = [part(&YEAR), part(&MONTH)].concat();
        Duration::pattern().replacen(r"(?=\d)", &format!(r"(?=\d){calendar}"), 1)
    }
}

impl FromStr for Span {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Error> {
        Ok(Self::read(text)?)
    }
}

impl fmt::Display for Span {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (self.months / 12, self.months % 12) {
            (0, 0) => return self.elapsed.fmt(f),
            (0, months) => write!(f, "{months}mo")?,
            (years, 0) => write!(f, "{years}y")?,
            (years, months) => write!(f, "{years}y{months}mo")?,
        }
        if self.elapsed == Duration::ZERO { Ok(()) } else { self.elapsed.fmt(f) }
    }
}

impl fmt::Debug for Span {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

text_form!(
    Span,
    "A length of time: a number and a unit, such as `7d`, `90 days` or `1h30m`, which is elapsed time, or `2mo` or `1y`, which is counted on the calendar of the rule's `tz`.",
    Span::pattern()
);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn months_and_years_come_before_what_is_elapsed() {
        for text in ["7d", "2mo", "1y", "1y6mo", "1y2mo3d3h", "0s"] {
            assert_eq!(text.parse::<Span>().unwrap().to_string(), text);
        }
        assert_eq!("18 months 1 day".parse::<Span>().unwrap().to_string(), "1y6mo1d");
        assert_eq!(" 1yr 1 hr".parse::<Span>().unwrap().to_string(), "1y1h");
        // More than there is time are as many as there is.
        assert_eq!("99999999999mo".parse::<Span>().unwrap(), Span::months(u32::MAX));
        for bad in ["", "mo", "1", "1d2mo", "2mo1y", "-1mo", "1.5y"] {
            assert!(bad.parse::<Span>().is_err(), "{bad}");
        }
    }

    #[test]
    fn months_are_clamped() {
        let at = |text: &str| Instant::parse(text).unwrap();
        let utc = Zone::parse("UTC").unwrap();
        let month = Span::months(1);
        assert_eq!(month.before(at("2024-03-31T12:00:00Z"), utc), at("2024-02-29T12:00:00Z"));
        assert_eq!(month.after(at("2023-01-31T12:00:00Z"), utc), at("2023-02-28T12:00:00Z"));
        assert_eq!(Span::months(u32::MAX).before(at("2024-03-31T12:00:00Z"), utc), Instant::MIN);
    }
}
