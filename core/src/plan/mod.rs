//! The plan: an answer that people review before anything is done, and that can be read back.
//!
//! A plan owns the columns it speaks of by reference count, so it may outlive whoever made them.
//! Ids, keys and times are read from those columns when they are asked for.
//!
//! What every plan says is [`Plan`]'s own; what it says of duplicates, or of what has outlived its
//! use, is its [`DedupePlan`] or its [`RetentionPlan`].

#[cfg(feature = "arrow")]
pub(crate) mod batch;
mod dedupe;
mod fetch;
mod retention;
mod warning;

use std::collections::BTreeMap;
use std::io;
use std::sync::OnceLock;

pub(crate) use dedupe::RowsOfPlan;
pub use dedupe::{DedupePlan, DropEntry, Reason};
pub use retention::{Detail, RetentionPlan};

use crate::columns::{Cell, Table};
use crate::control::Control;
use crate::error::Error;
use crate::policy::{Family, Rule};
use crate::time::Instant;
use crate::wire::{self, Explanation, WarningDocument};

/// Where the rows came from: a name, and what identifies it (a file's digest, a database's
/// fingerprint).
pub type Source = BTreeMap<String, String>;

/// Which rows go, and why.
#[derive(Clone, Debug)]
pub struct Plan {
    pub(crate) head: Head,
    pub(crate) body: Body,
    /// Made when it is first asked for: it takes the whole document.
    sha256: OnceLock<String>,
}

/// What every plan says.
#[derive(Clone, Debug)]
pub(crate) struct Head {
    pub(crate) rule: String,
    pub(crate) table: Option<String>,
    pub(crate) planned_at: Instant,
    pub(crate) rule_sha256: String,
    pub(crate) source: Source,
    pub(crate) total: u64,
    pub(crate) keep: u64,
    pub(crate) warnings: Vec<WarningDocument>,
}

/// What the plans of a family say.
#[derive(Clone, Debug)]
#[expect(clippy::large_enum_variant, reason = "there is one of them in a plan")]
pub(crate) enum Body {
    Dedupe(DedupePlan),
    Retention(RetentionPlan),
}

impl Rule {
    /// Plans: which rows of the table go, and why. Nothing is deleted.
    ///
    /// `source` says where the rows came from; it is part of the plan and its digest.
    ///
    /// # Errors
    /// `plan.guard` if it would drop more than the rule allows; a `rows.*` error for a table that
    /// the rule cannot read; `policy.conflict` for a detail that its family has not; `cancelled` if
    /// the caller asked to stop.
    pub fn plan(
        &self,
        table: &Table,
        now: Instant,
        source: Source,
        detail: Detail,
        control: &Control<'_>,
    ) -> Result<Plan, Error> {
        match self {
            Rule::Dedupe(rule) => {
                detail.check(Family::Dedupe)?;
                rule.plan(table, now, source, control)
            }
            Rule::Retention(rule) => rule.plan(table, now, source, detail, control),
        }
    }

    /// What becomes of the row with this id, and why: for rows that go, stay or are left alone.
    ///
    /// # Errors
    /// A `rows.*` error for a table that the rule cannot read. An id that no row has is no error.
    pub fn explain(&self, table: &Table, id: &str, now: Instant) -> Result<Explanation, Error> {
        match self {
            Rule::Dedupe(rule) => rule.explain(table, id, now),
            Rule::Retention(rule) => rule.explain(table, id, now),
        }
    }
}

impl Plan {
    pub(crate) fn new(head: Head, body: Body) -> Self {
        Self { head, body, sha256: OnceLock::new() }
    }

    /// The same, of which the digest is known.
    pub(crate) fn digested(self, sha256: String) -> Self {
        Self { sha256: sha256.into(), ..self }
    }

    /// Reads a plan that [`Plan::to_json`] wrote. White space and the order of keys do not matter.
    ///
    /// # Errors
    /// `plan.syntax`, `plan.version`, and `plan.altered` if it is not what its digest says.
    pub fn from_json(text: &str) -> Result<Self, Error> {
        wire::read_plan(text)
    }

    /// The plan as canonical JSON.
    #[must_use]
    pub fn to_json(&self) -> String {
        let mut out = Vec::new();
        let written = self.write_json(&mut out);
        debug_assert!(written.is_ok(), "a vector takes everything");
        String::from_utf8(out).unwrap_or_default()
    }

    /// Writes the plan as canonical JSON, without making the whole of it first, and gives its
    /// digest back.
    ///
    /// # Errors
    /// What `out` fails with.
    pub fn write_json(&self, out: impl io::Write) -> io::Result<String> {
        let sha256 = wire::write_plan(out, self)?;
        Ok(self.sha256.get_or_init(|| sha256).clone())
    }

    /// The digest of the plan, which is also its last entry.
    #[must_use]
    pub fn sha256(&self) -> &str {
        self.sha256.get_or_init(|| wire::write_plan(io::sink(), self).unwrap_or_default())
    }

    /// The family of its rule.
    #[must_use]
    pub fn family(&self) -> Family {
        match &self.body {
            Body::Dedupe(_) => Family::Dedupe,
            Body::Retention(_) => Family::Retention,
        }
    }

    /// What it says of duplicates; nothing, if its rule is of another family.
    #[must_use]
    pub fn dedupe(&self) -> Option<&DedupePlan> {
        match &self.body {
            Body::Dedupe(plan) => Some(plan),
            Body::Retention(_) => None,
        }
    }

    /// What it says of what has outlived its use; nothing, if its rule is of another family.
    #[must_use]
    pub fn retention(&self) -> Option<&RetentionPlan> {
        match &self.body {
            Body::Retention(plan) => Some(plan),
            Body::Dedupe(_) => None,
        }
    }

    /// The name of the rule, without its family.
    #[must_use]
    pub fn rule(&self) -> &str {
        &self.head.rule
    }

    /// The table, if the rule names one.
    #[must_use]
    pub fn table(&self) -> Option<&str> {
        self.head.table.as_deref()
    }

    /// The `now` it was made with.
    #[must_use]
    pub fn planned_at(&self) -> Instant {
        self.head.planned_at
    }

    /// The digest of the rule it was made by.
    #[must_use]
    pub fn rule_sha256(&self) -> &str {
        &self.head.rule_sha256
    }

    /// Where its rows came from.
    #[must_use]
    pub fn source(&self) -> &Source {
        &self.head.source
    }

    /// All rows.
    #[must_use]
    pub fn total(&self) -> u64 {
        self.head.total
    }

    /// Rows that were decided: all but those that the rule leaves alone.
    #[must_use]
    pub fn eligible(&self) -> u64 {
        let blocked = self.retention().map_or(0, RetentionPlan::blocked);
        self.head.keep + blocked + self.drop_count()
    }

    /// Rows that stay because the rule says so.
    #[must_use]
    pub fn keep(&self) -> u64 {
        self.head.keep
    }

    /// Rows that go.
    #[must_use]
    pub fn drop_count(&self) -> u64 {
        match &self.body {
            Body::Dedupe(plan) => plan.drop_count(),
            Body::Retention(plan) => plan.drop_count(),
        }
    }

    /// The ids that go: of duplicates in the order of key, time and id; else the oldest first.
    #[must_use]
    pub fn drop_ids(&self) -> Box<dyn ExactSizeIterator<Item = Cell<'_>> + '_> {
        match &self.body {
            Body::Dedupe(plan) => Box::new(plan.drop_ids()),
            Body::Retention(plan) => Box::new(plan.drop_ids()),
        }
    }

    /// What a person should know before applying it.
    pub fn warnings(&self) -> impl Iterator<Item = &str> {
        self.head.warnings.iter().map(|warning| warning.message.as_str())
    }

    /// What this plan does with an id, and why. A plan lists the rows that go, and few of those that
    /// stay; of any other it can only say that it does not drop it.
    #[must_use]
    pub fn explain(&self, id: &str) -> Explanation {
        let found = match &self.body {
            Body::Dedupe(plan) => plan.explain(self.rule(), id),
            Body::Retention(plan) => plan.explain(self.rule(), id),
        };
        found.unwrap_or_else(|| Explanation::not_in_plan(self.family(), self.rule(), id))
    }
}

impl PartialEq for Plan {
    fn eq(&self, other: &Self) -> bool {
        self.sha256() == other.sha256()
    }
}

/// Whether a row has the id that somebody asked for.
fn is_id(cell: &Cell<'_>, id: &str) -> bool {
    match cell {
        Cell::Text(text) => *text == id,
        Cell::Integer(number) => id.parse() == Ok(*number),
        Cell::Uuid(bytes) => crate::columns::parse_uuid(id) == Some(*bytes),
        cell => cell.to_string() == id,
    }
}
