//! The rows that a rule needs, by the binary form of `COPY`: no text is made of a number or a time.
//!
//! The form is PostgreSQL's own, and is described under `COPY` in its manual: a header, rows of a count
//! of fields and then each field's length and bytes, and a count of −1 at the end.

use std::io::{self, BufRead, Read};
use std::sync::mpsc::{Receiver, sync_channel};
use std::thread;

use housekeep::apply::{Form, Outline};
use housekeep::columns::{Cell, ListBuilder, Need, Record, Table, TableBuilder};
use housekeep::time::Instant;
use housekeep::{Code, Error};

use super::connect::{Database, reason};
use crate::progress::Meter;

/// Signature, flags, and the length of an extension that there is none of.
const HEADER_BYTES: usize = 19;
/// From 1970 to 2000, which PostgreSQL counts from.
const EPOCH_MICROS: i64 = 946_684_800_000_000;
/// What the server may send of one field at most.
const FIELD_BYTES: usize = 1 << 30;
/// A piece of what was read, and how many of them may wait to be taken.
const PIECE_BYTES: usize = 1 << 18;
const PIECES: usize = 4;
/// How often progress is shown.
const SHOWN_ROWS: u64 = 1 << 12;

/// Reads the rows of an outline.
pub(crate) fn rows_of(
    database: &mut Database,
    outline: &Outline,
    meter: &Meter,
) -> Result<Table, Error> {
    let refused = |error: postgres::Error| {
        let help = "grant the role what it lacks, or see what the server's log says of it";
        Error::host(
            Code::ApplyDatabase,
            format!("the database refuses: {}", reason(&error)),
            Some(help.into()),
        )
    };
    let copy = format!("COPY ({}) TO STDOUT (FORMAT binary)", outline.select);
    let mut transaction = database
        .client
        .build_transaction()
        .isolation_level(postgres::IsolationLevel::RepeatableRead)
        .read_only(true)
        .start()
        .map_err(refused)?;
    transaction.batch_execute("SET LOCAL row_security = off").map_err(refused)?;
    let table = {
        let mut reader = transaction.copy_out(&copy).map_err(refused)?;
        beside(&mut reader, |mut pieces| read(&mut pieces, outline, meter))?
    };
    transaction.rollback().map_err(refused)?;
    Ok(table)
}

/// Reads beside whoever takes what is read: a connection gives row after row, and to ask for each takes as long
/// as to make columns of it.
fn beside<T>(reader: &mut (impl BufRead + Send), take: impl FnOnce(Pieces) -> T) -> T {
    thread::scope(|scope| {
        let (sender, receiver) = sync_channel(PIECES);
        scope.spawn(move || {
            loop {
                let piece = piece(reader);
                let is_last = !matches!(&piece, Ok(bytes) if !bytes.is_empty());
                // Nobody takes it any more once something was wrong with the rows.
                if sender.send(piece).is_err() || is_last {
                    return;
                }
            }
        });
        take(Pieces { receiver, bytes: Vec::new(), taken: 0 })
    })
}

/// As much as makes a piece; nothing at the end.
fn piece(reader: &mut impl BufRead) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::with_capacity(PIECE_BYTES);
    while bytes.len() < PIECE_BYTES {
        let some = reader.fill_buf()?;
        let length = some.len();
        if length == 0 {
            break;
        }
        bytes.extend_from_slice(some);
        reader.consume(length);
    }
    Ok(bytes)
}

/// What is read beside, one piece after the other.
struct Pieces {
    receiver: Receiver<io::Result<Vec<u8>>>,
    bytes: Vec<u8>,
    taken: usize,
}

impl Read for Pieces {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        if self.taken == self.bytes.len() {
            (self.bytes, self.taken) = (self.receiver.recv().unwrap_or(Ok(Vec::new()))?, 0);
        }
        let mut rest = self.bytes.get(self.taken..).unwrap_or_default();
        let length = rest.read(out)?;
        self.taken += length;
        Ok(length)
    }
}

fn read(reader: &mut impl Read, outline: &Outline, meter: &Meter) -> Result<Table, Error> {
    let broken = |error: &io::Error| {
        let message = format!("the rows cannot be read: {}", crate::failure::reason(error));
        Error::host(Code::ApplyConnection, message, Some("run it again".into()))
    };
    let needs: Vec<Need> = outline.columns.iter().map(|(need, _)| need.clone()).collect();
    let mut builder = TableBuilder::new(&needs);
    let mut row = Fields {
        forms: outline.columns.iter().map(|(_, form)| *form).collect(),
        ..Fields::default()
    };
    let mut header = [0; HEADER_BYTES];
    reader.read_exact(&mut header).map_err(|error| broken(&error))?;
    while row.read(reader).map_err(|error| broken(&error))? {
        builder.push(&row)?;
        if builder.rows().is_multiple_of(SHOWN_ROWS) {
            meter.at(builder.rows(), None);
        }
    }
    builder.finish()
}

/// The fields of a row as they came.
#[derive(Default)]
struct Fields {
    forms: Vec<Form>,
    bytes: Vec<u8>,
    /// Where each field lies; none for a null.
    places: Vec<Option<(usize, usize)>>,
    lists: Vec<Option<ListBuilder>>,
}

impl Fields {
    /// The next row; false if there is none.
    fn read(&mut self, reader: &mut impl Read) -> io::Result<bool> {
        self.bytes.clear();
        self.places.clear();
        self.lists.clear();
        let mut count = [0; 2];
        reader.read_exact(&mut count)?;
        let Ok(count) = u16::try_from(i16::from_be_bytes(count)) else { return Ok(false) };
        for _ in 0..count {
            let mut length = [0; 4];
            reader.read_exact(&mut length)?;
            let Ok(length) = usize::try_from(i32::from_be_bytes(length)) else {
                self.places.push(None);
                self.lists.push(None);
                continue;
            };
            if length > FIELD_BYTES {
                return Err(io::ErrorKind::InvalidData.into());
            }
            let start = self.bytes.len();
            self.bytes.resize(start + length, 0);
            let field = self.bytes.get_mut(start..).unwrap_or_default();
            reader.read_exact(field)?;
            let is_list = self.forms.get(self.places.len()) == Some(&Form::List);
            self.lists.push(if is_list { list(field) } else { None });
            self.places.push(Some((start, start + length)));
        }
        Ok(true)
    }
}

impl Record for Fields {
    #[inline]
    fn cell(&self, place: usize, need: &Need) -> Cell<'_> {
        let Some((start, end)) = self.places.get(place).copied().flatten() else {
            return Cell::Null;
        };
        let bytes = self.bytes.get(start..end).unwrap_or_default();
        let found = match self.forms.get(place) {
            Some(Form::Integer) => {
                bytes.try_into().ok().map(|b| Cell::Integer(i64::from_be_bytes(b)))
            }
            Some(Form::Uuid) => bytes.try_into().ok().map(Cell::Uuid),
            Some(Form::Boolean) => bytes.first().map(|byte| Cell::Boolean(*byte != 0)),
            Some(Form::Instant) => micros(bytes).map(|at| match at {
                Time::At(at) => Cell::Instant(at),
                Time::None(cell) => cell,
            }),
            Some(Form::Local) => micros(bytes).map(|at| match at {
                Time::At(reading) => Cell::Local { reading, fold: false },
                Time::None(cell) => cell,
            }),
            Some(Form::List) => {
                let list = self.lists.get(place).and_then(Option::as_ref);
                Some(list.map_or(Cell::LIST, |list| Cell::List(list.list())))
            }
            Some(Form::Text) | None => std::str::from_utf8(bytes).ok().map(|text| match need.ty {
                // What the rule says of a text is read of it.
                Some(ty) if ty != housekeep::columns::Type::Text => Cell::Raw(text),
                _ => Cell::Text(text),
            }),
        };
        found.unwrap_or(Cell::OTHER)
    }
}

/// A time, or what is none.
enum Time {
    At(Instant),
    None(Cell<'static>),
}

fn micros(bytes: &[u8]) -> Option<Time> {
    let micros = i64::from_be_bytes(bytes.try_into().ok()?);
    Some(match micros {
        i64::MAX => Time::None(Cell::Raw("infinity")),
        i64::MIN => Time::None(Cell::Raw("-infinity")),
        micros => match micros.checked_add(EPOCH_MICROS).map(Instant::from_micros) {
            Some(Ok(at)) => Time::At(at),
            _ => Time::None(Cell::Unfit("a time outside the years 0001 to 9999")),
        },
    })
}

/// A list of text: none for one with nulls in it, or lists.
fn list(bytes: &[u8]) -> Option<ListBuilder> {
    let number = |at: usize| -> Option<i32> {
        Some(i32::from_be_bytes(bytes.get(at..at + 4)?.try_into().ok()?))
    };
    match number(0)? {
        0 => return Some(ListBuilder::new()),
        1 => {}
        _ => return None,
    }
    // The number of dimensions, whether there are nulls, the type, the length, where it begins.
    let count = number(12)?;
    let mut at = 20;
    let mut texts = Vec::new();
    for _ in 0..count {
        let length = usize::try_from(number(at)?).ok()?;
        texts.push(std::str::from_utf8(bytes.get(at + 4..at + 4 + length)?).ok()?);
        at += 4 + length;
    }
    Some(texts.into_iter().collect())
}
