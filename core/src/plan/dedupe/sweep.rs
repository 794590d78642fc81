//! A rule and a table → what other windows would drop.

use crate::columns::Table;
use crate::control::Control;
use crate::dedupe;
use crate::error::Error;
use crate::plan::Source;
use crate::policy::DedupeRule;
use crate::time::{Duration, Instant};
use crate::wire::SweepAnswer;

impl DedupeRule {
    /// What each window would drop in each mode, before anyone widens one. With no `windows`, some
    /// are chosen from the data.
    ///
    /// # Errors
    /// As [`DedupeRule::plan`], but for the guard; `policy.out_of_range` for more than 1000 windows.
    pub fn sweep(
        &self,
        table: &Table,
        windows: &[Duration],
        now: Instant,
        source: Source,
        control: &Control<'_>,
    ) -> Result<SweepAnswer, Error> {
        let rows = self.rows_with_ids(table, control)?;
        let sweep = dedupe::sweep(&rows, self.rule(), windows, now, control)?;
        let keys = sweep.warnings.iter().map(|warning| {
            let cells = self.key().iter().zip(rows.key());
            cells
                .map(|(name, column)| (name.clone(), column.cell(warning.row).to_string()))
                .collect()
        });
        let keys = keys.collect();
        Ok(SweepAnswer::new(self, now, source, sweep, keys))
    }
}
