//! Calendars and schedules as they are written.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::one_or_more::OneOrMore;
use crate::schedule::{CatchUp, Done, IfMissed, Rerun};
use crate::time::{Date, Duration, WallTime, Weekday, Zone};

/// Days on which something is open, such as an exchange: data that the host may refresh.
#[derive(Clone, Debug, Deserialize, JsonSchema, Serialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct CalendarDocument {
    /// The days of a week on which it is open. Every day unless said otherwise.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) week: Option<Vec<Weekday>>,
    /// The days on which it is closed all the same.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) closed: Vec<Date>,
    /// The first and the last day that all this is known for: no other is asked of.
    #[schemars(length(min = 2, max = 2))]
    pub(crate) known: Vec<Date>,
}

/// When runs may start, and what becomes of those that did not.
#[derive(Clone, Debug, Deserialize, JsonSchema, Serialize)]
#[serde(deny_unknown_fields)]
#[schemars(extend(
    "oneOf" = [{"required": ["days", "at"]}, {"required": ["cron"]}],
    "anyOf" = [{"required": ["for"]}, {"required": ["until"]}]
))]
pub(crate) struct ScheduleDocument {
    /// The days: `daily`, a list such as `["sun"]`, `first sun`, `last fri`, `day 1`, `last day`, or the
    /// name of a calendar.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) days: Option<OneOrMore<String>>,
    /// When the window opens, on the clocks of the zone: one time, or several of each day.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) at: Option<OneOrMore<WallTime>>,
    /// Days and times as a cron expression, in place of `days` and `at`: for fixed times, without a
    /// wildcard or a step in minutes or hours.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) cron: Option<String>,
    /// How long it may start, in elapsed time.
    #[serde(rename = "for", skip_serializing_if = "Option::is_none")]
    pub(crate) length: Option<Duration>,
    /// Or until when, on the clocks of the zone: on the next day, if that is not later than `at`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) until: Option<WallTime>,
    /// The zone.
    pub(crate) tz: Zone,
    /// Days that differ.
    #[serde(default, rename = "override", skip_serializing_if = "Vec::is_empty")]
    pub(crate) overrides: Vec<DayDocument>,
    /// How long before the end of the window nothing starts any more. At its end unless said otherwise.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) cutoff: Option<Duration>,
    /// How long before it opens it is announced. It is not, unless said otherwise.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) notice: Option<Duration>,
    /// What makes a run done: `success`, which is completed, all of it, and with success; or `completed`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) done: Option<Done>,
    /// What becomes of a slot whose window is over: `skip`, `latest` or `each`. `skip` unless said
    /// otherwise.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) missed: Option<IfMissed>,
    /// How many slots are looked back at, of those that have opened.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 1, max = 10_000))]
    pub(crate) look_back: Option<u32>,
    /// How many missed runs are offered at once. All unless said otherwise.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 1))]
    pub(crate) max: Option<u32>,
    /// How often a slot may fail. 3 times unless said otherwise.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 1))]
    pub(crate) attempts: Option<u32>,
    /// After how long a start without an end counts as failed. A day unless said otherwise.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) stale: Option<Duration>,
    /// How long the host promises to remember a run: refused if that is too short.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) retain: Option<Duration>,
    /// What a run is made of, in its order.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) tasks: Vec<String>,
    /// Which tasks run again after a run that failed: `failed`, those that did not succeed, or `all`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) rerun: Option<Rerun>,
    /// When missed runs may start: at `any` time, or only while a `window` is open.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) catch_up: Option<CatchUp>,
    /// The checks and groups of which nobody is told while a window is open; `*` is every check.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) mutes: Vec<String>,
}

/// A day that differs.
#[derive(Clone, Debug, Deserialize, JsonSchema, Serialize)]
#[serde(deny_unknown_fields)]
#[schemars(extend(
    "anyOf" = [{"required": ["at"]}, {"required": ["for"]}, {"required": ["until"]}]
))]
pub(crate) struct DayDocument {
    /// The day: one of the schedule's.
    pub(crate) date: Date,
    /// Its times.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) at: Option<OneOrMore<WallTime>>,
    /// How long its windows are.
    #[serde(rename = "for", skip_serializing_if = "Option::is_none")]
    pub(crate) length: Option<Duration>,
    /// Or when they end.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) until: Option<WallTime>,
}

/// Calendars, by name.
pub(crate) type Calendars = BTreeMap<String, CalendarDocument>;
