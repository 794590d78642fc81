//! The order of a plan's drops: by key, then time, then id.

use crate::columns::Prefix;
use crate::dedupe::Drop;
use crate::groups::{Rows, TableRows};
use crate::plan::fetch::FETCHED;

/// Drops of one key and keeper, which stand together and in order already.
struct Stretch {
    /// The first bytes of the key: most comparisons need no more.
    prefix: u128,
    start: usize,
    length: usize,
}

/// Sorts drops that come grouped by key, and within a key by time and id.
#[expect(clippy::indexing_slicing, reason = "the stretches are cut from the drops themselves")]
pub(super) fn in_order(rows: &TableRows<'_>, drops: &[Drop]) -> Vec<Drop> {
    let mut stretches = Vec::new();
    let mut start = 0;
    for part in drops.chunk_by(|a, b| a.keeper == b.keeper) {
        stretches.push(Stretch { prefix: 0, start, length: part.len() });
        start += part.len();
    }
    for part in stretches.chunks_mut(FETCHED) {
        let first: Vec<u32> = part.iter().map(|stretch| drops[stretch.start].row).collect();
        rows.key().iter().for_each(|column| column.touch(&first));
        for (stretch, row) in part.iter_mut().zip(first) {
            let mut prefix = Prefix::default();
            rows.key().iter().for_each(|column| column.write_prefix(row, &mut prefix));
            stretch.prefix = prefix.number();
        }
    }
    stretches.sort_unstable_by(|a, b| {
        let (first, second) = (drops[a.start].row, drops[b.start].row);
        a.prefix
            .cmp(&b.prefix)
            .then_with(|| rows.cmp_key(first, second))
            .then_with(|| rows.time_of(first).cmp(&rows.time_of(second)))
            .then_with(|| rows.cmp_id(first, second))
    });
    let mut sorted = Vec::with_capacity(drops.len());
    for stretch in stretches {
        sorted.extend_from_slice(&drops[stretch.start..stretch.start + stretch.length]);
    }
    sorted
}
