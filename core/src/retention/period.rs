//! Periods of a calendar, of which a keep rule keeps one item each.

use std::ops::RangeInclusive;

use chrono::{Datelike, NaiveDateTime, Timelike};

use crate::time::{Duration, Instant, Zone};
use crate::words::words;

words! {
    /// How long the periods of a keep rule are.
    #[derive(PartialOrd, Ord)]
    Every {
        /// Every item is a period of its own.
        #[default]
        Item = "item",
        /// Seconds of the clock.
        Second = "second",
        /// Minutes of the clock.
        Minute = "minute",
        /// Hours of the clock. One that a clock shows twice is two.
        Hour = "hour",
        /// Calendar days.
        Day = "day",
        /// ISO weeks, from Monday.
        Week = "week",
        /// Calendar months.
        Month = "month",
        /// Calendar quarters.
        Quarter = "quarter",
        /// Quarters of 13 ISO weeks; the last one of a long year has 14.
        IsoQuarter = "iso-quarter",
        /// January to June, and July to December.
        HalfYear = "half-year",
        /// Calendar years.
        Year = "year",
    }
}

/// One period. Two items are in the same one if these are the same.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) struct Period {
    number: i64,
    /// Tells apart what a clock shows twice.
    offset: i32,
}

/// The periods that items stand for, which come from the newest on.
#[derive(Debug, Default)]
pub(super) struct Seen {
    /// Each with the row that stands for it.
    periods: Vec<(Period, u32)>,
    lowest: Option<i64>,
}

impl Seen {
    /// The row that stands for a period.
    pub(super) fn holder(&self, period: Period) -> Option<u32> {
        // Most periods are lower than all before, or the same as the last; but where a clock goes
        // back over midnight, two days take turns.
        if self.is_before_all(period) {
            return None;
        }
        let is_same = |(seen, _): &&(Period, u32)| *seen == period;
        self.periods.iter().rev().find(is_same).map(|(_, row)| *row)
    }

    /// Whether a period is earlier than all that are stood for.
    pub(super) fn is_before_all(&self, period: Period) -> bool {
        self.lowest.is_none_or(|lowest| period.number < lowest)
    }

    /// From now on `row` stands for this period.
    pub(super) fn stands(&mut self, period: Period, row: u32) {
        self.lowest = Some(self.lowest.map_or(period.number, |lowest| lowest.min(period.number)));
        self.periods.push((period, row));
    }
}

impl Every {
    /// What the period that an instant is in is called, such as `2024-05-03`, `2024-W18` or
    /// `2024-Q2`. Nothing for [`Every::Item`].
    #[must_use]
    pub fn name(self, at: Instant, zone: Zone) -> Option<String> {
        let (local, offset) = zone.clock(at)?;
        let date = local.date();
        let (year, month) = (date.year(), date.month());
        let iso = date.iso_week();
        // What a clock shows twice is told apart by its offset, as in RFC 3339.
        let clock = |shown: &str| {
            let (sign, offset) = (if offset < 0 { '-' } else { '+' }, offset.unsigned_abs());
            let (hours, minutes) = (offset / 3600, offset / 60 % 60);
            format!("{date}T{shown}{sign}{hours:02}:{minutes:02}")
        };
        let (hour, minute, second) = (local.hour(), local.minute(), local.second());
        Some(match self {
            Every::Item => return None,
            Every::Second => clock(&format!("{hour:02}:{minute:02}:{second:02}")),
            Every::Minute => clock(&format!("{hour:02}:{minute:02}")),
            Every::Hour => clock(&format!("{hour:02}")),
            Every::Day => date.to_string(),
            Every::Week => format!("{:04}-W{:02}", iso.year(), iso.week()),
            Every::Month => format!("{year:04}-{month:02}"),
            Every::Quarter => format!("{year:04}-Q{}", (month - 1) / 3 + 1),
            Every::IsoQuarter => {
                let first = (iso.week0() / 13).min(3) * 13 + 1;
                format!("{:04}-W{first:02}/13", iso.year())
            }
            Every::HalfYear => format!("{year:04}-H{}", (month - 1) / 6 + 1),
            Every::Year => format!("{year:04}"),
        })
    }

    /// The period that a clock's reading is in, which is so many seconds ahead of UTC.
    fn period(self, local: NaiveDateTime, offset: i32) -> Period {
        let whole = |number| Period { number, offset: 0 };
        let date = local.date();
        let (year, month0) = (i64::from(date.year()), i64::from(date.month0()));
        let iso = date.iso_week();
        let (iso_year, iso_week) = (i64::from(iso.year()), i64::from(iso.week0()));
        let second = i64::from(date.num_days_from_ce()) * 86_400
            + i64::from(local.num_seconds_from_midnight());
        let clock = |length| Period { number: second.div_euclid(length), offset };
        match self {
            Every::Item | Every::Second => clock(1),
            Every::Minute => clock(60),
            Every::Hour => clock(3600),
            Every::Day => whole(i64::from(date.num_days_from_ce())),
            Every::Week => whole(iso_year * 53 + iso_week),
            Every::Month => whole(year * 12 + month0),
            Every::Quarter => whole(year * 4 + month0 / 3),
            Every::IsoQuarter => whole(iso_year * 4 + (iso_week / 13).min(3)),
            Every::HalfYear => whole(year * 2 + month0 / 6),
            Every::Year => whole(year),
        }
    }

    /// What part of a day on the clock is in one period.
    fn part_of_day(self) -> Duration {
        match self {
            Every::Item | Every::Second => Duration::from_secs(1),
            Every::Minute => Duration::from_mins(1),
            Every::Hour => Duration::from_mins(60),
            _ => Duration::from_mins(24 * 60),
        }
    }
}

/// The periods of instants. Most are in that of the one before, which is not looked up again.
#[derive(Debug)]
pub(super) struct Periods {
    every: Every,
    zone: Zone,
    /// The period that was found last, and what is in it for sure.
    last: Option<(RangeInclusive<Instant>, Period)>,
}

impl Periods {
    pub(super) fn new(every: Every, zone: Zone) -> Self {
        Self { every, zone, last: None }
    }

    /// The period that an item's instant is in. Of [`Every::Item`], any two differ.
    pub(super) fn of(&mut self, at: Instant, item: u32) -> Period {
        if let Some((_, period)) = self.last.as_ref().filter(|(range, _)| range.contains(&at)) {
            return *period;
        }
        let Some((local, offset)) = self.zone.clock(at).filter(|_| self.every != Every::Item)
        else {
            return Period { number: item.into(), offset: 0 };
        };
        let period = self.every.period(local, offset);
        let since = self.zone.steady_since(at, self.every.part_of_day());
        self.last = Some((since..=at, period));
        period
    }
}
