//! A column: chunks of one type.

use std::cmp::Ordering;
use std::hash::{BuildHasher, Hasher};
use std::sync::Arc;

use foldhash::fast::FixedState;

#[cfg(feature = "documents")]
use super::Prefix;
use super::data::{Chunk, Data};
use super::layout::Layout;
use super::{Cell, List, Type, same_bytes};
use crate::groups::clusters;

/// What a null hashes to.
const NULL_HASH: u64 = 0x9e37_79b9_7f4a_7c15;

/// A column of one type. Cloning shares the buffers.
#[derive(Clone, Debug)]
pub struct Column {
    ty: Type,
    chunks: Arc<[Chunk]>,
    layout: Arc<Layout>,
    /// Whether bytes are found only by what points to them.
    is_indirect: bool,
}

impl Column {
    /// `None` if there are more rows than a row number holds.
    pub(crate) fn new(ty: Type, chunks: Vec<Chunk>) -> Option<Self> {
        let layout = Layout::new(chunks.iter().map(Chunk::len))?;
        let chunks: Arc<[Chunk]> = chunks.into_iter().map(Chunk::evened).collect();
        let is_even = |chunk: &Chunk| matches!(chunk.data, Data::EvenText { .. } | Data::Uuid(_));
        let is_indirect = !chunks.iter().all(is_even);
        Some(Self { ty, chunks, layout: Arc::new(layout), is_indirect })
    }

    /// The type of its values.
    #[must_use]
    pub fn ty(&self) -> Type {
        self.ty
    }

    /// How many rows it has.
    #[must_use]
    pub fn rows(&self) -> u32 {
        self.layout.rows()
    }

    /// The value of a row; [`Cell::Missing`] past the last one.
    #[must_use]
    pub fn cell(&self, row: u32) -> Cell<'_> {
        if row >= self.rows() {
            return Cell::Missing;
        }
        let (chunk, at) = self.locate(row);
        match chunk.cell(at) {
            // A list lies in its column as a text.
            Cell::Text(text) if self.ty == Type::List => Cell::List(List::encoded(text)),
            cell => cell,
        }
    }

    /// The bytes of a text or UUID; none for a null, for other types, and past the last row.
    #[must_use]
    pub fn bytes(&self, row: u32) -> Option<&[u8]> {
        if row >= self.rows() || !matches!(self.ty, Type::Text | Type::Uuid) {
            return None;
        }
        let (chunk, at) = self.locate(row);
        (!chunk.is_null(at)).then(|| chunk.bytes(at))
    }

    /// The first null, if there is one.
    pub(crate) fn first_null(&self) -> Option<u32> {
        let mut start = 0u32;
        for chunk in self.chunks.iter() {
            if let Some(at) = (0..chunk.len()).find(|&at| chunk.is_null(at)) {
                return Some(start + u32::try_from(at).unwrap_or(0));
            }
            start += u32::try_from(chunk.len()).unwrap_or(0);
        }
        None
    }

    /// Whether any row has a value.
    #[cfg(feature = "documents")]
    pub(crate) fn has_values(&self) -> bool {
        let has_values = |chunk: &Chunk| (0..chunk.len()).any(|at| !chunk.is_null(at));
        self.chunks.iter().any(has_values)
    }

    #[inline]
    #[expect(clippy::indexing_slicing, reason = "the layout names chunks that exist")]
    fn locate(&self, row: u32) -> (&Chunk, usize) {
        let (chunk, at) = self.layout.locate(row);
        (&self.chunks[chunk], at)
    }

    #[inline]
    pub(crate) fn is_null(&self, row: u32) -> bool {
        let (chunk, at) = self.locate(row);
        chunk.is_null(at)
    }

    /// The number in an integer, instant or boolean that is not null.
    #[inline]
    #[cfg(feature = "documents")]
    pub(crate) fn number(&self, row: u32) -> Option<i64> {
        let (chunk, at) = self.locate(row);
        (!chunk.is_null(at)).then(|| chunk.number(at))
    }

    /// Order of two rows: null first, numbers by value, anything else by its bytes.
    #[inline]
    pub(crate) fn cmp(&self, a: u32, b: u32) -> Ordering {
        let ((chunk_a, a), (chunk_b, b)) = (self.locate(a), self.locate(b));
        let order = chunk_b.is_null(b).cmp(&chunk_a.is_null(a));
        if order != Ordering::Equal || chunk_a.is_null(a) {
            return order;
        }
        match self.ty {
            Type::Text | Type::Uuid | Type::List => chunk_a.bytes(a).cmp(chunk_b.bytes(b)),
            Type::Integer | Type::Instant | Type::Boolean | Type::Number => {
                chunk_a.number(a).cmp(&chunk_b.number(b))
            }
        }
    }

    /// Whether two rows hold the same; two nulls do.
    #[inline]
    pub(crate) fn same(&self, a: u32, b: u32) -> bool {
        let ((chunk_a, a), (chunk_b, b)) = (self.locate(a), self.locate(b));
        let null = chunk_a.is_null(a);
        if null || chunk_b.is_null(b) {
            return null == chunk_b.is_null(b);
        }
        match self.ty {
            Type::Text | Type::Uuid | Type::List => chunk_a.bytes(a) == chunk_b.bytes(b),
            Type::Integer | Type::Instant | Type::Boolean | Type::Number => {
                chunk_a.number(a) == chunk_b.number(b)
            }
        }
    }

    /// Sets the answer of each cluster of rows that do not all hold the same: see
    /// [`Rows::mixed`](crate::groups::Rows::mixed).
    pub(crate) fn mixed(&self, rows: &[u32], ends: &[usize], answers: &mut [bool]) {
        match self.ty {
            Type::Text | Type::Uuid | Type::List => {
                let same = |a: &Option<&[u8]>, b: &Option<&[u8]>| match (a, b) {
                    (Some(a), Some(b)) => same_bytes(a, b),
                    (a, b) => a.is_none() && b.is_none(),
                };
                mixed(&self.bytes_of(rows), ends, answers, same);
            }
            Type::Integer | Type::Instant | Type::Boolean | Type::Number => {
                mixed(&self.numbers_of(rows), ends, answers, PartialEq::eq);
            }
        }
    }

    /// The bytes of rows that lie anywhere, read all at once, so that what is done with them next
    /// waits for memory once and not at every row.
    fn bytes_of(&self, rows: &[u32]) -> Vec<Option<&[u8]>> {
        if self.is_indirect {
            self.touch_places(rows);
        }
        let mut found = Vec::with_capacity(rows.len());
        let mut ends = Vec::with_capacity(rows.len() * 2);
        for &row in rows {
            let (chunk, at) = self.locate(row);
            let bytes = (!chunk.is_null(at)).then(|| chunk.bytes(at));
            // A value may begin in one line of the cache and end in the next.
            if let Some([first, .., last]) = bytes {
                ends.extend([first, last]);
            }
            found.push(bytes);
        }
        read_all(&ends);
        found
    }

    /// The numbers of rows that lie anywhere.
    fn numbers_of(&self, rows: &[u32]) -> Vec<Option<i64>> {
        self.touch_places(rows);
        let located = rows.iter().map(|&row| self.locate(row));
        located.map(|(chunk, at)| (!chunk.is_null(at)).then(|| chunk.number(at))).collect()
    }

    /// Reads a little of the values of some rows, all at once: see [`Column::bytes_of`].
    #[cfg(feature = "documents")]
    pub(crate) fn touch(&self, rows: &[u32]) {
        match self.ty {
            Type::Text | Type::Uuid | Type::List => drop(self.bytes_of(rows)),
            Type::Integer | Type::Instant | Type::Boolean | Type::Number => self.touch_places(rows),
        }
    }

    /// Reads where the values of some rows stand, or what points to them.
    fn touch_places(&self, rows: &[u32]) {
        let located = rows.iter().map(|&row| self.locate(row));
        let places: Vec<&u8> = located.filter_map(|(chunk, at)| chunk.place(at)).collect();
        read_all(&places);
    }

    /// Writes what [`Column::cmp`] orders by as bytes that order the same, as far as there is room.
    #[cfg(feature = "documents")]
    pub(crate) fn write_prefix(&self, row: u32, prefix: &mut Prefix) {
        let (chunk, at) = self.locate(row);
        if chunk.is_null(at) {
            return prefix.push(0);
        }
        prefix.push(1);
        match self.ty {
            Type::Text | Type::List => prefix.push_text(chunk.bytes(at)),
            Type::Uuid => chunk.bytes(at).iter().for_each(|&byte| prefix.push(byte)),
            Type::Integer | Type::Instant | Type::Boolean | Type::Number => {
                // Shifts the sign so that unsigned order is the numbers' order.
                let shifted = chunk.number(at).cast_unsigned() ^ (1 << 63);
                shifted.to_be_bytes().into_iter().for_each(|byte| prefix.push(byte));
            }
        }
    }

    /// Mixes the hash of each row from `start` on into `hashes`, but of those to `skip`.
    pub(crate) fn hash_into(&self, start: u32, hashes: &mut [u64], skip: impl Fn(usize) -> bool) {
        let count = hashes.len();
        match self.ty {
            Type::Text | Type::Uuid | Type::List => self.each_bytes(start, count, |n, bytes| {
                if let Some(hash) = hashes.get_mut(n).filter(|_| !skip(n)) {
                    mix(hash, bytes, Hasher::write);
                }
            }),
            Type::Integer | Type::Instant | Type::Boolean | Type::Number => {
                self.each_number(start, count, |n, number| {
                    if let Some(hash) = hashes.get_mut(n).filter(|_| !skip(n)) {
                        mix(hash, number, Hasher::write_i64);
                    }
                });
            }
        }
    }

    /// Shows `each` the bytes of every row from `start` on: of texts, lists and UUIDs.
    pub(crate) fn each_bytes<'a>(
        &'a self,
        start: u32,
        count: usize,
        mut each: impl FnMut(usize, Option<&'a [u8]>),
    ) {
        let mut n = 0;
        for (chunk, at, length) in self.layout.pieces(start, count) {
            if let Some(chunk) = self.chunks.get(chunk) {
                chunk.each_bytes(at, length, |place, bytes| each(n + place, bytes));
            }
            n += length;
        }
    }

    /// Shows `each` the number of every row from `start` on: of integers, instants and booleans.
    pub(crate) fn each_number(
        &self,
        start: u32,
        count: usize,
        mut each: impl FnMut(usize, Option<i64>),
    ) {
        let mut n = 0;
        for (chunk, at, length) in self.layout.pieces(start, count) {
            if let Some(chunk) = self.chunks.get(chunk) {
                chunk.each_number(at, length, |place, number| each(n + place, number));
            }
            n += length;
        }
    }

    /// The numbers of some rows: those in memory, if they lie together and none is null, or else what is
    /// written into `scratch`, where NaN stands for what is missing. None for a column without numbers.
    pub(crate) fn floats<'s>(
        &'s self,
        start: usize,
        count: usize,
        scratch: &'s mut Vec<f64>,
    ) -> Option<&'s [f64]> {
        if !matches!(self.ty, Type::Number | Type::Integer | Type::Boolean) {
            return None;
        }
        let start = u32::try_from(start).ok()?;
        scratch.clear();
        for (chunk, at, length) in self.layout.pieces(start, count) {
            let chunk = self.chunks.get(chunk)?;
            match (&chunk.data, &chunk.nulls) {
                (Data::Number(values), None) if length == count => {
                    return values.get(at..at + length);
                }
                (Data::Number(values), None) => {
                    scratch.extend_from_slice(values.get(at..at + length)?);
                }
                (Data::Integer(values), None) => {
                    let values = values.get(at..at + length)?.iter();
                    scratch.extend(values.map(|&value| value as f64));
                }
                _ => scratch.extend((at..at + length).map(|at| chunk.float(at))),
            }
        }
        Some(scratch)
    }

    /// The row of this number, of a column of instants.
    pub(crate) fn instants_from(&self, start: usize) -> Option<u32> {
        if self.ty == Type::Instant { u32::try_from(start).ok() } else { None }
    }

    /// Sets `bit` in the flags of each row from `start` on that is null.
    pub(crate) fn flag_nulls(&self, start: u32, flags: &mut [u8], bit: u8) {
        let mut rest = flags;
        for (chunk, at, length) in self.layout.pieces(start, rest.len()) {
            let Some((here, after)) = rest.split_at_mut_checked(length) else { return };
            if let Some(chunk) = self.chunks.get(chunk)
                && chunk.has_nulls()
            {
                for (n, flag) in here.iter_mut().enumerate() {
                    *flag |= u8::from(chunk.is_null(at + n)) * bit;
                }
            }
            rest = after;
        }
    }

    /// The numbers of each row from `start` on, whatever stands where it is null.
    pub(crate) fn numbers_into(&self, start: u32, numbers: &mut [i64]) {
        let mut rest = numbers;
        for (chunk, at, length) in self.layout.pieces(start, rest.len()) {
            let Some((here, after)) = rest.split_at_mut_checked(length) else { return };
            match self.chunks.get(chunk).map(|chunk| &chunk.data) {
                Some(Data::Integer(values) | Data::Instant(values)) => {
                    if let Some(values) = values.get(at..at + length) {
                        here.copy_from_slice(values);
                    }
                }
                _ => here.fill(0),
            }
            rest = after;
        }
    }
}

/// Reads bytes that lie anywhere. The loop does nothing else, so that as many reads are under way
/// at once as the processor allows.
#[inline(never)]
fn read_all(places: &[&u8]) {
    let sum: u64 = places.iter().map(|&&byte| u64::from(byte)).sum();
    std::hint::black_box(sum);
}

/// Sets the answer of each cluster of values that are not all the same.
fn mixed<T>(values: &[T], ends: &[usize], answers: &mut [bool], same: impl Fn(&T, &T) -> bool) {
    for (cluster, answer) in clusters(values, ends).zip(answers) {
        if let [first, others @ ..] = cluster {
            *answer |= !others.iter().all(|other| same(first, other));
        }
    }
}

/// Mixes a value into the hash of a row. The hash of the columns before is the seed of this one.
#[inline]
fn mix<T>(
    hash: &mut u64,
    value: Option<T>,
    write: impl Fn(&mut <FixedState as BuildHasher>::Hasher, T),
) {
    let mut hasher = FixedState::with_seed(*hash).build_hasher();
    match value {
        Some(value) => write(&mut hasher, value),
        None => hasher.write_u64(NULL_HASH),
    }
    *hash = hasher.finish();
}
