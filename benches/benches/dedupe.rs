//! The dedupe kernel by rows, order and mode.

#![allow(missing_docs, reason = "the harness makes a function that has none")]
#![expect(clippy::unwrap_used, reason = "a measurement that cannot begin should stop")]

use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use housekeep::{Control, dedupe};
use housekeep_benches::{Order, now, policy, runs, table};

fn kernel(criterion: &mut Criterion) {
    let (policy, now) = (policy().unwrap(), now().unwrap());
    for (rows, samples) in [(10_000, 50), (1_000_000, 10), (10_000_000, 10)] {
        let mut group = criterion.benchmark_group(format!("dedupe/{rows}"));
        group.throughput(Throughput::Elements(rows as u64)).sample_size(samples);
        for (order, modes) in [
            (Order::Shuffled, &["anchor", "chain", "tumbling", "forever"] as &[_]),
            (Order::ByTime, &["anchor"]),
        ] {
            let batch = runs(rows, order).unwrap();
            for mode in modes {
                let rule = policy.dedupe(mode).unwrap();
                let table = table(rule, batch.clone()).unwrap();
                let view = rule.rows(&table).unwrap();
                group.bench_function(BenchmarkId::new(*mode, format!("{order:?}")), |bencher| {
                    bencher.iter(|| dedupe::decide(&view, rule.rule(), now, &Control::new()));
                });
            }
        }
        group.finish();
    }
}

criterion_group!(benches, kernel);
criterion_main!(benches);
