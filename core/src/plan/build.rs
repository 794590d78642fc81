//! A rule and a table → a plan.

use std::sync::OnceLock;

use super::order::in_order;
use super::{Head, Plan, PlanRows, Source};
use crate::columns::Table;
use crate::control::Control;
use crate::dedupe::{self, Decision, NullKey};
use crate::error::Error;
use crate::groups::{self, Rows, TableRows};
use crate::policy::DedupeRule;
use crate::time::Instant;
use crate::wire::{AdviceDocument, NearestDocument, WarningDocument};

impl DedupeRule {
    /// The parts of a table that the rule reads, for the kernel.
    ///
    /// # Errors
    /// `rows.missing_column`, `rows.wrong_type`, `rows.null_id`.
    pub fn rows<'a>(&'a self, table: &'a Table) -> Result<TableRows<'a>, Error> {
        TableRows::new(table, self.id(), self.key(), self.time(), self.only())
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
            planned_at: now,
            rule_sha256: self.sha256().to_owned(),
            source,
            settings: self.settings().clone(),
            total: decision.total,
            keep: decision.keep,
            skipped: decision.skipped,
            advice: self.advise(decision.drops.len() as u64),
            nearest,
            warnings: self.warn(&rows, &decision),
        };
        Ok(Plan {
            head,
            drops: in_order(&rows, &decision.drops),
            rows: PlanRows::new(table, self.id(), self.key(), self.time())?,
            sha256: OnceLock::new(),
        })
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
        let found = [
            ("null_key", on_null as u64, "a null in the key, taken as equal to another null"),
            ("future", decision.skipped.future, "a time in the future"),
            ("null_time", decision.skipped.null_time, "no time"),
        ];
        let found = found.into_iter().filter(|(_, count, _)| *count > 0);
        let warnings = found.map(|(code, count, what)| {
            let (rows, fate) = match (code, count) {
                ("null_key", 1) => ("1 drop rests on".to_owned(), ""),
                ("null_key", _) => (format!("{count} drops rest on"), ""),
                (_, 1) => ("1 row has".to_owned(), ", and is left alone"),
                _ => (format!("{count} rows have"), ", and are left alone"),
            };
            WarningDocument { code: code.into(), count, message: format!("{rows} {what}{fate}") }
        });
        warnings.collect()
    }
}
