//! Rows that are your own structs.

use std::cmp::Ordering;
use std::fmt::Display;
use std::hash::{BuildHasher, Hash};

use foldhash::fast::FixedState;
use thiserror::Error;

use super::{Block, Rows, Standing};
use crate::bounds::MAX_ROWS;
use crate::error::{Code, Error, Leaf};
use crate::time::Instant;

/// The same rows take the same way through the kernel every time. A hash only groups: equality
/// decides, so its seed changes no answer.
const HASHER: FixedState = FixedState::with_seed(0x686f_7573_656b);

type Predicate<'a, T> = Box<dyn Fn(&T) -> bool + Sync + 'a>;

/// A slice of your own structs as [`Rows`], by closures for key, time and id.
///
/// A key is anything that hashes and orders: a number, a `&str`, a tuple of them. Where a part of
/// it can be null, say so with [`Records::null_key`].
pub struct Records<'a, T, K, W, I> {
    rows: &'a [T],
    key: K,
    time: W,
    id: I,
    null_key: Option<Predicate<'a, T>>,
    only: Option<Predicate<'a, T>>,
}

/// More records than can be numbered.
#[derive(Debug, Error)]
#[error("there are {0} rows, more than {MAX_ROWS}")]
struct TooMany(usize);

impl Leaf for TooMany {
    fn code(&self) -> Code {
        Code::RowsTooLarge
    }

    fn help(&self) -> Option<String> {
        Some("split the rows by key, and plan each part".into())
    }
}

impl<'a, T, K, KeyOf, TimeOf, Id, IdOf> Records<'a, T, KeyOf, TimeOf, IdOf>
where
    T: Sync,
    K: Hash + Ord,
    KeyOf: Fn(&'a T) -> K + Sync,
    TimeOf: Fn(&'a T) -> Option<Instant> + Sync,
    Id: Hash + Ord + Display,
    IdOf: Fn(&'a T) -> Id + Sync,
{
    /// Over `rows`, whose key, time and id the closures give. A row without a time is left alone.
    ///
    /// # Errors
    /// `rows.too_large` for more than 2^32 - 2 rows.
    pub fn new(rows: &'a [T], key: KeyOf, time: TimeOf, id: IdOf) -> Result<Self, Error> {
        match u64::try_from(rows.len()) {
            Ok(count) if count <= MAX_ROWS => {
                Ok(Self { rows, key, time, id, null_key: None, only: None })
            }
            _ => Err(TooMany(rows.len()).into()),
        }
    }
}

impl<'a, T, K, W, I> Records<'a, T, K, W, I> {
    /// Which rows have a null in their key.
    #[must_use]
    pub fn null_key(mut self, is_null: impl Fn(&T) -> bool + Sync + 'a) -> Self {
        self.null_key = Some(Box::new(is_null));
        self
    }

    /// Which rows the rule is about; the others are never touched.
    #[must_use]
    pub fn only(mut self, only: impl Fn(&T) -> bool + Sync + 'a) -> Self {
        self.only = Some(Box::new(only));
        self
    }

    #[expect(clippy::indexing_slicing, reason = "the kernel asks for rows below `len`")]
    fn row(&self, row: u32) -> &'a T {
        &self.rows[row as usize]
    }
}

impl<'a, T, K, KeyOf, TimeOf, Id, IdOf> Rows for Records<'a, T, KeyOf, TimeOf, IdOf>
where
    T: Sync,
    K: Hash + Ord,
    KeyOf: Fn(&'a T) -> K + Sync,
    TimeOf: Fn(&'a T) -> Option<Instant> + Sync,
    Id: Hash + Ord + Display,
    IdOf: Fn(&'a T) -> Id + Sync,
{
    fn len(&self) -> u32 {
        u32::try_from(self.rows.len()).unwrap_or(u32::MAX)
    }

    fn load(&self, start: u32, block: &mut Block) {
        self.times(start, &mut block.times);
        let to = block.hashes.iter_mut().zip(&mut block.flags);
        for (row, (hash, flags)) in (start..).zip(to) {
            *hash = HASHER.hash_one((self.key)(self.row(row)));
            let excluded = self.only.as_ref().is_some_and(|only| !only(self.row(row)));
            let no_time = (self.time)(self.row(row)).is_none();
            *flags = (u8::from(excluded) * Standing::EXCLUDED)
                | (u8::from(no_time) * Standing::NULL_TIME)
                | (u8::from(self.has_null_key(row)) * Standing::NULL_KEY);
        }
    }

    fn times(&self, start: u32, times: &mut [i64]) {
        for (row, time) in (start..).zip(times) {
            *time = (self.time)(self.row(row)).map_or(0, Instant::as_micros);
        }
    }

    fn hash_ids(&self, start: u32, hashes: &mut [u64]) {
        for (row, hash) in (start..).zip(hashes) {
            *hash = HASHER.hash_one((self.id)(self.row(row)));
        }
    }

    fn cmp_key(&self, a: u32, b: u32) -> Ordering {
        (self.key)(self.row(a)).cmp(&(self.key)(self.row(b)))
    }

    fn is_one_group(&self) -> bool {
        // Of such a type there is one value.
        size_of::<K>() == 0
    }

    fn has_null_key(&self, row: u32) -> bool {
        self.null_key.as_ref().is_some_and(|is_null| is_null(self.row(row)))
    }

    fn cmp_id(&self, a: u32, b: u32) -> Ordering {
        (self.id)(self.row(a)).cmp(&(self.id)(self.row(b)))
    }

    fn id_text(&self, row: u32) -> String {
        (self.id)(self.row(row)).to_string()
    }
}

impl<T, K, W, I> std::fmt::Debug for Records<'_, T, K, W, I> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Records").field("rows", &self.rows.len()).finish_non_exhaustive()
    }
}
