//! How a plan is applied: which one, how far, and what is refused before anything is looked at.

use thiserror::Error;

use super::judge::judges_alone;
use super::remove;
use super::report::Applied;
use super::session;
use super::talk::Machine;
use crate::error::{Code, Error, Leaf, quoted};
use crate::plan::Plan;
use crate::policy::{Policy, Rule, TableTree};
use crate::time::{Duration, Instant};

/// What has to be typed before anything is removed.
pub const YES: &str = "yes-delete";

/// Rows in a transaction, where there are several at a time.
const BATCH: usize = 5000;

/// How a plan is applied.
#[derive(Clone, Debug)]
pub struct Apply {
    pub(super) plan: Plan,
    pub(super) rule: Rule,
    pub(super) tree: TableTree,
    pub(super) now: Instant,
    oldest: Duration,
    pub(super) way: Way,
    batch: Option<usize>,
    pub(super) jobs: usize,
    pub(super) skip_changed: bool,
    pub(super) lock_timeout: Duration,
}

/// How far it goes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Way {
    /// Everything is read and judged, and nothing is locked or removed.
    DryRun,
    /// Everything is done, and rolled back: keys and triggers are proved.
    Rehearse,
    /// The rows go.
    #[default]
    Apply,
}

/// What keeps a plan from being applied.
#[derive(Debug, Error)]
pub(super) enum BadPlan {
    #[error("the plan is of {} rows that are of no table", quoted(.0))]
    NoTable(String),
    #[error("the plan is {age} old, and may be {oldest} old at most")]
    Old { age: Duration, oldest: Duration },
    #[error("the plan is of {0}, which is still to come")]
    Future(Instant),
    #[error("the rule {} is not what it was when the plan was made", quoted(.0))]
    Rule(String),
    #[error("the plan is of another {0}")]
    Other(&'static str),
    #[error("nothing was removed: `{YES}` was not typed")]
    NotConfirmed,
    #[error(
        "it is not known whether transaction {transaction} was committed; what it removed then is kept by {manifest}"
    )]
    Unknown { transaction: String, manifest: String },
}

impl Leaf for BadPlan {
    fn code(&self) -> Code {
        match self {
            BadPlan::NoTable(_) => Code::ApplyNoTable,
            BadPlan::Old { .. } | BadPlan::Future(_) | BadPlan::Rule(_) => Code::ApplyStale,
            BadPlan::Other(_) => Code::ApplyOther,
            BadPlan::NotConfirmed => Code::ApplyNotConfirmed,
            BadPlan::Unknown { .. } => Code::ApplyConnection,
        }
    }

    fn help(&self) -> Option<String> {
        let help = match self {
            BadPlan::NoTable(_) => "say the rule's `table` in the policy, and plan again",
            BadPlan::Old { .. } | BadPlan::Future(_) | BadPlan::Rule(_) => "plan again",
            BadPlan::Other(_) => "connect to the database that the plan was made of, or plan again",
            BadPlan::NotConfirmed => "review the plan, and type it out, or give it as `--confirm`",
            BadPlan::Unknown { .. } => "run it again: what is gone is not removed twice",
        };
        Some(help.into())
    }
}

impl Apply {
    /// Of a plan, by the policy whose rule made it. Where that requires checks before anything is
    /// removed, `health` is the report that says that they are ok.
    ///
    /// # Errors
    /// `policy.unknown_rule`; `apply.stale_plan` if the rule is another by now; `apply.no_table` for rows of
    /// no table; what [`HealthRules::require`] refuses.
    ///
    /// [`HealthRules::require`]: crate::policy::HealthRules::require
    pub fn new(
        plan: Plan,
        policy: &Policy,
        health: Option<&[u8]>,
        now: Instant,
    ) -> Result<Self, Error> {
        // A policy without checks requires none.
        if let Ok(rules) = policy.health() {
            rules.require(health, now)?;
        }
        let name = format!("{}.{}", plan.family(), plan.rule());
        let rule = policy.rule(&name)?.clone();
        if rule.sha256() != plan.rule_sha256() {
            return Err(BadPlan::Rule(name).into());
        }
        let tree = policy.tables(&name)?.ok_or(BadPlan::NoTable(name))?;
        Ok(Self {
            plan,
            rule,
            tree,
            now,
            oldest: Duration::from_mins(24 * 60),
            way: Way::default(),
            batch: None,
            jobs: 1,
            skip_changed: false,
            lock_timeout: session::LOCK_TIMEOUT,
        })
    }

    /// How far it goes.
    #[must_use]
    pub fn way(mut self, way: Way) -> Self {
        self.way = way;
        self
    }

    /// How old the plan may be: 24 hours, unless said otherwise.
    #[must_use]
    pub fn oldest(mut self, oldest: Duration) -> Self {
        self.oldest = oldest;
        self
    }

    /// So many rows of the plan in a transaction, or a few more: what one row stays for goes together.
    /// Without it, all go in one, unless there are several [jobs](Apply::jobs).
    #[must_use]
    pub fn batch(mut self, rows: usize) -> Self {
        self.batch = Some(rows.max(1));
        self
    }

    /// So many transactions at a time, each over a connection of its own: see [`Step::Together`]. Without
    /// [`Apply::batch`], 5,000 rows go in each. One at a time goes, with a warning, where what becomes of a row
    /// hangs on others (a rule of counts, sizes, floors or periods), where a row may hang on two, and where triggers
    /// act.
    ///
    /// [`Step::Together`]: super::Step::Together
    #[must_use]
    pub fn jobs(mut self, jobs: usize) -> Self {
        self.jobs = jobs.max(1);
        self
    }

    /// Whether the parts of the plan may go in any order, and at the same time: what becomes of a row does not hang
    /// on others that go.
    pub(super) fn is_free(&self) -> bool {
        matches!(self.rule, Rule::Dedupe(_)) || judges_alone(&self.rule)
    }

    /// How many rows go in a transaction; none if all go in one.
    pub(super) fn most(&self) -> Option<usize> {
        self.batch.or((self.jobs > 1).then_some(BATCH))
    }

    /// Leaves rows where they are that are no longer as they were planned, and removes the others. Without
    /// it, none is removed then.
    #[must_use]
    pub fn skip_changed(mut self, skips: bool) -> Self {
        self.skip_changed = skips;
        self
    }

    /// How long a lock is waited for, before it is tried again or given up: 5 seconds, unless said
    /// otherwise.
    #[must_use]
    pub fn lock_timeout(mut self, most: Duration) -> Self {
        self.lock_timeout = most;
        self
    }

    /// Refuses a plan that is too old, or still to come.
    pub(super) fn check_age(&self) -> Result<(), BadPlan> {
        let (at, oldest) = (self.plan.planned_at(), self.oldest);
        if at > self.now {
            return Err(BadPlan::Future(at));
        }
        let age = at.distance(self.now);
        if age > oldest { Err(BadPlan::Old { age, oldest }) } else { Ok(()) }
    }

    /// What applies it.
    #[must_use]
    pub fn machine(self) -> Machine<Applied> {
        Machine::new(|talk| async move { Ok(remove::run(&talk, self).await?) })
    }
}
