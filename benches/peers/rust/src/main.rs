//! One snapshot of twenty checks after the other, in Rust, side by side with zen-engine.
//!
//! `cargo run --release`. The engines take turns; a time is the median of the rounds, in nanoseconds a
//! snapshot. Ends with 1 if two engines do not say the same.

use std::collections::BTreeMap;
use std::fmt::Write;
use std::future::Future;
use std::pin::pin;
use std::process::ExitCode;
use std::task::{Context, Poll, Waker};
use std::time::Instant as Clock;

use housekeep::health::{Measure, Snapshot, State, Status};
use housekeep::policy::Policy;
use housekeep::time::Instant;
use serde_json::{Value, json};
use zen_engine::DecisionEngine;

const CHECKS: usize = 20;
const SNAPSHOTS: usize = 64;
const ROUNDS: usize = 5;
const WARN: f64 = 80.0;
const CRIT: f64 = 90.0;

/// The checks that are not ok, each with its status.
type Found = BTreeMap<String, String>;
/// Says what is found in the snapshot of a place.
type Engine<'a> = (&'a str, u32, Box<dyn FnMut(usize) -> Found + 'a>);

fn name(n: usize) -> String {
    format!("m{n:02}")
}

/// Numbers from 0 to 95, so that most checks are ok and a few are not.
fn numbers(snapshot: usize) -> Vec<f64> {
    let noise = |n: u64| (n.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 40) as f64 / 16_777_216.0;
    (0..CHECKS).map(|n| 95.0 * noise((snapshot * CHECKS + n + 1) as u64)).collect()
}

fn policy(gates: &str) -> Policy {
    let mut text = String::new();
    for n in 0..CHECKS {
        let name = name(n);
        let _ = write!(
            text,
            "[check.{name}]\nvalue = \"{name}\"\nwarn = \"> {WARN}\"\ncrit = \"> {CRIT}\"\n{gates}\n"
        );
    }
    Policy::from_toml(&text).expect("the policy is sound")
}

/// A decision table that collects the rows that hold.
fn table() -> Value {
    let rule = |n: usize| {
        let name = name(n);
        let tests = [
            ("crit", format!("{name} > {CRIT}")),
            ("warn", format!("{name} > {WARN} and {name} <= {CRIT}")),
        ];
        tests.map(|(level, test)| {
            json!({
                "_id": format!("{name}-{level}"),
                "i": test,
                "check": format!("\"{name}\""),
                "status": format!("\"{level}\""),
            })
        })
    };
    let rules: Vec<Value> = (0..CHECKS).flat_map(rule).collect();
    json!({
        "nodes": [
            { "id": "in", "type": "inputNode", "name": "in" },
            { "id": "table", "type": "decisionTableNode", "name": "table", "content": {
                "inputs": [{ "id": "i", "name": "condition" }],
                "outputs": [
                    { "id": "check", "name": "check", "field": "check" },
                    { "id": "status", "name": "status", "field": "status" },
                ],
                "hitPolicy": "collect",
                "rules": rules,
            } },
            { "id": "out", "type": "outputNode", "name": "out" },
        ],
        "edges": [
            { "id": "a", "type": "edge", "sourceId": "in", "targetId": "table" },
            { "id": "b", "type": "edge", "sourceId": "table", "targetId": "out" },
        ],
    })
}

/// What a future that waits for nothing gives.
fn at_once<T>(future: impl Future<Output = T>) -> T {
    let mut future = pin!(future);
    loop {
        if let Poll::Ready(found) = future.as_mut().poll(&mut Context::from_waker(Waker::noop())) {
            return found;
        }
    }
}

fn main() -> ExitCode {
    let now = Instant::parse("2026-02-13T03:00:00Z").expect("an instant");
    let all: Vec<Vec<f64>> = (0..SNAPSHOTS).map(numbers).collect();
    let objects: Vec<Value> = all
        .iter()
        .map(|own| own.iter().enumerate().map(|(n, value)| (name(n), json!(value))).collect())
        .collect();
    let texts: Vec<String> = objects.iter().map(Value::to_string).collect();
    let names: Vec<String> = (0..CHECKS).map(name).collect();
    // The checks stand in the order of their names.
    let not_ok = |statuses: &mut dyn Iterator<Item = Status>| -> Found {
        let bad = names.iter().zip(statuses).filter(|(_, status)| *status != Status::Ok);
        bad.map(|(name, status)| (name.clone(), status.as_str().to_owned())).collect()
    };

    let (open, gated) = (policy(""), policy("for = \"5m\"\nclear = \"< 75\"\nmissing = \"keep\""));
    let screen = open.health().expect("checks").health().screen();
    let rows: Vec<Vec<Measure>> =
        all.iter().map(|own| own.iter().copied().map(Measure::Number).collect()).collect();
    let mut codes = vec![0u8; CHECKS];
    let rules = open.health().expect("checks");
    let with_gates = gated.health().expect("checks");
    let first = Snapshot::from_json(texts[0].as_bytes()).expect("metrics");
    let (_, state) = with_gates.evaluate(&first, State::new(), now);

    let engine = DecisionEngine::default();
    let content = serde_json::from_value(table()).expect("a decision");
    let decision = engine.create_decision(std::sync::Arc::new(content));
    let mut decision = decision.expect("a decision");
    decision.compile();

    let mut engines: Vec<Engine<'_>> = vec![
        (
            "hand-written ifs",
            20_000,
            Box::new(|n| {
                let grade = |value: f64| match value {
                    value if value > CRIT => Status::Crit,
                    value if value > WARN => Status::Warn,
                    _ => Status::Ok,
                };
                not_ok(&mut all[n].iter().map(|value| grade(*value)))
            }),
        ),
        (
            "housekeep, screen of an array",
            20_000,
            Box::new(|n| {
                screen.row(&rows[n], now, &mut codes);
                not_ok(&mut codes.iter().map(|code| Status::of_code(*code)))
            }),
        ),
        (
            "housekeep, evaluate from JSON",
            2_000,
            Box::new(|n| {
                let snapshot = Snapshot::from_json(texts[n].as_bytes()).expect("metrics");
                let (report, _) = rules.evaluate(&snapshot, State::new(), now);
                not_ok(&mut report.checks().map(|own| own.verdict().status))
            }),
        ),
        (
            "housekeep, state, gates and JSON report",
            1_000,
            Box::new(|n| {
                let snapshot = Snapshot::from_json(texts[n].as_bytes()).expect("metrics");
                let (report, next) = with_gates.evaluate(&snapshot, state.clone(), now);
                assert!(report.to_json().len() > 100 && next.now() == Some(now));
                // Which thresholds are met, whatever the gates say.
                not_ok(&mut report.checks().map(|own| own.verdict().meets.into()))
            }),
        ),
        (
            "zen-engine, a table",
            200,
            Box::new(|n| {
                let context = objects[n].clone().into();
                let found =
                    at_once(decision.evaluate(context)).expect("a result").result.to_value();
                let rows = found.as_array().cloned().unwrap_or_default();
                let text =
                    |row: &Value, key: &str| row[key].as_str().unwrap_or_default().to_owned();
                rows.iter().map(|row| (text(row, "check"), text(row, "status"))).collect()
            }),
        ),
    ];

    let mut is_same = true;
    for n in 0..SNAPSHOTS {
        let said: Vec<Found> = engines.iter_mut().map(|(_, _, engine)| engine(n)).collect();
        for (other, (name, ..)) in said.iter().zip(&engines) {
            if *other != said[0] {
                eprintln!("{name} says {other:?} of snapshot {n}, and not {:?}", said[0]);
                is_same = false;
            }
        }
    }
    let mut times = vec![Vec::new(); engines.len()];
    for _ in 0..ROUNDS {
        for ((_, count, engine), times) in engines.iter_mut().zip(&mut times) {
            let begin = Clock::now();
            for n in 0..*count as usize {
                std::hint::black_box(engine(n % SNAPSHOTS));
            }
            times.push(begin.elapsed().as_nanos() as f64 / f64::from(*count));
        }
    }
    for ((name, ..), mut times) in engines.iter().zip(times) {
        times.sort_by(f64::total_cmp);
        println!("{name:<42} {:>10.0} ns", times[ROUNDS / 2]);
    }
    if is_same { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}
