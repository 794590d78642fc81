//! Cron expressions for fixed times.
//!
//! An expression is taken apart into days and times of a day, and both are read on a clock without a
//! zone. When that clock's time comes in a zone is for the slots to say, as of any other rule: croner
//! itself, on zoned time, loses times of a list in a gap and repeats them in an overlap.

use std::sync::Arc;

use croner::Cron as Pattern;
use croner::parser::CronParser;
use thiserror::Error;

use crate::bounds::TIMES_PER_DAY;
use crate::error::{Code, Error, Leaf, quoted};
use crate::time::{Date, WallTime, Weekday};

/// The days of a cron expression.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cron(Arc<Pattern>);

/// What is no cron expression, or none for fixed times.
#[derive(Debug, Error)]
enum BadCron {
    #[error("{} is no cron expression: {why}", quoted(.text))]
    Syntax { text: String, why: String },
    #[error("{} has {} for its {field}, which are no fixed times", quoted(.text), quoted(.given))]
    Loose { text: String, given: String, field: &'static str },
}

impl Leaf for BadCron {
    fn code(&self) -> Code {
        match self {
            BadCron::Syntax { .. } => Code::PolicyBadValue,
            BadCron::Loose { .. } => Code::PolicyConflict,
        }
    }

    fn help(&self) -> Option<String> {
        Some(
            match self {
                BadCron::Syntax { .. } => {
                    "write minute, hour, day, month and day of the week, such as `30 2 * * 1`"
                }
                BadCron::Loose { .. } => {
                    "list the times, such as `0,30 9-17 * * *`: what runs all the time needs no window, \
                     and nothing of it can be missed"
                }
            }
            .into(),
        )
    }
}

impl Cron {
    /// The days of an expression, and its times of a day in their order.
    ///
    /// # Errors
    /// `policy.bad_value` for what is no expression; `policy.conflict` for one with a wildcard or a step
    /// in its minutes or hours; `policy.out_of_range` for more times of a day than there may be.
    pub fn parse(text: &str) -> Result<(Self, Vec<WallTime>), Error> {
        let syntax = |why: &str| {
            let why = why.trim_end_matches('.').to_lowercase();
            BadCron::Syntax { text: text.to_owned(), why }
        };
        // `MON/2` is `MON-SUN/2`, as robfig/cron reads it.
        let parsed = CronParser::builder().sloppy_ranges(true).build().parse(text);
        let pattern = parsed.map_err(|error| syntax(&error.to_string()))?;
        // As it is read: without nicknames, and with seconds in front if there are any.
        let fields: Vec<&str> = pattern.as_str().split_whitespace().collect();
        let first = usize::from(fields.len() > 5);
        let names = ["seconds", "minutes", "hours"];
        let given = fields.iter().take(first + 2).zip(names.iter().skip(1 - first));
        for (given, field) in given {
            if given.contains(['*', '/']) {
                let given = (*given).to_owned();
                return Err(BadCron::Loose { text: text.to_owned(), given, field }.into());
            }
        }
        let own = &pattern.pattern;
        let mut times = Vec::new();
        for hour in (0..24).filter(|hour| own.hour_match(*hour).unwrap_or(false)) {
            for minute in (0..60).filter(|minute| own.minute_match(*minute).unwrap_or(false)) {
                let seconds = (0..60).filter(|second| own.second_match(*second).unwrap_or(false));
                times.extend(seconds.filter_map(|second| WallTime::new(hour, minute, second)));
            }
        }
        TIMES_PER_DAY.check(times.len())?;
        Ok((Self(Arc::new(pattern)), times))
    }

    /// Whether a day is one of them.
    #[must_use]
    pub fn has(&self, date: Date) -> bool {
        let own = &self.0.pattern;
        let weekday = match date.weekday() {
            Weekday::Mon => croner::Weekday::Monday,
            Weekday::Tue => croner::Weekday::Tuesday,
            Weekday::Wed => croner::Weekday::Wednesday,
            Weekday::Thu => croner::Weekday::Thursday,
            Weekday::Fri => croner::Weekday::Friday,
            Weekday::Sat => croner::Weekday::Saturday,
            Weekday::Sun => croner::Weekday::Sunday,
        };
        // None of them fails for a day that there is.
        let has = || {
            Ok::<bool, croner::errors::CronError>(
                own.year_match(date.year())?
                    && own.month_match(date.month())?
                    && own.day_match(date.year(), date.month(), date.day(), weekday)?,
            )
        };
        has().unwrap_or(false)
    }
}
