//! A check: what it looks at, where its thresholds are, and how fast it changes its mind.

use std::collections::BTreeMap;
use std::sync::Arc;

use thiserror::Error;

use super::state::Record;
use super::{Gate, Level, Metric, Missing, Numbers, Severity, Snapshot};
use crate::error::{Code, Error, Leaf};
use crate::time::{Duration, Instant};

/// A check of one metric.
///
/// ```
/// use housekeep::health::{Check, Metric, Numbers};
/// use housekeep::time::Duration;
///
/// let cpu = Check::new(Metric::Value("cpu".into()))
///     .crit(Numbers::above(85.0))
///     .clear(Numbers::below(80.0))
///     .raise_after(Duration::from_mins(5))
///     .checked()?;
/// # Ok::<(), housekeep::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct Check {
    pub(super) metric: Metric,
    pub(super) warn: Option<Numbers>,
    pub(super) crit: Option<Numbers>,
    pub(super) clear: Option<Numbers>,
    pub(super) clear_crit: Option<Numbers>,
    pub(super) when: Option<(Metric, Numbers)>,
    pub(super) raise: Gate,
    pub(super) lower: Gate,
    pub(super) missing: Missing,
    pub(super) stale: Option<Duration>,
    pub(super) each: bool,
    pub(super) repeat: Option<Duration>,
    pub(super) severity: Option<Arc<Severity>>,
}

/// What is wrong with a check.
#[derive(Debug, Error)]
enum BadCheck {
    #[error("the check has no threshold")]
    NoThreshold,
    #[error("no number can be {0}")]
    Never(&'static str),
    #[error("a number can be both {0} and {1}")]
    Overlap(&'static str, &'static str),
    #[error("a number can be `crit` and not `warn`")]
    CritOutsideWarn,
    #[error("a check that is told of again at once would be told of for ever")]
    NoRepeat,
    #[error("`clear_crit` says when a check goes back from crit to warn, and there is no {0}")]
    NoLevel(&'static str),
}

impl Leaf for BadCheck {
    fn code(&self) -> Code {
        match self {
            BadCheck::NoThreshold => Code::PolicyMissingField,
            BadCheck::Never(_) => Code::PolicyNeverMatches,
            BadCheck::NoRepeat => Code::PolicyOutOfRange,
            _ => Code::PolicyConflict,
        }
    }

    fn help(&self) -> Option<String> {
        Some(
            match self {
                BadCheck::NoThreshold => "give `crit`, `warn` or `expect`",
                BadCheck::Never(_) => "widen the threshold, or take it out",
                BadCheck::Overlap(..) => {
                    "leave a gap between where it is raised and where it clears"
                }
                BadCheck::CritOutsideWarn => "let `warn` begin before `crit`",
                BadCheck::NoRepeat => "give a time such as `1h`",
                BadCheck::NoLevel(_) => "give both, or take `clear_crit` out",
            }
            .into(),
        )
    }
}

impl Check {
    /// Of a metric, without thresholds yet.
    #[must_use]
    pub fn new(metric: Metric) -> Self {
        Self {
            metric,
            warn: None,
            crit: None,
            clear: None,
            clear_crit: None,
            when: None,
            raise: Gate::Open,
            lower: Gate::Open,
            missing: Missing::default(),
            stale: None,
            each: false,
            repeat: None,
            severity: None,
        }
    }

    /// The same of another metric.
    #[must_use]
    pub fn of(self, metric: Metric) -> Self {
        Self { metric, ..self }
    }

    /// Which numbers are a warning.
    #[must_use]
    pub fn warn(mut self, numbers: Numbers) -> Self {
        self.warn = Some(numbers);
        self
    }

    /// Which numbers are critical.
    #[must_use]
    pub fn crit(mut self, numbers: Numbers) -> Self {
        self.crit = Some(numbers);
        self
    }

    /// Which numbers are healthy: all others are critical.
    #[must_use]
    pub fn expect(self, numbers: Numbers) -> Self {
        self.crit(numbers.others())
    }

    /// Which numbers make a check ok again that is not.
    #[must_use]
    pub fn clear(mut self, numbers: Numbers) -> Self {
        self.clear = Some(numbers);
        self
    }

    /// Which numbers make a critical check a warning.
    #[must_use]
    pub fn clear_crit(mut self, numbers: Numbers) -> Self {
        self.clear_crit = Some(numbers);
        self
    }

    /// Where the number means something at all: where another one is in a set. Elsewhere nothing is
    /// breached.
    #[must_use]
    pub fn when(mut self, metric: Metric, numbers: Numbers) -> Self {
        self.when = Some((metric, numbers));
        self
    }

    /// What delays that it is raised.
    #[must_use]
    pub fn raise(mut self, gate: Gate) -> Self {
        self.raise = gate;
        self
    }

    /// Raised once a threshold was met for as long.
    #[must_use]
    pub fn raise_after(self, time: Duration) -> Self {
        self.raise(Gate::For(time))
    }

    /// What delays that it is lowered.
    #[must_use]
    pub fn lower(mut self, gate: Gate) -> Self {
        self.lower = gate;
        self
    }

    /// What it means that there is no number.
    #[must_use]
    pub fn missing(mut self, missing: Missing) -> Self {
        self.missing = missing;
        self
    }

    /// How old a reading may be. An older one is missing.
    #[must_use]
    pub fn stale(mut self, age: Duration) -> Self {
        self.stale = Some(age);
        self
    }

    /// Whether each instance of the metric is checked by itself.
    #[must_use]
    pub fn each(mut self, each: bool) -> Self {
        self.each = each;
        self
    }

    /// After how long a check that is not ok is told of again, and again, until somebody is on it. Once,
    /// unless said otherwise.
    #[must_use]
    pub fn repeat(mut self, time: Duration) -> Self {
        self.repeat = Some(time);
        self
    }

    /// Who is called about it, and by when it has to be dealt with: when it is critical or, of a check
    /// that only warns, when it warns.
    #[must_use]
    pub fn severity(mut self, severity: impl Into<Arc<Severity>>) -> Self {
        self.severity = Some(severity.into());
        self
    }

    /// The worst level that it can have.
    pub(super) fn worst(&self) -> Level {
        if self.crit.is_some() { Level::Crit } else { Level::Warn }
    }

    /// Which numbers are a warning, and which are critical.
    #[must_use]
    pub fn thresholds(&self) -> (Option<Numbers>, Option<Numbers>) {
        (self.warn, self.crit)
    }

    /// Which numbers make it ok again, and which make it a warning again where it was critical.
    #[must_use]
    pub fn clears(&self) -> (Option<Numbers>, Option<Numbers>) {
        (self.clear, self.clear_crit)
    }

    /// What delays that it is raised, and that it is lowered.
    #[must_use]
    pub fn gates(&self) -> (Gate, Gate) {
        (self.raise, self.lower)
    }

    /// What it means that there is no number.
    #[must_use]
    pub fn when_missing(&self) -> Missing {
        self.missing
    }

    /// How old a reading may be.
    #[must_use]
    pub fn stale_after(&self) -> Option<Duration> {
        self.stale
    }

    /// Whether each instance of the metric is checked by itself.
    #[must_use]
    pub fn is_each(&self) -> bool {
        self.each
    }

    /// What it looks at.
    #[must_use]
    pub fn metric(&self) -> &Metric {
        &self.metric
    }

    /// Where its number means something, if not everywhere.
    #[cfg(feature = "documents")]
    pub(crate) fn guard(&self) -> Option<(&Metric, &Numbers)> {
        self.when.as_ref().map(|(metric, numbers)| (metric, numbers))
    }

    /// Goes through the instances it is about, and what is remembered of each: those that are measured, and
    /// those that are remembered as raised; where the metric itself is not there, all that are remembered.
    /// One without a name if there is none. What is remembered of others is forgotten.
    pub(super) fn each_instance(
        &self,
        snapshot: &Snapshot,
        records: &mut BTreeMap<String, Record>,
        now: Instant,
        mut judge: impl FnMut(Option<&str>, &mut Record),
    ) {
        if self.each && self.metric.names().any(|name| snapshot.has_instances(name)) {
            records.retain(|name, record| {
                let is_raised = !name.is_empty() && record.level() != Level::Ok;
                is_raised || self.measures(snapshot, name)
            });
            let measured = self.metric.names().flat_map(|name| snapshot.instances(name));
            for (name, _) in measured {
                if !records.contains_key(name) {
                    records.insert(name.to_owned(), Record::new(now));
                }
            }
        } else if self.each && records.keys().any(|name| !name.is_empty()) {
            records.remove("");
        } else {
            records.retain(|name, _| name.is_empty());
            judge(None, records.entry(String::new()).or_insert_with(|| Record::new(now)));
            return;
        }
        records.iter_mut().for_each(|(name, record)| judge(Some(name), record));
    }

    /// Whether something of an instance is measured.
    fn measures(&self, snapshot: &Snapshot, instance: &str) -> bool {
        self.metric.names().any(|name| snapshot.instance(name, instance).is_some())
    }

    /// The check, if it makes sense.
    ///
    /// # Errors
    /// `policy.missing_field` without a threshold; `policy.never_matches` for one that no number meets;
    /// `policy.conflict` where a clear threshold meets the one that raises, or crit is not within warn;
    /// `policy.out_of_range` for a `repeat` of no time, and for more than 64 samples that are counted.
    pub fn checked(self) -> Result<Self, Error> {
        let Self { warn, crit, clear, clear_crit, .. } = &self;
        if warn.is_none() && crit.is_none() {
            return Err(BadCheck::NoThreshold.into());
        }
        let named =
            [("`warn`", warn), ("`crit`", crit), ("`clear`", clear), ("`clear_crit`", clear_crit)];
        for (name, numbers) in named {
            if numbers.as_ref().is_some_and(Numbers::is_empty) {
                return Err(BadCheck::Never(name).into());
            }
        }
        let meet = |one: &Option<Numbers>, other: &Option<Numbers>| {
            one.as_ref().zip(other.as_ref()).is_some_and(|(one, other)| one.meets(other))
        };
        let overlaps = [
            (clear, "`clear`", warn, "`warn`"),
            (clear, "`clear`", crit, "`crit`"),
            (clear_crit, "`clear_crit`", crit, "`crit`"),
        ];
        for (one, name, other, other_name) in overlaps {
            if meet(one, other) {
                return Err(BadCheck::Overlap(name, other_name).into());
            }
        }
        if let (Some(warn), Some(crit)) = (warn, crit)
            && !crit.is_within(warn)
        {
            return Err(BadCheck::CritOutsideWarn.into());
        }
        match (clear_crit, warn, crit) {
            (Some(_), None, _) => return Err(BadCheck::NoLevel("`warn`").into()),
            (Some(_), _, None) => return Err(BadCheck::NoLevel("`crit`").into()),
            _ => {}
        }
        self.raise.checked()?;
        self.lower.checked()?;
        if self.repeat == Some(Duration::ZERO) {
            return Err(BadCheck::NoRepeat.into());
        }
        Ok(self)
    }
}
