//! The laws of one decision: 1, 2 and 3.

use super::calendar::Clock;
use super::planned::{Outcome, decide};
use super::{Item, Spec};
use crate::laws::{Held, Law};
use crate::time::Instant;

/// Law 1. Every item is kept, blocked, left alone, or goes, once; and the order of the items
/// changes nothing.
///
/// # Errors
/// What is counted otherwise, or the order that matters.
pub fn partition(items: &[Item], spec: &Spec, now: Instant) -> Held {
    const LAW: Law = Law { number: 1, name: "partition" };
    let decision = decide(LAW, items, spec, now)?;
    let plan = Outcome::of(LAW, items, spec, now)?;
    let drops = decision.drops.len() as u64;
    let skipped: u64 = plan.skipped.iter().sum();
    let sum = plan.keep + plan.blocked + skipped + drops;
    let holds =
        sum == items.len() as u64 && decision.total == sum && plan.drops.len() as u64 == drops;
    LAW.check(holds, || format!("{} items became {decision:?}", items.len()))?;
    let reversed: Vec<Item> = items.iter().rev().cloned().collect();
    let (front, back) = items.split_at(items.len() / 3);
    for other in [reversed, [back, front].concat()] {
        let found = Outcome::of(LAW, &other, spec, now)?;
        LAW.check(found == plan, || format!("{found:?} in another order, and {plan:?} before"))?;
    }
    Ok(())
}

/// Law 2. The same items and rule decide the same, in the same order.
///
/// # Errors
/// If a second decision differs.
pub fn same_again(items: &[Item], spec: &Spec, now: Instant) -> Held {
    const LAW: Law = Law { number: 2, name: "same_again" };
    let (one, other) = (decide(LAW, items, spec, now)?, decide(LAW, items, spec, now)?);
    LAW.check(one == other, || format!("{one:?}, and then {other:?}"))
}

/// Law 3. What is held or on the floor never goes, nor what is not matched, has no time, is in the
/// future, or may not go.
///
/// # Errors
/// The first item that goes.
pub fn protected_stay(items: &[Item], spec: &Spec, now: Instant) -> Held {
    const LAW: Law = Law { number: 3, name: "protected_stay" };
    let gone = Outcome::of(LAW, items, spec, now)?.gone();
    let decided = |item: &&Item| item.matched && item.time.is_some_and(|at| at <= now);
    for item in items.iter().filter(|item| gone.contains(&item.id)) {
        let own = spec.of(item);
        let newer = items.iter().filter(decided).filter(|other| {
            other.group == item.group
                && spec.place_of(other) == spec.place_of(item)
                && (other.time, other.id) > (item.time, item.id)
        });
        let on_floor = (newer.count() as u64) < own.floor_count;
        let young = own.floor_age.is_some_and(|age| {
            let grown = |at: Instant| Clock::new(own.zone).after(at.as_micros(), age);
            item.time.is_some_and(|at| i128::from(now.as_micros()) < grown(at))
        });
        let free = decided(&item) && !item.held && item.may_go && !on_floor && !young;
        LAW.check(free, || format!("{} goes", item.id))?;
    }
    Ok(())
}
