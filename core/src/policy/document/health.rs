//! Checks and groups as they are written.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::health::{
    Gate, Level, Metric, Missing, Quorum, RollUp, Share, Status, Threshold, Unit, When,
};
use crate::time::{Duration, WallTime, Weekday, Zone};

/// A check of one metric.
#[derive(Clone, Debug, Deserialize, JsonSchema, Serialize)]
#[serde(deny_unknown_fields)]
#[schemars(extend(
    "anyOf" = [{"required": ["warn"]}, {"required": ["crit"]}, {"required": ["expect"]}]
))]
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
    /// Who is called about it, by the name of a severity.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) severity: Option<String>,
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

/// What share of events is to go well, over how long, and how fast the budget of those that may fail
/// burns before that is told.
#[derive(Clone, Debug, Deserialize, JsonSchema, Serialize)]
#[serde(deny_unknown_fields)]
#[schemars(extend("oneOf" = [{"required": ["good"]}, {"required": ["bad"]}]))]
pub(crate) struct SloDocument {
    /// The counter of events that went well.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) good: Option<String>,
    /// Or the counter of those that failed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) bad: Option<String>,
    /// The counter of all events.
    pub(crate) total: String,
    /// The share that is to go well, such as `99.9%`.
    pub(crate) target: Share,
    /// How long the budget is for.
    pub(crate) window: Duration,
    /// How fast it may burn. 2 % of it in an hour or 5 % in six hours is critical, 10 % in a day or in
    /// three days is a warning, unless said otherwise.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) burn: Option<Vec<BurnDocument>>,
    /// What it means that there is no number. `unknown` unless said otherwise.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) missing: Option<Missing>,
    /// Who is called about a rate that is critical, by the name of a severity.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) severity: Option<String>,
    /// What is to be done about it, by a name that the host knows.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) action: Option<String>,
}

/// A rate at which a budget burns.
#[derive(Clone, Debug, Deserialize, JsonSchema, Serialize)]
#[serde(deny_unknown_fields)]
#[schemars(extend("oneOf" = [{"required": ["factor"]}, {"required": ["budget"]}]))]
pub(crate) struct BurnDocument {
    /// How many times as fast as it may.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) factor: Option<f64>,
    /// Or the share of the budget that is gone in the long window.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) budget: Option<Share>,
    /// The window that says how much it was.
    pub(crate) long: Duration,
    /// The window that says whether it goes on. A twelfth of the long one unless said otherwise.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) short: Option<Duration>,
    /// How bad that is: `warn` or `crit`.
    pub(crate) level: Level,
    /// How long it has to be so before it counts.
    #[serde(rename = "for", skip_serializing_if = "Option::is_none")]
    pub(crate) raise_after: Option<Duration>,
}

/// Who is called about a check that is critical (of one that only warns, that warns), and by when.
#[derive(Clone, Debug, Deserialize, JsonSchema, Serialize)]
#[serde(deny_unknown_fields)]
#[schemars(extend(
    "anyOf" = [{"required": ["ack"]}, {"required": ["resolve"]}, {"required": ["tiers"]}]
))]
pub(crate) struct SeverityDocument {
    /// How soon somebody has to say that they are on it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) ack: Option<Duration>,
    /// How soon it has to be over.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) resolve: Option<Duration>,
    /// Who is called, and when, until somebody is on it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) tiers: Vec<TierDocument>,
}

/// Somebody who is called.
#[derive(Clone, Debug, Deserialize, JsonSchema, Serialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct TierDocument {
    /// Who, by a name that the host knows.
    #[schemars(length(min = 1))]
    pub(crate) who: String,
    /// How long after it began. At once unless said otherwise.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub(crate) after: Duration,
    /// In which hours, by their name; with `!` before it, outside of them. Always unless said otherwise:
    /// who is not called outside of their hours is called when those begin.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) hours: Option<String>,
}

fn is_zero(time: &Duration) -> bool {
    *time == Duration::ZERO
}

/// Hours of a week.
#[derive(Clone, Debug, Deserialize, JsonSchema, Serialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct HoursDocument {
    /// The days that they begin on. Every day unless said otherwise.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) days: Option<Vec<Weekday>>,
    /// When they begin, on the clocks of the zone.
    pub(crate) at: WallTime,
    /// When they end: on the next day, if that is not later than when they begin.
    pub(crate) until: WallTime,
    /// The zone.
    pub(crate) tz: Zone,
}
