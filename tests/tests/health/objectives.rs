//! Objectives: their burn rates beside those of other tools, and error ratios beside their words.

use housekeep::health::{
    BurnRate, Check, ErrorRatio, Health, Level, Metric, Numbers, Slo, Snapshot, State,
};
use housekeep::time::{Duration, Instant};
use housekeep_tests::golden;
use proptest::prelude::*;

const FIRST: i64 = 1_770_000_000;

fn at(second: i64) -> Instant {
    Instant::from_micros((FIRST + second) * 1_000_000).unwrap()
}

fn seconds(count: i64) -> Duration {
    Duration::from_micros(count * 1_000_000).unwrap()
}

#[test]
#[cfg_attr(not(golden), ignore = "HOUSEKEEP_GOLDEN is not set")]
fn burn_rates_are_those_of_sloth_and_pyrra() {
    let suite = golden::read("health/burn_rate_windows.json");
    let mut ran = 0;
    for case in suite["cases"].as_array().unwrap() {
        let of = |key: &str| seconds(case[key].as_i64().unwrap());
        let (window, short, long) = (of("period_s"), of("short_s"), of("long_s"));
        let slo = Slo::of_errors("errors", "requests", 0.999, window).unwrap();
        let meant = case["factor"].as_f64().unwrap();
        let is_critical = ["page", "critical"].contains(&case["severity"].as_str().unwrap());
        let level = if is_critical { Level::Crit } else { Level::Warn };
        let burn = match case["budget_percent"].as_f64() {
            Some(budget) => {
                let factor = slo.factor(budget / 100.0, long);
                assert!((factor - meant).abs() < 1e-6, "{case}: {factor}");
                let burn = BurnRate { factor, short, long, level };
                // These are the usual ones, whatever the window.
                assert!(slo.burn_rates().contains(&burn), "{case}: {:?}", slo.burn_rates());
                burn
            }
            None => BurnRate { factor: meant, short, long, level },
        };
        // Raised where both windows have more than this, and not at it.
        let check = slo.check(&burn).unwrap();
        let (warn, crit) = check.thresholds();
        let own = if level == Level::Crit { crit } else { warn }.unwrap();
        let bound = slo.threshold(&burn);
        assert!((bound - burn.factor * 0.001).abs() < 1e-12);
        assert!(own.contains(bound.next_up()) && !own.contains(bound), "{case}");
        for (shorter, longer, fires) in [(2.0, 2.0, true), (0.5, 2.0, false), (2.0, 0.5, false)] {
            assert_eq!(
                is_raised(&check, short, long, shorter * bound, longer * bound),
                fires,
                "{case}: {shorter} and {longer} times the bound"
            );
        }
        ran += 1;
    }
    assert_eq!(ran, 12);
}

/// Whether a check is raised that has seen such shares of errors in its short window, and in its long.
fn is_raised(check: &Check, short: Duration, long: Duration, in_short: f64, in_long: f64) -> bool {
    let health = Health::new().check("x", check.clone()).checked().unwrap();
    let end = at(10_000_000);
    let short_share = short.as_micros() as f64 / long.as_micros() as f64;
    let all = 1e9;
    // Errors come evenly before the short window, and evenly in it.
    let (recent, older) =
        (in_short * all * short_share, in_long * all - in_short * all * short_share);
    let older = older.max(0.0);
    let marks = [
        (long, 0.0, 0.0),
        (short, older, all * (1.0 - short_share)),
        (Duration::ZERO, older + recent, all),
    ];
    let mut state = State::new();
    let mut last = false;
    for (before, errors, requests) in marks {
        let snapshot = Snapshot::new().number("errors", errors).number("requests", requests);
        let findings;
        (findings, state) = health.evaluate(&snapshot, state, end.saturating_sub(before));
        last = findings.checks[0].verdict.level != Level::Ok;
    }
    last
}

/// The share of errors over a window, by its words: from the last sample at or before its beginning (or
/// the first there is) to the last, where a counter that is lower began again at 0.
fn plain(samples: &[(i64, f64, f64)], window: i64) -> Option<f64> {
    let end = samples.last()?.0;
    let first = samples.iter().rposition(|(second, ..)| *second <= end - window).unwrap_or(0);
    let up = |from: f64, to: f64| if to < from { to } else { to - from };
    let (mut errors, mut requests) = (0.0, 0.0);
    for pair in samples[first..].windows(2) {
        errors += up(pair[0].1, pair[1].1);
        requests += up(pair[0].2, pair[1].2);
    }
    // Something of nothing is infinite, as everywhere.
    (samples.len() - first > 1).then(|| errors / requests).filter(|share: &f64| !share.is_nan())
}

fn metric(is_good: bool, short: i64, long: i64) -> Metric {
    let (part, total) = ("part".into(), "total".into());
    Metric::ErrorRatio(ErrorRatio {
        part,
        is_good,
        total,
        short: seconds(short),
        long: seconds(long),
    })
}

fn values(metric: Metric, samples: &[(i64, f64, f64)]) -> Vec<Option<f64>> {
    let check = Check::new(metric).crit(Numbers::above(2.0)).checked().unwrap();
    let health = Health::new().check("x", check).checked().unwrap();
    let mut state = State::new();
    let mut values = Vec::new();
    for (second, part, total) in samples {
        let snapshot = Snapshot::new().number("part", *part).number("total", *total);
        let findings;
        (findings, state) = health.evaluate(&snapshot, state, at(*second));
        values.push(findings.checks[0].verdict.value);
        state = State::from_json(state.to_json().as_bytes()).unwrap();
    }
    values
}

/// Seconds, errors and requests; the counters may begin again.
fn series(restarts: f64) -> impl Strategy<Value = Vec<(i64, f64, f64)>> {
    let step = (60i64..200, 0u32..5, 0u32..20, prop::bool::weighted(restarts));
    prop::collection::vec(step, 1..40).prop_map(|steps| {
        let (mut second, mut errors, mut requests) = (0, 0.0, 0.0);
        let mut samples = Vec::new();
        for (passed, failed, well, again) in steps {
            second += passed;
            if again {
                (errors, requests) = (0.0, 0.0);
            }
            errors += f64::from(failed);
            requests += f64::from(failed + well);
            samples.push((second, errors, requests));
        }
        samples
    })
}

proptest! {
    // Samples so far apart that all of them are kept.
    #[test]
    fn an_error_ratio_is_what_its_words_mean(samples in series(0.1)) {
        for (n, found) in values(metric(false, 300, 3600), &samples).into_iter().enumerate() {
            let so_far = &samples[..=n];
            let meant = plain(so_far, 300).zip(plain(so_far, 3600));
            let meant = meant.map(|(short, long)| short.min(long));
            let is_same = match (found, meant) {
                (Some(found), Some(meant)) => found == meant || (found - meant).abs() < 1e-12,
                (found, meant) => found == meant,
            };
            prop_assert!(is_same, "step {n}: {found:?}, {meant:?}");
        }
    }

    #[test]
    fn those_that_go_well_say_the_same(bad in series(0.0)) {
        let good: Vec<_> = bad.iter().map(|(at, errors, all)| (*at, all - errors, *all)).collect();
        let found = values(metric(false, 300, 3600), &bad);
        prop_assert_eq!(values(metric(true, 300, 3600), &good), found);
    }
}

#[test]
fn what_is_remembered_of_counters_is_bounded_and_loses_none() {
    let check = Check::new(metric(false, 300, 3600)).crit(Numbers::above(0.5)).checked().unwrap();
    let health = Health::new().check("x", check).checked().unwrap();
    let (mut state, mut longest) = (State::new(), 0);
    // A sample a second, of which every tenth event fails; the counters begin again every 1,000 s.
    for second in 0..20_000i64 {
        let requests = (second % 1000 + 1) as f64 * 10.0;
        let snapshot = Snapshot::new().number("part", requests / 10.0).number("total", requests);
        let findings;
        (findings, state) = health.evaluate(&snapshot, state, at(second));
        if second > 0 {
            let value = findings.checks[0].verdict.value.unwrap();
            assert!((value - 0.1).abs() < 1e-9, "{value} at {second}");
        }
        longest = longest.max(state.to_json().len());
    }
    assert!(longest < 10_000, "{longest} bytes");
}
