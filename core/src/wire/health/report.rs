//! A report as a document.

use serde::Serialize;

use super::Number;
use crate::health::{Call, Escalation, Gap, Level, Reason, Status, Unit};
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
    /// Whether it is missing in what says where the number means something.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    unguarded: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    age: Option<Duration>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pending: Option<PendingEntry>,
    /// Until when nobody is told of it.
    #[serde(skip_serializing_if = "Option::is_none")]
    muted: Option<Instant>,
    #[serde(skip_serializing_if = "Option::is_none")]
    acknowledged: Option<Instant>,
    #[serde(skip_serializing_if = "Option::is_none")]
    escalation: Option<EscalationEntry<'a>>,
    sentence: String,
}

#[derive(Serialize)]
struct EscalationEntry<'a> {
    severity: Option<&'a str>,
    raised: Instant,
    called: Vec<CallEntry<'a>>,
    next: Option<CallEntry<'a>>,
    acknowledge_by: Option<Instant>,
    resolve_by: Option<Instant>,
    /// What should have been done by now.
    late: Vec<&'static str>,
}

#[derive(Serialize)]
struct CallEntry<'a> {
    who: &'a str,
    at: Instant,
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
    #[serde(skip_serializing_if = "Vec::is_empty")]
    calls: Vec<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    due: Option<Instant>,
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
        checks: report.checks().map(|check| entry(&check, report.now())).collect(),
        groups: groups.collect(),
        actions: report.actions().map(Into::into).collect(),
    })
}

fn entry<'a>(check: &CheckReport<'a>, now: Instant) -> CheckEntry<'a> {
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
        unguarded: verdict.unguarded,
        age: match verdict.gap {
            Some(Gap::Stale(age)) => Some(age),
            _ => None,
        },
        pending: verdict.pending.map(|pending| PendingEntry { to: pending.to, at: pending.at }),
        muted: verdict.muted,
        acknowledged: verdict.acknowledged,
        escalation: verdict.escalation.as_ref().map(|own| escalation(own, check.severity(), now)),
        sentence: check.sentence(),
    }
}

fn escalation<'a>(
    own: &'a Escalation,
    severity: Option<&'a str>,
    now: Instant,
) -> EscalationEntry<'a> {
    EscalationEntry {
        severity,
        raised: own.raised,
        called: own.called.iter().map(Into::into).collect(),
        next: own.next.as_ref().map(Into::into),
        acknowledge_by: own.acknowledge_by,
        resolve_by: own.resolve_by,
        late: own.late(now),
    }
}

impl<'a> From<&'a Call> for CallEntry<'a> {
    fn from(call: &'a Call) -> Self {
        Self { who: &call.who, at: call.at }
    }
}

impl<'a> From<Action<'a>> for ActionEntry<'a> {
    fn from(action: Action<'a>) -> Self {
        let Action { id, check, instance, action, from, to, why, calls, due } = action;
        Self { id, check, instance, action, from, to, why, calls, due }
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
