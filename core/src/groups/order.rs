//! Some of the rows, in their order.

/// Puts some of `total` rows, each of which comes once, in the order of their numbers.
pub(crate) fn in_order(total: u64, some: impl ExactSizeIterator<Item = u32>) -> Vec<u32> {
    let mut rows = Vec::with_capacity(some.len());
    // One bit a row: cheaper than a sort, and it comes out in order.
    let mut bits = vec![0u64; usize::try_from(total).unwrap_or(0).div_ceil(64)];
    for row in some {
        if let Some(word) = bits.get_mut(row as usize / 64) {
            *word |= 1 << (row % 64);
        }
    }
    for (first, mut word) in (0u32..).step_by(64).zip(bits) {
        while word != 0 {
            rows.push(first + word.trailing_zeros());
            word &= word - 1;
        }
    }
    rows
}
