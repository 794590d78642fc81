//! Law 9: the reasons are exact.

use std::collections::BTreeSet;

use super::explain::grounds;
use super::model::{Part, Seen};
use super::planned::{self, decide, verdicts};
use super::{Item, Spec};
use crate::laws::{Held, Law};
use crate::retention::{self, Broken, Edge, Fate, Ground, Overlap, Passed, Verdict};
use crate::time::Instant;

/// Law 9, first half. An item stays just if it cites a claim, a hold, a floor, that the rule is not
/// about it, or that it is within all limits; and all that speaks for its fate is cited, just as a
/// plain model says it.
///
/// # Errors
/// The first item that cites something else.
pub fn reasons_are_exact(items: &[Item], spec: &Spec, now: Instant) -> Held {
    const LAW: Law = Law { number: 9, name: "reasons_are_exact" };
    let found = verdicts(LAW, items, spec, now)?;
    let meant = grounds(items, spec, now);
    for ((item, verdict), meant) in items.iter().zip(&found).zip(&meant) {
        let saves = |ground: &Ground| !matches!(ground, Ground::Broken(_) | Ground::Required);
        let saved = verdict.grounds.iter().any(saves);
        let required = verdict.grounds.contains(&Ground::Required);
        let stays = match verdict.fate {
            Fate::Kept | Fate::Skipped => saved && !required,
            Fate::Blocked => required && !saved,
            Fate::Dropped => !required && !saved,
        };
        LAW.check(stays && verdict.grounds == *meant, || {
            format!("{} cites {verdict:?}, and {meant:?} by the model", item.id)
        })?;
    }
    Ok(())
}

/// Law 9, second half. Each ground on which an item stays is enough without the others: a hold, a
/// floor, a keep rule (of periods only under [`Overlap::Shared`]), or that no limit is broken.
///
/// # Errors
/// The first item that goes with one of its grounds alone.
pub fn each_ground_is_enough(items: &[Item], spec: &Spec, now: Instant) -> Held {
    const LAW: Law = Law { number: 9, name: "each_ground_is_enough" };
    let found = verdicts(LAW, items, spec, now)?;
    for ((item, verdict), row) in items.iter().zip(&found).zip(0u32..) {
        let own = Spec { overrides: Vec::new(), ..spec.of(item).clone() };
        // The others of the part; the item is where it was.
        let mut part: Vec<Item> = items.to_vec();
        for other in &mut part {
            other.matched &= spec.place_of(other) == spec.place_of(item);
        }
        let nothing = Spec { zone: own.zone, limit_count: Some(0), ..Spec::new() };
        for ground in &verdict.grounds {
            let mut alone = part.clone();
            let free = |alone: &mut Vec<Item>| {
                alone.iter_mut().for_each(|item| item.held = false);
            };
            let (rule, claimed) = match *ground {
                Ground::Held | Ground::Unmatched | Ground::NullTime | Ground::Future => {
                    (nothing.clone(), None)
                }
                Ground::Newest { .. } => {
                    free(&mut alone);
                    (Spec { floor_count: own.floor_count, ..nothing.clone() }, None)
                }
                Ground::Young => {
                    free(&mut alone);
                    (Spec { floor_age: own.floor_age, ..nothing.clone() }, None)
                }
                Ground::Within => (Spec { floor_count: 0, floor_age: None, ..own.clone() }, None),
                Ground::Claimed(claim) => {
                    let keep = own.keeps.get(usize::from(claim.keep)).cloned();
                    let shared = own.overlap == Overlap::Shared;
                    let Some(keep) = keep.filter(|keep| shared || keep.every.is_none()) else {
                        continue;
                    };
                    for other in &mut alone {
                        let about = other.claimable.get(usize::from(claim.keep)).copied();
                        other.claimable = about.into_iter().collect();
                    }
                    let rule =
                        Spec { floor_count: 0, floor_age: None, keeps: vec![keep], ..own.clone() };
                    (rule, Some(Ground::Claimed(retention::Claim { keep: 0, ..claim })))
                }
                Ground::Broken(_) | Ground::Required => continue,
            };
            for item in &mut alone {
                item.may_go = true;
            }
            let then = planned::verdict(LAW, &alone, &rule, now, row)?;
            let stays = then.fate == verdict.fate
                && claimed.is_none_or(|claimed| then.grounds == [claimed]);
            LAW.check(stays, || format!("{} cites {ground:?}, and alone {then:?}", item.id))?;
        }
    }
    Ok(())
}

/// Law 9, of what goes: the evidence is true, by the items that are there.
///
/// An item that stands for another's period stays itself, unless its months are over and those of
/// the older one are not: as 31 January goes a month later with 28 January's morning.
///
/// # Errors
/// The first item with evidence that is not.
pub fn evidence_is_true(items: &[Item], spec: &Spec, now: Instant) -> Held {
    const LAW: Law = Law { number: 9, name: "evidence_is_true" };
    let found = verdicts(LAW, items, spec, now)?;
    // Claims are the same without limits and floors, and all of them are cited then.
    let claims = verdicts(LAW, items, &bare(spec), now)?;
    for (item, verdict) in items.iter().zip(&found) {
        let Some(Ground::Broken(broken)) = verdict.grounds.first() else { continue };
        let Ok((own, part)) = Part::of(item, items, spec, now) else {
            return LAW.check(false, || format!("{} is decided", item.id));
        };
        let is_true = match *broken {
            Broken::Age => part.spec.limit_age.is_some_and(|(age, edge)| {
                let past = now.as_micros().saturating_sub(1);
                let moment = if edge == Edge::At { now.as_micros() } else { past };
                i128::from(moment) >= part.clock().after(own.at, age)
            }),
            Broken::Count { place } => {
                let newer = part.free.iter().filter(|other| other.order() > own.order()).count();
                newer + 1 == place as usize
                    && part.spec.limit_count.is_some_and(|most| u64::from(place) > most)
            }
            Broken::Bytes { sum } => {
                let run = part.free.iter().filter(|other| other.order() >= own.order());
                let bytes: u128 = run.map(|other| u128::from(other.item.size)).sum();
                part.spec.limit_bytes.is_some_and(|most| bytes > u128::from(most))
                    && (bytes == u128::from(sum) || (sum == u64::MAX && bytes > u128::from(sum)))
            }
            Broken::Unclaimed { keep, passed } => {
                let keeps = Keeps { part: &part, claims: &claims, found: &found };
                keeps.passed(usize::from(keep), passed, &own)
            }
        };
        LAW.check(is_true, || format!("{} goes for {broken:?}", item.id))?;
    }
    Ok(())
}

/// A rule without what is stronger than a claim.
fn bare(spec: &Spec) -> Spec {
    Spec {
        limit_age: None,
        limit_count: None,
        limit_bytes: None,
        floor_count: 0,
        floor_age: None,
        overrides: spec.overrides.iter().map(bare).collect(),
        ..spec.clone()
    }
}

/// Keep rules, and what they claim.
struct Keeps<'a> {
    part: &'a Part<'a>,
    claims: &'a [Verdict],
    found: &'a [Verdict],
}

impl Keeps<'_> {
    /// Whether it is true that a keep rule passed an item over for this.
    fn passed(&self, keep: usize, passed: Passed, own: &Seen<'_>) -> bool {
        let part = self.part;
        let Some(rule) = part.spec.keeps.get(keep) else { return false };
        let reached = part.is_about(keep, own) && part.is_within(keep, own);
        let alike = |by: u32| {
            let mut free = part.free.iter();
            let (by, every) = (free.find(|seen| seen.row == by && !seen.is(own)), rule.every);
            by.zip(every).filter(|(by, every)| part.period(*every, by) == part.period(*every, own))
        };
        let all = 0..part.spec.keeps.len();
        match passed {
            Passed::Taken { by } => {
                let stands = self.claimed_by(by, |other| {
                    other == keep
                        || (part.spec.overlap == Overlap::Extra && self.is_finer(other, keep))
                });
                let aged = part.spec.limit_age.is_some_and(|(age, _)| age.months > 0);
                let stays = self.found.get(by as usize).is_some_and(|found| {
                    found.fate == Fate::Kept
                        || (aged && found.grounds.first() == Some(&Ground::Broken(Broken::Age)))
                });
                let is_newer = alike(by).is_some_and(|(by, _)| by.order() > own.order());
                reached && stands && stays && is_newer
            }
            Passed::Covered { by } => {
                let covers = self.claimed_by(by, |other| self.is_finer(other, keep));
                reached && part.spec.overlap == Overlap::Cover && covers && alike(by).is_some()
            }
            Passed::Full => {
                let rows = part.free.iter().map(|seen| seen.row);
                let count = rows.filter(|&row| self.claimed_by(row, |other| other == keep)).count();
                reached && rule.count == Some(count as u64)
            }
            // Then none came nearer.
            Passed::TooOld => {
                let nearer = |keep| part.is_about(keep, own) && part.is_within(keep, own);
                part.is_about(keep, own) && !part.is_within(keep, own) && !all.clone().any(nearer)
            }
            Passed::NotAbout => !all.clone().any(|keep| part.is_about(keep, own)),
        }
    }

    /// Whether an item is claimed by such a keep rule.
    fn claimed_by(&self, row: u32, is: impl Fn(usize) -> bool) -> bool {
        let grounds = self.claims.get(row as usize).map_or(&[][..], |verdict| &verdict.grounds);
        grounds.iter().any(|ground| match ground {
            Ground::Claimed(claim) => is(usize::from(claim.keep)),
            _ => false,
        })
    }

    /// Whether a keep rule of periods comes before another.
    fn is_finer(&self, one: usize, other: usize) -> bool {
        let get = |keep: usize| self.part.spec.keeps.get(keep).and_then(|claim| claim.every);
        get(one).is_some_and(|every| (Some(every), one) < (get(other), other))
    }
}

/// Law 9, of how it is told: the verdicts say what the decision does, in any order of the items and
/// on any number of threads; and that of one item is the same when asked for alone, whatever other
/// groups there are.
///
/// # Errors
/// What is said otherwise.
pub fn verdicts_agree(items: &[Item], spec: &Spec, now: Instant) -> Held {
    const LAW: Law = Law { number: 9, name: "verdicts_agree" };
    let decision = decide(LAW, items, spec, now)?;
    let found = verdicts(LAW, items, spec, now)?;
    let count = |fate| found.iter().filter(|verdict| verdict.fate == fate).count() as u64;
    let counts = [Fate::Kept, Fate::Blocked, Fate::Dropped].map(count);
    let meant = [decision.keep, decision.blocked, decision.drops.len() as u64];
    LAW.check(counts == meant && found.len() == items.len(), || {
        format!("{counts:?} are kept, blocked and go, and {meant:?} are decided")
    })?;
    for drop in &decision.drops {
        let verdict = found.get(drop.row as usize);
        let agrees = verdict.is_some_and(|verdict| {
            verdict.grounds == [Ground::Broken(drop.broken)] && verdict.under == drop.under
        });
        LAW.check(agrees, || format!("{drop:?} is told as {verdict:?}"))?;
    }
    let mut backwards: Vec<u32> = (0u32..).zip(items).map(|(row, _)| row).collect();
    backwards.reverse();
    told_alike(LAW, &found, items, spec, now, &backwards)?;
    for ((item, verdict), row) in items.iter().zip(&found).zip(0u32..) {
        let alone = planned::verdict(LAW, items, spec, now, row)?;
        let is_own = verdict.row == row && verdict.under == spec.place_of(item);
        LAW.check(alone == *verdict && is_own, || format!("{verdict:?}, and alone {alone:?}"))?;
    }
    let groups: BTreeSet<Option<u32>> = items.iter().map(|item| item.group).collect();
    for group in groups {
        let is_own = |(_, item): &(u32, &Item)| item.group == group;
        let own: Vec<u32> = (0u32..).zip(items).filter(is_own).map(|(row, _)| row).collect();
        told_alike(LAW, &found, items, spec, now, &own)?;
    }
    Ok(())
}

/// The verdicts of some of the items, in this order, are those among all.
fn told_alike(
    law: Law,
    all: &[Verdict],
    items: &[Item],
    spec: &Spec,
    now: Instant,
    rows: &[u32],
) -> Held {
    let get = |row: &u32| items.get(*row as usize).cloned();
    let some: Vec<Item> = rows.iter().filter_map(get).collect();
    let moved = |row: u32| rows.get(row as usize).copied().unwrap_or(u32::MAX);
    for mut verdict in verdicts(law, &some, spec, now)? {
        verdict.row = moved(verdict.row);
        for ground in &mut verdict.grounds {
            if let Ground::Broken(Broken::Unclaimed { passed, .. }) = ground
                && let Passed::Taken { by } | Passed::Covered { by } = passed
            {
                *by = moved(*by);
            }
        }
        let before = all.get(verdict.row as usize);
        law.check(before == Some(&verdict), || {
            format!("{verdict:?} among {rows:?}, and {before:?} among all")
        })?;
    }
    Ok(())
}
