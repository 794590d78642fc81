//! The Arrow C stream interface: the only unsafe code of the package.

use std::sync::Arc;

use arrow_array::cast::AsArray;
use arrow_array::ffi::{FFI_ArrowArray, FFI_ArrowSchema, from_ffi};
use arrow_array::ffi_stream::{ArrayStreamReader, FFI_ArrowArrayStream};
use arrow_array::{Array, ArrayReader, ArrayRef, RecordBatch, RecordBatchReader, make_array};
use arrow_schema::{ArrowError, DataType, Field, Schema};
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
        let rows = ArrayStreamReader::try_new(stream).map_err(arrow::unreadable)?;
        let DataType::Struct(fields) = rows.field().data_type().clone() else {
            let message = "they have no columns".to_owned();
            return Err(arrow::unreadable(ArrowError::SchemaError(message)));
        };
        let batches = rows.map(|rows| rows.and_then(|rows| batch(&rows)));
        arrow::table(needs, &Schema::new(fields), batches)
    };
    // A producer may need other threads of Python to go on.
    capsule.py().detach(read).map_err(raised)
}

/// The rows of an array of structs.
fn batch(rows: &dyn Array) -> Result<RecordBatch, ArrowError> {
    let rows = rows.as_struct();
    match rows.null_count() {
        0 => Ok(rows.into()),
        _ => Err(ArrowError::InvalidArgumentError("a row is null as a whole".into())),
    }
}

/// One column, from a stream of arrays.
pub(super) fn column(need: &Need, capsule: &Bound<'_, PyCapsule>) -> PyResult<Column> {
    let stream = import(capsule)?;
    let read = || -> Result<Column, Error> {
        let arrays = ArrayStreamReader::try_new(stream).map_err(arrow::unreadable)?;
        let ty = arrays.field().data_type().clone();
        of_arrays(need, ty, arrays)
    };
    capsule.py().detach(read).map_err(raised)
}

/// One column, from an object that is one array.
pub(super) fn array(need: &Need, given: &Bound<'_, PyAny>) -> PyResult<Column> {
    let capsules = given.call_method0("__arrow_c_array__")?;
    let (schema, array): (Bound<'_, PyCapsule>, Bound<'_, PyCapsule>) = capsules.extract()?;
    let schema = schema.pointer_checked(Some(c"arrow_schema"))?.cast::<FFI_ArrowSchema>();
    let array = array.pointer_checked(Some(c"arrow_array"))?.cast::<FFI_ArrowArray>();
    #[expect(unsafe_code, reason = "the interface is made of raw pointers")]
    // SAFETY: capsules of these names hold a schema and an array of it, by the interface; they are
    // valid as long as the capsules are, and what is left in the array's place counts as released.
    let data = unsafe { from_ffi(FFI_ArrowArray::from_raw(array.as_ptr()), schema.as_ref()) };
    let read = || -> Result<Column, Error> {
        let data = make_array(data.map_err(arrow::unreadable)?);
        of_arrays(need, data.data_type().clone(), [Ok(data)])
    };
    read().map_err(raised)
}

pub(super) fn of_arrays(
    need: &Need,
    ty: DataType,
    arrays: impl IntoIterator<Item = Result<ArrayRef, ArrowError>>,
) -> Result<Column, Error> {
    let schema = Arc::new(Schema::new(vec![Field::new(&need.name, ty, true)]));
    let batch = |array| RecordBatch::try_new(schema.clone(), vec![array]);
    let batches = arrays.into_iter().map(|array| array.and_then(batch));
    arrow::table(std::slice::from_ref(need), &schema, batches)?.find(&need.name).cloned()
}

/// Batches for whoever reads the interface.
pub(crate) fn export(
    py: Python<'_>,
    batches: Box<dyn RecordBatchReader + Send>,
) -> PyResult<Bound<'_, PyCapsule>> {
    // What the capsule still holds when it goes, it releases.
    PyCapsule::new_with_value(py, FFI_ArrowArrayStream::new(batches), NAME)
}
