//! The decision: which rows go, for which that stay.

use super::gather::gather;
use super::walk::{Fate, Walk};
use super::{Keep, Mode, Rule};
use crate::control::{Control, Steps};
use crate::error::Error;
use crate::groups::Rows;
use crate::groups::entry;
use crate::groups::order::in_order;
use crate::groups::runs::for_each_run;
use crate::time::Instant;

/// A row that goes, and the row of the same key that stays in its place.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Drop {
    /// The row that goes.
    pub row: u32,
    /// The row that stays.
    pub keeper: u32,
}

/// Rows that the rule leaves alone, each counted once, under the first that applies.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[cfg_attr(feature = "documents", derive(serde::Serialize, serde::Deserialize))]
pub struct Skipped {
    /// Without a time.
    pub null_time: u64,
    /// With a null in the key, where the rule skips those.
    pub null_key: u64,
    /// Later than now and the allowed skew.
    pub future: u64,
    /// Not what the rule is about.
    pub not_only: u64,
    /// In a cluster that may still grow.
    pub open: u64,
}

impl Skipped {
    /// All of them.
    #[must_use]
    pub fn total(&self) -> u64 {
        self.null_time + self.null_key + self.future + self.not_only + self.open
    }

    pub(crate) fn add(&mut self, other: &Self) {
        self.null_time += other.null_time;
        self.null_key += other.null_key;
        self.future += other.future;
        self.not_only += other.not_only;
        self.open += other.open;
    }
}

/// What becomes of the rows. `total = keep + drops + skipped`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Decision {
    /// All rows.
    pub total: u64,
    /// Rows that stay because the rule says so.
    pub keep: u64,
    /// Rows that go. Those of one key stand together, in order of time and id; the keys come in an
    /// order that is the same for the same rows, however many threads worked.
    pub drops: Vec<Drop>,
    /// Rows left alone.
    pub skipped: Skipped,
}

impl Decision {
    /// Rows that were decided: kept and dropped.
    #[must_use]
    pub fn eligible(&self) -> u64 {
        self.keep + self.drops.len() as u64
    }

    /// The rows that go, in the order of the input.
    #[must_use]
    pub fn dropped_rows(&self) -> Vec<u32> {
        in_order(self.total, self.drops.iter().map(|drop| drop.row))
    }
}

#[derive(Default)]
struct Tally {
    keep: u64,
    open: u64,
    drops: Vec<Drop>,
}

/// Decides which rows are duplicates of a row that stays. The rule's guard is not asked:
/// [`Guard::check`](crate::Guard::check) refuses a decision that is too large. Nor are the ids
/// compared: rows are dropped by their numbers, and whoever names them by their ids asks
/// [`check_ids`](crate::groups::check_ids) first, as every plan does.
///
/// # Errors
/// `cancelled` if the caller asked to stop.
pub fn decide<R: Rows>(
    rows: &R,
    rule: &Rule,
    now: Instant,
    control: &Control<'_>,
) -> Result<Decision, Error> {
    // Each row is read, and decided.
    let steps = Steps::new(control, u64::from(rows.len()) * 2);
    let (entries, sorted) = gather(rows, rule, now, &steps)?;
    let reach = (rule.get_mode() != Mode::Forever).then(|| rule.get_window().as_micros());
    let walk = Walk::new(rule, now);
    let tallies = for_each_run(rows, &entries, reach, &steps, |tally: &mut Tally, run| {
        let before = tally.drops.len();
        walk.fates(run, |row, fate| match fate {
            Fate::Kept => tally.keep += 1,
            Fate::Open => tally.open += 1,
            Fate::DroppedFor(keeper) => {
                tally.drops.push(Drop { row: entry::row(row), keeper: entry::row(keeper) });
            }
        });
        // They came from the kept end on.
        if rule.get_keep() == Keep::Newest {
            tally.drops.get_mut(before..).unwrap_or_default().reverse();
        }
    })?;
    drop(entries);

    let mut decision = Decision {
        total: u64::from(rows.len()),
        keep: sorted.alone,
        drops: Vec::new(),
        skipped: sorted.skipped,
    };
    for tally in tallies {
        decision.keep += tally.keep;
        decision.skipped.open += tally.open;
        if decision.drops.is_empty() {
            decision.drops = tally.drops;
        } else {
            decision.drops.extend(tally.drops);
        }
    }
    Ok(decision)
}
