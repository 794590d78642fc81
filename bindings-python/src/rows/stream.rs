//! The Arrow C stream interface: the only unsafe code of the package.

use std::sync::Arc;

use arrow_array::ffi_stream::{ArrayStreamReader, FFI_ArrowArrayStream, RecordBatchStreamReader};
use arrow_array::{ArrayReader, RecordBatch, RecordBatchReader};
use arrow_schema::{ArrowError, Schema};
use housekeep::Error;
use housekeep::columns::{Column, Need, Table, arrow};
use pyo3::prelude::*;
use pyo3::types::PyCapsule;

use crate::error::raised;

/// The name that the interface gives its capsules.
const NAME: &std::ffi::CStr = c"arrow_array_stream";

/// The stream of an object that is one.
pub(super) fn of<'py>(given: &Bound<'py, PyAny>) -> PyResult<Option<Bound<'py, PyCapsule>>> {
    if !given.hasattr("__arrow_c_stream__")? {
        return Ok(None);
    }
    Ok(Some(given.call_method0("__arrow_c_stream__")?.cast_into()?))
}

/// Takes the stream out of its capsule, which is left empty.
fn import(capsule: &Bound<'_, PyCapsule>) -> PyResult<FFI_ArrowArrayStream> {
    let stream = capsule.pointer_checked(Some(NAME))?.cast::<FFI_ArrowArrayStream>();
    #[expect(unsafe_code, reason = "the interface is made of raw pointers")]
    // SAFETY: a capsule of this name holds a stream, by the interface; it is valid as long as the
    // capsule is, and what is left in its place counts as released.
    Ok(unsafe { FFI_ArrowArrayStream::from_raw(stream.as_ptr()) })
}

/// The columns that a rule needs, their text as it is in memory.
pub(super) fn table(needs: &[Need], capsule: &Bound<'_, PyCapsule>) -> PyResult<Table> {
    let stream = import(capsule)?;
    let read = || -> Result<Table, Error> {
        let batches = RecordBatchStreamReader::try_new(stream).map_err(arrow::unreadable)?;
        let schema = batches.schema();
        arrow::table(needs, &schema, batches)
    };
    // A producer may need other threads of Python to go on.
    capsule.py().detach(read).map_err(raised)
}

/// One column, from a stream of arrays.
pub(super) fn column(need: &Need, capsule: &Bound<'_, PyCapsule>) -> PyResult<Column> {
    let stream = import(capsule)?;
    let read = || -> Result<Column, Error> {
        let arrays = ArrayStreamReader::try_new(stream).map_err(arrow::unreadable)?;
        let field = arrays.field();
        let schema =
            Arc::new(Schema::new([Arc::new(field.as_ref().clone().with_name(&need.name))]));
        let batches = arrays
            .map(|array| array.and_then(|array| RecordBatch::try_new(schema.clone(), vec![array])));
        let table = arrow::table(std::slice::from_ref(need), &schema, batches)?;
        // It was asked for by this name.
        table.column(&need.name).cloned().ok_or_else(|| {
            arrow::unreadable(ArrowError::SchemaError("the column is missing".into()))
        })
    };
    capsule.py().detach(read).map_err(raised)
}

/// Batches for whoever reads the interface.
pub(crate) fn export(
    py: Python<'_>,
    batches: Box<dyn RecordBatchReader + Send>,
) -> PyResult<Bound<'_, PyCapsule>> {
    // What the capsule still holds when it goes, it releases.
    PyCapsule::new_with_value(py, FFI_ArrowArrayStream::new(batches), NAME)
}
