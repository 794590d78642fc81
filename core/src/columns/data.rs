//! The buffers of one chunk of a column, laid out as Arrow lays them out.

use std::sync::Arc;

use arrow_buffer::{BooleanBuffer, Buffer, NullBuffer, ScalarBuffer};

use super::{Cell, Type};
use crate::time::Instant;

/// One chunk of a column.
#[derive(Clone, Debug)]
pub(crate) struct Chunk {
    pub(crate) data: Data,
    /// Which rows have a value; `None` if all do.
    pub(crate) nulls: Option<NullBuffer>,
}

/// Values without their nulls.
#[derive(Clone, Debug)]
#[cfg_attr(
    not(feature = "arrow"),
    expect(dead_code, reason = "only batches come in some of these layouts")
)]
pub(crate) enum Data {
    /// Text behind offsets of 32 bits.
    Text { offsets: ScalarBuffer<i32>, bytes: Buffer },
    /// Text behind offsets of 64 bits.
    LargeText { offsets: ScalarBuffer<i64>, bytes: Buffer },
    /// Texts of one width, one after the other, such as UUIDs and digests: no offsets to look up.
    EvenText { width: usize, bytes: Buffer },
    /// Arrow's string views: 12 bytes inline, or a length, a prefix, a buffer and an offset.
    TextView { views: ScalarBuffer<u128>, buffers: Arc<[Buffer]> },
    /// Text by number, each number one of a few texts.
    Dictionary { keys: ScalarBuffer<i32>, values: Box<Chunk> },
    /// Integers.
    Integer(ScalarBuffer<i64>),
    /// Microseconds since 1970, checked.
    Instant(ScalarBuffer<i64>),
    /// Numbers with fractions.
    Number(ScalarBuffer<f64>),
    /// 16 bytes a row.
    Uuid(Buffer),
    /// Bits.
    Boolean(BooleanBuffer),
}

impl Chunk {
    /// Without the offsets, if they say nothing.
    pub(crate) fn evened(self) -> Self {
        let even = match &self.data {
            Data::Text { offsets, bytes } => even_text(offsets, bytes),
            Data::LargeText { offsets, bytes } => even_text(offsets, bytes),
            _ => None,
        };
        Self { data: even.unwrap_or(self.data), nulls: self.nulls }
    }

    pub(crate) fn ty(&self) -> Type {
        match &self.data {
            Data::Text { .. }
            | Data::LargeText { .. }
            | Data::EvenText { .. }
            | Data::TextView { .. } => Type::Text,
            Data::Dictionary { values, .. } => values.ty(),
            Data::Integer(_) => Type::Integer,
            Data::Instant(_) => Type::Instant,
            Data::Uuid(_) => Type::Uuid,
            Data::Number(_) => Type::Number,
            Data::Boolean(_) => Type::Boolean,
        }
    }

    pub(crate) fn len(&self) -> usize {
        match &self.data {
            Data::Text { offsets, .. } => offsets.len().saturating_sub(1),
            Data::LargeText { offsets, .. } => offsets.len().saturating_sub(1),
            Data::EvenText { width, bytes } => bytes.len() / width,
            Data::TextView { views, .. } => views.len(),
            Data::Dictionary { keys, .. } => keys.len(),
            Data::Integer(values) | Data::Instant(values) => values.len(),
            Data::Uuid(bytes) => bytes.len() / 16,
            Data::Number(values) => values.len(),
            Data::Boolean(bits) => bits.len(),
        }
    }

    #[inline]
    pub(crate) fn is_null(&self, at: usize) -> bool {
        let here = self.nulls.as_ref().is_some_and(|nulls| nulls.is_null(at));
        here || match &self.data {
            Data::Dictionary { keys, values } => values.is_null(entry(keys, at)),
            _ => false,
        }
    }

    /// The bytes of a text or UUID; empty for other types.
    #[inline]
    pub(crate) fn bytes(&self, at: usize) -> &[u8] {
        match &self.data {
            Data::Text { offsets, bytes } => text32(offsets, bytes, at),
            Data::LargeText { offsets, bytes } => text64(offsets, bytes, at),
            Data::EvenText { width, bytes } => even(*width, bytes, at),
            Data::TextView { views, buffers } => view(views, buffers, at),
            Data::Dictionary { keys, values } => values.bytes(entry(keys, at)),
            Data::Uuid(bytes) => even(16, bytes, at),
            Data::Integer(_) | Data::Instant(_) | Data::Boolean(_) | Data::Number(_) => &[],
        }
    }

    /// Shows `each` the bytes of every row of a stretch. One loop per layout, so that nothing is
    /// decided per row but its own null.
    pub(crate) fn each_bytes<'a>(
        &'a self,
        first: usize,
        length: usize,
        each: impl FnMut(usize, Option<&'a [u8]>),
    ) {
        match &self.data {
            Data::Text { offsets, bytes } => {
                self.each(first, length, |at| text32(offsets, bytes, at), each);
            }
            Data::LargeText { offsets, bytes } => {
                self.each(first, length, |at| text64(offsets, bytes, at), each);
            }
            Data::EvenText { width, bytes } => {
                self.each(first, length, |at| even(*width, bytes, at), each);
            }
            Data::TextView { views, buffers } => {
                self.each(first, length, |at| view(views, buffers, at), each);
            }
            _ => self.each(first, length, |at| self.bytes(at), each),
        }
    }

    #[inline]
    fn each<T>(
        &self,
        first: usize,
        length: usize,
        value: impl Fn(usize) -> T,
        mut each: impl FnMut(usize, Option<T>),
    ) {
        if self.has_nulls() {
            (0..length).for_each(|n| {
                each(n, (!self.is_null(first + n)).then(|| value(first + n)));
            });
        } else {
            (0..length).for_each(|n| each(n, Some(value(first + n))));
        }
    }

    /// Whether any row might be null.
    pub(crate) fn has_nulls(&self) -> bool {
        self.nulls.is_some() || matches!(self.data, Data::Dictionary { .. })
    }

    /// The first byte of where the row's value, or what points to it, stands.
    #[inline]
    pub(crate) fn place(&self, at: usize) -> Option<&u8> {
        match &self.data {
            Data::Text { offsets, .. } => offsets.inner().get(at * 4),
            Data::LargeText { offsets, .. } => offsets.inner().get(at * 8),
            Data::EvenText { width, bytes } => bytes.get(at * width),
            Data::TextView { views, .. } => views.inner().get(at * 16),
            Data::Dictionary { keys, .. } => keys.inner().get(at * 4),
            Data::Uuid(bytes) => bytes.get(at * 16),
            Data::Integer(values) | Data::Instant(values) => values.inner().get(at * 8),
            Data::Number(values) => values.inner().get(at * 8),
            Data::Boolean(bits) => bits.values().get((bits.offset() + at) / 8),
        }
    }

    /// Shows `each` the number of every row of a stretch.
    pub(crate) fn each_number(
        &self,
        first: usize,
        length: usize,
        each: impl FnMut(usize, Option<i64>),
    ) {
        match &self.data {
            Data::Integer(values) | Data::Instant(values) => {
                self.each(first, length, |at| values.get(at).copied().unwrap_or(0), each);
            }
            _ => self.each(first, length, |at| self.number(at), each),
        }
    }

    /// The number in an integer, instant or boolean, and of a number with a fraction one that orders as
    /// it does; 0 for other types.
    #[inline]
    pub(crate) fn number(&self, at: usize) -> i64 {
        match &self.data {
            Data::Integer(values) | Data::Instant(values) => values.get(at).copied().unwrap_or(0),
            Data::Boolean(bits) => i64::from(at < bits.len() && bits.value(at)),
            Data::Dictionary { keys, values } => values.number(entry(keys, at)),
            Data::Number(_) => ordered(self.float(at)),
            _ => 0,
        }
    }

    /// The number in a number, integer or boolean that is not null; NaN for anything else.
    #[inline]
    pub(crate) fn float(&self, at: usize) -> f64 {
        if self.is_null(at) {
            return f64::NAN;
        }
        match &self.data {
            Data::Number(values) => values.get(at).copied().unwrap_or(f64::NAN),
            Data::Integer(_) | Data::Boolean(_) => self.number(at) as f64,
            Data::Dictionary { keys, values } => values.float(entry(keys, at)),
            _ => f64::NAN,
        }
    }

    pub(crate) fn cell(&self, at: usize) -> Cell<'_> {
        if self.is_null(at) {
            return Cell::Null;
        }
        match self.ty() {
            // No chunk says by itself that its texts are lists.
            Type::Text | Type::List => Cell::Text(text(self.bytes(at))),
            Type::Integer => Cell::Integer(self.number(at)),
            Type::Instant => {
                Cell::Instant(Instant::checked(self.number(at)).unwrap_or(Instant::MIN))
            }
            Type::Uuid => Cell::Uuid(self.bytes(at).try_into().unwrap_or_default()),
            Type::Boolean => Cell::Boolean(self.number(at) != 0),
            Type::Number => Cell::Number(self.float(at)),
        }
    }
}

/// A number whose order is that of numbers with fractions, as IEEE 754 has it.
fn ordered(number: f64) -> i64 {
    let bits = number.to_bits().cast_signed();
    // Where the sign is set, more is less.
    bits ^ ((bits >> 63) & i64::MAX)
}

/// Batches promise UTF-8; one that breaks its promise shows as a replacement character.
fn text(bytes: &[u8]) -> &str {
    std::str::from_utf8(bytes).unwrap_or("\u{FFFD}")
}

/// The texts behind some offsets, if all have one width, and any at all.
fn even_text<O: Copy + Into<i64>>(offsets: &[O], bytes: &Buffer) -> Option<Data> {
    let ends = || offsets.iter().map(|&offset| offset.into());
    let (first, last): (i64, i64) = (ends().next()?, ends().next_back()?);
    let width = ends().nth(1)?.checked_sub(first).filter(|width| *width > 0)?;
    let is_even = ends().zip(ends().skip(1)).all(|(from, to)| to.wrapping_sub(from) == width);
    let (first, last) = (usize::try_from(first).ok()?, usize::try_from(last).ok()?);
    if !is_even || last > bytes.len() {
        return None;
    }
    let bytes = bytes.slice_with_length(first, last - first);
    Some(Data::EvenText { width: usize::try_from(width).ok()?, bytes })
}

/// What `a == b` says, for values that most often are the same and not long: without a call, and
/// without a branch at every word.
#[inline]
pub(crate) fn same_bytes(a: &[u8], b: &[u8]) -> bool {
    let long = |a: &[u8; 8], b: &[u8; 8]| u64::from_ne_bytes(*a) ^ u64::from_ne_bytes(*b);
    let short = |a: &[u8; 4], b: &[u8; 4]| u32::from_ne_bytes(*a) ^ u32::from_ne_bytes(*b);
    if a.len() != b.len() {
        return false;
    }
    // The last word overlaps the one before it.
    if let (Some(last_a), Some(last_b)) = (a.last_chunk(), b.last_chunk()) {
        let words = a.as_chunks().0.iter().zip(b.as_chunks().0);
        return words.fold(long(last_a, last_b), |found, (a, b)| found | long(a, b)) == 0;
    }
    match (a.first_chunk(), b.first_chunk(), a.last_chunk(), b.last_chunk()) {
        (Some(first_a), Some(first_b), Some(last_a), Some(last_b)) => {
            short(first_a, first_b) | short(last_a, last_b) == 0
        }
        _ => a == b,
    }
}

#[inline]
fn entry(keys: &ScalarBuffer<i32>, at: usize) -> usize {
    keys.get(at).and_then(|&key| usize::try_from(key).ok()).unwrap_or(0)
}

#[inline]
fn text32<'a>(offsets: &ScalarBuffer<i32>, bytes: &'a Buffer, at: usize) -> &'a [u8] {
    let (Some(&from), Some(&to)) = (offsets.get(at), offsets.get(at + 1)) else { return &[] };
    slice(bytes, i64::from(from), i64::from(to))
}

#[inline]
fn text64<'a>(offsets: &ScalarBuffer<i64>, bytes: &'a Buffer, at: usize) -> &'a [u8] {
    let (Some(&from), Some(&to)) = (offsets.get(at), offsets.get(at + 1)) else { return &[] };
    slice(bytes, from, to)
}

#[inline]
fn even(width: usize, bytes: &Buffer, at: usize) -> &[u8] {
    bytes.get(at * width..(at + 1) * width).unwrap_or_default()
}

#[inline]
fn slice(bytes: &Buffer, from: i64, to: i64) -> &[u8] {
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "offsets are never negative, and what is out of reach is empty"
    )]
    let range = from as usize..to as usize;
    bytes.as_slice().get(range).unwrap_or_default()
}

/// Arrow's layout of a view: length in the lowest 32 bits; up to 12 bytes follow inline, else the
/// buffer's number in bits 64 to 96 and the offset in it above.
#[inline]
#[expect(clippy::cast_possible_truncation, reason = "each part is cut out of the view on purpose")]
fn view<'a>(views: &'a ScalarBuffer<u128>, buffers: &'a [Buffer], at: usize) -> &'a [u8] {
    let Some(&view) = views.get(at) else { return &[] };
    let length = view as u32 as usize;
    if length <= 12 {
        let first = at * 16 + 4;
        return views.inner().as_slice().get(first..first + length).unwrap_or_default();
    }
    let buffer = (view >> 64) as u32 as usize;
    let offset = (view >> 96) as u32 as usize;
    let bytes = buffers.get(buffer).map(Buffer::as_slice);
    bytes.and_then(|bytes| bytes.get(offset..offset + length)).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_are_the_same_if_every_one_is() {
        let all: Vec<u8> = (1..=40).collect();
        for length in 0..all.len() {
            let a = &all[..length];
            assert!(same_bytes(a, a.to_vec().as_slice()), "{length}");
            assert!(!same_bytes(a, &all[..=length]) && !same_bytes(&all[..=length], a), "{length}");
            for at in 0..length {
                let mut b = a.to_vec();
                b[at] ^= 0x80;
                assert!(!same_bytes(a, &b), "{length}, {at}");
            }
        }
    }

    #[test]
    fn texts_of_one_width_lie_where_they_lay() {
        let chunk = |offsets: &[i64]| Chunk {
            data: Data::LargeText {
                offsets: offsets.to_vec().into(),
                bytes: Buffer::from(b"abcdefgh"),
            },
            nulls: None,
        };
        for (offsets, is_even) in [
            (&[0, 2, 4][..], true),
            (&[2, 5, 8], true),
            (&[8, 8], false),
            (&[0, 2, 5], false),
            (&[4, 2, 0], false),
            (&[0, 9], false),
            (&[3], false),
            (&[], false),
        ] {
            let (before, after) = (chunk(offsets), chunk(offsets).evened());
            assert_eq!(matches!(after.data, Data::EvenText { .. }), is_even, "{offsets:?}");
            assert_eq!(before.len(), after.len(), "{offsets:?}");
            assert!((0..before.len()).all(|at| before.bytes(at) == after.bytes(at)), "{offsets:?}");
        }
    }
}
