//! Laws 2, 3 and 6 for every way to put up to nine rows of one key on a small grid of times.

#![cfg(test)]

use housekeep::dedupe::{Keep, Open, Rule};
use housekeep::laws::Row;
use housekeep::laws::dedupe::{fewest_drops, keepers_apart, witness};
use housekeep::laws::rows::records;
use housekeep::time::{Duration, Instant};

/// Microseconds: enough for three windows of one, and for one that holds them all.
const GRID: i64 = 6;
const MOST_ROWS: usize = 9;

#[test]
fn up_to_nine_rows() {
    let mut tried = 0u32;
    let mut times = Vec::new();
    each(&mut times, 0, &mut |times| {
        // Ties in either order of the ids.
        for turn in [1, -1] {
            let row = |(n, &micros): (i64, &i64)| Row {
                id: turn * n,
                key: vec![Some(0)],
                time: Instant::from_micros(micros).ok(),
                counts: true,
            };
            let rows: Vec<Row> = (1..).zip(times).map(row).collect();
            hold(&rows);
            tried += 1;
        }
    });
    // Multisets of up to nine out of six.
    assert_eq!(tried, 2 * 5005);
}

/// Every list of up to nine times of the grid, from `first` on, that does not fall.
fn each(times: &mut Vec<i64>, first: i64, visit: &mut impl FnMut(&[i64])) {
    visit(times);
    if times.len() == MOST_ROWS {
        return;
    }
    for time in first..GRID {
        times.push(time);
        each(times, time, visit);
        times.pop();
    }
}

fn hold(rows: &[Row]) {
    let rows = records(rows).unwrap();
    for window in 0..GRID {
        for &keep in Keep::ALL {
            let window = Duration::from_micros(window).unwrap();
            let closed = Rule::within(window).keep(keep).open(Open::Close);
            // At the end of the grid, where some clusters are still open.
            let waits = Rule::within(window).keep(keep);
            for (rule, now) in [(&closed, Instant::MAX), (&waits, at(GRID + 1))] {
                witness(&rows, rule, now).unwrap();
                keepers_apart(&rows, rule, now).unwrap();
                fewest_drops(&rows, rule, now).unwrap();
            }
        }
    }
}

fn at(micros: i64) -> Instant {
    Instant::from_micros(micros).unwrap()
}
