//! The one JSON: every document that Rust, the CLI, Python and Node give out is written here, so
//! that its bytes are the same everywhere.
//!
//! Keys have a fixed order, ids are text, and integers are never written as fractions. The first
//! two levels of a document stand one entry a line, so that two plans can be compared by line;
//! what is deeper stands on one line.

mod canonical;
mod compare;
mod entries;
mod error;
mod explanation;
mod health;
mod plan;
mod policy;
mod schedule;
mod sweep;

pub(crate) use canonical::{canonical, hex, sha256};
use canonical::{digest, is_as_written};
pub use compare::Compare;
pub(crate) use entries::texts as texts_of;
pub use explanation::{Explanation, Neighbour};
pub use health::Measured;
pub(crate) use health::{write_fleet, write_report};
pub(crate) use plan::{
    AdviceDocument, NearestDocument, WarningDocument, read_plan, text, write_plan,
};
pub use plan::{Citation, Decision, Key, KeyValue, OldestKept, Removal, Stay};
pub use schedule::{
    DueAnswer, KeepAnswer, MissedAnswer, NextAnswer, Reason, SlotsAnswer, UndoneSlot,
};
pub use sweep::SweepAnswer;

/// The version of the documents.
pub(crate) const VERSION: u32 = 1;
