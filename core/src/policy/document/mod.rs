//! The policy file as it is written: one struct per table of it. The JSON Schema is derived from
//! these same structs.
//!
//! What is not given stays unset here: [`super::dedupe`], [`super::retention`], [`super::health`] and
//! [`super::schedule`] check, and fill in the defaults.

mod dedupe;
mod health;
mod retention;
mod schedule;

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::one_or_more::OneOrMore;

pub(crate) use dedupe::DedupeDocument;
pub(crate) use health::{
    BurnDocument, CheckDocument, GroupDocument, HoursDocument, SeverityDocument, SloDocument,
    TierDocument,
};
pub(crate) use retention::{
    FloorDocument, KeepDocument, LimitDocument, OverrideDocument, RetentionDocument,
};
pub(crate) use schedule::{CalendarDocument, Calendars, DayDocument, ScheduleDocument};

use crate::Guard;
use crate::condition::Test;
use crate::error::Error;

/// Conditions on columns, all of which have to hold.
pub(crate) type Conditions = BTreeMap<String, Test>;

/// A policy for housekeep: rules that decide what may go.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema, Serialize)]
#[serde(deny_unknown_fields)]
pub(super) struct PolicyDocument {
    /// Tables that no rule may touch, whatever it says.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(super) never: Vec<String>,
    /// Tables, and what hangs on them.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub(super) table: BTreeMap<String, TableDocument>,
    /// Rules that drop duplicate rows.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub(super) dedupe: BTreeMap<String, DedupeDocument>,
    /// Rules that remove what has outlived its use.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub(super) retention: BTreeMap<String, RetentionDocument>,
    /// Checks of the numbers that a service is measured by.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub(super) check: BTreeMap<String, CheckDocument>,
    /// Checks that have a status together.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub(super) group: BTreeMap<String, GroupDocument>,
    /// Objectives, and how fast their budgets may burn.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub(super) slo: BTreeMap<String, SloDocument>,
    /// Who is called about what, and when.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub(super) severity: BTreeMap<String, SeverityDocument>,
    /// Hours of a week in which somebody is called, or is not.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub(super) hours: BTreeMap<String, HoursDocument>,
    /// Days on which something is open.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub(super) calendar: Calendars,
    /// When runs may start, and what becomes of those that did not.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub(super) schedule: BTreeMap<String, ScheduleDocument>,
    /// What has to be so before anything is removed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) apply: Option<ApplyDocument>,
}

/// What has to be so before anything is removed.
#[derive(Clone, Debug, Deserialize, JsonSchema, Serialize)]
#[serde(deny_unknown_fields)]
pub(super) struct ApplyDocument {
    /// Checks and groups that have to be ok, by a report that is not older than an hour.
    pub(super) require_checks: Vec<String>,
}

/// A table.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema, Serialize)]
#[serde(deny_unknown_fields)]
pub(super) struct TableDocument {
    /// The column that names a row, or those that do so together. `id` unless said otherwise.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) id: Option<OneOrMore<String>>,
    /// Tables whose rows belong to rows of this one, and go with them.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(super) children: Vec<ChildDocument>,
    /// What says of a row how it came out: the share of the last rows that did not is looked at before
    /// and after rows are removed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) outcome: Option<OutcomeDocument>,
    /// Indexes that are expected, each by its leading columns.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(super) indexes: Vec<Vec<String>>,
}

/// What says of a row how it came out.
#[derive(Clone, Debug, Deserialize, JsonSchema, Serialize)]
#[serde(deny_unknown_fields)]
pub(super) struct OutcomeDocument {
    /// The column.
    pub(super) column: String,
    /// Its values of rows that came out well.
    pub(super) ok: Vec<String>,
}

/// A table whose rows belong to rows of another.
#[derive(Clone, Debug, Deserialize, JsonSchema, Serialize)]
#[serde(deny_unknown_fields)]
pub(super) struct ChildDocument {
    /// The child's table.
    pub(super) table: String,
    /// The child's column that holds the parent's id; of an id of several columns as many, in their order.
    pub(super) key: OneOrMore<String>,
}

/// How large a plan may be.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema, Serialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct GuardDocument {
    /// The most rows it may drop.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) max_drops: Option<u64>,
    /// The largest share of the eligible rows it may drop, from 0 to 1.
    #[serde(skip_serializing_if = "Option::is_none", serialize_with = "number")]
    #[schemars(range(min = 0.0, max = 1.0))]
    pub(crate) max_fraction: Option<f64>,
}

impl GuardDocument {
    /// The same for a decision.
    ///
    /// # Errors
    /// `policy.out_of_range` for a share outside 0 to 1.
    pub(super) fn check(&self) -> Result<Guard, Error> {
        let mut guard = Guard::new();
        if let Some(most) = self.max_drops {
            guard = guard.max_drops(most);
        }
        match self.max_fraction {
            Some(most) => guard.max_fraction(most),
            None => Ok(guard),
        }
    }
}

/// Writes a number without a fraction as the integer it is, so that 1 and 1.0 are one document.
#[expect(clippy::ref_option, reason = "serde hands over the field as it is")]
fn number<S: serde::Serializer>(value: &Option<f64>, serializer: S) -> Result<S::Ok, S::Error> {
    match value {
        Some(value) if value.fract() == 0.0 =>
        {
            #[expect(clippy::cast_possible_truncation, reason = "a checked share of 0 to 1")]
            serializer.serialize_i64(*value as i64)
        }
        value => value.serialize(serializer),
    }
}
