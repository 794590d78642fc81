//! Rows on their way from JavaScript to a table.

use std::mem;

use arrow_schema::{DataType, Field, Schema};
use housekeep::Error;
use housekeep::columns::{Cell, ColumnBuilder, Need, Record, Table, TableBuilder, arrow};
use housekeep::formats::Format;
use napi::bindgen_prelude::{
    BigInt64ArraySlice, Env, Float64ArraySlice, Uint8ArraySlice, Utf16String,
};
use napi_derive::napi;

use crate::arrow::{is_arrow, read};
use crate::ask::Ask;
use crate::error::{Failure, guarded};
use crate::packed::Packed;

/// Rows that belong to us: nothing in them is JavaScript's.
#[derive(Debug)]
pub(crate) enum Input {
    /// As bytes in a format, which is told from them where it is not said.
    Bytes(Vec<u8>, Option<String>),
    /// Row by row.
    Records(TableBuilder),
    /// Column by column.
    Columns(Vec<(String, ColumnBuilder)>),
}

impl Input {
    /// The columns that a rule needs.
    pub(crate) fn table(self, needs: &[Need]) -> Result<Table, Error> {
        match self {
            Input::Bytes(bytes, format) => match format.as_deref() {
                Some("arrow") => read(needs, bytes),
                None if is_arrow(&bytes) => read(needs, bytes),
                Some(format) => Format::of_extension(format)?.read(needs, bytes.as_slice()),
                None => Format::sniff(&bytes).read(needs, bytes.as_slice()),
            },
            Input::Records(builder) => builder.finish(),
            Input::Columns(columns) => {
                let done = columns.into_iter().map(|(name, column)| Ok((name, column.finish()?)));
                Table::new(done.collect::<Result<_, Error>>()?)
            }
        }
    }
}

/// Rows for one question; asking it takes them.
#[napi]
pub struct Rows(Input);

impl Rows {
    pub(crate) fn take(&mut self) -> Input {
        mem::replace(&mut self.0, Input::Columns(Vec::new()))
    }
}

/// Copies the bytes: JavaScript may write to its own while ours are read on another thread.
#[napi]
pub fn rows_of_bytes(
    env: &Env,
    bytes: Uint8ArraySlice<'_>,
    format: Option<String>,
) -> napi::Result<Rows> {
    guarded(env, || Ok(Rows(Input::Bytes(bytes.to_vec(), format))))
}

/// For objects, packed in chunks.
#[napi]
pub fn rows_of_records(env: &Env, ask: &Ask) -> napi::Result<Rows> {
    guarded(env, || Ok(Rows(Input::Records(TableBuilder::new(ask.needs())))))
}

/// For columns, of which there are these.
#[napi]
pub fn rows_of_columns(env: &Env, ask: &Ask, names: Vec<String>) -> napi::Result<Rows> {
    guarded(env, || {
        // Core says which column is missing, and which was meant.
        let fields = names.iter().map(|name| Field::new(name, DataType::Null, true));
        arrow::table(ask.needs(), &Schema::new(fields.collect::<Vec<_>>()), [])?;
        let column = |need: &Need| (need.name.clone(), ColumnBuilder::new(need.clone()));
        Ok(Rows(Input::Columns(ask.needs().iter().map(column).collect())))
    })
}

#[napi]
impl Rows {
    /// Takes a chunk of records, each of its columns packed: `tags` and `numbers` hold one column
    /// after the other.
    #[napi]
    pub fn push_records(
        &mut self,
        env: &Env,
        count: u32,
        tags: Uint8ArraySlice<'_>,
        numbers: Float64ArraySlice<'_>,
        texts: Vec<Utf16String>,
    ) -> napi::Result<()> {
        guarded(env, || {
            let stride = tags.len() / texts.len().max(1);
            let columns = texts.iter().enumerate().map(|(place, text)| {
                let own = place * stride..place * stride + count as usize;
                let tags = tags.get(own.clone()).unwrap_or_default();
                Packed::new(tags, numbers.get(own).unwrap_or_default(), text)
            });
            let columns: Vec<Packed> = columns.collect();
            let builder = self.records()?;
            (0..count as usize).try_for_each(|at| builder.push(&Row { columns: &columns, at }))?;
            Ok(())
        })
    }

    /// Refuses what stands in the place of the next record, and is none: one packed value.
    #[napi]
    pub fn refuse(
        &mut self,
        env: &Env,
        tags: Uint8ArraySlice<'_>,
        numbers: Float64ArraySlice<'_>,
        text: Utf16String,
    ) -> napi::Result<()> {
        guarded(env, || {
            let found = Packed::new(&tags, &numbers, &text);
            Err(self.records()?.not_a_record(&found.cell(0)).into())
        })
    }

    /// Takes a packed chunk of the column at this place.
    #[napi]
    pub fn push_values(
        &mut self,
        env: &Env,
        place: u32,
        tags: Uint8ArraySlice<'_>,
        numbers: Float64ArraySlice<'_>,
        text: Utf16String,
    ) -> napi::Result<()> {
        guarded(env, || {
            let packed = Packed::new(&tags, &numbers, &text);
            let column = self.column(place)?;
            (0..packed.len()).try_for_each(|at| column.push(packed.cell(at)))?;
            Ok(())
        })
    }

    /// Takes a chunk of 64-bit integers of the column at this place.
    #[napi]
    pub fn push_integers(
        &mut self,
        env: &Env,
        place: u32,
        values: BigInt64ArraySlice<'_>,
    ) -> napi::Result<()> {
        guarded(env, || {
            let column = self.column(place)?;
            values.iter().try_for_each(|&value| column.push(Cell::Integer(value)))?;
            Ok(())
        })
    }

    fn records(&mut self) -> Result<&mut TableBuilder, Failure> {
        match &mut self.0 {
            Input::Records(builder) => Ok(builder),
            _ => Err(Failure::Panicked("these rows are no records".into())),
        }
    }

    fn column(&mut self, place: u32) -> Result<&mut ColumnBuilder, Failure> {
        let found = match &mut self.0 {
            Input::Columns(columns) => columns.get_mut(place as usize),
            _ => None,
        };
        let (_, column) =
            found.ok_or_else(|| Failure::Panicked("there is no such column".into()))?;
        Ok(column)
    }
}

/// One row of a packed chunk.
struct Row<'a> {
    columns: &'a [Packed],
    at: usize,
}

impl Record for Row<'_> {
    fn cell(&self, place: usize, _: &Need) -> Cell<'_> {
        self.columns.get(place).map_or(Cell::Missing, |column| column.cell(self.at))
    }
}
