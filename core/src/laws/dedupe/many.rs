//! The laws that compare a plan with others: 4, 8, 9, 10, 11 and 13.

use std::collections::BTreeSet;

use super::planned::{Planned, decide, outcome_of, spread};
use crate::dedupe::{Mode, Open, Rule};
use crate::groups::Rows;
use crate::laws::rows::{Shifted, Subset};
use crate::laws::{Held, Law};
use crate::time::{Duration, Instant};

/// Law 4. Planning the survivors at the same moment drops nothing. Survivors are all rows but the
/// dropped ones, those left alone included.
///
/// # Errors
/// A survivor that goes the second time.
pub fn survivors_stay<R: Rows>(rows: &R, rule: &Rule, now: Instant) -> Held {
    const LAW: Law = Law { number: 4, name: "survivors_stay" };
    let plan = Planned::new(LAW, rows, rule, now)?;
    let gone = plan.dropped();
    let survivors = Subset::new(rows, (0..rows.len()).filter(|row| !gone.contains(row)));
    let again = Planned::new(LAW, &survivors, rule, now)?;
    match again.decision.drops.first() {
        None => Ok(()),
        Some(drop) => LAW.check(false, || {
            format!(
                "{} survives, and then goes for {}",
                again.show(drop.row),
                again.show(drop.keeper)
            )
        }),
    }
}

/// Law 8. With clusters closed, a wider window drops at least as many rows, and under
/// [`Mode::Chain`] at least the same ones (under anchor other rows may go: nothing is said of the
/// set). Not for [`Mode::Tumbling`], where rows can be parted by a wider window. Under
/// [`Open::Wait`] it would be false: a wider window may open a cluster.
///
/// Tries the rule's window, none, and up to 16 gaps of the rows, each with one microsecond less.
///
/// # Errors
/// The first window that drops less than a narrower one.
pub fn wider_drops_more<R: Rows>(rows: &R, rule: &Rule, now: Instant) -> Held {
    const LAW: Law = Law { number: 8, name: "wider_drops_more" };
    if rule.get_mode() == Mode::Tumbling {
        return Ok(());
    }
    let rule = rule.clone().open(Open::Close);
    let gaps = Planned::new(LAW, rows, &rule, now)?.gaps();
    let gaps = spread(gaps.into_iter().collect(), 16);
    let micros = gaps.into_iter().flat_map(|gap| [gap - 1, gap]).chain([0]);
    let windows =
        micros.filter_map(Duration::from_micros).chain([rule.get_window(), Duration::MAX]);
    let windows: BTreeSet<Duration> = windows.collect();
    let mut narrower = (Duration::ZERO, BTreeSet::new());
    for window in windows {
        let plan = Planned::new(LAW, rows, &rule.clone().window(window), now)?;
        let (before, less) = narrower;
        let gone = plan.dropped();
        LAW.check(gone.len() >= less.len(), || {
            format!("{} rows go with {before}, and {} with {window}", less.len(), gone.len())
        })?;
        if rule.get_mode() == Mode::Chain
            && let Some(&row) = less.difference(&gone).next()
        {
            LAW.check(false, || {
                format!("{} goes with {before}, not with {window}", plan.show(row))
            })?;
        }
        narrower = (window, gone);
    }
    Ok(())
}

/// Law 9. Shifting all times and `now` by the same changes nothing; under [`Mode::Tumbling`] by a
/// number of whole windows.
///
/// Tries a little to both sides, and as far as the years 0001 to 9999 allow.
///
/// # Errors
/// The shift that changes what is decided.
pub fn shift_changes_nothing<R: Rows>(rows: &R, rule: &Rule, now: Instant) -> Held {
    const LAW: Law = Law { number: 9, name: "shift_changes_nothing" };
    let plan = Planned::new(LAW, rows, rule, now)?;
    let times = || plan.times().chain([now]).map(Instant::as_micros);
    let back = Instant::MIN.as_micros() - times().min().unwrap_or(0);
    let ahead = Instant::MAX.as_micros() - times().max().unwrap_or(0);
    let step = match rule.get_mode() {
        Mode::Tumbling => rule.get_window().as_micros().max(1),
        _ => 1,
    };
    for shift in [1, -1, 1_000_003, -86_400_000_000, back / step, ahead / step] {
        let shift = shift.saturating_mul(step);
        if let Ok(now) = Instant::from_micros(now.as_micros().saturating_add(shift))
            && (back..=ahead).contains(&shift)
        {
            let other = Planned::new(LAW, &Shifted::new(rows, shift), rule, now)?.outcome();
            LAW.check(other == plan.outcome(), || {
                format!("{other:?} after a shift by {shift} µs, and {:?} before", plan.outcome())
            })?;
        }
    }
    Ok(())
}

/// Law 10. The order of the input changes nothing; and rows of disjoint keys are decided apart as
/// they are together.
///
/// # Errors
/// What is decided otherwise.
pub fn order_changes_nothing<R: Rows>(rows: &R, rule: &Rule, now: Instant) -> Held {
    const LAW: Law = Law { number: 10, name: "order_changes_nothing" };
    let plan = Planned::new(LAW, rows, rule, now)?;
    let reversed = Subset::new(rows, (0..rows.len()).rev());
    for (how, other) in [("reversed", reversed), ("shuffled", Subset::shuffled(rows, 1))] {
        let found = outcome_of(LAW, &[other], rule, now)?;
        LAW.check(found == plan.outcome(), || {
            format!("{found:?} when {how}, and {:?} before", plan.outcome())
        })?;
    }
    let even = |row: &u32| plan.fact(*row).key.iter().flatten().sum::<u32>().is_multiple_of(2);
    let (some, others): (Vec<u32>, Vec<u32>) = (0..rows.len()).partition(even);
    let parts = [Subset::new(rows, some), Subset::new(rows, others)];
    let found = outcome_of(LAW, &parts, rule, now)?;
    LAW.check(found == plan.outcome(), || {
        format!("{found:?} by parts of the keys, and {:?} before", plan.outcome())
    })
}

/// Law 11. A gap of more than a window between two neighbours of one key splits the problem: the
/// rows after it are decided without the others as they are with them. Not for [`Mode::Forever`],
/// whose window no gap exceeds.
///
/// Tries up to 16 gaps, and one split at all of them at once.
///
/// # Errors
/// What is decided otherwise.
pub fn gap_splits<R: Rows>(rows: &R, rule: &Rule, now: Instant) -> Held {
    const LAW: Law = Law { number: 11, name: "gap_splits" };
    if rule.get_mode() == Mode::Forever {
        return Ok(());
    }
    let plan = Planned::new(LAW, rows, rule, now)?;
    let mut after_a_gap: Vec<Vec<u32>> = Vec::new();
    let mut every_other = Vec::new();
    for key in plan.keys() {
        let near = |a: &u32, b: &u32| plan.time(*a).distance(plan.time(*b)) <= rule.get_window();
        let clusters: Vec<&[u32]> = key.chunk_by(near).collect();
        every_other.extend(clusters.iter().step_by(2).copied().flatten().copied());
        after_a_gap.extend((1..clusters.len()).filter_map(|n| Some(clusters.get(n..)?.concat())));
    }
    for part in spread(after_a_gap, 16).into_iter().chain([every_other]) {
        let part: BTreeSet<u32> = part.into_iter().collect();
        let rest = Subset::new(rows, (0..rows.len()).filter(|row| !part.contains(row)));
        let found = outcome_of(LAW, &[Subset::new(rows, part.clone()), rest], rule, now)?;
        LAW.check(found == plan.outcome(), || {
            let part: Vec<u32> = part.into_iter().collect();
            format!(
                "{found:?} with these apart: {}; and {:?} before",
                plan.show_all(&part),
                plan.outcome()
            )
        })?;
    }
    Ok(())
}

/// Law 13. With [`Open::Wait`], planning and applying at any moments and then once more at the end
/// leaves what one plan at the end leaves; provided that *no row arrives with a time before the
/// `now` of a plan that was already made*. Rows in the future may come as early as they like.
///
/// In time order is not enough. With a window of 10 minutes and rows of 12:00 and 12:08, a plan at
/// 12:19 drops the first for the second; a row of 12:18 that arrives only then is near the second
/// alone, and one plan at the end would have kept the first. Nor is it enough that rows are written
/// in time, where the rule has an `only`: a row arrives when it first meets it. Runs that are dated
/// by their start, and planned when they are done, arrive late by as long as they ran.
///
/// Holds for [`Mode::Forever`] too, which leaves one row per key in whatever steps.
///
/// Tries up to 12 moments in a row, with arrivals as late and as early as may be.
///
/// # Errors
/// A row that only one of the two ways leaves.
pub fn steps_are_one_plan<R: Rows>(rows: &R, rule: &Rule, now: Instant) -> Held {
    const LAW: Law = Law { number: 13, name: "steps_are_one_plan" };
    let rule = rule.clone().open(Open::Wait);
    let plan = Planned::new(LAW, rows, &rule, now)?;
    let at_once = plan.dropped();
    let shortest = Duration::from_micros_unchecked(1);
    let moments = plan.keys().into_iter().flatten().flat_map(|row| {
        let at = plan.time(row);
        let closes = at.saturating_add(rule.get_window());
        [at, at.saturating_add(shortest), closes, closes.saturating_add(shortest)]
    });
    let moments: BTreeSet<Instant> = moments.filter(|moment| *moment <= now).collect();
    let moments = spread(moments.into_iter().collect(), 12);
    for early in [false, true] {
        let mut gone = BTreeSet::new();
        let mut step = |moment: Instant, arrived: &dyn Fn(Instant) -> bool| -> Held {
            let is_there =
                |row: &u32| plan.fact(*row).time.is_none_or(arrived) && !gone.contains(row);
            let there = Subset::new(rows, (0..rows.len()).filter(is_there));
            let drops = decide(LAW, &there, &rule, moment)?.drops;
            gone.extend(drops.iter().map(|drop| there.number(drop.row)));
            Ok(())
        };
        for &moment in &moments {
            step(moment, &|at| if early { true } else { at < moment })?;
        }
        step(now, &|_| true)?;
        let differs = gone.symmetric_difference(&at_once).next();
        if let Some(&row) = differs {
            LAW.check(false, || {
                let which = if gone.contains(&row) { "in steps" } else { "at once" };
                format!("{} goes only {which}, of steps at {moments:?}", plan.show(row))
            })?;
        }
    }
    Ok(())
}
