//! Rows on their way from JavaScript to a table.

use std::mem;

use housekeep::Error;
use housekeep::columns::{Cell, ColumnBuilder, Need, Record, Table, TableBuilder, missing_column};
use housekeep::formats::Format;
use napi::bindgen_prelude::{
    BigInt64ArraySlice, Env, Float64ArraySlice, Uint8ArraySlice, Uint16ArraySlice,
};
use napi_derive::napi;

use crate::arrow::{is_arrow, read};
use crate::ask::Ask;
use crate::error::{Failure, guarded};
use crate::packed::{Packed, whole};

/// Rows that belong to us: nothing in them is JavaScript's.
#[derive(Debug)]
pub(crate) enum Input {
    /// As bytes in a format, which is told from them where it is not said.
    Bytes(Vec<u8>, Option<String>),
    /// Row by row, with so many values each.
    Records(TableBuilder, usize),
    /// Column by column; one that is not there, and need not be, has nothing to be made of.
    Columns(Vec<(String, Option<ColumnBuilder>)>),
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
            Input::Records(builder, _) => builder.finish(),
            Input::Columns(columns) => {
                let given = columns.into_iter().filter_map(|(name, own)| Some((name, own?)));
                let done = given.map(|(name, column)| Ok((name, column.finish()?)));
                Table::new(done.collect::<Result<_, Error>>()?)
            }
        }
    }
}

/// Rows for one question; asking it takes them.
#[napi]
pub struct Rows(Taken);

/// Rows, and how large they are.
pub(crate) struct Taken {
    pub(crate) input: Input,
    /// About as many as their columns will have.
    pub(crate) bytes: usize,
}

impl Rows {
    fn new(input: Input, bytes: usize) -> Self {
        Self(Taken { input, bytes })
    }

    pub(crate) fn take(&mut self) -> Taken {
        mem::replace(&mut self.0, Taken { input: Input::Columns(Vec::new()), bytes: 0 })
    }

    /// The values of a chunk.
    fn unpacked(&mut self, tags: &[u8], numbers: &[f64], units: &[u16]) -> Packed {
        self.0.bytes += size_of_val(numbers) + units.len();
        Packed::new(tags, numbers, units)
    }
}

/// Copies the bytes: JavaScript may write to its own while ours are read on another thread.
#[napi]
pub fn rows_of_bytes(
    env: &Env,
    bytes: Uint8ArraySlice<'_>,
    format: Option<String>,
) -> napi::Result<Rows> {
    guarded(env, || Ok(Rows::new(Input::Bytes(bytes.to_vec(), format), bytes.len())))
}

/// For objects, packed in chunks.
#[napi]
pub fn rows_of_records(env: &Env, ask: &Ask) -> napi::Result<Rows> {
    guarded(env, || {
        Ok(Rows::new(Input::Records(TableBuilder::new(ask.needs()), ask.needs().len()), 0))
    })
}

/// For columns, of which there are these.
#[napi]
pub fn rows_of_columns(env: &Env, ask: &Ask, names: Vec<String>) -> napi::Result<Rows> {
    guarded(env, || {
        let column = |need: &Need| {
            if names.contains(&need.name) {
                Ok((need.name.clone(), Some(ColumnBuilder::new(need.clone()))))
            } else if need.optional {
                Ok((need.name.clone(), None))
            } else {
                Err(missing_column(&need.name, names.iter().map(String::as_str)))
            }
        };
        let columns: Result<_, Error> = ask.needs().iter().map(column).collect();
        Ok(Rows::new(Input::Columns(columns?), 0))
    })
}

#[napi]
impl Rows {
    /// Takes a chunk of records, row by row.
    #[napi]
    pub fn push_records(
        &mut self,
        env: &Env,
        tags: Uint8ArraySlice<'_>,
        numbers: Float64ArraySlice<'_>,
        units: Uint16ArraySlice<'_>,
    ) -> napi::Result<()> {
        guarded(env, || {
            let packed = self.unpacked(&tags, &numbers, &units);
            let (builder, width) = self.records()?;
            let rows = (0..packed.len()).step_by(width.max(1));
            rows.map(|first| Row { packed: &packed, first })
                .try_for_each(|row| builder.push(&row))?;
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
        units: Uint16ArraySlice<'_>,
    ) -> napi::Result<()> {
        guarded(env, || {
            let found = self.unpacked(&tags, &numbers, &units);
            let (builder, _) = self.records()?;
            Err(builder.not_a_record(&found.cell(0)).into())
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
        units: Uint16ArraySlice<'_>,
    ) -> napi::Result<()> {
        guarded(env, || {
            let packed = self.unpacked(&tags, &numbers, &units);
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
            self.0.bytes += size_of_val(&*values);
            let column = self.column(place)?;
            values.iter().try_for_each(|&value| column.push(Cell::Integer(value)))?;
            Ok(())
        })
    }

    /// Takes a chunk of numbers of the column at this place.
    #[napi]
    pub fn push_numbers(
        &mut self,
        env: &Env,
        place: u32,
        values: Float64ArraySlice<'_>,
    ) -> napi::Result<()> {
        guarded(env, || {
            self.0.bytes += size_of_val(&*values);
            let column = self.column(place)?;
            if column.is_of_numbers() {
                column.push_numbers(&values)?;
            } else {
                values.iter().try_for_each(|&value| column.push(whole(value)))?;
            }
            Ok(())
        })
    }

    fn records(&mut self) -> Result<(&mut TableBuilder, usize), Failure> {
        match &mut self.0.input {
            Input::Records(builder, width) => Ok((builder, *width)),
            _ => Err(Failure::Panicked("these rows are no records".into())),
        }
    }

    fn column(&mut self, place: u32) -> Result<&mut ColumnBuilder, Failure> {
        let found = match &mut self.0.input {
            Input::Columns(columns) => columns.get_mut(place as usize),
            _ => None,
        };
        let found = found.and_then(|(_, column)| column.as_mut());
        found.ok_or_else(|| Failure::Panicked("there is no such column".into()))
    }
}

/// One row of a packed chunk.
struct Row<'a> {
    packed: &'a Packed,
    first: usize,
}

impl Record for Row<'_> {
    fn cell(&self, place: usize, _: &Need) -> Cell<'_> {
        self.packed.cell(self.first + place)
    }
}
