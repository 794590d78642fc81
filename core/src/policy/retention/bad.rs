//! What no retention rule may say.

use thiserror::Error;

use crate::error::{Code, Leaf, quoted};
use crate::time::Span;

/// What no rule may say.
#[derive(Debug, Error)]
pub(super) enum BadRule {
    #[error("the rule has no limit and no keep rule, so it would never remove anything")]
    Nothing,
    #[error("the rule is about a table and about files")]
    TableAndFiles,
    #[error("the rule names no time")]
    NoTime,
    #[error("files have the columns name, mtime and size, so `{0}` has no meaning")]
    FileColumn(&'static str),
    #[error("the column {} is named twice", quoted(.0))]
    Repeated(String),
    #[error("the column {} is both the id and {}", quoted(.0), .1)]
    IdIs(String, &'static str),
    #[error("all columns of the id group the items, so each would be a group of its own")]
    IdGroups,
    #[error("{0} is empty")]
    Says(&'static str),
    #[error("an edge without {0} has no meaning")]
    Edge(&'static str),
    #[error("{0} counts months or years, which need a calendar")]
    NoZone(Span),
    #[error(
        "a keep rule without `every` claims all items that it is about, so `{0}` has no meaning"
    )]
    Periodless(&'static str),
    #[error("a keep rule without `every`, `within` and `where` claims everything")]
    ClaimsAll,
    #[error("a count of 0 claims nothing")]
    ClaimsNone,
    #[error("the override changes nothing")]
    ChangesNothing,
}

impl Leaf for BadRule {
    fn code(&self) -> Code {
        match self {
            BadRule::Nothing | BadRule::ClaimsNone => Code::PolicyNeverMatches,
            BadRule::NoTime | BadRule::NoZone(_) => Code::PolicyMissingField,
            BadRule::Repeated(_) => Code::PolicyRepeatedField,
            BadRule::Says(_) | BadRule::ClaimsAll | BadRule::ChangesNothing => Code::PolicyBadValue,
            BadRule::TableAndFiles
            | BadRule::FileColumn(_)
            | BadRule::IdIs(..)
            | BadRule::IdGroups
            | BadRule::Edge(_)
            | BadRule::Periodless(_) => Code::PolicyConflict,
        }
    }

    fn help(&self) -> Option<String> {
        let help = match self {
            BadRule::Nothing => "add one, such as `limit = { age = \"30d\" }`",
            BadRule::TableAndFiles => "make two rules of it",
            BadRule::NoTime => "name the column that an item's age is counted from, as `time`",
            BadRule::FileColumn(_) => "take it out",
            BadRule::Repeated(_) => "name it once",
            BadRule::IdIs(..) | BadRule::IdGroups => "name another column",
            BadRule::Says(_) => "say something in it, or take it out",
            BadRule::Edge(_) => "take it out, or say how long",
            BadRule::NoZone(_) => {
                "say whose, such as `tz = \"America/Santiago\"`, or count in days"
            }
            BadRule::Periodless(_) => "add `every`, or take it out",
            BadRule::ClaimsAll => "say what it is about, or take it out",
            BadRule::ClaimsNone => "give 1 or more, or -1 for all",
            BadRule::ChangesNothing => {
                "name what is different: limit, floor, hold, require, keep, anchor or overlap"
            }
        };
        Some(help.into())
    }
}
