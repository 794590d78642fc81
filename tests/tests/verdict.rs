//! What `verdict` says of each row is what `decide` decides for all.

#![cfg(test)]

use housekeep::Control;
use housekeep::dedupe::{Keep, Mode, Open, Rule, Verdict, Why, decide, verdict};
use housekeep::laws::Row;
use housekeep::laws::model::{Fate, Left, plan};
use housekeep::laws::rows::records;
use housekeep::laws::strategies::{Case, case};
use housekeep::time::{Duration, Instant};
use proptest::prelude::*;

proptest! {
    #[test]
    fn agrees_with_the_decision_and_the_model(case in case(30)) {
        let rows = records(&case.rows)?;
        let decision = decide(&rows, &case.rule, case.now, &Control::new())?;
        let fates = plan(&case.rows, &case.rule, case.now);
        let mut keep = 0;
        for (row, fate) in (0..).zip(fates) {
            let found = verdict(&rows, &case.rule, case.now, row);
            let drop = decision.drops.iter().find(|drop| drop.row == row);
            match (&found, fate) {
                (Verdict::Dropped { keeper, .. }, Fate::Dropped { keeper: meant }) => {
                    prop_assert_eq!(drop.map(|drop| drop.keeper), Some(*keeper));
                    prop_assert_eq!(meant, *keeper as usize);
                }
                (Verdict::Kept { drops, .. }, Fate::Kept) => {
                    keep += 1;
                    let own = decision.drops.iter().filter(|drop| drop.keeper == row);
                    let mut own: Vec<u32> = own.map(|drop| drop.row).collect();
                    if case.rule.get_keep() == Keep::Newest {
                        own.reverse();
                    }
                    prop_assert_eq!(drops, &own, "{}: from the kept end on", row);
                }
                (Verdict::Skipped(why), Fate::Left(left)) => {
                    let same = match why {
                        Why::NotOnly => Left::NotOnly,
                        Why::NullTime => Left::NullTime,
                        Why::Future => Left::Future,
                        Why::NullKey => Left::NullKey,
                        Why::Open { .. } => Left::Open,
                    };
                    prop_assert_eq!(left, same);
                }
                _ => prop_assert!(false, "{}: {:?}, and {:?} by the model", row, found, fate),
            }
            prop_assert_eq!(drop.is_some(), matches!(found, Verdict::Dropped { .. }));
        }
        prop_assert_eq!(keep, decision.keep);
    }

    #[test]
    fn names_the_neighbours(case in case(30)) {
        let rows = records(&case.rows)?;
        for row in 0..case.rows.len() {
            let (older, newer) = neighbours(&case, row);
            match verdict(&rows, &case.rule, case.now, row as u32) {
                Verdict::Kept { older: found_older, newer: found_newer, .. } => {
                    prop_assert_eq!((found_older, found_newer), (older, newer), "of {}", row);
                }
                Verdict::Dropped { keeper, via } => {
                    let towards = if case.rule.get_keep() == Keep::Newest { newer } else { older };
                    prop_assert_eq!(Some(via), towards, "of {} for {}", row, keeper);
                    if case.rule.get_mode() == Mode::Chain {
                        let at = |row: u32| case.rows[row as usize].time.unwrap();
                        let gap = at(row as u32).distance(at(via));
                        prop_assert!(gap <= case.rule.get_window());
                    }
                }
                Verdict::Skipped(Why::Open { newest }) if case.rule.get_mode() != Mode::Tumbling => {
                    // From it on, no later row is near.
                    let (_, beyond) = neighbours(&case, newest as usize);
                    let at = |row: u32| case.rows[row as usize].time.unwrap();
                    let far = |other: u32| at(other).distance(at(newest)) > case.rule.get_window();
                    prop_assert!(beyond.is_none_or(far));
                    prop_assert!(at(newest) >= at(row as u32));
                    let open = case.now.saturating_sub(case.rule.get_window());
                    prop_assert!(at(newest) >= open);
                }
                Verdict::Skipped(_) => {}
            }
        }
    }
}

/// The compared rows of the key that are next to this one, in order of time and id.
fn neighbours(case: &Case, row: usize) -> (Option<u32>, Option<u32>) {
    let fates = plan(&case.rows, &case.rule, case.now);
    let compared =
        |fate: &Fate| matches!(fate, Fate::Kept | Fate::Dropped { .. } | Fate::Left(Left::Open));
    let own = &case.rows[row];
    let alone = case.rule.get_null_key() == housekeep::dedupe::NullKey::Distinct;
    let like = |other: &Row| other.key == own.key && !(alone && own.key.contains(&None));
    let others = (0u32..).zip(case.rows.iter().zip(&fates));
    let mut others: Vec<_> = others
        .filter(|(_, (other, fate))| compared(fate) && like(other))
        .map(|(place, (other, _))| ((other.time, other.id), place))
        .collect();
    others.sort_unstable();
    let at = (own.time, own.id);
    let older = others.iter().rev().find(|(other, _)| *other < at);
    let newer = others.iter().find(|(other, _)| *other > at);
    (older.map(|found| found.1), newer.map(|found| found.1))
}

#[test]
fn a_tie_is_dropped_by_the_tied_row_before_it() {
    let row = |id: i64, micros| Row {
        id,
        key: vec![Some(0)],
        time: Instant::from_micros(micros).ok(),
        counts: true,
    };
    let rows = [row(1, 0), row(2, 0), row(3, 0), row(4, 5)];
    let rows = records(&rows).unwrap();
    let rule = Rule::within(Duration::from_micros(10).unwrap()).open(Open::Close);
    let oldest = verdict(&rows, &rule.clone().keep(Keep::Oldest), Instant::MAX, 2);
    assert_eq!(oldest, Verdict::Dropped { keeper: 0, via: 1 });
    let newest = verdict(&rows, &rule, Instant::MAX, 1);
    assert_eq!(newest, Verdict::Dropped { keeper: 3, via: 2 });
}
