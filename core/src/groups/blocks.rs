//! Reading rows in blocks, each thread a stretch of them.

use std::cell::RefCell;

use super::{Block, Rows};
use crate::control::{Steps, side_by_side};
use crate::error::Error;

/// Rows that are read at a time: their hashes and times stay in the first-level cache.
pub(crate) const BLOCK_ROWS: usize = 1024;

/// Reads all rows. `new` makes what a thread fills, from the number of its rows; `read` is told the
/// first row of a block, and how many it has. What they filled comes back in the order of the rows.
pub(crate) fn read_blocks<A: Send>(
    rows: u32,
    steps: &Steps<'_>,
    new: impl Fn(usize) -> A + Sync,
    read: impl Fn(u32, usize, &mut A) + Sync,
) -> Result<Vec<A>, Error> {
    let share = rows.div_ceil(u32::try_from(steps.threads()).unwrap_or(u32::MAX)).max(1);
    let firsts = (0..rows).step_by(share as usize);
    side_by_side(firsts.collect(), |first| {
        let end = rows.min(first.saturating_add(share));
        let mut filled = new((end - first) as usize);
        for start in (first..end).step_by(BLOCK_ROWS) {
            let count = BLOCK_ROWS.min((end - start) as usize);
            read(start, count, &mut filled);
            steps.advance(count)?;
        }
        Ok(filled)
    })
}

/// Shows `each` the rows of a block: number, hash, time and flags.
pub(crate) fn each_row<R: Rows>(
    rows: &R,
    start: u32,
    count: usize,
    mut each: impl FnMut(u32, u64, i64, u8),
) {
    BLOCK.with_borrow_mut(|block| {
        block.reset(count);
        rows.load(start, block);
        for (row, (hash, time, flags)) in (start..).zip(block.rows()) {
            each(row, hash, time, flags);
        }
    });
}

thread_local! {
    /// One block per thread, so that reading a block allocates nothing.
    static BLOCK: RefCell<Block> = RefCell::default();
}
