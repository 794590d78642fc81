//! Hashes that say little or nothing, and ids that are not unique.

use std::cmp::Ordering;

use housekeep::dedupe::decide;
use housekeep::groups::{Block, Rows, check_ids};
use housekeep::{Code, Control};

use crate::data::{ROWS, items, now, plain, rules, sorted, view};

/// Rows whose hashes are made worse.
struct Hashed<R> {
    rows: R,
    worse: fn(u64) -> u64,
}

impl<R: Rows> Rows for Hashed<R> {
    fn len(&self) -> u32 {
        self.rows.len()
    }

    fn load(&self, start: u32, block: &mut Block) {
        self.rows.load(start, block);
        block.hashes.iter_mut().for_each(|hash| *hash = (self.worse)(*hash));
    }

    fn times(&self, start: u32, times: &mut [i64]) {
        self.rows.times(start, times);
    }

    fn hash_ids(&self, start: u32, hashes: &mut [u64]) {
        self.rows.hash_ids(start, hashes);
        hashes.iter_mut().for_each(|hash| *hash = (self.worse)(*hash));
    }

    fn cmp_key(&self, a: u32, b: u32) -> Ordering {
        self.rows.cmp_key(a, b)
    }

    fn has_null_key(&self, row: u32) -> bool {
        self.rows.has_null_key(row)
    }

    fn cmp_id(&self, a: u32, b: u32) -> Ordering {
        self.rows.cmp_id(a, b)
    }

    fn id_text(&self, row: u32) -> String {
        self.rows.id_text(row)
    }
}

/// None, two, the first and last bits alone, and those in the middle.
type Worse = (&'static str, fn(u64) -> u64);

const WORSE: [Worse; 7] = [
    ("nothing", |_| 0),
    ("all ones", |_| u64::MAX),
    ("two values", |hash| if hash % 2 == 0 { 0 } else { u64::MAX }),
    ("two that differ in the last bit", |hash| hash % 2),
    ("high bits", |hash| hash & !0 << 50),
    ("low bits", |hash| hash % (1 << 24)),
    ("middle bits", |hash| hash & 0xff_ff00_0000),
];

#[test]
fn keys_are_told_apart_by_themselves_whatever_their_hashes() {
    for skewed in [false, true] {
        let items = items(ROWS / 4, skewed);
        for (what, worse) in WORSE {
            let rows = Hashed { rows: view(&items), worse };
            for rule in rules().iter().step_by(3) {
                let control = Control::new().threads(2).unwrap();
                let found = decide(&rows, rule, now(), &control).unwrap();
                let meant = plain(&items, rule, now());
                assert!(sorted(found) == meant, "{what}, {rule:?}, skewed: {skewed}");
            }
        }
    }
}

#[test]
fn a_duplicate_id_is_found_and_the_first_row_that_repeats_one_is_named() {
    for (what, worse) in WORSE.into_iter().chain([("a good hash", (|hash| hash) as fn(u64) -> u64)])
    {
        let mut items = items(ROWS / 4, false);
        // Three pairs and a triple; row 30 001, counted from one, is the first to repeat an id.
        for (row, of) in [(48_000, 3), (30_000, 29_999), (30_002, 12), (40_000, 12), (49_999, 0)] {
            items[row].id = items[of].id;
        }
        let id = items[29_999].id;
        let rows = Hashed { rows: view(&items), worse };
        for threads in [1, 2, 3] {
            let control = Control::new().threads(threads).unwrap();
            let error = check_ids(&rows, &control).unwrap_err();
            assert_eq!(
                (error.code(), error.row()),
                (Code::RowsDuplicateId, Some(30_001)),
                "{what}"
            );
            assert_eq!(
                error.message(),
                format!("the id `{id}` is also that of row 30000"),
                "{what}"
            );
        }
    }
}

#[test]
fn a_duplicate_id_is_found_in_sorted_rows() {
    let mut items = items(5000, false);
    items.sort_by_key(|item| item.id);
    assert!(check_ids(&view(&items), &Control::new()).is_ok());
    items[4999].id = items[4998].id;
    let error = check_ids(&view(&items), &Control::new()).unwrap_err();
    assert_eq!(error.row(), Some(5000));
}
