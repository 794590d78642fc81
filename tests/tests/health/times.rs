//! Ages and times left: they change by themselves, and it is said when.

use housekeep::health::{Snapshot, State, Status};
use housekeep::policy::Policy;
use housekeep::time::{Duration, Instant};

/// From one next change to the next, until there is none: the moments at which the status is another.
fn changes(policy: &str, metrics: &str) -> Vec<(Instant, Status)> {
    let policy = Policy::from_toml(policy).unwrap();
    let snapshot = Snapshot::from_json(metrics.as_bytes()).unwrap();
    let said = |state, now| policy.health().unwrap().evaluate(&snapshot, state, now);
    let tick = Duration::from_micros(1).unwrap();
    let mut now = Instant::parse("2026-02-13T03:00:00Z").unwrap();
    let (mut report, mut state) = said(State::new(), now);
    let mut found = Vec::new();
    while let Some(next) = report.next_change() {
        assert!(next > now, "{next} is not after {now}");
        let (just_before, _) = said(state.clone(), next.saturating_sub(tick));
        assert_eq!(just_before.status(), report.status(), "before {next}");
        let before = report.status();
        now = next;
        (report, state) = said(state, now);
        if report.status() != before {
            found.push((now, report.status()));
        }
        assert!(found.len() < 10, "{found:?}");
    }
    found
}

#[test]
fn an_age_reaches_its_bounds_to_the_microsecond() {
    let metrics = r#"{"x": "2026-02-13T03:00:00Z"}"#;
    for (bound, micros) in [
        ("1001ms", 1_001_000),
        ("2.01s", 2_010_000),
        ("66.6s", 66_600_000),
        ("0.3s", 300_000),
        ("1h", 3_600_000_000),
        ("30 days", 2_592_000_000_000i64),
    ] {
        for (sign, more) in [(">", 1), (">=", 0)] {
            let policy = format!("[check.x]\nvalue = \"age(x)\"\ncrit = \"{sign} {bound}\"");
            let at = Instant::from_micros(1_770_951_600_000_000 + micros + more).unwrap();
            assert_eq!(changes(&policy, metrics), [(at, Status::Crit)], "{sign} {bound}");
        }
    }
}

#[test]
fn a_time_that_is_left_runs_out_and_on() {
    let metrics = r#"{"x": "2026-02-13T04:00:00Z"}"#;
    let policy = r#"
        [check.x]
        value = "until(x)"
        warn  = "<= 30m"
        crit  = "< -10m"
    "#;
    let at = |text: &str| Instant::parse(text).unwrap();
    let meant = [
        (at("2026-02-13T03:30:00Z"), Status::Warn),
        (at("2026-02-13T04:10:00.000001Z"), Status::Crit),
    ];
    assert_eq!(changes(policy, metrics), meant);
}

#[test]
fn a_guard_a_delay_and_a_stale_reading_are_said_ahead() {
    let metrics =
        r#"{"queue": {"value": 500, "at": "2026-02-13T03:00:00Z"}, "up": "2026-02-13T02:59:00Z"}"#;
    let policy = r#"
        [check.x]
        value = "queue"
        when  = "age(up) >= 5m"
        crit  = "> 100"
        for   = "2m"
        stale = "1h"
    "#;
    let at = |text: &str| Instant::parse(text).unwrap();
    let meant = [
        (at("2026-02-13T03:06:00Z"), Status::Crit),
        (at("2026-02-13T04:00:00.000001Z"), Status::Unknown),
    ];
    assert_eq!(changes(policy, metrics), meant);
}
