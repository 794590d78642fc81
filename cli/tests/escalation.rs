//! `acknowledge` and `mute`: what they change of what is remembered, and that nothing of it is lost.

#![expect(clippy::unwrap_used, reason = "a test that cannot run has failed")]

mod common;

use std::fs;
use std::process::Stdio;

use common::{Folder, NOW, Ran};

const POLICY: &str = r#"
[check.cpu]
value    = "cpu"
crit     = "> 85"
severity = "P1"

[check.queue]
each  = "kind"
value = "queue"
warn  = "> 100"

[group.core]
of = ["cpu"]
critical = true

[severity.P1]
ack   = "15m"
tiers = [{ who = "dev" }, { who = "platform", after = "1h" }]
"#;

const BAD: &str = r#"{"cpu": 90, "queue": {"mail": 101, "fax": 102}}"#;

/// A folder in which everything is raised.
fn folder(test: &str) -> Folder {
    let folder = Folder::new(test);
    folder.write("housekeep.toml", POLICY);
    folder.write("metrics.json", BAD);
    assert_eq!(health(&folder, NOW, &[]).code, Some(2));
    folder
}

/// With what is remembered.
fn at(folder: &Folder, now: &str, args: &[&str]) -> Ran {
    folder.run(&[args, &["--state", "state.json", "--now", now]].concat())
}

fn health(folder: &Folder, now: &str, more: &[&str]) -> Ran {
    at(folder, now, &[&["health", "--metrics", "metrics.json"], more].concat())
}

fn state(folder: &Folder) -> serde_json::Value {
    serde_json::from_str(&folder.read("state.json")).unwrap()
}

#[test]
fn somebody_is_on_it_and_nobody_else_is_called() {
    let folder = folder("somebody_is_on_it");
    let said = at(&folder, "2026-02-13T03:10:00Z", &["acknowledge", "cpu"]).done();
    let expected = "`cpu` is acknowledged at 2026-02-13T03:10:00Z: nobody else is called until it gets \
                    worse or is raised anew\n";
    assert_eq!(said, expected);
    let before = folder.read("state.json");
    let again = at(&folder, "2026-02-13T03:11:00Z", &["acknowledge", "cpu"]).done();
    assert_eq!(again, "`cpu` was acknowledged before: nothing is different\n");
    assert_eq!(folder.read("state.json"), before);
    let out = health(&folder, "2026-02-13T04:30:00Z", &[]).out;
    assert!(
        out.contains("90, and `> 85` is critical; acknowledged at 2026-02-13T03:10:00Z"),
        "{out}"
    );
    assert!(!out.contains("platform"), "{out}");
}

#[test]
fn what_is_printed_as_json_is_what_is_remembered() {
    let folder = folder("what_is_printed_as_json");
    let args = ["acknowledge", "queue", "mail", "--format", "json"];
    let out = at(&folder, NOW, &args).done();
    assert_eq!(out, folder.read("state.json"));
    let state = state(&folder);
    let on = |kind: &str| state.pointer(&format!("/checks/queue/{kind}/incident/acknowledged"));
    assert_eq!((on("mail"), on("fax")), (Some(&NOW.into()), None));
    let out = at(&folder, NOW, &["mute", "*", "--for", "1h", "--format", "json"]).done();
    assert_eq!(out, folder.read("state.json"));
}

#[test]
fn what_is_refused_changes_nothing() {
    let folder = folder("what_is_refused_changes_nothing");
    let before = folder.read("state.json");
    let refused = |code, args: &[&str], what: &str| {
        let err = at(&folder, NOW, args).failed(code);
        assert!(err.contains(what), "{err}");
        assert_eq!(folder.read("state.json"), before);
    };
    refused(1, &["acknowledge", "cpus"], "help: did you mean `cpu`?");
    refused(1, &["acknowledge", "queue"], "--> state.json");
    refused(1, &["acknowledge", "queue", "post"], "there are `cpu`, `queue[fax]`, `queue[mail]`");
    refused(1, &["mute", "cors", "--for", "1h"], "help: did you mean `core`?");
    refused(1, &["mute", "core", "--for", "0s"], "which is not after it begins");
    refused(1, &["mute", "core", "--until", NOW, "--from", "2026-02-13T04:00:00Z"], "it would end");
    refused(64, &["mute", "core"], "<--until <INSTANT>|--for <DURATION>>");
    refused(64, &["mute", "core", "--for", "1h", "--until", NOW], "cannot be used with");
    refused(64, &["mute", "--for", "1h"], "<NAME>...");
    refused(64, &["acknowledge"], "<CHECK>");
    for args in [&["acknowledge", "cpu"][..], &["mute", "cpu", "--for", "1h"]] {
        folder.run(&[args, &["--state", "-"]].concat()).failed(64);
        folder.run(args).failed(64);
        let err = folder.run(&[args, &["--state", "nowhere/state.json"]].concat()).failed(1);
        assert!(err.contains("nowhere/state.json"), "{err}");
    }
    folder.write("state.json", "{");
    for args in [&["acknowledge", "cpu"][..], &["mute", "cpu", "--for", "1h"]] {
        let err = at(&folder, NOW, args).failed(1);
        assert!(err.contains("no state of checks") && err.contains("state.json"), "{err}");
        assert_eq!(folder.read("state.json"), "{");
    }
}

#[test]
fn without_a_state_nothing_is_raised_and_all_can_be_muted() {
    let folder = Folder::new("without_a_state_nothing_is_raised");
    folder.write("housekeep.toml", POLICY);
    folder.write("metrics.json", BAD);
    let err = at(&folder, NOW, &["acknowledge", "cpu"]).failed(1);
    assert!(
        err.starts_with("error: there is no state `state.json`, so nothing is raised\n"),
        "{err}"
    );
    assert!(
        err.contains("help: name the file that `housekeep health --state FILE` keeps"),
        "{err}"
    );
    let err = at(&folder, NOW, &["acknowledge", "cpus"]).failed(1);
    assert!(err.contains("did you mean `cpu`?"), "{err}");
    assert_eq!(folder.names(), ["housekeep.toml", "metrics.json"]);
    let said = at(&folder, NOW, &["mute", "core", "queue", "--for", "2h30m"]).done();
    let expected = "`core` and `queue` are muted from 2026-02-13T03:00:00Z until \
                    2026-02-13T05:30:00Z: what is still so then is told then\n";
    assert_eq!(said, expected);
    let report = health(&folder, NOW, &["--format", "json"]).out;
    let report: serde_json::Value = serde_json::from_str(&report).unwrap();
    assert_eq!((&report["status"], &report["actions"]), (&"crit".into(), &serde_json::json!([])));
    let out = health(&folder, NOW, &[]).out;
    assert!(out.contains("  checks 3   not ok 3   muted 3   at 2026-02-13T03:00:00Z\n"), "{out}");
    assert!(!out.contains("to tell"), "{out}");
    let out = health(&folder, "2026-02-13T05:30:00Z", &[]).out;
    assert!(out.contains("cpu            ok → crit  dev, platform  acknowledge by"), "{out}");
    assert!(out.contains("2026-02-13T03:15:00Z, overdue"), "{out}");
}

#[test]
fn what_is_to_be_told_is_told_though_its_check_is_not_critical() {
    let folder = Folder::new("what_is_to_be_told_is_told");
    folder.write("housekeep.toml", POLICY);
    folder.write("metrics.json", BAD);
    // Where nothing is remembered, nothing is lost.
    let args = ["health", "--metrics", "metrics.json", "--critical-only", "--now", NOW];
    let out = folder.run(&args).out;
    assert!(out.contains("cpu      ok → crit  dev") && !out.contains("queue"), "{out}");
    let out = health(&folder, NOW, &["--critical-only"]).out;
    assert!(out.contains("queue of mail  ok → warn"), "{out}");
    let out = health(&folder, NOW, &["--critical-only"]).out;
    assert!(!out.contains("to tell"), "{out}");
}

#[test]
fn all_that_is_said_at_once_is_remembered() {
    let folder = folder("all_that_is_said_at_once");
    let state_file = ["--state", "state.json"];
    let all: [&[&str]; 6] = [
        &["acknowledge", "cpu"],
        &["acknowledge", "queue", "mail"],
        &["acknowledge", "queue", "fax"],
        &["mute", "cpu", "--for", "1h"],
        &["mute", "core", "--for", "1h"],
        &["health", "--metrics", "metrics.json"],
    ];
    let start = |args: &&[&str]| {
        let mut command = folder.command(&[*args, &state_file].concat());
        command.stdout(Stdio::null()).spawn().unwrap()
    };
    let running: Vec<_> = all.iter().map(start).collect();
    let codes: Vec<_> = running.into_iter().map(|mut own| own.wait().unwrap().code()).collect();
    assert_eq!(codes, [0, 0, 0, 0, 0, 2].map(Some));
    let state = state(&folder);
    for raised in ["cpu/", "queue/mail", "queue/fax"] {
        let at = state.pointer(&format!("/checks/{raised}/incident/acknowledged"));
        assert!(at.is_some(), "{raised}: {state}");
    }
    assert_eq!(state["mutes"].as_array().map(Vec::len), Some(2));
    assert_eq!(folder.names(), ["housekeep.toml", "metrics.json", "state.json"]);
}

#[test]
fn what_cannot_be_remembered_is_not_said() {
    if !cfg!(target_os = "linux") {
        return;
    }
    let folder = folder("what_cannot_be_remembered");
    // A file system of the kernel's takes no files, not even from root.
    let err = folder.run(&["mute", "*", "--for", "1h", "--state", "/proc/self/state.json"]);
    assert!(err.failed(1).contains("cannot write `/proc/self/state.json`"));
    // A closed stdout is no error, and it is remembered.
    let (reader, writer) = std::io::pipe().unwrap();
    drop(reader);
    let args = ["acknowledge", "cpu", "--state", "state.json"];
    let ran = folder.command(&args).stdout(writer).output().unwrap();
    assert_eq!((ran.status.code(), ran.stderr.as_slice()), (Some(0), &b""[..]));
    assert!(fs::read_to_string(folder.path("state.json")).unwrap().contains("acknowledged"));
}
