//! What the kernel sees of the rows: no format, no column, no name.

use std::cmp::Ordering;

/// Rows that the kernel reads in blocks. Row numbers are positions, from 0.
pub trait Rows: Sync {
    /// How many rows there are; fewer than 2^32 - 1.
    fn len(&self) -> u32;

    /// Fills `block` with its rows from `start` on.
    fn load(&self, start: u32, block: &mut Block);

    /// The time of each row from `start` on, as in [`Block::times`].
    fn times(&self, start: u32, times: &mut [i64]);

    /// The hash of the id of each row from `start` on.
    fn hash_ids(&self, start: u32, hashes: &mut [u64]);

    /// Order of the keys of two rows. Nulls are equal here, and come first.
    fn cmp_key(&self, a: u32, b: u32) -> Ordering;

    /// Whether two rows have the same key.
    fn same_key(&self, a: u32, b: u32) -> bool {
        self.cmp_key(a, b) == Ordering::Equal
    }

    /// Sets the answer of each cluster of rows that do not all have the same key; the answers come
    /// unset. The clusters stand one after the other in `rows`, and `ends` says where each ends.
    ///
    /// Many are asked for at once, because their rows lie far apart in memory: columns can fetch them
    /// together.
    fn mixed(&self, rows: &[u32], ends: &[usize], answers: &mut [bool]) {
        for (cluster, answer) in clusters(rows, ends).zip(answers) {
            if let [first, others @ ..] = cluster {
                *answer = others.iter().any(|other| !self.same_key(*first, *other));
            }
        }
    }

    /// Whether all rows have the same key, because a key has no parts.
    fn is_one_group(&self) -> bool {
        false
    }

    /// Whether a part of the row's key is null.
    fn has_null_key(&self, row: u32) -> bool;

    /// Order of the ids of two rows.
    fn cmp_id(&self, a: u32, b: u32) -> Ordering;

    /// The id as text, for a message.
    fn id_text(&self, row: u32) -> String;

    /// Whether there are no rows.
    fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

/// What stands in clusters, cut where they end.
pub(crate) fn clusters<'a, T>(all: &'a [T], ends: &'a [usize]) -> impl Iterator<Item = &'a [T]> {
    let starts = std::iter::once(&0).chain(ends);
    starts.zip(ends).map(|(&start, &end)| all.get(start..end).unwrap_or_default())
}

/// A stretch of rows, as the kernel reads them.
#[derive(Debug, Default)]
pub struct Block {
    /// A hash of the key; anything where the rule is not about the row, or it has no time. Rows of
    /// one key have one hash; the reverse need not hold. Its higher bits choose the bucket, so they
    /// had better be spread well.
    pub hashes: Vec<u64>,
    /// Microseconds since 1970, in the years 0001 to 9999; anything where there is no time.
    pub times: Vec<i64>,
    /// What else matters, as bits of [`Standing`].
    pub flags: Vec<u8>,
}

/// Bits of [`Block::flags`].
#[derive(Debug)]
#[non_exhaustive]
pub struct Standing;

impl Standing {
    /// The rule is not about the row.
    pub const EXCLUDED: u8 = 1;
    /// The row has no time.
    pub const NULL_TIME: u8 = 2;
    /// A part of the key is null.
    pub const NULL_KEY: u8 = 4;
    /// No rule decides the row, so that its key does not matter.
    pub(crate) const LEFT_ALONE: u8 = Self::EXCLUDED | Self::NULL_TIME;
}

impl Block {
    /// Makes it `rows` long, and forgets what it held.
    pub(crate) fn reset(&mut self, rows: usize) {
        self.hashes.clear();
        self.hashes.resize(rows, 0);
        self.times.clear();
        self.times.resize(rows, 0);
        self.flags.clear();
        self.flags.resize(rows, 0);
    }

    pub(crate) fn rows(&self) -> impl Iterator<Item = (u64, i64, u8)> + '_ {
        let rest = self.times.iter().zip(&self.flags);
        self.hashes.iter().zip(rest).map(|(&hash, (&time, &flags))| (hash, time, flags))
    }
}
