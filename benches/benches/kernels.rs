//! The kernels by rule, rows and order.

#![allow(missing_docs, reason = "the harness makes a function that has none")]
#![expect(clippy::unwrap_used, reason = "a measurement that cannot begin should stop")]

use std::hint::black_box;

use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use housekeep::policy::Rule;
use housekeep::{Control, dedupe, retention};
use housekeep_benches::{Order, now, policy, runs, table};

fn kernels(criterion: &mut Criterion) {
    let (policy, now, control) = (policy().unwrap(), now().unwrap(), Control::new());
    for (rows, samples) in [(10_000, 50), (1_000_000, 10), (10_000_000, 10)] {
        for order in [Order::Shuffled, Order::ByTime] {
            let batch = runs(rows, order).unwrap();
            for &(family, name) in rules(order) {
                let rule = policy.rule(name).unwrap();
                let table = table(rule, batch.clone()).unwrap();
                let mut group = criterion.benchmark_group(format!("{family}/{rows}"));
                group.throughput(Throughput::Elements(rows as u64)).sample_size(samples);
                let id = BenchmarkId::new(name, format!("{order:?}"));
                match rule {
                    Rule::Dedupe(rule) => {
                        let view = rule.rows(&table).unwrap();
                        let decide = || dedupe::decide(&view, rule.rule(), now, &control);
                        group.bench_function(id, |bencher| bencher.iter(|| black_box(decide())));
                    }
                    Rule::Retention(rule) => {
                        let items = rule.items(&table).unwrap();
                        let decide = || retention::decide(&items, rule.rule(), now, &control);
                        group.bench_function(id, |bencher| bencher.iter(|| black_box(decide())));
                    }
                }
                group.finish();
            }
        }
    }
}

/// Exports usually come by time: what of that makes a difference.
fn rules(order: Order) -> &'static [(&'static str, &'static str)] {
    match order {
        Order::Shuffled => &[
            ("dedupe", "anchor"),
            ("dedupe", "chain"),
            ("dedupe", "tumbling"),
            ("dedupe", "forever"),
            ("retention", "newest"),
            ("retention", "age"),
            ("retention", "gfs"),
        ],
        Order::ByTime => &[("dedupe", "anchor"), ("retention", "newest"), ("retention", "gfs")],
    }
}

criterion_group!(benches, kernels);
criterion_main!(benches);
