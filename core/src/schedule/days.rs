//! Which days have slots.

use std::ops::RangeInclusive;
use std::str::FromStr;
use std::sync::Arc;

use thiserror::Error;

use super::Calendar;
#[cfg(feature = "documents")]
use super::Cron;
use crate::bounds::DAY_OF_MONTH;
use crate::error::{Code, Error, Leaf, quoted};
use crate::time::{Date, Weekday};

/// Days that have slots.
#[derive(Clone, Debug, PartialEq)]
pub enum Days {
    /// Every day.
    Daily,
    /// A day of every week.
    Weekday(Weekday),
    /// The first, second, third or fourth such day of every month, by its number.
    Nth(u32, Weekday),
    /// The last such day of every month.
    Last(Weekday),
    /// A day of every month that has it, from 1.
    Day(u32),
    /// The last day of every month.
    LastDay,
    /// The days on which a calendar is open.
    Calendar(Arc<Calendar>),
    /// The days of a cron expression.
    #[cfg(feature = "documents")]
    Cron(Cron),
}

/// What says no days.
#[derive(Debug, Error)]
#[error("{} says no days", quoted(.0))]
struct NotDays(String);

impl Leaf for NotDays {
    fn code(&self) -> Code {
        Code::PolicyUnknownValue
    }

    fn help(&self) -> Option<String> {
        Some(
            "write `daily`, a list such as `[\"sun\"]`, `first sun`, `last fri`, `day 1`, `last day`, \
             or the name of a calendar"
                .into(),
        )
    }
}

const NTH: [&str; 4] = ["first", "second", "third", "fourth"];

impl Days {
    /// Whether they have a day.
    ///
    /// # Errors
    /// `policy.unknown_date` for a day that the calendar is not known for.
    pub fn has(&self, date: Date) -> Result<bool, Error> {
        Ok(match self {
            Days::Daily => true,
            Days::Weekday(own) => date.weekday() == *own,
            Days::Nth(nth, own) => date.weekday() == *own && (date.day() - 1) / 7 + 1 == *nth,
            Days::Last(own) => date.weekday() == *own && date.day() + 7 > date.days_in_month(),
            Days::Day(day) => date.day() == *day,
            Days::LastDay => date.day() == date.days_in_month(),
            Days::Calendar(calendar) => calendar.is_open(date)?,
            #[cfg(feature = "documents")]
            Days::Cron(cron) => cron.has(date),
        })
    }

    /// The days that can be asked of; none where all can be.
    pub(super) fn known(&self) -> Option<&RangeInclusive<Date>> {
        match self {
            Days::Calendar(calendar) => Some(calendar.known()),
            _ => None,
        }
    }
}

/// Days without those of a calendar, whose name alone says nothing.
impl FromStr for Days {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Error> {
        let words: Vec<&str> = text.split_whitespace().collect();
        let weekday = |word: &str| Weekday::ALL.iter().copied().find(|day| day.as_str() == word);
        let nth = |word: &str| (1..).zip(NTH).find(|(_, own)| *own == word).map(|(nth, _)| nth);
        let found = match words.as_slice() {
            ["daily"] => Some(Days::Daily),
            ["last", "day"] => Some(Days::LastDay),
            ["day", number] => {
                let number = number.parse::<u32>().ok();
                number.map(|number| DAY_OF_MONTH.check(number)).transpose()?.map(Days::Day)
            }
            ["last", day] => weekday(day).map(Days::Last),
            [number, day] => nth(number).zip(weekday(day)).map(|(nth, day)| Days::Nth(nth, day)),
            [day] => weekday(day).map(Days::Weekday),
            _ => None,
        };
        Ok(found.ok_or_else(|| NotDays(text.to_owned()))?)
    }
}
