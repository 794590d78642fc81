//! The plain way to the reasons: what speaks for the fate of each item, from the words of the rule.

use std::cmp::Reverse;

use super::model::{Cause, Claimed, Fate, Part, Seen};
use super::{Item, Spec};
use crate::retention::{self, Broken, Ground, Overlap, Passed};
use crate::time::Instant;

/// What speaks for the fate of every item, as [`plan`](super::model::plan) decides it.
#[must_use]
pub fn grounds(items: &[Item], spec: &Spec, now: Instant) -> Vec<Vec<Ground>> {
    items.iter().map(|item| grounds_of(item, items, spec, now)).collect()
}

fn grounds_of(item: &Item, items: &[Item], spec: &Spec, now: Instant) -> Vec<Ground> {
    let (own, part) = match Part::of(item, items, spec, now) {
        Ok(found) => found,
        Err(Fate::Future) => return vec![Ground::Future],
        Err(Fate::NullTime) => return vec![Ground::NullTime],
        Err(_) => return vec![Ground::Unmatched],
    };
    let mut grounds = Vec::new();
    if item.held {
        grounds.push(Ground::Held);
    }
    if part.is_newest(&own) {
        grounds.push(Ground::Newest { place: number(part.newer(&own) + 1) });
    }
    if part.is_young(&own) {
        grounds.push(Ground::Young);
    }
    // What is held counts for nothing else.
    let broken = if item.held { None } else { part.broken(&own) };
    match broken {
        Some(cause) if grounds.is_empty() => {
            grounds.push(Ground::Broken(part.evidence(cause, &own)));
            if !item.may_go {
                grounds.push(Ground::Required);
            }
        }
        None if !item.held && part.spec.keeps.is_empty() => grounds.push(Ground::Within),
        None if !item.held => {
            let claims = part.claimed().into_iter().filter(|claim| claim.seen.is(&own));
            grounds.extend(claims.map(|claim| {
                Ground::Claimed(retention::Claim {
                    keep: place(claim.keep),
                    nth: number(claim.nth),
                    as_oldest: claim.as_oldest,
                })
            }));
        }
        _ => {}
    }
    grounds
}

impl Part<'_> {
    fn evidence(&self, cause: Cause, own: &Seen<'_>) -> Broken {
        match cause {
            Cause::Age => Broken::Age,
            Cause::Count(place) => Broken::Count { place: number(place) },
            Cause::Bytes(sum) => Broken::Bytes { sum: u64::try_from(sum).unwrap_or(u64::MAX) },
            Cause::Unclaimed => {
                // The finest of those that came nearest.
                let keeps = self.fine_to_coarse().into_iter();
                let passed = keeps.map(|(keep, _)| (place(keep), self.passed(keep, own)));
                let nearest = passed.min_by_key(|(_, passed)| distance(*passed));
                let (keep, passed) = nearest.unwrap_or((0, Passed::NotAbout));
                Broken::Unclaimed { keep, passed }
            }
        }
    }

    /// Why a keep rule does not claim an item that none claims.
    fn passed(&self, keep: usize, own: &Seen<'_>) -> Passed {
        if !self.is_about(keep, own) {
            return Passed::NotAbout;
        }
        let Some(rule) = self.spec.keeps.get(keep) else { return Passed::NotAbout };
        let Some(every) = rule.every.filter(|_| self.is_within(keep, own)) else {
            return Passed::TooOld;
        };
        let about = || self.free.iter().filter(|seen| self.is_about(keep, seen));
        let oldest = about().min_by_key(|seen| seen.order());
        if rule.oldest && oldest.is_some_and(|oldest| oldest.is(own)) {
            return Passed::Full;
        }
        let all = self.claimed();
        let finer: Vec<usize> = self.fine_to_coarse().iter().map(|(keep, _)| *keep).collect();
        let finer = finer.split(|other| *other == keep).next().unwrap_or_default();
        let is_finer =
            |claim: &&Claimed<'_>| finer.contains(&claim.keep) && self.has_periods(claim);
        let alike = |seen: &Seen<'_>| self.period(every, seen) == self.period(every, own);
        // The newest of them.
        let before = all.iter().filter(is_finer).map(|claim| claim.seen);
        let covers = before.clone().filter(alike).min_by_key(|seen| Reverse(seen.order()));
        if let (Overlap::Cover, Some(by)) = (self.spec.overlap, covers) {
            return Passed::Covered { by: by.row };
        }
        let finer_claims = |seen: &Seen<'_>| before.clone().any(|other| other.is(seen));
        let stands = |seen: &&Seen<'_>| {
            all.iter().any(|claim| claim.keep == keep && claim.seen.is(seen))
                || (self.spec.overlap == Overlap::Extra && finer_claims(seen))
        };
        let newer = about().filter(|seen| seen.order() > own.order() && alike(seen));
        match newer.filter(stands).min_by_key(|seen| Reverse(seen.order())) {
            Some(by) => Passed::Taken { by: by.row },
            None => Passed::Full,
        }
    }
}

/// How far an item is from being claimed: by another place in its period, a higher count, a longer
/// window, or another rule.
fn distance(passed: Passed) -> u8 {
    match passed {
        Passed::Taken { .. } | Passed::Covered { .. } => 0,
        Passed::Full => 1,
        Passed::TooOld => 2,
        Passed::NotAbout => 3,
    }
}

fn number(count: usize) -> u32 {
    u32::try_from(count).unwrap_or(u32::MAX)
}

fn place(keep: usize) -> u16 {
    u16::try_from(keep).unwrap_or(u16::MAX)
}
