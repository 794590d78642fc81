//! Checks, groups and what goes with them, checked and put together.

mod check;
mod severity;
mod slo;

use std::collections::BTreeMap;
use std::sync::Arc;

use serde::Serialize;
use thiserror::Error;

use self::severity::Severities;
use super::ScheduleRule;
use super::document::{
    Calendars, CheckDocument, GroupDocument, HoursDocument, PolicyDocument, ScheduleDocument,
    SeverityDocument, SloDocument,
};
use super::subject::check_name;
use crate::columns::Need;
use crate::error::{Code, Error, Leaf, quoted};
use crate::health::{ALL_CHECKS, Check, Group, Health, Mute, Outage, Screen, Share, State};
use crate::time::Instant;
use crate::{report, suggest, wire};

/// The checks and groups of a policy, ready to be evaluated. Cloning shares them.
#[derive(Clone, Debug)]
pub struct HealthRules(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    health: Health,
    screen: Screen,
    fleet_needs: Vec<Need>,
    /// As they are written, and as the objectives stand for them.
    checks: BTreeMap<String, CheckDocument>,
    groups: BTreeMap<String, GroupDocument>,
    /// What share is to go well, of the checks that objectives stand for.
    targets: BTreeMap<String, Share>,
    names: Vec<String>,
    required: Vec<String>,
    sha256: String,
}

/// What a policy says of checks: of this their digest is made.
#[derive(Serialize)]
struct Said<'a> {
    check: &'a BTreeMap<String, CheckDocument>,
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    group: &'a BTreeMap<String, GroupDocument>,
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    slo: &'a BTreeMap<String, SloDocument>,
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    severity: &'a BTreeMap<String, SeverityDocument>,
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    hours: &'a BTreeMap<String, HoursDocument>,
    /// Those whose windows mute, and the calendars that they may be on.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    schedule: BTreeMap<&'a String, &'a ScheduleDocument>,
    #[serde(skip_serializing_if = "Option::is_none")]
    calendar: Option<&'a Calendars>,
}

/// Names that do not go together.
#[derive(Debug, Error)]
enum BadNames {
    #[error("{} is both an objective and a group", quoted(.0))]
    Both(String),
    #[error("{} is no check and no group", quoted(.name))]
    Unknown { name: String, known: Vec<String> },
    #[error("the policy has no check {}", quoted(.name))]
    NoCheck { name: String, known: Vec<String> },
}

impl Leaf for BadNames {
    fn code(&self) -> Code {
        match self {
            BadNames::Both(_) => Code::PolicyConflict,
            BadNames::Unknown { .. } => Code::PolicyUnknownValue,
            BadNames::NoCheck { .. } => Code::PolicyUnknownRule,
        }
    }

    fn help(&self) -> Option<String> {
        match self {
            BadNames::Both(_) => Some("give one of the two another name".into()),
            BadNames::Unknown { name, known } | BadNames::NoCheck { name, known } => {
                suggest::help(name, known.iter().map(String::as_str))
            }
        }
    }
}

impl HealthRules {
    /// None for a policy without checks.
    pub(super) fn check(
        policy: &PolicyDocument,
        schedules: &[ScheduleRule],
    ) -> Result<Option<Self>, Error> {
        let severities = Severities::check(policy)?;
        let (mut checks, mut groups) = (policy.check.clone(), policy.group.clone());
        let mut health = Health::new();
        for (name, given) in &checks {
            let base = format!("check.{name}");
            check_name(name, &base)?;
            health = health.check(name.as_str(), given.check(&base, &severities)?);
        }
        let mut targets = BTreeMap::new();
        for (name, given) in &policy.slo {
            let base = format!("slo.{name}");
            check_name(name, &base)?;
            let (own, target) = (given.checks(name, &base)?, given.target);
            if groups.contains_key(name) {
                return Err(Error::from(BadNames::Both(name.clone())).at_path(base));
            }
            groups.insert(name.clone(), GroupDocument::of_checks(&own));
            for (name, given) in own {
                health = health.check(name.as_str(), given.check(&base, &severities)?);
                targets.insert(name.clone(), target);
                checks.insert(name, given);
            }
        }
        for (name, given) in &groups {
            check_name(name, &format!("group.{name}"))?;
            health = health.group(name.as_str(), given.group());
        }
        let mut health = health.checked()?;
        let is_known = |name: &&String| checks.contains_key(*name) || groups.contains_key(*name);
        let check_names = |names: &[String], path: &str| {
            let known = || checks.keys().chain(groups.keys()).cloned().collect();
            match names.iter().find(|name| !is_known(name)) {
                Some(name) => {
                    let error =
                        Error::from(BadNames::Unknown { name: name.clone(), known: known() });
                    Err(error.at_path(path))
                }
                None => Ok(()),
            }
        };
        let required = policy.apply.iter().flat_map(|apply| &apply.require_checks);
        let required: Vec<String> = required.cloned().collect();
        check_names(&required, "apply.require_checks")?;
        let muting = || schedules.iter().filter(|rule| !rule.mutes().is_empty());
        for rule in muting() {
            let mutes = rule.mutes().iter();
            let named: Vec<String> = mutes.filter(|name| *name != ALL_CHECKS).cloned().collect();
            check_names(&named, &format!("schedule.{}.mutes", rule.name()))?;
            health = health.muted_by(rule.schedule().clone(), rule.mutes().iter().cloned())?;
        }
        if checks.is_empty() && groups.is_empty() {
            return Ok(None);
        }
        let PolicyDocument { check, group, slo, severity, hours, .. } = policy;
        let schedule: BTreeMap<_, _> =
            muting().filter_map(|rule| policy.schedule.get_key_value(rule.name())).collect();
        let calendar = if schedule.is_empty() { None } else { Some(&policy.calendar) };
        let said = Said { check, group, slo, severity, hours, schedule, calendar };
        let named = |family: &str, name: &String| format!("{family}.{name}");
        let names = check.keys().map(|name| named("check", name));
        let names = names.chain(group.keys().map(|name| named("group", name)));
        let names = names.chain(slo.keys().map(|name| named("slo", name))).collect();
        let sha256 = wire::sha256(wire::canonical(&said).as_bytes());
        let screen = health.screen();
        let fleet_needs = report::fleet_needs(&screen);
        let inner =
            Inner { health, screen, fleet_needs, checks, groups, targets, names, required, sha256 };
        Ok(Some(Self(Arc::new(inner))))
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

    /// The names of the checks, groups and objectives, each with its family: `check.cpu`,
    /// `group.database`, `slo.uptime`.
    pub fn names(&self) -> impl Iterator<Item = String> + '_ {
        self.0.names.iter().cloned()
    }

    /// The checks and groups that have to be ok before anything is removed.
    #[must_use]
    pub fn required(&self) -> &[String] {
        &self.0.required
    }

    /// A digest of what the checks and groups say.
    #[must_use]
    pub fn sha256(&self) -> &str {
        &self.0.sha256
    }

    /// Remembers that somebody is on a check, or on one instance of it: see [`State::acknowledge`].
    ///
    /// # Errors
    /// `policy.unknown_rule` for a check that the policy does not have; `state.not_raised` for one that is
    /// not raised.
    pub fn acknowledge(
        &self,
        state: State,
        check: &str,
        instance: Option<&str>,
        now: Instant,
    ) -> Result<State, Error> {
        if !self.0.checks.contains_key(check) {
            let known = self.0.checks.keys().cloned().collect();
            return Err(BadNames::NoCheck { name: check.to_owned(), known }.into());
        }
        state.acknowledge(check, instance, now)
    }

    /// Remembers that nobody is to be told of some checks for a time: see [`Health::mute`].
    ///
    /// # Errors
    /// `policy.unknown_rule` for a name that is no check's and no group's; `state.bad_mute` where nothing
    /// is named, or it ends before it begins.
    pub fn mute(&self, state: State, mute: Mute) -> Result<State, Error> {
        self.health().mute(state, mute)
    }

    /// Takes over what is remembered from before the host was down: see [`Health::resume`].
    #[must_use]
    pub fn resume(&self, state: State, outage: Outage, now: Instant) -> State {
        self.health().resume(state, outage, now)
    }

    /// What is written of a check.
    pub(crate) fn settings(&self, check: &str) -> Option<&CheckDocument> {
        self.0.checks.get(check)
    }

    /// What share is to go well, by the objective that a check stands for.
    pub(crate) fn target(&self, check: &str) -> Option<Share> {
        self.0.targets.get(check).copied()
    }

    /// Whether two numbers are on the same side of every threshold of a check.
    pub(crate) fn is_alike(&self, check: &str, one: f64, other: f64) -> bool {
        let check = self.0.health.check_named(check);
        let sets = check.map(|check| {
            let ((warn, crit), (clear, clear_crit)) = (check.thresholds(), check.clears());
            [warn, crit, clear, clear_crit]
        });
        let mut sets = sets.into_iter().flatten().flatten();
        sets.all(|numbers| numbers.contains(one) == numbers.contains(other))
    }

    /// The thresholds of a check as ranges of Nagios: those of a warning, and those of what is critical.
    pub(crate) fn ranges(&self, check: &str) -> (Option<String>, Option<String>) {
        let check = self.0.health.check_named(check);
        let (warn, crit) = check.map(Check::thresholds).unwrap_or_default();
        (warn.and_then(|own| own.to_nagios()), crit.and_then(|own| own.to_nagios()))
    }

    /// Whether a group is one that those look at who look at what is critical alone.
    #[must_use]
    pub fn is_critical(&self, group: &str) -> bool {
        self.0.groups.get(group).is_some_and(|group| group.critical)
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
