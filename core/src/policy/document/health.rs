//! Checks and groups as they are written.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::health::{Gate, Metric, Missing, Quorum, RollUp, Status, Threshold, Unit, When};
use crate::time::Duration;

/// A check of one metric.
#[derive(Clone, Debug, Deserialize, JsonSchema, Serialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct CheckDocument {
    /// The metric, or how it is made of others.
    pub(crate) value: Metric,
    /// What the metric counts in. Shares such as `a / b` and times such as `age(x)` say it themselves.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) unit: Option<Unit>,
    /// What an instance is: the metric then has one reading for each, and each is checked by itself.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) each: Option<String>,
    /// Which numbers are a warning.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) warn: Option<Threshold>,
    /// Which numbers are critical.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) crit: Option<Threshold>,
    /// Or which are not: all others are critical.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) expect: Option<Threshold>,
    /// Which numbers make it ok again; all that are not a warning, nor critical, unless said otherwise.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) clear: Option<Threshold>,
    /// Which numbers make it a warning again, where it was critical.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) clear_crit: Option<Threshold>,
    /// Where the number means something: elsewhere nothing is breached.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) when: Option<When>,
    /// How long a threshold has to be met before it counts.
    #[serde(rename = "for", skip_serializing_if = "Option::is_none")]
    pub(crate) raise_after: Option<Duration>,
    /// Or in how many of the last samples.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) count: Option<Quorum>,
    /// How long, or in how many of the last samples, no threshold has to be met before that counts.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) keep: Option<Gate>,
    /// What it means that there is no number. `unknown` unless said otherwise.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) missing: Option<Missing>,
    /// How old a reading may be; an older one is missing.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) stale: Option<Duration>,
    /// What is to be done about it, by a name that the host knows: said with every change, and never
    /// done here.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) action: Option<String>,
    /// After how long that is said again, as long as it is not ok. Once, unless said otherwise.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) repeat: Option<Duration>,
}

/// Checks, and other groups, that have a status together.
#[derive(Clone, Debug, Deserialize, JsonSchema, Serialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct GroupDocument {
    /// The names of its members.
    pub(crate) of: Vec<String>,
    /// How their statuses become one. `worst` unless said otherwise.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) rule: Option<RollUp>,
    /// The worst it may be, however its members are.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) cap: Option<Status>,
    /// Whether those look at it who look at what is critical alone.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub(crate) critical: bool,
}
