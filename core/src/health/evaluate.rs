//! A check, a snapshot and what is remembered → a verdict.

use super::alarm::{Alarm, Step};
use super::state::{Incident, Memory, Record};
use super::value::{Gap, Source, Value};
use super::{Call, Check, Escalation, Gate, Level, Missing, Numbers, Snapshot, Status};
use crate::time::Instant;

/// What is said of a check, or of one instance of it.
#[derive(Clone, Debug, PartialEq)]
pub struct Verdict {
    /// How it is.
    pub status: Status,
    /// How it was before, if that is different.
    pub was: Option<Status>,
    /// What somebody is to be told, if anything.
    pub tell: Option<Tell>,
    /// Since when it is so.
    pub since: Instant,
    /// The level that the thresholds and gates give, known or held.
    pub level: Level,
    /// Whether the level is an old one, because nothing new is known.
    pub held: bool,
    /// The number; none where it is missing.
    pub value: Option<f64>,
    /// Why there is none, or none that is known to mean anything.
    pub gap: Option<Gap>,
    /// Whether the gap is in what says where the number means something, by `when`.
    pub unguarded: bool,
    /// Whether the number means nothing here, by `when`.
    pub idle: bool,
    /// The worst level whose threshold the number meets, whatever was before.
    pub meets: Level,
    /// The level that it is on the way to, if a gate delays that.
    pub pending: Option<Pending>,
    /// Until when nobody is told of it, if that is so now.
    pub muted: Option<Instant>,
    /// Since when somebody is on it.
    pub acknowledged: Option<Instant>,
    /// Who is called about it, if it is so bad.
    pub escalation: Option<Escalation>,
    /// The first instant at which the level changes, or it is to be told of again, if nothing new is
    /// measured.
    pub next_change: Option<Instant>,
}

/// That somebody is to be told: once of every change, again where the check says so, and when somebody
/// is called.
#[derive(Clone, Debug, PartialEq)]
pub struct Tell {
    /// How it was when it was told of last; as it is, where it is told again.
    pub from: Status,
    /// Who is called now.
    pub calls: Vec<Call>,
}

/// A change that a gate delays.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Pending {
    /// The level that it is on the way to.
    pub to: Level,
    /// When it will be there, if nothing changes meanwhile; none where samples have to say so.
    pub at: Option<Instant>,
}

/// Why the level is what it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Reason {
    /// No threshold is met.
    Fine,
    /// The threshold of the level is met.
    Met,
    /// A worse threshold is met, and not for long enough yet.
    Pending,
    /// No threshold is met any more, and the one that clears it is not met either.
    NotClear,
    /// No threshold is met any more, and not for long enough yet.
    Kept,
    /// The number means nothing, by `when`.
    Idle,
    /// There is no number.
    Missing,
}

/// What a reading means for the two alarms.
#[derive(Clone, Copy)]
struct Breach {
    warn: bool,
    crit: bool,
}

impl Check {
    /// Evaluates one instance of the check, or the check where it has none. `record` is what is
    /// remembered of it, and `muted` until when nobody is told of it.
    pub(super) fn judge(
        &self,
        snapshot: &Snapshot,
        instance: Option<&str>,
        record: &mut Record,
        muted: Option<Instant>,
        now: Instant,
    ) -> Verdict {
        let source = Source { snapshot, instance, now, stale: self.stale };
        let read = match (self.each, instance) {
            // The metric is not there, or has no instances.
            (true, None) => Err(Gap::Absent),
            _ => source.read(&self.metric, &mut record.memory),
        };
        if read.as_ref().map_or_else(|gap| gap.is_measured(), |_| true) {
            record.timed = source.is_timed(&self.metric);
        }
        let (read, idle, unguarded) = match self.is_idle(source) {
            Ok(idle) => (read, idle, false),
            // Of two that are missing, the number itself is told.
            Err(gap) => (read.and(Err(gap)), false, read.is_ok()),
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
        let before = record.level();
        if let Some(breach) = breach {
            // One from the future is not to keep out those that come before it.
            let at = read.map_or(now, |value: Value| value.at.min(now));
            let is_new = record.sampled.is_none_or(|last| at > last);
            if self.counts() {
                record.sampled = record.sampled.max(Some(at));
            }
            self.step(breach, is_new, record, now);
        }
        record.follow(before, now);
        let level = record.level();
        let status = match (breach, self.missing) {
            (None, Missing::Unknown) => Status::Unknown,
            _ => level.into(),
        };
        let was = record.status;
        if was != status {
            (record.status, record.since) = (status, now);
            record.unsaid.get_or_insert(was);
        }
        let escalation = self.escalation(record, now);
        let tell = match muted {
            Some(_) => None,
            None => self.tell(record, escalation.as_ref(), now),
        };
        let next_change = {
            // What was not told is told when that ends.
            let again = self.told_again(record).filter(|_| muted.is_none());
            let level = breach.and_then(|_| self.next_change(source, record));
            let calls = escalation.as_ref().and_then(|escalation| escalation.next_change(now));
            [again, level, self.next_turn(source), calls].into_iter().flatten().min()
        };
        Verdict {
            status,
            tell,
            was: (was != status).then_some(was),
            since: record.since,
            level,
            held: breach.is_none(),
            value: read.ok().map(|value| value.number),
            gap: read.err(),
            unguarded,
            idle,
            meets: read
                .map_or(Level::Ok, |value| if idle { Level::Ok } else { self.meets(value.number) }),
            // Nothing matures while nothing is known.
            pending: breach.and_then(|_| self.pending(record)),
            muted,
            acknowledged: record.incident.as_ref().and_then(|incident| incident.acknowledged),
            escalation,
            next_change,
        }
    }

    /// Who is called about it: while it is as bad as it can be.
    fn escalation(&self, record: &Record, now: Instant) -> Option<Escalation> {
        let severity = self.severity.as_ref().filter(|_| record.level() == self.worst())?;
        let incident = record.incident.as_ref()?;
        Some(severity.escalation(incident.raised, incident.acknowledged, now))
    }

    /// What is to be told of it now, which is told then.
    fn tell(
        &self,
        record: &mut Record,
        escalation: Option<&Escalation>,
        now: Instant,
    ) -> Option<Tell> {
        let status = record.status;
        let from = record.unsaid.take().unwrap_or(status);
        let told = record.incident.as_ref().and_then(|incident| incident.called);
        let calls = escalation.map_or(&[][..], |escalation| &escalation.called);
        let new = calls.iter().filter(|call| told.is_none_or(|told| call.at > told));
        let calls: Vec<Call> = new.cloned().collect();
        if let Some(incident) = &mut record.incident {
            incident.called = escalation.map(|_| now);
        }
        let again = self.told_again(record).is_some_and(|at| at <= now);
        let tells = from != status || again || !calls.is_empty();
        if status == Status::Ok {
            record.told = None;
        } else if tells && self.repeat.is_some() {
            record.told = Some(now);
        }
        tells.then_some(Tell { from, calls })
    }

    /// Whether the number means nothing, by `when`.
    fn is_idle(&self, source: Source<'_>) -> Result<bool, Gap> {
        let Some((metric, numbers)) = &self.when else { return Ok(false) };
        // What is remembered is the check's own metric's.
        let value = source.read(metric, &mut Memory::default())?;
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

    /// When to tell of it again, if nobody is on it.
    fn told_again(&self, record: &Record) -> Option<Instant> {
        let is_acknowledged = |incident: &Incident| incident.acknowledged.is_some();
        if record.status == Status::Ok || record.incident.as_ref().is_some_and(is_acknowledged) {
            return None;
        }
        Some(record.told.unwrap_or(record.since).saturating_add(self.repeat?))
    }

    /// When it may be that the number begins to mean something, or ceases to.
    fn next_turn(&self, source: Source<'_>) -> Option<Instant> {
        let (metric, numbers) = self.when.as_ref()?;
        source.next_change(metric, &Memory::default(), numbers.ends())
    }

    /// Whether samples are counted, so that no two may be the same.
    fn counts(&self) -> bool {
        [self.raise, self.lower].iter().any(|gate| matches!(gate, Gate::Count(_)))
    }

    /// The worst level whose threshold a number meets.
    fn meets(&self, number: f64) -> Level {
        let meets = |threshold: &Option<Numbers>| threshold.is_some_and(|own| own.contains(number));
        match (meets(&self.crit), meets(&self.warn)) {
            (true, _) => Level::Crit,
            (false, true) => Level::Warn,
            (false, false) => Level::Ok,
        }
    }

    /// The change that a gate delays: to a worse level, or else to a better one.
    fn pending(&self, record: &Record) -> Option<Pending> {
        let Record { warn, crit, .. } = record;
        let at = |alarm: &Alarm| alarm.next_change(self.raise, self.lower);
        let rises = |alarm: &Alarm| !alarm.raised && alarm.since.is_some();
        let falls = |alarm: &Alarm| alarm.raised && alarm.is_over(self.raise);
        if rises(crit) {
            return Some(Pending { to: Level::Crit, at: at(crit) });
        }
        if crit.raised {
            let is_over_too = falls(warn) && at(warn) <= at(crit);
            let below = if warn.raised && !is_over_too { Level::Warn } else { Level::Ok };
            return falls(crit).then(|| Pending { to: below, at: at(crit) });
        }
        if rises(warn) {
            return Some(Pending { to: Level::Warn, at: at(warn) });
        }
        falls(warn).then(|| Pending { to: Level::Ok, at: at(warn) })
    }

    /// The first instant at which the level may change if nothing new is measured: a gate opens, or the
    /// number itself changes with time.
    fn next_change(&self, source: Source<'_>, record: &Record) -> Option<Instant> {
        let alarms = [&record.warn, &record.crit].into_iter();
        let gates = alarms.filter_map(|alarm| alarm.next_change(self.raise, self.lower));
        let thresholds = [self.warn, self.crit, self.clear, self.clear_crit].into_iter().flatten();
        let ends = thresholds.flat_map(|numbers| numbers.ends());
        gates.chain(source.next_change(&self.metric, &record.memory, ends)).min()
    }
}

impl Verdict {
    /// Why the level is what it is.
    #[must_use]
    pub fn reason(&self) -> Reason {
        match self.pending {
            _ if self.idle && self.level == Level::Ok => Reason::Idle,
            _ if self.gap.is_some() => Reason::Missing,
            Some(pending) if pending.to > self.level => Reason::Pending,
            Some(_) => Reason::Kept,
            None if self.meets == Level::Ok && self.level == Level::Ok => Reason::Fine,
            None if self.meets >= self.level => Reason::Met,
            None => Reason::NotClear,
        }
    }
}
