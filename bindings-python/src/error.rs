//! Core's error → an exception of `housekeep.errors`.

use housekeep::{Code, Error};
use pyo3::prelude::*;
use pyo3::types::PyDict;

/// The exception for an error, with all its parts.
#[expect(clippy::needless_pass_by_value, reason = "for `map_err`")]
pub(crate) fn raised(error: Error) -> PyErr {
    Python::attach(|py| exception(py, &error).map_or_else(|failed| failed, PyErr::from_value))
}

fn exception<'py>(py: Python<'py>, error: &Error) -> PyResult<Bound<'py, PyAny>> {
    let parts = PyDict::new(py);
    parts.set_item("code", error.code().as_str())?;
    parts.set_item("message", error.message())?;
    parts.set_item("help", error.help())?;
    parts.set_item("path", error.path())?;
    parts.set_item("row", error.row())?;
    parts.set_item("line", error.position().map(|at| at.line))?;
    parts.set_item("column", error.position().map(|at| at.column))?;
    parts.set_item("document", error.to_json())?;
    let classes = py.import("housekeep.errors")?.getattr("BY_KIND")?;
    classes.get_item(error.kind().as_str())?.call((error.to_string(),), Some(&parts))
}

/// Every error code, with its kind and one line about it.
#[pyfunction]
pub(crate) fn error_codes() -> Vec<(&'static str, &'static str, &'static str)> {
    Code::ALL.iter().map(|code| (code.as_str(), code.kind().as_str(), code.about())).collect()
}
