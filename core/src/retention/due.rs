//! When items would go, if nothing happened but that time passed.

use super::claims::Claim;
use super::judge::{Judge, Judged, Scratch, at};
use super::{Anchor, Edge, Items, Keep, Overlap, Rule};
use crate::groups::Rows;
use crate::groups::entry::Entry;
use crate::time::{Instant, Zone};

/// Items that are decided again, at all moments together, before the search is given up.
const MOST_STEPS: usize = 20_000_000;

/// For each item of a part of a group, which comes from the oldest on, the first instant from `now`
/// on at which it would go.
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
    let search = Search::new(items, rule);
    let mut due = vec![None; part.len()];
    let mut moments = search.moments(now, part).into_iter();
    let mut next = Some(now);
    let mut steps = 0;
    while let Some(moment) = next.filter(|_| steps < MOST_STEPS) {
        next = moments.find(|&later| later > moment);
        let present = part.partition_point(|&entry| at(entry) <= moment);
        let present = part.get(..present).unwrap_or_default();
        steps += present.len();
        let found = search.between(moment, present);
        for (due, found) in due.iter_mut().zip(found) {
            *due = due.or(found.filter(|&found| next.is_none_or(|next| found < next)));
        }
    }
    due
}

struct Search<'a, R> {
    items: &'a Items<'a, R>,
    /// The rule; where every claim is as if it were alone, without its windows.
    rule: Rule,
    /// The windows that were taken away: of each keep rule.
    windows: Option<Vec<Keep>>,
}

impl<'a, R: Rows> Search<'a, R> {
    fn new(items: &'a Items<'a, R>, given: &Rule) -> Self {
        let mut rule = given.clone();
        let mut windows = None;
        // What a keep rule claims does not depend on the others then, and its windows only take
        // the oldest of its claims away.
        if rule.overlap == Overlap::Shared && rule.anchor == Anchor::Now {
            rule.keeps.iter_mut().for_each(|keep| keep.within = None);
            windows = Some(given.keeps.clone());
        }
        Self { items, rule, windows }
    }

    /// The moments after `now`, in their order.
    fn moments(&self, now: Instant, part: &[Entry]) -> Vec<Instant> {
        let mut moments: Vec<Instant> =
            part.iter().map(|&entry| at(entry)).filter(|&at| at > now).collect();
        if self.windows.is_none() && self.rule.anchor == Anchor::Now {
            for keep in &self.rule.keeps {
                for &entry in part {
                    let from = now.max(at(entry));
                    let turn = |&from: &Instant| keep.turns(at(entry), from, self.rule.zone);
                    moments.extend(std::iter::successors(turn(&from), turn));
                }
            }
        }
        moments.sort_unstable();
        moments
    }

    /// For each item that is there at a moment, when it would go if no further moment came.
    fn between(&self, moment: Instant, present: &[Entry]) -> Vec<Option<Instant>> {
        let mut claims: Vec<(usize, Claim)> = Vec::new();
        let mut judged: Vec<Judged> = Vec::with_capacity(present.len());
        let mut told = |place, claim| claims.push((place, claim));
        let scratch = &mut Scratch::default();
        let judge = Judge::new(self.items, &self.rule, moment);
        judge.group(present, scratch, &mut told, |one| judged.push(*one));
        claims.sort_by_key(|(place, _)| *place);
        // They came from the newest on.
        let due = judged.iter().rev().map(|one| {
            let place = one.place? as usize;
            let from = claims.partition_point(|(other, _)| *other < place);
            let own = claims.get(from..).unwrap_or_default();
            let own = own.iter().take_while(|(other, _)| *other == place).map(|(_, claim)| claim);
            self.goes(one, moment, &own)
        });
        due.collect()
    }

    /// When an item would go, if its place and its claims stayed the same.
    fn goes<'c>(
        &self,
        one: &Judged,
        moment: Instant,
        claims: &(impl Iterator<Item = &'c Claim> + Clone),
    ) -> Option<Instant> {
        let Self { items, rule, .. } = self;
        if one.is_newest || !items.may_go(one.row) {
            return None;
        }
        let grown = rule.floor.age.map_or(moment, |age| age.after(one.at, rule.zone));
        let from = moment.max(grown);
        if one.broken.is_some() {
            return Some(from);
        }
        let over = rule.over_age_at(one.at).map(|over| over.max(from));
        let unclaimed = self.unclaimed_at(one.at, from, claims);
        [over, unclaimed].into_iter().flatten().min()
    }

    /// The first instant at which no claim reaches the item any more.
    fn unclaimed_at<'c>(
        &self,
        at: Instant,
        from: Instant,
        claims: &(impl Iterator<Item = &'c Claim> + Clone),
    ) -> Option<Instant> {
        let windows = self.windows.as_ref().filter(|windows| !windows.is_empty())?;
        let zone = self.rule.zone;
        let mut when = from;
        loop {
            let before = when;
            for claim in claims.clone() {
                let window = windows.get(usize::from(claim.keep))?;
                if window.reaches(at, when, zone) {
                    when = window.turns(at, when, zone)?;
                }
            }
            if when == before {
                return Some(when);
            }
        }
    }
}

impl Rule {
    /// The first instant at which an item is over the limit of age.
    fn over_age_at(&self, at: Instant) -> Option<Instant> {
        let condemned = self.limit.age?.after(at, self.zone);
        match self.limit.edge {
            Edge::At => Some(condemned),
            Edge::After => Instant::checked(condemned.as_micros() + 1),
        }
    }
}

impl Keep {
    /// The first instant after `from` at which an item is newly within the window, or newly outside.
    fn turns(&self, at: Instant, from: Instant, zone: Zone) -> Option<Instant> {
        self.within?.turns(from, zone, at, |first| match self.edge {
            Edge::After => at > first,
            Edge::At => at >= first,
        })
    }
}
