//! Radix partitioning: values into buckets by the leading bits of a hash.
//!
//! A group-by over more memory than the cache holds is dear because every row is a miss. Moving
//! each row once, in long runs, to a bucket that fits the cache makes the rest cheap.

use std::ops::Range;

use super::blocks::read_blocks;
use crate::control::Steps;
use crate::error::Error;

/// Rows of one bucket, about: their entries fit the second-level cache.
const BUCKET_ROWS: usize = 4096;
/// More buckets than this, and writing to all of them at once misses by itself.
const MAX_BITS: u32 = 10;

/// Values that stand together in a bucket, about a page of them.
const PIECE: usize = 256;

/// Values by bucket. Each lane, one per thread, holds its own part of every bucket.
pub(crate) struct Partitioned<T> {
    lanes: Vec<Lane<T>>,
    buckets: usize,
}

/// The values of one lane, in pieces that belong to one bucket each and are taken one after the other
/// as buckets need them. So nothing has to be counted first, and no row is read twice.
pub(crate) struct Lane<T> {
    values: Vec<T>,
    /// The bucket of each piece.
    owners: Vec<u32>,
    /// Of each bucket, where its next value goes; at the start of a piece it has none yet.
    cursors: Vec<usize>,
    /// The pieces of each bucket, in the order they were filled.
    pieces: Vec<u32>,
    /// Where those of each bucket begin, and where the last ones end.
    starts: Vec<u32>,
    bits: u32,
}

impl<T: Copy> Lane<T> {
    /// Room for so many rows.
    fn new(rows: usize, bits: u32, zeroed: impl Fn(usize) -> Vec<T>) -> Self {
        let buckets = 1 << bits;
        // All pieces but the last of each bucket are full.
        let values = zeroed((rows / PIECE + buckets) * PIECE);
        let cursors = vec![0; buckets];
        Self { values, owners: Vec::new(), cursors, pieces: Vec::new(), starts: Vec::new(), bits }
    }

    /// Moves a row to the bucket of its hash. `value` makes what is kept of it from what is left of
    /// the hash.
    #[inline]
    #[expect(clippy::indexing_slicing, reason = "hot: there is a piece for every value")]
    pub(crate) fn push(&mut self, hash: u64, value: impl FnOnce(u64) -> T) {
        let bucket = bucket_of(hash, self.bits);
        let mut cursor = self.cursors[bucket];
        if cursor.is_multiple_of(PIECE) {
            cursor = self.owners.len() * PIECE;
            self.owners.push(u32::try_from(bucket).unwrap_or(0));
        }
        self.values[cursor] = value(hash << self.bits);
        self.cursors[bucket] = cursor.wrapping_add(1);
    }

    /// Puts the pieces of each bucket together.
    fn finish(&mut self) {
        let mut counts = vec![0u32; self.cursors.len()];
        for &owner in &self.owners {
            if let Some(count) = counts.get_mut(owner as usize) {
                *count += 1;
            }
        }
        self.starts = starts(&counts);
        self.pieces = vec![0; self.owners.len()];
        let owned = self.owners.iter().map(|&owner| owner as usize).zip(0..);
        scatter(owned, &mut self.starts.clone(), &mut self.pieces);
    }

    /// The pieces of one bucket.
    fn bucket(&self, bucket: usize) -> impl Iterator<Item = &[T]> + Clone {
        let range = self.starts.get(bucket).zip(self.starts.get(bucket + 1));
        let range = range.map_or(0..0, |(&from, &to)| from as usize..to as usize);
        let pieces = self.pieces.get(range).unwrap_or_default();
        // The last piece ends at the cursor.
        let end = self.cursors.get(bucket).copied().unwrap_or(0);
        pieces.iter().filter_map(move |&piece| {
            let start = piece as usize * PIECE;
            let full = start + PIECE;
            self.values.get(start..if (start..full).contains(&end) { end } else { full })
        })
    }
}

impl<T: Copy> Partitioned<T> {
    pub(crate) fn len(&self) -> usize {
        (0..self.buckets).map(|bucket| self.bucket_len(bucket)).sum()
    }

    /// The parts of one bucket.
    pub(crate) fn bucket(&self, bucket: usize) -> impl Iterator<Item = &T> + Clone {
        self.lanes.iter().flat_map(move |lane| lane.bucket(bucket)).flatten()
    }

    pub(crate) fn bucket_len(&self, bucket: usize) -> usize {
        self.lanes.iter().flat_map(|lane| lane.bucket(bucket)).map(<[T]>::len).sum()
    }

    /// Ranges of buckets, about equal in values, one for each thread.
    pub(crate) fn shares(&self, threads: usize) -> Vec<Range<usize>> {
        let mut shares = Vec::with_capacity(threads);
        let (mut from, mut held, all) = (0, 0, self.len());
        for bucket in 0..self.buckets {
            held += self.bucket_len(bucket);
            if held * threads >= all * (shares.len() + 1) && shares.len() + 1 < threads {
                shares.push(from..bucket + 1);
                from = bucket + 1;
            }
        }
        shares.push(from..self.buckets);
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
/// `read` pushes those of a block of rows, from a first one on, and takes its own notes; `zeroed` makes
/// room (for integers the system's own zeroes, which cost nothing until they are touched). The notes
/// of the lanes come back in the order of the rows.
pub(crate) fn partition<T, N>(
    rows: u32,
    steps: &Steps<'_>,
    zeroed: impl Fn(usize) -> Vec<T> + Sync,
    read: impl Fn(u32, usize, &mut Lane<T>, &mut N) + Sync,
) -> Result<(Partitioned<T>, Vec<N>), Error>
where
    T: Copy + Send + Sync,
    N: Default + Send,
{
    let bits = bucket_bits(rows);
    let new = |count| (Lane::new(count, bits, &zeroed), N::default());
    let mut filled = read_blocks(rows, steps, new, |start, count, (lane, notes)| {
        read(start, count, lane, notes);
    })?;
    filled.iter_mut().for_each(|(lane, _)| lane.finish());
    let (lanes, notes): (Vec<_>, Vec<_>) = filled.into_iter().unzip();
    Ok((Partitioned { lanes, buckets: 1 << bits }, notes))
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
    values.for_each(|(bucket, value)| {
        let cursor = &mut cursors[bucket];
        out[*cursor as usize] = value;
        // No bucket holds more than all rows, which fit 32 bits.
        *cursor = cursor.wrapping_add(1);
    });
}
