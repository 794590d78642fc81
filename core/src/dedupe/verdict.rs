//! One row's decision, with the evidence.

use std::cmp::Ordering;

use super::walk::{Fate, Walk};
use super::{Keep, Mode, NullKey, Rule};
use crate::groups::entry::{self, Entry, pack};
use crate::groups::{Block, Rows, Standing};
use crate::time::Instant;

/// What becomes of one row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// It goes.
    Dropped {
        /// The row that stays.
        keeper: u32,
        /// The neighbour towards the kept end: under [`Mode::Chain`] the row whose nearness drops
        /// this one. Often the keeper itself.
        via: u32,
    },
    /// It stays.
    Kept {
        /// The rows that go because it stays, from the kept end on.
        drops: Vec<u32>,
        /// The nearest earlier row of its key.
        older: Option<u32>,
        /// The nearest later row of its key.
        newer: Option<u32>,
    },
    /// The rule leaves it alone.
    Skipped(Why),
}

/// Why a rule leaves a row alone.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Why {
    /// The rule is not about it.
    NotOnly,
    /// It has no time.
    NullTime,
    /// It is later than now and the allowed skew.
    Future,
    /// A part of its key is null, and the rule skips those.
    NullKey,
    /// Its cluster may still grow.
    Open {
        /// The newest row of the cluster, often itself.
        newest: u32,
    },
}

/// Decides one row, by the rows of its key alone: what becomes of other keys does not matter.
#[must_use]
pub fn verdict<R: Rows>(rows: &R, rule: &Rule, now: Instant, row: u32) -> Verdict {
    let own = match class(rows, rule, now, row) {
        Ok(time) => time,
        Err(why) => return Verdict::Skipped(why),
    };
    let is_alone = rule.get_null_key() == NullKey::Distinct && rows.has_null_key(row);
    let mut run: Vec<Entry> = if is_alone {
        vec![pack(0, own, row)]
    } else {
        (0..rows.len())
            .filter(|&other| rows.same_key(row, other))
            .filter_map(|other| class(rows, rule, now, other).ok().map(|time| pack(0, time, other)))
            .collect()
    };
    let order = |a: &Entry, b: &Entry| -> Ordering {
        let ids = || rows.cmp_id(entry::row(*a), entry::row(*b));
        entry::time(*a).cmp(&entry::time(*b)).then_with(ids)
    };
    run.sort_by(order);
    if is_alone {
        return Verdict::Kept { drops: Vec::new(), older: None, newer: None };
    }
    let place = run.iter().position(|&other| entry::row(other) == row).unwrap_or(0);
    let row_at = |place: Option<usize>| place.and_then(|at| run.get(at)).map(|&e| entry::row(e));
    let (older, newer) = (row_at(place.checked_sub(1)), row_at(place.checked_add(1)));

    let window = rule.get_window().as_micros();
    let near = |a: &Entry, b: &Entry| {
        rule.get_mode() == Mode::Forever || entry::time(*b) - entry::time(*a) <= window
    };
    let cluster = run.chunk_by(near).find(|part| part.iter().any(|&e| entry::row(e) == row));
    let cluster = cluster.unwrap_or_default();
    let newest = cluster.last().map_or(row, |&newest| entry::row(newest));
    let mut found = None;
    let mut drops = Vec::new();
    Walk::new(rule, now).fates(cluster, |other, fate| {
        if entry::row(other) == row {
            found = Some(fate);
        }
        if let Fate::DroppedFor(keeper) = fate
            && entry::row(keeper) == row
        {
            drops.push(entry::row(other));
        }
    });
    match found {
        Some(Fate::DroppedFor(keeper)) => {
            let keeper = entry::row(keeper);
            let towards = match rule.get_keep() {
                Keep::Newest => newer,
                Keep::Oldest => older,
            };
            Verdict::Dropped { keeper, via: towards.unwrap_or(keeper) }
        }
        Some(Fate::Open) => Verdict::Skipped(Why::Open { newest }),
        Some(Fate::Kept) | None => Verdict::Kept { drops, older, newer },
    }
}

/// The row's time, or why the rule leaves it alone before it is compared with any other.
fn class<R: Rows>(rows: &R, rule: &Rule, now: Instant, row: u32) -> Result<i64, Why> {
    let mut block = Block::default();
    block.reset(1);
    rows.load(row, &mut block);
    let (_, time, flags) = block.rows().next().unwrap_or_default();
    if flags & Standing::EXCLUDED != 0 {
        Err(Why::NotOnly)
    } else if flags & Standing::NULL_TIME != 0 {
        Err(Why::NullTime)
    } else if time > rule.latest(now) {
        Err(Why::Future)
    } else if flags & Standing::NULL_KEY != 0 && rule.get_null_key() == NullKey::Skip {
        Err(Why::NullKey)
    } else {
        Ok(time)
    }
}
