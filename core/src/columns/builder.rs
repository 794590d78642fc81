//! The door for records: one cell at a time into columns.

use arrow_buffer::{BooleanBufferBuilder, Buffer, NullBufferBuilder, ScalarBuffer};
use thiserror::Error;

use super::infer::{Guess, canonical};
use super::{Cell, Chunk, Column, Data, Need, Table, Type, uuid};
use crate::bounds::{MAX_ROWS, MAX_TEXT_BYTES};
use crate::error::{Code, Error, Leaf, quoted};
use crate::time::{NotATime, TextFault, parse_instant};

/// Rows of one chunk: large enough to be read in long loops, small enough to grow by.
const CHUNK_ROWS: usize = 1 << 16;

/// A row that can be asked for its fields.
pub trait Record {
    /// The value of the field that `need`, the `place`th of the rule's needs, names.
    fn cell(&self, place: usize, need: &Need) -> Cell<'_>;
}

/// Builds a [`Table`] from records, one at a time.
#[derive(Debug)]
pub struct TableBuilder {
    columns: Vec<ColumnBuilder>,
    rows: u64,
}

/// Builds one column from values, one at a time: for rows that come column by column.
#[derive(Debug)]
pub struct ColumnBuilder {
    need: Need,
    rows: u64,
    /// Known from the rule, or from the first value.
    ty: Option<Type>,
    /// Only for a column of raw text.
    guess: Option<Guess>,
    values: Values,
    nulls: NullBufferBuilder,
    done: Vec<Chunk>,
}

/// Why a value cannot stand in its column.
#[derive(Debug, Error)]
pub(super) enum BadCell {
    #[error("the field is missing")]
    Missing,
    #[error("the id is null")]
    NullId,
    #[error("{} was expected, and {found} was found", .expected.described())]
    WrongType { expected: Type, found: &'static str },
    #[error("{0} cannot stand in a column")]
    Unfit(&'static str),
    #[error("the column held {} so far, and {found} was found", .held.described())]
    Mixed { held: Type, found: &'static str },
    #[error("{} is not {}", quoted(.text), .ty.described())]
    Unreadable { ty: Type, text: String },
    #[error(transparent)]
    Time(NotATime),
    #[error("{0} is a time without a unit")]
    NoUnit(i64),
    #[error("{0} is outside the years 0001 to 9999 in this unit")]
    OutOfYears(i64),
    #[error("the {what} has {bytes} bytes, more than {MAX_TEXT_BYTES}")]
    TooLong { what: &'static str, bytes: usize },
    #[error("there are more than {MAX_ROWS} rows")]
    TooMany,
    #[error("a row is {0}, and an object was expected")]
    NotARecord(&'static str),
}

impl Leaf for BadCell {
    fn code(&self) -> Code {
        match self {
            BadCell::Missing => Code::RowsMissingField,
            BadCell::NullId => Code::RowsNullId,
            BadCell::WrongType { .. } | BadCell::Unfit(_) | BadCell::Mixed { .. } => {
                Code::RowsWrongType
            }
            BadCell::Unreadable { .. } => Code::RowsBadValue,
            BadCell::Time(time) => time.code(),
            BadCell::NoUnit(_) => Code::RowsNoTimeUnit,
            BadCell::OutOfYears(_) => Code::RowsTimeOutOfRange,
            BadCell::TooLong { .. } | BadCell::TooMany => Code::RowsTooLarge,
            BadCell::NotARecord(_) => Code::RowsSyntax,
        }
    }

    fn help(&self) -> Option<String> {
        let help = match self {
            BadCell::Missing => "give every row the field, with null where it has no value",
            BadCell::NullId => "give every row an id, or name another `id` column",
            BadCell::WrongType { expected: Type::List, .. } => {
                "give a list of nothing but text, in a format that has lists"
            }
            BadCell::WrongType { expected: Type::Number, .. } => "give a number, or nothing",
            BadCell::WrongType { .. } => "mend the row, or the type in the rule's `types`",
            BadCell::Unfit(_) => "give text, a whole number, true, false or null",
            BadCell::Mixed { .. } => "say the column's type in the rule's `types`",
            BadCell::Unreadable { ty: Type::Integer, .. } => "write a whole number of 64 bits",
            BadCell::Unreadable { ty: Type::Number, .. } => "write a number, or nothing",
            BadCell::Unreadable { .. } => "mend the row, or the type in the rule's `types`",
            BadCell::Time(time) => return time.help(),
            BadCell::NoUnit(_) => "say `time_unit = \"s\"`, \"ms\", \"us\" or \"ns\" in the rule",
            BadCell::OutOfYears(_) => "check the rule's `time_unit`",
            BadCell::TooLong { .. } => "leave such rows out",
            BadCell::TooMany => "split the rows by key, and plan each part",
            BadCell::NotARecord(_) => "give one object per row",
        };
        Some(help.into())
    }
}

impl TableBuilder {
    /// For the columns that a rule needs.
    #[must_use]
    pub fn new(needs: &[Need]) -> Self {
        Self { columns: needs.iter().cloned().map(ColumnBuilder::new).collect(), rows: 0 }
    }

    /// How many rows it has so far.
    #[must_use]
    pub fn rows(&self) -> u64 {
        self.rows
    }

    /// Takes one record.
    ///
    /// # Errors
    /// A `rows.*` error that names the row and the field. The builder is of no further use then.
    pub fn push(&mut self, record: &impl Record) -> Result<(), Error> {
        self.rows += 1;
        for (place, column) in self.columns.iter_mut().enumerate() {
            column.push(record.cell(place, &column.need))?;
        }
        Ok(())
    }

    /// The error for what stands in the place of the next record, and is none.
    #[must_use]
    pub fn not_a_record(&self, found: &Cell<'_>) -> Error {
        Error::from(BadCell::NotARecord(found.described())).at_row(self.rows + 1)
    }

    /// The table of all records taken.
    ///
    /// # Errors
    /// `rows.too_large` if there are more rows than can be numbered.
    pub fn finish(self) -> Result<Table, Error> {
        let mut columns = Vec::with_capacity(self.columns.len());
        for column in self.columns {
            let name = column.need.name.clone();
            columns.push((name, column.finish()?));
        }
        Table::new(columns)
    }
}

/// The values of the chunk in hand; a null holds its place with a zero or nothing.
#[derive(Debug, Default)]
struct Values {
    numbers: Vec<i64>,
    floats: Vec<f64>,
    bits: Option<BooleanBufferBuilder>,
    offsets: Vec<i32>,
    bytes: Vec<u8>,
}

impl ColumnBuilder {
    /// For a column that a rule needs.
    #[must_use]
    pub fn new(need: Need) -> Self {
        Self {
            ty: need.ty,
            need,
            rows: 0,
            guess: None,
            values: Values::default(),
            nulls: NullBufferBuilder::new(CHUNK_ROWS),
            done: Vec::new(),
        }
    }

    /// Takes the value of the next row.
    ///
    /// # Errors
    /// A `rows.*` error that names the row and the field. The builder is of no further use then.
    #[inline]
    pub fn push(&mut self, cell: Cell<'_>) -> Result<(), Error> {
        self.rows += 1;
        let taken = if self.rows > MAX_ROWS { Err(BadCell::TooMany) } else { self.take(cell) };
        taken.map_err(|bad| Error::from(bad).at_row(self.rows).at_path(self.need.name.as_str()))
    }

    /// Whether it is a column of numbers, fractions and all, because that is what is asked for.
    #[must_use]
    pub fn is_of_numbers(&self) -> bool {
        self.need.ty == Some(Type::Number)
    }

    /// Takes the numbers of the next rows, which lie side by side, all at once.
    ///
    /// # Errors
    /// As of [`ColumnBuilder::push`].
    pub fn push_numbers(&mut self, numbers: &[f64]) -> Result<(), Error> {
        if !self.is_of_numbers() || self.rows + numbers.len() as u64 > MAX_ROWS {
            return numbers.iter().try_for_each(|&number| self.push(Cell::Number(number)));
        }
        self.rows += numbers.len() as u64;
        let mut rest = numbers;
        while !rest.is_empty() {
            let room = CHUNK_ROWS - self.nulls.len();
            let (here, after) = rest.split_at(room.min(rest.len()));
            self.values.floats.extend_from_slice(here);
            self.nulls.append_n_non_nulls(here.len());
            if self.nulls.len() == CHUNK_ROWS {
                self.cut();
            }
            rest = after;
        }
        Ok(())
    }

    fn take(&mut self, cell: Cell<'_>) -> Result<(), BadCell> {
        let is_lacking = self.need.optional && cell == Cell::Missing;
        if is_lacking || cell == Cell::Null {
            if self.need.required {
                return Err(BadCell::NullId);
            }
            self.nulls.append_null();
            if let Some(ty) = self.ty {
                self.values.append_default(ty);
            }
        } else {
            let ty = self.settle(&cell)?;
            self.append(ty, cell)?;
            self.nulls.append_non_null();
        }
        if self.nulls.len() == CHUNK_ROWS || self.values.bytes.len() >= MAX_TEXT_BYTES {
            self.cut();
        }
        Ok(())
    }

    /// The column's type; the first value settles it where the rule did not.
    fn settle(&mut self, cell: &Cell<'_>) -> Result<Type, BadCell> {
        if let Some(ty) = self.ty {
            return Ok(ty);
        }
        let ty = match cell {
            Cell::Missing => return Err(BadCell::Missing),
            Cell::Unfit(found) => return Err(BadCell::Unfit(found)),
            // Only who asks makes a column one of lists, or of numbers with fractions.
            Cell::List(_) | Cell::Number(_) => return Err(BadCell::Unfit(cell.described())),
            Cell::Raw(_) => {
                self.guess = Some(Guess::OPEN);
                Type::Text
            }
            Cell::Null | Cell::Text(_) => Type::Text,
            Cell::Integer(_) => Type::Integer,
            Cell::Uuid(_) => Type::Uuid,
            Cell::Boolean(_) => Type::Boolean,
            Cell::Instant(_) | Cell::Local { .. } => Type::Instant,
        };
        self.ty = Some(ty);
        for _ in 0..self.nulls.len() {
            self.values.append_default(ty);
        }
        Ok(ty)
    }

    fn append(&mut self, ty: Type, cell: Cell<'_>) -> Result<(), BadCell> {
        let unreadable = |text: &str| BadCell::Unreadable { ty, text: text.to_owned() };
        match (ty, cell) {
            (_, Cell::Missing) => return Err(BadCell::Missing),
            (Type::Text, Cell::Text(text) | Cell::Raw(text)) => {
                if let Some(guess) = &mut self.guess {
                    guess.observe(text);
                }
                self.values.append_text("text", text)?;
            }
            // Said to be text by the rule: a number keeps its digits.
            (Type::Text, Cell::Integer(value)) if self.need.ty.is_some() => {
                self.values.append_bytes(value.to_string().as_bytes());
            }
            (Type::Integer, Cell::Integer(value)) => self.values.numbers.push(value),
            (Type::Integer, Cell::Text(text) | Cell::Raw(text)) if self.need.ty.is_some() => {
                self.values.numbers.push(text.parse().map_err(|_| unreadable(text))?);
            }
            (Type::Uuid, Cell::Uuid(bytes)) => self.values.append_bytes(&bytes),
            (Type::Uuid, Cell::Text(text) | Cell::Raw(text)) if self.need.ty.is_some() => {
                self.values.append_bytes(&uuid::parse(text).ok_or_else(|| unreadable(text))?);
            }
            (Type::Boolean, Cell::Boolean(value)) => self.values.append_bit(value),
            (Type::Boolean, Cell::Raw(text)) => match text {
                "true" | "t" => self.values.append_bit(true),
                "false" | "f" => self.values.append_bit(false),
                _ => return Err(unreadable(text)),
            },
            (Type::Instant, Cell::Instant(at)) => self.values.numbers.push(at.as_micros()),
            (Type::Instant, cell @ Cell::Local { .. }) => {
                self.values.numbers.push(self.instant(cell)?);
            }
            (Type::Instant, cell @ (Cell::Integer(_) | Cell::Text(_) | Cell::Raw(_)))
                if self.need.ty.is_some() =>
            {
                self.values.numbers.push(self.instant(cell)?);
            }
            (Type::List, Cell::List(list)) => self.values.append_text("list", list.as_encoded())?,
            (Type::Number, Cell::Number(value)) => self.values.floats.push(value),
            (Type::Number, Cell::Integer(value)) => self.values.floats.push(value as f64),
            (Type::Number, Cell::Boolean(value)) => {
                self.values.floats.push(f64::from(u8::from(value)));
            }
            (Type::Number, Cell::Raw(text)) => {
                self.values.floats.push(number(text).ok_or_else(|| unreadable(text))?);
            }
            (Type::Number, Cell::Text(text @ ("NaN" | "Infinity" | "-Infinity"))) => {
                self.values.floats.push(number(text).ok_or_else(|| unreadable(text))?);
            }
            (expected, cell) => {
                let is_other_list = expected == Type::List && cell == Cell::LIST;
                let found = if is_other_list { "a list of another kind" } else { cell.described() };
                return Err(match self.need.ty {
                    Some(_) => BadCell::WrongType { expected, found },
                    None => BadCell::Mixed { held: expected, found },
                });
            }
        }
        Ok(())
    }

    /// Microseconds since 1970 of a time that is text, a number or a wall clock's.
    fn instant(&self, cell: Cell<'_>) -> Result<i64, BadCell> {
        let counted = |count: i64| match self.need.time.unit {
            Some(unit) => unit.instant(count).ok_or(BadCell::OutOfYears(count)),
            None => Err(BadCell::NoUnit(count)),
        };
        let at = match cell {
            Cell::Integer(count) => counted(count),
            Cell::Local { reading, fold } => {
                let fault = |fault: TextFault| BadCell::Time(fault.of(&cell.to_string()));
                let zone = self.need.time.zone.ok_or_else(|| fault(TextFault::Naive))?;
                zone.local(reading, fold).ok_or_else(|| fault(TextFault::OutOfYears))
            }
            Cell::Text(text) | Cell::Raw(text) => {
                match parse_instant(text.as_bytes(), self.need.time.zone) {
                    Ok(at) => Ok(at),
                    Err(fault) => match (fault, cell, text.parse()) {
                        // In a format of text alone, a number is text too.
                        (TextFault::Malformed, Cell::Raw(_), Ok(count)) => counted(count),
                        _ => Err(BadCell::Time(fault.of(text))),
                    },
                }
            }
            cell => Err(BadCell::WrongType { expected: Type::Instant, found: cell.described() }),
        };
        at.map(crate::time::Instant::as_micros)
    }

    /// Ends the chunk in hand.
    fn cut(&mut self) {
        let rows = self.nulls.len();
        if rows == 0 {
            return;
        }
        let data = match self.ty {
            // All null so far: they wait in `done` as text, and so do those of a column that is
            // null throughout.
            None => {
                (0..rows).for_each(|_| self.values.append_default(Type::Text));
                self.values.take(Type::Text)
            }
            Some(ty) => self.values.take(ty),
        };
        self.done.push(Chunk { data, nulls: self.nulls.finish() });
        self.nulls = NullBufferBuilder::new(CHUNK_ROWS);
    }

    /// The column of all values taken.
    ///
    /// # Errors
    /// `rows.too_large` if there are more rows than can be numbered.
    pub fn finish(mut self) -> Result<Column, Error> {
        self.cut();
        let ty = match self.guess {
            Some(guess) => guess.ty(),
            None => self.ty.unwrap_or(Type::Text),
        };
        let chunks: Vec<_> = self.done.into_iter().map(|chunk| retyped(chunk, ty)).collect();
        Ok(Column::new(ty, chunks).ok_or(BadCell::TooMany)?)
    }
}

/// The number that a text says in a format of text alone.
fn number(text: &str) -> Option<f64> {
    match text {
        "true" | "t" => Some(1.0),
        "false" | "f" => Some(0.0),
        _ => text.parse().ok(),
    }
}

/// The chunk in its column's type: text that was guessed to be something else is read, and a chunk
/// of nulls alone, cut before the type was known, is made anew.
fn retyped(chunk: Chunk, ty: Type) -> Chunk {
    // A list lies in its column as a text, and only the rule says that it is one.
    if chunk.ty() == ty || ty == Type::List {
        return chunk;
    }
    let mut values = Values::default();
    for at in 0..chunk.len() {
        match chunk.cell(at) {
            Cell::Text(text) => match canonical(text, ty) {
                Cell::Integer(value) => values.numbers.push(value),
                Cell::Instant(value) => values.numbers.push(value.as_micros()),
                Cell::Uuid(bytes) => values.append_bytes(&bytes),
                _ => values.append_default(ty),
            },
            _ => values.append_default(ty),
        }
    }
    Chunk { data: values.take(ty), nulls: chunk.nulls }
}

impl Values {
    fn append_bytes(&mut self, bytes: &[u8]) {
        self.bytes.extend_from_slice(bytes);
        // A chunk is cut long before 2^31 bytes.
        self.offsets.push(i32::try_from(self.bytes.len()).unwrap_or(i32::MAX));
    }

    #[inline]
    fn append_text(&mut self, what: &'static str, text: &str) -> Result<(), BadCell> {
        let bytes = text.len();
        if bytes > MAX_TEXT_BYTES {
            return Err(BadCell::TooLong { what, bytes });
        }
        self.append_bytes(text.as_bytes());
        Ok(())
    }

    fn append_bit(&mut self, bit: bool) {
        self.bits.get_or_insert_with(|| BooleanBufferBuilder::new(CHUNK_ROWS)).append(bit);
    }

    fn append_default(&mut self, ty: Type) {
        match ty {
            Type::Text | Type::List => self.append_bytes(&[]),
            Type::Uuid => self.append_bytes(&[0; 16]),
            Type::Integer | Type::Instant => self.numbers.push(0),
            Type::Number => self.floats.push(f64::NAN),
            Type::Boolean => self.append_bit(false),
        }
    }

    fn take(&mut self, ty: Type) -> Data {
        let Values { numbers, floats, bits, offsets, bytes } = std::mem::take(self);
        match ty {
            Type::Text | Type::List => {
                let offsets: Vec<i32> = std::iter::once(0).chain(offsets).collect();
                Data::Text { offsets: ScalarBuffer::from(offsets), bytes: Buffer::from_vec(bytes) }
            }
            Type::Uuid => Data::Uuid(Buffer::from_vec(bytes)),
            Type::Integer => Data::Integer(ScalarBuffer::from(numbers)),
            Type::Number => Data::Number(ScalarBuffer::from(floats)),
            Type::Instant => Data::Instant(ScalarBuffer::from(numbers)),
            Type::Boolean => {
                let bits = bits.map(|mut bits| bits.finish());
                Data::Boolean(bits.unwrap_or_else(|| BooleanBufferBuilder::new(0).finish()))
            }
        }
    }
}
