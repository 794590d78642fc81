//! Every law, over the rows of the strategies.

use housekeep::dedupe::{Mode, Open, Rule, decide};
use housekeep::laws::rows::{Shifted, Subset, records, sound};
use housekeep::laws::strategies::case;
use housekeep::laws::{self, Row};
use housekeep::time::{Duration, Instant};
use proptest::prelude::*;

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1024))]

    #[test]
    fn hold_over_random_rows(case in case(24)) {
        laws::dedupe::all(&records(&case.rows)?, &case.rule, case.now)?;
    }

    #[test]
    fn hold_where_all_rows_are_of_one_key(mut case in case(40)) {
        for row in &mut case.rows {
            (row.key, row.counts) = (vec![Some(0)], true);
        }
        laws::dedupe::all(&records(&case.rows)?, &case.rule, case.now)?;
    }

    #[test]
    fn views_of_rows_are_rows(case in case(12), seed: u64) {
        let rows = records(&case.rows)?;
        sound(&rows)?;
        sound(&Subset::shuffled(&rows, seed))?;
        // To where no time is too late or too early.
        let inside = |row: &Row| row.time.is_none_or(|at| at.as_micros().unsigned_abs() < 1 << 54);
        if case.rows.iter().all(inside) {
            sound(&Shifted::new(&Subset::new(&rows, [2, 0, 7, 99]), -5))?;
        }
    }
}

#[test]
fn hold_for_no_rows() {
    for mode in Mode::ALL {
        let rule = Rule::within(Duration::from_secs(1)).mode(*mode);
        laws::dedupe::all(&records(&[]).unwrap(), &rule, Instant::MIN).unwrap();
        sound(&records(&[]).unwrap()).unwrap();
    }
}

fn row(id: i64, micros: i64) -> Row {
    Row { id, key: vec![Some(1)], time: Instant::from_micros(micros).ok(), counts: true }
}

fn micros(count: i64) -> Duration {
    Duration::from_micros(count).unwrap()
}

#[test]
fn a_broken_law_says_which_rows_break_it() {
    // A key that has another hash each time: the kernel cannot see that the rows are alike.
    let rows = [row(1, 5), row(2, 5)];
    let fickle = Fickle(records(&rows).unwrap());
    let broken = sound(&fickle).unwrap_err();
    assert_eq!(broken.says(), "row 0, `1` and row 1, `2`, have one key, and two hashes of it");
    let broken = laws::dedupe::keepers_apart(&fickle, &Rule::within(micros(3)), Instant::MAX);
    assert_eq!(
        broken.unwrap_err().to_string(),
        "law 3 (keepers_apart): `1` at 1970-01-01T00:00:00.000005Z and `2` at \
         1970-01-01T00:00:00.000005Z are both kept"
    );
}

/// Rows whose hashes are those of their numbers.
struct Fickle<R>(R);

impl<R: housekeep::groups::Rows> housekeep::groups::Rows for Fickle<R> {
    fn len(&self) -> u32 {
        self.0.len()
    }

    fn load(&self, start: u32, block: &mut housekeep::groups::Block) {
        self.0.load(start, block);
        for (hash, row) in block.hashes.iter_mut().zip(start..) {
            *hash = u64::from(row) << 40;
        }
    }

    fn times(&self, start: u32, times: &mut [i64]) {
        self.0.times(start, times);
    }

    fn hash_ids(&self, start: u32, hashes: &mut [u64]) {
        self.0.hash_ids(start, hashes);
    }

    fn cmp_key(&self, a: u32, b: u32) -> std::cmp::Ordering {
        self.0.cmp_key(a, b)
    }

    fn has_null_key(&self, row: u32) -> bool {
        self.0.has_null_key(row)
    }

    fn cmp_id(&self, a: u32, b: u32) -> std::cmp::Ordering {
        self.0.cmp_id(a, b)
    }

    fn id_text(&self, row: u32) -> String {
        self.0.id_text(row)
    }
}

// Why the laws say no more than they do: each of these would be broken.

#[test]
fn a_wider_window_may_drop_fewer_rows_while_clusters_wait() {
    let rows = [row(1, 0), row(2, 4)];
    let rows = records(&rows).unwrap();
    let now = Instant::from_micros(10).unwrap();
    let drops = |window| {
        let rule = Rule::within(micros(window));
        decide(&rows, &rule, now, &Default::default()).unwrap().drops.len()
    };
    assert_eq!((drops(5), drops(6)), (1, 0));
}

#[test]
fn a_wider_window_may_drop_other_rows_by_anchor() {
    let rows = [row(0, 0), row(2, 2), row(4, 4), row(6, 6)];
    let rows = records(&rows).unwrap();
    let dropped = |window| {
        let rule = Rule::within(micros(window)).open(Open::Close);
        decide(&rows, &rule, Instant::MAX, &Default::default()).unwrap().dropped_rows()
    };
    // 6 keeps 4 away, and 2 keeps 0 away; with the wider window 6 keeps both away, and 0 stays.
    assert_eq!((dropped(2), dropped(4)), (vec![0, 2], vec![1, 2]));
}

#[test]
fn a_wider_bucket_may_drop_fewer_rows() {
    let rows = [row(3, 3), row(5, 5)];
    let rows = records(&rows).unwrap();
    let drops = |window| {
        let rule = Rule::within(micros(window)).mode(Mode::Tumbling);
        decide(&rows, &rule, Instant::MAX, &Default::default()).unwrap().drops.len()
    };
    // Buckets of 3 hold both, those of 4 and of 5 part them.
    assert_eq!((drops(3), drops(4), drops(5)), (1, 0, 0));
}

/// Law 13 asks for more than time order: a row has to be there before a plan is later than it.
#[test]
fn a_row_that_arrives_after_its_time_was_planned_changes_what_is_left() {
    let at = |minute: i64| Instant::from_micros(minute * 60_000_000).unwrap();
    let rows = [0, 8, 18].map(|minute| row(minute, at(minute).as_micros()));
    let rule = Rule::within(Duration::from_mins(10));
    let plan = |rows: &[&Row], minute| -> Vec<i64> {
        let rows: Vec<Row> = rows.iter().copied().cloned().collect();
        let view = records(&rows).unwrap();
        let gone = decide(&view, &rule, at(minute), &Default::default()).unwrap().dropped_rows();
        gone.iter().map(|&row| rows[row as usize].id).collect()
    };
    let [first, second, late] = &rows;
    assert_eq!(plan(&[first, second, late], 60), [8]);
    // The third comes after the plan of minute 19: in order, and yet too late.
    assert_eq!(plan(&[first, second], 19), [0]);
    assert_eq!(plan(&[second, late], 60), [8]);
    // There in time, it would have kept the cluster open.
    assert_eq!(plan(&[first, second, late], 19), [0; 0]);
}

#[test]
fn planning_after_every_arrival_drifts_unless_clusters_wait() {
    let hour = 3_600_000_000;
    let runs: Vec<Row> = (0..24).map(|n| row(n, n * hour)).collect();
    for (open, left) in [(Open::Close, 1), (Open::Wait, 12)] {
        let rule = Rule::within(Duration::from_mins(60)).open(open);
        let mut there: Vec<Row> = Vec::new();
        let mut plan = |arrived: Option<&Row>, now: i64| {
            there.extend(arrived.cloned());
            let now = Instant::from_micros(now).unwrap();
            let gone = {
                let rows = records(&there).unwrap();
                decide(&rows, &rule, now, &Default::default()).unwrap().dropped_rows()
            };
            let mut number = 0;
            there.retain(|_| {
                number += 1;
                !gone.contains(&(number - 1))
            });
            there.len()
        };
        for (n, run) in (0..).zip(&runs) {
            plan(Some(run), n * hour + 1);
        }
        assert_eq!(plan(None, 48 * hour), left, "{open:?}");
    }
}
