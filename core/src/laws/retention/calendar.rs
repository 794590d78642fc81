//! Calendars by the book: what a clock shows, found one step at a time.

use std::str::FromStr;

use chrono::{DateTime, Datelike, NaiveDate, NaiveDateTime, Offset, TimeDelta, TimeZone, Timelike};
use chrono_tz::Tz;

use super::Age;
use crate::retention::{Edge, Every};
use crate::time::Zone;

/// What says whether two items are of one period: the length, and the parts of the date that name
/// the period.
pub(super) type Named = (Every, Vec<i64>);

pub(super) const MICROS_PER_DAY: i64 = 86_400_000_000;
const SECOND: i64 = 1_000_000;

/// A zone's clock. Times are microseconds since 1970, of any year that chrono has.
pub(super) struct Clock(Tz);

impl Clock {
    pub(super) fn new(zone: Zone) -> Self {
        Self(Tz::from_str(zone.name()).unwrap_or(Tz::UTC))
    }

    /// What the clock shows, and its offset in seconds.
    fn shows(&self, micros: i64) -> (NaiveDateTime, i32) {
        let at = DateTime::from_timestamp_micros(micros).unwrap_or_default();
        let local = at.with_timezone(&self.0);
        (local.naive_local(), local.offset().fix().local_minus_utc())
    }

    /// The name of the period that a time is in.
    pub(super) fn period(&self, every: Every, micros: i64, id: i64) -> Named {
        let (local, offset) = self.shows(micros);
        let year = i64::from(local.year());
        let [month, day] = [local.month(), local.day()].map(i64::from);
        let [hour, minute, second] = [local.hour(), local.minute(), local.second()].map(i64::from);
        let (iso_year, week) = (local.iso_week().year(), i64::from(local.iso_week().week()));
        let (iso_year, offset) = (i64::from(iso_year), i64::from(offset));
        let name = match every {
            Every::Item => vec![id],
            Every::Second => vec![year, month, day, hour, minute, second, offset],
            Every::Minute => vec![year, month, day, hour, minute, offset],
            Every::Hour => vec![year, month, day, hour, offset],
            Every::Day => vec![year, month, day],
            Every::Week => vec![iso_year, week],
            Every::Month => vec![year, month],
            Every::Quarter => match month {
                1..=3 => vec![year, 1],
                4..=6 => vec![year, 2],
                7..=9 => vec![year, 3],
                _ => vec![year, 4],
            },
            Every::IsoQuarter => match week {
                1..=13 => vec![iso_year, 1],
                14..=26 => vec![iso_year, 2],
                27..=39 => vec![iso_year, 3],
                _ => vec![iso_year, 4],
            },
            Every::HalfYear => vec![year, if month <= 6 { 1 } else { 2 }],
            Every::Year => vec![year],
        };
        (every, name)
    }

    /// The time some `age` later.
    pub(super) fn after(&self, micros: i64, age: Age) -> i128 {
        i128::from(self.months_on(micros, i64::from(age.months)))
            + i128::from(age.elapsed.as_micros())
    }

    /// The time some `age` earlier.
    pub(super) fn before(&self, micros: i64, age: Age) -> i128 {
        i128::from(self.months_on(micros, -i64::from(age.months)))
            - i128::from(age.elapsed.as_micros())
    }

    /// When days begin and clocks are changed, from one time to another. They do so on whole seconds.
    pub(super) fn changes(&self, from: i64, to: i64) -> Vec<i64> {
        let shown = |at: i64| {
            let (local, offset) = self.shows(at);
            (local.date(), offset)
        };
        let mut changes = Vec::new();
        let mut at = from - from.rem_euclid(SECOND);
        while at < to {
            let now = shown(at);
            let mut change = at;
            for step in [3600 * SECOND, 60 * SECOND, SECOND] {
                while shown(change + step) == now && change < to {
                    change += step;
                }
            }
            at = change + SECOND;
            changes.push(at);
        }
        changes.retain(|change| *change > from && *change < to);
        changes
    }

    /// Whether a time is within some age before `base`; the edge says whether just so much is.
    pub(super) fn is_within(&self, at: i64, base: i64, age: Age, edge: Edge) -> bool {
        let (at, first) = (i128::from(at), self.before(base, age));
        at > first || (edge == Edge::At && at == first)
    }

    /// The same day and clock time of another month, or that month's last day.
    fn months_on(&self, micros: i64, months: i64) -> i64 {
        if months == 0 {
            return micros;
        }
        let (local, _) = self.shows(micros);
        let (mut year, mut month) = (local.year(), local.month());
        for _ in 0..months.abs() {
            (year, month) = match (months > 0, month) {
                (true, 12) => (year + 1, 1),
                (true, _) => (year, month + 1),
                (false, 1) => (year - 1, 12),
                (false, _) => (year, month - 1),
            };
        }
        let mut day = local.day();
        let date = loop {
            match NaiveDate::from_ymd_opt(year, month, day) {
                Some(date) => break date,
                None if day > 1 => day -= 1,
                // Further than any calendar goes.
                None => return if months > 0 { i64::MAX } else { i64::MIN },
            }
        };
        let reading = date.and_time(local.time());
        if let Some(at) = self.0.from_local_datetime(&reading).earliest() {
            return at.timestamp_micros();
        }
        // A reading that no clock showed: the first time that shows more, to the second, as clocks
        // are changed on whole seconds.
        let mut at = (reading - TimeDelta::days(2)).and_utc().timestamp();
        for step in [3600, 60, 1] {
            while self.shows((at + step) * 1_000_000).0 < reading {
                at += step;
            }
        }
        (at + 1) * 1_000_000
    }
}
