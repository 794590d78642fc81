//! A rule and a table → a plan.

use super::{Decided, Detail, ItemRows, Items, RetentionPlan};
use crate::columns::Table;
use crate::control::Control;
use crate::error::Error;
use crate::groups::Rows;
use crate::plan::warning::{left_alone, warning};
use crate::plan::{Body, Head, Plan, Source};
use crate::policy::RetentionRule;
use crate::retention::{self, Fate, Verdict};
use crate::time::Instant;
use crate::wire::{self, Stay, WarningDocument};

impl RetentionRule {
    /// Plans: which items of the table go, and why. Nothing is deleted.
    ///
    /// `source` says where the items came from; it is part of the plan and its digest.
    ///
    /// # Errors
    /// `plan.guard` if it would remove more than the rule allows; a `rows.*` error for a table that
    /// the rule cannot read; `cancelled` if the caller asked to stop.
    pub fn plan(
        &self,
        table: &Table,
        now: Instant,
        source: Source,
        detail: Detail,
        control: &Control<'_>,
    ) -> Result<Plan, Error> {
        let items = self.items_with_ids(table, control)?;
        let mut decision = retention::decide(&items, self.rule(), now, control)?;
        self.guard()
            .check(decision.drops.len() as u64, decision.eligible())
            .map_err(|error| error.at_path(format!("retention.{}.guard", self.name())))?;
        let rows = items.rows();
        decision.oldest_first(rows);
        decision.oldest_kept.sort_by(|&a, &b| rows.cmp_key(a, b));
        let head = Head {
            rule: self.name().to_owned(),
            table: self.table().map(str::to_owned),
            planned_at: now,
            rule_sha256: self.sha256().to_owned(),
            source,
            total: decision.total,
            keep: decision.keep,
            warnings: warnings(decision.blocked, decision.skipped),
        };
        let decided = Decided {
            rule: self.clone(),
            now,
            rows: ItemRows::new(self, rows.id().clone(), table)?,
            drops: decision.drops,
            oldest_kept: decision.oldest_kept,
        };
        let keeps = match detail {
            Detail::Drops => None,
            Detail::Decisions => {
                let verdicts = retention::verdicts(&items, self.rule(), now, control)?;
                let stays = |verdict: &&Verdict| verdict.fate != Fate::Dropped;
                Some(verdicts.iter().filter(stays).map(|verdict| decided.stay(verdict)).collect())
            }
        };
        let (blocked, skipped) = (decision.blocked, decision.skipped);
        let items = Items::Decided(Box::new(decided));
        let plan = RetentionPlan { blocked, skipped, keeps, items };
        Ok(Plan::new(head, Body::Retention(plan)))
    }
}

fn warnings(blocked: u64, skipped: retention::Skipped) -> Vec<WarningDocument> {
    let said = match blocked {
        0 => None,
        1 => Some("1 row would go, and does not yet meet what is required".to_owned()),
        _ => Some(format!("{blocked} rows would go, and do not yet meet what is required")),
    };
    let blocked = said.map(|said| warning("blocked", blocked, said));
    let future = left_alone("future", skipped.future, "a time in the future");
    let null_time = left_alone("null_time", skipped.null_time, "no time");
    [blocked, future, null_time].into_iter().flatten().collect()
}

impl Decided {
    /// An item that stays, as a document.
    pub(super) fn stay(&self, verdict: &Verdict) -> Stay<'static> {
        let (rows, row) = (&self.rows, verdict.row);
        let time = rows.time_of(row);
        let cite = self.cite();
        let reasons = verdict.grounds.iter().map(|ground| {
            cite.ground(verdict.under, time.unwrap_or(Instant::MIN), ground).into_owned()
        });
        Stay {
            id: rows.id.cell(row).to_string().into(),
            time,
            size: rows.size_of(row),
            group: rows.group(row).into_owned(),
            decision: match verdict.fate {
                Fate::Kept => wire::Decision::Keep,
                Fate::Blocked | Fate::Dropped => wire::Decision::Block,
                Fate::Skipped => wire::Decision::Skip,
            },
            reasons: reasons.collect(),
            due_at: verdict.due,
        }
    }
}
