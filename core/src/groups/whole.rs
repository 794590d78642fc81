//! Whole groups: all rows of a key, in order of time and id.

use super::Rows;
use super::blocks::{each_row, read_blocks};
use super::entry::{Entry, pack};
use super::gather::gather;
use super::runs::{for_each_run, order_ties};
use crate::control::{Steps, side_by_side};
use crate::error::Error;

/// Shows `each` every group of those rows that count. `counts` decides from a row's flags and time, and
/// takes its own notes of those that do not. Every thread fills its own `A`; they come back in an order
/// that depends on neither the threads nor the order of the rows.
pub(crate) fn for_each_group<R: Rows, N: Default + Send, A: Default + Send>(
    rows: &R,
    steps: &Steps<'_>,
    counts: impl Fn(&mut N, u8, i64) -> bool + Sync,
    each: impl Fn(&mut A, &[Entry]) + Sync,
) -> Result<(Vec<A>, Vec<N>), Error> {
    if !rows.is_one_group() {
        let (entries, notes) = gather(rows, steps, counts)?;
        return Ok((for_each_run(rows, &entries, None, steps, each)?, notes));
    }
    let new = |count| (Vec::with_capacity(count), N::default());
    let lanes = read_blocks(rows.len(), steps, new, |start, count, (entries, notes)| {
        each_row(rows, start, count, |row, _, time, flags| {
            if counts(notes, flags, time) {
                entries.push(pack(0, time, row));
            }
        });
    })?;
    let (lanes, notes) = lanes.into_iter().unzip();
    let group = in_time(rows, lanes)?;
    let mut answer = A::default();
    if !group.is_empty() {
        each(&mut answer, &group);
    }
    steps.advance(rows.len() as usize)?;
    Ok((vec![answer], notes))
}

/// Puts entries of one group, which came in lanes, in order of time and id.
fn in_time<R: Rows>(rows: &R, lanes: Vec<Vec<Entry>>) -> Result<Vec<Entry>, Error> {
    let mut sorted = side_by_side(lanes, |mut lane: Vec<Entry>| {
        lane.sort_unstable();
        Ok(lane)
    })?
    .into_iter();
    let mut all = sorted.next().unwrap_or_default();
    if sorted.len() > 0 {
        sorted.for_each(|mut lane| all.append(&mut lane));
        // Finds what is sorted already, and merges it.
        all.sort();
    }
    order_ties(rows, &mut all);
    Ok(all)
}
