//! Two rules and one table → the ids on which they differ.

use thiserror::Error;

use super::order::in_order;
use crate::columns::Table;
use crate::control::Control;
use crate::dedupe::{self, Decision, Drop};
use crate::error::{Code, Error, Leaf};
use crate::groups::{self, TableRows};
use crate::plan::Source;
use crate::policy::DedupeRule;
use crate::time::Instant;
use crate::wire::Compare;

/// Two rules that cannot be compared.
#[derive(Debug, Error)]
#[error("the two rules read other columns, so their answers are not about the same rows")]
struct OtherColumns;

impl Leaf for OtherColumns {
    fn code(&self) -> Code {
        Code::PolicyConflict
    }

    fn help(&self) -> Option<String> {
        Some("change only how rows are decided: window, mode, keep, null_key, open, skew".into())
    }
}

impl DedupeRule {
    /// The ids on which this rule and `other` differ over the same rows. The guards are not asked.
    ///
    /// # Errors
    /// `policy.conflict` if the two read other columns; else as [`DedupeRule::plan`].
    pub fn compare(
        &self,
        other: &Self,
        table: &Table,
        now: Instant,
        source: Source,
        control: &Control<'_>,
    ) -> Result<Compare, Error> {
        if self.needs() != other.needs() || self.key() != other.key() {
            return Err(OtherColumns.into());
        }
        let (rows, other_rows) = (self.rows_with_ids(table, control)?, other.rows(table)?);
        let a = dedupe::decide(&rows, self.rule(), now, control)?;
        let b = dedupe::decide(&other_rows, other.rule(), now, control)?;
        let (only_a, only_b) = (only(&rows, &a, &b), only(&rows, &b, &a));
        let both = a.drops.len() as u64 - only_a.len() as u64;
        Ok(Compare::new(self, other, now, source, both, only_a, only_b))
    }
}

/// The ids that `a` drops and `b` does not.
fn only(rows: &TableRows<'_>, a: &Decision, b: &Decision) -> Vec<String> {
    let dropped = b.dropped_rows();
    let differs = |drop: &&Drop| dropped.binary_search(&drop.row).is_err();
    let drops: Vec<Drop> = a.drops.iter().filter(differs).copied().collect();
    in_order(rows, &drops).iter().map(|drop| groups::Rows::id_text(rows, drop.row)).collect()
}
