//! One group's items, and what becomes of each.

use super::claims::{Item, claim};
use super::{Anchor, Items, Rule};
use crate::groups::Rows;
use crate::groups::entry::{self, Entry};
use crate::time::Instant;

/// Why an item goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Broken {
    /// It is older than the limit.
    Age,
    /// There are as many newer ones as the limit allows.
    Count,
    /// With the newer ones it is more than the limit allows.
    Bytes,
    /// No keep rule claims it.
    Unclaimed,
}

/// What becomes of one item.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Fate {
    Kept,
    /// It would go, and may not.
    Blocked,
    Dropped(Broken),
}

/// Room for one group.
#[derive(Default)]
pub(super) struct Scratch {
    items: Vec<Item>,
    marks: Vec<bool>,
}

/// Shows `each` the fate of every item of a group, which comes in order of time and id, from the
/// oldest on.
pub(super) fn judge<R: Rows>(
    items: &Items<'_, R>,
    rule: &Rule,
    now: Instant,
    group: &[Entry],
    scratch: &mut Scratch,
    mut each: impl FnMut(u32, Fate),
) {
    // The entries' times are of eligible rows, which have one in the years that are taken.
    let at = |entry: Entry| Instant::checked(entry::time(entry)).unwrap_or(Instant::MIN);
    let base = match rule.anchor {
        Anchor::Now => now,
        Anchor::Newest => group.last().map_or(now, |&newest| at(newest)),
    };
    let Scratch { items: free, marks } = scratch;
    free.clear();
    let newest_first = || group.iter().rev().map(|&entry| (entry::row(entry), at(entry)));
    let unheld = newest_first().filter(|(row, _)| !items.is_held(*row));
    free.extend(unheld.map(|(row, at)| Item { row, at, claimed: false }));
    if !rule.keeps.is_empty() {
        claim(items, rule, base, free, marks);
    }

    // Sizes of 64 bits, of fewer than 2^32 items.
    let mut bytes = 0u128;
    let mut free = free.iter().enumerate().peekable();
    for (rank, (row, at)) in newest_first().enumerate() {
        let Some((place, item)) = free.next_if(|(_, item)| item.row == row) else {
            each(row, Fate::Kept);
            continue;
        };
        bytes += u128::from(items.size(row));
        let broken = if rule.is_over_age(at, now) {
            Some(Broken::Age)
        } else if rule.limit.count.is_some_and(|count| place as u64 >= count) {
            Some(Broken::Count)
        } else if rule.limit.bytes.is_some_and(|most| bytes > u128::from(most)) {
            Some(Broken::Bytes)
        } else {
            (!rule.keeps.is_empty() && !item.claimed).then_some(Broken::Unclaimed)
        };
        let on_floor = (rank as u64) < rule.floor.count || rule.is_too_young(at, now);
        each(
            row,
            match broken.filter(|_| !on_floor) {
                None => Fate::Kept,
                Some(_) if !items.may_go(row) => Fate::Blocked,
                Some(broken) => Fate::Dropped(broken),
            },
        );
    }
}
