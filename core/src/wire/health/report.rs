//! A report as a document.

use serde::Serialize;

use super::Number;
use crate::health::{Gap, Level, Reason, Status, Unit};
use crate::report::{Action, CheckReport, Report};
use crate::time::{Duration, Instant};
use crate::wire::{VERSION, canonical};

#[derive(Serialize)]
struct ReportDocument<'a> {
    housekeep: u32,
    kind: &'a str,
    at: Instant,
    policy_sha256: &'a str,
    status: Status,
    word: &'a str,
    critical: Option<Status>,
    next_change: Option<Instant>,
    checks: Vec<CheckEntry<'a>>,
    groups: Vec<GroupEntry<'a>>,
    actions: Vec<ActionEntry<'a>>,
}

#[derive(Serialize)]
struct CheckEntry<'a> {
    check: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    instance: Option<&'a str>,
    status: Status,
    since: Instant,
    #[serde(skip_serializing_if = "Option::is_none")]
    was: Option<Status>,
    level: Level,
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    held: bool,
    value: Option<Number>,
    #[serde(skip_serializing_if = "Option::is_none")]
    unit: Option<Unit>,
    #[serde(skip_serializing_if = "Option::is_none")]
    bound: Option<String>,
    reason: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    missing: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    age: Option<Duration>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pending: Option<PendingEntry>,
    sentence: String,
}

#[derive(Serialize)]
struct PendingEntry {
    to: Level,
    at: Option<Instant>,
}

#[derive(Serialize)]
struct GroupEntry<'a> {
    group: &'a str,
    status: Status,
    #[serde(skip_serializing_if = "Option::is_none")]
    uncapped: Option<Status>,
}

#[derive(Serialize)]
struct ActionEntry<'a> {
    id: String,
    check: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    instance: Option<&'a str>,
    action: Option<&'a str>,
    from: Status,
    to: Status,
    why: String,
}

/// The report as canonical JSON.
pub(crate) fn write_report(report: &Report) -> String {
    let groups = report.groups().iter().map(|group| GroupEntry {
        group: &group.group,
        status: group.status,
        uncapped: group.uncapped,
    });
    canonical(&ReportDocument {
        housekeep: VERSION,
        kind: "health",
        at: report.now(),
        policy_sha256: report.policy_sha256(),
        status: report.status(),
        word: report.word(),
        critical: report.critical(),
        next_change: report.next_change(),
        checks: report.checks().map(|check| entry(&check)).collect(),
        groups: groups.collect(),
        actions: report.actions().map(Into::into).collect(),
    })
}

fn entry<'a>(check: &CheckReport<'a>) -> CheckEntry<'a> {
    let verdict = check.verdict();
    CheckEntry {
        check: check.name(),
        instance: check.instance(),
        status: verdict.status,
        since: verdict.since,
        was: verdict.was,
        level: verdict.level,
        held: verdict.held,
        value: verdict.value.map(Number),
        unit: check.unit(),
        bound: check.bound(),
        reason: verdict.reason().as_str(),
        missing: verdict.gap.map(Gap::as_str),
        age: match verdict.gap {
            Some(Gap::Stale(age)) => Some(age),
            _ => None,
        },
        pending: verdict.pending.map(|pending| PendingEntry { to: pending.to, at: pending.at }),
        sentence: check.sentence(),
    }
}

impl<'a> From<Action<'a>> for ActionEntry<'a> {
    fn from(action: Action<'a>) -> Self {
        let Action { id, check, instance, action, from, to, why } = action;
        Self { id, check, instance, action, from, to, why }
    }
}

impl Reason {
    /// The word in a report.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Reason::Fine => "fine",
            Reason::Met => "met",
            Reason::Pending => "pending",
            Reason::NotClear => "not_clear",
            Reason::Kept => "kept",
            Reason::Idle => "idle",
            Reason::Missing => "missing",
        }
    }
}

impl Gap {
    /// The word in a report.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Gap::Absent => "absent",
            Gap::Null => "null",
            Gap::NotANumber => "not_a_number",
            Gap::NotAnInstant => "not_an_instant",
            Gap::Stale(_) => "stale",
            Gap::NothingOfNothing => "nothing_of_nothing",
            Gap::TooFewSamples => "too_few_samples",
        }
    }
}
