//! Numbers that lie side by side in memory, such as those of numpy: taken as they lie there.

use std::ptr::NonNull;
use std::sync::Arc;

use arrow_array::{ArrayRef, Float64Array, Int64Array};
use arrow_buffer::{ArrowNativeType, Buffer, ScalarBuffer};
use housekeep::columns::{Column, Need, Type};
use pyo3::buffer::{Element, PyBuffer};
use pyo3::prelude::*;

use super::stream;
use crate::error::raised;

/// The column of an array of numbers; none for an array of anything else, and for what is no array.
pub(super) fn numbers(need: &Need, given: &Bound<'_, PyAny>) -> PyResult<Option<Column>> {
    let dtype = match need.ty {
        Some(Type::Number) => "float64",
        Some(Type::Instant) if need.time.unit.is_some() => "int64",
        _ => return Ok(None),
    };
    let class = given.get_type();
    let of_numpy = class.module()?.to_str()? == "numpy" && class.name()? == "ndarray";
    let numbers = if of_numpy {
        let given = (given, dtype);
        given.0.py().import("housekeep._numpy")?.call_method1("numbers", given)?
    } else {
        given.clone()
    };
    let array: ArrayRef = match need.ty {
        Some(Type::Number) => match shared::<f64>(&numbers) {
            Some(numbers) => Arc::new(Float64Array::new(numbers, None)),
            None => return Ok(None),
        },
        _ => match shared::<i64>(&numbers) {
            Some(numbers) => Arc::new(Int64Array::new(numbers, None)),
            None => return Ok(None),
        },
    };
    let ty = array.data_type().clone();
    let column = given.py().detach(|| stream::of_arrays(need, ty, [Ok(array)]));
    column.map(Some).map_err(raised)
}

/// The memory of an object that has numbers of this type side by side.
fn shared<T: Element + ArrowNativeType>(numbers: &Bound<'_, PyAny>) -> Option<ScalarBuffer<T>> {
    let buffer = PyBuffer::<T>::get(numbers).ok()?;
    if buffer.dimensions() != 1 || !buffer.is_c_contiguous() {
        return None;
    }
    let (length, bytes) = (buffer.item_count(), buffer.len_bytes());
    let Some(first) = NonNull::new(buffer.buf_ptr().cast::<u8>()).filter(|_| length > 0) else {
        return Some(Vec::new().into());
    };
    #[expect(unsafe_code, reason = "the memory is another's")]
    // SAFETY: the buffer is so many bytes at this place, by the interface, and they stay there as long
    // as it is held, which the allocation does. That nobody writes to them meanwhile is asked of the
    // caller, as it is for what comes through the Arrow interface.
    let shared = unsafe { Buffer::from_custom_allocation(first, bytes, Arc::new(Held(buffer))) };
    Some(ScalarBuffer::new(shared, 0, length))
}

/// Keeps memory in its place.
struct Held<T: Element>(#[expect(dead_code, reason = "it is held, and not asked")] PyBuffer<T>);

impl<T: Element> std::panic::RefUnwindSafe for Held<T> {}
