//! Metrics as Python has them → core's snapshot.

use housekeep::health::Snapshot;
use housekeep::wire::Measured;
use housekeep::{Code, Error};
use pyo3::prelude::*;
use pyo3::types::{
    PyBool, PyDateTime, PyDict, PyFloat, PyInt, PyList, PyMapping, PyString, PyTuple,
};

use crate::error::raised;
use crate::rows::{bytes, is_pandas_null, numpy};
use crate::time;

/// How deep metrics may go here: those that hold themselves have no end. Core allows less.
const DEEPEST: usize = 128;

/// Reads metrics: text or bytes as JSON, anything else as it is in memory.
pub(crate) fn snapshot(given: &Bound<'_, PyAny>) -> PyResult<Snapshot> {
    let read = match bytes(given)? {
        Some(text) => Snapshot::from_json(&text),
        None => Snapshot::from_measured(measured(given, DEEPEST)?),
    };
    read.map_err(raised)
}

/// What a value is; the commonest types come first.
fn measured(given: &Bound<'_, PyAny>, depth: usize) -> PyResult<Measured> {
    let Some(depth) = depth.checked_sub(1) else {
        let help = "see that they do not hold themselves";
        return Err(raised(refused("the metrics are nested too deep".into(), help)));
    };
    Ok(if let Ok(number) = given.cast::<PyFloat>() {
        Measured::Number(number.value())
    } else if let Ok(value) = given.cast::<PyBool>() {
        Measured::Boolean(value.is_true())
    } else if given.is_instance_of::<PyInt>() {
        given.extract().map_or_else(
            |_| wrong("the number is past all floats".into(), "write a smaller number"),
            Measured::Number,
        )
    } else if let Ok(text) = given.cast::<PyString>() {
        Measured::Text(text.to_str()?.to_owned())
    } else if given.is_none() {
        Measured::Null
    } else if let Ok(fields) = given.cast::<PyDict>() {
        object(fields.iter(), depth)?
    } else if let Ok(at) = given.cast::<PyDateTime>() {
        match time::instant(at)? {
            Ok(at) => at.map_or(Measured::Null, Measured::Instant),
            Err(error) => wrong(error.message().into(), error.help().unwrap_or_default()),
        }
    } else if let Ok(items) = given.cast::<PyList>() {
        list(items.iter(), depth)?
    } else if let Ok(items) = given.cast::<PyTuple>() {
        list(items.iter(), depth)?
    } else if let Ok(fields) = given.cast::<PyMapping>() {
        let fields = fields.items()?.iter().map(|field| field.extract());
        object(fields.collect::<PyResult<Vec<_>>>()?, depth)?
    } else if let Some(plain) = numpy(given)? {
        measured(&plain, depth)?
    } else if is_pandas_null(given)? {
        Measured::Null
    } else if given.hasattr("__float__")? {
        // A decimal or a fraction; what it raises is its own.
        Measured::Number(given.extract()?)
    } else {
        let message = format!("a metric cannot be of type `{}`", given.get_type().name()?);
        wrong(message, "give a number, True or False, None, or a datetime with a zone")
    })
}

fn object<'py>(
    fields: impl IntoIterator<Item = (Bound<'py, PyAny>, Bound<'py, PyAny>)>,
    depth: usize,
) -> PyResult<Measured> {
    let mut read = Vec::new();
    for (name, value) in fields {
        let Ok(name) = name.cast::<PyString>() else {
            let message =
                format!("the name of a metric cannot be of type `{}`", name.get_type().name()?);
            // It has no name of its own to be found by.
            read.push((name.str()?.to_str()?.to_owned(), wrong(message, "make it a str")));
            continue;
        };
        read.push((name.to_str()?.to_owned(), measured(&value, depth)?));
    }
    Ok(Measured::Object(read))
}

fn list<'py>(items: impl Iterator<Item = Bound<'py, PyAny>>, depth: usize) -> PyResult<Measured> {
    items.map(|item| measured(&item, depth)).collect::<PyResult<_>>().map(Measured::List)
}

fn wrong(message: String, help: &str) -> Measured {
    Measured::Wrong(refused(message, help))
}

fn refused(message: String, help: &str) -> Error {
    Error::host(Code::MetricsBadValue, message, Some(help.into()))
}
