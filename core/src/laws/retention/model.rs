//! The plain way to decide: what the words of a rule mean, one item at a time, however long it
//! takes.
//!
//! Nothing here is shared with the kernel, so that the two can be compared.

use std::cmp::Reverse;
use std::collections::BTreeSet;

use super::calendar::{Clock, Named};
use super::item::shown;
use super::{Claim, Item, Spec};
use crate::control::Control;
use crate::laws::{Held, Law};
use crate::retention::{self, Anchor, Broken, Decision, Edge, Every, Overlap, Skipped};
use crate::time::Instant;

/// What becomes of an item.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fate {
    /// It stays, because the rule says so.
    Kept,
    /// It would go, and may not.
    Blocked,
    /// It goes.
    Dropped(Cause),
    /// The rule is not about it.
    Unmatched,
    /// It has no time.
    NullTime,
    /// It is in the future.
    Future,
}

/// Why an item goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cause {
    /// It is too old.
    Age,
    /// It has this place among those that count.
    Count(usize),
    /// It and the newer ones have so many bytes.
    Bytes(u128),
    /// No keep rule claims it.
    Unclaimed,
}

/// An item with a time, and its row.
#[derive(Clone, Copy)]
pub(super) struct Seen<'a> {
    pub(super) row: u32,
    pub(super) at: i64,
    pub(super) item: &'a Item,
}

impl Seen<'_> {
    /// The total order.
    pub(super) fn order(&self) -> (i64, i64) {
        (self.at, self.item.id)
    }

    pub(super) fn is(&self, other: &Self) -> bool {
        self.item.id == other.item.id
    }
}

/// What a keep rule claims.
#[derive(Clone, Copy)]
pub(super) struct Claimed<'a> {
    pub(super) seen: Seen<'a>,
    /// The place of the keep rule.
    pub(super) keep: usize,
    /// The how manieth of its claims it is.
    pub(super) nth: usize,
    pub(super) as_oldest: bool,
}

/// What is decided together: the items of one group, of those that one rule decides.
pub(super) struct Part<'a> {
    pub(super) spec: &'a Spec,
    pub(super) now: Instant,
    /// All that are there.
    pub(super) group: Vec<Seen<'a>>,
    /// Those that are not held.
    pub(super) free: Vec<Seen<'a>>,
}

/// Decides every item. No two have one id.
#[must_use]
pub fn plan(items: &[Item], spec: &Spec, now: Instant) -> Vec<Fate> {
    items.iter().map(|item| fate(item, items, spec, now)).collect()
}

fn fate(item: &Item, items: &[Item], spec: &Spec, now: Instant) -> Fate {
    let (own, part) = match Part::of(item, items, spec, now) {
        Ok(found) => found,
        Err(left_alone) => return left_alone,
    };
    if item.held || part.is_newest(&own) || part.is_young(&own) {
        return Fate::Kept;
    }
    match (part.broken(&own), item.may_go) {
        (None, _) => Fate::Kept,
        (Some(_), false) => Fate::Blocked,
        (Some(broken), true) => Fate::Dropped(broken),
    }
}

impl<'a> Part<'a> {
    /// An item, and what it is decided with; or why it is left alone.
    pub(super) fn of(
        item: &'a Item,
        items: &'a [Item],
        spec: &'a Spec,
        now: Instant,
    ) -> Result<(Seen<'a>, Self), Fate> {
        if !item.matched {
            return Err(Fate::Unmatched);
        }
        let time = item.time.ok_or(Fate::NullTime)?;
        if time > now {
            return Err(Fate::Future);
        }
        let group: Vec<Seen<'a>> = (0u32..)
            .zip(items)
            .filter(|(_, other)| other.matched && other.group == item.group)
            .filter(|(_, other)| spec.place_of(other) == spec.place_of(item))
            .filter_map(|(row, item)| Some(Seen { row, at: item.time?.as_micros(), item }))
            .filter(|other| other.at <= now.as_micros())
            .collect();
        let free = group.iter().filter(|other| !other.item.held).copied().collect();
        let own = group.iter().find(|seen| seen.item.id == item.id).copied();
        let own = own.ok_or(Fate::Unmatched)?;
        Ok((own, Self { spec: spec.of(item), now, group, free }))
    }

    pub(super) fn clock(&self) -> Clock {
        Clock::new(self.spec.zone)
    }

    /// How many are newer.
    pub(super) fn newer(&self, own: &Seen<'_>) -> usize {
        self.group.iter().filter(|other| other.order() > own.order()).count()
    }

    pub(super) fn is_newest(&self, own: &Seen<'_>) -> bool {
        (self.newer(own) as u64) < self.spec.floor_count
    }

    pub(super) fn is_young(&self, own: &Seen<'_>) -> bool {
        let now = i128::from(self.now.as_micros());
        self.spec.floor_age.is_some_and(|age| now < self.clock().after(own.at, age))
    }

    /// The first limit that the item is over; or that no keep rule claims it.
    pub(super) fn broken(&self, own: &Seen<'_>) -> Option<Cause> {
        let spec = self.spec;
        let from_newest = || self.free.iter().filter(|other| other.order() >= own.order());
        if let Some((age, edge)) = spec.limit_age {
            let condemned = self.clock().after(own.at, age);
            let now = i128::from(self.now.as_micros());
            if now > condemned || (edge == Edge::At && now == condemned) {
                return Some(Cause::Age);
            }
        }
        let place = from_newest().count();
        if spec.limit_count.is_some_and(|most| place as u64 > most) {
            return Some(Cause::Count(place));
        }
        let bytes: u128 = from_newest().map(|other| u128::from(other.item.size)).sum();
        if spec.limit_bytes.is_some_and(|most| bytes > u128::from(most)) {
            return Some(Cause::Bytes(bytes));
        }
        if spec.keeps.is_empty() || self.claimed().iter().any(|claim| claim.seen.is(own)) {
            return None;
        }
        Some(Cause::Unclaimed)
    }

    /// All that the keep rules claim, the finer ones before the coarser.
    pub(super) fn claimed(&self) -> Vec<Claimed<'a>> {
        let mut claimed = Vec::new();
        for (keep, _) in self.fine_to_coarse() {
            let more = self.claims(keep, &claimed);
            claimed.extend(more);
        }
        claimed
    }

    /// The keep rules, those without periods first.
    pub(super) fn fine_to_coarse(&self) -> Vec<(usize, &'a Claim)> {
        let mut all = Vec::new();
        for every in std::iter::once(None).chain(FINE_TO_COARSE.map(Some)) {
            let keeps = self.spec.keeps.iter().enumerate();
            all.extend(keeps.filter(|(_, claim)| claim.every == every));
        }
        all
    }

    /// Whether a keep rule is about an item.
    pub(super) fn is_about(&self, keep: usize, seen: &Seen<'_>) -> bool {
        self.free.iter().any(|other| other.is(seen))
            && seen.item.claimable.get(keep).copied().unwrap_or(true)
    }

    /// Whether an item is in a keep rule's window.
    pub(super) fn is_within(&self, keep: usize, seen: &Seen<'_>) -> bool {
        let base = match self.spec.anchor {
            Anchor::Now => self.now.as_micros(),
            Anchor::Newest => self.group.iter().map(|item| item.at).max().unwrap_or(0),
        };
        let within = self.spec.keeps.get(keep).and_then(|claim| claim.within);
        within.is_none_or(|(age, edge)| self.clock().is_within(seen.at, base, age, edge))
    }

    /// The name of the period of a keep rule that an item is in.
    pub(super) fn period(&self, every: Every, seen: &Seen<'_>) -> Named {
        self.clock().period(every, seen.at, seen.item.id)
    }

    /// Of what was claimed `before`, that which matters to the keep rules of periods: another keep
    /// rule of periods claims it.
    pub(super) fn was_claimed(&self, before: &[Claimed<'_>], seen: &Seen<'_>) -> bool {
        before.iter().any(|claim| claim.seen.is(seen) && self.has_periods(claim))
    }

    /// Whether a keep rule of periods claims this.
    pub(super) fn has_periods(&self, claim: &Claimed<'_>) -> bool {
        self.spec.keeps.get(claim.keep).is_some_and(|keep| keep.every.is_some())
    }

    /// What one keep rule claims.
    fn claims(&self, keep: usize, before: &[Claimed<'a>]) -> Vec<Claimed<'a>> {
        let Some(rule) = self.spec.keeps.get(keep) else { return Vec::new() };
        let about = self.free.iter().filter(|seen| self.is_about(keep, seen));
        let oldest = about.clone().min_by_key(|seen| seen.order());
        let mut candidates: Vec<Seen<'a>> =
            about.filter(|seen| self.is_within(keep, seen)).copied().collect();
        candidates.sort_by_key(|seen| Reverse(seen.order()));

        let mut claimed: Vec<Claimed<'a>> = Vec::new();
        let add = |claimed: &mut Vec<Claimed<'a>>, seen: &Seen<'a>, as_oldest| {
            let nth = claimed.len() + 1;
            claimed.push(Claimed { seen: *seen, keep, nth, as_oldest });
        };
        let Some(every) = rule.every else {
            candidates.iter().for_each(|seen| add(&mut claimed, seen, false));
            return claimed;
        };
        let is_left =
            |claimed: &[Claimed<'_>]| rule.count.is_none_or(|count| (claimed.len() as u64) < count);
        let mut seen_periods: Vec<Named> = Vec::new();
        for seen in &candidates {
            let period = self.period(every, seen);
            let is_first = !seen_periods.contains(&period);
            seen_periods.push(period.clone());
            let takes = is_first
                && match self.spec.overlap {
                    Overlap::Shared => true,
                    Overlap::Extra => !self.was_claimed(before, seen),
                    Overlap::Cover => !before.iter().any(|other| {
                        self.has_periods(other) && self.period(every, &other.seen) == period
                    }),
                };
            if takes && is_left(&claimed) {
                add(&mut claimed, seen, false);
            }
        }
        if rule.oldest
            && let Some(oldest) = oldest
            && candidates.iter().any(|seen| seen.is(oldest))
            && !claimed.iter().any(|claim| claim.seen.is(oldest))
            && (self.spec.overlap == Overlap::Shared || !self.was_claimed(before, oldest))
            && is_left(&claimed)
        {
            add(&mut claimed, oldest, true);
        }
        claimed
    }
}

/// Every period there is.
pub(super) const FINE_TO_COARSE: [Every; 11] = [
    Every::Item,
    Every::Second,
    Every::Minute,
    Every::Hour,
    Every::Day,
    Every::Week,
    Every::Month,
    Every::Quarter,
    Every::IsoQuarter,
    Every::HalfYear,
    Every::Year,
];

/// A sum that the kernel can only say is too large to be counted.
fn most_bytes(meant: Option<Cause>) -> u128 {
    match meant {
        Some(Cause::Bytes(sum)) if sum > u128::from(u64::MAX) => sum,
        _ => u128::from(u64::MAX),
    }
}

/// The kernel's decision is that of the model, run in any way.
///
/// # Errors
/// The first item of which they say different things.
pub fn agrees(items: &[Item], spec: &Spec, now: Instant, control: &Control<'_>) -> Held {
    let decided = shown(items).and_then(|shown| {
        let mut decision = retention::decide(&shown, &spec.rule()?, now, control)?;
        decision.oldest_first(shown.rows());
        Ok(decision)
    });
    let decision = match decided {
        Ok(decision) => decision,
        Err(error) => return LAW.check(false, || format!("the items are refused: {error}")),
    };
    let fates = plan(items, spec, now);
    for ((row, item), fate) in (0..).zip(items).zip(&fates) {
        let meant = match fate {
            Fate::Dropped(broken) => Some((*broken, spec.place_of(item))),
            _ => None,
        };
        let mut found = decision.drops.iter().filter(|drop| drop.row == row);
        let broken = found.next().map(|drop| {
            let cause = match drop.broken {
                Broken::Age => Cause::Age,
                Broken::Count { place } => Cause::Count(place as usize),
                Broken::Bytes { sum } if sum == u64::MAX => {
                    Cause::Bytes(most_bytes(meant.map(|(broken, _)| broken)))
                }
                Broken::Bytes { sum } => Cause::Bytes(u128::from(sum)),
                Broken::Unclaimed { .. } => Cause::Unclaimed,
            };
            (cause, drop.under)
        });
        LAW.check(broken == meant && found.next().is_none(), || {
            format!("{} is dropped for {broken:?}, and for {meant:?} by the model", item.id)
        })?;
    }
    let count = |fate: Fate| fates.iter().filter(|other| **other == fate).count() as u64;
    let skipped = Skipped {
        unmatched: count(Fate::Unmatched),
        null_time: count(Fate::NullTime),
        future: count(Fate::Future),
    };
    let counts = (decision.total, decision.keep, decision.blocked, decision.skipped);
    let meant = (items.len() as u64, count(Fate::Kept), count(Fate::Blocked), skipped);
    LAW.check(counts == meant, || format!("{counts:?}, and {meant:?} by the model"))?;
    in_order(items, &decision)?;
    oldest_kept(items, &fates, &decision)
}

const LAW: Law = Law { number: 0, name: "retention model" };

/// They go in the order of time and id.
fn in_order(items: &[Item], decision: &Decision) -> Held {
    let gone = decision.drops.iter().filter_map(|drop| items.get(drop.row as usize));
    let order: Vec<_> = gone.map(|item| (item.time, item.id)).collect();
    LAW.check(order.is_sorted(), || format!("they go in the order {order:?}"))
}

/// The oldest that stays is named of each group that has one.
fn oldest_kept(items: &[Item], fates: &[Fate], decision: &Decision) -> Held {
    let found: Vec<&Item> =
        decision.oldest_kept.iter().filter_map(|&row| items.get(row as usize)).collect();
    let stays = |fate: &Fate| matches!(fate, Fate::Kept | Fate::Blocked);
    let mut meant: Vec<&Item> = Vec::new();
    for (item, _) in items.iter().zip(fates).filter(|(_, fate)| stays(fate)) {
        match meant.iter_mut().find(|other| other.group == item.group) {
            Some(other) if (item.time, item.id) < (other.time, other.id) => *other = item,
            Some(_) => {}
            None => meant.push(item),
        }
    }
    let ids = |items: &[&Item]| items.iter().map(|item| item.id).collect::<BTreeSet<i64>>();
    let is_same = ids(&found) == ids(&meant) && found.len() == meant.len();
    LAW.check(is_same, || format!("{found:?} are the oldest kept, and {meant:?} by the model"))
}
