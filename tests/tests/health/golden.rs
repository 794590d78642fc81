//! The public cases of Nagios, Prometheus and Kubernetes, in our terms.

use housekeep::health::{
    Check, Findings, Gate, Health, Level, Metric, Missing, Numbers, Outage, Quorum, Reading,
    Snapshot, State, Status, Threshold,
};
use housekeep::time::{Duration, Instant};
use housekeep_tests::golden;
use serde_json::Value;

fn list(value: &Value) -> &[Value] {
    value.as_array().unwrap()
}

fn seconds(value: &Value) -> Duration {
    Duration::from_micros((value.as_f64().unwrap() * 1e6).round() as i64).unwrap()
}

fn at(seconds: f64) -> Instant {
    Instant::from_micros(1_770_000_000_000_000 + (seconds * 1e6).round() as i64).unwrap()
}

fn metric() -> Metric {
    Metric::Value("x".into())
}

#[test]
#[cfg_attr(not(golden), ignore = "HOUSEKEEP_GOLDEN is not set")]
fn nagios_ranges() {
    let suite = golden::read("health/nagios_ranges.json");
    let mut run = 0;
    for case in list(&suite["cases"]) {
        run += 1;
        if let (Some(warn), Some(crit)) = (case["warn"].as_str(), case["crit"].as_str()) {
            let numbers = |text| Threshold::nagios(text).unwrap().numbers(None).unwrap();
            let check = Check::new(metric()).warn(numbers(warn)).crit(numbers(crit));
            let health = Health::new().check("x", check.checked().unwrap()).checked().unwrap();
            let snapshot = Snapshot::new().number("x", case["value"].as_f64().unwrap());
            let (report, _) = health.evaluate(&snapshot, State::new(), at(0.0));
            let meant = match case["status"].as_str() {
                Some("OK") => Status::Ok,
                Some("WARNING") => Status::Warn,
                Some("CRITICAL") => Status::Crit,
                other => panic!("{other:?}"),
            };
            assert_eq!(report.status, meant, "{case}");
            continue;
        }
        let text = case["range"].as_str().unwrap();
        let parsed = Threshold::nagios(text);
        if case["invalid"] == true {
            assert!(parsed.is_err(), "{case}");
            continue;
        }
        let parsed = parsed.unwrap();
        let numbers = parsed.numbers(None).unwrap();
        if let Some(alert) = case["alert"].as_bool() {
            assert_eq!(numbers.contains(case["value"].as_f64().unwrap()), alert, "{case}");
        } else if let Some(meant) = case["parsed"].as_object() {
            let low = meant["start"].as_f64().unwrap_or(f64::NEG_INFINITY);
            let high = meant["end"].as_f64().unwrap_or(f64::INFINITY);
            let inside = Numbers::inside(low, high);
            let meant = if meant["inside"] == true { inside } else { inside.others() };
            assert_eq!(numbers, meant, "{case}");
        } else {
            let again = Threshold::nagios(&parsed.to_string()).unwrap();
            assert_eq!(again, Threshold::nagios(case["canonical"].as_str().unwrap()).unwrap());
        }
    }
    assert!(run > 70, "{run} cases");
}

fn state_of(report: &Findings) -> &'static str {
    let says = |level| match report.checks.iter().filter(|one| one.verdict.level == level).count() {
        0 => None,
        _ => Some("firing"),
    };
    let pending = report.checks.iter().any(|one| one.verdict.pending.is_some());
    says(Level::Crit).unwrap_or(if pending { "pending" } else { "inactive" })
}

#[test]
#[cfg_attr(not(golden), ignore = "HOUSEKEEP_GOLDEN is not set")]
fn prometheus_alerts() {
    let suite = golden::read("health/prometheus_for.json");
    for case in list(&suite["cases"]) {
        let id = case["id"].as_str().unwrap();
        let bound = case["threshold"].as_f64().unwrap_or_default();
        let (numbers, missing) = match case["op"].as_str().unwrap() {
            "<" => (Numbers::below(bound), Missing::Ok),
            ">" => (Numbers::above(bound), Missing::Ok),
            "==" => (Numbers::inside(bound, bound), Missing::Ok),
            // Only that it is missing is a breach.
            "absent" => (Numbers::above(f64::MAX), Missing::Breach),
            other => panic!("{other}"),
        };
        let health = |time: Duration| {
            let check = Check::new(metric())
                .crit(numbers)
                .missing(missing)
                .raise(Gate::For(time))
                .lower(Gate::For(seconds(&case["keep_firing_for_s"])))
                .each(case["identity"].is_array());
            Health::new().check("x", check.checked().unwrap()).checked().unwrap()
        };
        let mut own = health(seconds(&case["for_s"]));
        let mut state = State::new();
        if let Some(first) = case["first_eval_t"].as_f64() {
            (_, state) = own.evaluate(&Snapshot::new(), state, at(first));
        }
        for (n, step) in list(&case["evals"]).iter().enumerate() {
            let t = step["t"].as_f64().unwrap();
            if case["policy_change"]["at_t"].as_f64() == Some(t) {
                own = health(seconds(&case["policy_change"]["for_s"]));
            }
            let mut snapshot = Snapshot::new();
            if let Some(value) = step["value"].as_f64() {
                let name =
                    case["identity"][n].as_str().map_or("x".into(), |own| format!("x.{own}"));
                snapshot = snapshot.number(&name, value);
            }
            let report;
            (report, state) = own.evaluate(&snapshot, state, at(t));
            assert_eq!(state_of(&report), step["state"].as_str().unwrap(), "{id} at {t}");
        }
    }
}

/// What was on its way to fire before a server was restarted, and when it began by what is restored.
#[test]
#[cfg_attr(not(golden), ignore = "HOUSEKEEP_GOLDEN is not set")]
fn prometheus_restores() {
    let suite = golden::read("health/prometheus_for.json");
    let suite = &suite["restore"];
    let snapshot = |t: f64| {
        let samples = suite["samples"].as_object().unwrap();
        let place = (t / 300.0) as usize;
        samples.iter().fold(Snapshot::new(), |snapshot, (name, values)| {
            snapshot.number(&format!("x.{name}"), list(values)[place].as_f64().unwrap())
        })
    };
    for case in list(&suite["cases"]) {
        let time = seconds(&case["for_s"]);
        let check = Check::new(metric()).crit(Numbers::below(100.0)).each(true);
        let check = check.raise(Gate::For(time)).checked().unwrap();
        let health = Health::new().check("x", check).checked().unwrap();
        let mut state = State::new();
        for t in list(&case["ran_before_t"]) {
            let t = t.as_f64().unwrap();
            (_, state) = health.evaluate(&snapshot(t), state, at(t));
        }
        let outage = Outage {
            tolerance: seconds(&case["outage_tolerance_s"]),
            grace: seconds(&case["grace_period_s"]),
        };
        let restart = case["restart_t"].as_f64().unwrap();
        let state = health.resume(state, outage, at(restart));
        let (report, _) = health.evaluate(&snapshot(restart), state, at(restart));
        let mut meant = 0;
        for checked in &report.checks {
            let began = case["active_at"][checked.instance.as_ref().unwrap()].as_f64();
            let due = checked.verdict.pending.and_then(|pending| pending.at);
            let began = began.map(|began| at(began).saturating_add(time));
            assert_eq!(due, began, "{case}: {checked:?}");
            meant += usize::from(began.is_some());
        }
        assert_eq!(meant, case["active_at"].as_object().unwrap().len(), "{case}");
    }
}

#[test]
#[cfg_attr(not(golden), ignore = "HOUSEKEEP_GOLDEN is not set")]
fn kubernetes_probes() {
    let suite = golden::read("health/k8s_probe.json");
    for case in list(&suite["cases"]) {
        let votes = |count: &Value| {
            let count = u16::try_from(count.as_u64().unwrap()).unwrap();
            Gate::Count(Quorum::new(count, count).unwrap())
        };
        let check = Check::new(metric())
            .crit(Numbers::inside(0.0, 0.0))
            .missing(Missing::Keep)
            .raise(votes(&case["failure_threshold"]))
            .lower(votes(&case["success_threshold"]));
        let health = Health::new().check("x", check.checked().unwrap()).checked().unwrap();
        let mut state = State::new();
        let mut now = 0.0;
        let mut probe = |value: Option<f64>, state: State| {
            now += 10.0;
            let reading = value.map_or(Reading::Null, |value| Reading::Number(value, None));
            health.evaluate(&Snapshot::new().with("x", reading), state, at(now))
        };
        if case["initial"] == "failure" {
            let failures = case["failure_threshold"].as_u64().unwrap();
            for _ in 0..failures {
                (_, state) = probe(Some(0.0), state);
            }
        }
        for (n, step) in list(&case["steps"]).iter().enumerate() {
            let value = match step["probe"].as_str().unwrap() {
                "success" => Some(1.0),
                "failure" => Some(0.0),
                _ => None,
            };
            let report;
            (report, state) = probe(value, state);
            let meant = if step["result"] == "success" { Status::Ok } else { Status::Crit };
            assert_eq!(report.status, meant, "{} step {n}", case["name"]);
        }
    }
}
