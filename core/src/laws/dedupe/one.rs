//! The laws that one plan shows to hold: 1, 2, 3, 5, 6, 7 and 12.

use std::collections::BTreeSet;

use super::planned::{Planned, bucket};
use crate::dedupe::{Decision, Keep, Mode, NullKey, Rule, Skipped};
use crate::groups::Rows;
use crate::laws::model::{Left, largest_apart};
use crate::laws::{Held, Law};
use crate::time::{Duration, Instant};

/// Law 1. Every row is kept, dropped or left alone, and only one of them: the counts add up, no row
/// is dropped twice, none that is left alone is dropped or keeps another, and each count of rows
/// left alone is that of the rows of which it is true.
///
/// # Errors
/// The first row, or count, of which it is not so.
pub fn partition<R: Rows>(rows: &R, rule: &Rule, now: Instant) -> Held {
    const LAW: Law = Law { number: 1, name: "partition" };
    let plan = Planned::new(LAW, rows, rule, now)?;
    let Decision { total, keep, drops, skipped } = &plan.decision;
    LAW.check(*total == u64::from(rows.len()), || format!("{total} rows of {}", rows.len()))?;
    LAW.check(keep + drops.len() as u64 + skipped.total() == *total, || {
        format!("{keep} kept, {} dropped and {skipped:?} are not {total}", drops.len())
    })?;
    let mut gone = BTreeSet::new();
    for drop in drops {
        let show = || format!("{} is dropped for {}", plan.show(drop.row), plan.show(drop.keeper));
        LAW.check(gone.insert(drop.row), || format!("{}, and is dropped twice", show()))?;
        LAW.check(plan.is_closed(drop.row), || format!("{}, though it is left alone", show()))?;
        LAW.check(plan.is_closed(drop.keeper), || format!("{}, which is left alone", show()))?;
    }
    let count = |why| plan.left.iter().filter(|left| **left == Some(why)).count() as u64;
    let meant = Skipped {
        null_time: count(Left::NullTime),
        null_key: count(Left::NullKey),
        future: count(Left::Future),
        not_only: count(Left::NotOnly),
        open: count(Left::Open),
    };
    LAW.check(*skipped == meant, || format!("{skipped:?}, though there are {meant:?}"))
}

/// Law 2. Every row that goes has a witness that stays: of the same key, later in order (earlier,
/// where the oldest is kept), under [`Mode::Anchor`] at most a window away, and under
/// [`Mode::Tumbling`] in the same bucket.
///
/// # Errors
/// The first drop whose keeper is none.
pub fn witness<R: Rows>(rows: &R, rule: &Rule, now: Instant) -> Held {
    const LAW: Law = Law { number: 2, name: "witness" };
    let plan = Planned::new(LAW, rows, rule, now)?;
    let gone = plan.dropped();
    for drop in &plan.decision.drops {
        let show = || format!("{} is dropped for {}", plan.show(drop.row), plan.show(drop.keeper));
        let (row, keeper) = (plan.fact(drop.row), plan.fact(drop.keeper));
        LAW.check(!gone.contains(&drop.keeper), || format!("{}, which is dropped too", show()))?;
        let alone = rule.get_null_key() == NullKey::Distinct && row.key.contains(&None);
        LAW.check(row.key == keeper.key && !alone, || format!("{}, of another key", show()))?;
        let ahead = match rule.get_keep() {
            Keep::Newest => (row.time, row.id) < (keeper.time, keeper.id),
            Keep::Oldest => (row.time, row.id) > (keeper.time, keeper.id),
        };
        LAW.check(ahead, || format!("{}, which is farther from the kept end", show()))?;
        let (row, keeper) = (plan.time(drop.row), plan.time(drop.keeper));
        let reached = match rule.get_mode() {
            Mode::Anchor => row.distance(keeper) <= rule.get_window(),
            Mode::Tumbling => bucket(row, rule) == bucket(keeper, rule),
            Mode::Chain | Mode::Forever => true,
        };
        LAW.check(reached, || format!("{}, beyond the window of {}", show(), rule.get_window()))?;
    }
    Ok(())
}

/// Law 3. Two kept rows of one key are more than a window apart; under [`Mode::Forever`] there are
/// not two. Not for [`Mode::Tumbling`], whose survivors may be closer.
///
/// # Errors
/// The first two that are closer.
pub fn keepers_apart<R: Rows>(rows: &R, rule: &Rule, now: Instant) -> Held {
    const LAW: Law = Law { number: 3, name: "keepers_apart" };
    if rule.get_mode() == Mode::Tumbling {
        return Ok(());
    }
    let plan = Planned::new(LAW, rows, rule, now)?;
    let gone = plan.dropped();
    for mut key in plan.keys() {
        key.retain(|row| plan.is_closed(*row) && !gone.contains(row));
        for (&older, &newer) in key.iter().zip(key.iter().skip(1)) {
            let apart = plan.time(older).distance(plan.time(newer)) > rule.get_window();
            LAW.check(apart && rule.get_mode() != Mode::Forever, || {
                format!("{} and {} are both kept", plan.show(older), plan.show(newer))
            })?;
        }
    }
    Ok(())
}

/// Law 5. The kept end of every key stays, whether kept or left alone as open: the newest of its
/// compared rows, or the oldest. So with [`Keep::Newest`] no key's latest time changes.
///
/// # Errors
/// The first key whose end goes.
pub fn end_stays<R: Rows>(rows: &R, rule: &Rule, now: Instant) -> Held {
    const LAW: Law = Law { number: 5, name: "end_stays" };
    let plan = Planned::new(LAW, rows, rule, now)?;
    let gone = plan.dropped();
    for key in plan.keys() {
        let end = match rule.get_keep() {
            Keep::Newest => key.last(),
            Keep::Oldest => key.first(),
        };
        if let Some(&end) = end {
            LAW.check(!gone.contains(&end), || format!("{} is an end, and goes", plan.show(end)))?;
        }
    }
    Ok(())
}

/// Law 6. What [`Mode::Anchor`] keeps of the closed rows of a key is a largest set of rows more than
/// a window apart: no plan that leaves no duplicates drops fewer.
///
/// # Errors
/// The first key of which more could stay.
pub fn fewest_drops<R: Rows>(rows: &R, rule: &Rule, now: Instant) -> Held {
    const LAW: Law = Law { number: 6, name: "fewest_drops" };
    let rule = rule.clone().mode(Mode::Anchor);
    let plan = Planned::new(LAW, rows, &rule, now)?;
    let gone = plan.dropped();
    for mut key in plan.keys() {
        key.retain(|row| plan.is_closed(*row));
        let times: Vec<Instant> = key.iter().map(|row| plan.time(*row)).collect();
        let most = largest_apart(&times, rule.get_window());
        let kept = key.iter().filter(|row| !gone.contains(row)).count();
        LAW.check(kept == most, || {
            format!("{kept} rows of a key are kept where {most} could be: {}", plan.show_all(&key))
        })?;
    }
    Ok(())
}

/// Law 7. What [`Mode::Anchor`] drops, [`Mode::Chain`] drops too; and chain drops what a self-join
/// would: the closed rows for which another of their key is at most a window ahead in order.
///
/// # Errors
/// The first row of which it is not so.
pub fn within_chain<R: Rows>(rows: &R, rule: &Rule, now: Instant) -> Held {
    const LAW: Law = Law { number: 7, name: "within_chain" };
    let anchor = Planned::new(LAW, rows, &rule.clone().mode(Mode::Anchor), now)?.dropped();
    let plan = Planned::new(LAW, rows, &rule.clone().mode(Mode::Chain), now)?;
    let chain = plan.dropped();
    if let Some(&row) = anchor.difference(&chain).next() {
        LAW.check(false, || format!("{} goes by anchor and not by chain", plan.show(row)))?;
    }
    for key in plan.keys() {
        for (n, &row) in key.iter().enumerate() {
            let ahead = match rule.get_keep() {
                Keep::Newest => key.get(n + 1..),
                Keep::Oldest => key.get(..n),
            };
            let near =
                |other: &u32| plan.time(row).distance(plan.time(*other)) <= rule.get_window();
            let joined = plan.is_closed(row) && ahead.unwrap_or_default().iter().any(near);
            LAW.check(joined == chain.contains(&row), || {
                format!("of {}, chain and a self-join say different things", plan.show(row))
            })?;
        }
    }
    Ok(())
}

/// Law 12. A window of zero drops rows of equal times only, and leaves one of each. Not for
/// [`Mode::Forever`].
///
/// # Errors
/// The first row of which it is not so.
pub fn zero_drops_ties<R: Rows>(rows: &R, rule: &Rule, now: Instant) -> Held {
    const LAW: Law = Law { number: 12, name: "zero_drops_ties" };
    if rule.get_mode() == Mode::Forever {
        return Ok(());
    }
    let plan = Planned::new(LAW, rows, &rule.clone().window(Duration::ZERO), now)?;
    let gone = plan.dropped();
    for mut key in plan.keys() {
        key.retain(|row| plan.is_closed(*row));
        for tied in key.chunk_by(|a, b| plan.time(*a) == plan.time(*b)) {
            let kept = tied.iter().filter(|row| !gone.contains(row)).count();
            LAW.check(kept == 1, || format!("{kept} are kept of {}", plan.show_all(tied)))?;
        }
    }
    Ok(())
}
