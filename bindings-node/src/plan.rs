//! The plan, as a handle.

use std::collections::HashMap;

use housekeep::columns::Cell;
use housekeep::plan::{self, DedupePlan, DropEntry, Reason};
use napi::bindgen_prelude::{Buffer, Either3, Env, Null, ObjectFinalize, Uint8Array};
use napi_derive::napi;

use crate::arrow::write;
use crate::error::{Failure, guarded};

/// Which rows go, and which row stays for each of them.
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
    /// `bytes` are about as many as it holds: the columns of all rows.
    pub(crate) fn new(plan: plan::Plan, bytes: usize) -> Self {
        Self { plan, bytes: i64::try_from(bytes / TOLD).unwrap_or(i64::MAX) }
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

/// What a plan says besides its drops.
#[napi(object)]
#[expect(missing_docs, reason = "they are core's, and documented in ts/plan.cts")]
pub struct Head {
    pub rule: String,
    pub table: Option<String>,
    pub planned_at: String,
    pub rule_sha256: String,
    pub source: HashMap<String, String>,
    pub total: i64,
    pub eligible: i64,
    pub keep: i64,
    pub drop: i64,
    pub skipped: Skipped,
    pub advised: bool,
    pub advice: String,
    pub nearest: Option<Nearest>,
    pub warnings: Vec<String>,
}

/// Rows that the rule leaves alone.
#[napi(object)]
#[expect(missing_docs, reason = "they are core's, and documented in ts/plan.cts")]
pub struct Skipped {
    pub null_time: i64,
    pub null_key: i64,
    pub future: i64,
    pub not_only: i64,
    pub open: i64,
}

/// What came nearest to being a duplicate.
#[napi(object)]
#[expect(missing_docs, reason = "they are core's, and documented in ts/plan.cts")]
pub struct Nearest {
    pub id: String,
    pub other_id: String,
    pub gap: String,
}

/// A row that goes. The values of the key are in the order of its columns.
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

/// Reads a plan that was written as JSON.
#[napi]
pub fn parse_plan(env: &Env, text: String) -> napi::Result<Plan> {
    let plan = guarded(env, || Ok(plan::Plan::from_json(&text)?))?;
    Plan::new(plan, text.len()).adopted(env)
}

#[napi]
impl Plan {
    /// What it says besides its drops.
    #[napi]
    pub fn head(&self, env: &Env) -> napi::Result<Head> {
        guarded(env, || {
            let plan = &self.plan;
            let found = plan.dedupe();
            let skipped = found.map(DedupePlan::skipped).unwrap_or_default();
            let nearest = found.and_then(DedupePlan::nearest).map(|(id, other_id, gap)| Nearest {
                id: id.to_owned(),
                other_id: other_id.to_owned(),
                gap: gap.to_string(),
            });
            Ok(Head {
                rule: plan.rule().to_owned(),
                table: plan.table().map(str::to_owned),
                planned_at: plan.planned_at().to_string(),
                rule_sha256: plan.rule_sha256().to_owned(),
                source: plan.source().clone().into_iter().collect(),
                total: count(plan.total()),
                eligible: count(plan.eligible()),
                keep: count(plan.keep()),
                drop: count(plan.drop_count()),
                skipped: Skipped {
                    null_time: count(skipped.null_time),
                    null_key: count(skipped.null_key),
                    future: count(skipped.future),
                    not_only: count(skipped.not_only),
                    open: count(skipped.open),
                },
                advised: found.is_some_and(DedupePlan::is_advised),
                advice: found.map_or("", DedupePlan::advice).to_owned(),
                nearest,
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

    /// The drops from one place of the order up to another.
    #[napi]
    pub fn drops(&self, env: &Env, from: u32, to: u32) -> napi::Result<Vec<Entry>> {
        guarded(env, || {
            let places = from as usize..to as usize;
            let plan = self.plan.dedupe();
            Ok(places.filter_map(|place| plan?.drop_at(place)).map(Entry::from).collect())
        })
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
