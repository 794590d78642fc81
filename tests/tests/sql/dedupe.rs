//! Duplicates, in every mode.

use housekeep::dedupe::{Mode, Rule};
use housekeep::laws::strategies::{Case, case};
use housekeep::policy::Policy;
use housekeep_tests::database::servers;
use proptest::strategy::{Strategy, ValueTree};
use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};
use serde_json::{Value, json};

use super::{IDS, Table, id_columns, id_setting, named, same};

/// Random tables on each server; the types of ids take turns.
const CASES: usize = 1600;

pub(super) fn runner() -> TestRunner {
    TestRunner::new_with_rng(Config::default(), TestRng::deterministic_rng(RngAlgorithm::ChaCha))
}

fn policy(rule: &Rule, ty: &str) -> Policy {
    let mut own = json!({
        "table": "Runs", "id": id_setting(ty), "key": ["a", "b"], "time": "at", "only": {"counts": true},
        "mode": rule.get_mode().as_str(), "keep": rule.get_keep().as_str(),
        "null_key": rule.get_null_key().as_str(), "skew": rule.get_skew().to_string(),
    });
    if rule.get_mode() != Mode::Forever {
        own["window"] = rule.get_window().to_string().into();
        own["open"] = rule.get_open().as_str().into();
    }
    Policy::from_value(&json!({"dedupe": {"runs": own}})).unwrap()
}

fn rows(case: &Case, ty: &str) -> Vec<Value> {
    let row = |row: &housekeep::laws::Row| {
        let part = |n: usize| row.key[n].map(|part| format!("K{part}"));
        let own = json!({
            "a": part(0), "b": part(1), "counts": row.counts,
            "at": row.time.map(|at| at.to_string()),
        });
        named(ty, row.id, own)
    };
    case.rows.iter().map(row).collect()
}

#[test]
fn the_same_rows_go_as_in_core() {
    for server in servers() {
        let mut tables = IDS.map(|ty| {
            let own = "a text, b text, counts boolean, at timestamptz";
            (ty, Table::new(&server, "Runs", &format!("{}, {own}", id_columns(ty))))
        });
        let mut runner = runner();
        let mut modes = [(0, 0); 4];
        for n in 0..CASES {
            let case = case(3 + n % 40).new_tree(&mut runner).unwrap().current();
            let mode = case.rule.get_mode();
            // A tumbling rule of no length is refused.
            if mode == Mode::Tumbling && case.rule.get_window().as_micros() == 0 {
                continue;
            }
            let (ty, table) = &mut tables[n % IDS.len()];
            let policy = policy(&case.rule, ty);
            let gone = same(table, &policy, "runs", &rows(&case, ty), case.now);
            let place = Mode::ALL.iter().position(|own| *own == mode).unwrap();
            modes[place].0 += 1;
            modes[place].1 += gone;
        }
        assert!(modes.iter().all(|(tables, gone)| *tables > 200 && *gone > 50), "{modes:?}");
    }
}
