//! One Python value → core's cell.

use housekeep::columns::Cell;
use pyo3::prelude::*;
use pyo3::sync::PyOnceLock;
use pyo3::types::{
    PyBool, PyDate, PyDateTime, PyFloat, PyInt, PyList, PyMapping, PySet, PyString, PyTuple,
};

use crate::time;

/// A cell, and the text it borrows.
pub(super) enum Held<'py> {
    Cell(Cell<'static>),
    Text(Bound<'py, PyString>),
    Owned(String),
}

impl Held<'_> {
    pub(super) fn cell(&self) -> Cell<'_> {
        match self {
            Held::Cell(cell) => *cell,
            Held::Text(text) => text.to_str().map_or(Cell::NOT_UNICODE, Cell::Text),
            Held::Owned(text) => Cell::Text(text),
        }
    }
}

/// What a value is. Types that many rows have come first.
pub(super) fn hold(value: Bound<'_, PyAny>) -> PyResult<Held<'_>> {
    let value = match value.cast_into::<PyString>() {
        Ok(text) => return Ok(Held::Text(text)),
        Err(other) => other.into_inner(),
    };
    let cell = if value.is_none() {
        Cell::Null
    } else if let Ok(at) = value.cast::<PyDateTime>() {
        time::cell(at)?.unwrap_or(Cell::Null)
    } else if let Ok(value) = value.cast::<PyBool>() {
        Cell::Boolean(value.is_true())
    } else if value.is_instance_of::<PyInt>() {
        value.extract().map_or(Cell::WIDE, Cell::Integer)
    } else {
        return rare(&value);
    };
    Ok(Held::Cell(cell))
}

fn rare<'py>(value: &Bound<'py, PyAny>) -> PyResult<Held<'py>> {
    let py = value.py();
    if value.is_instance_of::<PyFloat>() {
        return Ok(Held::Cell(Cell::FRACTION));
    }
    if value.is_instance_of::<PyDate>() {
        return Ok(Held::Owned(value.call_method0("isoformat")?.extract()?));
    }
    if value.is_instance(uuid(py)?)? {
        return Ok(Held::Cell(Cell::Uuid(value.getattr("bytes")?.extract()?)));
    }
    let is_list = value.is_instance_of::<PyList>()
        || value.is_instance_of::<PyTuple>()
        || value.is_instance_of::<PySet>();
    if is_list {
        return Ok(Held::Cell(Cell::LIST));
    }
    if value.cast::<PyMapping>().is_ok() {
        return Ok(Held::Cell(Cell::OBJECT));
    }
    match numpy(value)? {
        Some(plain) => hold(plain),
        None => Ok(Held::Cell(Cell::OTHER)),
    }
}

/// The class `uuid.UUID`.
fn uuid(py: Python<'_>) -> PyResult<&Bound<'_, PyAny>> {
    static CLASS: PyOnceLock<Py<PyAny>> = PyOnceLock::new();
    let class =
        CLASS.get_or_try_init(py, || Ok::<_, PyErr>(py.import("uuid")?.getattr("UUID")?.unbind()));
    class.map(|class| class.bind(py))
}

/// A scalar or an array of numpy as Python's own values.
pub(super) fn numpy<'py>(value: &Bound<'py, PyAny>) -> PyResult<Option<Bound<'py, PyAny>>> {
    let Ok(dtype) = value.getattr("dtype") else { return Ok(None) };
    let (Ok(kind), Ok(_)) = (dtype.getattr("kind"), value.getattr("tolist")) else {
        return Ok(None);
    };
    if kind.eq("M")? {
        // Finer than a microsecond they would become plain numbers.
        return value.call_method1("astype", ("datetime64[us]",))?.call_method0("tolist").map(Some);
    }
    value.call_method0("tolist").map(Some)
}
