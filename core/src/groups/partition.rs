//! Radix partitioning: values into buckets by the leading bits of a hash.
//!
//! A group-by over more memory than the cache holds is dear because every row is a miss. Moving
//! each row once, in long runs, to a bucket that fits the cache makes the rest cheap.

use std::ops::Range;

use crate::control::{Steps, side_by_side};
use crate::error::Error;

/// Rows that are read at a time: their hashes and times stay in the first-level cache.
pub(crate) const BLOCK_ROWS: usize = 1024;
/// Rows of one bucket, about: their entries fit the second-level cache.
const BUCKET_ROWS: usize = 4096;
/// More buckets than this, and writing to all of them at once misses by itself.
const MAX_BITS: u32 = 10;

/// Values by bucket. Each lane, one per thread, holds its own part of every bucket.
pub(crate) struct Partitioned<T> {
    values: Vec<T>,
    lanes: Vec<Vec<u32>>,
}

impl<T> Partitioned<T> {
    pub(crate) fn len(&self) -> usize {
        self.values.len()
    }

    pub(crate) fn buckets(&self) -> usize {
        self.lanes.first().map_or(0, |starts| starts.len() - 1)
    }

    /// The parts of one bucket.
    pub(crate) fn bucket(&self, bucket: usize) -> impl Iterator<Item = &T> + Clone {
        let parts = self.lanes.iter().filter_map(move |starts| {
            let (from, to) = (*starts.get(bucket)?, *starts.get(bucket + 1)?);
            self.values.get(from as usize..to as usize)
        });
        parts.flatten()
    }

    pub(crate) fn bucket_len(&self, bucket: usize) -> usize {
        let part = |starts: &Vec<u32>| Some(*starts.get(bucket + 1)? - *starts.get(bucket)?);
        self.lanes.iter().filter_map(part).map(|len| len as usize).sum()
    }

    /// Ranges of buckets, about equal in values, one for each thread.
    pub(crate) fn shares(&self, threads: usize) -> Vec<Range<usize>> {
        let mut shares = Vec::with_capacity(threads);
        let (mut from, mut held) = (0, 0);
        for bucket in 0..self.buckets() {
            held += self.bucket_len(bucket);
            if held * threads >= self.values.len() * (shares.len() + 1)
                && shares.len() + 1 < threads
            {
                shares.push(from..bucket + 1);
                from = bucket + 1;
            }
        }
        shares.push(from..self.buckets());
        shares
    }
}

/// How many leading bits of a hash choose the bucket, for this many rows.
pub(crate) fn bucket_bits(rows: u32) -> u32 {
    (rows as usize / BUCKET_ROWS).checked_ilog2().map_or(0, |bits| bits + 1).min(MAX_BITS)
}

/// The bucket of a hash; what is left of the hash tells apart within the bucket.
#[inline]
#[expect(clippy::cast_possible_truncation, reason = "at most 12 bits are left")]
fn bucket_of(hash: u64, bits: u32) -> usize {
    // A shift by all 64 bits is not a shift.
    hash.checked_shr(64 - bits).unwrap_or(0) as usize
}

/// Moves the rows that count to the buckets of their hashes.
///
/// `read` gives the hash of each row of a block, 0 for one that does not count, and takes its own
/// notes; `value` makes what is kept of a row from its hash without the bucket's bits, its time
/// and its number; `zeroed` makes room (for integers the system's own zeroes, which cost nothing
/// until they are touched). The notes of the lanes come back in the order of the rows.
pub(crate) fn partition<T, N>(
    rows: u32,
    steps: &Steps<'_>,
    zeroed: impl Fn(usize) -> Vec<T>,
    read: impl Fn(u32, &mut [u64], &mut N) + Sync,
    times: impl Fn(u32, &mut [i64]) + Sync,
    value: impl Fn(u64, i64, u32) -> T + Sync,
) -> Result<(Partitioned<T>, Vec<N>), Error>
where
    T: Copy + Send + Sync,
    N: Default + Send,
{
    let bits = bucket_bits(rows);
    let mut hashes = vec![0u64; rows as usize];
    let per_lane = (rows as usize).div_ceil(steps.threads()).max(1);

    // First pass: hashes, and how many rows go to each bucket.
    let firsts = (0u32..).step_by(per_lane);
    let counted =
        side_by_side(hashes.chunks_mut(per_lane).zip(firsts).collect(), |(lane, first)| {
            let mut counts = vec![0u32; 1 << bits];
            let mut notes = N::default();
            for (block, start) in lane.chunks_mut(BLOCK_ROWS).zip((first..).step_by(BLOCK_ROWS)) {
                read(start, block, &mut notes);
                for &hash in block.iter().filter(|&&hash| hash != 0) {
                    if let Some(count) = counts.get_mut(bucket_of(hash, bits)) {
                        *count += 1;
                    }
                }
                steps.advance(block.len())?;
            }
            Ok((counts, notes))
        })?;
    let (counts, notes): (Vec<_>, Vec<_>) = counted.into_iter().unzip();

    // Second pass: each lane fills its own stretch of the values.
    let sizes: Vec<usize> =
        counts.iter().map(|lane| lane.iter().map(|&n| n as usize).sum()).collect();
    let mut values = zeroed(sizes.iter().sum());
    let mut lanes = Vec::with_capacity(counts.len());
    let mut work = Vec::with_capacity(counts.len());
    let mut rest = values.as_mut_slice();
    let mut offset = 0u32;
    let firsts = (0u32..).step_by(per_lane);
    for ((size, counts), (hashes, first)) in
        sizes.iter().zip(&counts).zip(hashes.chunks(per_lane).zip(firsts))
    {
        let (own, after) = std::mem::take(&mut rest).split_at_mut(*size);
        rest = after;
        let starts = starts(counts);
        lanes.push(starts.iter().map(|start| start + offset).collect());
        offset += starts.last().copied().unwrap_or(0);
        work.push((first, hashes, own, starts));
    }
    side_by_side(work, |(first, hashes, own, mut cursors)| {
        let mut at = [0i64; BLOCK_ROWS];
        for (hashes, start) in hashes.chunks(BLOCK_ROWS).zip((first..).step_by(BLOCK_ROWS)) {
            let at = at.get_mut(..hashes.len()).unwrap_or_default();
            times(start, at);
            let counted = hashes.iter().zip(&*at).zip(start..).filter(|((hash, _), _)| **hash != 0);
            scatter(
                counted.map(|((&hash, &at), row)| {
                    (bucket_of(hash, bits), value(hash << bits, at, row))
                }),
                &mut cursors,
                own,
            );
            steps.advance(hashes.len())?;
        }
        Ok(())
    })?;
    Ok((Partitioned { values, lanes }, notes))
}

/// Turns counts of each bucket into where each begins; one more, at the end, is the total.
pub(crate) fn starts(counts: &[u32]) -> Vec<u32> {
    let mut starts = Vec::with_capacity(counts.len() + 1);
    let mut sum = 0u32;
    starts.push(0);
    for count in counts {
        sum += count;
        starts.push(sum);
    }
    starts
}

/// Moves each value to its bucket. `cursors` are the buckets' starts in `out`, and become their
/// ends; the caller has counted, so that everything fits.
#[inline]
#[expect(clippy::indexing_slicing, reason = "hot: the caller counted the buckets")]
pub(crate) fn scatter<T: Copy>(
    values: impl Iterator<Item = (usize, T)>,
    cursors: &mut [u32],
    out: &mut [T],
) {
    for (bucket, value) in values {
        let cursor = &mut cursors[bucket];
        out[*cursor as usize] = value;
        // No bucket holds more than all rows, which fit 32 bits.
        *cursor = cursor.wrapping_add(1);
    }
}
