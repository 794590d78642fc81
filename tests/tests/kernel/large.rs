//! Many buckets, skew, threads, and chunks of columns.

use housekeep::Control;
use housekeep::columns::{Cell, Need, Record, TableBuilder, TimeFormat, Type};
use housekeep::dedupe::decide;
use housekeep::groups::TableRows;
use housekeep::time::Instant;

use crate::data::{Item, ROWS, items, now, plain, rules, sorted, view};

#[test]
fn every_mode_agrees_with_a_plain_loop() {
    for skewed in [false, true] {
        let items = items(ROWS, skewed);
        for rule in rules() {
            let found = decide(&view(&items), &rule, now(), &Control::new()).unwrap();
            assert!(found.drops.len() > 5_000, "a test of little: {}", found.drops.len());
            assert_eq!(sorted(found), plain(&items, &rule, now()), "{rule:?}, skewed: {skewed}");
        }
    }
}

#[test]
fn threads_change_nothing_not_even_the_order() {
    for skewed in [false, true] {
        let items = items(ROWS, skewed);
        for rule in rules() {
            let alone = decide(&view(&items), &rule, now(), &Control::new()).unwrap();
            for threads in [2, 3, 16] {
                let control = Control::new().threads(threads).unwrap();
                let found = decide(&view(&items), &rule, now(), &control).unwrap();
                assert!(found == alone, "{rule:?}, {threads} threads, skewed: {skewed}");
            }
        }
    }
}

#[test]
fn drops_of_a_key_stand_together_in_order_of_time_and_id() {
    let items = items(ROWS, true);
    for rule in rules() {
        let drops = decide(&view(&items), &rule, now(), &Control::new()).unwrap().drops;
        let of = |row: u32| &items[row as usize];
        let mut seen = std::collections::BTreeSet::new();
        for key in drops.chunk_by(|a, b| of(a.row).key == of(b.row).key) {
            assert!(seen.insert(of(key[0].row).key), "{rule:?}: a key in two places");
            let order = |row: u32| (of(row).micros, of(row).id);
            assert!(key.is_sorted_by_key(|drop| order(drop.row)), "{rule:?}");
        }
    }
}

#[test]
fn any_number_of_rows_and_threads() {
    // Around the sizes of a block and of a bucket, and fewer rows than threads.
    for rows in [0, 1, 2, 3, 31, 33, 1023, 1024, 1025, 4095, 4096, 4097, 8192, 16_385] {
        let items = items(rows, rows % 2 == 1);
        for rule in rules() {
            let meant = plain(&items, &rule, now());
            for threads in [1, 2, 3, 5, 64] {
                let control = Control::new().threads(threads).unwrap();
                let found = decide(&view(&items), &rule, now(), &control).unwrap();
                assert!(sorted(found) == meant, "{rows} rows, {threads} threads, {rule:?}");
            }
        }
    }
}

#[test]
fn sorted_input_is_decided_alike() {
    let mut items = items(ROWS, false);
    items.sort_by_key(|item| item.id);
    let by_id = decide(&view(&items), &rules()[0], now(), &Control::new()).unwrap();
    assert_eq!(sorted(by_id), plain(&items, &rules()[0], now()));
    items.sort_by_key(|item| item.micros);
    let by_time = decide(&view(&items), &rules()[0], now(), &Control::new()).unwrap();
    assert_eq!(sorted(by_time), plain(&items, &rules()[0], now()));
}

/// An item as the record of a table: its id as text, its key in two columns.
struct Line(Item, String);

impl Record for Line {
    fn cell(&self, _: usize, need: &Need) -> Cell<'_> {
        match need.name.as_str() {
            "id" => Cell::Text(&self.1),
            "tens" => Cell::Integer(i64::from(self.0.key / 10)),
            // Every tenth is null throughout the table.
            "ones" if self.0.key.is_multiple_of(10) => Cell::Null,
            "ones" => Cell::Uuid(u128::from(self.0.key % 10).to_le_bytes()),
            _ => Instant::from_micros(self.0.micros).map_or(Cell::Null, Cell::Instant),
        }
    }
}

#[test]
fn a_table_of_several_chunks_is_decided_alike() {
    let need = |name: &str| Need {
        name: name.into(),
        ty: (name == "at").then_some(Type::Instant),
        time: TimeFormat::default(),
        required: name == "id",
        optional: false,
    };
    for skewed in [false, true] {
        let items = items(ROWS, skewed);
        let mut builder = TableBuilder::new(&["id", "tens", "ones", "at"].map(need));
        for &Item { id, key, micros } in &items {
            builder.push(&Line(Item { id, key, micros }, format!("{id:020}"))).unwrap();
        }
        let table = builder.finish().unwrap();
        let rows = TableRows::new(&table, &["id"], &["tens", "ones"], "at", &[]).unwrap();
        for rule in rules() {
            let control = Control::new().threads(2).unwrap();
            let found = decide(&rows, &rule, now(), &control).unwrap();
            assert!(sorted(found) == plain(&items, &rule, now()), "{rule:?}, skewed: {skewed}");
        }
    }
}
