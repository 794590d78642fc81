//! Times in which nobody is told of some checks.

use std::collections::BTreeMap;

use thiserror::Error;

use super::{Health, State};
use crate::error::{Code, Error, Leaf, quoted};
use crate::schedule::{Schedule, Slot};
use crate::suggest;
use crate::time::Instant;

/// A time in which nobody is told of some checks: they are evaluated as ever, and what is still so when
/// it ends is told then.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mute {
    /// The names of the checks, and of groups, which are all the checks that they are made of; `*` is
    /// every check.
    pub of: Vec<String>,
    /// When it begins.
    pub from: Instant,
    /// When it ends: it is over at this instant.
    pub until: Instant,
}

/// Checks of which nobody is told while a window of a schedule is open.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Window {
    of: Vec<String>,
    schedule: Schedule,
}

/// The name of every check.
pub(crate) const ALL_CHECKS: &str = "*";

/// What cannot be muted.
#[derive(Debug, Error)]
enum BadMute {
    #[error("{} is no check and no group", quoted(.name))]
    Unknown { name: String, known: Vec<String> },
    #[error("nothing is named that is to be muted")]
    Nothing,
    #[error("it would end at {until}, which is not after it begins at {from}")]
    Reversed { from: Instant, until: Instant },
}

impl Leaf for BadMute {
    fn code(&self) -> Code {
        match self {
            BadMute::Unknown { .. } => Code::PolicyUnknownRule,
            BadMute::Nothing | BadMute::Reversed { .. } => Code::StateBadMute,
        }
    }

    fn help(&self) -> Option<String> {
        match self {
            BadMute::Unknown { name, known } => {
                suggest::help(name, known.iter().map(String::as_str))
            }
            BadMute::Nothing => Some("name checks or groups, or `*` for all of them".into()),
            BadMute::Reversed { .. } => Some("let it end later".into()),
        }
    }
}

impl Mute {
    fn covers(&self, now: Instant) -> bool {
        self.from <= now && now < self.until
    }
}

impl Health {
    /// Remembers that nobody is to be told of some checks for a time. It takes the place of one of the
    /// same names that is remembered already.
    ///
    /// # Errors
    /// `policy.unknown_rule` for a name that is no check's and no group's; `state.bad_mute` where nothing
    /// is named, or it ends before it begins.
    pub fn mute(&self, mut state: State, mute: Mute) -> Result<State, Error> {
        if mute.of.is_empty() {
            return Err(BadMute::Nothing.into());
        }
        self.check_names(&mute.of)?;
        let Mute { from, until, .. } = mute;
        if until <= from {
            return Err(BadMute::Reversed { from, until }.into());
        }
        state.mutes.retain(|other| other.of != mute.of);
        state.mutes.push(mute);
        Ok(state)
    }

    fn check_names(&self, names: &[String]) -> Result<(), Error> {
        let is_known = |name: &&String| {
            *name == ALL_CHECKS
                || self.check_named(name).is_some()
                || self.group_named(name).is_some()
        };
        let Some(name) = names.iter().find(|name| !is_known(name)) else { return Ok(()) };
        let names = self.checks().map(|(name, _)| name);
        let known = names.chain(self.groups().map(|(name, _)| name)).map(str::to_owned);
        Err(BadMute::Unknown { name: name.clone(), known: known.collect() }.into())
    }

    /// Lets nobody be told of some checks while a window of a schedule is open.
    ///
    /// Where its calendar is not known any more, there are no windows, and everything is told.
    ///
    /// # Errors
    /// `policy.unknown_rule` for a name that is no check's and no group's.
    pub fn muted_by(
        mut self,
        schedule: Schedule,
        of: impl IntoIterator<Item = String>,
    ) -> Result<Self, Error> {
        let of: Vec<String> = of.into_iter().collect();
        self.check_names(&of)?;
        self.windows.push(Window { of, schedule });
        Ok(self)
    }

    /// The times in which nobody is told: those that are remembered, and the windows of schedules that
    /// are open now or will be next.
    pub(super) fn mutes(&self, state: &State, now: Instant) -> Vec<Mute> {
        let mut mutes = state.mutes.clone();
        for Window { of, schedule } in &self.windows {
            let slots = schedule.open_and_next(now);
            let mute = |slot: Slot| Mute { of: of.clone(), from: slot.open, until: slot.close };
            mutes.extend(slots.into_iter().map(mute));
        }
        mutes
    }

    /// The checks that nobody is told of now, and until when.
    pub(super) fn muted<'a>(
        &'a self,
        mutes: &'a [Mute],
        now: Instant,
    ) -> BTreeMap<&'a str, Instant> {
        let mut muted = BTreeMap::new();
        for mute in mutes.iter().filter(|mute| mute.covers(now)) {
            let mut ahead: Vec<&str> = mute.of.iter().map(String::as_str).collect();
            while let Some(name) = ahead.pop() {
                if name == ALL_CHECKS {
                    ahead.extend(self.checks().map(|(name, _)| name));
                } else if let Some(group) = self.group_named(name) {
                    ahead.extend(group.of().iter().map(String::as_str));
                } else {
                    let until = muted.entry(name).or_insert(mute.until);
                    *until = (*until).max(mute.until);
                }
            }
        }
        muted
    }
}

/// The first instant after now at which a time begins or ends in which nobody is told.
pub(super) fn next_change(mutes: &[Mute], now: Instant) -> Option<Instant> {
    let ends = mutes.iter().flat_map(|mute| [mute.from, mute.until]);
    ends.filter(|at| *at > now).min()
}
