//! A day of five systems, evaluated every minute: every change with its reason, in a table that was read
//! by eye. To accept another one, run with `HOUSEKEEP_BLESS=1` and review the difference.

use std::fmt::Write;
use std::fs;

use housekeep::health::{Mute, Snapshot, State};
use housekeep::policy::{HealthRules, Policy};
use housekeep::time::{Duration, Instant};
use housekeep_tests::corpus::root;
use serde_json::{Value, json};

/// Minutes of a day.
const DAY: i64 = 24 * 60;

/// The moment of a minute. At eight in the evening the clock is set back by ten minutes.
fn moment(minute: i64) -> Instant {
    let start = Instant::parse("2026-02-13T00:00:00Z").unwrap();
    let shown = if minute >= at(20, 0) { minute - 10 } else { minute };
    start.saturating_add(Duration::from_mins(u32::try_from(shown).unwrap()))
}

fn at(hour: i64, minute: i64) -> i64 {
    hour * 60 + minute
}

/// Something between 0 and 1, and the same every time.
fn noise(series: u64, minute: i64) -> f64 {
    let mut z = series.wrapping_mul(0x9e37_79b9_7f4a_7c15) ^ minute.cast_unsigned();
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    (z >> 11) as f64 / (1u64 << 53) as f64
}

/// A value with some noise, to a tenth.
fn about(value: f64, spread: f64, series: u64, minute: i64) -> Value {
    json!(((value + spread * (noise(series, minute) - 0.5)) * 10.0).round() / 10.0)
}

/// One of two values, the second in some of the minutes.
fn during(minute: i64, spans: &[(i64, i64)], usual: f64, then: f64) -> f64 {
    if spans.iter().any(|(from, to)| (*from..*to).contains(&minute)) { then } else { usual }
}

fn text(at: Instant) -> Value {
    json!(at.to_string())
}

/// An ERP: a busy morning, a deployment that fails, a service that restarts again and again.
fn pymerp(minute: i64) -> Value {
    let is_night = minute < at(5, 0);
    let requests = if is_night { 5.0 } else { 300.0 };
    let errors = during(minute, &[(at(10, 0), at(10, 4))], if is_night { 1.0 } else { 1.2 }, 9.0);
    let cpu = [
        // Too short for an alarm; long enough; and not clear for a while.
        (at(11, 0), at(11, 4), 92.0),
        (at(15, 0), at(15, 12), 92.0),
        (at(15, 12), at(15, 30), 83.0),
    ];
    let cpu = cpu.iter().find(|(from, to, _)| (*from..*to).contains(&minute));
    let memory = 60.0 + 31.0 * (minute % at(22, 0)) as f64 / at(22, 0) as f64;
    let restarts: i64 = [at(16, 0), at(16, 1), at(16, 1), at(16, 2)]
        .iter()
        .filter(|restart| **restart <= minute)
        .count()
        .try_into()
        .unwrap();
    // The counter itself begins again with the machine, and that is one restart.
    let restarts = if minute >= at(18, 0) { 1 } else { 7 + restarts };
    let backup = match minute {
        0..85 => "2026-02-12T01:00:00Z",
        _ => "2026-02-13T01:25:00Z",
    };
    let response = during(minute, &[(at(9, 0), at(9, 20))], 130.0, 280.0);
    let response = match minute {
        720..723 => json!("NaN"),
        _ => about(response, 40.0, 1, minute),
    };
    json!({
        "response_ms": response,
        "db_latency_ms": about(during(minute, &[(at(14, 30), at(14, 33))], 15.0, 60.0), 6.0, 2, minute),
        "cpu": about(cpu.map_or(45.0, |(_, _, cpu)| *cpu), 4.0, 3, minute),
        "memory": about(memory, 0.0, 4, minute),
        "errors": errors.round(),
        "requests": about(requests, requests / 4.0, 5, minute),
        "restart_count": restarts,
        "deployment_failed": during(minute, &[(at(17, 0), at(17, 10))], 0.0, 1.0),
        "last_backup": backup,
        "probes": probes(minute),
        "probe_ok": probes(minute) - failed(minute),
    })
}

/// Ten probes a minute; the counter begins again with the machine.
fn probes(minute: i64) -> i64 {
    let since = if minute >= at(18, 0) { at(18, 0) } else { -1000 };
    10 * (minute - since)
}

/// The site is down for some minutes in the morning, and answers badly for an hour at noon.
fn failed(minute: i64) -> i64 {
    let within = |from: i64, to: i64| minute.clamp(from, to) - from;
    match minute {
        _ if minute >= at(18, 0) => 0,
        _ => 10 * within(at(7, 0), at(7, 6)) + within(at(12, 30), at(13, 30)) / 8,
    }
}

/// A task runner: one task that is started over and over, and a backlog that waits.
fn elruso(minute: i64) -> Value {
    let again = (minute - at(8, 0)).clamp(0, 90) / 6;
    let again = if minute >= at(12, 0) { 1 } else { 1 + again };
    let total = 700 + minute / 2;
    let done = if minute < at(14, 0) { 90 } else { 90 + (minute - at(14, 0)) / 10 };
    json!({
        "runs_same_commit": {"T-101": again, "T-104": 2 + minute / 400},
        "runs": {"total": total, "tasks_done": done},
        "oldest_backlog_task": if minute < at(18, 0) { "2026-02-06T09:30:00Z" } else { "2026-02-12T00:00:00Z" },
        "runs_query_ms": about(during(minute, &[(at(3, 0), at(3, 15))], 700.0, 2600.0), 300.0, 6, minute),
        "run_ok": !(at(6, 0)..at(6, 5)).contains(&minute),
    })
}

/// An invoicing service: a disk that fills up, and logs that are not rotated.
fn facturapi(minute: i64) -> Value {
    let disk = match minute {
        _ if minute < at(6, 0) => 70.0,
        _ if minute < at(13, 0) => 70.0 + 17.0 * (minute - at(6, 0)) as f64 / at(7, 0) as f64,
        _ if minute < at(16, 0) => 82.0,
        _ => 64.0,
    };
    let bytes = json!({"value": 780_000_000 + minute * 200_000, "at": moment(minute).to_string()});
    let bytes = if minute == 0 {
        json!([["2026-02-06T00:00:00Z", 770_000_000], [moment(0).to_string(), 780_000_000]])
    } else {
        bytes
    };
    json!({
        "disk_used": about(disk, 1.0, 7, minute),
        "db_bytes": bytes,
        "temp": {
            "files": 40 + (minute % at(12, 0)) / 10,
            "bytes": 300_000_000 + (minute % at(12, 0)) * 300_000,
        },
        "active_sessions": about(during(minute, &[(at(9, 0), at(18, 0))], 200.0, 960.0), 90.0, 8, minute).as_f64().unwrap().round(),
        "logs_rotated_at": if minute < at(10, 0) { "2026-02-10T08:00:00Z" } else { "2026-02-13T10:00:00Z" },
    })
}

/// Agents: a queue in the afternoon, a budget that runs out, a certificate that ends.
fn agentes(minute: i64) -> Value {
    let renewed = if minute < at(19, 30) { "2026-03-15T10:00:00Z" } else { "2026-06-15T10:00:00Z" };
    json!({
        "prs_lost": during(minute, &[(at(5, 0), at(5, 40))], 0.0, 1.0),
        "orchestrator_up": during(minute, &[(at(10, 0), at(10, 1)), (at(10, 30), at(10, 50))], 1.0, 0.0),
        "qa_failures": during(minute, &[(at(16, 0), at(17, 0))], 1.0, 6.0),
        "qa_runs": if minute < at(8, 0) { 4 } else { 20 },
        "logs_incomplete": during(minute, &[(at(20, 30), at(21, 0))], 0.0, 3.0),
        "last_backup": text(moment(minute - minute % at(6, 0))),
        "cert_not_after": {"api": "2026-09-01T00:00:00Z", "hooks": renewed},
        "coverage": if minute < at(15, 0) { 84.0 } else { 79.5 },
        "tdd_compliance": 93,
        "cache_hits": 30 + minute / 30,
        "cache_requests": 100,
        "queue_length": about(during(minute, &[(at(13, 0), at(13, 45))], 20.0, 140.0), 30.0, 9, minute).as_f64().unwrap().round(),
        "tokens": {"remaining": DAY - minute, "budget": DAY},
        "ci_failures": during(minute, &[(at(11, 0), at(12, 0))], 1.0, 6.0),
        "ci_runs": if minute < at(2, 0) { 0 } else { 40 },
        "refactor_pending": minute / 120,
        "pair_sessions_failed": 1,
        "pair_sessions": 12,
        "response_ms": about(during(minute, &[(at(21, 0), at(21, 30))], 220.0, 640.0), 120.0, 10, minute),
    })
}

/// A maintenance service: a run in the evening of which one task fails, and a day that is made up for.
fn tradeul(minute: i64) -> Value {
    // In the middle of the day before the window, nothing has failed yet.
    let failed = during(minute, &[(at(22, 4), at(22, 31))], 0.0, 1.0);
    let missed = match minute {
        _ if minute < at(1, 0) => 3,
        _ if minute < at(1, 20) => 2,
        _ if minute < at(1, 40) => 1,
        _ => i64::from((at(22, 30)..at(22, 45)).contains(&minute)),
    };
    let last = match minute {
        _ if minute < at(1, 20) => "2026-02-08T22:03:11Z",
        _ if minute < at(22, 45) => "2026-02-13T01:19:40Z",
        _ => "2026-02-13T22:34:02Z",
    };
    json!({
        "run": {"failed_tasks": failed},
        "missed_days": missed,
        "last_completed_at": last,
    })
}

/// What people say in the course of a day.
fn said(system: &str, minute: i64, rules: &HealthRules, state: State) -> State {
    let mute = |of: &str, time: i64| Mute {
        of: vec![of.into()],
        from: moment(minute),
        until: moment(minute + time),
    };
    let said = match system {
        "pymerp" if minute == at(7, 9) => {
            rules.acknowledge(state, "uptime.1h", None, moment(minute))
        }
        // A change of the database that was announced; it takes longer than thought.
        "pymerp" if minute == at(14, 25) => rules.mute(state, mute("database", 7)),
        "agentes" if minute == at(10, 40) => {
            rules.acknowledge(state, "orchestrator", None, moment(minute))
        }
        "tradeul" if minute == at(22, 0) => rules.mute(state, mute("*", 15)),
        _ => Ok(state),
    };
    said.unwrap()
}

/// Every change of a day, a line each. The state goes through JSON every minute.
fn changes(system: &str, metrics: impl Fn(i64) -> Value) -> String {
    let file = root().join("scenarios").join(system).join("policy.toml");
    let policy = Policy::from_toml(&fs::read_to_string(file).unwrap()).unwrap();
    let rules = policy.health().unwrap();
    let mut memory = State::new().to_json();
    let mut table = String::new();
    for minute in 0..DAY {
        // For seven minutes nothing is measured.
        let measured =
            if (at(19, 0)..at(19, 7)).contains(&minute) { json!({}) } else { metrics(minute) };
        let snapshot = Snapshot::from_json(measured.to_string().as_bytes()).unwrap();
        let state = State::from_json(memory.as_bytes()).unwrap();
        let state = said(system, minute, rules, state);
        let (report, state) = rules.evaluate(&snapshot, state, moment(minute));
        memory = state.to_json();
        for action in report.actions() {
            let to_do = action.action.map(|action| format!("   [{action}]")).unwrap_or_default();
            let calls: String = action.calls.iter().map(|who| format!("   → {who}")).collect();
            let due = action.due.map(|due| format!("   by {due}")).unwrap_or_default();
            let from = action.from.as_str();
            let why = action.why;
            writeln!(table, "{}  {from:>7} →  {why}{to_do}{calls}{due}", report.now()).unwrap();
        }
    }
    table
}

fn is_as_it_was(system: &str, metrics: impl Fn(i64) -> Value) {
    let found = changes(system, metrics);
    let file = root().join("tests/health/days").join(format!("{system}.txt"));
    if std::env::var_os("HOUSEKEEP_BLESS").is_some() {
        fs::write(&file, &found).unwrap();
    }
    let kept = fs::read_to_string(&file).unwrap_or_default();
    assert!(found.lines().count() >= 10, "a day without changes shows nothing");
    assert_eq!(found, kept, "{system}");
}

#[test]
fn a_day_of_pymerp() {
    is_as_it_was("pymerp", pymerp);
}

#[test]
fn a_day_of_elruso() {
    is_as_it_was("elruso", elruso);
}

#[test]
fn a_day_of_facturapi() {
    is_as_it_was("facturapi", facturapi);
}

#[test]
fn a_day_of_tradeul() {
    is_as_it_was("tradeul", tradeul);
}

#[test]
fn a_day_of_agentes() {
    is_as_it_was("agentes", agentes);
}
