//! Lists of text, in whichever layout a batch has them.

use std::ops::Range;

use arrow_array::cast::AsArray;
use arrow_array::{Array, ArrayRef, OffsetSizeTrait};
use arrow_schema::DataType;

use super::chunk;
use crate::columns::{Cell, Chunk, ColumnBuilder, ListBuilder};
use crate::error::Error;

/// The type of the elements, if the type is one of lists.
pub(super) fn element(ty: &DataType) -> Option<&DataType> {
    match ty {
        DataType::List(element)
        | DataType::LargeList(element)
        | DataType::ListView(element)
        | DataType::LargeListView(element)
        | DataType::FixedSizeList(element, _) => Some(element.data_type()),
        _ => None,
    }
}

/// Takes every row of an array of lists. The builder names the row that it refuses.
pub(super) fn push(builder: &mut ColumnBuilder, array: &dyn Array) -> Result<(), Error> {
    let Some((elements, places)) = parts(array) else { return Ok(()) };
    // Of a slice, only its own elements are looked at: there may be many slices of one array.
    let first = places.iter().map(|place| place.start).min().unwrap_or(0).min(elements.len());
    let end = places.iter().map(|place| place.end).max().unwrap_or(0).clamp(first, elements.len());
    // No time is read here, so no zone is needed.
    let elements = chunk(&elements.slice(first, end - first), None).map_err(|(_, bad)| bad)?;
    let mut list = ListBuilder::new();
    for (at, place) in places.into_iter().enumerate() {
        list.clear();
        let cell = if array.is_null(at) {
            Cell::Null
        } else if fill(&mut list, &elements, place, first) {
            Cell::List(list.list())
        } else {
            Cell::LIST
        };
        builder.push(cell)?;
    }
    Ok(())
}

/// Takes the elements of one list, of which the chunk has those from `first` on; false if one of
/// them is no text.
fn fill(list: &mut ListBuilder, elements: &Chunk, place: Range<usize>, first: usize) -> bool {
    let (Some(from), Some(to)) = (place.start.checked_sub(first), place.end.checked_sub(first))
    else {
        return false;
    };
    // A batch may claim places that are not there.
    from <= to
        && to <= elements.len()
        && (from..to).all(|at| match elements.cell(at) {
            Cell::Text(text) => {
                list.push(text);
                true
            }
            _ => false,
        })
}

/// All elements one after the other, and where those of each list are.
fn parts(array: &dyn Array) -> Option<(ArrayRef, Vec<Range<usize>>)> {
    fn offsets<O: OffsetSizeTrait>(array: &dyn Array) -> (ArrayRef, Vec<Range<usize>>) {
        let array = array.as_list::<O>();
        let offsets = array.value_offsets();
        let ends = offsets.iter().skip(1);
        let places = offsets.iter().zip(ends).map(|(from, to)| from.as_usize()..to.as_usize());
        (array.values().clone(), places.collect())
    }
    fn views<O: OffsetSizeTrait>(array: &dyn Array) -> (ArrayRef, Vec<Range<usize>>) {
        let array = array.as_list_view::<O>();
        let views = array.value_offsets().iter().zip(array.value_sizes());
        let places = views.map(|(from, size)| {
            let from = from.as_usize();
            from..from.saturating_add(size.as_usize())
        });
        (array.values().clone(), places.collect())
    }
    Some(match array.data_type() {
        DataType::List(_) => offsets::<i32>(array),
        DataType::LargeList(_) => offsets::<i64>(array),
        DataType::ListView(_) => views::<i32>(array),
        DataType::LargeListView(_) => views::<i64>(array),
        DataType::FixedSizeList(..) => {
            let array = array.as_fixed_size_list();
            let size = usize::try_from(array.value_length()).ok()?;
            let places = (0..array.len()).map(|at| at * size..(at + 1) * size);
            (array.values().clone(), places.collect())
        }
        _ => return None,
    })
}
