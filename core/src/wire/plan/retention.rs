//! A plan of what has outlived its use as a document, written and read by the same structs.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::io::{self, Write};

use serde::{Deserialize, Serialize};

use super::key::{Key, text};
use super::{Lazily, WarningDocument, checked, syntax};
use crate::error::Error;
use crate::plan::{Body, Head, Plan, RetentionPlan};
use crate::policy::RetentionDocument;
use crate::retention::Skipped;
use crate::time::{Duration, Instant, Span};
use crate::wire::VERSION;
use crate::wire::canonical::write_with_digest;

/// The frame of a plan. `I` are the ids, `D` the removals and `O` the oldest that stay: lists when
/// read, made one at a time when written.
#[derive(Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
struct PlanDocument<'a, I, D, O> {
    housekeep: u32,
    #[serde(borrow)]
    kind: Cow<'a, str>,
    rule: Cow<'a, str>,
    table: Option<Cow<'a, str>>,
    planned_at: Instant,
    rule_sha256: Cow<'a, str>,
    source: Cow<'a, BTreeMap<String, String>>,
    settings: Cow<'a, RetentionDocument>,
    total: u64,
    eligible: u64,
    keep: u64,
    drop: u64,
    blocked: u64,
    skipped: Skipped,
    drop_ids: I,
    drops: D,
    #[serde(skip_serializing_if = "Option::is_none", default)]
    keeps: Option<Cow<'a, [Stay<'static>]>>,
    oldest_kept: O,
    warnings: Cow<'a, [WarningDocument]>,
    #[serde(skip_serializing_if = "Option::is_none", default)]
    sha256: Option<Cow<'a, str>>,
}

/// An item that goes, and why.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Removal<'a> {
    /// Its id.
    pub id: Cow<'a, str>,
    /// Its time.
    pub time: Instant,
    /// How many bytes it has, if the rule reads that.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub size: Option<u64>,
    /// The group it is in: column and value.
    pub group: Key<'a>,
    /// Why it goes: the limit that it is over, or the keep rule that came nearest to keeping it.
    pub reasons: [Citation<'a>; 1],
}

/// An item that stays, and why.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Stay<'a> {
    /// Its id.
    pub id: Cow<'a, str>,
    /// Its time, if it has one.
    pub time: Option<Instant>,
    /// How many bytes it has, if the rule reads that.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub size: Option<u64>,
    /// The group it is in: column and value.
    pub group: Key<'a>,
    /// What becomes of it.
    pub decision: Decision,
    /// Why: of one that the rule keeps, each is enough; of one that is blocked, first what it would go
    /// for.
    pub reasons: Vec<Citation<'a>>,
    /// The first instant at which it would go, if no other item came and none went; none if it never
    /// would, or if that is not known.
    pub due_at: Option<Instant>,
}

/// What becomes of an item that stays.
#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Decision {
    /// The rule keeps it.
    Keep,
    /// It would go, and may not yet.
    Block,
    /// The rule leaves it alone.
    Skip,
}

impl Decision {
    /// The word in the document.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Decision::Keep => "keep",
            Decision::Block => "block",
            Decision::Skip => "skip",
        }
    }
}

/// What speaks for a decision, and where it stands in the policy.
#[derive(Clone, Debug, Default, Deserialize, PartialEq, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Citation<'a> {
    /// The setting, by its path in the policy: `retention.backups.keep[1]`.
    pub rule: Cow<'a, str>,
    /// Why, in a word.
    pub why: Cow<'a, str>,
    /// The period of a keep rule, such as `2024-05-03`.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub period: Option<Cow<'a, str>>,
    /// Which one it is, the newest being 1; or the bytes of it and all that are newer.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub n: Option<u64>,
    /// Of how many.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub of: Option<u64>,
    /// Elapsed time since the item's own.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub age: Option<Duration>,
    /// How old it may be, or has to be.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub limit: Option<Span>,
    /// Another item: the one that stands for the period.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub id: Option<Cow<'a, str>>,
}

impl Citation<'_> {
    /// The same, which borrows nothing.
    #[must_use]
    pub fn into_owned(self) -> Citation<'static> {
        let owned = |text: Cow<'_, str>| Cow::Owned(text.into_owned());
        Citation {
            rule: owned(self.rule),
            why: owned(self.why),
            period: self.period.map(owned),
            n: self.n,
            of: self.of,
            age: self.age,
            limit: self.limit,
            id: self.id.map(owned),
        }
    }
}

/// The oldest item of a group that stays.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
#[serde(deny_unknown_fields)]
pub struct OldestKept<'a> {
    /// The group: column and value.
    pub group: Key<'a>,
    /// The item's id.
    pub id: Cow<'a, str>,
    /// The item's time.
    pub time: Instant,
}

/// Writes the plan with its digest, and gives the digest back.
pub(super) fn write<W: Write>(out: W, whole: &Plan, plan: &RetentionPlan) -> io::Result<String> {
    let head = &whole.head;
    let document = PlanDocument {
        housekeep: VERSION,
        kind: "retention".into(),
        rule: head.rule.as_str().into(),
        table: head.table.as_deref().map(Cow::from),
        planned_at: head.planned_at,
        rule_sha256: head.rule_sha256.as_str().into(),
        source: Cow::Borrowed(&head.source),
        settings: Cow::Borrowed(plan.settings()),
        total: head.total,
        eligible: whole.eligible(),
        keep: head.keep,
        drop: plan.drop_count(),
        blocked: plan.blocked(),
        skipped: plan.skipped(),
        drop_ids: Lazily(|| plan.drop_ids().map(text)),
        drops: Lazily(|| plan.drops()),
        keeps: plan.keeps().map(Cow::Borrowed),
        oldest_kept: Lazily(|| plan.oldest_kept()),
        warnings: Cow::Borrowed(&head.warnings),
        sha256: None,
    };
    write_with_digest(out, &document)
}

type Read<'a> =
    PlanDocument<'a, Vec<Cow<'a, str>>, Vec<Removal<'static>>, Vec<OldestKept<'static>>>;

/// Reads a plan.
pub(super) fn read(json: &str) -> Result<Plan, Error> {
    let mut document: Read<'_> = serde_json::from_str(json).map_err(|error| syntax(&error))?;
    let by = &document.settings.by;
    document.drops.iter_mut().for_each(|drop| drop.group.put_in_order(by));
    document.oldest_kept.iter_mut().for_each(|oldest| oldest.group.put_in_order(by));
    for stay in document.keeps.iter_mut().flat_map(Cow::to_mut) {
        stay.group.put_in_order(by);
    }
    let said = document.sha256.take();
    let sha256 = checked(&document, said, json)?;
    let head = Head {
        rule: document.rule.into_owned(),
        table: document.table.map(Cow::into_owned),
        planned_at: document.planned_at,
        rule_sha256: document.rule_sha256.into_owned(),
        source: document.source.into_owned(),
        total: document.total,
        keep: document.keep,
        warnings: document.warnings.into_owned(),
    };
    let plan = RetentionPlan::read(
        document.settings.into_owned(),
        document.blocked,
        document.skipped,
        document.drops,
        document.keeps.map(Cow::into_owned),
        document.oldest_kept,
    );
    Ok(Plan::new(head, Body::Retention(plan)).digested(sha256))
}
