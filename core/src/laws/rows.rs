//! Rows to hold laws against: a plain struct, and views of rows of any kind.

use std::cmp::Ordering;

use super::{Held, Law};
use crate::error::Error;
use crate::groups::{Block, Records, Rows, Standing};
use crate::time::Instant;

/// A row with nothing but what a dedupe rule reads.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Row {
    /// The id; no other row has it.
    pub id: i64,
    /// The parts of the key, null or not. All rows have as many.
    pub key: Vec<Option<u32>>,
    /// The time, if it has one.
    pub time: Option<Instant>,
    /// Whether the rule is about the row: whether it meets `only`.
    pub counts: bool,
}

/// Shows `rows` to the kernel.
///
/// # Errors
/// `rows.too_large` for more than 2^32 - 2 rows.
pub fn records(rows: &[Row]) -> Result<impl Rows + '_, Error> {
    let records = Records::new(rows, |row| row.key.as_slice(), |row| row.time, |row| row.id)?;
    Ok(records.null_key(|row: &Row| row.key.contains(&None)).only(|row: &Row| row.counts))
}

/// Reads rows of any kind into plain ones that stand in the same order.
///
/// Ids and keys become their ranks, so that the order of the ids and the equality of the keys are
/// kept, and nothing else of them. A key with a null has a null here.
#[must_use]
pub fn read<R: Rows>(rows: &R) -> Vec<Row> {
    let ids = ranks(rows.len(), |a, b| rows.cmp_id(a, b));
    let keys = ranks(rows.len(), |a, b| rows.cmp_key(a, b));
    let read = (0..rows.len()).zip(ids.into_iter().zip(keys)).map(|(row, (id, key))| {
        let (_, time, flags) = load(rows, row);
        let part = if rows.has_null_key(row) { None } else { Some(0) };
        let time = if flags & Standing::NULL_TIME == 0 { Instant::checked(time) } else { None };
        Row {
            id: i64::from(id),
            key: vec![Some(key), part],
            time,
            counts: flags & Standing::EXCLUDED == 0,
        }
    });
    read.collect()
}

/// The rank of each row, from 0; equals share one.
fn ranks(rows: u32, order: impl Fn(u32, u32) -> Ordering) -> Vec<u32> {
    let mut sorted: Vec<u32> = (0..rows).collect();
    sorted.sort_by(|&a, &b| order(a, b));
    let classes = sorted.chunk_by(|&a, &b| order(a, b).is_eq());
    let mut ranked: Vec<(u32, u32)> = (0..)
        .zip(classes)
        .flat_map(|(rank, class)| class.iter().map(move |&row| (row, rank)))
        .collect();
    ranked.sort_unstable();
    ranked.into_iter().map(|(_, rank)| rank).collect()
}

/// Hash, time and flags of one row.
fn load<R: Rows>(rows: &R, row: u32) -> (u64, i64, u8) {
    let mut block = Block::default();
    block.reset(1);
    rows.load(row, &mut block);
    block.rows().next().unwrap_or_default()
}

/// Some rows of others, in any order.
#[derive(Clone, Debug)]
pub struct Subset<'a, R> {
    rows: &'a R,
    picked: Vec<u32>,
}

impl<'a, R: Rows> Subset<'a, R> {
    /// The rows of these numbers, in this order. Numbers of no row are passed over; one that is
    /// given twice makes a row whose id is not its own.
    #[must_use]
    pub fn new(rows: &'a R, picked: impl IntoIterator<Item = u32>) -> Self {
        let picked = picked.into_iter().filter(|&row| row < rows.len()).collect();
        Self { rows, picked }
    }

    /// All rows, in another order for every seed.
    #[must_use]
    pub fn shuffled(rows: &'a R, seed: u64) -> Self {
        let mut picked: Vec<u32> = (0..rows.len()).collect();
        picked.sort_by_cached_key(|&row| scramble(seed ^ scramble(u64::from(row))));
        Self { rows, picked }
    }

    /// The number in the other rows of a row of these.
    #[must_use]
    pub fn number(&self, row: u32) -> u32 {
        self.picked.get(row as usize).copied().unwrap_or(u32::MAX)
    }
}

/// A number that looks nothing like the one it is made from (the finish of splitmix64).
fn scramble(number: u64) -> u64 {
    let mixed = (number ^ (number >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    mixed ^ (mixed >> 31)
}

impl<R: Rows> Rows for Subset<'_, R> {
    fn len(&self) -> u32 {
        u32::try_from(self.picked.len()).unwrap_or(u32::MAX)
    }

    fn load(&self, start: u32, block: &mut Block) {
        let to = block.hashes.iter_mut().zip(&mut block.times).zip(&mut block.flags);
        for (row, ((hash, time), flags)) in (start..).zip(to) {
            (*hash, *time, *flags) = load(self.rows, self.number(row));
        }
    }

    fn times(&self, start: u32, times: &mut [i64]) {
        for (row, time) in (start..).zip(times) {
            self.rows.times(self.number(row), std::slice::from_mut(time));
        }
    }

    fn hash_ids(&self, start: u32, hashes: &mut [u64]) {
        for (row, hash) in (start..).zip(hashes) {
            self.rows.hash_ids(self.number(row), std::slice::from_mut(hash));
        }
    }

    fn cmp_key(&self, a: u32, b: u32) -> Ordering {
        self.rows.cmp_key(self.number(a), self.number(b))
    }

    fn same_key(&self, a: u32, b: u32) -> bool {
        self.rows.same_key(self.number(a), self.number(b))
    }

    fn is_one_group(&self) -> bool {
        self.rows.is_one_group()
    }

    fn has_null_key(&self, row: u32) -> bool {
        self.rows.has_null_key(self.number(row))
    }

    fn cmp_id(&self, a: u32, b: u32) -> Ordering {
        self.rows.cmp_id(self.number(a), self.number(b))
    }

    fn id_text(&self, row: u32) -> String {
        self.rows.id_text(self.number(row))
    }
}

/// The rows of others, all at another time.
#[derive(Clone, Copy, Debug)]
pub struct Shifted<'a, R> {
    rows: &'a R,
    micros: i64,
}

impl<'a, R: Rows> Shifted<'a, R> {
    /// Later by `micros`; earlier, where that is negative. The caller sees to it that no time
    /// leaves the years 0001 to 9999: the kernel knows no others.
    #[must_use]
    pub fn new(rows: &'a R, micros: i64) -> Self {
        Self { rows, micros }
    }

    fn shift(&self, times: &mut [i64]) {
        // What stands in the place of a null may be anything.
        times.iter_mut().for_each(|time| *time = time.saturating_add(self.micros));
    }
}

impl<R: Rows> Rows for Shifted<'_, R> {
    fn len(&self) -> u32 {
        self.rows.len()
    }

    fn load(&self, start: u32, block: &mut Block) {
        self.rows.load(start, block);
        self.shift(&mut block.times);
    }

    fn times(&self, start: u32, times: &mut [i64]) {
        self.rows.times(start, times);
        self.shift(times);
    }

    fn hash_ids(&self, start: u32, hashes: &mut [u64]) {
        self.rows.hash_ids(start, hashes);
    }

    fn cmp_key(&self, a: u32, b: u32) -> Ordering {
        self.rows.cmp_key(a, b)
    }

    fn same_key(&self, a: u32, b: u32) -> bool {
        self.rows.same_key(a, b)
    }

    fn is_one_group(&self) -> bool {
        self.rows.is_one_group()
    }

    fn has_null_key(&self, row: u32) -> bool {
        self.rows.has_null_key(row)
    }

    fn cmp_id(&self, a: u32, b: u32) -> Ordering {
        self.rows.cmp_id(a, b)
    }

    fn id_text(&self, row: u32) -> String {
        self.rows.id_text(row)
    }
}

/// What every [`Rows`] owes the kernel: its answers agree with each other.
///
/// Both orders are orders; rows of one key that the rule is about, and that have a time, have one hash;
/// they are the same key, alone and among others; rows of one id have one hash; a row reads the same alone as among others; flags and times say what the single
/// questions say. Compares every row with every other.
///
/// # Errors
/// The first disagreement, and the rows.
pub fn sound<R: Rows>(rows: &R) -> Held {
    let law = Law { number: 0, name: "sound" };
    let all = rows.len() as usize;
    let mut block = Block::default();
    block.reset(all);
    let (mut times, mut ids) = (vec![0; all], vec![0; all]);
    if all > 0 {
        rows.load(0, &mut block);
        rows.times(0, &mut times);
        rows.hash_ids(0, &mut ids);
    }
    let loaded: Vec<_> = block.rows().zip(times).zip(ids).collect();
    for (row, &(((hash, time, flags), alone), id)) in (0..).zip(&loaded) {
        let at = || format!("row {row}, `{}`", rows.id_text(row));
        let has_time = flags & Standing::NULL_TIME == 0;
        let same = load(rows, row);
        let agrees = (same.0, same.2) == (hash, flags) && (!has_time || same.1 == time);
        law.check(agrees, || format!("{} reads otherwise alone than among others", at()))?;
        law.check(!has_time || alone == time, || format!("{} has two times", at()))?;
        law.check(!has_time || Instant::checked(time).is_some(), || {
            format!("{} is at {time} µs, outside the years 0001 to 9999", at())
        })?;
        let null_key = flags & Standing::NULL_KEY != 0;
        law.check(null_key == rows.has_null_key(row), || {
            format!("{} has a null in its key in one answer, and not in the other", at())
        })?;
        for (other, &(((other_hash, _, other_flags), _), other_id)) in (0..).zip(&loaded) {
            let both = || format!("{} and row {other}, `{}`,", at(), rows.id_text(other));
            let keys = rows.cmp_key(row, other);
            law.check(keys == rows.cmp_key(other, row).reverse(), || {
                format!("the keys of {} have no order", both())
            })?;
            law.check(keys.is_eq() == rows.same_key(row, other), || {
                format!("the keys of {} are the same in one answer, and not in the other", both())
            })?;
            let mut mixed = [false];
            rows.mixed(&[row, other], &[2], &mut mixed);
            law.check(mixed == [keys.is_ne()], || {
                format!("the keys of {} are the same in one answer, and not in the other", both())
            })?;
            let is_left_alone = (flags | other_flags) & Standing::LEFT_ALONE != 0;
            law.check(keys.is_ne() || is_left_alone || hash == other_hash, || {
                format!("{} have one key, and two hashes of it", both())
            })?;
            let order = rows.cmp_id(row, other);
            law.check(order == rows.cmp_id(other, row).reverse(), || {
                format!("the ids of {} have no order", both())
            })?;
            law.check(order.is_ne() || id == other_id, || {
                format!("{} have one id, and two hashes of it", both())
            })?;
        }
    }
    // Where an order is no order, sorting by it leaves neighbours that disagree with it.
    let mut sorted: Vec<u32> = (0..rows.len()).collect();
    for (what, order) in [("keys", R::cmp_key as fn(&R, u32, u32) -> Ordering), ("ids", R::cmp_id)]
    {
        sorted.sort_by(|&a, &b| order(rows, a, b));
        for (n, &low) in sorted.iter().enumerate() {
            let high = sorted.iter().skip(n).find(|&&high| order(rows, low, high).is_gt());
            law.check(high.is_none(), || format!("the order of the {what} goes in circles"))?;
        }
    }
    Ok(())
}
