//! Rows that are mappings, one after the other.

use housekeep::columns::{Cell, Need, Record, Table, TableBuilder};
use pyo3::exceptions::{PyLookupError, PyTypeError};
use pyo3::prelude::*;
use pyo3::types::{PyDict, PyString};

use super::cell::{Held, hold};
use super::{WATCHED, is_iterable};
use crate::error::raised;

pub(super) fn table(needs: &[Need], rows: &Bound<'_, PyAny>) -> PyResult<Table> {
    let py = rows.py();
    if !is_iterable(rows)? {
        let class = rows.get_type().name()?;
        return Err(PyTypeError::new_err(format!(
            "rows are an iterable of mappings, a mapping of columns, an Arrow table, or text in a \
             format; not {class}"
        )));
    }
    let names: Vec<_> = needs.iter().map(|need| PyString::intern(py, &need.name)).collect();
    let mut builder = TableBuilder::new(needs);
    let mut row = Row { held: Vec::with_capacity(needs.len()) };
    for (n, given) in rows.try_iter()?.enumerate() {
        if n % WATCHED == 0 {
            py.check_signals()?;
        }
        let given = given?;
        if !row.take(&given, &names)? {
            return Err(raised(builder.not_a_record(&hold(given)?.cell())));
        }
        builder.push(&row).map_err(raised)?;
    }
    py.detach(|| builder.finish()).map_err(raised)
}

/// The fields of the row in hand, one per need.
struct Row<'py> {
    held: Vec<Held<'py>>,
}

impl<'py> Row<'py> {
    /// Takes the fields of a row; false if it is none.
    fn take(
        &mut self,
        given: &Bound<'py, PyAny>,
        names: &[Bound<'py, PyString>],
    ) -> PyResult<bool> {
        self.held.clear();
        let fields = given.cast::<PyDict>();
        // A mapping, or a driver's row that can be asked by name as one.
        if fields.is_err() && !given.hasattr("keys")? {
            return Ok(false);
        }
        for name in names {
            let found = match &fields {
                Ok(fields) => fields.get_item(name)?,
                Err(_) => match given.get_item(name) {
                    Ok(value) => Some(value),
                    // Drivers' rows differ in what they raise for a column they lack.
                    Err(error) if error.is_instance_of::<PyLookupError>(given.py()) => None,
                    Err(error) => return Err(error),
                },
            };
            self.held.push(found.map_or(Ok(Held::Cell(Cell::Missing)), hold)?);
        }
        Ok(true)
    }
}

impl Record for Row<'_> {
    #[inline]
    fn cell(&self, place: usize, _: &Need) -> Cell<'_> {
        self.held.get(place).map_or(Cell::Missing, Held::cell)
    }
}
