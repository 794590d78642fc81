//! The plan, as a handle.

use std::collections::HashMap;

use housekeep::columns::Cell;
use housekeep::plan::{self, DedupePlan, DropEntry, Reason, RetentionPlan};
use housekeep::{dedupe, retention};
use napi::bindgen_prelude::{Buffer, Either3, Env, Null, ObjectFinalize, Uint8Array};
use napi_derive::napi;
use serde::Serialize;

use crate::arrow::write;
use crate::error::{Failure, guarded};

/// Which rows go, and why.
#[napi(custom_finalize)]
pub struct Plan {
    plan: plan::Plan,
    /// What JavaScript is told that it holds.
    bytes: i64,
}

/// JavaScript is told of one byte in so many. Told of all, it would stop to collect for every large
/// plan; told of none, it would let them pile up.
const TOLD: usize = 8;

impl Plan {
    /// `bytes` are about as many as the columns of all rows have, which it holds.
    pub(crate) fn new(plan: plan::Plan, bytes: usize) -> Self {
        let keeps = plan.retention().and_then(RetentionPlan::keeps);
        let bytes = bytes + keeps.map_or(0, size_of_val);
        Self { plan, bytes: i64::try_from(bytes / TOLD).unwrap_or(i64::MAX) }
    }

    /// Core's own.
    pub(crate) fn core(&self) -> &plan::Plan {
        &self.plan
    }

    /// Tells JavaScript that it holds more than a handle.
    pub(crate) fn adopted(self, env: &Env) -> napi::Result<Self> {
        env.adjust_external_memory(self.bytes)?;
        Ok(self)
    }
}

impl ObjectFinalize for Plan {
    fn finalize(self, env: Env) -> napi::Result<()> {
        env.adjust_external_memory(-self.bytes)?;
        Ok(())
    }
}

/// What a plan says besides its rows. What a family of rules does not have is not there.
#[napi(object)]
#[expect(missing_docs, reason = "they are core's, and documented in ts/plan.cts")]
pub struct Head {
    pub kind: String,
    pub rule: String,
    pub table: Option<String>,
    pub planned_at: String,
    pub rule_sha256: String,
    pub source: HashMap<String, String>,
    pub total: i64,
    pub eligible: i64,
    pub keep: i64,
    pub drop: i64,
    pub blocked: Option<i64>,
    pub skipped: Skipped,
    pub files: Option<String>,
    pub advised: Option<bool>,
    pub advice: Option<String>,
    pub nearest: Option<Nearest>,
    pub warnings: Vec<String>,
}

/// Rows that the rule leaves alone.
#[napi(object)]
#[expect(missing_docs, reason = "they are core's, and documented in ts/plan.cts")]
pub struct Skipped {
    pub null_time: i64,
    pub null_key: Option<i64>,
    pub future: i64,
    pub not_only: Option<i64>,
    pub not_matched: Option<i64>,
    pub open: Option<i64>,
}

impl From<dedupe::Skipped> for Skipped {
    fn from(skipped: dedupe::Skipped) -> Self {
        let dedupe::Skipped { null_time, null_key, future, not_only, open } = skipped;
        Self {
            null_time: count(null_time),
            null_key: Some(count(null_key)),
            future: count(future),
            not_only: Some(count(not_only)),
            not_matched: None,
            open: Some(count(open)),
        }
    }
}

impl From<retention::Skipped> for Skipped {
    fn from(skipped: retention::Skipped) -> Self {
        let retention::Skipped { unmatched, null_time, future } = skipped;
        Self {
            null_time: count(null_time),
            null_key: None,
            future: count(future),
            not_only: None,
            not_matched: Some(count(unmatched)),
            open: None,
        }
    }
}

/// What came nearest to being a duplicate.
#[napi(object)]
#[expect(missing_docs, reason = "they are core's, and documented in ts/plan.cts")]
pub struct Nearest {
    pub id: String,
    pub other_id: String,
    pub gap: String,
}

/// A duplicate that goes. The values of the key are in the order of its columns.
#[napi(object)]
#[expect(missing_docs, reason = "they are core's, and documented in ts/plan.cts")]
pub struct Entry {
    pub id: String,
    pub keeper_id: String,
    pub key: Vec<Either3<Null, bool, String>>,
    pub time: String,
    pub keeper_time: String,
    pub gap: String,
    pub why: String,
    pub via_id: Option<String>,
    pub via_gap: Option<String>,
    pub bucket: Option<String>,
}

impl From<DropEntry<'_>> for Entry {
    fn from(drop: DropEntry<'_>) -> Self {
        let value = |(_, cell): &(&str, Cell<'_>)| match cell {
            Cell::Null | Cell::Missing => Either3::A(Null),
            Cell::Boolean(value) => Either3::B(*value),
            cell => Either3::C(cell.to_string()),
        };
        let (mut via_id, mut via_gap, mut bucket) = (None, None, None);
        match drop.reason {
            Reason::WithinWindow | Reason::SameKey => {}
            Reason::Chained { via, gap } => {
                (via_id, via_gap) = (Some(via.to_string()), Some(gap.to_string()));
            }
            Reason::SameBucket { start } => bucket = Some(start.to_string()),
        }
        Self {
            id: drop.id.to_string(),
            keeper_id: drop.keeper_id.to_string(),
            key: drop.key.iter().map(value).collect(),
            time: drop.time.to_string(),
            keeper_time: drop.keeper_time.to_string(),
            gap: drop.gap.to_string(),
            why: drop.reason.as_str().to_owned(),
            via_id,
            via_gap,
            bucket,
        }
    }
}

/// A count of rows is far below 2^63.
fn count(rows: u64) -> i64 {
    i64::try_from(rows).unwrap_or(i64::MAX)
}

/// A list as it stands in the plan's document.
fn list(entries: impl Iterator<Item: Serialize>) -> Result<String, Failure> {
    let entries: Vec<_> = entries.collect();
    serde_json::to_string(&entries).map_err(|error| Failure::Panicked(error.to_string()))
}

/// Reads a plan that was written as JSON.
#[napi]
pub fn parse_plan(env: &Env, text: String) -> napi::Result<Plan> {
    let plan = guarded(env, || Ok(plan::Plan::from_json(&text)?))?;
    Plan::new(plan, text.len()).adopted(env)
}

#[napi]
impl Plan {
    /// What it says besides its rows.
    #[napi]
    pub fn head(&self, env: &Env) -> napi::Result<Head> {
        guarded(env, || {
            let plan = &self.plan;
            let (duplicates, outlived) = (plan.dedupe(), plan.retention());
            let nearest = duplicates.and_then(DedupePlan::nearest);
            Ok(Head {
                kind: plan.family().as_str().to_owned(),
                rule: plan.rule().to_owned(),
                table: plan.table().map(str::to_owned),
                planned_at: plan.planned_at().to_string(),
                rule_sha256: plan.rule_sha256().to_owned(),
                source: plan.source().clone().into_iter().collect(),
                total: count(plan.total()),
                eligible: count(plan.eligible()),
                keep: count(plan.keep()),
                drop: count(plan.drop_count()),
                blocked: outlived.map(|plan| count(plan.blocked())),
                skipped: match outlived {
                    Some(plan) => plan.skipped().into(),
                    None => duplicates.map(DedupePlan::skipped).unwrap_or_default().into(),
                },
                files: outlived.and_then(RetentionPlan::files).map(str::to_owned),
                advised: duplicates.map(DedupePlan::is_advised),
                advice: duplicates.map(|plan| plan.advice().to_owned()),
                nearest: nearest.map(|(id, other_id, gap)| Nearest {
                    id: id.to_owned(),
                    other_id: other_id.to_owned(),
                    gap: gap.to_string(),
                }),
                warnings: plan.warnings().map(str::to_owned).collect(),
            })
        })
    }

    /// Its digest.
    #[napi]
    pub fn sha256(&self, env: &Env) -> napi::Result<String> {
        guarded(env, || Ok(self.plan.sha256().to_owned()))
    }

    /// The ids that go, as text.
    #[napi]
    pub fn drop_ids(&self, env: &Env) -> napi::Result<Vec<String>> {
        guarded(env, || Ok(self.plan.drop_ids().map(|id| id.to_string()).collect()))
    }

    /// The names of the key's columns; of a plan without drops, none.
    #[napi]
    pub fn key(&self, env: &Env) -> napi::Result<Vec<String>> {
        guarded(env, || {
            let first = self.plan.dedupe().and_then(|plan| plan.drop_at(0));
            let names = first.map(|drop| drop.key);
            Ok(names.iter().flatten().map(|(name, _)| (*name).to_owned()).collect())
        })
    }

    /// The duplicates that go, from one place of the order up to another.
    #[napi]
    pub fn drops(&self, env: &Env, from: u32, to: u32) -> napi::Result<Vec<Entry>> {
        guarded(env, || {
            let places = from as usize..to as usize;
            let plan = self.plan.dedupe();
            Ok(places.filter_map(|place| plan?.drop_at(place)).map(Entry::from).collect())
        })
    }

    /// What has outlived its use, from one place of the order up to another: a list as JSON.
    #[napi]
    pub fn removals(&self, env: &Env, from: u32, to: u32) -> napi::Result<String> {
        guarded(env, || {
            let places = from as usize..to as usize;
            let plan = self.plan.retention();
            list(places.filter_map(|place| plan?.drop_at(place)))
        })
    }

    /// How many items that stay it lists, if it does.
    #[napi]
    pub fn stay_count(&self, env: &Env) -> napi::Result<Option<i64>> {
        guarded(env, || {
            let keeps = self.plan.retention().and_then(RetentionPlan::keeps);
            Ok(keeps.map(|keeps| count(keeps.len() as u64)))
        })
    }

    /// The items that stay, from one place up to another: a list as JSON.
    #[napi]
    pub fn stays(&self, env: &Env, from: u32, to: u32) -> napi::Result<String> {
        guarded(env, || {
            let keeps = self.plan.retention().and_then(RetentionPlan::keeps);
            let places = from as usize..to as usize;
            list(keeps.and_then(|keeps| keeps.get(places)).unwrap_or_default().iter())
        })
    }

    /// The oldest item that stays of each group: a list as JSON.
    #[napi]
    pub fn oldest_kept(&self, env: &Env) -> napi::Result<String> {
        guarded(env, || list(self.plan.retention().iter().flat_map(|plan| plan.oldest_kept())))
    }

    /// One row's decision, as a document.
    #[napi]
    pub fn explain(&self, env: &Env, id: String) -> napi::Result<String> {
        guarded(env, || Ok(self.plan.explain(&id).to_json()))
    }

    /// The plan's document: bytes, since a text of JavaScript cannot be as long as a plan.
    #[napi]
    pub fn to_json(&self, env: &Env) -> napi::Result<Buffer> {
        guarded(env, || Ok(self.plan.to_json().into_bytes().into()))
    }

    /// The drops as an Arrow IPC stream.
    #[napi]
    pub fn to_arrow(&self, env: &Env) -> napi::Result<Uint8Array> {
        guarded(env, || {
            let bytes = self.plan.to_batch().and_then(|batch| write(&batch));
            bytes.map(Uint8Array::new).map_err(|error| Failure::Panicked(error.to_string()))
        })
    }
}
