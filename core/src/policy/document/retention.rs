//! A retention rule as it is written.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Conditions, GuardDocument};
use crate::columns::Type;
use crate::one_or_more::OneOrMore;
use crate::retention::{Anchor, Edge, Every, Overlap};
use crate::size::Size;
use crate::time::{Span, TimeUnit, Zone};

/// A rule that removes what has outlived its use.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema, Serialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct RetentionDocument {
    /// The table the items are rows of.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) table: Option<String>,
    /// Or the files they are: a path with `*`, which stands for a part of a name, or `**`, which
    /// stands for any folders. Such items have the columns `name`, `mtime` and `size`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) files: Option<String>,
    /// The column that names an item, or those that do so together. The table's own unless said otherwise.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) id: Option<OneOrMore<String>>,
    /// The column of the time.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) time: Option<String>,
    /// The column of the size in bytes. `size` unless said otherwise.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) size: Option<String>,
    /// The columns that group the items: each group is decided by itself.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) by: Vec<String>,
    /// What the rule is about: other items are never touched.
    #[serde(default, rename = "match", skip_serializing_if = "BTreeMap::is_empty")]
    pub(crate) matches: Conditions,
    /// Items that are never removed, and count for no limit and no keep rule.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub(crate) hold: Conditions,
    /// What an item has to be before it may go: one that is not yet is kept, and counted as blocked.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub(crate) require: Conditions,
    /// What is over any of these is removed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) limit: Option<LimitDocument>,
    /// What is never removed, whatever else is said.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) floor: Option<FloorDocument>,
    /// What is worth keeping. Once there is a keep rule, what none claims is removed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) keep: Option<Vec<KeepDocument>>,
    /// What `within` is measured from. `now` unless said otherwise.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) anchor: Option<Anchor>,
    /// What it means that several keep rules claim one item. `shared` unless said otherwise.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) overlap: Option<Overlap>,
    /// What is different for some items. Of several that fit one item, the first decides it.
    #[serde(default, rename = "override", skip_serializing_if = "Vec::is_empty")]
    pub(crate) overrides: Vec<OverrideDocument>,
    /// How large a plan may be; a larger one is refused whole.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) guard: Option<GuardDocument>,
    /// The zone of the calendar, and of times without an offset. Ages in months and years need one;
    /// periods are those of UTC without it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) tz: Option<Zone>,
    /// What an integer time counts from 1970; without it they are refused.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) time_unit: Option<TimeUnit>,
    /// Types of columns, where the data does not say them.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub(crate) types: BTreeMap<String, Type>,
}

/// Caps: an item over any of them is removed.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema, Serialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct LimitDocument {
    /// How old an item may become.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) age: Option<Span>,
    /// Whether an age of exactly that is over it: `after`, not yet, unless said otherwise; or `at`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) edge: Option<Edge>,
    /// How many of the newest stay.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) count: Option<u64>,
    /// How many bytes the newest that stay may have together.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) bytes: Option<Size>,
}

/// What is never removed.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema, Serialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct FloorDocument {
    /// How many of the newest.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) count: Option<u64>,
    /// What is younger than this.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) age: Option<Span>,
}

/// A keep rule: it claims one item of each period, or all items that meet a condition.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema, Serialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct KeepDocument {
    /// How long a period is. Without it, the rule claims all items that it is about.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) every: Option<Every>,
    /// In how many periods, the newest first; empty ones are passed over. All if it is -1, or not said.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) count: Option<i64>,
    /// How far back.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) within: Option<Span>,
    /// Whether what is exactly so far back is within: `after`, it is not, unless said otherwise; or `at`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) edge: Option<Edge>,
    /// Whether the oldest item of all is claimed as well, as long as the count is not used up.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) oldest: Option<bool>,
    /// Which items it is about; all unless said otherwise.
    #[serde(default, rename = "where", skip_serializing_if = "BTreeMap::is_empty")]
    pub(crate) about: Conditions,
}

/// What is different for some items. What it names replaces that of the rule, whole.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema, Serialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct OverrideDocument {
    /// Which items.
    pub(crate) when: Conditions,
    /// In place of the rule's. An empty one removes nothing.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) limit: Option<LimitDocument>,
    /// In place of the rule's.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) floor: Option<FloorDocument>,
    /// In place of the rule's.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) hold: Option<Conditions>,
    /// In place of the rule's.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) require: Option<Conditions>,
    /// In place of the rule's. An empty list is no keep rule.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) keep: Option<Vec<KeepDocument>>,
    /// In place of the rule's.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) anchor: Option<Anchor>,
    /// In place of the rule's.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) overlap: Option<Overlap>,
}
