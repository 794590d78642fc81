//! Twenty checks of one snapshot, and what is remembered of them; and of a million at once.

#![allow(missing_docs, reason = "the harness makes a function that has none")]
#![expect(clippy::unwrap_used, reason = "a measurement that cannot begin should stop")]

use std::fmt::Write;
use std::hint::black_box;

use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use housekeep::Control;
use housekeep::health::{Measure, Measures, Snapshot, State};
use housekeep::policy::Policy;
use housekeep_benches::{Dice, now};

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
    let screen = rules.health().screen();
    let row: Vec<Measure> = (0..20).map(|n| Measure::Number(f64::from(50 + 2 * n))).collect();
    let mut codes = vec![0; screen.checks().len()];
    group.bench_function("screen", |bencher| {
        bencher.iter(|| screen.row(black_box(&row), now, black_box(&mut codes)));
    });
    group.finish();

    let mut group = criterion.benchmark_group("health/20 of 1000000");
    let columns: Vec<Vec<f64>> = (0..20).map(column).collect();
    let columns: Vec<Measures<'_>> =
        columns.iter().map(|column| Measures::Numbers(column)).collect();
    group.sample_size(20).throughput(Throughput::Elements(ROWS as u64));
    for threads in [1, 2] {
        let control = Control::new().threads(threads).unwrap();
        group.bench_function(BenchmarkId::new("screen", threads), |bencher| {
            bencher.iter(|| screen.rows(black_box(&columns), ROWS, now, &control).unwrap());
        });
    }
    group.finish();
}

const ROWS: usize = 1_000_000;

/// Numbers from 0 to 100, of which one in a hundred is missing.
fn column(n: u64) -> Vec<f64> {
    let mut dice = Dice::new(n);
    let number =
        |n: u64| if n.is_multiple_of(100) { f64::NAN } else { (n % 10_000) as f64 / 100.0 };
    (0..ROWS).map(|_| number(dice.roll())).collect()
}

criterion_group!(benches, health);
criterion_main!(benches);
