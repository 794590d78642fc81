//! Ids have to be unique: a plan that names an id twice would delete the row it keeps.

use thiserror::Error;

use super::Rows;
use super::blocks::BLOCK_ROWS;
use super::partition::{bucket_bits, partition};
use crate::control::{Control, Steps, side_by_side};
use crate::error::{Code, Error, Leaf, quoted};

/// Two rows with one id.
#[derive(Debug, Error)]
#[error("the id {} is also that of row {first}", quoted(.id))]
struct DuplicateId {
    id: String,
    first: u64,
}

impl Leaf for DuplicateId {
    fn code(&self) -> Code {
        Code::RowsDuplicateId
    }

    fn help(&self) -> Option<String> {
        Some("give every row an id of its own, or name another `id` column".into())
    }
}

/// Checks that no two rows have one id.
///
/// # Errors
/// `rows.duplicate_id`, naming the first row that repeats one; `cancelled` if the caller asked to
/// stop.
pub fn check_ids<R: Rows>(rows: &R, control: &Control<'_>) -> Result<(), Error> {
    let steps = &Steps::new(control, u64::from(rows.len()) * 2);
    // Usual in exports, and seen at once.
    if (1..rows.len()).all(|row| rows.cmp_id(row - 1, row).is_lt()) {
        return steps.advance(rows.len() as usize * 2);
    }
    let (hashes, _) = partition(
        rows.len(),
        steps,
        |count| vec![0u64; count],
        |start, count, lane, (): &mut ()| {
            let mut block = [0u64; BLOCK_ROWS];
            let hashes = block.get_mut(..count).unwrap_or_default();
            rows.hash_ids(start, hashes);
            for hash in hashes {
                // 0 is no hash: see `Seen`.
                lane.push(*hash | 1, |rest| rest);
            }
        },
    )?;
    let suspects = side_by_side(hashes.shares(steps.threads()), |share| {
        let mut suspects = Vec::new();
        let mut seen = Seen::default();
        for bucket in share {
            seen.reset(hashes.bucket_len(bucket));
            suspects.extend(hashes.bucket(bucket).filter(|&&hash| seen.has(hash)));
            steps.advance(hashes.bucket_len(bucket))?;
        }
        Ok(suspects)
    })?;
    let mut suspects: Vec<u64> = suspects.concat();
    suspects.sort_unstable();
    if suspects.is_empty() { Ok(()) } else { find(rows, &suspects) }
}

/// Rows whose hashes met: the ids themselves say whether they are the same.
fn find<R: Rows>(rows: &R, suspects: &[u64]) -> Result<(), Error> {
    let bits = bucket_bits(rows.len());
    let mut found = Vec::new();
    let mut block = [0u64; BLOCK_ROWS];
    let mut start = 0;
    while start < rows.len() {
        let count = BLOCK_ROWS.min((rows.len() - start) as usize);
        let hashes = block.get_mut(..count).unwrap_or_default();
        hashes.fill(0);
        rows.hash_ids(start, hashes);
        for (row, hash) in (start..).zip(&*hashes) {
            if suspects.binary_search(&((hash | 1) << bits)).is_ok() {
                found.push(row);
            }
        }
        start += u32::try_from(count).unwrap_or(u32::MAX);
    }
    found.sort_by(|&a, &b| rows.cmp_id(a, b).then(a.cmp(&b)));
    let pairs = found.windows(2).filter_map(|pair| match pair {
        [a, b] if rows.cmp_id(*a, *b).is_eq() => Some((*b, *a)),
        _ => None,
    });
    // The first row that repeats an id, so that the message does not depend on the hashes.
    match pairs.min() {
        None => Ok(()),
        Some((row, first)) => {
            let duplicate = DuplicateId { id: rows.id_text(row), first: u64::from(first) + 1 };
            Err(Error::from(duplicate).at_row(u64::from(row) + 1))
        }
    }
}

/// A set of hashes of one bucket: open addressing, half full at the most. 0 is no hash here.
#[derive(Default)]
struct Seen {
    slots: Vec<u64>,
}

impl Seen {
    fn reset(&mut self, count: usize) {
        self.slots.clear();
        self.slots.resize((count * 2).next_power_of_two().max(2), 0);
    }

    /// Whether the hash was there before; it is afterwards.
    #[expect(clippy::indexing_slicing, reason = "hot: the mask keeps the slot inside")]
    fn has(&mut self, hash: u64) -> bool {
        let mask = self.slots.len() - 1;
        // Mixed once more: what differs in its lower half alone would stand in one long row.
        let mixed = hash.wrapping_mul(0x9e37_79b9_7f4a_7c15);
        let mut slot = usize::try_from(mixed >> 32).unwrap_or(0) & mask;
        loop {
            match self.slots[slot] {
                0 => {
                    self.slots[slot] = hash;
                    return false;
                }
                held if held == hash => return true,
                _ => slot = (slot + 1) & mask,
            }
        }
    }
}
