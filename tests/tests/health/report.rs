//! What a report is written as, besides JSON.

use housekeep::Code;
use housekeep::health::{Snapshot, State};
use housekeep::policy::Policy;
use housekeep::report::Report;
use housekeep::time::Instant;

fn report(policy: &str, metrics: &str) -> Report {
    let rules = Policy::from_toml(policy).unwrap();
    let snapshot = Snapshot::from_json(metrics.as_bytes()).unwrap();
    let now = Instant::parse("2026-02-13T03:00:00Z").unwrap();
    rules.health().unwrap().evaluate(&snapshot, State::new(), now).0
}

#[test]
fn openmetrics_says_every_status_and_number() {
    let policy = r#"
        [check.same_commit]
        each  = "task"
        value = "runs"
        crit  = "> 10"
        [check.churn]
        value = "a / b"
        warn  = ">= 10"
        [check.absent]
        value = "absent"
        crit  = "> 1"
        [group.all]
        of = ["churn"]
    "#;
    let metrics = r#"{"runs": {"T\\1 \"x\"\n": 10.5}, "a": 1, "b": 0}"#;
    let expected = r#"# TYPE housekeep_status stateset
# HELP housekeep_status How the whole is.
housekeep_status{housekeep_status="ok"} 0
housekeep_status{housekeep_status="warn"} 0
housekeep_status{housekeep_status="unknown"} 0
housekeep_status{housekeep_status="crit"} 1
# TYPE housekeep_check_status stateset
# HELP housekeep_check_status How each check is.
housekeep_check_status{check="absent",housekeep_check_status="ok"} 0
housekeep_check_status{check="absent",housekeep_check_status="warn"} 0
housekeep_check_status{check="absent",housekeep_check_status="unknown"} 1
housekeep_check_status{check="absent",housekeep_check_status="crit"} 0
housekeep_check_status{check="churn",housekeep_check_status="ok"} 0
housekeep_check_status{check="churn",housekeep_check_status="warn"} 1
housekeep_check_status{check="churn",housekeep_check_status="unknown"} 0
housekeep_check_status{check="churn",housekeep_check_status="crit"} 0
housekeep_check_status{check="same_commit",instance="T\\1 \"x\"\n",housekeep_check_status="ok"} 0
housekeep_check_status{check="same_commit",instance="T\\1 \"x\"\n",housekeep_check_status="warn"} 0
housekeep_check_status{check="same_commit",instance="T\\1 \"x\"\n",housekeep_check_status="unknown"} 0
housekeep_check_status{check="same_commit",instance="T\\1 \"x\"\n",housekeep_check_status="crit"} 1
# TYPE housekeep_check_value gauge
# HELP housekeep_check_value The number that each check looks at.
housekeep_check_value{check="churn"} +Inf
housekeep_check_value{check="same_commit",instance="T\\1 \"x\"\n"} 10.5
# TYPE housekeep_group_status stateset
# HELP housekeep_group_status How each group is.
housekeep_group_status{group="all",housekeep_group_status="ok"} 0
housekeep_group_status{group="all",housekeep_group_status="warn"} 1
housekeep_group_status{group="all",housekeep_group_status="unknown"} 0
housekeep_group_status{group="all",housekeep_group_status="crit"} 0
# EOF
"#;
    assert_eq!(report(policy, metrics).to_openmetrics(), expected);
    let quiet = report("[check.a]\nvalue = \"a\"\ncrit = \"> 1\"", "{}").to_openmetrics();
    assert!(!quiet.contains("housekeep_check_value") && !quiet.contains("group"), "{quiet}");
}

#[test]
fn what_is_critical_stands_alone() {
    let policy = r#"
        [check.disk]
        value = "disk"
        warn  = "> 70"
        [check.cpu]
        value = "cpu"
        crit  = "> 85"
        [check.queue]
        value = "queue"
        crit  = "> 100"
        [group.inner]
        of = ["disk"]
        [group.outer]
        of = ["inner", "cpu"]
        critical = true
        [group.extras]
        of = ["queue"]
    "#;
    let whole = report(policy, r#"{"disk": 71, "cpu": 0, "queue": 101}"#);
    let critical = whole.critical_only().unwrap();
    assert_eq!((whole.word(), critical.word()), ("unhealthy", "degraded"));
    let checks: Vec<&str> = critical.checks().map(|check| check.name()).collect();
    assert_eq!(checks, ["cpu", "disk"]);
    let groups: Vec<&str> = critical.groups().iter().map(|own| &*own.group).collect();
    assert_eq!(groups, ["inner", "outer"]);
    assert!(critical.is_critical("outer") && !critical.is_critical("inner"));
    assert!(critical.to_nagios().starts_with("WARNING: degraded, `disk` is warn"));
    assert_eq!(critical.critical_only().unwrap().to_json(), critical.to_json());

    let error = report("[check.a]\nvalue = \"a\"\ncrit = \"> 1\"", "{}").critical_only();
    let error = error.unwrap_err();
    assert_eq!(error.code(), Code::PolicyMissingField);
    let said = "UNKNOWN: the policy has no critical group; mark one with `critical = true`\n";
    assert_eq!(error.to_nagios(), said);
}
