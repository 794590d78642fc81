//! Parquet: only the columns that are needed are decoded. Core takes the batches as they are.

use std::fmt::Display;
use std::fs::{File, Metadata};
use std::io::{self, Read};
use std::panic::{self, AssertUnwindSafe};
use std::path::Path;
use std::thread;

use bytes::Bytes;
use housekeep::columns::{Need, Table, arrow};
use housekeep::formats::Format;
use housekeep::{Code, Error};
use parquet::arrow::ProjectionMask;
use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;
use parquet::file::reader::ChunkReader;
use sha2::{Digest, Sha256};

use super::Place;
use super::blocks::{BLOCK_BYTES, hex};
use crate::progress::{Meter, Unit};
use crate::text::plain;

const BATCH_ROWS: usize = 65_536;

/// The table, and the digest of the file in hexadecimal, which a second thread makes meanwhile.
pub(super) fn from_file(
    place: &Place<'_>,
    path: &Path,
    file: File,
    about: &Metadata,
    needs: &[Need],
) -> Result<(Table, String), Error> {
    // Opened once more: the two readers must not share one position.
    let other = File::open(path).map_err(|error| place.cannot_read(&error))?;
    let hashing = thread::spawn(move || digest(other));
    let meter = Meter::new("reading rows", Unit::Steps, place.quiet);
    let table = table(file, needs, &meter)?;
    let hashed = match hashing.join() {
        Ok(hashed) => hashed,
        Err(panic) => panic::resume_unwind(panic),
    };
    let (length, sha256) = hashed.map_err(|error| place.cannot_read(&error))?;
    if length != about.len() {
        let message = format!("cannot read `{}`: it changed meanwhile", place.name());
        let help = "run it again once the file is written to its end";
        return Err(Error::host(Code::IoRead, message, Some(help.into())));
    }
    Ok((table, sha256))
}

/// The table of a file in memory.
pub(super) fn from_bytes(bytes: Vec<u8>, needs: &[Need]) -> Result<Table, Error> {
    table(Bytes::from(bytes), needs, &Meter::new("reading rows", Unit::Steps, true))
}

fn digest(mut file: File) -> io::Result<(u64, String)> {
    let mut sha256 = Sha256::new();
    let mut block = vec![0; BLOCK_BYTES];
    let mut length = 0;
    loop {
        match file.read(&mut block)? {
            0 => return Ok((length, hex(sha256))),
            read => {
                sha256.update(block.get(..read).unwrap_or_default());
                length += read as u64;
            }
        }
    }
}

fn table(input: impl ChunkReader + 'static, needs: &[Need], meter: &Meter) -> Result<Table, Error> {
    if input.len() == 0 {
        // Core has a sentence for that, whatever the format.
        return Format::Json.read(needs, io::empty());
    }
    let builder = guarded(|| ParquetRecordBatchReaderBuilder::try_new(input))?;
    let schema = builder.schema();
    let is_needed = |name: &str| needs.iter().any(|need| need.name == name);
    let fields = schema.fields().iter().enumerate();
    let wanted: Vec<usize> =
        fields.filter(|(_, field)| is_needed(field.name())).map(|(index, _)| index).collect();
    let has = |need: &Need| schema.fields().iter().any(|field| *field.name() == need.name);
    if !needs.iter().filter(|need| !need.optional).all(has) {
        // Core says which is missing, and which of all the columns may be meant.
        return arrow::table(needs, schema, []);
    }
    let narrow = schema.project(&wanted).map_err(|error| unsound(&error))?;
    let mask = ProjectionMask::roots(builder.parquet_schema(), wanted);
    let rows = u64::try_from(builder.metadata().file_metadata().num_rows()).ok();
    let builder = builder.with_projection(mask).with_batch_size(BATCH_ROWS);
    let mut reader = guarded(|| builder.build())?;

    let mut done = 0;
    let mut failed = None;
    let batches = std::iter::from_fn(|| match guarded(|| reader.next().transpose()) {
        Ok(batch) => {
            done += batch.as_ref().map_or(0, |batch| batch.num_rows() as u64);
            meter.at(done, rows);
            batch.map(Ok)
        }
        Err(error) => {
            failed = Some(error);
            None
        }
    });
    let table = arrow::table(needs, &narrow, batches);
    failed.map_or(table, Err)
}

/// Does some of the reader's work. It panics over a few kinds of damage: that is the file's fault,
/// and is said as such.
fn guarded<T, E: Display>(work: impl FnOnce() -> Result<T, E>) -> Result<T, Error> {
    let hook = panic::take_hook();
    panic::set_hook(Box::new(|_| {}));
    let done = panic::catch_unwind(AssertUnwindSafe(work));
    panic::set_hook(hook);
    match done {
        Ok(done) => done.map_err(|error| unsound(&error)),
        Err(_) => Err(unsound(&"it contradicts itself")),
    }
}

/// What the reader says, without the names of its types.
fn unsound(error: &dyn Display) -> Error {
    const LABELS: [&str; 6] = [
        "Parquet argument error: ",
        "Parquet error: ",
        "Invalid Parquet file. ",
        "External: ",
        "Arrow: ",
        "EOF: ",
    ];
    let text = error.to_string();
    let mut why = text.as_str();
    while let Some(rest) = LABELS.iter().find_map(|label| why.strip_prefix(label)) {
        why = rest;
    }
    let help = match why.strip_prefix("NYI: ") {
        Some(rest) => {
            why = rest;
            "write it without that, such as with snappy or zstd"
        }
        None => "check that it was written to its end",
    };
    let mut why = plain(why).trim_end_matches('.').to_owned();
    if let Some(first) = why.get_mut(..1) {
        first.make_ascii_lowercase();
    }
    Error::host(Code::RowsSyntax, format!("this is not sound Parquet: {why}"), Some(help.into()))
}
