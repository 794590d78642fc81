//! A rule of a policy, of whatever family.

use std::fmt;

use super::{DedupeRule, RetentionRule};
use crate::columns::Need;

/// What a rule decides.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Family {
    /// Which rows are duplicates.
    Dedupe,
    /// What has outlived its use.
    Retention,
}

impl Family {
    /// The word in a policy, and in a rule's full name.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Family::Dedupe => "dedupe",
            Family::Retention => "retention",
        }
    }
}

impl fmt::Display for Family {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// A rule of a policy, ready to plan with.
#[derive(Clone, Debug)]
#[expect(clippy::large_enum_variant, reason = "a policy has few of them")]
pub enum Rule {
    /// Which rows are duplicates.
    Dedupe(DedupeRule),
    /// What has outlived its use.
    Retention(RetentionRule),
}

impl Rule {
    /// What it decides.
    #[must_use]
    pub fn family(&self) -> Family {
        match self {
            Rule::Dedupe(_) => Family::Dedupe,
            Rule::Retention(_) => Family::Retention,
        }
    }

    /// The name, without its family.
    #[must_use]
    pub fn name(&self) -> &str {
        match self {
            Rule::Dedupe(rule) => rule.name(),
            Rule::Retention(rule) => rule.name(),
        }
    }

    /// The name with its family: `dedupe.runs`.
    #[must_use]
    pub fn full_name(&self) -> String {
        format!("{}.{}", self.family(), self.name())
    }

    /// The table the rows are of, if the rule names one.
    #[must_use]
    pub fn table(&self) -> Option<&str> {
        match self {
            Rule::Dedupe(rule) => rule.table(),
            Rule::Retention(rule) => rule.table(),
        }
    }

    /// The column that names a row, or those that do so together.
    #[must_use]
    pub fn id(&self) -> &[String] {
        match self {
            Rule::Dedupe(rule) => rule.id(),
            Rule::Retention(rule) => rule.id(),
        }
    }

    /// The digest of the rule with its defaults filled in, in hexadecimal.
    #[must_use]
    pub fn sha256(&self) -> &str {
        match self {
            Rule::Dedupe(rule) => rule.sha256(),
            Rule::Retention(rule) => rule.sha256(),
        }
    }

    /// The columns it reads, for whoever fetches the rows.
    #[must_use]
    pub fn needs(&self) -> &[Need] {
        match self {
            Rule::Dedupe(rule) => rule.needs(),
            Rule::Retention(rule) => rule.needs(),
        }
    }

    /// The columns whose values rows have in common that can only be decided together, for whoever decides
    /// a table in parts: of duplicates the key, of what outlives its use the group. Without columns all
    /// rows are decided together; none if each is decided by itself.
    #[must_use]
    pub fn together(&self) -> Option<&[String]> {
        match self {
            Rule::Dedupe(rule) => Some(rule.key()),
            Rule::Retention(rule) => (!rule.rule().decides_alone()).then(|| rule.by()),
        }
    }
}
