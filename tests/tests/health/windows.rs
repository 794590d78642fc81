//! Windows of samples, beside what their words mean over all samples there ever were.

use housekeep::health::{Check, Health, Metric, Missing, Numbers, Reading, Snapshot, State};
use housekeep::time::Instant;
use proptest::prelude::*;

const SECOND: i64 = 1_000_000;
const START: i64 = 1_770_000_000 * SECOND;
/// Of every window here.
const WINDOW: i64 = 10 * SECOND;

fn at(micros: i64) -> Instant {
    Instant::from_micros(micros).unwrap()
}

/// The number of a metric after each step, when all that is remembered goes through JSON.
fn numbers(metric: &str, steps: &[(i64, Reading)]) -> Vec<Option<f64>> {
    let metric: Metric = metric.parse().unwrap();
    let check = Check::new(metric).crit(Numbers::above(f64::MAX)).missing(Missing::Keep);
    let health = Health::new().check("x", check.checked().unwrap()).checked().unwrap();
    let mut memory = State::new().to_json();
    let each = steps.iter().map(|(now, reading)| {
        let state = State::from_json(memory.as_bytes()).unwrap();
        let snapshot = Snapshot::new().with("x", reading.clone());
        let (found, state) = health.evaluate(&snapshot, state, at(*now));
        memory = state.to_json();
        found.checks[0].verdict.value
    });
    each.collect()
}

/// All samples up to a moment, in their order.
fn upto(steps: &[(i64, f64)], now: i64) -> Vec<(i64, f64)> {
    steps.iter().copied().filter(|(at, _)| *at <= now).collect()
}

fn inside(steps: &[(i64, f64)], now: i64) -> Vec<f64> {
    let all = upto(steps, now);
    all.iter().filter(|(at, _)| *at > now - WINDOW).map(|(_, value)| *value).collect()
}

fn mean(values: &[f64]) -> f64 {
    values.iter().sum::<f64>() / values.len() as f64
}

/// What `numpy.percentile` says.
fn percentile(values: &[f64], share: f64) -> f64 {
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    let place = share / 100.0 * (sorted.len() - 1) as f64;
    let (below, above) = (sorted[place.floor() as usize], sorted[place.ceil() as usize]);
    below + (above - below) * place.fract()
}

/// From the last sample before the window on, if that is no older than another window, or from the first
/// in it.
fn increase(steps: &[(i64, f64)], now: i64) -> Option<f64> {
    let all = upto(steps, now);
    let is_before = |(at, _): &(i64, f64)| *at <= now - WINDOW && *at >= now - 2 * WINDOW;
    let inside = all.iter().position(|(at, _)| *at > now - WINDOW).unwrap_or(all.len());
    let before = all.iter().rposition(is_before).unwrap_or(inside);
    let counted = &all[before..];
    let mut up = 0.0;
    for pair in counted.windows(2) {
        up += if pair[1].1 < pair[0].1 { pair[1].1 } else { pair[1].1 - pair[0].1 };
    }
    (counted.len() > 1).then_some(up)
}

fn series() -> impl Strategy<Value = Vec<(i64, f64)>> {
    let passed = prop_oneof![3 => 1i64..4, 1 => Just(10), 1 => 8i64..30];
    prop::collection::vec((passed, 0i32..20), 1..30).prop_map(|parts| {
        let mut now = START;
        let each = parts.into_iter().map(|(passed, value)| {
            now += passed * SECOND;
            (now, f64::from(value))
        });
        each.collect()
    })
}

proptest! {
    #[test]
    fn a_window_is_what_its_words_mean(steps in series()) {
        let readings: Vec<(i64, Reading)> =
            steps.iter().map(|(at, value)| (*at, Reading::Number(*value, None))).collect();
        let found = |metric: &str| numbers(metric, &readings);
        let all = [
            found("mean(x, 10s)"),
            found("max(x, 10s)"),
            found("min(x, 10s)"),
            found("p95(x, 10s)"),
            found("p50(x, 10s)"),
        ];
        for (n, (now, _)) in steps.iter().enumerate() {
            let values = inside(&steps, *now);
            let meant = [
                mean(&values),
                values.iter().copied().fold(f64::MIN, f64::max),
                values.iter().copied().fold(f64::MAX, f64::min),
                percentile(&values, 95.0),
                percentile(&values, 50.0),
            ];
            for (found, meant) in all.iter().zip(meant) {
                let found = found[n].unwrap();
                prop_assert!((found - meant).abs() < 1e-9, "{found}, and {meant} at step {n}");
            }
        }
    }

    #[test]
    fn a_counter_goes_up_and_begins_again(steps in series()) {
        let readings: Vec<(i64, Reading)> =
            steps.iter().map(|(at, value)| (*at, Reading::Number(*value, None))).collect();
        let found = numbers("increase(x, 10s)", &readings);
        for (n, (now, _)) in steps.iter().enumerate() {
            prop_assert_eq!(found[n], increase(&steps, *now), "step {}", n);
        }
    }

    #[test]
    fn the_last_so_many_samples_fail_or_not(steps in series(), count in 1usize..6) {
        let bits: Vec<(i64, f64)> =
            steps.iter().map(|(at, value)| (*at, f64::from(u8::from(*value > 9.0)))).collect();
        let readings: Vec<(i64, Reading)> =
            bits.iter().map(|(at, value)| (*at, Reading::Number(*value, None))).collect();
        let found = numbers(&format!("fail_rate(x, {count})"), &readings);
        for n in 0..bits.len() {
            let last = &bits[(n + 1).saturating_sub(count)..=n];
            let failed = last.iter().filter(|(_, value)| *value == 0.0).count();
            prop_assert_eq!(found[n], Some(failed as f64 / last.len() as f64));
        }
    }

    /// What a snapshot brings as a list is what it would have brought one by one.
    #[test]
    fn samples_in_a_list_are_samples(steps in series(), more in 0usize..5) {
        let one_by_one: Vec<(i64, Reading)> = steps
            .iter()
            .map(|(taken, value)| (*taken, Reading::Number(*value, Some(at(*taken)))))
            .collect();
        let listed: Vec<(i64, Reading)> = (0..steps.len())
            .map(|n| {
                // Some of them again, and none left out.
                let list = &steps[n.saturating_sub(more)..=n];
                let samples = list.iter().map(|(taken, value)| (at(*taken), *value)).collect();
                (steps[n].0, Reading::Samples(samples))
            })
            .collect();
        for metric in ["mean(x, 10s)", "increase(x, 10s)", "growth(x, 10s)", "fail_rate(x, 3)"] {
            prop_assert_eq!(numbers(metric, &one_by_one), numbers(metric, &listed), "{}", metric);
        }
    }

    /// The number that a growth is compared with is no younger than the window, and no older than a part
    /// of it more, where there was one.
    #[test]
    fn a_growth_looks_a_window_back(values in prop::collection::vec(1i32..1000, 200..400)) {
        let step = WINDOW / 100;
        let steps: Vec<(i64, f64)> =
            (0i64..).zip(&values).map(|(n, value)| (START + n * step, f64::from(*value))).collect();
        let readings: Vec<(i64, Reading)> =
            steps.iter().map(|(at, value)| (*at, Reading::Number(*value, None))).collect();
        let found = numbers("growth(x, 10s)", &readings);
        for (n, found) in found.iter().enumerate() {
            if n < 100 {
                prop_assert_eq!(*found, None, "step {}", n);
                continue;
            }
            let now = steps[n].1;
            let possible = [100, 101].map(|back| {
                let then = steps[n.saturating_sub(back)].1;
                (now - then) / then
            });
            let found = found.unwrap();
            prop_assert!(possible.contains(&found), "{found} at step {n}, and {possible:?}");
        }
    }
}

#[test]
fn what_is_remembered_of_a_growth_is_bounded() {
    let readings: Vec<(i64, Reading)> = (0i64..5_000)
        .map(|n| (START + n * SECOND / 100, Reading::Number(n as f64, None)))
        .collect();
    let metric: Metric = "growth(x, 10s)".parse().unwrap();
    let check = Check::new(metric).crit(Numbers::above(9e9)).checked().unwrap();
    let health = Health::new().check("x", check).checked().unwrap();
    let mut state = State::new();
    for (now, reading) in readings {
        (_, state) = health.evaluate(&Snapshot::new().with("x", reading), state, at(now));
    }
    let document: serde_json::Value = serde_json::from_str(&state.to_json()).unwrap();
    let samples = document["checks"]["x"][""]["samples"].as_array().unwrap().len();
    assert!((100..200).contains(&samples), "{samples} samples");
}
