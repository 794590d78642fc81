//! Days on which something is open.

use std::collections::BTreeSet;
use std::ops::RangeInclusive;

use thiserror::Error;

use crate::error::{Code, Error, Leaf, quoted};
use crate::time::{Date, Weekday};

/// The days on which something is open, such as an exchange: the days of a week without those that are
/// closed. It is known from one day to another, and is asked of no other.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Calendar {
    name: String,
    week: Vec<Weekday>,
    closed: BTreeSet<Date>,
    known: RangeInclusive<Date>,
}

/// What is wrong with a calendar, or with what it is asked.
#[derive(Debug, Error)]
enum BadCalendar {
    #[error("it would be known until {until}, which is before {from}")]
    Reversed { from: Date, until: Date },
    #[error("{0} is closed, and is not among the days that are known")]
    ClosedUnknown(Date),
    #[error("no day is open from {from} to {until}")]
    NeverOpen { from: Date, until: Date },
    #[error("the calendar {} is known from {from} to {until}, and {date} is asked for", quoted(.name))]
    Unknown { name: String, from: Date, until: Date, date: Date },
}

impl Leaf for BadCalendar {
    fn code(&self) -> Code {
        match self {
            BadCalendar::Reversed { .. } => Code::PolicyConflict,
            BadCalendar::ClosedUnknown(_) | BadCalendar::NeverOpen { .. } => {
                Code::PolicyNeverMatches
            }
            BadCalendar::Unknown { .. } => Code::PolicyUnknownDate,
        }
    }

    fn help(&self) -> Option<String> {
        Some(match self {
            BadCalendar::Reversed { .. } => "put the earlier day first".into(),
            BadCalendar::ClosedUnknown(_) => "widen `known`, or take the day out".into(),
            BadCalendar::NeverOpen { .. } => "widen `week` or `known`".into(),
            BadCalendar::Unknown { name, .. } => {
                format!("refresh `closed` and `known` of `[calendar.{name}]`")
            }
        })
    }
}

impl Calendar {
    /// Open on these days of a week, or on all where there are none, but on those that are closed.
    ///
    /// # Errors
    /// `policy.conflict` if it would be known until before it is known from; `policy.never_matches` for a
    /// closed day outside of that, or if no day is open.
    pub fn new(
        name: impl Into<String>,
        week: &[Weekday],
        closed: impl IntoIterator<Item = Date>,
        known: RangeInclusive<Date>,
    ) -> Result<Self, Error> {
        let (from, until) = (*known.start(), *known.end());
        if until < from {
            return Err(BadCalendar::Reversed { from, until }.into());
        }
        let closed: BTreeSet<Date> = closed.into_iter().collect();
        if let Some(date) = closed.iter().find(|date| !known.contains(date)) {
            return Err(BadCalendar::ClosedUnknown(*date).into());
        }
        let calendar = Self { name: name.into(), week: week.to_vec(), closed, known };
        let mut days = std::iter::successors(Some(from), |date| date.plus(1));
        match days.find(|date| *date > until || calendar.opens(*date)) {
            Some(date) if date <= until => Ok(calendar),
            _ => Err(BadCalendar::NeverOpen { from, until }.into()),
        }
    }

    /// The days that it is asked of.
    #[must_use]
    pub fn known(&self) -> &RangeInclusive<Date> {
        &self.known
    }

    /// Whether it is open on a day.
    ///
    /// # Errors
    /// `policy.unknown_date` for a day that it is not known for.
    pub fn is_open(&self, date: Date) -> Result<bool, Error> {
        if self.known.contains(&date) {
            return Ok(self.opens(date));
        }
        let (from, until) = (*self.known.start(), *self.known.end());
        Err(BadCalendar::Unknown { name: self.name.clone(), from, until, date }.into())
    }

    fn opens(&self, date: Date) -> bool {
        let is_of_week = self.week.is_empty() || self.week.contains(&date.weekday());
        is_of_week && !self.closed.contains(&date)
    }
}
