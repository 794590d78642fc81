//! The plain way to plan: what the words of a rule mean, one row at a time, however long it takes.
//!
//! Nothing here is shared with the kernel, so that the two can be compared.

use super::rows::read;
use super::{Held, Law, Row};
use crate::control::Control;
use crate::dedupe::{self, Keep, Mode, NullKey, Open, Rule, Skipped};
use crate::groups::Rows;
use crate::time::{Duration, Instant};

/// What becomes of a row.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fate {
    /// It stays, because the rule says so.
    Kept,
    /// It goes.
    Dropped {
        /// The place in the input of the row that stays for it.
        keeper: usize,
    },
    /// The rule leaves it alone.
    Left(Left),
}

/// Why a rule leaves a row alone. Where several hold, the first of this order is the one that
/// counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Left {
    /// The rule is not about it.
    NotOnly,
    /// It has no time.
    NullTime,
    /// It is later than now and the allowed skew.
    Future,
    /// A part of its key is null, and the rule skips those.
    NullKey,
    /// Its cluster may still grow.
    Open,
}

/// A row that is compared with others.
#[derive(Clone, Copy)]
struct Seen<'a> {
    place: usize,
    at: Instant,
    row: &'a Row,
}

impl Seen<'_> {
    /// Whether two rows have one key, by what the rule says of nulls. A row is like itself.
    fn like(&self, other: &Self, rule: &Rule) -> bool {
        self.place == other.place || (!self.alone(rule) && self.row.key == other.row.key)
    }

    /// Whether it is like no other row.
    fn alone(&self, rule: &Rule) -> bool {
        rule.get_null_key() == NullKey::Distinct && self.row.key.contains(&None)
    }

    /// Orders towards the kept end: the row that is kept rather than the other is the greater.
    fn towards(&self, rule: &Rule) -> (i64, i64) {
        match rule.get_keep() {
            Keep::Newest => (self.at.as_micros(), self.row.id),
            Keep::Oldest => (-self.at.as_micros(), -self.row.id),
        }
    }

    fn near(&self, other: &Self, rule: &Rule) -> bool {
        self.at.distance(other.at) <= rule.get_window()
    }
}

/// Decides every row. Ids are more than the lowest number there is, and no two are the same.
#[must_use]
pub fn plan(rows: &[Row], rule: &Rule, now: Instant) -> Vec<Fate> {
    let left = left_alone(rows, rule, now);
    let decided: Vec<Seen<'_>> = seen(rows, &left).collect();
    let keepers = match rule.get_mode() {
        Mode::Anchor => anchor(&decided, rule),
        Mode::Chain => decided.iter().map(|row| (row.place, chain(row, &decided, rule))).collect(),
        Mode::Tumbling => {
            let same = |a: &Seen<'_>, b: &Seen<'_>| bucket(a.at, rule) == bucket(b.at, rule);
            decided.iter().map(|row| (row.place, foremost(row, &decided, rule, same))).collect()
        }
        Mode::Forever => decided
            .iter()
            .map(|row| (row.place, foremost(row, &decided, rule, |_, _| true)))
            .collect(),
    };
    let fate = |(place, left): (usize, &Option<Left>)| match left {
        Some(left) => Fate::Left(*left),
        None => match keepers.iter().find(|(row, _)| *row == place) {
            Some(&(_, keeper)) if keeper != place => Fate::Dropped { keeper },
            _ => Fate::Kept,
        },
    };
    left.iter().enumerate().map(fate).collect()
}

/// Why each row is left alone, if it is.
#[must_use]
pub fn left_alone(rows: &[Row], rule: &Rule, now: Instant) -> Vec<Option<Left>> {
    let mut left: Vec<_> = rows.iter().map(|row| left_by_itself(row, rule, now)).collect();
    let compared: Vec<Seen<'_>> = seen(rows, &left).collect();
    for row in &compared {
        if open(row, &compared, rule, now)
            && let Some(left) = left.get_mut(row.place)
        {
            *left = Some(Left::Open);
        }
    }
    left
}

fn seen<'a>(rows: &'a [Row], left: &[Option<Left>]) -> impl Iterator<Item = Seen<'a>> {
    let rows = rows.iter().zip(left).enumerate();
    rows.filter_map(|(place, (row, left))| match (left, row.time) {
        (None, Some(at)) => Some(Seen { place, at, row }),
        _ => None,
    })
}

/// Why a row is left alone before it is compared with any other.
fn left_by_itself(row: &Row, rule: &Rule, now: Instant) -> Option<Left> {
    if !row.counts {
        return Some(Left::NotOnly);
    }
    let Some(at) = row.time else { return Some(Left::NullTime) };
    if at > now && at.distance(now) > rule.get_skew() {
        return Some(Left::Future);
    }
    let null = row.key.contains(&None) && rule.get_null_key() == NullKey::Skip;
    null.then_some(Left::NullKey)
}

/// Whether a row to come, not earlier than now, could stand in the row's cluster.
fn open(row: &Seen<'_>, rows: &[Seen<'_>], rule: &Rule, now: Instant) -> bool {
    if rule.get_open() == Open::Close || row.alone(rule) {
        return false;
    }
    match rule.get_mode() {
        Mode::Forever => false,
        Mode::Tumbling => bucket(row.at, rule) >= bucket(now, rule),
        Mode::Anchor | Mode::Chain => {
            // From row to later row, never farther than a window at once.
            let mut newest = *row;
            while let Some(later) = rows
                .iter()
                .filter(|later| {
                    later.at > newest.at && later.like(row, rule) && later.near(&newest, rule)
                })
                .max_by_key(|later| later.at)
            {
                newest = *later;
            }
            newest.at >= now || newest.at.distance(now) <= rule.get_window()
        }
    }
}

fn bucket(at: Instant, rule: &Rule) -> i64 {
    at.as_micros().div_euclid(rule.get_window().max(SHORTEST).as_micros())
}

/// A bucket of no length holds one instant.
const SHORTEST: Duration = Duration::from_micros_unchecked(1);

/// The foremost row is kept, and all near it go; then the foremost of those that are left.
fn anchor(rows: &[Seen<'_>], rule: &Rule) -> Vec<(usize, usize)> {
    let mut rest = rows.to_vec();
    let mut keepers = Vec::new();
    while let Some(keeper) = rest.iter().max_by_key(|row| row.towards(rule)).copied() {
        let near = |row: &Seen<'_>| row.like(&keeper, rule) && row.near(&keeper, rule);
        keepers.extend(rest.iter().filter(|row| near(row)).map(|row| (row.place, keeper.place)));
        rest.retain(|row| !near(row));
    }
    keepers
}

/// From neighbour to neighbour towards the kept end, while they are near.
fn chain(row: &Seen<'_>, rows: &[Seen<'_>], rule: &Rule) -> usize {
    let mut keeper = *row;
    loop {
        let ahead = rows.iter().filter(|other| {
            other.like(&keeper, rule) && other.towards(rule) > keeper.towards(rule)
        });
        match ahead.min_by_key(|other| other.towards(rule)) {
            Some(next) if next.near(&keeper, rule) => keeper = *next,
            _ => return keeper.place,
        }
    }
}

/// The row of one key that is closest to the kept end, of those that are the `same` in some way.
fn foremost(
    row: &Seen<'_>,
    rows: &[Seen<'_>],
    rule: &Rule,
    same: impl Fn(&Seen<'_>, &Seen<'_>) -> bool,
) -> usize {
    let alike = rows.iter().filter(|other| other.like(row, rule) && same(row, other));
    alike.max_by_key(|other| other.towards(rule)).map_or(row.place, |keeper| keeper.place)
}

/// How many of `times`, which are in order, can stand more than a window apart from each other: by
/// trying every such set.
#[must_use]
pub fn largest_apart(times: &[Instant], window: Duration) -> usize {
    /// With or without the first, the last chosen so far being `last`.
    fn largest(times: &[Instant], window: Duration, last: Option<Instant>) -> usize {
        let Some((&first, rest)) = times.split_first() else { return 0 };
        let without = largest(rest, window, last);
        if last.is_some_and(|last| last.distance(first) <= window) {
            return without;
        }
        without.max(1 + largest(rest, window, Some(first)))
    }
    // Times of different clusters are apart anyway.
    let clusters = times.chunk_by(|a, b| a.distance(*b) <= window);
    let sizes = clusters.map(|cluster| match cluster.len() {
        ..=TRIED => largest(cluster, window, None),
        _ => longest_ending(cluster, window),
    });
    sizes.sum()
}

/// Sets of so many times are tried one by one; there are too many of larger ones.
const TRIED: usize = 12;

/// The same without trying them all: the largest set that ends in each time is one more than the
/// largest that ends in any time far enough before it.
fn longest_ending(times: &[Instant], window: Duration) -> usize {
    let mut ending: Vec<(Instant, usize)> = Vec::with_capacity(times.len());
    for &at in times {
        let before = ending.iter().filter(|(other, _)| other.distance(at) > window);
        let longest = before.map(|(_, size)| *size).max().unwrap_or(0);
        ending.push((at, longest + 1));
    }
    ending.into_iter().map(|(_, size)| size).max().unwrap_or(0)
}

/// The kernel's decision is that of the model, run in any way.
///
/// # Errors
/// The first row of which they say different things; or that the kernel refuses the rows.
pub fn agrees<R: Rows>(rows: &R, rule: &Rule, now: Instant, control: &Control<'_>) -> Held {
    let law = Law { number: 0, name: "model" };
    let fates = plan(&read(rows), rule, now);
    let decision = match dedupe::decide(rows, rule, now, control) {
        Ok(decision) => decision,
        Err(error) => return law.check(false, || format!("the rows are refused: {error}")),
    };
    for (row, fate) in (0..).zip(&fates) {
        let meant = match fate {
            Fate::Dropped { keeper } => u32::try_from(*keeper).ok(),
            Fate::Kept | Fate::Left(_) => None,
        };
        let mut found = decision.drops.iter().filter(|drop| drop.row == row);
        let keeper = found.next().map(|drop| drop.keeper);
        let id = |row: Option<u32>| row.map_or("nothing".into(), |row| rows.id_text(row));
        law.check(keeper == meant && found.next().is_none(), || {
            let row = rows.id_text(row);
            format!("`{row}` is dropped for `{}`, and for `{}` by the model", id(keeper), id(meant))
        })?;
    }
    let count = |fate: Fate| fates.iter().filter(|other| **other == fate).count() as u64;
    let skipped = Skipped {
        null_time: count(Fate::Left(Left::NullTime)),
        null_key: count(Fate::Left(Left::NullKey)),
        future: count(Fate::Left(Left::Future)),
        not_only: count(Fate::Left(Left::NotOnly)),
        open: count(Fate::Left(Left::Open)),
    };
    law.check(decision.skipped == skipped, || {
        format!("{:?}, and {skipped:?} by the model", decision.skipped)
    })?;
    law.check(decision.total == fates.len() as u64 && decision.keep == count(Fate::Kept), || {
        format!(
            "{} of {} kept, and {} by the model",
            decision.keep,
            decision.total,
            count(Fate::Kept)
        )
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_ways_to_the_largest_set_agree() {
        for pattern in 0u32..1 << 12 {
            let places = (0..12).filter(|place| pattern & (1 << place) != 0);
            let times: Vec<_> = places.map(|at| Instant::from_micros(at).unwrap()).collect();
            for window in 0..6 {
                let window = Duration::from_micros(window).unwrap();
                assert_eq!(largest_apart(&times, window), longest_ending(&times, window));
            }
        }
    }
}
