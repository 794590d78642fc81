//! A schedule as it is written → a schedule.

use std::collections::BTreeMap;
use std::sync::Arc;

use thiserror::Error;

use crate::bounds::OVERRIDES;
use crate::error::{Code, Error, Leaf, quoted};
use crate::policy::document::{CalendarDocument, Calendars, DayDocument, ScheduleDocument};
use crate::policy::subject::check_name;
use crate::schedule::{Calendar, Cron, Days, End, IfMissed, Override, Schedule};
use crate::suggest;
use crate::time::{Date, Duration, WallTime, Weekday};

/// The calendars of a policy, by name.
pub(super) type Known = BTreeMap<String, Arc<Calendar>>;

/// Settings that do not go together, or lack.
#[derive(Debug, Error)]
enum BadSettings {
    #[error("the schedule says no days")]
    NoDays,
    #[error("the schedule says no time")]
    NoTime,
    #[error("`cron` says days and times, and so does `{0}`")]
    Twice(&'static str),
    #[error("the window has no end")]
    NoEnd,
    #[error("both `for` and `until` say when the window ends")]
    TwoEnds,
    #[error("`missed = \"each\"` needs to know how many slots are looked back at")]
    NoLookBack,
    #[error("{0} is overridden twice")]
    Repeated(Date),
    #[error("{} is the name of days that need no calendar", quoted(.0))]
    Reserved(String),
    #[error("{} are no days, and the name of no calendar", quoted(.name))]
    NoCalendar { name: String, known: Vec<String> },
    #[error("the day differs in nothing")]
    Same,
    #[error("`known` is two days, the first and the last, and not {0}")]
    Known(usize),
}

impl Leaf for BadSettings {
    fn code(&self) -> Code {
        match self {
            BadSettings::NoDays
            | BadSettings::NoTime
            | BadSettings::NoEnd
            | BadSettings::NoLookBack
            | BadSettings::Same => Code::PolicyMissingField,
            BadSettings::Twice(_) | BadSettings::TwoEnds => Code::PolicyConflict,
            BadSettings::Repeated(_) => Code::PolicyRepeatedField,
            BadSettings::Reserved(_) | BadSettings::Known(_) => Code::PolicyBadValue,
            BadSettings::NoCalendar { .. } => Code::PolicyUnknownValue,
        }
    }

    fn help(&self) -> Option<String> {
        Some(match self {
            BadSettings::NoDays => {
                "say on which: `days = \"daily\"`, or a `cron` expression".into()
            }
            BadSettings::NoTime => "say when it opens: `at = \"02:00\"`".into(),
            BadSettings::Twice(other) => format!("take `{other}` out, or `cron`"),
            BadSettings::NoEnd => "say how long it may start: `for = \"30m\"`".into(),
            BadSettings::TwoEnds => "keep one of the two".into(),
            BadSettings::NoLookBack => "add `look_back`, such as `look_back = 7`".into(),
            BadSettings::Repeated(_) => "say it once".into(),
            BadSettings::Reserved(_) => "give the calendar another name".into(),
            BadSettings::NoCalendar { name, known } => {
                let days = Weekday::ALL.iter().map(|day| day.as_str()).chain(["daily", "last day"]);
                let known = known.iter().map(String::as_str).chain(days);
                return match suggest::closest(name, known) {
                    Some(name) => Some(format!("did you mean {}?", quoted(name))),
                    None => Some(format!(
                        "write `daily`, `[\"sun\"]`, `first sun`, `last fri`, `day 1`, `last day`, or \
                         add `[calendar.{name}]`"
                    )),
                };
            }
            BadSettings::Known(_) => "write `known = [\"2026-01-01\", \"2026-12-31\"]`".into(),
            BadSettings::Same => "say its `at`, `for` or `until`".into(),
        })
    }
}

pub(super) fn calendars(given: &Calendars) -> Result<Known, Error> {
    let mut known = BTreeMap::new();
    for (name, calendar) in given {
        let base = format!("calendar.{name}");
        check_name(name, &base)?;
        if name.parse::<Days>().is_ok() {
            return Err(Error::from(BadSettings::Reserved(name.clone())).at_path(base));
        }
        let calendar = calendar.check(name).map_err(|error| error.under(&base))?;
        known.insert(name.clone(), Arc::new(calendar));
    }
    Ok(known)
}

impl CalendarDocument {
    fn check(&self, name: &str) -> Result<Calendar, Error> {
        let week = self.week.as_deref().unwrap_or_default();
        let [first, last] = self.known.as_slice() else {
            return Err(Error::from(BadSettings::Known(self.known.len())).at_path("known"));
        };
        Calendar::new(name, week, self.closed.iter().copied(), *first..=*last)
    }
}

impl ScheduleDocument {
    /// The schedule; its errors have paths below its own.
    pub(super) fn check(&self, known: &Known) -> Result<Schedule, Error> {
        let (days, times) = self.days_and_times(known)?;
        let end = end_of(self.length, self.until)?;
        let end = end.ok_or_else(|| Error::from(BadSettings::NoEnd))?;
        let mut schedule = Schedule::new(days, times, self.tz).end(end);
        if let Some(cutoff) = self.cutoff {
            schedule = schedule.cutoff(cutoff);
        }
        if let Some(notice) = self.notice {
            schedule = schedule.notice(notice);
        }
        let if_missed = self.missed.unwrap_or_default();
        if if_missed == IfMissed::Each && self.look_back.is_none() {
            return Err(Error::from(BadSettings::NoLookBack).at_path("missed"));
        }
        schedule = schedule.if_missed(if_missed).done(self.done.unwrap_or_default());
        if let Some(look_back) = self.look_back {
            schedule = schedule.look_back(look_back);
        }
        if let Some(max) = self.max {
            schedule = schedule.max(max);
        }
        if let Some(attempts) = self.attempts {
            schedule = schedule.attempts(attempts);
        }
        if let Some(stale) = self.stale {
            schedule = schedule.stale(stale);
        }
        if let Some(retain) = self.retain {
            schedule = schedule.retain(retain);
        }
        for (n, name) in self.tasks.iter().enumerate() {
            check_name(name, &format!("tasks[{n}]"))?;
        }
        schedule = schedule.tasks(self.tasks.iter().map(String::as_str));
        schedule = schedule.rerun(self.rerun.unwrap_or_default());
        schedule = schedule.catch_up(self.catch_up.unwrap_or_default());
        self.overridden(schedule)?.checked()
    }

    fn days_and_times(&self, known: &Known) -> Result<(Vec<Days>, Vec<WallTime>), Error> {
        if let Some(cron) = &self.cron {
            for (given, name) in [(self.days.is_some(), "days"), (self.at.is_some(), "at")] {
                if given {
                    return Err(Error::from(BadSettings::Twice(name)).at_path("cron"));
                }
            }
            let (cron, times) = Cron::parse(cron).map_err(|error| error.at_path("cron"))?;
            return Ok((vec![Days::Cron(cron)], times));
        }
        let given = self.days.as_ref().ok_or_else(|| Error::from(BadSettings::NoDays))?;
        let times = self.at.as_ref().ok_or_else(|| Error::from(BadSettings::NoTime))?;
        let read = |(n, text): (usize, &String)| {
            let at = |error: Error| match given.0.as_slice() {
                [_] => error.at_path("days"),
                _ => error.at_path(format!("days[{n}]")),
            };
            if let Some(calendar) = known.get(text) {
                return Ok(Days::Calendar(Arc::clone(calendar)));
            }
            text.parse().map_err(|error: Error| match error.code() {
                Code::PolicyUnknownValue => {
                    let known = known.keys().cloned().collect();
                    at(BadSettings::NoCalendar { name: text.clone(), known }.into())
                }
                _ => at(error),
            })
        };
        let days = given.0.iter().enumerate().map(read).collect::<Result<_, Error>>()?;
        Ok((days, times.0.clone()))
    }

    fn overridden(&self, mut schedule: Schedule) -> Result<Schedule, Error> {
        OVERRIDES
            .check(self.overrides.len())
            .map_err(|bad| Error::from(bad).at_path("override"))?;
        for (n, given) in self.overrides.iter().enumerate() {
            let path = format!("override[{n}]");
            if self.overrides.iter().take(n).any(|other| other.date == given.date) {
                return Err(Error::from(BadSettings::Repeated(given.date)).at_path(path));
            }
            let change = given.check().map_err(|error| error.under(&path))?;
            let sound = schedule.check_override(given.date, &change);
            sound.map_err(|error| error.under(&path))?;
            schedule = schedule.on(given.date, change);
        }
        Ok(schedule)
    }
}

impl DayDocument {
    fn check(&self) -> Result<Override, Error> {
        let end = end_of(self.length, self.until)?;
        let at = self.at.as_ref().map(|at| at.0.clone()).unwrap_or_default();
        if at.is_empty() && end.is_none() {
            return Err(BadSettings::Same.into());
        }
        Ok(Override { at, end })
    }
}

fn end_of(length: Option<Duration>, until: Option<WallTime>) -> Result<Option<End>, Error> {
    match (length, until) {
        (Some(_), Some(_)) => Err(Error::from(BadSettings::TwoEnds).at_path("until")),
        (length, until) => Ok(length.map(End::For).or(until.map(End::Until))),
    }
}
