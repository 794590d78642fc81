//! One Python value → core's cell.

use housekeep::columns::{Cell, ListBuilder};
use pyo3::prelude::*;
use pyo3::sync::PyOnceLock;
use pyo3::types::{
    PyBool, PyDate, PyDateTime, PyFloat, PyFrozenSet, PyInt, PyList, PyMapping, PySet, PyString,
    PyTuple,
};

use crate::time;

/// A cell, and the text it borrows.
pub(super) enum Held<'py> {
    Cell(Cell<'static>),
    Text(Bound<'py, PyString>),
    Owned(String),
    List(ListBuilder),
}

impl Held<'_> {
    pub(super) fn cell(&self) -> Cell<'_> {
        match self {
            Held::Cell(cell) => *cell,
            Held::Text(text) => text.to_str().map_or(Cell::NOT_UNICODE, Cell::Text),
            Held::Owned(text) => Cell::Text(text),
            Held::List(list) => Cell::List(list.list()),
        }
    }
}

/// What a value is. Types that many rows have come first.
pub(super) fn hold(value: Bound<'_, PyAny>) -> PyResult<Held<'_>> {
    Ok(match own(value)? {
        Ok(held) => held,
        Err(other) => match numpy(&other)? {
            Some(plain) => own(plain)?.unwrap_or(Held::Cell(Cell::OTHER)),
            None if is_pandas_null(&other)? => Held::Cell(Cell::Null),
            None => Held::Cell(Cell::OTHER),
        },
    })
}

/// Whether it is `pandas.NA`, which says in any column what `NaT` says among times.
pub(crate) fn is_pandas_null(value: &Bound<'_, PyAny>) -> PyResult<bool> {
    let class = value.get_type();
    Ok(class.name()? == "NAType" && class.module()?.to_str()?.starts_with("pandas."))
}

/// What a value of Python's own is; the value itself, if it is another's.
fn own(value: Bound<'_, PyAny>) -> PyResult<Result<Held<'_>, Bound<'_, PyAny>>> {
    let value = match value.cast_into::<PyString>() {
        Ok(text) => return Ok(Ok(Held::Text(text))),
        Err(other) => other.into_inner(),
    };
    let cell = if value.is_none() {
        Cell::Null
    } else if let Ok(at) = value.cast::<PyDateTime>() {
        match time::cell(at)? {
            Some(cell) => cell,
            // Core has a sentence for a time outside all years.
            None => return isoformat(&value).map(Ok),
        }
    } else if let Ok(value) = value.cast::<PyBool>() {
        Cell::Boolean(value.is_true())
    } else if value.is_instance_of::<PyInt>() {
        value.extract().map_or(Cell::WIDE, Cell::Integer)
    } else if let Ok(value) = value.cast::<PyFloat>() {
        Cell::Number(value.value())
    } else if value.is_instance_of::<PyDate>() {
        return isoformat(&value).map(Ok);
    } else if value.is_instance(uuid(value.py())?)? {
        Cell::Uuid(value.getattr("bytes")?.extract()?)
    } else if let Some(list) = list(&value) {
        return Ok(Ok(list));
    } else if value.cast::<PyMapping>().is_ok() {
        Cell::OBJECT
    } else {
        return Ok(Err(value));
    };
    Ok(Ok(Held::Cell(cell)))
}

fn isoformat<'py>(value: &Bound<'py, PyAny>) -> PyResult<Held<'py>> {
    Ok(Held::Owned(value.call_method0("isoformat")?.extract()?))
}

/// A list of text, or of something else. A set is one of those: its order is another every time,
/// and a list is shown in its order.
fn list<'py>(value: &Bound<'py, PyAny>) -> Option<Held<'py>> {
    let texts = if let Ok(list) = value.cast::<PyList>() {
        texts(list.iter())
    } else if let Ok(tuple) = value.cast::<PyTuple>() {
        texts(tuple.iter())
    } else if value.is_instance_of::<PySet>() || value.is_instance_of::<PyFrozenSet>() {
        None
    } else {
        return None;
    };
    Some(texts.map_or(Held::Cell(Cell::LIST), Held::List))
}

/// The elements, if all are text.
fn texts<'py>(elements: impl Iterator<Item = Bound<'py, PyAny>>) -> Option<ListBuilder> {
    let mut list = ListBuilder::new();
    for element in elements {
        list.push(element.cast::<PyString>().ok()?.to_str().ok()?);
    }
    Some(list)
}

/// The class `uuid.UUID`.
fn uuid(py: Python<'_>) -> PyResult<&Bound<'_, PyAny>> {
    static CLASS: PyOnceLock<Py<PyAny>> = PyOnceLock::new();
    let class = || Ok::<_, PyErr>(py.import("uuid")?.getattr("UUID")?.unbind());
    CLASS.get_or_try_init(py, class).map(|class| class.bind(py))
}

/// A scalar or an array of numpy as Python's own values.
pub(crate) fn numpy<'py>(value: &Bound<'py, PyAny>) -> PyResult<Option<Bound<'py, PyAny>>> {
    let py = value.py();
    let class = value.get_type();
    // Others have a `dtype` too, and other kinds of it.
    let module = class.module()?;
    let is_numpy = module.to_str()?.split('.').next() == Some("numpy");
    if !is_numpy || !class.hasattr("dtype")? {
        return Ok(None);
    }
    py.import("housekeep._numpy")?.call_method1("plain", (value,)).map(Some)
}
