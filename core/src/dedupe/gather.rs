//! The rows that a rule is about, as entries by bucket, and the count of those it is not about.

use super::{NullKey, Rule, Skipped};
use crate::control::Steps;
use crate::error::Error;
use crate::groups::entry::Entry;
use crate::groups::partition::Partitioned;
use crate::groups::{self, Rows, Standing};
use crate::time::Instant;

/// What became of all rows before any two were compared.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Sorted {
    pub(super) skipped: Skipped,
    /// Rows with a null in their key, under [`NullKey::Distinct`]: like no other row.
    pub(super) alone: u64,
}

pub(super) fn gather<R: Rows>(
    rows: &R,
    rule: &Rule,
    now: Instant,
    steps: &Steps<'_>,
) -> Result<(Partitioned<Entry>, Sorted), Error> {
    let latest = rule.latest(now);
    let null_key = rule.get_null_key();
    let counts = |sorted: &mut Sorted, flags, time| {
        (flags == 0 && time <= latest) || sorted.counts(flags, time > latest, null_key)
    };
    let (entries, lanes) = groups::gather::gather(rows, steps, counts)?;
    let mut sorted = Sorted::default();
    for lane in lanes {
        sorted.skipped.add(&lane.skipped);
        sorted.alone += lane.alone;
    }
    Ok((entries, sorted))
}

impl Sorted {
    /// Whether a row with something about it counts; if not, it is counted here.
    fn counts(&mut self, flags: u8, future: bool, null_key: NullKey) -> bool {
        if flags & Standing::EXCLUDED != 0 {
            self.skipped.not_only += 1;
        } else if flags & Standing::NULL_TIME != 0 {
            self.skipped.null_time += 1;
        } else if future {
            self.skipped.future += 1;
        } else if flags & Standing::NULL_KEY != 0 {
            match null_key {
                NullKey::Equal => return true,
                NullKey::Distinct => self.alone += 1,
                NullKey::Skip => self.skipped.null_key += 1,
            }
        }
        false
    }
}
