//! Rows from bytes: JSON, JSON lines and CSV. Bytes come from the host; no path is known here.

mod csv;
mod json;
mod slot;
mod window;

use std::io::BufRead;

use thiserror::Error;

use crate::columns::{Need, Table};
use crate::error::{Code, Error, Leaf, quoted};

/// A format of rows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// A JSON array of objects, or an object whose `data` is one.
    Json,
    /// One JSON object a line.
    Ndjson,
    /// Comma-separated values with a header. A field is null when it is empty and not quoted.
    Csv,
}

/// What is wrong with the bytes, whatever the format.
#[derive(Debug, Error)]
enum BadBytes {
    #[error("the input is empty: it has no bytes at all")]
    Empty,
    #[error("{0}")]
    Json(String),
    #[error("the JSON ends too early, {0}")]
    Truncated(String),
    #[error("the JSON object has no array called `data`")]
    NoData,
    #[error("the field is given twice")]
    Repeated,
    #[error("the row has {found} fields, and the header has {expected}")]
    Fields { found: usize, expected: usize },
    #[error("a quoted field has no end")]
    Unquoted,
    #[error("the bytes are not UTF-8")]
    NotUnicode,
    #[error("the input cannot be read: {0}")]
    Read(std::io::Error),
}

impl Leaf for BadBytes {
    fn code(&self) -> Code {
        match self {
            BadBytes::Empty => Code::RowsEmpty,
            BadBytes::NoData => Code::RowsNoData,
            BadBytes::Repeated => Code::RowsRepeatedField,
            BadBytes::NotUnicode => Code::RowsNotUnicode,
            BadBytes::Read(_) => Code::IoRead,
            BadBytes::Json(_)
            | BadBytes::Truncated(_)
            | BadBytes::Fields { .. }
            | BadBytes::Unquoted => Code::RowsSyntax,
        }
    }

    fn help(&self) -> Option<String> {
        Some(
            match self {
                BadBytes::Empty => "check the program that made it: no rows are `[]`, not nothing",
                BadBytes::Json(_) => "mend the row",
                BadBytes::Truncated(_) => "check that it was written to its end",
                BadBytes::NoData => {
                    "give an array of rows, an object with `data`, or one object a line as ndjson"
                }
                BadBytes::Repeated => "give each field once",
                BadBytes::Fields { .. } => "quote fields that hold a comma or a line break",
                BadBytes::Unquoted => "close the quotes",
                BadBytes::NotUnicode => "write the input as UTF-8",
                BadBytes::Read(_) => "check the file or the program that makes it",
            }
            .into(),
        )
    }
}

impl Format {
    /// Reads all rows, for a rule that needs these columns; others are passed over.
    ///
    /// # Errors
    /// A `rows.*` error that names the row, counted from 1 without a header; `io.read`.
    pub fn read(self, needs: &[Need], input: impl BufRead) -> Result<Table, Error> {
        match self {
            Format::Json => json::read_document(needs, input),
            Format::Ndjson => json::read_lines(needs, input),
            Format::Csv => csv::read(needs, input),
        }
    }

    /// The JSON format that the first bytes of an input are in: an array, an object with `data`,
    /// or lines.
    #[must_use]
    pub fn sniff(first: &[u8]) -> Self {
        json::sniff(first)
    }

    /// The name, as an option takes it.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Format::Json => "json",
            Format::Ndjson => "ndjson",
            Format::Csv => "csv",
        }
    }

    /// The format of a file name's ending, without its dot.
    ///
    /// # Errors
    /// `io.format` for an ending that is none of these.
    pub fn of_extension(extension: &str) -> Result<Self, Error> {
        match extension.to_ascii_lowercase().as_str() {
            "json" => Ok(Format::Json),
            "ndjson" | "jsonl" => Ok(Format::Ndjson),
            "csv" => Ok(Format::Csv),
            other => Err(UnknownFormat(other.to_owned()).into()),
        }
    }
}

/// A file name's ending that says nothing.
#[derive(Debug, Error)]
#[error("the ending {} says no format", quoted(.0))]
struct UnknownFormat(String);

impl Leaf for UnknownFormat {
    fn code(&self) -> Code {
        Code::IoFormat
    }

    fn help(&self) -> Option<String> {
        Some("name the format: json, ndjson, csv or parquet".into())
    }
}
