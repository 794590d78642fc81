//! When items would go, if nothing happened but that time passed.

use super::leases::Leases;
use super::moments::unclaimed;
use super::{Items, Overlap, Rule};
use crate::groups::Rows;
use crate::groups::entry::{self, Entry};
use crate::time::Instant;

/// An item that is not held, and may go.
#[derive(Clone, Copy, Debug)]
pub(super) struct Free {
    pub(super) row: u32,
    pub(super) at: Instant,
    /// The first instant at which it is there, and no floor keeps it; none if one always does, or it
    /// may not go.
    pub(super) from: Option<Instant>,
}

/// For each item of a part of a group, which comes from the oldest on and has the future items too,
/// the first instant from `now` on at which it would go.
///
/// Between two moments nothing changes but ages: which items are there, and what they count, does
/// not. A moment is when a future item arrives. Where the claims of one keep rule depend on those of
/// another, it is also when an item leaves a window.
pub(super) fn due<R: Rows>(
    items: &Items<'_, R>,
    rule: &Rule,
    now: Instant,
    part: &[Entry],
) -> Vec<Option<Instant>> {
    let times: Vec<Instant> = part.iter().map(|&entry| super::judge::at(entry)).collect();
    let mut places = Vec::with_capacity(part.len());
    let mut free = Vec::with_capacity(part.len());
    for (place, (&entry, &at)) in part.iter().zip(&times).enumerate() {
        let row = entry::row(entry);
        if !items.is_held(row) {
            let from = rule.floor_leaves(&times, place, at).filter(|_| items.may_go(row));
            places.push(place);
            free.push(Free { row, at, from: from.map(|from| from.max(now)) });
        }
    }
    let over = over_limits(items, rule, &free);
    let unclaimed = match rule.overlap {
        _ if rule.keeps.is_empty() => vec![None; free.len()],
        Overlap::Shared => Leases::new(items, rule, &times, &free).unclaimed(),
        Overlap::Extra | Overlap::Cover => unclaimed(items, rule, now, &times, &free),
    };
    let mut due = vec![None; part.len()];
    for (((place, item), over), unclaimed) in places.iter().zip(&free).zip(over).zip(unclaimed) {
        let over = over.zip(item.from).map(|(over, from)| over.max(from));
        if let Some(due) = due.get_mut(*place) {
            *due = [over, unclaimed].into_iter().flatten().min();
        }
    }
    due
}

impl Rule {
    /// The first instant at which an item is there, and not on the floor. It has this place among
    /// all, whose `times` these are.
    fn floor_leaves(&self, times: &[Instant], place: usize, at: Instant) -> Option<Instant> {
        let newer = usize::try_from(self.floor.count).unwrap_or(usize::MAX);
        let counted = *times.get(place.saturating_add(newer))?;
        match self.floor.age {
            Some(age) => Some(counted.max(age.checked_after(at, self.zone)?)),
            None => Some(counted),
        }
    }
}

/// For each item, the first instant at which it is over a limit, once it is there.
fn over_limits<R: Rows>(items: &Items<'_, R>, rule: &Rule, free: &[Free]) -> Vec<Option<Instant>> {
    let mut over: Vec<Option<Instant>> =
        free.iter().map(|item| rule.over_age_at(item.at)).collect();
    let limit = |over: &mut Option<Instant>, last: usize| {
        // So many are too many once the last of them is there.
        let full = free.get(last).map(|item| item.at);
        *over = [*over, full].into_iter().flatten().min();
    };
    if let Some(count) = rule.limit.count {
        let count = usize::try_from(count).unwrap_or(usize::MAX);
        for (place, over) in over.iter_mut().enumerate() {
            limit(over, place.saturating_add(count));
        }
    }
    if let Some(most) = rule.limit.bytes {
        let mut sum = 0u128;
        let mut end = 0;
        let size =
            |place: usize| free.get(place).map_or(0, |item| u128::from(items.size(item.row)));
        for (place, over) in over.iter_mut().enumerate() {
            while sum <= u128::from(most) && end < free.len() {
                sum += size(end);
                end += 1;
            }
            if sum > u128::from(most) {
                limit(over, end - 1);
            }
            sum -= size(place);
        }
    }
    over
}
