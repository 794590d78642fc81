//! A mapping of columns: numpy arrays, Arrow arrays, Series, lists.

use housekeep::columns::{Column, ColumnBuilder, Need, Table, missing_column};
use pyo3::exceptions::PyTypeError;
use pyo3::prelude::*;
use pyo3::types::{PyByteArray, PyBytes, PyFrozenSet, PyMapping, PySet, PyString};

use super::cell::{hold, numpy};
use super::{WATCHED, array, is_iterable, stream};
use crate::error::raised;

pub(super) fn table(needs: &[Need], columns: &Bound<'_, PyMapping>) -> PyResult<Table> {
    let mut read = Vec::with_capacity(needs.len());
    for need in needs {
        if !columns.contains(&need.name)? {
            if need.optional {
                continue;
            }
            let names = columns.keys()?.iter().map(|name| Ok(name.str()?.to_str()?.to_owned()));
            let names = names.collect::<PyResult<Vec<_>>>()?;
            let names = names.iter().map(String::as_str);
            return Err(raised(missing_column(&need.name, names)));
        }
        let given = columns.get_item(&need.name)?;
        read.push((need.name.clone(), column(need, &given)?));
    }
    Table::new(read).map_err(raised)
}

fn column(need: &Need, given: &Bound<'_, PyAny>) -> PyResult<Column> {
    if let Some(capsule) = stream::of(given)? {
        return stream::column(need, &capsule);
    }
    if given.hasattr("__arrow_c_array__")? {
        return stream::array(need, given);
    }
    if let Some(numbers) = array::numbers(need, given)? {
        return Ok(numbers);
    }
    let plain = numpy(given)?;
    let values = plain.as_ref().unwrap_or(given);
    if !has_order(values)? {
        let message = format!("the column `{}` is no array, Series or list", need.name);
        return Err(PyTypeError::new_err(message));
    }
    let mut builder = ColumnBuilder::new(need.clone());
    for (n, value) in values.try_iter()?.enumerate() {
        if n % WATCHED == 0 {
            given.py().check_signals()?;
        }
        builder.push(hold(value?)?.cell()).map_err(raised)?;
    }
    builder.finish().map_err(raised)
}

/// Whether these are values one after the other. Text is one value, and a set has no first.
fn has_order(values: &Bound<'_, PyAny>) -> PyResult<bool> {
    let is_text = values.is_instance_of::<PyString>()
        || values.is_instance_of::<PyBytes>()
        || values.is_instance_of::<PyByteArray>();
    let is_set = values.is_instance_of::<PySet>()
        || values.is_instance_of::<PyFrozenSet>()
        || values.cast::<PyMapping>().is_ok();
    Ok(!is_text && !is_set && is_iterable(values)?)
}
