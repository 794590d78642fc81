//! A check, a snapshot and what is remembered → a verdict.

use super::alarm::{Alarm, Step};
use super::history::History;
use super::state::Record;
use super::value::{Gap, Source, Value};
use super::{Check, Gate, Level, Missing, Numbers, Snapshot, Status};
use crate::time::Instant;

/// What is said of a check, or of one instance of it.
#[derive(Clone, Debug, PartialEq)]
pub struct Verdict {
    /// How it is.
    pub status: Status,
    /// How it was before, if that is different.
    pub was: Option<Status>,
    /// Since when it is so.
    pub since: Instant,
    /// The level that the thresholds and gates give, known or held.
    pub level: Level,
    /// Whether the level is an old one, because nothing new is known.
    pub held: bool,
    /// The number; none where it is missing.
    pub value: Option<f64>,
    /// Why there is none.
    pub gap: Option<Gap>,
    /// Whether the number means nothing here, by `when`.
    pub idle: bool,
    /// The level that a threshold gives, and when it will be the level, if it stays so.
    pub pending: Option<(Level, Option<Instant>)>,
    /// The first instant at which the level changes if nothing new is measured.
    pub next_change: Option<Instant>,
}

/// What a reading means for the two alarms.
#[derive(Clone, Copy)]
struct Breach {
    warn: bool,
    crit: bool,
}

impl Check {
    /// Evaluates one instance of the check, or the check where it has none. `record` is what is
    /// remembered of it.
    pub(super) fn judge(
        &self,
        snapshot: &Snapshot,
        instance: Option<&str>,
        record: &mut Record,
        now: Instant,
    ) -> Verdict {
        let source = Source { snapshot, instance, now, stale: self.stale };
        let read = source.read(&self.metric, &mut record.history);
        let (read, idle) = match self.is_idle(source) {
            Ok(true) => (read, true),
            Ok(false) => (read, false),
            Err(gap) => (Err(gap), false),
        };
        let breach = match read {
            _ if idle => Some(Breach { warn: false, crit: false }),
            Ok(value) => Some(self.breach(value.number, record)),
            Err(_) => match self.missing {
                Missing::Breach => Some(Breach { warn: true, crit: true }),
                Missing::Ok => Some(Breach { warn: false, crit: false }),
                Missing::Unknown | Missing::Keep => None,
            },
        };
        if let Some(breach) = breach {
            let at = read.map_or(now, |value: Value| value.at);
            let is_new = record.sampled.is_none_or(|last| at > last);
            record.sampled = record.sampled.max(Some(at));
            self.step(breach, is_new, record, now);
        }
        let level = record.level();
        let status = match (breach, self.missing) {
            (None, Missing::Unknown) => Status::Unknown,
            _ => level.into(),
        };
        let was = record.status;
        if was != status {
            (record.status, record.since) = (status, now);
        }
        Verdict {
            status,
            was: (was != status).then_some(was),
            since: record.since,
            level,
            held: breach.is_none(),
            value: read.ok().map(|value| value.number),
            gap: read.err(),
            idle,
            pending: self.pending(record),
            next_change: breach.and_then(|_| self.next_change(record)),
        }
    }

    /// Whether the number means nothing, by `when`.
    fn is_idle(&self, source: Source<'_>) -> Result<bool, Gap> {
        let Some((metric, numbers)) = &self.when else { return Ok(false) };
        // What is remembered is the check's own metric's.
        let value = source.read(metric, &mut History::default())?;
        Ok(!numbers.contains(value.number))
    }

    fn breach(&self, number: f64, record: &Record) -> Breach {
        let crit_clear = match self.warn {
            Some(_) => &self.clear_crit,
            None => &self.clear,
        };
        let meets = |raise: &Option<Numbers>, clear: &Option<Numbers>, alarm: &Alarm| {
            let Some(raise) = raise else { return false };
            let is_held = || clear.as_ref().is_some_and(|clear| !clear.contains(number));
            raise.contains(number) || (alarm.raised && is_held())
        };
        Breach {
            warn: meets(&self.warn, &self.clear, &record.warn),
            crit: meets(&self.crit, crit_clear, &record.crit),
        }
    }

    fn step(&self, breach: Breach, is_new: bool, record: &mut Record, now: Instant) {
        let Breach { warn, crit } = breach;
        if self.warn.is_some() {
            let step = Step { now, breach: warn, is_new };
            record.warn.step(step, self.raise, self.lower);
        }
        if self.crit.is_some() {
            record.crit.step(Step { now, breach: crit, is_new }, self.raise, self.lower);
        }
    }

    /// A level that is worse than the one that is held, and that a gate delays.
    fn pending(&self, record: &Record) -> Option<(Level, Option<Instant>)> {
        let waits = |alarm: &Alarm| !alarm.raised && alarm.since.is_some();
        let due = |alarm: &Alarm| match self.raise {
            Gate::For(_) => alarm.next_change(self.raise, self.lower),
            _ => None,
        };
        if waits(&record.crit) {
            return Some((Level::Crit, due(&record.crit)));
        }
        (waits(&record.warn) && !record.crit.raised).then(|| (Level::Warn, due(&record.warn)))
    }

    fn next_change(&self, record: &Record) -> Option<Instant> {
        let alarms = [&record.warn, &record.crit];
        alarms.iter().filter_map(|alarm| alarm.next_change(self.raise, self.lower)).min()
    }
}
