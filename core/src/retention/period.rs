//! Periods of a calendar, of which a keep rule keeps one item each.

use chrono::{Datelike, Timelike};

use crate::time::{Instant, Zone};

/// How long the periods of a keep rule are.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Every {
    /// Every item is a period of its own.
    Item,
    /// Seconds of the clock.
    Second,
    /// Minutes of the clock.
    Minute,
    /// Hours of the clock. One that a clock shows twice is two.
    Hour,
    /// Calendar days.
    Day,
    /// ISO weeks, from Monday.
    Week,
    /// Calendar months.
    Month,
    /// Calendar quarters.
    Quarter,
    /// Quarters of 13 ISO weeks; the last one of a long year has 14.
    IsoQuarter,
    /// January to June, and July to December.
    HalfYear,
    /// Calendar years.
    Year,
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
    /// The period that an instant is in. Of [`Every::Item`], any two differ.
    pub(super) fn period(self, at: Instant, item: u32, zone: Zone) -> Period {
        let whole = |number| Period { number, offset: 0 };
        let Some((local, offset)) = zone.clock(at).filter(|_| self != Every::Item) else {
            return whole(i64::from(item));
        };
        let date = local.date();
        let (year, month0) = (i64::from(date.year()), i64::from(date.month0()));
        let iso = date.iso_week();
        let (iso_year, iso_week) = (i64::from(iso.year()), i64::from(iso.week0()));
        let second = i64::from(date.num_days_from_ce()) * 86_400
            + i64::from(local.num_seconds_from_midnight());
        let clock = |length| Period { number: second.div_euclid(length), offset };
        match self {
            Every::Item => whole(i64::from(item)),
            Every::Second => clock(1),
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
}
