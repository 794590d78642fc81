//! Rows from files and from the standard input, and the digest of what was read.

mod blocks;
mod parquet;

use std::fs::File;
use std::io::{self, BufRead};
use std::path::Path;

use housekeep::columns::{Need, Table};
use housekeep::formats::Format;
use housekeep::plan::Source;
use housekeep::{Code, Error, Kind};

use self::blocks::Blocks;
use crate::args::InputFormat;
use crate::failure::{Failure, cannot_read};
use crate::progress::{Meter, Unit};

/// How a Parquet file begins.
const PARQUET_MAGIC: &[u8] = b"PAR1";
/// A mark at the start of a text, which says nothing in UTF-8.
const BYTE_ORDER_MARK: &[u8] = b"\xef\xbb\xbf";

/// Rows, and where they came from.
#[derive(Debug)]
pub(crate) struct Input {
    name: String,
    pub(crate) table: Table,
    pub(crate) source: Source,
}

impl Input {
    /// Rows of something else than a file of rows.
    pub(crate) fn of(name: String, table: Table, source: Source) -> Self {
        Self { name, table, source }
    }

    /// An error that came up when the rows were decided: it is about them if they are to blame.
    pub(crate) fn about(&self, error: Error) -> Failure {
        match error.kind() {
            Kind::Data => Failure::about(&self.name, error),
            _ => error.into(),
        }
    }
}

/// A form of rows: one of core's, or the one that is read here.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Form {
    Text(Format),
    Parquet,
}

impl From<InputFormat> for Form {
    fn from(format: InputFormat) -> Self {
        match format {
            InputFormat::Json => Form::Text(Format::Json),
            InputFormat::Ndjson => Form::Text(Format::Ndjson),
            InputFormat::Csv => Form::Text(Format::Csv),
            InputFormat::Parquet => Form::Parquet,
        }
    }
}

/// A place that is read from.
#[derive(Clone, Copy, Debug)]
struct Place<'a> {
    /// None is the standard input.
    path: Option<&'a Path>,
    quiet: bool,
}

/// Reads the columns that a rule needs. `-` is the standard input.
pub(crate) fn read(
    path: &Path,
    format: Option<InputFormat>,
    needs: &[Need],
    quiet: bool,
) -> Result<Input, Failure> {
    let place = Place { path: (path != Path::new("-")).then_some(path), quiet };
    let about = |error: Error| Failure::about(&place.name(), error);
    let form = match format {
        Some(format) => Some(format.into()),
        None => place.form_by_name().map_err(about)?,
    };
    let (table, sha256) = place.read(form, needs).map_err(|error| match error.code() {
        // These name it already.
        Code::IoRead | Code::IoFormat => error.into(),
        _ => about(error),
    })?;
    let source = Source::from([(place.base_name(), format!("sha256:{sha256}"))]);
    Ok(Input { name: place.name(), table, source })
}

impl Place<'_> {
    fn name(&self) -> String {
        self.path.map_or_else(|| "stdin".into(), |path| path.display().to_string())
    }

    fn base_name(&self) -> String {
        let name = self.path.map(|path| path.file_name().unwrap_or(path.as_os_str()));
        name.map_or_else(|| "stdin".into(), |name| name.to_string_lossy().into_owned())
    }

    /// The form that the name's ending says; none without an ending.
    fn form_by_name(&self) -> Result<Option<Form>, Error> {
        let Some(ending) = self.path.and_then(Path::extension) else { return Ok(None) };
        if ending.eq_ignore_ascii_case("parquet") {
            return Ok(Some(Form::Parquet));
        }
        Format::of_extension(&ending.to_string_lossy()).map(|format| Some(Form::Text(format)))
    }

    fn cannot_read(&self, error: &io::Error) -> Error {
        cannot_read(&self.name(), error)
    }

    /// The table, and the digest of the bytes in hexadecimal.
    fn read(&self, form: Option<Form>, needs: &[Need]) -> Result<(Table, String), Error> {
        let meter = Meter::new("reading", Unit::Bytes, self.quiet);
        let Some(path) = self.path else {
            return self.read_stream(form, needs, Blocks::new(io::stdin(), None, meter));
        };
        let opened = File::open(path).and_then(|file| Ok((file.metadata()?, file)));
        let (about, file) = opened.map_err(|error| self.cannot_read(&error))?;
        if about.is_dir() {
            return Err(self.cannot_read(&io::ErrorKind::IsADirectory.into()));
        }
        if form == Some(Form::Parquet) && about.is_file() {
            return parquet::from_file(self, path, file, &about, needs);
        }
        let length = about.is_file().then_some(about.len());
        self.read_stream(form, needs, Blocks::new(file, length, meter))
    }

    fn read_stream(
        &self,
        form: Option<Form>,
        needs: &[Need],
        mut blocks: Blocks,
    ) -> Result<(Table, String), Error> {
        let form = match form {
            Some(form) => form,
            None => {
                let first = blocks.fill_buf().map_err(|error| self.cannot_read(&error))?;
                self.look(first)?
            }
        };
        let read = match form {
            Form::Text(format) => format.read(needs, &mut blocks),
            Form::Parquet => blocks
                .read_whole()
                .map_err(|error| self.cannot_read(&error))
                .and_then(|bytes| parquet::from_bytes(bytes, needs)),
        };
        let table = read.map_err(|error| match blocks.failed() {
            Some(failed) => self.cannot_read(failed),
            None => error,
        })?;
        let sha256 = blocks.finish().map_err(|error| self.cannot_read(&error))?;
        Ok((table, sha256))
    }

    /// The form that the first bytes are in.
    fn look(&self, first: &[u8]) -> Result<Form, Error> {
        if first.starts_with(PARQUET_MAGIC) {
            return Ok(Form::Parquet);
        }
        let text = first.strip_prefix(BYTE_ORDER_MARK).unwrap_or(first).trim_ascii_start();
        match text.first() {
            None | Some(b'[' | b'{') => Ok(Form::Text(Format::sniff(first))),
            Some(_) => {
                let message =
                    format!("cannot tell the format of `{}` by how it begins", self.name());
                let help = "name it, such as `--input-format csv`";
                Err(Error::host(Code::IoFormat, message, Some(help.into())))
            }
        }
    }
}
