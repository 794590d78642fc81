//! A dedupe rule as it is written.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Conditions, GuardDocument};
use crate::columns::Type;
use crate::dedupe::{Keep, Mode, NullKey, Open};
use crate::one_or_more::OneOrMore;
use crate::time::{Duration, TimeUnit, Zone};

/// A rule that drops duplicate rows.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema, Serialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct DedupeDocument {
    /// The table the rows are of.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) table: Option<String>,
    /// The column that names a row, or those that do so together. The table's own unless said otherwise.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) id: Option<OneOrMore<String>>,
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
    pub(crate) only: Conditions,
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
