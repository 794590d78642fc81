//! CSV with a header. `csv-core` finds the fields; a field is null when it is empty and was not
//! quoted, as PostgreSQL's `COPY` writes it.

use std::io::BufRead;

use csv_core::{ReadFieldResult, Reader};

use super::BadBytes;
use super::slot::{Kind, Row};
use crate::columns::{Cell, Need, Table, TableBuilder, missing_column};
use crate::error::Error;

/// Bytes that a field has room for at first.
const FIELD_BYTES: usize = 4096;

pub(super) fn read(needs: &[Need], input: impl BufRead) -> Result<Table, Error> {
    let mut fields = Fields::new(input);
    let mut header = Vec::new();
    loop {
        let field = fields.next()?;
        match field {
            None => break,
            Some(field) => {
                header.push(
                    std::str::from_utf8(field.bytes).map_err(|_| BadBytes::NotUnicode)?.to_owned(),
                );
                if field.ends_row {
                    break;
                }
            }
        }
    }
    if !fields.any {
        return Err(BadBytes::Empty.into());
    }
    let places = places(needs, &header)?;

    let mut builder = TableBuilder::new(needs);
    let mut row = Row::new(needs);
    let mut column = 0;
    loop {
        let number = builder.rows() + 1;
        let at = |error: BadBytes| Error::from(error).at_row(number);
        let Some(field) = fields.next().map_err(|error| error.at_row(number))? else { break };
        if let Some(Some(place)) = places.get(column) {
            let slot = row.slots.get_mut(*place);
            let text = std::str::from_utf8(field.bytes).map_err(|_| {
                let name = header.get(column).cloned().unwrap_or_default();
                at(BadBytes::NotUnicode).at_path(name)
            })?;
            if let Some(slot) = slot {
                slot.kind = if text.is_empty() && !field.quoted {
                    Kind::Other(Cell::Null)
                } else {
                    Kind::Raw
                };
                slot.text.clear();
                slot.text.push_str(text);
            }
        }
        column += 1;
        if field.ends_row {
            if column != header.len() {
                return Err(at(BadBytes::Fields { found: column, expected: header.len() }));
            }
            builder.push(&row)?;
            row.clear();
            column = 0;
        }
    }
    builder.finish()
}

/// For each column of the header, its place among the needs.
fn places(needs: &[Need], header: &[String]) -> Result<Vec<Option<usize>>, Error> {
    for need in needs {
        match header.iter().filter(|name| **name == need.name).count() {
            0 if need.optional => {}
            0 => return Err(missing_column(&need.name, header.iter().map(String::as_str))),
            1 => {}
            _ => return Err(Error::from(BadBytes::Repeated).at_path(need.name.as_str())),
        }
    }
    let place = |name: &String| needs.iter().position(|need| need.name == *name);
    Ok(header.iter().map(place).collect())
}

/// The fields of a CSV text, one after the other.
struct Fields<R> {
    input: R,
    reader: Reader,
    field: Vec<u8>,
    any: bool,
}

struct Field<'a> {
    bytes: &'a [u8],
    quoted: bool,
    ends_row: bool,
}

impl<R: BufRead> Fields<R> {
    fn new(input: R) -> Self {
        Self { input, reader: Reader::new(), field: vec![0; FIELD_BYTES], any: false }
    }

    fn next(&mut self) -> Result<Option<Field<'_>>, Error> {
        let mut length = 0;
        // The first byte that is not left over from the line before.
        let mut first = None;
        let mut last_byte = None;
        loop {
            let bytes = self.input.fill_buf().map_err(BadBytes::Read)?;
            let is_end = bytes.is_empty();
            let room = self.field.get_mut(length..).unwrap_or_default();
            let (result, read, written) = self.reader.read_field(bytes, room);
            let taken = bytes.get(..read).unwrap_or_default();
            self.any |= read > 0;
            if first.is_none() {
                first = taken.iter().find(|byte| !matches!(byte, b'\r' | b'\n')).copied();
            }
            last_byte = taken.last().copied().or(last_byte);
            self.input.consume(read);
            length += written;
            match result {
                ReadFieldResult::InputEmpty => {}
                ReadFieldResult::OutputFull => {
                    let longer = self.field.len() * 2;
                    self.field.resize(longer, 0);
                }
                ReadFieldResult::Field { record_end } => {
                    let quoted = first == Some(b'"');
                    // A field that only the end of the input ends, and that is still in quotes.
                    if is_end && quoted && last_byte != Some(b'"') {
                        return Err(BadBytes::Unquoted.into());
                    }
                    let bytes = self.field.get(..length).unwrap_or_default();
                    return Ok(Some(Field { bytes, quoted, ends_row: record_end }));
                }
                ReadFieldResult::End => return Ok(None),
            }
        }
    }
}
