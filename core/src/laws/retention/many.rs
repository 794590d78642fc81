//! The laws that compare a decision with others: 4 to 8 and 10.

use std::collections::BTreeSet;

use super::planned::{Outcome, without};
use super::{Age, Claim, Item, Spec};
use crate::laws::{Held, Law};
use crate::retention::{Anchor, Every, Overlap};
use crate::time::{Duration, Instant, Zone};

/// The items whose own rule is such.
fn decided_by(items: &[Item], spec: &Spec, holds: impl Fn(&Spec) -> bool) -> Vec<Item> {
    items.iter().filter(|item| holds(spec.of(item))).cloned().collect()
}

/// Law 4. Deciding the survivors at the same moment removes nothing.
///
/// Not under [`Overlap::Cover`] where the oldest item or the anchor may be another once some went: a
/// blocked item may then cover the period of one that was kept.
///
/// # Errors
/// The survivors that go the second time.
pub fn survivors_stay(items: &[Item], spec: &Spec, now: Instant) -> Held {
    const LAW: Law = Law { number: 4, name: "survivors_stay" };
    let items = decided_by(items, spec, |own| {
        let moving = own.anchor == Anchor::Newest || own.keeps.iter().any(|claim| claim.oldest);
        own.overlap != Overlap::Cover || !moving
    });
    let gone = Outcome::of(LAW, &items, spec, now)?.gone();
    let again = Outcome::of(LAW, &without(&items, &gone), spec, now)?.gone();
    LAW.check(again.is_empty(), || format!("{gone:?} go, and {again:?} the second time"))
}

/// Law 5. After any number of the removals, the oldest first across all groups, a decision at the
/// same moment removes the others.
///
/// Not where a keep rule asks for the oldest item and a window or a limit may take that one away:
/// with it gone, another is the oldest. Nor under [`Overlap::Cover`] with a limit, where an item that
/// goes may cover the period of one that goes.
///
/// # Errors
/// The removals after which others go.
pub fn prefixes(items: &[Item], spec: &Spec, now: Instant) -> Held {
    const LAW: Law = Law { number: 5, name: "prefixes" };
    let items = decided_by(items, spec, |own| {
        let limited =
            own.limit_age.is_some() || own.limit_count.is_some() || own.limit_bytes.is_some();
        let oldest = |claim: &Claim| claim.oldest && (limited || claim.within.is_some());
        !(own.keeps.iter().any(oldest) || (limited && own.overlap == Overlap::Cover))
    });
    let gone = Outcome::of(LAW, &items, spec, now)?.gone();
    let mut order: Vec<&Item> = items.iter().filter(|item| gone.contains(&item.id)).collect();
    order.sort_by_key(|item| (item.time, item.id));
    let mut done = BTreeSet::new();
    for item in order {
        done.insert(item.id);
        let left = without(&items, &done);
        let mut then = Outcome::of(LAW, &left, spec, now)?.gone();
        then.extend(&done);
        LAW.check(then == gone, || format!("{gone:?} go; {then:?} after {done:?}"))?;
    }
    Ok(())
}

/// Law 6. One more hold, floor or keep rule (not the first), or a larger count, window or limit,
/// never removes more. Not under [`Overlap::Cover`]; nor, of a hold, under [`Overlap::Extra`], where
/// the next item of a period may use up the count that the held one did not.
///
/// # Errors
/// What goes because of which change.
pub fn monotone(items: &[Item], spec: &Spec, now: Instant) -> Held {
    const LAW: Law = Law { number: 6, name: "monotone" };
    let items = decided_by(items, spec, |own| own.overlap != Overlap::Cover);
    let gone = Outcome::of(LAW, &items, spec, now)?.gone();
    let check = |what: &str, items: &[Item], spec: &Spec| -> Held {
        let more = Outcome::of(LAW, items, spec, now)?.gone();
        LAW.check(more.is_subset(&gone), || format!("{gone:?} go; {more:?} with {what}"))
    };
    for n in 0..items.len() {
        let mut held = items.clone();
        let may = |item: &&mut Item| !item.held && spec.of(item).overlap == Overlap::Shared;
        if let Some(item) = held.get_mut(n).filter(may) {
            item.held = true;
            let id = item.id;
            check(&format!("{id} held"), &held, spec)?;
        }
    }
    for (what, more) in wider(spec) {
        check(what, &items, &more)?;
    }
    Ok(())
}

/// A rule with one thing more, of its own or of an override.
fn wider(spec: &Spec) -> Vec<(&'static str, Spec)> {
    let mut all = widened(spec);
    for (n, own) in spec.overrides.iter().enumerate() {
        for (what, more) in widened(own) {
            let mut wider = spec.clone();
            if let Some(own) = wider.overrides.get_mut(n) {
                *own = more;
            }
            all.push((what, wider));
        }
    }
    all
}

fn widened(spec: &Spec) -> Vec<(&'static str, Spec)> {
    let mut all = Vec::new();
    let mut add = |what, change: &dyn Fn(&mut Spec)| {
        let mut more = spec.clone();
        change(&mut more);
        all.push((what, more));
    };
    let longer = |age: Age| Age { elapsed: longer(age.elapsed), ..age };
    add("a higher floor of count", &|spec| spec.floor_count += 1);
    let floor = longer(spec.floor_age.unwrap_or_default());
    add("a longer floor of age", &|spec| spec.floor_age = Some(floor));
    add("a longer limit", &|spec| {
        spec.limit_age = spec.limit_age.map(|(age, edge)| (longer(age), edge));
    });
    add("no limit of age", &|spec| spec.limit_age = None);
    add("a higher limit", &|spec| spec.limit_count = spec.limit_count.map(|count| count + 1));
    add("a larger limit", &|spec| {
        spec.limit_bytes = spec.limit_bytes.map(|bytes| bytes.saturating_add(1));
    });
    for n in 0..spec.keeps.len() {
        let change = |spec: &mut Spec, change: &dyn Fn(&mut Claim)| {
            if let Some(claim) = spec.keeps.get_mut(n) {
                change(claim);
            }
        };
        add("a higher count", &|spec| {
            change(spec, &|claim| claim.count = claim.count.map(|count| count + 1));
        });
        add("a longer window", &|spec| {
            change(spec, &|claim| {
                claim.within = claim.within.map(|(age, edge)| (longer(age), edge));
            });
        });
        for every in [None, Some(Every::Day)] {
            add("one more keep rule", &|spec| {
                let more = spec.keeps.get(n).map(|claim| Claim { every, ..claim.clone() });
                spec.keeps.extend(more);
            });
        }
    }
    all
}

fn longer(elapsed: Duration) -> Duration {
    Duration::from_micros(elapsed.as_micros() + 86_400_000_001).unwrap_or(Duration::MAX)
}

/// Law 7. To decide now and then later is to decide later, for rules whose limits are ages, or that
/// have no keep rules, and whose windows are elapsed time.
///
/// Of keep rules only under [`Overlap::Shared`]: under the others a finer rule's claims of then may
/// change what the coarser ones pass over. Nor where one asks for the oldest item, and a window or a
/// limit takes that one away in time.
///
/// # Errors
/// What is left otherwise, and when.
pub fn confluent(items: &[Item], spec: &Spec, now: Instant) -> Held {
    const LAW: Law = Law { number: 7, name: "confluent" };
    let items = decided_by(items, spec, |own| {
        let only_ages = own.limit_count.is_none() && own.limit_bytes.is_none();
        let calendar =
            own.keeps.iter().any(|claim| claim.within.is_some_and(|(age, _)| age.months > 0));
        let moving =
            |claim: &Claim| claim.oldest && (claim.within.is_some() || own.limit_age.is_some());
        let lasting = own.overlap == Overlap::Shared && !own.keeps.iter().any(moving);
        !calendar && (own.keeps.is_empty() || (only_ages && lasting))
    });
    for later in LATER {
        let Ok(then) = Instant::from_micros(now.as_micros().saturating_add(later)) else {
            continue;
        };
        let mut gone = Outcome::of(LAW, &items, spec, now)?.gone();
        let first = gone.clone();
        gone.extend(Outcome::of(LAW, &without(&items, &gone), spec, then)?.gone());
        let once = Outcome::of(LAW, &items, spec, then)?.gone();
        LAW.check(gone == once, || {
            format!("{first:?} go, and {gone:?} until {then}; {once:?} if only then")
        })?;
    }
    Ok(())
}

/// How much later, in microseconds.
const LATER: [i64; 5] =
    [1, 3_600_000_000, 86_400_000_000, 30 * 86_400_000_000, 400 * 86_400_000_000];

/// Law 8. Groups are decided apart as they are together, and items that are not matched or in the
/// future change no other decision.
///
/// # Errors
/// What is decided otherwise.
pub fn groups_are_apart(items: &[Item], spec: &Spec, now: Instant) -> Held {
    const LAW: Law = Law { number: 8, name: "groups_are_apart" };
    let plan = Outcome::of(LAW, items, spec, now)?;
    let groups: BTreeSet<Option<u32>> = items.iter().map(|item| item.group).collect();
    let mut sum = Outcome::default();
    for group in groups {
        let part: Vec<Item> = items.iter().filter(|item| item.group == group).cloned().collect();
        sum.add(Outcome::of(LAW, &part, spec, now)?);
    }
    LAW.check(sum == plan, || format!("{sum:?} in parts, and {plan:?} together"))?;
    let decides = |item: &&Item| item.matched && item.time.is_some_and(|at| at <= now);
    let decided: Vec<Item> = items.iter().filter(decides).cloned().collect();
    let alone = Outcome::of(LAW, &decided, spec, now)?;
    let plan = Outcome { skipped: [0; 3], ..plan };
    LAW.check(alone == plan, || format!("{alone:?} without the others, and {plan:?} with them"))
}

/// Law 8, of overrides: the items under one are decided as if it were the rule and they were all
/// there are, and so are the others.
///
/// # Errors
/// What is decided otherwise.
pub fn overrides_are_apart(items: &[Item], spec: &Spec, now: Instant) -> Held {
    const LAW: Law = Law { number: 8, name: "overrides_are_apart" };
    let plan = Outcome::of(LAW, items, spec, now)?;
    let places: BTreeSet<Option<u16>> = items.iter().map(|item| spec.place_of(item)).collect();
    let mut sum = Outcome::default();
    for place in places {
        let is_own = |item: &&Item| spec.place_of(item) == place;
        let part: Vec<Item> = items.iter().filter(is_own).cloned().collect();
        let own = part.first().map_or(spec, |item| spec.of(item));
        let own = Spec { overrides: Vec::new(), ..own.clone() };
        sum.add(Outcome::of(LAW, &part, &own, now)?);
    }
    LAW.check(sum == plan, || format!("{sum:?} in parts, and {plan:?} together"))
}

/// Law 10, first half. With [`Anchor::Now`], what goes for its age goes for it at any later moment.
///
/// # Errors
/// What stays later on.
pub fn ages_only_grow(items: &[Item], spec: &Spec, now: Instant) -> Held {
    const LAW: Law = Law { number: 10, name: "ages_only_grow" };
    let items = decided_by(items, spec, |own| own.anchor == Anchor::Now);
    let aged = Outcome::of(LAW, &items, spec, now)?.aged();
    for later in LATER {
        let Ok(then) = Instant::from_micros(now.as_micros().saturating_add(later)) else {
            continue;
        };
        let more = Outcome::of(LAW, &items, spec, then)?.aged();
        LAW.check(aged.is_subset(&more), || {
            format!("{aged:?} are over age, and {more:?} at {then}")
        })?;
    }
    Ok(())
}

/// Law 10, second half. In UTC, all of it 400 years later (or earlier) is decided the same.
///
/// # Errors
/// What is decided otherwise.
pub fn four_centuries_change_nothing(items: &[Item], spec: &Spec, now: Instant) -> Held {
    const LAW: Law = Law { number: 10, name: "four_centuries_change_nothing" };
    let mut spec = Spec { zone: Zone::UTC, ..spec.clone() };
    spec.overrides.iter_mut().for_each(|own| own.zone = Zone::UTC);
    let plan = Outcome::of(LAW, items, &spec, now)?;
    for years in [-400, 400] {
        let micros = years / 400 * 146_097 * 86_400_000_000i64;
        let shift = |at: Instant| Instant::from_micros(at.as_micros().saturating_add(micros));
        let shifted = items
            .iter()
            .map(|item| Ok(Item { time: item.time.map(shift).transpose()?, ..item.clone() }));
        let shifted: Result<Vec<Item>, crate::error::Error> = shifted.collect();
        if let (Ok(shifted), Ok(now)) = (shifted, shift(now)) {
            let found = Outcome::of(LAW, &shifted, &spec, now)?;
            LAW.check(found == plan, || format!("{found:?} {years} years on, and {plan:?}"))?;
        }
    }
    Ok(())
}
