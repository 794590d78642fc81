//! Checks and groups, checked and put together.

use std::collections::BTreeMap;
use std::sync::Arc;

use thiserror::Error;

use super::document::{CheckDocument, GroupDocument, PolicyDocument};
use super::subject::check_name;
use crate::columns::Need;
use crate::error::{Code, Error, Leaf, quoted};
use crate::health::{Check, Gate, Group, Health, Numbers, Screen, Threshold, Unit};
use crate::{report, wire};

/// The checks and groups of a policy, ready to be evaluated. Cloning shares them.
#[derive(Clone, Debug)]
pub struct HealthRules(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    health: Health,
    screen: Screen,
    fleet_needs: Vec<Need>,
    checks: BTreeMap<String, CheckDocument>,
    groups: BTreeMap<String, GroupDocument>,
    sha256: String,
}

/// Settings that do not go together.
#[derive(Debug, Error)]
enum BadCheck {
    #[error("{} counts in `{own}` by itself", quoted(.metric))]
    Unit { metric: String, own: Unit },
    #[error("`{0}` and `{1}` cannot both be said")]
    Both(&'static str, &'static str),
    #[error("a range of Nagios says what is wrong, and `{0}` says what is right")]
    Nagios(&'static str),
    #[error("a window has no samples of its own in `when`")]
    Window,
}

impl Leaf for BadCheck {
    fn code(&self) -> Code {
        Code::PolicyConflict
    }

    fn help(&self) -> Option<String> {
        Some(
            match self {
                BadCheck::Unit { .. } => "take `unit` out",
                BadCheck::Both(..) => "keep one of the two",
                BadCheck::Nagios(_) => "write it as `inside 1..5`, or as a comparison",
                BadCheck::Window => "look at a value, or at `a / b`",
            }
            .into(),
        )
    }
}

impl HealthRules {
    /// None for a policy without checks.
    pub(super) fn check(policy: &PolicyDocument) -> Result<Option<Self>, Error> {
        let (checks, groups) = (&policy.check, &policy.group);
        if checks.is_empty() && groups.is_empty() {
            return Ok(None);
        }
        let mut health = Health::new();
        for (name, given) in checks {
            let base = format!("check.{name}");
            check_name(name, &base)?;
            let check = given.check(&base)?.checked().map_err(|error| error.at_path(&base))?;
            health = health.check(name.as_str(), check);
        }
        for (name, given) in groups {
            check_name(name, &format!("group.{name}"))?;
            health = health.group(name.as_str(), given.group());
        }
        let sha256 = wire::sha256(wire::canonical(&(checks, groups)).as_bytes());
        let (health, checks, groups) = (health.checked()?, checks.clone(), groups.clone());
        let screen = health.screen();
        let fleet_needs = report::fleet_needs(&screen);
        Ok(Some(Self(Arc::new(Inner { health, screen, fleet_needs, checks, groups, sha256 }))))
    }

    /// The checks and groups, without what they are called by: for metrics that are your own.
    #[must_use]
    pub fn health(&self) -> &Health {
        &self.0.health
    }

    /// The same, ready to be asked of many snapshots at once: which thresholds are met.
    #[must_use]
    pub fn screen(&self) -> &Screen {
        &self.0.screen
    }

    /// The columns that a table of many snapshots may have.
    #[must_use]
    pub fn fleet_needs(&self) -> &[Need] {
        &self.0.fleet_needs
    }

    /// The names of the checks and groups, each with its family: `check.cpu`, `group.database`.
    pub fn names(&self) -> impl Iterator<Item = String> + '_ {
        let checks = self.0.checks.keys().map(|name| format!("check.{name}"));
        checks.chain(self.0.groups.keys().map(|name| format!("group.{name}")))
    }

    /// A digest of what the checks and groups say.
    #[must_use]
    pub fn sha256(&self) -> &str {
        &self.0.sha256
    }

    /// What is written of a check.
    pub(crate) fn settings(&self, check: &str) -> Option<&CheckDocument> {
        self.0.checks.get(check)
    }

    /// The thresholds of a check as ranges of Nagios: those of a warning, and those of what is critical.
    pub(crate) fn ranges(&self, check: &str) -> (Option<String>, Option<String>) {
        let check = self.0.health.checks().find(|(name, _)| *name == check);
        let (warn, crit) = check.map(|(_, check)| check.thresholds()).unwrap_or_default();
        (warn.and_then(|own| own.to_nagios()), crit.and_then(|own| own.to_nagios()))
    }

    /// Whether a group is one that those look at who look at what is critical alone.
    #[must_use]
    pub fn is_critical(&self, group: &str) -> bool {
        self.0.groups.get(group).is_some_and(|group| group.critical)
    }
}

impl CheckDocument {
    /// What the number counts in, if that is known.
    pub(crate) fn counts_in(&self) -> Option<Unit> {
        self.value.unit().or(self.unit)
    }

    fn check(&self, base: &str) -> Result<Check, Error> {
        let at = |key: &'static str| move |error: Error| error.at_path(format!("{base}.{key}"));
        if let (Some(own), Some(_)) = (self.value.unit(), self.unit) {
            let error = BadCheck::Unit { metric: self.value.to_string(), own };
            return Err(at("unit")(error.into()));
        }
        if self.crit.is_some() && self.expect.is_some() {
            return Err(at("expect")(BadCheck::Both("crit", "expect").into()));
        }
        if self.raise_after.is_some() && self.count.is_some() {
            return Err(at("count")(BadCheck::Both("for", "count").into()));
        }
        let right =
            [("expect", &self.expect), ("clear", &self.clear), ("clear_crit", &self.clear_crit)];
        for (key, threshold) in right {
            if threshold.as_ref().is_some_and(Threshold::is_nagios) {
                return Err(at(key)(BadCheck::Nagios(key).into()));
            }
        }
        let unit = self.counts_in();
        let numbers = |threshold: &Option<Threshold>, key| -> Result<Option<Numbers>, Error> {
            let numbers = threshold.as_ref().map(|threshold| threshold.numbers(unit));
            numbers.transpose().map_err(at(key))
        };
        let mut check = Check::new(self.value.clone()).each(self.each.is_some());
        if let Some(warn) = numbers(&self.warn, "warn")? {
            check = check.warn(warn);
        }
        if let Some(crit) = numbers(&self.crit, "crit")? {
            check = check.crit(crit);
        }
        if let Some(expect) = numbers(&self.expect, "expect")? {
            check = check.expect(expect);
        }
        if let Some(clear) = numbers(&self.clear, "clear")? {
            check = check.clear(clear);
        }
        if let Some(clear) = numbers(&self.clear_crit, "clear_crit")? {
            check = check.clear_crit(clear);
        }
        if let Some(when) = &self.when {
            if when.metric.is_windowed() {
                return Err(at("when")(BadCheck::Window.into()));
            }
            let numbers = when.threshold.numbers(when.metric.unit()).map_err(at("when"))?;
            check = check.when(when.metric.clone(), numbers);
        }
        let raise = match (self.raise_after, self.count) {
            (Some(time), _) => Gate::For(time),
            (None, Some(quorum)) => Gate::Count(quorum),
            (None, None) => Gate::Open,
        };
        check = check.raise(raise).lower(self.keep.unwrap_or_default());
        check = check.missing(self.missing.unwrap_or_default());
        if let Some(age) = self.stale {
            check = check.stale(age);
        }
        if let Some(time) = self.repeat {
            check = check.repeat(time);
        }
        Ok(check)
    }
}

impl GroupDocument {
    fn group(&self) -> Group {
        let group = Group::new(&self.of).roll_up(self.rule.unwrap_or_default());
        let group = group.critical(self.critical);
        match self.cap {
            Some(cap) => group.cap(cap),
            None => group,
        }
    }
}
