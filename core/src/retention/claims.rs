//! Which items of one group the keep rules claim.

use std::collections::HashSet;

use super::period::{Period, Seen};
use super::{Every, Items, Keep, Overlap, Rule};
use crate::groups::Rows;
use crate::time::Instant;

/// One item that the keep rules look at.
#[derive(Clone, Copy, Debug)]
pub(super) struct Item {
    pub(super) row: u32,
    pub(super) at: Instant,
    /// Whether a keep rule claims it.
    pub(super) claimed: bool,
}

/// Marks what the rule's keep rules claim of a group's items, which come from the newest on and are
/// neither held nor in the future.
pub(super) fn claim<R: Rows>(
    items: &Items<'_, R>,
    rule: &Rule,
    base: Instant,
    group: &mut [Item],
    marks: &mut Vec<bool>,
) {
    // By how fine they are; the order of the rule decides between equals.
    let mut order: Vec<(usize, &Keep)> = rule.keeps.iter().enumerate().collect();
    order.sort_by_key(|(_, keep)| keep.every);
    for (place, keep) in order {
        let is_about = |item: &Item| items.is_claimable(place, item.row);
        marks.clear();
        marks.resize(group.len(), false);
        one(keep, rule, base, group, marks, is_about);
        for (item, &claimed) in group.iter_mut().zip(&*marks) {
            item.claimed |= claimed;
        }
    }
}

/// Marks what one keep rule claims.
fn one(
    keep: &Keep,
    rule: &Rule,
    base: Instant,
    group: &[Item],
    marks: &mut [bool],
    is_about: impl Fn(&Item) -> bool,
) {
    let period = |item: &Item| keep.every.period(item.at, item.row, rule.zone);
    let covered: HashSet<Period> = match rule.overlap {
        Overlap::Cover => group.iter().filter(|item| item.claimed).map(period).collect(),
        Overlap::Shared | Overlap::Extra => HashSet::new(),
    };
    let oldest = if keep.oldest { group.iter().rposition(&is_about) } else { None };
    let mut left = keep.count;
    let mut seen = Seen::default();
    for (n, item) in group.iter().enumerate() {
        // What is older than the first that is too old is too old as well.
        if left == Some(0) || !keep.reaches(item.at, base, rule.zone) {
            return;
        }
        if !is_about(item) {
            continue;
        }
        let own = period(item);
        let is_new = keep.every == Every::Item || seen.adds(own);
        let takes = match rule.overlap {
            Overlap::Shared => is_new || oldest == Some(n),
            Overlap::Extra => (is_new || oldest == Some(n)) && !item.claimed,
            Overlap::Cover => {
                (is_new && !covered.contains(&own)) || (oldest == Some(n) && !item.claimed)
            }
        };
        if takes {
            left = left.map(|left| left - 1);
            if let Some(mark) = marks.get_mut(n) {
                *mark = true;
            }
        }
    }
}
