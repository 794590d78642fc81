//! A real table of 5,141 CI builds: the counts that three other engines agree on.

#![cfg(test)]

use std::path::PathBuf;

use housekeep::Control;
use housekeep::dedupe::ModeCounts;
use housekeep::formats::Format;
use housekeep::plan::{Plan, Source};
use housekeep::policy::Policy;
use housekeep::time::{Duration, Instant};

const MINUTES: [u32; 5] = [1, 5, 10, 60, 1440];
/// Drops at each window, by mode.
const DROPS: [(&str, [u64; 5]); 3] = [
    ("anchor", [72, 137, 158, 195, 228]),
    ("chain", [74, 139, 158, 195, 228]),
    ("tumbling", [43, 97, 126, 169, 219]),
];

fn csv() -> String {
    let golden =
        PathBuf::from(std::env::var_os("HOUSEKEEP_GOLDEN").expect("HOUSEKEEP_GOLDEN is set"));
    std::fs::read_to_string(golden.join("../data/travis_builds.csv")).expect("the builds are there")
}

fn policy(mode: &str, minutes: u32) -> Policy {
    let text = format!(
        "[dedupe.builds]\nid = \"build_id\"\nkey = [\"project\", \"commit_hash\"]\n\
         time = \"started_at\"\nwindow = \"{minutes}m\"\nmode = \"{mode}\"\n"
    );
    Policy::from_toml(&text).unwrap()
}

fn now() -> Instant {
    Instant::parse("2016-01-01T00:00:00Z").unwrap()
}

fn plan(policy: &Policy, csv: &str) -> Plan {
    let rule = policy.dedupe("builds").unwrap();
    let table = Format::Csv.read(rule.needs(), csv.as_bytes()).unwrap();
    rule.plan(&table, now(), Source::new(), &Control::new()).unwrap()
}

#[test]
#[cfg_attr(not(golden), ignore = "HOUSEKEEP_GOLDEN is not set")]
fn every_mode_and_window_drops_what_is_known() {
    let csv = csv();
    for (mode, drops) in DROPS {
        for (minutes, expected) in MINUTES.into_iter().zip(drops) {
            let plan = plan(&policy(mode, minutes), &csv);
            assert_eq!(plan.total(), 5141);
            assert_eq!(plan.drop_count(), expected, "{mode} at {minutes} minutes");
        }
    }
}

#[test]
#[cfg_attr(not(golden), ignore = "HOUSEKEEP_GOLDEN is not set")]
fn one_sweep_gives_all_of_them() {
    let policy = policy("anchor", 10);
    let rule = policy.dedupe("builds").unwrap();
    let table = Format::Csv.read(rule.needs(), csv().as_bytes()).unwrap();
    let windows = MINUTES.map(Duration::from_mins);
    let answer = rule.sweep(&table, &windows, now(), Source::new(), &Control::new()).unwrap();
    let by_mode = |pick: fn(&housekeep::dedupe::WindowCounts) -> ModeCounts| -> Vec<u64> {
        answer.sweep().windows.iter().map(|window| pick(window).drop).collect()
    };
    assert_eq!(by_mode(|window| window.anchor), DROPS[0].1);
    assert_eq!(by_mode(|window| window.chain), DROPS[1].1);
    assert_eq!(by_mode(|window| window.tumbling), DROPS[2].1);
}

#[test]
#[cfg_attr(not(golden), ignore = "HOUSEKEEP_GOLDEN is not set")]
fn two_runs_are_one_and_the_order_of_rows_changes_nothing() {
    let csv = csv();
    let policy = policy("anchor", 10);
    let first = plan(&policy, &csv);
    assert_eq!(first.to_json(), plan(&policy, &csv).to_json());

    let mut lines: Vec<&str> = csv.lines().collect();
    // A fixed shuffle: by the digits of the id, from the last on.
    lines[1..]
        .sort_by_key(|line| line.split(',').next().unwrap().chars().rev().collect::<String>());
    let shuffled = plan(&policy, &(lines.join("\n") + "\n"));
    assert_eq!(first.to_json(), shuffled.to_json());
}
