//! Which items of one group the keep rules claim, and why they pass over the others.

use std::collections::HashMap;

use super::period::{Period, Periods, Seen};
use super::{Every, Items, Keep, Overlap, Rule};
use crate::groups::Rows;
use crate::time::{Duration, Instant};

/// More than a clock was ever set back by: what is so much older shows an earlier time.
const LONGEST_FOLD: Duration = Duration::from_micros_unchecked(2 * 86_400_000_000);

/// One item that the keep rules look at.
#[derive(Clone, Copy, Debug)]
pub(super) struct Item {
    pub(super) row: u32,
    pub(super) at: Instant,
    /// Whether a keep rule of periods claims it.
    pub(super) claimed: bool,
    /// Whether a keep rule without periods does.
    pub(super) saved: bool,
    /// The keep rule that came nearest to claiming it, of those that do not.
    pub(super) passed: Option<(u16, Passed)>,
}

/// Why a keep rule does not claim an item.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Passed {
    /// The item of this row stands for its period.
    Taken {
        /// The other item's row.
        by: u32,
    },
    /// Its period holds the item of this row, which a finer rule claims.
    Covered {
        /// The other item's row.
        by: u32,
    },
    /// As many periods are claimed as the rule counts.
    Full,
    /// It is not within the rule's reach.
    TooOld,
    /// The rule is not about it.
    NotAbout,
}

/// What a keep rule claims an item for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Claim {
    /// The place of the keep rule among those of the item's rule.
    pub keep: u16,
    /// The how manieth item it is that the keep rule claims, from 1 on.
    pub nth: u32,
    /// Whether it is claimed as the oldest of all, and not for its period.
    pub as_oldest: bool,
}

impl Item {
    pub(super) fn new(row: u32, at: Instant) -> Self {
        Self { row, at, claimed: false, saved: false, passed: None }
    }

    /// Whether any keep rule keeps it.
    pub(super) fn is_kept(&self) -> bool {
        self.claimed || self.saved
    }

    fn pass(&mut self, keep: u16, passed: Passed) {
        let is_nearer = |(_, before): (u16, Passed)| passed.distance() < before.distance();
        if self.passed.is_none_or(is_nearer) {
            self.passed = Some((keep, passed));
        }
    }
}

impl Passed {
    /// How far the item was from being claimed.
    fn distance(self) -> u8 {
        match self {
            Passed::Taken { .. } | Passed::Covered { .. } => 0,
            Passed::Full => 1,
            Passed::TooOld => 2,
            Passed::NotAbout => 3,
        }
    }
}

/// Marks what the rule's keep rules claim of a group's items, which come from the newest on and are
/// neither held nor in the future. `told` hears of every claim: the item's place in the group, and
/// what it is claimed for.
pub(super) fn claim<R: Rows>(
    items: &Items<'_, R>,
    rule: &Rule,
    base: Instant,
    group: &mut [Item],
    told: &mut impl FnMut(usize, Claim),
) {
    // By how fine they are; the order of the rule decides between equals.
    let mut order: Vec<(u16, &Keep)> = (0u16..).zip(&rule.keeps).collect();
    order.sort_by_key(|(_, keep)| keep.every);
    for (place, keep) in order {
        let is_about = |item: &Item| items.is_claimable(usize::from(place), item.row);
        let begins = keep.within.and_then(|within| within.checked_before(base, rule.zone));
        let walk = Walk { keep, place, rule, begins };
        match keep.every {
            None => walk.all(group, is_about, told),
            Some(every) => walk.periods(every, group, is_about, told),
        }
    }
}

/// One keep rule, on its way through a group.
struct Walk<'a> {
    keep: &'a Keep,
    place: u16,
    rule: &'a Rule,
    /// When the window begins of what it claims.
    begins: Option<Instant>,
}

impl Walk<'_> {
    /// Claims all that the keep rule is about.
    fn all(
        &self,
        group: &mut [Item],
        is_about: impl Fn(&Item) -> bool,
        told: &mut impl FnMut(usize, Claim),
    ) {
        let mut nth = 0;
        for (n, item) in group.iter_mut().enumerate() {
            if !is_about(item) {
                item.pass(self.place, Passed::NotAbout);
            } else if !self.keep.is_since(item.at, self.begins) {
                item.pass(self.place, Passed::TooOld);
            } else {
                nth += 1;
                item.saved = true;
                told(n, Claim { keep: self.place, nth, as_oldest: false });
            }
        }
    }

    /// Claims one item of each period.
    fn periods(
        &self,
        every: Every,
        group: &mut [Item],
        is_about: impl Fn(&Item) -> bool,
        told: &mut impl FnMut(usize, Claim),
    ) {
        let mut periods = Periods::new(every, self.rule.zone);
        let mut covered: HashMap<Period, u32> = HashMap::new();
        if self.rule.overlap == Overlap::Cover {
            for item in group.iter().filter(|item| item.claimed) {
                covered.entry(periods.of(item.at, item.row)).or_insert(item.row);
            }
        }
        let oldest = if self.keep.oldest { group.iter().rposition(&is_about) } else { None };
        let mut seen = Seen::default();
        let mut nth = 0;
        // What is older is in no period that is taken, and no period of it need be known.
        let mut full_before = None;
        for (n, item) in group.iter_mut().enumerate() {
            if !is_about(item) {
                item.pass(self.place, Passed::NotAbout);
                continue;
            }
            if !self.keep.is_since(item.at, self.begins) {
                item.pass(self.place, Passed::TooOld);
                continue;
            }
            if full_before.is_some_and(|before| item.at < before) {
                item.pass(self.place, Passed::Full);
                continue;
            }
            let own = periods.of(item.at, item.row);
            let holder = if every == Every::Item { None } else { seen.holder(own) };
            let cover = covered.get(&own).copied();
            let is_oldest = oldest == Some(n);
            let was_claimed = item.claimed;
            let takes = match self.rule.overlap {
                Overlap::Shared => holder.is_none() || is_oldest,
                Overlap::Extra => (holder.is_none() || is_oldest) && !was_claimed,
                Overlap::Cover => {
                    (holder.is_none() && cover.is_none()) || (is_oldest && !was_claimed)
                }
            };
            let is_left = self.keep.count.is_none_or(|count| u64::from(nth) < count);
            if takes && is_left {
                nth += 1;
                item.claimed = true;
                let as_oldest = holder.is_some() || cover.is_some();
                told(n, Claim { keep: self.place, nth, as_oldest });
            } else if takes {
                item.pass(self.place, Passed::Full);
                // Under another overlap, what a finer rule claims may still stand for a period.
                let is_behind = every == Every::Item || seen.is_before_all(own);
                if self.rule.overlap == Overlap::Shared && is_behind {
                    full_before.get_or_insert(item.at.saturating_sub(LONGEST_FOLD));
                }
            } else if let Some(by) = cover {
                item.pass(self.place, Passed::Covered { by });
            } else if let Some(by) = holder {
                item.pass(self.place, Passed::Taken { by });
            }
            let stands = (takes && is_left) || (was_claimed && self.rule.overlap == Overlap::Extra);
            if stands && holder.is_none() && every != Every::Item {
                seen.stands(own, item.row);
            }
        }
    }
}
