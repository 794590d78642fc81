//! When no keep rule claims an item any more, where claims depend on each other: tried out.

use std::collections::HashSet;

use super::claims::{Claim, Item, claim};
use super::due::Free;
use super::{Anchor, Items, Keep, Rule};
use crate::groups::Rows;
use crate::time::{Instant, Zone};

/// Items that are looked at again, at all moments together, before the search is given up.
const MOST_STEPS: usize = 20_000_000;

/// When something changes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Event {
    /// An item is there from now on.
    Arrives,
    /// An item, by its place, comes back into the window of a keep rule.
    Returns,
    /// An item, by its place, leaves the window of a keep rule.
    Leaves(usize, u16),
}

/// For each item, the first instant from that on at which it may go, and no keep rule claims it. The
/// items come from the oldest on; `times` are those of all, held ones too.
pub(super) fn unclaimed<R: Rows>(
    items: &Items<'_, R>,
    rule: &Rule,
    now: Instant,
    times: &[Instant],
    free: &[Free],
) -> Vec<Option<Instant>> {
    let mut unclaimed = vec![None; free.len()];
    let events = events(items, rule, now, times, free);
    let mut moments = events.chunk_by(|(one, _), (other, _)| one == other);
    let mut moment = Some(now);
    let mut steps = 0;
    while let Some(when) = moment.filter(|_| steps < MOST_STEPS) {
        let present = free.partition_point(|item| item.at <= when);
        let mut group: Vec<Item> = free.iter().take(present).map(Free::claimable).rev().collect();
        steps += group.len();
        let base = match rule.anchor {
            Anchor::Now => when,
            Anchor::Newest => {
                let newest = times.partition_point(|time| *time <= when).checked_sub(1);
                newest.and_then(|newest| times.get(newest).copied()).unwrap_or(when)
            }
        };
        let mut claims = HashSet::new();
        let mut told = |place: usize, claim: Claim| {
            claims.insert((present - 1 - place, claim.keep));
        };
        claim(items, rule, base, &mut group, &mut told);

        // A window takes the oldest away. Where that was no claim, the others are as they were.
        let matters = |event: &Event| match event {
            Event::Leaves(place, keep) => claims.contains(&(*place, *keep)),
            Event::Arrives | Event::Returns => true,
        };
        moment = moments
            .find(|events| events.iter().any(|(_, event)| matters(event)))
            .and_then(|events| events.first())
            .map(|(when, _)| *when);
        for ((item, free), unclaimed) in group.iter().rev().zip(free).zip(&mut unclaimed) {
            if unclaimed.is_none() && !item.is_kept() {
                let goes = free.from.map(|from| from.max(when));
                *unclaimed = goes.filter(|goes| moment.is_none_or(|next| *goes < next));
            }
        }
    }
    unclaimed
}

/// All that happens after `now`, in order.
fn events<R: Rows>(
    items: &Items<'_, R>,
    rule: &Rule,
    now: Instant,
    times: &[Instant],
    free: &[Free],
) -> Vec<(Instant, Event)> {
    let arrivals = times.iter().filter(|at| **at > now);
    let mut events: Vec<(Instant, Event)> = arrivals.map(|at| (*at, Event::Arrives)).collect();
    if rule.anchor == Anchor::Now {
        for (keep, own) in (0u16..).zip(&rule.keeps) {
            let about = free.iter().enumerate();
            for (place, item) in about.filter(|(_, item)| items.is_claimable(keep.into(), item.row))
            {
                let turn = |from: &Instant| own.turns(item.at, *from, rule.zone);
                let turns = std::iter::successors(turn(&now.max(item.at)), turn);
                events.extend(turns.map(|when| {
                    let is_back = own.reaches(item.at, when, rule.zone);
                    (when, if is_back { Event::Returns } else { Event::Leaves(place, keep) })
                }));
            }
        }
    }
    events.sort_unstable();
    events
}

impl Free {
    fn claimable(&self) -> Item {
        Item::new(self.row, self.at)
    }
}

impl Keep {
    /// The first instant after `from` at which an item is newly within the window, or newly outside.
    pub(super) fn turns(&self, at: Instant, from: Instant, zone: Zone) -> Option<Instant> {
        self.within?.turns(from, zone, at, |begins| self.is_since(at, begins))
    }
}
