//! The report: how a service is, and why, in the words of its policy.

#[cfg(feature = "arrow")]
mod batch;
mod critical;
mod fleet;
mod nagios;
mod openmetrics;
mod require;
mod sentence;

pub(crate) use fleet::needs as fleet_needs;
pub use fleet::{Counts, Fleet, FleetRow};

use crate::health::{Checked, Escalation, Findings, Grouped, Snapshot, State, Status, Unit};
use crate::policy::{CheckDocument, HealthRules};
use crate::time::Instant;
use crate::wire;

/// How everything is at one moment.
///
/// ```
/// use housekeep::health::{Snapshot, State};
/// use housekeep::policy::Policy;
/// use housekeep::time::Instant;
///
/// let policy = Policy::from_toml(r#"
///     [check.cpu]
///     value = "cpu"
///     unit  = "percent"
///     crit  = "> 85%"
///     clear = "< 80%"
/// "#)?;
/// let now = Instant::parse("2026-02-13T03:00:00Z")?;
/// let snapshot = Snapshot::from_json(br#"{"cpu": 93}"#)?;
/// let (report, _state) = policy.health()?.evaluate(&snapshot, State::new(), now);
///
/// assert_eq!(report.word(), "unhealthy");
/// let sentences: Vec<_> = report.checks().map(|check| check.sentence()).collect();
/// assert_eq!(sentences, ["`cpu` is crit: 93%, and `> 85%` is critical"]);
/// # Ok::<(), housekeep::Error>(())
/// ```
#[derive(Clone, Debug)]
pub struct Report {
    rules: HealthRules,
    findings: Findings,
}

/// What a report says of a check, or of one instance of it.
#[derive(Clone, Copy, Debug)]
pub struct CheckReport<'a> {
    rules: &'a HealthRules,
    checked: &'a Checked,
}

impl HealthRules {
    /// Says how everything is, by a snapshot, what is remembered, and now; and what to remember next.
    #[must_use]
    pub fn evaluate(&self, snapshot: &Snapshot, state: State, now: Instant) -> (Report, State) {
        let (findings, state) = self.health().evaluate(snapshot, state, now);
        (Report { rules: self.clone(), findings }, state)
    }
}

impl Report {
    /// When it was made.
    #[must_use]
    pub fn now(&self) -> Instant {
        self.findings.now
    }

    /// How the whole is.
    #[must_use]
    pub fn status(&self) -> Status {
        self.findings.status
    }

    /// The one word for the whole: `healthy`, `degraded`, `unhealthy` or `unknown`.
    #[must_use]
    pub fn word(&self) -> &'static str {
        self.findings.status.overall()
    }

    /// How what is critical is, by the groups that say so; `None` if none does.
    #[must_use]
    pub fn critical(&self) -> Option<Status> {
        let critical = |group: &&Grouped| self.is_critical(&group.group);
        self.findings.groups.iter().filter(critical).map(|group| group.status).max()
    }

    /// Every check, and each of its instances, in the order of their names.
    pub fn checks(&self) -> impl ExactSizeIterator<Item = CheckReport<'_>> {
        let rules = &self.rules;
        self.findings.checks.iter().map(move |checked| CheckReport { rules, checked })
    }

    /// Whether a group of it is one that those look at who look at what is critical alone.
    #[must_use]
    pub fn is_critical(&self, group: &str) -> bool {
        self.rules.is_critical(group)
    }

    /// What is to be told now, in the order of the checks.
    pub fn actions(&self) -> impl Iterator<Item = Action<'_>> {
        let now = self.findings.now;
        self.checks().filter_map(move |check| check.action(now))
    }

    /// Every group, in the order of their names.
    #[must_use]
    pub fn groups(&self) -> &[Grouped] {
        &self.findings.groups
    }

    /// The first instant at which anything changes if nothing new is measured.
    #[must_use]
    pub fn next_change(&self) -> Option<Instant> {
        self.findings.next_change
    }

    /// The digest of the checks and groups that it speaks of.
    #[must_use]
    pub fn policy_sha256(&self) -> &str {
        self.rules.sha256()
    }

    /// The report as canonical JSON.
    #[must_use]
    pub fn to_json(&self) -> String {
        wire::write_report(self)
    }
}

/// What somebody is to be told, and may have to do.
#[derive(Clone, Debug, PartialEq)]
pub struct Action<'a> {
    /// Unlike that of any other, and the same if it is found again.
    pub id: String,
    /// The check's name.
    pub check: &'a str,
    /// The instance's name, if the check has instances.
    pub instance: Option<&'a str>,
    /// What is to be done, if the check says so.
    pub action: Option<&'a str>,
    /// How it was when it was said last; as it is, where it is said again.
    pub from: Status,
    /// How it is.
    pub to: Status,
    /// What is found, in a sentence.
    pub why: String,
    /// Who is called now, in the order in which they are.
    pub calls: Vec<&'a str>,
    /// By when somebody has to be on it or, if somebody is, by when it has to be over.
    pub due: Option<Instant>,
}

impl<'a> CheckReport<'a> {
    /// What is to be told of it now, if anything is.
    #[must_use]
    pub fn action(&self, now: Instant) -> Option<Action<'a>> {
        let verdict = self.verdict();
        let (check, instance, to) = (self.name(), self.instance(), verdict.status);
        let name = instance.map_or_else(|| check.to_owned(), |own| format!("{check}[{own}]"));
        let tell = verdict.tell.as_ref()?;
        Some(Action {
            id: format!("{name}:{}@{now}", to.as_str()),
            check,
            instance,
            action: self.rules.settings(check).and_then(|own| own.action.as_deref()),
            from: tell.from,
            to,
            why: self.sentence(),
            calls: tell.calls.iter().map(|call| &*call.who).collect(),
            due: verdict.escalation.as_ref().and_then(Escalation::due),
        })
    }

    /// The check's name.
    #[must_use]
    pub fn name(&self) -> &'a str {
        &self.checked.check
    }

    /// The instance's name, if the check has instances.
    #[must_use]
    pub fn instance(&self) -> Option<&'a str> {
        self.checked.instance.as_deref()
    }

    /// What was found.
    #[must_use]
    pub fn verdict(&self) -> &'a crate::health::Verdict {
        &self.checked.verdict
    }

    /// How severe it is, by the name that the policy has for it.
    #[must_use]
    pub fn severity(&self) -> Option<&'a str> {
        self.rules.settings(self.name())?.severity.as_deref()
    }

    /// What the number counts in.
    #[must_use]
    pub fn unit(&self) -> Option<Unit> {
        self.rules.settings(self.name()).and_then(CheckDocument::counts_in)
    }

    /// The condition that decides, as the policy has it: the one that is met, or else the one that has to
    /// be met before the check is ok again.
    #[must_use]
    pub fn bound(&self) -> Option<String> {
        sentence::bound(self).map(|bound| bound.text())
    }

    /// What is found, the condition that decides, and whether somebody is on it or nobody is told: the
    /// sentence without what it is about.
    #[must_use]
    pub fn why(&self) -> String {
        sentence::why(self)
    }

    /// What is found, and why, in a sentence.
    #[must_use]
    pub fn sentence(&self) -> String {
        sentence::sentence(self)
    }
}
