//! Rows as Python has them → core's columns.

mod array;
mod cell;
mod columns;
mod records;
pub(crate) mod stream;

use std::io::BufReader;

use housekeep::columns::{Need, Table};
use housekeep::formats::Format;
use pyo3::exceptions::PyTypeError;
use pyo3::prelude::*;
use pyo3::pybacked::PyBackedBytes;
use pyo3::types::{PyByteArray, PyBytes, PyMapping, PyMemoryView, PyString};

use crate::error::raised;

pub(crate) use cell::{is_pandas_null, numpy};

/// Reads the columns that a rule needs: from text or bytes in a format, from anything that is an
/// Arrow stream, from a mapping of columns, or from an iterable of rows.
pub(crate) fn read(
    needs: &[Need],
    rows: &Bound<'_, PyAny>,
    format: Option<&str>,
) -> PyResult<Table> {
    if let Some(bytes) = bytes(rows)? {
        let format = format.map_or_else(|| Ok(Format::sniff(&bytes)), Format::of_extension);
        let format = format.map_err(raised)?;
        let input = BufReader::new(&*bytes);
        return rows.py().detach(|| format.read(needs, input)).map_err(raised);
    }
    if format.is_some() {
        return Err(PyTypeError::new_err("`format` is for rows that are text or bytes"));
    }
    if let Some(capsule) = stream::of(rows)? {
        stream::table(needs, &capsule)
    } else if let Ok(columns) = rows.cast::<PyMapping>() {
        columns::table(needs, columns)
    } else {
        records::table(needs, rows)
    }
}

/// Values between two looks for a signal.
const WATCHED: usize = 1 << 14;

/// Whether an object can be walked over at all; what it raises when it is, is its own.
fn is_iterable(given: &Bound<'_, PyAny>) -> PyResult<bool> {
    Ok(given.hasattr("__iter__")? || given.hasattr("__getitem__")?)
}

/// The bytes of what is text, or bytes themselves.
pub(crate) fn bytes(given: &Bound<'_, PyAny>) -> PyResult<Option<PyBackedBytes>> {
    let py = given.py();
    Ok(if let Ok(bytes) = given.cast::<PyBytes>() {
        Some(bytes.clone().into())
    } else if let Ok(text) = given.cast::<PyString>() {
        Some(PyBytes::new(py, text.to_str()?.as_bytes()).into())
    } else if let Ok(bytes) = given.cast::<PyByteArray>() {
        Some(bytes.clone().into())
    } else if given.is_instance_of::<PyMemoryView>() {
        Some(given.call_method0("tobytes")?.cast_into::<PyBytes>()?.into())
    } else {
        None
    })
}
