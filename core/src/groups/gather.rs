//! The rows that count, as entries by bucket.

use super::Rows;
use super::blocks::each_row;
use super::entry::{Entry, pack};
use super::partition::{Lane, Partitioned, partition};
use crate::control::Steps;
use crate::error::Error;

/// Gathers the rows that count. `counts` decides from a row's flags and time, and takes its own
/// notes of those that do not; the notes of the lanes come back in the order of the rows.
pub(crate) fn gather<R: Rows, N: Default + Send>(
    rows: &R,
    steps: &Steps<'_>,
    counts: impl Fn(&mut N, u8, i64) -> bool + Sync,
) -> Result<(Partitioned<Entry>, Vec<N>), Error> {
    let read = |start: u32, count: usize, lane: &mut Lane<Entry>, notes: &mut N| {
        each_row(rows, start, count, |row, hash, time, flags| {
            if counts(notes, flags, time) {
                lane.push(hash, |rest| pack(high(rest), time, row));
            }
        });
    };
    partition(rows.len(), steps, |count| vec![0; count], read)
}

fn high(hash: u64) -> u32 {
    (hash >> 32) as u32
}
