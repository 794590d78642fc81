//! What is wrong with a schedule is refused before anything is asked of it.

use std::collections::BTreeSet;

use thiserror::Error;

use super::{CatchUp, End, IfMissed, Override, Rerun, Schedule};
use crate::bounds::{ATTEMPTS, LOOK_BACK, MAX_RUNS};
use crate::error::{Code, Error, Leaf, quoted};
use crate::time::{Date, Duration, WallTime};

/// What is wrong with a schedule.
#[derive(Debug, Error)]
enum BadSchedule {
    #[error("the schedule has no {0}")]
    Nothing(&'static str),
    #[error("{0} is listed twice")]
    Repeated(String),
    #[error("none of its days is ever")]
    Never,
    #[error("the window has no length")]
    NoWindow,
    #[error("`cutoff` is {cutoff}, and the window of {at} is not longer than that")]
    Cutoff { cutoff: Duration, at: WallTime },
    #[error("`{setting}` means nothing here: that needs `missed = \"{with}\"`")]
    Useless { setting: &'static str, with: &'static str },
    #[error("`max` is {max}, and no more than {look_back} are looked back at")]
    Max { max: u32, look_back: u32 },
    #[error("`rerun` says which tasks run again, and the schedule has no tasks")]
    NoTasks,
    #[error("a start that is stale at once could never end")]
    Stale,
    #[error("{0} is none of its days")]
    NotADay(Date),
    #[error("a slot is known by its day here, and this day would have {0} times")]
    Times(usize),
    #[error("`retain` is {retain}, and the proof of a run is needed for as long as {needed}")]
    Retain { retain: Duration, needed: Duration },
}

impl Leaf for BadSchedule {
    fn code(&self) -> Code {
        match self {
            BadSchedule::Nothing(_) => Code::PolicyMissingField,
            BadSchedule::Repeated(_) => Code::PolicyRepeatedField,
            BadSchedule::Never | BadSchedule::Cutoff { .. } | BadSchedule::NotADay(_) => {
                Code::PolicyNeverMatches
            }
            BadSchedule::NoWindow | BadSchedule::Stale => Code::PolicyOutOfRange,
            BadSchedule::Useless { .. }
            | BadSchedule::Max { .. }
            | BadSchedule::NoTasks
            | BadSchedule::Times(_)
            | BadSchedule::Retain { .. } => Code::PolicyConflict,
        }
    }

    fn help(&self) -> Option<String> {
        Some(match self {
            BadSchedule::Nothing("days") => "say on which: `days = \"daily\"`".into(),
            BadSchedule::Nothing("tasks") => "name one, or take the list out".into(),
            BadSchedule::Nothing(_) => "say when it may start: `at = \"02:00\"`".into(),
            BadSchedule::Repeated(_) => "name each once".into(),
            BadSchedule::Never => "name days that a year has".into(),
            BadSchedule::NoWindow => {
                "say for how long it may start, such as `for = \"30m\"`".into()
            }
            BadSchedule::Cutoff { .. } => "shorten `cutoff`, or let the window be longer".into(),
            BadSchedule::Useless { setting, with } => {
                format!("take `{setting}` out, or say `missed = \"{with}\"`")
            }
            BadSchedule::Max { .. } => "lower `max`, or look back at more".into(),
            BadSchedule::NoTasks => "take `rerun` out, or list `tasks`".into(),
            BadSchedule::Stale => "give a time that no run takes, such as `1h`".into(),
            BadSchedule::NotADay(_) => "take the override out, or add the day".into(),
            BadSchedule::Times(_) => "give it one time, as the others have".into(),
            BadSchedule::Retain { needed, .. } => format!(
                "let the host remember runs for {needed} at least, or until `keep_until` of each"
            ),
        })
    }
}

impl Schedule {
    /// The same, if it makes sense.
    ///
    /// # Errors
    /// `policy.missing_field` without days or times; `policy.never_matches` for days that never come, an
    /// override on none of them, and a window that is over before it opens; `policy.conflict` for settings
    /// that mean nothing together, and for a `retain` that is shorter than a proof is needed;
    /// `policy.repeated_field` and `policy.out_of_range`.
    pub fn checked(mut self) -> Result<Self, Error> {
        let at = |error: BadSchedule, path: &str| Error::from(error).at_path(path);
        if self.days.is_empty() {
            return Err(at(BadSchedule::Nothing("days"), "days"));
        }
        if self.times.is_empty() {
            return Err(at(BadSchedule::Nothing("times"), "at"));
        }
        if let Some(twice) = first_repeated(&self.times) {
            return Err(at(BadSchedule::Repeated(quoted(&twice.to_string())), "at"));
        }
        if let Some(twice) = first_repeated(&self.tasks) {
            return Err(at(BadSchedule::Repeated(quoted(twice)), "tasks"));
        }
        self.check_window(&self.times, self.end)?;
        self.check_missed()?;
        ATTEMPTS.check(self.attempts).map_err(|bad| Error::from(bad).at_path("attempts"))?;
        if self.stale == Duration::ZERO {
            return Err(at(BadSchedule::Stale, "stale"));
        }
        if self.rerun != Rerun::default() && self.tasks.is_empty() {
            return Err(at(BadSchedule::NoTasks, "rerun"));
        }
        for (date, change) in &self.overrides {
            self.check_override(*date, change).map_err(|error| error.under("override"))?;
        }
        if !self.has_days()? {
            return Err(BadSchedule::Never.into());
        }
        if self.retain.is_some() || self.known().is_some() {
            self.longest_needed = self.longest_needed()?;
        }
        match self.retain {
            Some(retain) if retain < self.longest_needed => {
                Err(at(BadSchedule::Retain { retain, needed: self.longest_needed }, "retain"))
            }
            _ => Ok(self),
        }
    }

    fn check_window(&self, times: &[WallTime], end: End) -> Result<(), Error> {
        for at in times {
            let length = end.nominal(*at);
            if length == Duration::ZERO {
                return Err(Error::from(BadSchedule::NoWindow).at_path("for"));
            }
            if length <= self.cutoff {
                let error = BadSchedule::Cutoff { cutoff: self.cutoff, at: *at };
                return Err(Error::from(error).at_path("cutoff"));
            }
        }
        Ok(())
    }

    fn check_missed(&self) -> Result<(), Error> {
        let useless = |setting, with| {
            Err(Error::from(BadSchedule::Useless { setting, with }).at_path(setting))
        };
        LOOK_BACK.check(self.look_back).map_err(|bad| Error::from(bad).at_path("look_back"))?;
        MAX_RUNS.check(self.max).map_err(|bad| Error::from(bad).at_path("max"))?;
        let is_each = self.if_missed == IfMissed::Each;
        match self.if_missed {
            IfMissed::Skip | IfMissed::Latest if self.look_back != 1 => {
                useless("look_back", "each")
            }
            IfMissed::Skip | IfMissed::Latest if self.max != u32::MAX => useless("max", "each"),
            IfMissed::Skip if self.catch_up != CatchUp::default() => useless("catch_up", "each"),
            _ if is_each && self.max != u32::MAX && self.max > self.look_back => {
                let error = BadSchedule::Max { max: self.max, look_back: self.look_back };
                Err(Error::from(error).at_path("max"))
            }
            _ => Ok(()),
        }
    }

    pub(crate) fn check_override(&self, date: Date, change: &Override) -> Result<(), Error> {
        if !self.has(date)? {
            return Err(BadSchedule::NotADay(date).into());
        }
        if !self.has_times() && change.at.len() > 1 {
            return Err(Error::from(BadSchedule::Times(change.at.len())).at_path("at"));
        }
        if let Some(twice) = first_repeated(&change.at) {
            let error = BadSchedule::Repeated(quoted(&twice.to_string()));
            return Err(Error::from(error).at_path("at"));
        }
        let times = if change.at.is_empty() { &self.times } else { &change.at };
        self.check_window(times, change.end.unwrap_or(self.end))
    }
}

fn first_repeated<T: Ord>(items: &[T]) -> Option<&T> {
    let mut seen = BTreeSet::new();
    items.iter().find(|item| !seen.insert(*item))
}
