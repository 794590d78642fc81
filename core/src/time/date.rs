//! A day of the calendar.

use std::fmt;
use std::str::FromStr;

use chrono::{Datelike, Months, NaiveDate, TimeDelta};
use thiserror::Error;

use super::Weekday;
use super::instant::EPOCH_DAY;
use crate::error::{Code, Error, Leaf, quoted};
use crate::text_form::text_form;

/// A day of the Gregorian calendar, in no zone: `2026-03-06`. Years 0001 to 9999.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Date(NaiveDate);

/// A text that is no day.
#[derive(Debug, Error)]
#[error("{} is no day", quoted(.0))]
struct NotADate(String);

impl Leaf for NotADate {
    fn code(&self) -> Code {
        Code::PolicyBadValue
    }

    fn help(&self) -> Option<String> {
        Some("write year, month and day, such as `2026-03-06`".into())
    }
}

impl Date {
    /// 0001-01-01.
    pub const MIN: Self = match NaiveDate::from_ymd_opt(1, 1, 1) {
        Some(first) => Self(first),
        None => Self(NaiveDate::MIN),
    };
    /// 9999-12-31.
    pub const MAX: Self = match NaiveDate::from_ymd_opt(9999, 12, 31) {
        Some(last) => Self(last),
        None => Self(NaiveDate::MAX),
    };

    /// The day of a year, a month from 1 and a day from 1, if there is one.
    #[must_use]
    pub fn new(year: i32, month: u32, day: u32) -> Option<Self> {
        Self::of_naive(NaiveDate::from_ymd_opt(year, month, day)?)
    }

    pub(super) fn of_naive(date: NaiveDate) -> Option<Self> {
        (1..=9999).contains(&date.year()).then_some(Self(date))
    }

    /// The day so many days after 1970-01-01.
    pub(super) fn of_number(number: i64) -> Option<Self> {
        let number = i32::try_from(number).ok()?.checked_add(EPOCH_DAY)?;
        Self::of_naive(NaiveDate::from_num_days_from_ce_opt(number)?)
    }

    /// Days since 1970-01-01.
    pub(super) fn number(self) -> i64 {
        i64::from(self.0.num_days_from_ce() - EPOCH_DAY)
    }

    /// The year.
    #[must_use]
    pub fn year(self) -> i32 {
        self.0.year()
    }

    /// The month, from 1.
    #[must_use]
    pub fn month(self) -> u32 {
        self.0.month()
    }

    /// The day of the month, from 1.
    #[must_use]
    pub fn day(self) -> u32 {
        self.0.day()
    }

    /// The day of the week.
    #[must_use]
    pub fn weekday(self) -> Weekday {
        match self.0.weekday() {
            chrono::Weekday::Mon => Weekday::Mon,
            chrono::Weekday::Tue => Weekday::Tue,
            chrono::Weekday::Wed => Weekday::Wed,
            chrono::Weekday::Thu => Weekday::Thu,
            chrono::Weekday::Fri => Weekday::Fri,
            chrono::Weekday::Sat => Weekday::Sat,
            chrono::Weekday::Sun => Weekday::Sun,
        }
    }

    /// How many days its month has.
    #[must_use]
    pub fn days_in_month(self) -> u32 {
        let first = self.0.with_day(1).and_then(|first| first.checked_add_months(Months::new(1)));
        first.and_then(|next| next.pred_opt()).map_or(31, |last| last.day())
    }

    /// So many days later, or earlier where there are fewer than none; none outside the years 0001 to
    /// 9999.
    #[must_use]
    pub fn plus(self, days: i64) -> Option<Self> {
        Self::of_naive(self.0.checked_add_signed(TimeDelta::try_days(days)?)?)
    }

    /// How many days it is from another day to this one.
    #[must_use]
    pub fn days_since(self, other: Self) -> i64 {
        self.number() - other.number()
    }
}

impl FromStr for Date {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Error> {
        // Chrono takes one digit where there are two.
        let parsed = NaiveDate::parse_from_str(text, "%Y-%m-%d").ok().filter(|_| text.len() == 10);
        Ok(parsed.and_then(Self::of_naive).ok_or_else(|| NotADate(text.to_owned()))?)
    }
}

impl fmt::Display for Date {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.0, f)
    }
}

impl fmt::Debug for Date {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

text_form!(
    Date,
    "A day: year, month and day, such as `2026-03-06`.",
    r"^\d{4}-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])$"
);
