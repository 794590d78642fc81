//! A plan of duplicates as a document, written and read by the same structs.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::io::{self, Write};

use serde::{Deserialize, Serialize};

use super::key::{Key, text};
use super::{Lazily, WarningDocument, checked, syntax};
use crate::dedupe::Skipped;
use crate::error::Error;
use crate::plan::{DedupePlan, DropEntry, Head, Plan, Reason, RowsOfPlan};
use crate::policy::DedupeDocument;
use crate::time::{Duration, Instant};
use crate::wire::VERSION;
use crate::wire::canonical::write_with_digest;

/// The frame of a plan. `I` are the ids and `D` the drops: lists when read, made one at a time
/// when written.
#[derive(Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
struct PlanDocument<'a, I, D> {
    housekeep: u32,
    #[serde(borrow)]
    kind: Cow<'a, str>,
    rule: Cow<'a, str>,
    table: Option<Cow<'a, str>>,
    planned_at: Instant,
    rule_sha256: Cow<'a, str>,
    source: Cow<'a, BTreeMap<String, String>>,
    settings: Cow<'a, DedupeDocument>,
    total: u64,
    eligible: u64,
    keep: u64,
    drop: u64,
    skipped: Skipped,
    drop_ids: I,
    drops: D,
    advice: Cow<'a, AdviceDocument>,
    nearest: Cow<'a, Option<NearestDocument>>,
    warnings: Cow<'a, [WarningDocument]>,
    #[serde(skip_serializing_if = "Option::is_none", default)]
    sha256: Option<Cow<'a, str>>,
}

#[derive(Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
struct DropDocument<'a> {
    #[serde(borrow)]
    id: Cow<'a, str>,
    #[serde(borrow)]
    keeper_id: Cow<'a, str>,
    key: Key<'a>,
    time: Instant,
    keeper_time: Instant,
    gap: Duration,
    #[serde(borrow)]
    reasons: [ReasonDocument<'a>; 1],
}

#[derive(Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
struct ReasonDocument<'a> {
    #[serde(borrow)]
    rule: Cow<'a, str>,
    #[serde(borrow)]
    why: Cow<'a, str>,
    #[serde(borrow, skip_serializing_if = "Option::is_none", default)]
    via_id: Option<Cow<'a, str>>,
    #[serde(skip_serializing_if = "Option::is_none", default)]
    via_gap: Option<Duration>,
    #[serde(skip_serializing_if = "Option::is_none", default)]
    bucket: Option<Instant>,
}

/// Whether to apply the plan, and why.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct AdviceDocument {
    pub(crate) apply: bool,
    pub(crate) why: String,
}

/// What came nearest to being a duplicate.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct NearestDocument {
    pub(crate) id: String,
    pub(crate) other_id: String,
    pub(crate) gap: Duration,
}

fn drop_document<'a>(rule: &'a str, drop: DropEntry<'a>) -> DropDocument<'a> {
    let (mut via_id, mut via_gap, mut bucket) = (None, None, None);
    match drop.reason {
        Reason::WithinWindow | Reason::SameKey => {}
        Reason::Chained { via, gap } => (via_id, via_gap) = (Some(text(via)), Some(gap)),
        Reason::SameBucket { start } => bucket = Some(start),
    }
    DropDocument {
        id: text(drop.id),
        keeper_id: text(drop.keeper_id),
        key: Key::new(drop.key),
        time: drop.time,
        keeper_time: drop.keeper_time,
        gap: drop.gap,
        reasons: [ReasonDocument {
            rule: rule.into(),
            why: drop.reason.as_str().into(),
            via_id,
            via_gap,
            bucket,
        }],
    }
}

/// Writes the plan with its digest, and gives the digest back.
pub(super) fn write<W: Write>(out: W, whole: &Plan, plan: &DedupePlan) -> io::Result<String> {
    let rule = format!("dedupe.{}", whole.head.rule);
    let head = &whole.head;
    let document = PlanDocument {
        housekeep: VERSION,
        kind: "dedupe".into(),
        rule: head.rule.as_str().into(),
        table: head.table.as_deref().map(Cow::from),
        planned_at: head.planned_at,
        rule_sha256: head.rule_sha256.as_str().into(),
        source: Cow::Borrowed(&head.source),
        settings: Cow::Borrowed(&plan.settings),
        total: head.total,
        eligible: whole.eligible(),
        keep: head.keep,
        drop: plan.drop_count(),
        skipped: plan.skipped,
        drop_ids: Lazily(|| plan.drop_ids().map(text)),
        drops: Lazily(|| plan.drops().map(|drop| drop_document(&rule, drop))),
        advice: Cow::Borrowed(&plan.advice),
        nearest: Cow::Borrowed(&plan.nearest),
        warnings: Cow::Borrowed(&head.warnings),
        sha256: None,
    };
    write_with_digest(out, &document)
}

/// Reads a plan: its rows become a table again, each drop followed by its keeper.
pub(super) fn read(json: &str) -> Result<Plan, Error> {
    let mut document: PlanDocument<'_, Vec<Cow<'_, str>>, Vec<DropDocument<'_>>> =
        serde_json::from_str(json).map_err(|error| syntax(&error))?;
    for drop in &mut document.drops {
        drop.key.put_in_order(&document.settings.key);
    }
    let said = document.sha256.take();
    let sha256 = checked(&document, said, json)?;
    let settings = document.settings.into_owned();
    let head = Head {
        rule: document.rule.into_owned(),
        table: settings.table.clone(),
        planned_at: document.planned_at,
        rule_sha256: document.rule_sha256.into_owned(),
        source: document.source.into_owned(),
        total: document.total,
        keep: document.keep,
        warnings: document.warnings.into_owned(),
    };
    let mut rows = RowsOfPlan::new(&settings);
    for drop in &document.drops {
        let key = |n: usize| drop.key.cell(n);
        rows.push(&drop.id, &key, drop.time)?;
        rows.push(&drop.keeper_id, &key, drop.keeper_time)?;
    }
    let (advice, nearest) = (document.advice.into_owned(), document.nearest.into_owned());
    Ok(rows.finish(head, settings, document.skipped, advice, nearest)?.digested(sha256))
}
