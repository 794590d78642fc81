//! `health`: how it ends, what it remembers, and that nothing it remembers is lost.

#![expect(clippy::unwrap_used, reason = "a test that cannot run has failed")]

mod common;

use std::fs;
use std::process::{Child, Stdio};

use common::{Folder, NOW, Ran};

const POLICY: &str = r#"
[check.cpu]
value = "cpu"
warn  = "> 70"
crit  = "> 85"

[check.queue]
value = "queue"
crit  = "> 100"

[group.core]
of = ["cpu"]
critical = true
"#;

const COUNTED: &str = r#"
[check.cpu]
value = "cpu"
crit  = "> 85"
count = "12 of 12"
"#;

const HEALTH: [&str; 5] = ["health", "--metrics", "metrics.json", "--now", NOW];

/// A folder with a policy, and metrics.
fn folder(test: &str, policy: &str, metrics: &str) -> Folder {
    let folder = Folder::new(test);
    folder.write("housekeep.toml", policy);
    folder.write("metrics.json", metrics);
    folder
}

/// Runs it on these metrics, with more arguments.
fn ask(folder: &Folder, metrics: &str, more: &[&str]) -> Ran {
    folder.write("metrics.json", metrics);
    folder.run(&[&HEALTH[..], more].concat())
}

/// The votes in a state file, and whether the alarm is raised.
fn votes(folder: &Folder) -> (String, bool) {
    let state: serde_json::Value = serde_json::from_str(&folder.read("state.json")).unwrap();
    let of = |key: &str| state.pointer(&format!("/checks/cpu//crit/{key}"));
    let votes = of("votes").and_then(serde_json::Value::as_str).unwrap_or_default();
    (votes.to_owned(), of("raised").is_some_and(|raised| raised == true))
}

#[test]
fn each_status_has_its_word_and_exit_code() {
    let folder = folder("each_status_has_its_word_and_exit_code", POLICY, "");
    for (cpu, code, word, nagios) in [
        ("70", 0, "healthy", "OK: healthy | 'cpu'=70;~:70;~:85 'queue'=0;;~:100\n"),
        ("71", 1, "degraded", "WARNING: degraded, `cpu` is warn: 71, and `> 70` is a warning | "),
        ("86", 2, "unhealthy", "CRITICAL: unhealthy, `cpu` is crit: 86, and `> 85` is critical | "),
        ("null", 3, "unknown", "UNKNOWN: unknown, `cpu` is unknown: it is measured as null | "),
    ] {
        let metrics = format!("{{\"cpu\": {cpu}, \"queue\": 0}}");
        let text = ask(&folder, &metrics, &[]);
        assert_eq!((text.code, text.out.lines().next()), (Some(code), Some(word)));
        let plugin = ask(&folder, &metrics, &["--format", "nagios"]);
        assert_eq!((plugin.code, plugin.err.as_str()), (Some(code), ""));
        assert!(plugin.out.starts_with(nagios), "{}", plugin.out);
        let scrape = ask(&folder, &metrics, &["--format", "openmetrics"]);
        assert_eq!((scrape.code, scrape.err.as_str()), (Some(code), ""));
        assert!(scrape.out.starts_with("# TYPE housekeep_status stateset\n"), "{}", scrape.out);
        assert!(scrape.out.ends_with("\n# EOF\n"), "{}", scrape.out);
        let json = ask(&folder, &metrics, &["--format", "json"]);
        assert_eq!(json.code, Some(code));
        assert!(json.out.contains(&format!("\"word\": \"{word}\"")), "{}", json.out);
    }
}

#[test]
fn what_is_critical_decides_alone_if_asked() {
    let folder = folder("what_is_critical_decides_alone_if_asked", POLICY, "");
    let metrics = r#"{"cpu": 71, "queue": 101}"#;
    assert_eq!(ask(&folder, metrics, &[]).code, Some(2));
    let critical = ask(&folder, metrics, &["--critical-only"]);
    assert_eq!((critical.code, critical.out.lines().next()), (Some(1), Some("degraded")));
    assert!(critical.out.contains("cpu") && !critical.out.contains("queue"), "{}", critical.out);
    let plugin = ask(&folder, metrics, &["--critical-only", "--format", "nagios"]);
    assert_eq!(plugin.code, Some(1));
    assert!(plugin.out.starts_with("WARNING: degraded, `cpu`"), "{}", plugin.out);
    assert!(!plugin.out.contains("queue"), "{}", plugin.out);
}

#[cfg(target_os = "linux")]
#[test]
fn what_could_not_be_said_is_said_again() {
    let folder = folder("what_could_not_be_said_is_said_again", POLICY, r#"{"cpu": 90}"#);
    let args = [&HEALTH[..], &["--format", "json", "--state", "state.json"]].concat();
    let full = fs::OpenOptions::new().write(true).open("/dev/full").unwrap();
    assert_eq!(folder.command(&args).stdout(full).status().unwrap().code(), Some(3));
    let report: serde_json::Value = serde_json::from_str(&folder.run(&args).out).unwrap();
    assert_eq!(report.pointer("/actions/0/check"), Some(&"cpu".into()));
}

#[test]
fn an_action_is_said_though_its_check_is_not_critical() {
    let folder = folder("an_action_is_said", POLICY, "");
    let more = ["--critical-only", "--format", "json", "--state", "state.json"];
    let ran = ask(&folder, r#"{"cpu": 10, "queue": 101}"#, &more);
    let report: serde_json::Value = serde_json::from_str(&ran.out).unwrap();
    assert_eq!(
        (ran.code, &report["critical"], &report["status"]),
        (Some(0), &"ok".into(), &"crit".into())
    );
    assert_eq!(report.pointer("/actions/0/check"), Some(&"queue".into()));
}

#[test]
fn without_a_critical_group_nothing_is_critical_nor_remembered() {
    let folder = folder("without_a_critical_group", COUNTED, r#"{"cpu": 90}"#);
    let args = [&HEALTH[..], &["--critical-only", "--state", "state.json"]].concat();
    let err = folder.run(&args).failed(3);
    assert!(err.starts_with("error: the policy has no critical group\n"), "{err}");
    assert!(err.ends_with("help: mark one with `critical = true`\n"), "{err}");
    assert_eq!(folder.names(), ["housekeep.toml", "metrics.json"]);
}

#[test]
fn metrics_come_from_the_standard_input_too() {
    let folder = folder("metrics_come_from_the_standard_input_too", POLICY, "");
    let args = ["health", "--metrics", "-", "--now", NOW];
    let ran = folder.feed(&args, br#"{"cpu": 86, "queue": 0}"#);
    assert_eq!((ran.code, ran.out.lines().next()), (Some(2), Some("unhealthy")));
    let err = folder.feed(&args, br#"{"cpu": "#).failed(3);
    assert!(err.contains("the metrics are no JSON") && err.contains("stdin"), "{err}");
}

#[test]
fn a_state_file_remembers_from_one_run_to_the_next() {
    let policy = "[check.cpu]\nvalue = \"cpu\"\ncrit = \"> 85\"\nfor = \"5m\"\n";
    let folder = folder("a_state_file_remembers", policy, r#"{"cpu": 90}"#);
    let at = |now: &str, more: &[&str]| {
        let args = ["health", "--metrics", "metrics.json", "--now", now, "--state", "state.json"];
        folder.run(&[&args[..], more].concat())
    };
    let first = at("2026-02-13T03:00:00Z", &[]).done();
    let next = "next change 2026-02-13T03:05:00Z, if nothing new is measured\n";
    assert!(first.starts_with("healthy\n") && first.ends_with(next), "{first}");
    let verbose = at("2026-02-13T03:04:59Z", &["--verbose"]).done();
    assert!(verbose.contains("crit from 2026-02-13T03:05:00Z on, if it stays so"), "{verbose}");
    assert_eq!(at("2026-02-13T03:05:00Z", &[]).code, Some(2));
    assert_eq!(folder.names(), ["housekeep.toml", "metrics.json", "state.json"]);
    // Without what is remembered it is the first run once more.
    folder.run(&["health", "--metrics", "metrics.json", "--now", "2026-02-13T03:05:00Z"]).done();
}

#[test]
fn runs_at_once_lose_no_vote() {
    let folder = folder("runs_at_once_lose_no_vote", COUNTED, r#"{"cpu": 90}"#);
    let args = ["health", "--metrics", "metrics.json", "--state", "state.json"];
    let start = |_| folder.command(&args).stdout(Stdio::piped()).spawn().unwrap();
    let running: Vec<Child> = (0..12).map(start).collect();
    let end = |child: Child| child.wait_with_output().unwrap().status.code();
    let mut codes: Vec<_> = running.into_iter().map(end).collect();
    codes.sort_unstable();
    // Whichever was last has seen what the other eleven did, and no other has.
    assert_eq!(codes, [vec![Some(0); 11], vec![Some(2)]].concat());
    assert_eq!(votes(&folder), ("1".repeat(12), true));
    assert_eq!(folder.names(), ["housekeep.toml", "metrics.json", "state.json"]);
}

#[test]
fn a_slow_pipe_keeps_nobody_waiting() {
    let folder = folder("a_slow_pipe_keeps_nobody_waiting", COUNTED, r#"{"cpu": 90}"#);
    let piped = ["health", "--metrics", "-", "--state", "state.json"];
    let mut slow =
        folder.command(&piped).stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
    folder.run(&["health", "--metrics", "metrics.json", "--state", "state.json"]).done();
    assert_eq!(votes(&folder).0, "1");
    std::io::Write::write_all(&mut slow.stdin.take().unwrap(), br#"{"cpu": 0}"#).unwrap();
    assert_eq!(slow.wait_with_output().unwrap().status.code(), Some(0));
    assert_eq!(votes(&folder).0, "10");
}

#[test]
fn a_state_that_cannot_be_read_stays_as_it_was() {
    let folder = folder("a_state_that_cannot_be_read", POLICY, r#"{"cpu": 0, "queue": 0}"#);
    let args = [&HEALTH[..], &["--state", "state.json"]].concat();
    for broken in ["", "{", "{\"housekeep\": 1}", "\u{feff}{}"] {
        folder.write("state.json", broken);
        let err = folder.run(&args).failed(3);
        assert!(err.contains("state.json") && err.contains("no state of checks"), "{err}");
        assert_eq!(folder.read("state.json"), broken);
    }
    let plugin = folder.run(&[&args[..], &["--format", "nagios"]].concat());
    assert_eq!(plugin.code, Some(3));
    assert!(plugin.out.starts_with("UNKNOWN: this is no state of checks"), "{}", plugin.out);
    assert!(plugin.err.contains("state.json"), "{}", plugin.err);
    fs::remove_file(folder.path("state.json")).unwrap();
    fs::create_dir(folder.path("state.json")).unwrap();
    let err = folder.run(&args).failed(3);
    assert!(err.contains("cannot read `state.json`: it is a directory"), "{err}");
    // Metrics that cannot be read leave it alone, too.
    folder.write("other.json", "as it was");
    folder.write("metrics.json", "[]");
    folder.run(&[&HEALTH[..], &["--state", "other.json"]].concat()).failed(3);
    assert_eq!(folder.read("other.json"), "as it was");
}

#[test]
fn what_a_killed_run_left_is_in_nobodys_way() {
    let folder = folder("what_a_killed_run_left", POLICY, r#"{"cpu": 0, "queue": 0}"#);
    let state = folder.path("state.json");
    // As in a container, where every run may be process 1: the shell becomes the program.
    let script = "touch .housekeep-$$-0.tmp; exec \"$@\"";
    let mut command = std::process::Command::new("sh");
    command.args(["-c", script, "sh", env!("CARGO_BIN_EXE_housekeep")]).args(HEALTH);
    command.arg("--state").arg(&state).current_dir(folder.path(""));
    assert_eq!(command.output().unwrap().status.code(), Some(0));
    assert!(folder.read("state.json").contains("health-state"));
}

#[test]
#[cfg(unix)]
fn a_state_that_cannot_be_written_is_an_error() {
    use std::os::unix::fs::{PermissionsExt, symlink};
    let folder = folder("a_state_that_cannot_be_written", POLICY, r#"{"cpu": 0, "queue": 0}"#);
    let to = |state: &str| folder.run(&[&HEALTH[..], &["--state", state]].concat());
    let err = to("nowhere/state.json").failed(3);
    assert!(err.contains("cannot write `nowhere/state.json`: there is no such folder"), "{err}");
    let err = to("-").failed(64);
    assert!(err.contains("--state takes a file"), "{err}");
    // A file system of the kernel's takes no files, not even from root.
    if cfg!(target_os = "linux") {
        let ran = to("/proc/self/state.json");
        assert!(ran.err.contains("cannot write `/proc/self/state.json`"), "{}", ran.err);
        // What is found is said all the same.
        assert_eq!((ran.code, ran.out.lines().next()), (Some(3), Some("healthy")));
    }
    fs::create_dir(folder.path("locked")).unwrap();
    let rights = |mode| fs::set_permissions(folder.path("locked"), PermissionsExt::from_mode(mode));
    rights(0o500).unwrap();
    // Root may write everywhere.
    if fs::write(folder.path("locked/other"), "").is_err() {
        let ran = to("locked/state.json");
        assert!(ran.code == Some(3) && ran.err.contains("permission denied"), "{}", ran.err);
    }
    rights(0o700).unwrap();
    // A link stays one.
    to("locked/state.json").done();
    symlink("locked/state.json", folder.path("link.json")).unwrap();
    to("link.json").done();
    assert!(fs::symlink_metadata(folder.path("link.json")).unwrap().is_symlink());
}

#[test]
#[cfg(unix)]
fn a_lock_that_stays_is_told() {
    let folder = folder("a_lock_that_stays_is_told", POLICY, r#"{"cpu": 0, "queue": 0}"#);
    let locked = fs::File::open(folder.path("")).unwrap();
    rustix::fs::flock(&locked, rustix::fs::FlockOperation::LockExclusive).unwrap();
    let err = folder.run(&[&HEALTH[..], &["--state", "state.json"]].concat()).failed(3);
    assert!(err.starts_with("error: `state.json` is in use\n"), "{err}");
}

#[test]
fn a_closed_stdout_is_no_error() {
    let folder = folder("a_closed_stdout_of_health", POLICY, r#"{"cpu": 86, "queue": 0}"#);
    for format in ["text", "json", "nagios", "openmetrics"] {
        let args = [&HEALTH[..], &["--format", format, "--state", "state.json"]].concat();
        let (reader, writer) = std::io::pipe().unwrap();
        drop(reader);
        let ran = folder.command(&args).stdout(writer).output().unwrap();
        // What was found is still said.
        assert_eq!((ran.status.code(), ran.stderr.as_slice()), (Some(2), &b""[..]), "{format}");
    }
    assert!(folder.read("state.json").contains("\"raised\": true"));
}

#[test]
fn other_commands_have_their_own_formats() {
    let folder = folder("other_commands_have_their_own_formats", POLICY, "{}");
    for args in [&["validate"][..], &["schema"], &["plan", "runs", "--input", "runs.csv"]] {
        for format in ["nagios", "openmetrics"] {
            let err = folder.run(&[args, &["--format", format]].concat()).failed(64);
            assert!(err.contains("`housekeep health` alone"), "{err}");
        }
    }
}
