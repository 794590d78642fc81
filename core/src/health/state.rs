//! What is remembered from one evaluation to the next.

use std::collections::BTreeMap;

use thiserror::Error;

use super::alarm::Alarm;
use super::counters::Counters;
use super::history::History;
use super::{Level, Mute, Status};
use crate::error::{Code, Error, Leaf, quoted};
use crate::suggest;
use crate::time::{Duration, Instant};

/// What is remembered of all checks: nothing else decides but the policy, the snapshot and now.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct State {
    /// When it was made.
    pub(crate) now: Option<Instant>,
    /// Of each check, and each of its instances; a check without instances has one without a name.
    pub(crate) checks: BTreeMap<String, BTreeMap<String, Record>>,
    /// The times in which nobody is told.
    pub(crate) mutes: Vec<Mute>,
}

/// A check that nobody can be on.
#[derive(Debug, Error)]
#[error("{} is not raised", quoted(.name))]
struct NotRaised {
    name: String,
    raised: Vec<String>,
}

impl Leaf for NotRaised {
    fn code(&self) -> Code {
        Code::StateNotRaised
    }

    fn help(&self) -> Option<String> {
        match self.raised.as_slice() {
            [] => Some("evaluate it, and see".into()),
            raised => suggest::help("", raised.iter().map(String::as_str)),
        }
    }
}

/// What is remembered of one check, or of one instance of it.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Record {
    pub(crate) status: Status,
    /// Since when the status is so.
    pub(crate) since: Instant,
    pub(crate) warn: Alarm,
    pub(crate) crit: Alarm,
    /// When it was told of last, if that is repeated.
    pub(crate) told: Option<Instant>,
    /// The instant of the last sample, if samples are counted.
    pub(crate) sampled: Option<Instant>,
    /// Whether samples come with instants of their own, which are not of the host's clock.
    pub(crate) timed: bool,
    pub(crate) memory: Memory,
    pub(crate) incident: Option<Incident>,
    /// How it was when it was told of last, if nobody was told since.
    pub(crate) unsaid: Option<Status>,
}

/// What is remembered of a check that is raised.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Incident {
    /// Since when the level is as bad.
    pub(crate) raised: Instant,
    /// Since when somebody is on it.
    pub(crate) acknowledged: Option<Instant>,
    /// Until when those that are called were told.
    pub(crate) called: Option<Instant>,
}

/// The samples that a metric needs again.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Memory {
    pub(crate) history: History,
    pub(crate) counters: Counters,
}

impl Record {
    pub(super) fn new(now: Instant) -> Self {
        Self {
            status: Status::Ok,
            since: now,
            warn: Alarm::default(),
            crit: Alarm::default(),
            told: None,
            sampled: None,
            timed: false,
            memory: Memory::default(),
            incident: None,
            unsaid: None,
        }
    }

    /// The level that is held.
    pub(super) fn level(&self) -> Level {
        match (self.crit.raised, self.warn.raised) {
            (true, _) => Level::Crit,
            (false, true) => Level::Warn,
            (false, false) => Level::Ok,
        }
    }

    /// Follows a level from the one that was before: one that gets worse begins anew.
    pub(super) fn follow(&mut self, before: Level, now: Instant) {
        let level = self.level();
        if level == Level::Ok {
            self.incident = None;
        } else if level > before {
            self.incident = Some(Incident { raised: now, acknowledged: None, called: None });
        }
    }

    fn set_back(&mut self, by: Duration) {
        if let Some(incident) = &mut self.incident {
            incident.raised = incident.raised.saturating_sub(by);
            for at in [&mut incident.acknowledged, &mut incident.called] {
                *at = at.map(|at| at.saturating_sub(by));
            }
        }
        self.since = self.since.saturating_sub(by);
        self.told = self.told.map(|at| at.saturating_sub(by));
        self.warn.set_back(by);
        self.crit.set_back(by);
        if !self.timed {
            self.sampled = self.sampled.map(|at| at.saturating_sub(by));
            self.memory.history.set_back(by);
            self.memory.counters.set_back(by);
        }
    }
}

impl State {
    /// Nothing remembered.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Remembers that somebody is on a check, or on one instance of it: nobody else is called, and it is
    /// not told of again, until it gets worse or is raised anew.
    ///
    /// # Errors
    /// `state.not_raised` if it is not raised, with those that are.
    pub fn acknowledge(
        mut self,
        check: &str,
        instance: Option<&str>,
        now: Instant,
    ) -> Result<Self, Error> {
        let key = instance.unwrap_or_default();
        let record = self.checks.get_mut(check).and_then(|records| records.get_mut(key));
        match record.and_then(|record| record.incident.as_mut()) {
            Some(incident) => {
                incident.acknowledged.get_or_insert(now.max(incident.raised));
                Ok(self)
            }
            None => {
                let raised = self.raised().map(|(check, instance)| name(check, instance)).collect();
                Err(NotRaised { name: name(check, key), raised }.into())
            }
        }
    }

    /// The checks that are raised, and those of their instances that are.
    fn raised(&self) -> impl Iterator<Item = (&str, &str)> {
        let all = self.checks.iter().flat_map(|(check, records)| {
            records
                .iter()
                .map(move |(instance, record)| (check.as_str(), instance.as_str(), record))
        });
        all.filter(|(.., record)| record.incident.is_some()).map(|(check, own, _)| (check, own))
    }

    /// When it was made; none if nothing is remembered.
    #[must_use]
    pub fn now(&self) -> Option<Instant> {
        self.now
    }

    /// Takes over a clock that may have gone back: what has elapsed stays elapsed.
    pub(super) fn at(mut self, now: Instant) -> Self {
        if let Some(before) = self.now.filter(|before| *before > now) {
            let by = before.distance(now);
            let records = self.checks.values_mut().flat_map(BTreeMap::values_mut);
            records.for_each(|record| record.set_back(by));
        }
        self.now = Some(now);
        self.mutes.retain(|mute| mute.until > now);
        self
    }
}

/// A check as it is spoken of, and its instance if it has one.
fn name(check: &str, instance: &str) -> String {
    if instance.is_empty() { check.to_owned() } else { format!("{check}[{instance}]") }
}
