//! A rule as PostgreSQL's own statements: a query of what goes, and a delete that is run again and again
//! until it removes nothing more. For tables that nobody wants to read, and for engines that speak the same
//! SQL.
//!
//! What they give is what core decides, of the same rows at the same moment. They need PostgreSQL 15 or
//! newer. A time column without a zone is read in the session's `TimeZone`, which has to be the rule's
//! `tz`; what is no time of the years 0001 to 9999 is left alone, where core would refuse it.

mod clock;
mod condition;
mod dedupe;
mod delete;
pub(crate) mod names;
mod retention;
mod write;

use serde::Serialize;
use thiserror::Error;

use self::write::Writer;
use crate::error::{Code, Error, Leaf, quoted};
use crate::policy::{Policy, Rule, TableTree};
use crate::time::Instant;
use crate::wire::{self, VERSION};

/// How many rows one delete removes, unless said otherwise.
const BATCH: u32 = 1000;

/// A rule at a moment, as statements.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Statements {
    housekeep: u32,
    kind: &'static str,
    rule: String,
    table: String,
    planned_at: Instant,
    select: Sql,
    delete: Sql,
}

/// A statement, and what stands for its `$1`, `$2` and so on.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Sql {
    /// The statement.
    pub text: String,
    /// Each value as text, which the statement casts; none where they stand in it.
    pub values: Vec<String>,
}

/// What cannot be said in SQL.
#[derive(Debug, Error)]
pub(crate) enum NoSql {
    #[error("the rule {} is of no table", quoted(.0))]
    NoTable(String),
    #[error("the rule {} has keep rules, whose periods are those of a calendar of our own", quoted(.0))]
    Keeps(String),
}

impl Leaf for NoSql {
    fn code(&self) -> Code {
        Code::PolicyNoSql
    }

    fn help(&self) -> Option<String> {
        let help = match self {
            NoSql::NoTable(_) => "say its `table` in the policy",
            NoSql::Keeps(_) => "plan over the rows, and apply the plan",
        };
        Some(help.into())
    }
}

/// How values are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Values {
    /// As `$1`, `$2` and so on: for a driver.
    Apart,
    /// In the statement: for a person.
    Within,
}

impl Statements {
    /// The rows that go: `id`, and of duplicates `keeper_id`.
    #[must_use]
    pub fn select(&self) -> &Sql {
        &self.select
    }

    /// Removes some of them, with the rows of the table's children that hang on them, and gives their
    /// ids. Run again until it gives none; it may be stopped between any two runs.
    #[must_use]
    pub fn delete(&self) -> &Sql {
        &self.delete
    }

    /// Both as canonical JSON.
    #[must_use]
    pub fn to_json(&self) -> String {
        wire::canonical(self)
    }
}

impl Policy {
    /// A rule at a moment as statements of PostgreSQL, with their values apart, for the host's own driver.
    /// One delete removes no more than `batch` rows of the rule's table; 1000, unless said otherwise.
    ///
    /// # Errors
    /// `policy.unknown_rule`; `policy.no_sql` for a rule of no table, or with keep rules.
    pub fn statements(
        &self,
        rule: &str,
        now: Instant,
        batch: Option<u32>,
    ) -> Result<Statements, Error> {
        self.written(rule, now, batch, Values::Apart)
    }

    /// The same with the values in the statements, for a person.
    ///
    /// # Errors
    /// As [`Policy::statements`].
    pub fn to_sql(
        &self,
        rule: &str,
        now: Instant,
        batch: Option<u32>,
    ) -> Result<Statements, Error> {
        self.written(rule, now, batch, Values::Within)
    }

    fn written(
        &self,
        rule: &str,
        now: Instant,
        batch: Option<u32>,
        values: Values,
    ) -> Result<Statements, Error> {
        let rule = self.rule(rule)?;
        let name = rule.full_name();
        let tree = self.tables(&name)?.ok_or_else(|| NoSql::NoTable(name.clone()))?;
        let batch = batch.unwrap_or(BATCH).max(1);
        let select = |out: &mut Writer| drops(rule, &tree, now, out);
        let mut out = Writer::new(values);
        let text = select(&mut out)?.query();
        let query = out.finish(text);
        let mut out = Writer::new(values);
        let text = delete::delete(&select(&mut out)?, &tree, batch);
        let delete = out.finish(text);
        Ok(Statements {
            housekeep: VERSION,
            kind: "statements",
            rule: name,
            table: tree.name().to_owned(),
            planned_at: now,
            select: query,
            delete,
        })
    }
}

/// The rows that go, as the parts of a statement.
struct Drops {
    /// `name AS (…)`, in their order.
    with: Vec<String>,
    /// Whether one of them refers to itself.
    is_recursive: bool,
    /// The last of them: it gives `id` and `version`, `at` and `tie`, and of duplicates `keeper_id`.
    last: &'static str,
    has_keeper: bool,
    /// In which order they go: whatever part of them has gone, the rest goes still.
    order: &'static str,
}

impl Drops {
    fn with(&self) -> String {
        let recursive = if self.is_recursive { "RECURSIVE " } else { "" };
        format!("WITH {recursive}{}", self.with.join(",\n"))
    }

    fn query(&self) -> String {
        let keeper = if self.has_keeper { ", keeper_id" } else { "" };
        format!("{}\nSELECT id{keeper}\nFROM {}\nORDER BY {}", self.with(), self.last, self.order)
    }
}

fn drops(rule: &Rule, tree: &TableTree, now: Instant, out: &mut Writer) -> Result<Drops, Error> {
    match rule {
        Rule::Dedupe(rule) => Ok(dedupe::drops(rule, tree, now, out)),
        Rule::Retention(rule) => retention::drops(rule, tree, now, out),
    }
}
