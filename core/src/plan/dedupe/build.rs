//! A rule and a table → a plan.

use super::order::in_order;
use super::{Body, DedupePlan, Head, Plan, PlanRows};
use crate::columns::Table;
use crate::control::Control;
use crate::dedupe::{self, Decision, NullKey};
use crate::error::Error;
use crate::groups::{self, Rows, TableRows};
use crate::plan::Source;
use crate::plan::warning::{left_alone, warning};
use crate::policy::DedupeRule;
use crate::time::Instant;
use crate::wire::{AdviceDocument, NearestDocument, WarningDocument};

impl DedupeRule {
    /// The parts of a table that the rule reads, for the kernel.
    ///
    /// # Errors
    /// `rows.missing_column`, `rows.wrong_type`, `rows.null_id`.
    pub fn rows<'a>(&'a self, table: &'a Table) -> Result<TableRows<'a>, Error> {
        self.rows_by(self.id(), table)
    }

    /// The same, with another id.
    pub(crate) fn rows_by<'a>(
        &'a self,
        id: &[impl AsRef<str>],
        table: &'a Table,
    ) -> Result<TableRows<'a>, Error> {
        TableRows::new(table, id, self.key(), self.time(), self.only())
    }

    /// The rows, whose ids name one row each: an answer is about to name them.
    pub(super) fn rows_with_ids<'a>(
        &'a self,
        table: &'a Table,
        control: &Control<'_>,
    ) -> Result<TableRows<'a>, Error> {
        let rows = self.rows(table)?;
        groups::check_ids(&rows, control)?;
        Ok(rows)
    }

    /// Plans: which rows of the table go, and why. Nothing is deleted.
    ///
    /// `source` says where the rows came from; it is part of the plan and its digest.
    ///
    /// # Errors
    /// `plan.guard` if it would drop more than the rule allows; a `rows.*` error for a table that
    /// the rule cannot read; `cancelled` if the caller asked to stop.
    pub fn plan(
        &self,
        table: &Table,
        now: Instant,
        source: Source,
        control: &Control<'_>,
    ) -> Result<Plan, Error> {
        let rows = self.rows_with_ids(table, control)?;
        let decision = dedupe::decide(&rows, self.rule(), now, control)?;
        self.rule()
            .get_guard()
            .check(decision.drops.len() as u64, decision.eligible())
            .map_err(|error| error.at_path(format!("dedupe.{}.guard", self.name())))?;
        let nearest = if decision.drops.is_empty() {
            dedupe::nearest(&rows, self.rule(), now, control)?
        } else {
            None
        };
        let nearest = nearest.map(|found| NearestDocument {
            id: rows.id_text(found.older),
            other_id: rows.id_text(found.newer),
            gap: found.gap,
        });
        let head = Head {
            rule: self.name().to_owned(),
            table: self.table().map(str::to_owned),
            planned_at: now,
            rule_sha256: self.sha256().to_owned(),
            source,
            total: decision.total,
            keep: decision.keep,
            warnings: self.warn(&rows, &decision),
        };
        let plan = DedupePlan {
            settings: self.settings().clone(),
            skipped: decision.skipped,
            advice: self.advise(decision.drops.len() as u64),
            nearest,
            drops: in_order(&rows, &decision.drops),
            rows: PlanRows::new(table, rows.id().clone(), self.key(), self.time())?,
        };
        Ok(Plan::new(head, Body::Dedupe(plan)))
    }

    fn advise(&self, drops: u64) -> AdviceDocument {
        let above = self.advise_above();
        let word = if drops == 1 { "drop" } else { "drops" };
        AdviceDocument {
            apply: drops > above,
            why: format!("{drops} {word}, applied above {above}"),
        }
    }

    fn warn(&self, rows: &TableRows<'_>, decision: &Decision) -> Vec<WarningDocument> {
        let on_null = match self.rule().get_null_key() {
            NullKey::Equal => {
                decision.drops.iter().filter(|drop| rows.has_null_key(drop.row)).count()
            }
            NullKey::Distinct | NullKey::Skip => 0,
        };
        let null_key = match on_null as u64 {
            0 => None,
            1 => Some("1 drop rests on".to_owned()),
            count => Some(format!("{count} drops rest on")),
        };
        let null_key = null_key.map(|drops| {
            let said = format!("{drops} a null in the key, taken as equal to another null");
            warning("null_key", on_null as u64, said)
        });
        let skipped = decision.skipped;
        let future = left_alone("future", skipped.future, "a time in the future");
        let null_time = left_alone("null_time", skipped.null_time, "no time");
        [null_key, future, null_time].into_iter().flatten().collect()
    }
}
