//! The door for batches: Arrow record batches as columns, without a copy of their text.
//!
//! Text (`Utf8`, `LargeUtf8`, `Utf8View`, dictionaries of them), 64-bit integers, booleans, 16-byte
//! binaries as UUIDs and microsecond timestamps are taken as they are. Other integers and
//! timestamps are widened or converted, and so is a column that the rule says has another type.
//! Lists of text are copied, where the rule says that a column holds them.

mod lists;

use arrow_array::cast::AsArray;
use arrow_array::types::{
    Date32Type, Date64Type, Float16Type, Float32Type, Float64Type, Int8Type, Int16Type, Int32Type,
    Int64Type, TimestampMicrosecondType, TimestampMillisecondType, TimestampNanosecondType,
    TimestampSecondType, UInt8Type, UInt16Type, UInt32Type, UInt64Type,
};
use arrow_array::{Array, ArrowPrimitiveType, NullArray, RecordBatch};
use arrow_buffer::{NullBuffer, ScalarBuffer};
use arrow_schema::{ArrowError, DataType, Schema, TimeUnit as ArrowUnit};
use thiserror::Error;

use super::{Chunk, Column, ColumnBuilder, Data, Need, Table, Type, missing_column};
use crate::error::{Code, Error, Leaf};
use crate::time::{Instant, TimeUnit, Zone};

/// A column that cannot be taken.
#[derive(Debug, Error)]
enum BadColumn {
    #[error("the column holds {0}, which no rule can read")]
    Unfit(&'static str),
    #[error("the column holds lists, and not of text")]
    OtherLists,
    #[error("the times in the column have no zone")]
    Naive,
    #[error("the time is outside the years 0001 to 9999")]
    OutOfYears,
    #[error("{0} does not fit a signed integer of 64 bits")]
    Wide(u64),
    #[error("the batches cannot be read: {0}")]
    Failed(ArrowError),
    #[error("there are too many rows")]
    TooMany,
    #[error("the column is given twice")]
    Repeated,
}

impl Leaf for BadColumn {
    fn code(&self) -> Code {
        match self {
            BadColumn::Unfit(_) | BadColumn::OtherLists => Code::RowsWrongType,
            BadColumn::Naive => Code::RowsNaiveTime,
            BadColumn::OutOfYears => Code::RowsTimeOutOfRange,
            BadColumn::Wide(_) => Code::RowsBadValue,
            BadColumn::Failed(_) => Code::RowsSyntax,
            BadColumn::TooMany => Code::RowsTooLarge,
            BadColumn::Repeated => Code::RowsRepeatedField,
        }
    }

    fn help(&self) -> Option<String> {
        Some(
            match self {
                BadColumn::Unfit(_) => "give text, integers, booleans, uuids or timestamps",
                BadColumn::OtherLists => "give lists of nothing but text",
                BadColumn::Naive => "give the column a zone, or name the rule's `tz`",
                BadColumn::OutOfYears => "give the row a real time, or null if it has none",
                BadColumn::Wide(_) => "give the column as text",
                BadColumn::Failed(_) => "check that it was written to its end",
                BadColumn::TooMany => "split the rows by key, and plan each part",
                BadColumn::Repeated => "give each column its own name",
            }
            .into(),
        )
    }
}

/// The columns that a rule needs of some batches of one schema; others are passed over.
///
/// # Errors
/// `rows.missing_column`, and a `rows.*` error that names the column, and the row where it is one
/// row's fault.
pub fn table(
    needs: &[Need],
    schema: &Schema,
    batches: impl IntoIterator<Item = Result<RecordBatch, ArrowError>>,
) -> Result<Table, Error> {
    let names = || schema.fields().iter().map(|field| field.name().as_str());
    let mut columns = Vec::with_capacity(needs.len());
    for need in needs {
        if names().filter(|name| *name == need.name).count() > 1 {
            return Err(Error::from(BadColumn::Repeated).at_path(need.name.as_str()));
        }
        let index = names().position(|name| name == need.name);
        if index.is_none() && !need.optional {
            return Err(missing_column(&need.name, names()));
        }
        let stored = index.map_or(&DataType::Null, |index| schema.field(index).data_type());
        let taken = Taken::new(need, index, stored);
        columns.push(taken.map_err(|bad| Error::from(bad).at_path(need.name.as_str()))?);
    }
    let mut first = 0u64;
    for batch in batches {
        let batch = batch.map_err(BadColumn::Failed)?;
        for taken in &mut columns {
            let done = match taken.index {
                Some(index) => taken.take(batch.column(index), first),
                None => taken.take(&NullArray::new(batch.num_rows()), first),
            };
            done.map_err(|error| error.at_path(taken.need.name.as_str()))?;
        }
        first += batch.num_rows() as u64;
    }
    let columns = columns.into_iter().map(|taken| {
        let name = taken.need.name.clone();
        Ok((name, taken.finish()?))
    });
    Table::new(columns.collect::<Result<_, Error>>()?)
}

/// The error for batches that fail before there is one.
#[must_use]
pub fn unreadable(error: ArrowError) -> Error {
    BadColumn::Failed(error).into()
}

/// One column on its way from the batches.
struct Taken<'n> {
    need: &'n Need,
    /// Its place in the batches; none if they do not have it.
    index: Option<usize>,
    ty: Type,
    chunks: Vec<Chunk>,
    /// For a column that the rule says has another type than its batches, for lists, and for one
    /// that gives anything but text by number: of those, the values themselves are as short.
    recast: Option<ColumnBuilder>,
}

impl<'n> Taken<'n> {
    fn new(need: &'n Need, index: Option<usize>, stored: &DataType) -> Result<Self, BadColumn> {
        let element = lists::element(stored).filter(|_| need.ty == Some(Type::List));
        let natural = match element {
            Some(element) if natural(element).is_ok_and(|ty| ty == Type::Text) => Type::List,
            Some(_) => return Err(BadColumn::OtherLists),
            None if need.ty == Some(Type::Number) && stored.is_floating() => Type::Number,
            None => natural(stored)?,
        };
        let ty = need.ty.unwrap_or(natural);
        let by_number = matches!(stored, DataType::Dictionary(..)) && natural != Type::Text;
        // Whoever asks for numbers reads whole ones, too, and those of two.
        let is_number =
            ty == Type::Number && matches!(natural, Type::Integer | Type::Boolean) && !by_number;
        let copied = (ty != natural && !is_number) || by_number || natural == Type::List;
        let recast = copied.then(|| ColumnBuilder::new(need.clone()));
        Ok(Self { need, index, ty, chunks: Vec::new(), recast })
    }

    fn take(&mut self, array: &dyn Array, first: u64) -> Result<(), Error> {
        if let (Some(builder), Type::List, Some(_)) =
            (&mut self.recast, self.ty, lists::element(array.data_type()))
        {
            return lists::push(builder, array);
        }
        let chunk = chunk(array, self.need.time.zone)
            .map_err(|(at, bad)| Error::from(bad).at_row(first + at as u64 + 1))?;
        match &mut self.recast {
            None => self.chunks.push(chunk),
            Some(builder) => {
                for at in 0..chunk.len() {
                    builder.push(chunk.cell(at))?;
                }
            }
        }
        Ok(())
    }

    fn finish(self) -> Result<Column, Error> {
        match self.recast {
            Some(builder) => builder.finish(),
            None => Ok(Column::new(self.ty, self.chunks).ok_or(BadColumn::TooMany)?),
        }
    }
}

/// The type that a column's values have by themselves.
fn natural(ty: &DataType) -> Result<Type, BadColumn> {
    Ok(match ty {
        DataType::Utf8 | DataType::LargeUtf8 | DataType::Utf8View | DataType::Null => Type::Text,
        DataType::Int8
        | DataType::Int16
        | DataType::Int32
        | DataType::Int64
        | DataType::UInt8
        | DataType::UInt16
        | DataType::UInt32
        | DataType::UInt64 => Type::Integer,
        DataType::Boolean => Type::Boolean,
        DataType::FixedSizeBinary(16) => Type::Uuid,
        DataType::Timestamp(..) | DataType::Date32 | DataType::Date64 => Type::Instant,
        DataType::Dictionary(_, values) => natural(values)?,
        DataType::Float16 | DataType::Float32 | DataType::Float64 => {
            return Err(BadColumn::Unfit("numbers with fractions"));
        }
        list if lists::element(list).is_some() => return Err(BadColumn::Unfit("lists")),
        DataType::Struct(_) | DataType::Map(..) | DataType::Union(..) => {
            return Err(BadColumn::Unfit("objects"));
        }
        DataType::Decimal32(..)
        | DataType::Decimal64(..)
        | DataType::Decimal128(..)
        | DataType::Decimal256(..) => return Err(BadColumn::Unfit("decimal numbers")),
        DataType::Binary | DataType::LargeBinary | DataType::BinaryView => {
            return Err(BadColumn::Unfit("bytes"));
        }
        _ => return Err(BadColumn::Unfit("values of another kind")),
    })
}

/// What went wrong, and at which place of the chunk.
type Failure = (usize, BadColumn);

fn chunk(array: &dyn Array, zone: Option<Zone>) -> Result<Chunk, Failure> {
    let nulls = array.nulls().cloned();
    let data = match array.data_type() {
        DataType::Utf8 => {
            let (offsets, bytes, _) = array.as_string::<i32>().clone().into_parts();
            Data::Text { offsets: offsets.into_inner(), bytes }
        }
        DataType::LargeUtf8 => {
            let (offsets, bytes, _) = array.as_string::<i64>().clone().into_parts();
            Data::LargeText { offsets: offsets.into_inner(), bytes }
        }
        DataType::Utf8View => {
            let (views, buffers, _) = array.as_string_view().clone().into_parts();
            Data::TextView { views, buffers }
        }
        DataType::Null => {
            let offsets = ScalarBuffer::from(vec![0i32; array.len() + 1]);
            let nulls = Some(NullBuffer::new_null(array.len()));
            return Ok(Chunk {
                data: Data::Text { offsets, bytes: Vec::<u8>::new().into() },
                nulls,
            });
        }
        DataType::Boolean => Data::Boolean(array.as_boolean().values().clone()),
        DataType::FixedSizeBinary(_) => Data::Uuid(array.as_fixed_size_binary().values().clone()),
        DataType::Float64 => Data::Number(array.as_primitive::<Float64Type>().values().clone()),
        DataType::Float32 => {
            let values = array.as_primitive::<Float32Type>().values();
            Data::Number(values.iter().map(|&value| f64::from(value)).collect())
        }
        DataType::Float16 => {
            let values = array.as_primitive::<Float16Type>().values();
            Data::Number(values.iter().map(|value| value.to_f64()).collect())
        }
        DataType::Int64 => Data::Integer(array.as_primitive::<Int64Type>().values().clone()),
        DataType::Int8 => widened::<Int8Type>(array),
        DataType::Int16 => widened::<Int16Type>(array),
        DataType::Int32 => widened::<Int32Type>(array),
        DataType::UInt8 => widened::<UInt8Type>(array),
        DataType::UInt16 => widened::<UInt16Type>(array),
        DataType::UInt32 => widened::<UInt32Type>(array),
        DataType::UInt64 => unsigned(array)?,
        DataType::Timestamp(unit, stored) => {
            let zone = if stored.is_some() { Reading::Absolute } else { Reading::local(zone)? };
            match unit {
                ArrowUnit::Second => times::<TimestampSecondType>(array, TimeUnit::Seconds, zone)?,
                ArrowUnit::Millisecond => {
                    times::<TimestampMillisecondType>(array, TimeUnit::Milliseconds, zone)?
                }
                ArrowUnit::Microsecond => {
                    times::<TimestampMicrosecondType>(array, TimeUnit::Microseconds, zone)?
                }
                ArrowUnit::Nanosecond => {
                    times::<TimestampNanosecondType>(array, TimeUnit::Nanoseconds, zone)?
                }
            }
        }
        DataType::Date32 => {
            let days = array.as_primitive::<Date32Type>().values();
            let seconds = days.iter().map(|&days| i64::from(days) * 86_400);
            instants(seconds.collect(), array, TimeUnit::Seconds, Reading::local(zone)?)?
        }
        DataType::Date64 => {
            times::<Date64Type>(array, TimeUnit::Milliseconds, Reading::local(zone)?)?
        }
        DataType::Dictionary(..) => dictionary(array, zone)?,
        // `natural` refused everything else.
        _ => return Err((0, BadColumn::Unfit("values of another kind"))),
    };
    Ok(Chunk { data, nulls })
}

fn dictionary(array: &dyn Array, zone: Option<Zone>) -> Result<Data, Failure> {
    let dictionary = array.as_any_dictionary();
    // A null has a key too, which may be any; where all are null, there need be no values.
    let keys = match dictionary.values().len() {
        0 => vec![0; array.len()],
        _ => dictionary.normalized_keys(),
    };
    let keys: Vec<i32> = keys.iter().map(|&key| i32::try_from(key).unwrap_or(0)).collect();
    let values = chunk(dictionary.values(), zone)?;
    Ok(Data::Dictionary { keys: ScalarBuffer::from(keys), values: Box::new(values) })
}

fn widened<T: ArrowPrimitiveType<Native: Into<i64>>>(array: &dyn Array) -> Data {
    let values = array.as_primitive::<T>().values();
    Data::Integer(values.iter().map(|&value| value.into()).collect())
}

fn unsigned(array: &dyn Array) -> Result<Data, Failure> {
    let values = array.as_primitive::<UInt64Type>().values();
    let signed = values.iter().enumerate().map(|(at, &value)| match i64::try_from(value) {
        Ok(value) => Ok(value),
        Err(_) if array.is_null(at) => Ok(0),
        Err(_) => Err((at, BadColumn::Wide(value))),
    });
    Ok(Data::Integer(signed.collect::<Result<Vec<i64>, _>>()?.into()))
}

/// How a count of units becomes an instant.
#[derive(Clone, Copy)]
enum Reading {
    /// It counts from 1970 UTC.
    Absolute,
    /// It is a wall clock's, of this zone.
    Local(Zone),
}

impl Reading {
    fn local(zone: Option<Zone>) -> Result<Self, Failure> {
        zone.map(Self::Local).ok_or((0, BadColumn::Naive))
    }
}

fn times<T: ArrowPrimitiveType<Native = i64>>(
    array: &dyn Array,
    unit: TimeUnit,
    reading: Reading,
) -> Result<Data, Failure> {
    instants(array.as_primitive::<T>().values().clone(), array, unit, reading)
}

/// Microseconds since 1970. Taken as they are where they count just that.
fn instants(
    counts: ScalarBuffer<i64>,
    array: &dyn Array,
    unit: TimeUnit,
    reading: Reading,
) -> Result<Data, Failure> {
    let read = |count: i64| -> Option<Instant> {
        let at = unit.instant(count)?;
        match reading {
            Reading::Absolute => Some(at),
            Reading::Local(zone) => zone.local(at, false),
        }
    };
    let as_is = unit == TimeUnit::Microseconds && matches!(reading, Reading::Absolute);
    let mut micros = Vec::with_capacity(if as_is { 0 } else { counts.len() });
    for (at, &count) in counts.iter().enumerate() {
        let found = match read(count) {
            Some(found) => found.as_micros(),
            // Anything may stand under a null.
            None if array.is_null(at) => 0,
            None => return Err((at, BadColumn::OutOfYears)),
        };
        if !as_is {
            micros.push(found);
        }
    }
    Ok(Data::Instant(if as_is { counts } else { micros.into() }))
}
