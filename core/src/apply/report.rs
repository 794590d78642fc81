//! What came of it, as a document.

use serde::Serialize;

use crate::wire::{self, VERSION};

/// What came of applying a plan.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Applied {
    pub(super) housekeep: u32,
    pub(super) kind: &'static str,
    pub(super) rule: String,
    pub(super) plan_sha256: String,
    pub(super) database: String,
    pub(super) table: String,
    pub(super) outcome: Outcome,
    /// Rows that the plan drops.
    pub(super) planned: u64,
    /// Of those, that had gone before.
    pub(super) gone: u64,
    /// Of those, that were left where they are, as they are no longer as they were planned.
    pub(super) changed: u64,
    /// Rows that went, by table: children first.
    pub(super) removed: Vec<TableCount>,
    /// How the last rows came out, where the table says which column tells.
    pub(super) outcomes: Option<Outcomes>,
    /// The transactions that removed them.
    pub(super) transactions: Vec<String>,
    /// The manifest of what they removed, by the name that the host was given.
    pub(super) manifest: Option<String>,
    pub(super) warnings: Vec<String>,
    /// What would be run, of a dry run.
    pub(super) statements: Vec<String>,
}

/// What was done.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// Nothing: it was looked at.
    #[default]
    DryRun,
    /// All of it, and it was rolled back.
    Rehearsed,
    /// The rows are gone.
    Applied,
    /// They had gone before.
    AlreadyApplied,
}

/// Rows of a table.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct TableCount {
    /// The table, with its schema.
    pub table: String,
    /// How many of its rows.
    pub rows: u64,
}

/// How the last rows came out: how many of them failed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Outcomes {
    /// How many rows are looked at: 20, or as many as there are.
    pub of: u64,
    /// Before.
    pub failed_before: u64,
    /// Foretold for afterwards.
    pub failed_predicted: u64,
    /// Afterwards, unless it is a dry run.
    pub failed_after: Option<u64>,
}

/// What came of an export.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Exported {
    pub(super) housekeep: u32,
    pub(super) kind: &'static str,
    pub(super) database: String,
    pub(super) table: String,
    pub(super) plan_sha256: Option<String>,
    /// Rows by table: parents first.
    pub(super) tables: Vec<TableCount>,
}

/// What came of restoring an export.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Restored {
    pub(super) housekeep: u32,
    pub(super) kind: &'static str,
    pub(super) database: String,
    pub(super) is_dry: bool,
    /// Parents first.
    pub(super) tables: Vec<RestoredTable>,
}

/// Rows of a table that an export holds.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct RestoredTable {
    /// The table, with its schema.
    pub table: String,
    /// Rows that were missing, and are there now; of a dry run, that are missing.
    pub restored: u64,
    /// Rows that were there, as they are in the export.
    pub identical: u64,
}

/// What `verify` finds.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Verification {
    pub(super) housekeep: u32,
    pub(super) kind: &'static str,
    pub(super) rule: String,
    pub(super) database: String,
    pub(super) table: String,
    pub(super) rows: u64,
    /// Rows that the rule would drop: none are expected after a plan was applied.
    pub(super) drops: u64,
    /// Keys, or groups, that have several rows which the rule leaves: for information.
    pub(super) several: u64,
    /// The keys, or groups, with the most rows.
    pub(super) top: Vec<KeyCount>,
    /// Rows of children that point to nothing, by table.
    pub(super) orphans: Vec<TableCount>,
    /// What makes an index that is expected and missing.
    pub(super) missing_indexes: Vec<String>,
}

/// How many rows have a value.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct KeyCount {
    /// The value.
    pub key: Option<String>,
    /// How many rows have it.
    pub rows: u64,
}

macro_rules! answers {
    ($($answer:ident),*) => {$(
        impl $answer {
            /// The answer as canonical JSON.
            #[must_use]
            pub fn to_json(&self) -> String {
                wire::canonical(self)
            }
        }
    )*};
}

answers!(Applied, Exported, Restored, Verification);

impl Applied {
    /// What was done.
    #[must_use]
    pub fn outcome(&self) -> Outcome {
        self.outcome
    }

    /// Rows that the plan drops, that had gone before, and that are no longer as they were planned.
    #[must_use]
    pub fn counts(&self) -> (u64, u64, u64) {
        (self.planned, self.gone, self.changed)
    }

    /// Rows that went, by table: children first. Of a dry run, that would go.
    #[must_use]
    pub fn removed(&self) -> &[TableCount] {
        &self.removed
    }

    /// How the last rows came out.
    #[must_use]
    pub fn outcomes(&self) -> Option<Outcomes> {
        self.outcomes
    }

    /// Where what was removed is kept: the name of its manifest, among the files that the host was given to write. An
    /// export it is, and can be restored. None where nothing was removed.
    #[must_use]
    pub fn manifest(&self) -> Option<&str> {
        self.manifest.as_deref()
    }

    /// What a person should know.
    pub fn warnings(&self) -> impl Iterator<Item = &str> {
        self.warnings.iter().map(String::as_str)
    }

    /// What would be run, of a dry run.
    pub fn statements(&self) -> impl Iterator<Item = &str> {
        self.statements.iter().map(String::as_str)
    }

    /// The database, and the table in it.
    #[must_use]
    pub fn place(&self) -> (&str, &str) {
        (&self.database, &self.table)
    }
}

impl Exported {
    pub(super) fn new(database: String, table: String, plan_sha256: Option<String>) -> Self {
        let kind = "exported";
        Self { housekeep: VERSION, kind, database, table, plan_sha256, tables: Vec::new() }
    }

    /// Rows by table: parents first.
    #[must_use]
    pub fn tables(&self) -> &[TableCount] {
        &self.tables
    }
}

impl Restored {
    /// Rows by table: parents first.
    #[must_use]
    pub fn tables(&self) -> &[RestoredTable] {
        &self.tables
    }

    /// Whether nothing was done yet.
    #[must_use]
    pub fn is_dry(&self) -> bool {
        self.is_dry
    }
}

impl Verification {
    /// The rule, the database, and the table in it.
    #[must_use]
    pub fn place(&self) -> (&str, &str, &str) {
        (&self.rule, &self.database, &self.table)
    }

    /// All rows, those that the rule would drop, and the keys or groups that have several.
    #[must_use]
    pub fn counts(&self) -> (u64, u64, u64) {
        (self.rows, self.drops, self.several)
    }

    /// The keys, or groups, with the most rows.
    #[must_use]
    pub fn top(&self) -> &[KeyCount] {
        &self.top
    }

    /// Rows of children that point to nothing, by table.
    #[must_use]
    pub fn orphans(&self) -> &[TableCount] {
        &self.orphans
    }

    /// What makes each index that is expected and missing.
    pub fn missing_indexes(&self) -> impl ExactSizeIterator<Item = &str> {
        self.missing_indexes.iter().map(String::as_str)
    }

    /// Whether there is nothing that has to be done: no row to drop, no orphan, no missing index.
    #[must_use]
    pub fn is_clean(&self) -> bool {
        self.drops == 0
            && self.orphans.iter().all(|count| count.rows == 0)
            && self.missing_indexes.is_empty()
    }
}
