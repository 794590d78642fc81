//! The policy file as it is written: one struct per table of it. The JSON Schema is derived from
//! these same structs.
//!
//! What is not given stays unset here: [`super::dedupe`] checks, and fills in the defaults.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::columns::Type;
use crate::condition::Test;
use crate::dedupe::{Keep, Mode, NullKey, Open};
use crate::time::{Duration, TimeUnit, Zone};

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
}

/// A table.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema, Serialize)]
#[serde(deny_unknown_fields)]
pub(super) struct TableDocument {
    /// The column that names a row. `id` unless said otherwise.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) id: Option<String>,
    /// Tables whose rows belong to rows of this one, and go with them.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(super) children: Vec<ChildDocument>,
}

/// A table whose rows belong to rows of another.
#[derive(Clone, Debug, Deserialize, JsonSchema, Serialize)]
#[serde(deny_unknown_fields)]
pub(super) struct ChildDocument {
    /// The child's table.
    pub(super) table: String,
    /// The child's column that holds the parent's id.
    pub(super) key: String,
}

/// A rule that drops duplicate rows.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema, Serialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct DedupeDocument {
    /// The table the rows are of.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) table: Option<String>,
    /// The column that names a row. The table's own unless said otherwise.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) id: Option<String>,
    /// The columns in which duplicates are the same.
    pub(crate) key: Vec<String>,
    /// The column of the time.
    pub(crate) time: String,
    /// How close in time duplicates are; both ends belong to it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) window: Option<Duration>,
    /// Which end of a key stays. `newest` unless said otherwise.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) keep: Option<Keep>,
    /// How the window is laid. `anchor` unless said otherwise.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) mode: Option<Mode>,
    /// What a null in the key means. `equal` unless said otherwise.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) null_key: Option<NullKey>,
    /// What the rule is about: other rows neither drop nor keep anything.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub(crate) only: BTreeMap<String, Test>,
    /// What happens to clusters that may still grow. `wait` unless said otherwise.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) open: Option<Open>,
    /// How far clocks may be ahead; rows later than that are left alone. `0s` unless said otherwise.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) skew: Option<Duration>,
    /// How large a plan may be; a larger one is refused whole.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) guard: Option<GuardDocument>,
    /// A plan is advised to be applied when it drops more than this. 0 unless said otherwise.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) advise_above: Option<u64>,
    /// The zone of times without an offset; without it they are refused.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) tz: Option<Zone>,
    /// What an integer time counts from 1970; without it they are refused.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) time_unit: Option<TimeUnit>,
    /// Types of columns, where the data does not say them.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub(crate) types: BTreeMap<String, Type>,
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
