//! Law 10, of when items are due.

use std::collections::BTreeSet;

use super::calendar::{Clock, MICROS_PER_DAY};
use super::planned::{gone, verdicts};
use super::{Item, Spec};
use crate::laws::{Held, Law};
use crate::retention::{Anchor, Fate};
use crate::time::Instant;

/// Law 10, of `due`: with the same items, an item that stays goes when it is due, and not before;
/// and one that is not due stays.
///
/// It is decided at every moment at which the words of the rule may say something else than before,
/// and between them.
///
/// # Errors
/// The first item that goes at another moment.
pub fn due_is_exact(items: &[Item], spec: &Spec, now: Instant) -> Held {
    const LAW: Law = Law { number: 10, name: "due_is_exact" };
    let found = verdicts(LAW, items, spec, now)?;
    let mut moments = turning_points(items, spec, now);
    let dues = found.iter().filter_map(|verdict| verdict.due);
    moments.extend(dues.filter_map(|due| Instant::from_micros(due.as_micros() - 1).ok()));
    moments.extend(found.iter().filter_map(|verdict| verdict.due));
    moments.insert(Instant::MAX);
    let middles = moments.iter().zip(moments.iter().skip(1)).filter_map(|(one, next)| {
        let middle = one.as_micros() + (next.as_micros() - one.as_micros()) / 2;
        Instant::from_micros(middle).ok()
    });
    let middles: Vec<Instant> = middles.collect();
    moments.extend(middles);

    let mut first: Vec<Option<Instant>> = vec![None; items.len()];
    for moment in moments.into_iter().filter(|moment| *moment > now) {
        for row in gone(LAW, items, spec, moment)? {
            if let Some(first) = first.get_mut(row as usize) {
                first.get_or_insert(moment);
            }
        }
    }
    for ((item, verdict), first) in items.iter().zip(&found).zip(first) {
        let goes = if verdict.fate == Fate::Dropped { None } else { first };
        LAW.check(verdict.due == goes, || {
            format!("{} goes {goes:?}, and is told as {verdict:?}", item.id)
        })?;
    }
    Ok(())
}

/// All moments after `now` at which an item comes, grows too old for a limit or old enough for the
/// floor, or leaves a window or comes back into it.
#[must_use]
pub fn turning_points(items: &[Item], spec: &Spec, now: Instant) -> BTreeSet<Instant> {
    let mut points: BTreeSet<i128> = BTreeSet::new();
    for item in items.iter().filter(|item| item.matched) {
        let Some(at) = item.time.map(Instant::as_micros) else { continue };
        let own = spec.of(item);
        let clock = Clock::new(own.zone);
        points.insert(i128::from(at));
        for age in own.floor_age.into_iter().chain(own.limit_age.map(|(age, _)| age)) {
            points.extend([0, 1].map(|more| clock.after(at, age) + more));
        }
        for (age, edge) in own.keeps.iter().filter_map(|claim| claim.within) {
            if own.anchor != Anchor::Now {
                continue;
            }
            if age.months == 0 {
                points.extend([0, 1].map(|more| clock.after(at, age) + more));
                continue;
            }
            let is_within = |moment: i64| clock.is_within(at, moment, age, edge);
            points.extend(clock.turns(at, age, is_within).into_iter().map(i128::from));
        }
    }
    let moments = points.into_iter().filter_map(|point| i64::try_from(point).ok());
    moments.filter_map(|point| Instant::from_micros(point).ok()).filter(|at| *at > now).collect()
}

impl Clock {
    /// When something turns that is said of the moment some months and more before: which goes back
    /// when a day begins, or the clock is changed, and else only on.
    fn turns(&self, at: i64, age: super::Age, says: impl Fn(i64) -> bool) -> Vec<i64> {
        // A day more than the lengths of so many months differ by.
        let around = i128::from(6 * MICROS_PER_DAY);
        let most = i128::from(Instant::MAX.as_micros());
        let near = self.after(at, age).min(most);
        let inside = |point: i128| i64::try_from(point.min(most)).unwrap_or(i64::MAX);
        let (start, end) = (inside(near - around), inside(near + around));
        let mut edges = vec![start];
        edges.extend(self.changes(start, end));
        edges.push(end);
        let mut turns = Vec::new();
        for (&from, &next) in edges.iter().zip(edges.iter().skip(1)) {
            let (mut before, mut after) = (from, next - 1);
            if says(before) != says(after) {
                while after - before > 1 {
                    let middle = before + (after - before) / 2;
                    if says(middle) == says(from) { before = middle } else { after = middle }
                }
                turns.push(after);
            }
            if says(next - 1) != says(next) {
                turns.push(next);
            }
        }
        turns
    }
}
