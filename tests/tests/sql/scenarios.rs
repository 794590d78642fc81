//! The rules of the teams, over the rows of their scenarios; and a real table.

use std::fs;
use std::path::PathBuf;

use housekeep::policy::Policy;
use housekeep::time::Instant;
use housekeep_tests::corpus::root;
use housekeep_tests::database::servers;
use serde_json::{Value, json};

use super::{Table, same};

/// F1, F2, F3 with F10, P5 and A2: rule, rows, columns, what the rule does not say, and when.
const RULES: [(&str, &str, &str, &[&str], &str); 5] = [
    (
        "facturapi/sessions",
        "user_sessions",
        "id bigint PRIMARY KEY, tenant_id text, updated_at timestamptz, legal_hold boolean",
        &[],
        "2026-05-03T08:00:00Z",
    ),
    (
        "facturapi/notifications",
        "notifications",
        "id text PRIMARY KEY, tenant_id text, status text, created_at timestamptz, legal_hold boolean",
        &[],
        "2026-05-03T08:00:00Z",
    ),
    (
        "facturapi/audit",
        "audit_logs",
        "id uuid PRIMARY KEY, tenant_id text, created_at timestamptz, legal_hold boolean",
        &[],
        "2026-05-03T08:00:00Z",
    ),
    (
        "pymerp/backups",
        "backups",
        "id text PRIMARY KEY, database text, status text, taken_at timestamptz",
        &["table=backups"],
        "2026-03-27T12:00:00Z",
    ),
    (
        "agentes/stream",
        "stream",
        "id text PRIMARY KEY, at bigint, acked boolean",
        &["table=stream", "limit.count=5"],
        "2026-02-13T03:00:00Z",
    ),
];

fn rows(text: &str, columns: &str) -> Vec<Value> {
    let all: Value = serde_json::from_str(text).unwrap();
    let all = all.get("data").unwrap_or(&all).as_array().unwrap();
    let names: Vec<&str> =
        columns.split(", ").filter_map(|column| column.split(' ').next()).collect();
    let known = |row: &Value| -> Value {
        names
            .iter()
            .map(|name| ((*name).to_owned(), row.get(*name).cloned().unwrap_or_default()))
            .collect()
    };
    all.iter().map(known).collect()
}

#[test]
fn the_rules_of_the_teams_are_the_same_in_sql() {
    for server in servers() {
        for (rule, table, columns, settings, now) in RULES {
            let (system, rule) = rule.split_once('/').unwrap();
            let folder = root().join("scenarios").join(system);
            let read = |name: String| fs::read_to_string(folder.join(name)).unwrap();
            let mut policy = Policy::from_toml(&read("policy.toml".into())).unwrap();
            for setting in settings {
                policy = policy.with(rule, setting).unwrap();
            }
            let rows = rows(&read(format!("{table}.json")), columns);
            let mut table = Table::new(&server, table, columns);
            let now = Instant::parse(now).unwrap();
            let gone = same(&mut table, &policy, rule, &rows, now);
            assert!(gone > 0, "{rule} removes nothing");
        }
    }
}

/// 5,141 builds: the counts that other engines agree on are held elsewhere.
#[test]
#[cfg_attr(not(golden), ignore = "HOUSEKEEP_GOLDEN is not set")]
fn a_table_of_builds_is_the_same_in_sql() {
    let golden = PathBuf::from(std::env::var_os("HOUSEKEEP_GOLDEN").unwrap());
    let csv = fs::read_to_string(golden.join("../data/travis_builds.csv")).unwrap();
    let build = |line: &str| {
        let fields: Vec<&str> = line.split(',').collect();
        let id: i64 = fields[0].parse().unwrap();
        json!({"id": id, "project": fields[1], "commit_hash": fields[2], "started_at": fields[4]})
    };
    let rows: Vec<Value> = csv.lines().skip(1).map(build).collect();
    assert_eq!(rows.len(), 5141);
    let now = Instant::parse("2016-01-01T00:00:00Z").unwrap();
    let columns = "id bigint PRIMARY KEY, project text, commit_hash text, started_at timestamptz";
    for server in servers() {
        let mut table = Table::new(&server, "builds", columns);
        for mode in ["anchor", "chain", "tumbling", "forever"] {
            let window = if mode == "forever" { Value::Null } else { "60m".into() };
            let mut rule = json!({
                "table": "builds", "key": ["project", "commit_hash"], "time": "started_at", "mode": mode,
            });
            if !window.is_null() {
                rule["window"] = window;
            }
            let policy = Policy::from_value(&json!({"dedupe": {"builds": rule}})).unwrap();
            assert!(same(&mut table, &policy, "builds", &rows, now) > 100, "{mode}");
        }
    }
}
