//! The plain way to decide: what the words of a rule mean, one item at a time, however long it
//! takes.
//!
//! Nothing here is shared with the kernel, so that the two can be compared.

use std::cmp::Reverse;

use super::calendar::{Clock, Named};
use super::item::shown;
use super::{Claim, Item, Spec};
use crate::control::Control;
use crate::laws::{Held, Law};
use crate::retention::{self, Anchor, Broken, Edge, Every, Overlap, Skipped};
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

/// A decided item, with its time.
#[derive(Clone, Copy)]
struct Seen<'a> {
    at: i64,
    item: &'a Item,
}

impl Seen<'_> {
    /// The total order.
    fn order(&self) -> (i64, i64) {
        (self.at, self.item.id)
    }

    fn is(&self, other: &Self) -> bool {
        self.item.id == other.item.id
    }
}

/// Decides every item. No two have one id.
#[must_use]
pub fn plan(items: &[Item], spec: &Spec, now: Instant) -> Vec<Fate> {
    items.iter().map(|item| fate(item, items, spec, now)).collect()
}

fn fate(item: &Item, items: &[Item], spec: &Spec, now: Instant) -> Fate {
    if !item.matched {
        return Fate::Unmatched;
    }
    let Some(time) = item.time else { return Fate::NullTime };
    if time > now {
        return Fate::Future;
    }
    let own = Seen { at: time.as_micros(), item };
    let group: Vec<Seen<'_>> = items
        .iter()
        .filter(|other| other.matched && other.group == item.group)
        .filter_map(|item| Some(Seen { at: item.time?.as_micros(), item }))
        .filter(|other| other.at <= now.as_micros())
        .collect();
    let free: Vec<Seen<'_>> = group.iter().filter(|other| !other.item.held).copied().collect();
    if item.held || on_floor(&own, &group, spec, now) {
        return Fate::Kept;
    }
    match (broken(&own, &group, &free, spec, now), item.may_go) {
        (None, _) => Fate::Kept,
        (Some(_), false) => Fate::Blocked,
        (Some(broken), true) => Fate::Dropped(broken),
    }
}

fn on_floor(own: &Seen<'_>, group: &[Seen<'_>], spec: &Spec, now: Instant) -> bool {
    let newer = group.iter().filter(|other| other.order() > own.order()).count() as u64;
    let young = |age| i128::from(now.as_micros()) < Clock::new(spec.zone).after(own.at, age);
    newer < spec.floor_count || spec.floor_age.is_some_and(young)
}

/// The first limit that the item is over; or that no keep rule claims it.
fn broken(
    own: &Seen<'_>,
    group: &[Seen<'_>],
    free: &[Seen<'_>],
    spec: &Spec,
    now: Instant,
) -> Option<Cause> {
    let from_newest = || free.iter().filter(|other| other.order() >= own.order());
    if let Some((age, edge)) = spec.limit_age {
        let condemned = Clock::new(spec.zone).after(own.at, age);
        let now = i128::from(now.as_micros());
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
    if spec.keeps.is_empty() || claimed(group, free, spec, now).iter().any(|item| item.is(own)) {
        return None;
    }
    Some(Cause::Unclaimed)
}

/// All that the keep rules claim, the finer ones before the coarser.
fn claimed<'a>(group: &[Seen<'_>], free: &[Seen<'a>], spec: &Spec, now: Instant) -> Vec<Seen<'a>> {
    let base = match spec.anchor {
        Anchor::Now => now.as_micros(),
        Anchor::Newest => group.iter().map(|item| item.at).max().unwrap_or(0),
    };
    let mut claimed = Vec::new();
    for every in FINE_TO_COARSE {
        for (place, claim) in spec.keeps.iter().enumerate() {
            if claim.every == every {
                let about: Vec<Seen<'a>> = free
                    .iter()
                    .filter(|seen| seen.item.claimable.get(place).copied().unwrap_or(true))
                    .copied()
                    .collect();
                let more = claims(claim, &about, &claimed, spec, base);
                claimed.extend(more);
            }
        }
    }
    claimed
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

/// What one keep rule claims, of the items that it is about.
fn claims<'a>(
    claim: &Claim,
    about: &[Seen<'a>],
    before: &[Seen<'a>],
    spec: &Spec,
    base: i64,
) -> Vec<Seen<'a>> {
    let clock = Clock::new(spec.zone);
    let name = |seen: &Seen<'_>| clock.period(claim.every, seen.at, seen.item.id);
    let mut candidates: Vec<Seen<'a>> = about
        .iter()
        .filter(|seen| {
            claim.within.is_none_or(|(age, edge)| {
                let (at, first) = (i128::from(seen.at), clock.before(base, age));
                at > first || (edge == Edge::At && at == first)
            })
        })
        .copied()
        .collect();
    candidates.sort_by_key(|seen| Reverse(seen.order()));
    let oldest = about.iter().min_by_key(|seen| seen.order());
    let was_claimed = |seen: &Seen<'_>| before.iter().any(|other| other.is(seen));

    let mut seen_periods: Vec<Named> = Vec::new();
    let mut claimed: Vec<Seen<'a>> = Vec::new();
    let is_left =
        |claimed: &Vec<Seen<'_>>| claim.count.is_none_or(|count| (claimed.len() as u64) < count);
    for item in &candidates {
        let period = name(item);
        let is_first = !seen_periods.contains(&period);
        seen_periods.push(period.clone());
        let takes = is_first
            && match spec.overlap {
                Overlap::Shared => true,
                Overlap::Extra => !was_claimed(item),
                Overlap::Cover => !before.iter().any(|other| name(other) == period),
            };
        if takes && is_left(&claimed) {
            claimed.push(*item);
        }
    }
    if claim.oldest
        && let Some(oldest) = oldest
        && candidates.iter().any(|item| item.is(oldest))
        && !claimed.iter().any(|item| item.is(oldest))
        && (spec.overlap == Overlap::Shared || !was_claimed(oldest))
        && is_left(&claimed)
    {
        claimed.push(*oldest);
    }
    claimed
}

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
    let law = Law { number: 0, name: "retention model" };
    let decided =
        shown(items).and_then(|shown| retention::decide(&shown, &spec.rule()?, now, control));
    let decision = match decided {
        Ok(decision) => decision,
        Err(error) => return law.check(false, || format!("the items are refused: {error}")),
    };
    let fates = plan(items, spec, now);
    for ((row, item), fate) in (0..).zip(items).zip(&fates) {
        let meant = match fate {
            Fate::Dropped(broken) => Some(*broken),
            _ => None,
        };
        let mut found = decision.drops.iter().filter(|drop| drop.row == row);
        let broken = found.next().map(|drop| match drop.broken {
            Broken::Age => Cause::Age,
            Broken::Count { place } => Cause::Count(place as usize),
            Broken::Bytes { sum } if sum == u64::MAX => Cause::Bytes(most_bytes(meant)),
            Broken::Bytes { sum } => Cause::Bytes(u128::from(sum)),
            Broken::Unclaimed { .. } => Cause::Unclaimed,
        });
        law.check(broken == meant && found.next().is_none(), || {
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
    law.check(counts == meant, || format!("{counts:?}, and {meant:?} by the model"))?;

    // Those of one group together, from the oldest on.
    let drops: Vec<&Item> =
        decision.drops.iter().filter_map(|drop| items.get(drop.row as usize)).collect();
    for (n, (one, next)) in drops.iter().zip(drops.iter().skip(1)).enumerate() {
        let in_order = if one.group == next.group {
            (one.time, one.id) < (next.time, next.id)
        } else {
            drops.iter().skip(n + 1).all(|later| later.group != one.group)
        };
        law.check(in_order, || format!("{} goes before {}", one.id, next.id))?;
    }
    Ok(())
}
