//! How long keep rules claim items where every claim is as if it were alone.

use super::due::Free;
use super::period::{Periods, Seen};
use super::{Anchor, Every, Items, Keep, Rule};
use crate::groups::Rows;
use crate::time::{Instant, Span};

/// Until when a keep rule claims an item that is in its window.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Lease {
    Never,
    Until(Instant),
    Always,
}

/// What every keep rule claims of a part of a group as time passes, under
/// [`Overlap::Shared`](super::Overlap::Shared).
///
/// Items arrive, and none goes: a claim that ended does not begin again, but for windows of months,
/// which items may come back into for a while. And a window takes the oldest claims away, and leaves
/// the others as they are.
pub(super) struct Leases<'a> {
    rule: &'a Rule,
    free: &'a [Free],
    /// When each item of the part is there, held ones too.
    times: &'a [Instant],
    /// Of each keep rule.
    keeps: Vec<Kept<'a>>,
}

struct Kept<'a> {
    keep: &'a Keep,
    /// Of each item.
    leases: Vec<Lease>,
    /// When the window begins once each item of the part is the newest, if it is measured from that.
    begins: Vec<Option<Instant>>,
}

impl<'a> Leases<'a> {
    pub(super) fn new<R: Rows>(
        items: &Items<'_, R>,
        rule: &'a Rule,
        times: &'a [Instant],
        free: &'a [Free],
    ) -> Self {
        let kept = |(place, keep): (usize, &'a Keep)| {
            let mut leases = vec![Lease::Never; free.len()];
            let is_about = |item: &(usize, &Free)| items.is_claimable(place, item.1.row);
            let about: Vec<(usize, &Free)> = free.iter().enumerate().filter(is_about).collect();
            let ends = match keep.every {
                None => vec![Lease::Always; about.len()],
                Some(every) => keep.leases(every, rule, &about),
            };
            for ((place, _), end) in about.iter().zip(ends) {
                if let Some(lease) = leases.get_mut(*place) {
                    *lease = end;
                }
            }
            let from_newest = |within: Span| {
                let begins = |&base: &Instant| within.checked_before(base, rule.zone);
                times.iter().map(begins).collect()
            };
            let within = keep.within.filter(|_| rule.anchor == Anchor::Newest);
            Kept { keep, leases, begins: within.map_or_else(Vec::new, from_newest) }
        };
        Self { rule, free, times, keeps: rule.keeps.iter().enumerate().map(kept).collect() }
    }

    /// For each item, the first instant from that on at which it may go, and no keep rule claims it.
    pub(super) fn unclaimed(&self) -> Vec<Option<Instant>> {
        let places = self.free.iter().enumerate();
        places.map(|(place, item)| self.unclaimed_at(place, item.at, item.from?)).collect()
    }

    fn unclaimed_at(&self, place: usize, at: Instant, from: Instant) -> Option<Instant> {
        let mut when = from;
        loop {
            let before = when;
            for kept in &self.keeps {
                let end = match kept.leases.get(place)? {
                    Lease::Never => continue,
                    Lease::Until(end) if *end <= when => continue,
                    Lease::Until(end) => Some(*end),
                    Lease::Always => None,
                };
                if self.reaches(kept, at, when) {
                    let leaves = self.leaves(kept, at, when);
                    when = [end, leaves].into_iter().flatten().min()?;
                }
            }
            if when == before {
                return Some(when);
            }
        }
    }

    /// Whether an item is in the window of a keep rule then.
    fn reaches(&self, kept: &Kept<'_>, at: Instant, when: Instant) -> bool {
        match self.rule.anchor {
            Anchor::Now => kept.keep.reaches(at, when, self.rule.zone),
            Anchor::Newest => {
                // Of the newest that is there. The item is, too.
                let newest = self.times.partition_point(|time| *time <= when).checked_sub(1);
                let begins = newest.and_then(|newest| *kept.begins.get(newest)?);
                kept.keep.is_since(at, begins)
            }
        }
    }

    /// When an item that is in the window of a keep rule leaves it.
    fn leaves(&self, kept: &Kept<'_>, at: Instant, when: Instant) -> Option<Instant> {
        match self.rule.anchor {
            Anchor::Now => kept.keep.turns(at, when, self.rule.zone),
            Anchor::Newest => {
                let next = self.times.partition_point(|time| *time <= when);
                let mut later = self.times.iter().zip(&kept.begins).skip(next);
                later.find(|(_, begins)| !kept.keep.is_since(at, **begins)).map(|(time, _)| *time)
            }
        }
    }
}

impl Keep {
    /// Until when a keep rule claims each of the items that it is about, which come from the oldest
    /// on, by its periods and its count alone.
    fn leases(&self, every: Every, rule: &Rule, about: &[(usize, &Free)]) -> Vec<Lease> {
        let periods = numbered(every, rule, about);
        let at = |place: usize| about.get(place).map(|(_, item)| item.at);
        // Of the items that are newer than one, up to `end`: how many are of each period, and of
        // how many there are any.
        let mut alike = vec![0u32; about.len()];
        let mut any = 0u64;
        let mut end = about.len();
        // The item next newer of each period.
        let mut next: Vec<Option<Instant>> = vec![None; about.len()];
        let mut leases = vec![Lease::Never; about.len()];
        for (place, lease) in leases.iter_mut().enumerate().rev() {
            if let Some(count) = self.count {
                if let Some(alike) = periods.get(place + 1).and_then(|own| alike.get_mut(*own)) {
                    any += u64::from(*alike == 0);
                    *alike += 1;
                }
                // No more of them than it takes.
                while end > place + 1
                    && let Some(alike) = periods.get(end - 1).and_then(|own| alike.get_mut(*own))
                    && any - u64::from(*alike == 1) >= count
                {
                    any -= u64::from(*alike == 1);
                    *alike -= 1;
                    end -= 1;
                }
            }
            let full = match self.count {
                Some(0) => continue,
                Some(count) if any >= count => at(end - 1),
                _ => None,
            };
            let own = periods.get(place).and_then(|own| next.get_mut(*own));
            let taken = own.and_then(|next| std::mem::replace(next, at(place)));
            let is_oldest = self.oldest && place == 0;
            let taken = taken.filter(|_| !is_oldest);
            let until = [full, taken].into_iter().flatten().min();
            *lease = until.map_or(Lease::Always, Lease::Until);
        }
        leases
    }
}

/// Numbers for the periods of items that come from the oldest on.
fn numbered(every: Every, rule: &Rule, about: &[(usize, &Free)]) -> Vec<usize> {
    if every == Every::Item {
        return (0..about.len()).collect();
    }
    let mut periods = Periods::new(every, rule.zone);
    let mut seen = Seen::default();
    let mut count = 0;
    let newest_first = about.iter().rev().map(|(_, item)| {
        let period = periods.of(item.at, item.row);
        let number = seen.holder(period).unwrap_or_else(|| {
            seen.stands(period, count);
            count += 1;
            count - 1
        });
        number as usize
    });
    let mut numbers: Vec<usize> = newest_first.collect();
    numbers.reverse();
    numbers
}
