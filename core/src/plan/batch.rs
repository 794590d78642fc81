//! Answers as Arrow record batches: what the families share.

use std::sync::Arc;

use arrow_array::builder::{
    BooleanBuilder, FixedSizeBinaryBuilder, Int64Builder, LargeStringBuilder,
    TimestampMicrosecondBuilder,
};
use arrow_array::{Array, ArrayRef, RecordBatch, StructArray};
use arrow_schema::{ArrowError, DataType, Field, Fields, Schema, TimeUnit};

use super::{Body, Plan};
use crate::columns::{Cell, Type};

impl Plan {
    /// The drops as columns, one row a drop, in their order.
    ///
    /// Of duplicates: `id`, `keeper_id` and the fields of the struct `key` have the type of the column
    /// they come from; in a plan that was read back, ids are text. `time` and `keeper_time` are
    /// timestamps in UTC, `gap` and `via_gap` durations, all in microseconds; `why` is the reason's
    /// word. Only key columns, `via_id`, `via_gap` and `bucket` may be null.
    ///
    /// Of what has outlived its use: `id`, `time`, `size` and the struct `group`, then the reason:
    /// `rule`, `why`, `period`, `n`, `of`, `age`, `limit` (as text) and `by_id`, of which all but the
    /// first two may be null. Ids and groups are text.
    ///
    /// # Errors
    /// None in practice: the columns are made for this schema.
    pub fn to_batch(&self) -> Result<RecordBatch, ArrowError> {
        match &self.body {
            Body::Dedupe(plan) => plan.to_batch(),
            Body::Retention(plan) => plan.to_batch(),
        }
    }
}

/// Columns by name, each with whether it may be null.
pub(crate) fn batch<'n>(
    columns: impl IntoIterator<Item = (&'n str, ArrayRef, bool)>,
) -> Result<RecordBatch, ArrowError> {
    let column = |(name, array, nullable): (&str, ArrayRef, bool)| {
        (Field::new(name, array.data_type().clone(), nullable), array)
    };
    let (fields, arrays): (Vec<Field>, Vec<ArrayRef>) = columns.into_iter().map(column).unzip();
    RecordBatch::try_new(Arc::new(Schema::new(fields)), arrays)
}

/// A column of structs, whose fields may be null.
pub(crate) fn structure<'a>(
    columns: impl Iterator<Item = (&'a str, Values)>,
    rows: usize,
) -> Result<ArrayRef, ArrowError> {
    let (names, arrays): (Vec<&str>, Vec<ArrayRef>) =
        columns.map(|(name, values)| (name, values.finish())).unzip();
    let fields: Fields = names
        .iter()
        .zip(&arrays)
        .map(|(name, array)| Field::new(*name, array.data_type().clone(), true))
        .collect();
    let made = StructArray::try_new_with_length(fields, arrays, None, rows)?;
    Ok(Arc::new(made))
}

/// One column on its way out.
pub(crate) enum Values {
    Text(LargeStringBuilder),
    Integer(Int64Builder),
    Uuid(FixedSizeBinaryBuilder),
    Boolean(BooleanBuilder),
    Instant(TimestampMicrosecondBuilder),
}

impl Values {
    pub(crate) fn new(ty: Type, rows: usize) -> Self {
        match ty {
            // Lists and what is measured are no part of a plan; one would be shown as in a message.
            Type::Text | Type::List | Type::Number => {
                Values::Text(LargeStringBuilder::with_capacity(rows, 0))
            }
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
    pub(crate) fn push(&mut self, cell: Cell<'_>) -> Result<(), ArrowError> {
        match (self, cell) {
            (Values::Text(builder), Cell::Text(text)) => builder.append_value(text),
            (Values::Text(builder), cell @ (Cell::List(_) | Cell::Number(_))) => {
                builder.append_value(cell.to_string());
            }
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

    pub(crate) fn finish(self) -> ArrayRef {
        match self {
            Values::Text(mut builder) => Arc::new(builder.finish()),
            Values::Integer(mut builder) => Arc::new(builder.finish()),
            Values::Uuid(mut builder) => Arc::new(builder.finish()),
            Values::Boolean(mut builder) => Arc::new(builder.finish()),
            Values::Instant(mut builder) => Arc::new(builder.finish()),
        }
    }
}
