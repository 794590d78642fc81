//! What is remembered from one evaluation to the next.

use std::collections::BTreeMap;

use super::alarm::Alarm;
use super::history::History;
use super::{Level, Status};
use crate::time::{Duration, Instant};

/// What is remembered of all checks: nothing else decides but the policy, the snapshot and now.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct State {
    /// When it was made.
    pub(crate) now: Option<Instant>,
    /// Of each check, and each of its instances; a check without instances has one without a name.
    pub(crate) checks: BTreeMap<String, BTreeMap<String, Record>>,
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
    pub(crate) history: History,
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
            history: History::default(),
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

    fn set_back(&mut self, by: Duration) {
        self.since = self.since.saturating_sub(by);
        self.sampled = self.sampled.map(|at| at.saturating_sub(by));
        self.told = self.told.map(|at| at.saturating_sub(by));
        self.warn.set_back(by);
        self.crit.set_back(by);
        self.history.set_back(by);
    }
}

impl State {
    /// Nothing remembered.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// What is remembered of a check.
    pub(super) fn records(&mut self, check: &str) -> &mut BTreeMap<String, Record> {
        self.checks.entry(check.to_owned()).or_default()
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
        self
    }
}
