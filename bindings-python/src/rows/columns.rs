//! A mapping of columns: numpy arrays, Arrow arrays, Series, lists.

use housekeep::columns::{Column, ColumnBuilder, Need, Table};
use pyo3::exceptions::PyTypeError;
use pyo3::prelude::*;
use pyo3::types::{PyBytes, PyMapping, PyString};

use super::cell::{hold, numpy};
use super::stream;
use crate::error::raised;

pub(super) fn table(needs: &[Need], columns: &Bound<'_, PyMapping>) -> PyResult<Table> {
    let mut read = Vec::with_capacity(needs.len());
    for need in needs {
        // Core has a sentence for a column that is not there.
        if columns.contains(&need.name)? {
            let given = columns.get_item(&need.name)?;
            read.push((need.name.clone(), column(need, &given)?));
        }
    }
    Table::new(read).map_err(raised)
}

fn column(need: &Need, given: &Bound<'_, PyAny>) -> PyResult<Column> {
    if let Some(capsule) = stream::of(given)? {
        return stream::column(need, &capsule);
    }
    let is_text = given.is_instance_of::<PyString>() || given.is_instance_of::<PyBytes>();
    let values = match numpy(given)? {
        Some(plain) => plain.try_iter(),
        None => given.try_iter(),
    };
    let values = values.ok().filter(|_| !is_text).ok_or_else(|| {
        PyTypeError::new_err(format!("the column `{}` is no array, Series or list", need.name))
    })?;
    let mut builder = ColumnBuilder::new(need.clone());
    for value in values {
        builder.push(hold(value?)?.cell()).map_err(raised)?;
    }
    builder.finish().map_err(raised)
}
