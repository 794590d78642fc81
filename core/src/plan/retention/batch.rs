//! The removals of a plan as an Arrow record batch.

use std::sync::Arc;

use arrow_array::RecordBatch;
use arrow_array::builder::{DurationMicrosecondBuilder, UInt64Builder};
use arrow_schema::ArrowError;

use super::RetentionPlan;
use crate::columns::{Cell, Type};
use crate::plan::batch::{Values, batch, structure};
use crate::time::Duration;

impl RetentionPlan {
    pub(in crate::plan) fn to_batch(&self) -> Result<RecordBatch, ArrowError> {
        let rows = usize::try_from(self.drop_count()).unwrap_or(usize::MAX);
        let texts = || Values::new(Type::Text, rows);
        let (mut id, mut rule, mut why) = (texts(), texts(), texts());
        let (mut period, mut limit, mut by_id) = (texts(), texts(), texts());
        let mut time = Values::new(Type::Instant, rows);
        let mut size = UInt64Builder::with_capacity(rows);
        let (mut n, mut of) =
            (UInt64Builder::with_capacity(rows), UInt64Builder::with_capacity(rows));
        let mut age = DurationMicrosecondBuilder::with_capacity(rows);
        let by = &self.settings().by;
        let mut group: Vec<Values> = by.iter().map(|_| texts()).collect();
        for drop in self.drops() {
            let [reason] = &drop.reasons;
            id.push(Cell::Text(&drop.id))?;
            time.push(Cell::Instant(drop.time))?;
            size.append_option(drop.size);
            for (values, (_, value)) in group.iter_mut().zip(drop.group.iter()) {
                values.push(value.as_text().as_deref().map_or(Cell::Null, Cell::Text))?;
            }
            rule.push(Cell::Text(&reason.rule))?;
            why.push(Cell::Text(&reason.why))?;
            period.push(reason.period.as_deref().map_or(Cell::Null, Cell::Text))?;
            n.append_option(reason.n);
            of.append_option(reason.of);
            age.append_option(reason.age.map(Duration::as_micros));
            let said = reason.limit.map(|limit| limit.to_string());
            limit.push(said.as_deref().map_or(Cell::Null, Cell::Text))?;
            by_id.push(reason.id.as_deref().map_or(Cell::Null, Cell::Text))?;
        }
        let group = structure(by.iter().map(String::as_str).zip(group), rows)?;
        batch([
            ("id", id.finish(), false),
            ("time", time.finish(), false),
            ("size", Arc::new(size.finish()), true),
            ("group", group, false),
            ("rule", rule.finish(), false),
            ("why", why.finish(), false),
            ("period", period.finish(), true),
            ("n", Arc::new(n.finish()), true),
            ("of", Arc::new(of.finish()), true),
            ("age", Arc::new(age.finish()), true),
            ("limit", limit.finish(), true),
            ("by_id", by_id.finish(), true),
        ])
    }
}
