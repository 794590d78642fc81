//! One group's items, and what becomes of each.

use super::aged::Aged;
use super::claims::{Claim, Item, Passed, claim};
use super::{Anchor, Edge, Items, Rule};
use crate::groups::Rows;
use crate::groups::entry::{self, Entry};
use crate::time::Instant;

/// Why an item goes, with the evidence.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Broken {
    /// It is older than the limit.
    Age,
    /// There are as many newer ones as the limit allows.
    Count {
        /// Its place among those that count, the newest being 1.
        place: u32,
    },
    /// With the newer ones it is more than the limit allows.
    Bytes {
        /// How many bytes it and the newer ones have; `u64::MAX` for that and more.
        sum: u64,
    },
    /// No keep rule claims it.
    Unclaimed {
        /// The place, among those of the item's rule, of the keep rule that came nearest.
        keep: u16,
        /// Why that one passed it over.
        passed: Passed,
    },
}

/// What becomes of one item.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fate {
    /// It stays, because the rule says so.
    Kept,
    /// It would go, and may not.
    Blocked,
    /// It goes.
    Dropped,
    /// The rule leaves it alone.
    Skipped,
}

/// All that is said of one item.
#[derive(Clone, Copy, Debug)]
pub(super) struct Judged {
    pub(super) row: u32,
    /// How many decided items of the group are newer.
    pub(super) rank: u32,
    /// Its place among those that are not held; none if it is.
    pub(super) place: Option<u32>,
    /// Whether it is among the newest, which the floor counts.
    pub(super) is_newest: bool,
    /// Whether it is too young for the floor.
    pub(super) is_young: bool,
    pub(super) fate: Fate,
    /// What would make it go.
    pub(super) broken: Option<Broken>,
}

/// Room for one group.
#[derive(Default)]
pub(super) struct Scratch {
    items: Vec<Item>,
}

/// The time of an entry. Entries are of decided rows, which have one in the years that are taken.
pub(super) fn at(entry: Entry) -> Instant {
    Instant::checked(entry::time(entry)).unwrap_or(Instant::MIN)
}

/// A rule at one moment, and the items that it decides.
pub(super) struct Judge<'a, R> {
    items: &'a Items<'a, R>,
    pub(super) rule: &'a Rule,
    pub(super) now: Instant,
    /// The limit of age.
    limit: Option<Aged>,
    /// The floor of age.
    floor: Option<Aged>,
}

/// How an item stands among the others of its group.
#[derive(Default)]
pub(super) struct Among<'a> {
    /// How many decided items are newer.
    pub(super) rank: u32,
    /// How many of them are not held; none if the item itself is.
    pub(super) place: Option<u32>,
    /// How large it is together with those; sizes of 64 bits, of fewer than 2^32 items.
    pub(super) bytes: u128,
    /// What the keep rules say of it, if there are any.
    pub(super) item: Option<&'a Item>,
}

impl<'a, R: Rows> Judge<'a, R> {
    pub(super) fn new(items: &'a Items<'a, R>, rule: &'a Rule, now: Instant) -> Self {
        let aged = |age, edge| Aged::new(age, edge, rule.zone, now);
        let limit = rule.limit.age.map(|age| aged(age, rule.limit.edge));
        let floor = rule.floor.age.map(|age| aged(age, Edge::At));
        Self { items, rule, now, limit, floor }
    }

    /// Shows `each` every item of a group, which comes in order of time and id, from the oldest on;
    /// they are shown from the newest on. `told` hears of every claim, by the place among those not
    /// held.
    pub(super) fn group(
        &self,
        group: &[Entry],
        scratch: &mut Scratch,
        told: &mut impl FnMut(usize, Claim),
        mut each: impl FnMut(u32, Instant, &Among<'_>),
    ) {
        let Self { items, rule, now, .. } = *self;
        let free = &mut scratch.items;
        free.clear();
        let newest_first = || group.iter().rev().map(|&entry| (entry::row(entry), at(entry)));
        if !rule.keeps.is_empty() {
            let base = match rule.anchor {
                Anchor::Now => now,
                Anchor::Newest => group.last().map_or(now, |&newest| at(newest)),
            };
            free.reserve(group.len());
            let unheld = newest_first().filter(|(row, _)| !items.is_held(*row));
            free.extend(unheld.map(|(row, at)| Item::new(row, at)));
            claim(items, rule, base, free, told);
        }

        let mut among = Among::default();
        let mut places = 0u32..;
        let mut free = free.iter();
        for (rank, (row, at)) in (0u32..).zip(newest_first()) {
            let place = if items.is_held(row) { None } else { places.next() };
            if place.is_some() {
                among.bytes += u128::from(items.size(row));
                among.item = free.next();
            }
            (among.rank, among.place) = (rank, place);
            each(row, at, &among);
        }
    }

    /// What becomes of an item, and what would make it go.
    #[inline]
    pub(super) fn fate(&self, row: u32, at: Instant, among: &Among<'_>) -> (Fate, Option<Broken>) {
        let broken = among.place.and_then(|place| self.broken(at, place, among));
        let fate = match broken {
            None => Fate::Kept,
            Some(_) if self.is_newest(among) || self.is_young(at) => Fate::Kept,
            Some(_) if !self.items.may_go(row) => Fate::Blocked,
            Some(_) => Fate::Dropped,
        };
        (fate, broken)
    }

    /// All that is said of an item.
    pub(super) fn item(&self, row: u32, at: Instant, among: &Among<'_>) -> Judged {
        let Among { rank, place, .. } = *among;
        let (is_newest, is_young) = (self.is_newest(among), self.is_young(at));
        let (fate, broken) = self.fate(row, at, among);
        Judged { row, rank, place, is_newest, is_young, fate, broken }
    }

    fn is_newest(&self, among: &Among<'_>) -> bool {
        u64::from(among.rank) < self.rule.floor.count
    }

    fn is_young(&self, at: Instant) -> bool {
        self.floor.as_ref().is_some_and(|floor| !floor.is_over(at))
    }

    /// What makes an item go that is not held.
    #[inline]
    fn broken(&self, at: Instant, place: u32, among: &Among<'_>) -> Option<Broken> {
        let limit = &self.rule.limit;
        if self.limit.as_ref().is_some_and(|limit| limit.is_over(at)) {
            return Some(Broken::Age);
        }
        if limit.count.is_some_and(|count| u64::from(place) >= count) {
            return Some(Broken::Count { place: place.saturating_add(1) });
        }
        if limit.bytes.is_some_and(|most| among.bytes > u128::from(most)) {
            return Some(Broken::Bytes { sum: u64::try_from(among.bytes).unwrap_or(u64::MAX) });
        }
        let item = among.item.filter(|item| !item.is_kept())?;
        let (keep, passed) = item.passed.unwrap_or((0, Passed::NotAbout));
        Some(Broken::Unclaimed { keep, passed })
    }
}
