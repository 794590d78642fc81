//! A sweep beside one decision per window and mode; the smallest window; the nearest miss.

#![cfg(test)]

use std::collections::BTreeSet;

use housekeep::dedupe::{
    Drop, Keep, Mode, ModeCounts, Neighbours, Open, Rule, decide, nearest, sweep,
};
use housekeep::groups::{Records, Rows};
use housekeep::laws::Row;
use housekeep::laws::model::{Left, left_alone};
use housekeep::laws::rows::records;
use housekeep::laws::strategies::{case, window};
use housekeep::time::{Duration, Instant};
use housekeep::{Code, Control};
use proptest::collection::vec;
use proptest::prelude::*;

fn counts(rows: &impl Rows, rule: &Rule, now: Instant) -> ModeCounts {
    let decision = decide(rows, rule, now, &Control::new()).unwrap();
    ModeCounts { drop: decision.drops.len() as u64, open: decision.skipped.open }
}

/// The compared rows by key, in order of time and id.
fn keys(rows: &[Row], rule: &Rule, now: Instant) -> Vec<Vec<usize>> {
    let left = left_alone(rows, &rule.clone().open(Open::Close), now);
    let distinct = rule.get_null_key() == housekeep::dedupe::NullKey::Distinct;
    let order = |place: usize| (&rows[place].key, rows[place].time, rows[place].id);
    let mut compared: Vec<usize> = (0..rows.len()).filter(|&row| left[row].is_none()).collect();
    compared.sort_by_key(|&place| order(place));
    let alike = |&a: &usize, &b: &usize| {
        rows[a].key == rows[b].key && !(distinct && rows[a].key.contains(&None))
    };
    compared.chunk_by(alike).map(<[usize]>::to_vec).collect()
}

fn micros(row: &Row) -> i64 {
    row.time.unwrap().as_micros()
}

proptest! {
    #[test]
    fn counts_what_each_window_and_mode_would_do(
        case in case(30),
        windows in vec(window(), 0..6),
        threads in 1usize..=3,
    ) {
        let rows = records(&case.rows)?;
        let control = Control::new().threads(threads)?;
        let found = sweep(&rows, &case.rule, &windows, case.now, &control)?;
        if !windows.is_empty() {
            let asked: BTreeSet<Duration> = windows.into_iter().collect();
            let answered: Vec<Duration> = found.windows.iter().map(|counts| counts.window).collect();
            prop_assert_eq!(answered, asked.into_iter().collect::<Vec<_>>());
        }
        for tried in &found.windows {
            let with = |mode| case.rule.clone().mode(mode).window(tried.window);
            let counts = |mode| counts(&rows, &with(mode), case.now);
            prop_assert_eq!(tried.anchor, counts(Mode::Anchor), "{:?}", tried.window);
            prop_assert_eq!(tried.chain, counts(Mode::Chain), "{:?}", tried.window);
            let none = tried.window == Duration::ZERO;
            let tumbling = if none { ModeCounts::default() } else { counts(Mode::Tumbling) };
            prop_assert_eq!(tried.tumbling, tumbling, "{:?}", tried.window);
        }
        let forever = case.rule.clone().mode(Mode::Forever);
        prop_assert_eq!(found.forever, counts(&rows, &forever, case.now));
        prop_assert_eq!(found.total, case.rows.len() as u64);
        let closed = case.rule.clone().open(Open::Close);
        let alone = left_alone(&case.rows, &closed, case.now);
        prop_assert_eq!(found.eligible, alone.iter().filter(|left| left.is_none()).count() as u64);
        prop_assert!(alone.iter().all(|left| *left != Some(Left::Open)));
    }

    #[test]
    fn smallest_is_the_first_window_that_drops_anything(case in case(30)) {
        let rows = records(&case.rows)?;
        let smallest = sweep(&rows, &case.rule, &[], case.now, &Control::new())?.smallest;
        let drops = |micros: i64| {
            let window = Duration::from_micros(micros).unwrap();
            let by = |mode| counts(&rows, &case.rule.clone().mode(mode).window(window), case.now).drop;
            let both = (by(Mode::Anchor), by(Mode::Chain));
            assert_eq!(both.0 > 0, both.1 > 0, "one of the modes alone drops something");
            both.0 > 0
        };
        // Nothing happens but where the window reaches another gap.
        let mut gaps = BTreeSet::from([0]);
        for key in keys(&case.rows, &case.rule, case.now) {
            let at = |place: usize| micros(&case.rows[place]);
            gaps.extend(key.windows(2).map(|pair| at(pair[1]) - at(pair[0])));
        }
        let first = gaps.iter().copied().find(|&gap| drops(gap));
        prop_assert_eq!(smallest.map(Duration::as_micros), first);
        if let Some(first) = first.filter(|&first| first > 0) {
            prop_assert!(!drops(first - 1));
        }
    }

    #[test]
    fn gaps_are_those_between_neighbours_of_one_key(case in case(30)) {
        let rows = records(&case.rows)?;
        let found = sweep(&rows, &case.rule, &[], case.now, &Control::new())?;
        let mut gaps = Vec::new();
        for key in keys(&case.rows, &case.rule, case.now) {
            let at = |place: usize| micros(&case.rows[place]);
            gaps.extend(key.windows(2).map(|pair| at(pair[1]) - at(pair[0])));
        }
        let mut counted = 0;
        let mut last = None;
        for range in &found.gaps {
            let over = range.over.as_micros();
            let upto = range.upto.map_or(i64::MAX, Duration::as_micros);
            let inside = |gap: &&i64| (**gap > over || over == 0) && **gap <= upto;
            prop_assert_eq!(range.count, gaps.iter().filter(inside).count() as u64);
            prop_assert!(range.count > 0 && over < upto && last <= Some(over));
            (counted, last) = (counted + range.count, Some(upto));
        }
        prop_assert_eq!(counted, gaps.len() as u64);

        // A window reaches the usual interval of a key where half of the gaps are no longer.
        let mut medians = Vec::new();
        for key in keys(&case.rows, &case.rule, case.now) {
            let at = |place: usize| micros(&case.rows[place]);
            let mut gaps: Vec<i64> = key.windows(2).map(|pair| at(pair[1]) - at(pair[0])).collect();
            gaps.sort_unstable();
            if gaps.len() >= 5 {
                medians.push((gaps[(gaps.len() - 1) / 2], case.rows[key[0]].key.clone()));
            }
        }
        for tried in &found.windows {
            let reached: Vec<_> =
                medians.iter().filter(|(median, _)| *median <= tried.window.as_micros()).collect();
            let warning = found.warnings.iter().find(|warning| warning.window == tried.window);
            prop_assert_eq!(warning.map_or(0, |warning| warning.keys), reached.len() as u64);
            if let Some(warning) = warning {
                let first = reached.iter().map(|(_, key)| key).min();
                prop_assert_eq!(Some(&case.rows[warning.row as usize].key), first);
                let of_key = reached.iter().find(|(_, key)| Some(key) == first);
                prop_assert_eq!(of_key.map(|(median, _)| *median), Some(warning.median.as_micros()));
            }
        }
    }

    #[test]
    fn nearest_is_the_closest_pair_that_is_not_joined(case in case(30), threads in 1usize..=3) {
        let rows = records(&case.rows)?;
        let control = Control::new().threads(threads)?;
        let found = nearest(&rows, &case.rule, case.now, &control)?;
        let window = case.rule.get_window().as_micros();
        let joined = |older: i64, newer: i64| match case.rule.get_mode() {
            Mode::Forever => true,
            Mode::Tumbling => older.div_euclid(window.max(1)) == newer.div_euclid(window.max(1)),
            Mode::Anchor | Mode::Chain => newer - older <= window,
        };
        let mut pairs = Vec::new();
        for key in keys(&case.rows, &case.rule, case.now) {
            for pair in key.windows(2) {
                let (older, newer) = (&case.rows[pair[0]], &case.rows[pair[1]]);
                let gap = micros(newer) - micros(older);
                if !joined(micros(older), micros(newer)) {
                    let order = (gap, older.time, &older.key, older.id);
                    pairs.push((order, pair[0] as u32, pair[1] as u32));
                }
            }
        }
        let meant = pairs.into_iter().min().map(|((gap, ..), older, newer)| Neighbours {
            older,
            newer,
            gap: Duration::from_micros(gap).unwrap(),
        });
        prop_assert_eq!(found, meant);
    }
}

fn hourly(runs: i64) -> Vec<Row> {
    let at = |n: i64| Instant::from_micros(n * 3_600_000_000).ok();
    (0..runs).map(|n| Row { id: n, key: vec![Some(1)], time: at(n), counts: true }).collect()
}

#[test]
fn an_hourly_series_is_thinned_out_from_sixty_minutes_on() {
    let runs = hourly(24);
    let rows = records(&runs).unwrap();
    let now = Instant::from_micros(48 * 3_600_000_000).unwrap();
    let windows = [Duration::from_mins(59), Duration::from_mins(60)];
    let rule = Rule::within(Duration::from_mins(10));
    let found = sweep(&rows, &rule, &windows, now, &Control::new()).unwrap();
    let drops: Vec<_> = found.windows.iter().map(|w| (w.anchor.drop, w.chain.drop)).collect();
    assert_eq!(drops, [(0, 0), (12, 23)]);
    assert_eq!(found.smallest, Some(Duration::from_mins(60)));
    assert_eq!(found.forever.drop, 23);
    let [warning] = found.warnings.as_slice() else { panic!("{:?}", found.warnings) };
    assert_eq!((warning.window, warning.keys), (Duration::from_mins(60), 1));
    assert_eq!(warning.median, Duration::from_mins(60));

    let nearest = nearest(&rows, &rule, now, &Control::new()).unwrap();
    let gap = Duration::from_mins(60);
    assert_eq!(nearest, Some(Neighbours { older: 0, newer: 1, gap }));
}

/// A year of one key at every five minutes, to this very minute: every cluster is open.
#[test]
fn a_long_open_series_takes_no_longer_than_a_closed_one() {
    let at = |n: i64| Instant::from_micros(n * 300_000_000).ok();
    let runs: Vec<i64> = (0..100_000).collect();
    let rows = Records::new(&runs, |_| 0, |n| at(*n), |n| *n).unwrap();
    let rule = Rule::within(Duration::from_mins(5));
    let now = at(100_000).unwrap();
    let found = sweep(&rows, &rule, &[], now, &Control::new()).unwrap();
    assert_eq!(found.smallest, None);
    let now = now.saturating_add(Duration::from_mins(1));
    let found = sweep(&rows, &rule, &[], now, &Control::new()).unwrap();
    assert_eq!(found.smallest, Some(Duration::from_mins(5)));
    // Gaps that grow: the next to look at is always the one just before the end.
    let growing: Vec<i64> = (0..100_000).collect();
    let rows = Records::new(&growing, |_| 0, |n| at(-n * n / 1_000), |n| *n).unwrap();
    let found = sweep(&rows, &rule, &[], Instant::MAX, &Control::new()).unwrap();
    assert_eq!(found.smallest, Some(Duration::ZERO));
}

#[test]
fn windows_are_counted() {
    let runs = hourly(3);
    let rows = records(&runs).unwrap();
    let windows: Vec<Duration> = (0..1001).map(Duration::from_secs).collect();
    let rule = Rule::within(Duration::ZERO).keep(Keep::Oldest);
    let most = sweep(&rows, &rule, &windows[..1000], Instant::MAX, &Control::new()).unwrap();
    assert_eq!(most.windows.len(), 1000);
    let error = sweep(&rows, &rule, &windows, Instant::MAX, &Control::new()).unwrap_err();
    assert_eq!(error.code(), Code::PolicyOutOfRange);
}

#[test]
fn a_drop_is_no_near_miss() {
    let runs = hourly(2);
    let rows = records(&runs).unwrap();
    let rule = Rule::within(Duration::from_mins(60));
    let decision = decide(&rows, &rule, Instant::MAX, &Control::new()).unwrap();
    assert_eq!(decision.drops, [Drop { row: 0, keeper: 1 }]);
    assert_eq!(nearest(&rows, &rule, Instant::MAX, &Control::new()).unwrap(), None);
}
