//! All checks and groups of a policy, evaluated together.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use thiserror::Error;

use super::joins::Joins;
use super::mute::Window;
use super::{Check, Group, Quorum, RollUp, Snapshot, State, Status, Verdict, mute};
use crate::error::{Code, Error, Leaf, quoted};
use crate::suggest;
use crate::time::Instant;

/// Named checks, and groups of them.
///
/// ```
/// use housekeep::health::{Check, Health, Metric, Numbers, Snapshot, State, Status};
/// use housekeep::time::Instant;
///
/// let queue = Check::new(Metric::Value("queue_length".into())).warn(Numbers::above(100.0));
/// let health = Health::new().check("queue", queue.checked()?).checked()?;
///
/// let now = Instant::parse("2026-02-13T03:00:00Z")?;
/// let snapshot = Snapshot::new().number("queue_length", 120.0);
/// let (found, state) = health.evaluate(&snapshot, State::new(), now);
/// assert_eq!(found.status, Status::Warn);
/// # let _ = state;
/// # Ok::<(), housekeep::Error>(())
/// ```
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Health {
    checks: BTreeMap<Arc<str>, Check>,
    groups: BTreeMap<Arc<str>, Group>,
    pub(super) joins: Joins,
    pub(super) windows: Vec<Window>,
}

/// What is said of all of them at one moment.
#[derive(Clone, Debug, PartialEq)]
pub struct Findings {
    /// When it was said.
    pub now: Instant,
    /// How the whole is.
    pub status: Status,
    /// Every check, and each of its instances, in the order of their names.
    pub checks: Vec<Checked>,
    /// Every group, in the order of their names.
    pub groups: Vec<Grouped>,
    /// The first instant at which anything changes if nothing new is measured.
    pub next_change: Option<Instant>,
    /// The first instant at which a time begins or ends in which nobody is told of some checks.
    pub next_mute: Option<Instant>,
}

/// A check, or an instance of it, and what is said of it.
#[derive(Clone, Debug, PartialEq)]
pub struct Checked {
    /// The check's name.
    pub check: Arc<str>,
    /// The instance's, if the check has instances.
    pub instance: Option<String>,
    /// What is said.
    pub verdict: Verdict,
}

/// A group and its status.
#[derive(Clone, Debug, PartialEq)]
pub struct Grouped {
    /// The group's name.
    pub group: Arc<str>,
    /// How it is.
    pub status: Status,
    /// How it would be without its cap, if that is different.
    pub uncapped: Option<Status>,
}

/// What is wrong with checks and groups together.
#[derive(Debug, Error)]
enum BadHealth {
    #[error("{} is no check and no group", quoted(.name))]
    Unknown { name: String, known: Vec<String> },
    #[error("the group {} is a part of itself", quoted(.0))]
    Cycle(String),
    #[error("{} is both a check and a group", quoted(.0))]
    Both(String),
    #[error("the group has no members")]
    Empty,
    #[error("{} is listed twice", quoted(.0))]
    Repeated(String),
    #[error("`{asked}` is asked for of a group of {members}")]
    Members { members: usize, asked: Quorum },
}

impl Leaf for BadHealth {
    fn code(&self) -> Code {
        match self {
            BadHealth::Unknown { .. } => Code::PolicyUnknownValue,
            BadHealth::Empty => Code::PolicyEmpty,
            BadHealth::Repeated(_) => Code::PolicyRepeatedField,
            BadHealth::Cycle(_) | BadHealth::Both(_) | BadHealth::Members { .. } => {
                Code::PolicyConflict
            }
        }
    }

    fn help(&self) -> Option<String> {
        match self {
            BadHealth::Unknown { name, known } => {
                suggest::help(name, known.iter().map(String::as_str))
            }
            BadHealth::Cycle(_) => Some("take one of the groups out of the other".into()),
            BadHealth::Both(_) => Some("give one of the two another name".into()),
            BadHealth::Repeated(_) => Some("name each member once".into()),
            BadHealth::Empty => Some("name the checks that it is made of".into()),
            BadHealth::Members { members, asked } => Some(format!(
                "ask for so many of all of them, such as `{} of {members}`",
                asked.hits()
            )),
        }
    }
}

impl Health {
    /// Nothing to check.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a check.
    #[must_use]
    pub fn check(mut self, name: impl Into<Arc<str>>, check: Check) -> Self {
        self.checks.insert(name.into(), check);
        self
    }

    /// Adds a group.
    #[must_use]
    pub fn group(mut self, name: impl Into<Arc<str>>, group: Group) -> Self {
        self.groups.insert(name.into(), group);
        self
    }

    /// The checks, in the order of their names.
    pub fn checks(&self) -> impl Iterator<Item = (&str, &Check)> {
        self.checks.iter().map(|(name, check)| (&**name, check))
    }

    pub(crate) fn check_named(&self, name: &str) -> Option<&Check> {
        self.checks.get(name)
    }

    pub(super) fn group_named(&self, name: &str) -> Option<&Group> {
        self.groups.get(name)
    }

    /// The groups, in the order of their names.
    pub fn groups(&self) -> impl Iterator<Item = (&str, &Group)> {
        self.groups.iter().map(|(name, group)| (&**name, group))
    }

    /// The checks and groups, if they make sense together.
    ///
    /// # Errors
    /// `policy.unknown_value` for a member that there is not, `policy.empty` for a group without members,
    /// `policy.conflict` for one that is a part of itself, has a check's name, or asks for so many of
    /// another number of members.
    pub fn checked(mut self) -> Result<Self, Error> {
        let known =
            || self.checks.keys().chain(self.groups.keys()).map(ToString::to_string).collect();
        for (name, group) in &self.groups {
            let at = |error: BadHealth| Error::from(error).at_path(format!("group.{name}"));
            if self.checks.contains_key(name) {
                return Err(at(BadHealth::Both(name.to_string())));
            }
            if group.of.is_empty() {
                return Err(at(BadHealth::Empty));
            }
            let mut members: Vec<&String> = group.of.iter().collect();
            members.sort_unstable();
            let twice = members.windows(2).find_map(|pair| match pair {
                [one, next] if one == next => Some(*one),
                _ => None,
            });
            if let Some(twice) = twice {
                return Err(at(BadHealth::Repeated(twice.clone())));
            }
            let is_known = |of: &&String| {
                self.checks.contains_key(of.as_str()) || self.groups.contains_key(of.as_str())
            };
            if let Some(other) = group.of.iter().find(|of| !is_known(of)) {
                let error = BadHealth::Unknown { name: other.clone(), known: known() };
                return Err(at(error));
            }
            if let RollUp::Count(asked) = group.roll_up
                && usize::from(asked.of()) != group.of.len()
            {
                return Err(at(BadHealth::Members { members: group.of.len(), asked }));
            }
        }
        // Each after its members; what is left over is a part of itself.
        let mut order: Vec<(&str, &Group)> = Vec::new();
        let mut left: Vec<(&Arc<str>, &Group)> = self.groups.iter().collect();
        while !left.is_empty() {
            let names: BTreeSet<&str> = left.iter().map(|(name, _)| &***name).collect();
            let waits = |group: &Group| group.of.iter().any(|of| names.contains(of.as_str()));
            let (waiting, ready): (Vec<_>, Vec<_>) =
                left.iter().copied().partition(|(_, group)| waits(group));
            if ready.is_empty() {
                let name = waiting.first().map(|(name, _)| name.to_string()).unwrap_or_default();
                let error = Error::from(BadHealth::Cycle(name.clone()));
                return Err(error.at_path(format!("group.{name}")));
            }
            order.extend(ready.into_iter().map(|(name, group)| (&**name, group)));
            left = waiting;
        }
        let names = || self.checks.keys().chain(self.groups.keys());
        let place = |name: &str| names().position(|own| &**own == name);
        self.joins = Joins::new(order.into_iter(), place);
        Ok(self)
    }

    /// Says how everything is, by a snapshot, what is remembered, and now; and what to remember next.
    ///
    /// The state of a check that the policy no longer has, and of an instance that the snapshot no
    /// longer has and that is not raised, is forgotten.
    #[must_use]
    pub fn evaluate(&self, snapshot: &Snapshot, state: State, now: Instant) -> (Findings, State) {
        let mut state = state.at(now);
        let mutes = self.mutes(&state, now);
        let muted = self.muted(&mutes, now);
        let mut checks = Vec::with_capacity(self.checks.len());
        let mut codes = Vec::with_capacity(self.checks.len() + self.groups.len());
        // Both are in the order of their names, and mostly of the same.
        let mut before = std::mem::take(&mut state.checks).into_iter().peekable();
        let mut after = Vec::with_capacity(self.checks.len());
        for (name, check) in &self.checks {
            while before.next_if(|(own, _)| own.as_str() < &**name).is_some() {}
            let known = before.next_if(|(own, _)| own.as_str() == &**name);
            let (key, mut records) = known.unwrap_or_else(|| (name.to_string(), BTreeMap::new()));
            let first = checks.len();
            let muted = muted.get(&**name).copied();
            check.each_instance(snapshot, &mut records, now, |instance, record| {
                let verdict = check.judge(snapshot, instance, record, muted, now);
                let instance = instance.map(str::to_owned);
                checks.push(Checked { check: Arc::clone(name), instance, verdict });
            });
            let own = checks.get(first..).unwrap_or_default();
            // A check of instances of which there are none has nothing to complain of.
            let worst = own.iter().map(|checked| checked.verdict.status).max().unwrap_or_default();
            codes.push(worst.code());
            after.push((key, records));
        }
        state.checks = after.into_iter().collect();
        codes.resize(self.checks.len() + self.groups.len(), Status::Unknown.code());
        let mut uncapped = codes.clone();
        for join in &self.joins.each {
            let found = join.of(&codes);
            for (codes, found) in [(&mut uncapped, found), (&mut codes, found.min(join.cap))] {
                if let Some(code) = codes.get_mut(join.own) {
                    *code = found;
                }
            }
        }
        let groups = self.groups.keys().zip(codes.iter().zip(&uncapped).skip(self.checks.len()));
        let groups = groups.map(|(group, (code, uncapped))| Grouped {
            group: Arc::clone(group),
            status: Status::of_code(*code),
            uncapped: (uncapped != code).then(|| Status::of_code(*uncapped)),
        });
        let groups = groups.collect();
        let status = self.joins.whole(&codes).map_or(Status::Unknown, Status::of_code);
        let next_change = checks.iter().filter_map(|checked| checked.verdict.next_change).min();
        let next_mute = mute::next_change(&mutes, now);
        let next_change = next_change.into_iter().chain(next_mute).min();
        (Findings { now, status, checks, groups, next_change, next_mute }, state)
    }
}
