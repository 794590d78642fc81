//! The drops of a plan as an Arrow record batch.

use std::sync::Arc;

use arrow_array::builder::DurationMicrosecondBuilder;
use arrow_array::{ArrayRef, RecordBatch};
use arrow_schema::ArrowError;

use super::{DedupePlan, DropEntry, Reason};
use crate::columns::{Cell, Type};
use crate::plan::batch::{Values, batch, structure};

impl DedupePlan {
    pub(in crate::plan) fn to_batch(&self) -> Result<RecordBatch, ArrowError> {
        let rows = self.drops.len();
        let mut id = Values::new(self.rows.id.ty(), rows);
        let mut keeper_id = Values::new(self.rows.id.ty(), rows);
        let mut key: Vec<Values> =
            self.rows.key.iter().map(|(_, column)| Values::new(column.ty(), rows)).collect();
        let mut time = Values::new(Type::Instant, rows);
        let mut keeper_time = Values::new(Type::Instant, rows);
        let mut gap = DurationMicrosecondBuilder::with_capacity(rows);
        let mut why = Values::new(Type::Text, rows);
        let mut via_id = Values::new(self.rows.id.ty(), rows);
        let mut via_gap = DurationMicrosecondBuilder::with_capacity(rows);
        let mut bucket = Values::new(Type::Instant, rows);
        for drop in self.drops() {
            let (via, between, start) = evidence(&drop);
            id.push(drop.id)?;
            keeper_id.push(drop.keeper_id)?;
            key.iter_mut().zip(&drop.key).try_for_each(|(values, (_, cell))| values.push(*cell))?;
            time.push(Cell::Instant(drop.time))?;
            keeper_time.push(Cell::Instant(drop.keeper_time))?;
            gap.append_value(drop.gap.as_micros());
            why.push(Cell::Text(drop.reason.as_str()))?;
            via_id.push(via)?;
            via_gap.append_option(between);
            bucket.push(start)?;
        }
        let names = self.rows.key.iter().map(|(name, _)| name.as_str());
        let key = structure(names.zip(key), rows)?;
        let columns: [(&str, ArrayRef, bool); 10] = [
            ("id", id.finish(), false),
            ("keeper_id", keeper_id.finish(), false),
            ("key", key, false),
            ("time", time.finish(), false),
            ("keeper_time", keeper_time.finish(), false),
            ("gap", Arc::new(gap.finish()), false),
            ("why", why.finish(), false),
            ("via_id", via_id.finish(), true),
            ("via_gap", Arc::new(via_gap.finish()), true),
            ("bucket", bucket.finish(), true),
        ];
        batch(columns)
    }
}

/// The neighbour and the gap to it, and the start of the bucket, where the reason has them.
fn evidence<'a>(drop: &DropEntry<'a>) -> (Cell<'a>, Option<i64>, Cell<'a>) {
    match drop.reason {
        Reason::Chained { via, gap } => (via, Some(gap.as_micros()), Cell::Null),
        Reason::SameBucket { start } => (Cell::Null, None, Cell::Instant(start)),
        Reason::WithinWindow | Reason::SameKey => (Cell::Null, None, Cell::Null),
    }
}
