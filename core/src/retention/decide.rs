//! Items and a rule → which of them go.

use super::alone::decide_alone;
use super::judge::{Judge, Scratch};
use super::{Broken, Fate, Items, Rule};
use crate::control::{Control, Steps};
use crate::error::Error;
use crate::groups::entry::{self, Entry};
use crate::groups::order::in_order;
use crate::groups::whole::for_each_group;
use crate::groups::{Rows, Standing};
use crate::time::Instant;

/// An item that goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Drop {
    /// Its row.
    pub row: u32,
    /// The override it falls under, if any.
    pub under: Option<u16>,
    /// Why.
    pub broken: Broken,
}

/// Items that the rule leaves alone, each counted once, under the first that applies.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[cfg_attr(feature = "documents", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "documents", serde(deny_unknown_fields))]
pub struct Skipped {
    /// Not matched.
    #[cfg_attr(feature = "documents", serde(rename = "not_matched"))]
    pub unmatched: u64,
    /// Without a time.
    pub null_time: u64,
    /// In the future.
    pub future: u64,
}

/// What becomes of the items. `total = keep + blocked + drops + skipped`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Decision {
    /// All items.
    pub total: u64,
    /// Items that stay because the rule says so.
    pub keep: u64,
    /// Items that would go, and may not.
    pub blocked: u64,
    /// Items that go, in no order to rely on: see [`Decision::oldest_first`].
    pub drops: Vec<Drop>,
    /// The row of the oldest item that stays, of each group that has one, in no order to rely on.
    pub oldest_kept: Vec<u32>,
    /// Items left alone.
    pub skipped: Skipped,
}

#[derive(Default)]
struct Tally {
    scratch: Scratch,
    split: Split,
    keep: u64,
    blocked: u64,
    drops: Vec<Drop>,
    oldest_kept: Vec<u32>,
}

impl Decision {
    /// How many items were decided.
    #[must_use]
    pub fn eligible(&self) -> u64 {
        self.keep + self.blocked + self.drops.len() as u64
    }

    /// Puts the items that go in the order in which they should: by time and id, so that after any
    /// number of them the rest would be decided the same way.
    pub fn oldest_first<R: Rows>(&mut self, rows: &R) {
        let mut order: Vec<(i64, &Drop)> = Vec::with_capacity(self.drops.len());
        order.extend(self.drops.iter().map(|drop| {
            let mut time = 0;
            rows.times(drop.row, std::slice::from_mut(&mut time));
            (time, drop)
        }));
        order.sort_unstable_by(|(time, drop), (other_time, other)| {
            time.cmp(other_time).then_with(|| rows.cmp_id(drop.row, other.row))
        });
        self.drops = order.into_iter().map(|(_, drop)| *drop).collect();
    }

    /// The rows of the items that go, in the order of the input.
    #[must_use]
    pub fn dropped_rows(&self) -> Vec<u32> {
        in_order(self.total, self.drops.iter().map(|drop| drop.row))
    }
}

impl Skipped {
    /// All of them.
    #[must_use]
    pub fn total(&self) -> u64 {
        self.unmatched + self.null_time + self.future
    }

    pub(super) fn add(&mut self, other: &Self) {
        self.unmatched += other.unmatched;
        self.null_time += other.null_time;
        self.future += other.future;
    }

    /// Whether the rule decides an item; if not, it is counted here.
    pub(super) fn decides(&mut self, flags: u8, is_future: bool) -> bool {
        if flags & Standing::EXCLUDED != 0 {
            self.unmatched += 1;
        } else if flags & Standing::NULL_TIME != 0 {
            self.null_time += 1;
        } else if is_future {
            self.future += 1;
        } else {
            // A null in what groups the items is a group as any other.
            return true;
        }
        false
    }
}

/// Decides which items have outlived their use.
///
/// # Errors
/// `cancelled` if the caller asked to stop.
pub fn decide<R: Rows>(
    items: &Items<'_, R>,
    rule: &Rule,
    now: Instant,
    control: &Control<'_>,
) -> Result<Decision, Error> {
    let rows = &items.rows;
    let steps = Steps::new(control, u64::from(rows.len()) * 2);
    let decides =
        |skipped: &mut Skipped, flags, time| skipped.decides(flags, time > now.as_micros());
    if rows.is_one_group() && rule.decides_alone() {
        return decide_alone(items, rule, now, &steps);
    }
    let judges = Judges::new(items, rule, now);
    let (tallies, lanes) = for_each_group(rows, &steps, decides, |tally: &mut Tally, group| {
        tally.group(items, &judges, group);
    })?;
    let mut decision = Decision { total: u64::from(rows.len()), ..Decision::default() };
    lanes.iter().for_each(|skipped| decision.skipped.add(skipped));
    for tally in tallies {
        decision.keep += tally.keep;
        decision.blocked += tally.blocked;
        append(&mut decision.drops, tally.drops);
        append(&mut decision.oldest_kept, tally.oldest_kept);
    }
    Ok(decision)
}

/// Without a copy where there is nothing to append to.
pub(super) fn append<T>(all: &mut Vec<T>, mut more: Vec<T>) {
    if all.is_empty() { *all = more } else { all.append(&mut more) }
}

/// Room for taking a group apart by override.
#[derive(Default)]
pub(super) struct Split {
    all: Vec<(Option<u16>, Entry)>,
    part: Vec<Entry>,
}

impl Split {
    /// Shows `each` those items of a group that one override decides, or none, with its place.
    pub(super) fn each<R: Rows>(
        &mut self,
        items: &Items<'_, R>,
        rule: &Rule,
        group: &[Entry],
        mut each: impl FnMut(Option<u16>, &[Entry]),
    ) {
        if rule.overrides.is_empty() {
            return each(None, group);
        }
        let under = |&entry: &Entry| (items.override_of(entry::row(entry), rule), entry);
        self.all.clear();
        self.all.extend(group.iter().map(under));
        // In the order of the group, each.
        self.all.sort_by_key(|(under, _)| *under);
        for own in self.all.chunk_by(|(one, _), (next, _)| one == next) {
            let under = own.first().and_then(|(under, _)| *under);
            self.part.clear();
            self.part.extend(own.iter().map(|(_, entry)| *entry));
            each(under, &self.part);
        }
    }
}

/// What decides the items: the rule, and each of its overrides.
pub(super) struct Judges<'a, R> {
    pub(super) rule: &'a Rule,
    base: Judge<'a, R>,
    overrides: Vec<Judge<'a, R>>,
}

impl<'a, R: Rows> Judges<'a, R> {
    pub(super) fn new(items: &'a Items<'a, R>, rule: &'a Rule, now: Instant) -> Self {
        let judge = |own| Judge::new(items, own, now);
        Self { rule, base: judge(rule), overrides: rule.overrides.iter().map(judge).collect() }
    }

    /// What decides the items under an override, or under none.
    pub(super) fn under(&self, under: Option<u16>) -> &Judge<'a, R> {
        under.and_then(|place| self.overrides.get(usize::from(place))).unwrap_or(&self.base)
    }
}

impl Tally {
    /// Decides a group, which comes from the oldest on.
    fn group<R: Rows>(&mut self, items: &Items<'_, R>, judges: &Judges<'_, R>, group: &[Entry]) {
        let mut oldest = None;
        let mut split = std::mem::take(&mut self.split);
        split.each(items, judges.rule, group, |under, part| {
            self.part(items, judges.under(under), under, part, &mut oldest);
        });
        self.split = split;
        if let Some((_, row)) = oldest {
            self.oldest_kept.push(row);
        }
    }

    /// Decides those items of a group that one rule decides.
    fn part<R: Rows>(
        &mut self,
        items: &Items<'_, R>,
        judge: &Judge<'_, R>,
        under: Option<u16>,
        part: &[Entry],
        oldest: &mut Option<(Instant, u32)>,
    ) {
        let Self { scratch, keep, blocked, drops, .. } = self;
        judge.group(part, scratch, &mut |_, _| {}, |row, at, among| {
            match judge.fate(row, at, among) {
                (Fate::Dropped, Some(broken)) => return drops.push(Drop { row, under, broken }),
                (Fate::Blocked, _) => *blocked += 1,
                _ => *keep += 1,
            }
            items.keep_older(oldest, at, row);
        });
    }
}
