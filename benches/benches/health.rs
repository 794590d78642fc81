//! One snapshot of twenty checks, and what is remembered of them.

#![allow(missing_docs, reason = "the harness makes a function that has none")]
#![expect(clippy::unwrap_used, reason = "a measurement that cannot begin should stop")]

use std::fmt::Write;
use std::hint::black_box;

use criterion::{Criterion, criterion_group, criterion_main};
use housekeep::health::{Snapshot, State};
use housekeep::policy::Policy;
use housekeep_benches::now;

fn health(criterion: &mut Criterion) {
    let now = now().unwrap();
    let (mut policy, mut metrics) = (String::new(), String::from("{"));
    for n in 0..20 {
        let gates = if n % 4 == 0 { "for = \"5m\"\nclear = \"< 75\"\n" } else { "" };
        writeln!(
            policy,
            "[check.c{n}]\nvalue = \"m{n}\"\nwarn = \"> 80\"\ncrit = \"> 90\"\n{gates}"
        )
        .unwrap();
        write!(metrics, "{}\"m{n}\": {}", if n == 0 { "" } else { ", " }, 50 + 2 * n).unwrap();
    }
    metrics.push('}');
    let policy = Policy::from_toml(&policy).unwrap();
    let rules = policy.health().unwrap();
    let snapshot = Snapshot::from_json(metrics.as_bytes()).unwrap();
    let (report, state) = rules.evaluate(&snapshot, State::new(), now);

    let mut group = criterion.benchmark_group("health/20");
    group.bench_function("evaluate", |bencher| {
        bencher.iter_batched(
            || state.clone(),
            |state| black_box(rules.evaluate(&snapshot, state, now)),
            criterion::BatchSize::SmallInput,
        );
    });
    group.bench_function("snapshot from JSON", |bencher| {
        bencher.iter(|| Snapshot::from_json(black_box(metrics.as_bytes())).unwrap());
    });
    group.bench_function("report as JSON", |bencher| bencher.iter(|| black_box(report.to_json())));
    group.bench_function("state to JSON and back", |bencher| {
        bencher.iter(|| State::from_json(state.to_json().as_bytes()).unwrap());
    });
    group.finish();
}

criterion_group!(benches, health);
criterion_main!(benches);
