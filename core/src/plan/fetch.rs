//! Rows of a plan lie anywhere in memory: those that are asked for next are fetched together.

use crate::columns::Column;

/// As many as are fetched at once.
pub(super) const FETCHED: usize = 256;

/// Fetches what the columns hold of the next few of some drops, at every place where they begin.
pub(super) fn fetch<'a, D, const N: usize>(
    place: usize,
    drops: &[D],
    rows: impl Fn(&D) -> [u32; N],
    columns: impl IntoIterator<Item = &'a Column>,
) {
    if place.is_multiple_of(FETCHED) {
        let next = drops.get(place..).unwrap_or_default();
        let rows: Vec<u32> = next.iter().take(FETCHED).flat_map(rows).collect();
        columns.into_iter().for_each(|column| column.touch(&rows));
    }
}
