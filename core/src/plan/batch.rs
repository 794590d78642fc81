//! The drops of a plan as an Arrow record batch.

use std::sync::Arc;

use arrow_array::builder::{
    BooleanBuilder, DurationMicrosecondBuilder, FixedSizeBinaryBuilder, Int64Builder,
    LargeStringBuilder, TimestampMicrosecondBuilder,
};
use arrow_array::{ArrayRef, RecordBatch, StructArray};
use arrow_schema::{ArrowError, DataType, Field, Fields, Schema, TimeUnit};

use super::{DropEntry, Plan, Reason};
use crate::columns::{Cell, Type};

impl Plan {
    /// The drops as columns, one row a drop, in the order of [`Plan::drops`].
    ///
    /// `id`, `keeper_id` and the fields of the struct `key` have the type of the column they come
    /// from; in a plan that was read back, ids are text. `time` and `keeper_time` are timestamps in
    /// UTC, `gap` and `via_gap` durations, all in microseconds; `why` is the reason's word. Only
    /// key columns, `via_id`, `via_gap` and `bucket` may be null.
    ///
    /// # Errors
    /// None in practice: the columns are made for this schema.
    pub fn to_batch(&self) -> Result<RecordBatch, ArrowError> {
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
        let key: Vec<ArrayRef> = key.into_iter().map(Values::finish).collect();
        let fields: Fields = names
            .zip(&key)
            .map(|(name, array)| Field::new(name, array.data_type().clone(), true))
            .collect();
        let key = StructArray::try_new_with_length(fields, key, None, rows)?;
        let columns: [(&str, ArrayRef, bool); 10] = [
            ("id", id.finish(), false),
            ("keeper_id", keeper_id.finish(), false),
            ("key", Arc::new(key), false),
            ("time", time.finish(), false),
            ("keeper_time", keeper_time.finish(), false),
            ("gap", Arc::new(gap.finish()), false),
            ("why", why.finish(), false),
            ("via_id", via_id.finish(), true),
            ("via_gap", Arc::new(via_gap.finish()), true),
            ("bucket", bucket.finish(), true),
        ];
        let fields = columns
            .iter()
            .map(|(name, array, nullable)| Field::new(*name, array.data_type().clone(), *nullable));
        let schema = Schema::new(fields.collect::<Fields>());
        RecordBatch::try_new(
            Arc::new(schema),
            columns.into_iter().map(|(_, array, _)| array).collect(),
        )
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

/// One column on its way out.
enum Values {
    Text(LargeStringBuilder),
    Integer(Int64Builder),
    Uuid(FixedSizeBinaryBuilder),
    Boolean(BooleanBuilder),
    Instant(TimestampMicrosecondBuilder),
}

impl Values {
    fn new(ty: Type, rows: usize) -> Self {
        match ty {
            // A list is no part of an answer; one would be shown as it is in a message.
            Type::Text | Type::List => Values::Text(LargeStringBuilder::with_capacity(rows, 0)),
            Type::Integer => Values::Integer(Int64Builder::with_capacity(rows)),
            Type::Uuid => Values::Uuid(FixedSizeBinaryBuilder::with_capacity(rows, 16)),
            Type::Boolean => Values::Boolean(BooleanBuilder::with_capacity(rows)),
            Type::Instant => {
                let utc = DataType::Timestamp(TimeUnit::Microsecond, Some("UTC".into()));
                let builder = TimestampMicrosecondBuilder::with_capacity(rows);
                Values::Instant(builder.with_data_type(utc))
            }
        }
    }

    /// A cell of a column has the column's type, or is null.
    fn push(&mut self, cell: Cell<'_>) -> Result<(), ArrowError> {
        match (self, cell) {
            (Values::Text(builder), Cell::Text(text)) => builder.append_value(text),
            (Values::Text(builder), Cell::List(list)) => builder.append_value(list.to_string()),
            (Values::Integer(builder), Cell::Integer(value)) => builder.append_value(value),
            (Values::Uuid(builder), Cell::Uuid(bytes)) => builder.append_value(bytes)?,
            (Values::Boolean(builder), Cell::Boolean(value)) => builder.append_value(value),
            (Values::Instant(builder), Cell::Instant(at)) => builder.append_value(at.as_micros()),
            (Values::Text(builder), _) => builder.append_null(),
            (Values::Integer(builder), _) => builder.append_null(),
            (Values::Uuid(builder), _) => builder.append_null(),
            (Values::Boolean(builder), _) => builder.append_null(),
            (Values::Instant(builder), _) => builder.append_null(),
        }
        Ok(())
    }

    fn finish(self) -> ArrayRef {
        match self {
            Values::Text(mut builder) => Arc::new(builder.finish()),
            Values::Integer(mut builder) => Arc::new(builder.finish()),
            Values::Uuid(mut builder) => Arc::new(builder.finish()),
            Values::Boolean(mut builder) => Arc::new(builder.finish()),
            Values::Instant(mut builder) => Arc::new(builder.finish()),
        }
    }
}
