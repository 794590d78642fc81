//! One eligible row in 16 bytes that sort as one number: hash, then time, then row.
//!
//! A plain integer, because a zeroed buffer of integers costs nothing until it is touched.

/// 32 bits of the key's hash, 64 of the time, 32 of the row, from the highest.
pub(crate) type Entry = u128;

/// Turns the sign over, so that unsigned order is the order of the times.
const SIGN: u64 = 1 << 63;

#[inline]
pub(crate) fn pack(hash: u32, time: i64, row: u32) -> Entry {
    let time = time.cast_unsigned() ^ SIGN;
    (Entry::from(hash) << 96) | (Entry::from(time) << 32) | Entry::from(row)
}

#[inline]
pub(crate) fn hash(entry: Entry) -> u32 {
    (entry >> 96) as u32
}

#[inline]
#[expect(
    clippy::cast_possible_truncation,
    reason = "the parts are cut out of the entry on purpose"
)]
pub(crate) fn time(entry: Entry) -> i64 {
    ((entry >> 32) as u64 ^ SIGN).cast_signed()
}

#[inline]
#[expect(
    clippy::cast_possible_truncation,
    reason = "the parts are cut out of the entry on purpose"
)]
pub(crate) fn row(entry: Entry) -> u32 {
    entry as u32
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_come_back_and_sort_in_their_order() {
        let times = [i64::MIN, -1, 0, 1, i64::MAX];
        let mut last = None;
        for part in [0, 7, u32::MAX] {
            for at in times {
                for number in [0, 1, u32::MAX] {
                    let entry = pack(part, at, number);
                    assert_eq!((hash(entry), time(entry), row(entry)), (part, at, number));
                    assert!(last < Some(entry));
                    last = Some(entry);
                }
            }
        }
    }
}
