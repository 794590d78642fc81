//! `schedule`: what it says to people, how it ends, and that no event is lost.

mod common;

use std::process::Child;

use common::Folder;
use housekeep::schedule::State;

const POLICY: &str = r#"
[schedule.backup]
days      = "daily"
at        = "03:00"
for       = "1h"
tz        = "America/Santiago"
missed    = "each"
look_back = 60
tasks     = ["dump", "upload"]

[schedule.report]
days = ["mon"]
at   = "09:00"
for  = "1h"
tz   = "UTC"
"#;

fn folder(test: &str) -> Folder {
    let folder = Folder::new(test);
    folder.write("housekeep.toml", POLICY);
    folder
}

/// What it prints for people, on either stream, and how it ends.
fn ask(folder: &Folder, args: &[&str]) -> (String, Option<i32>) {
    let ran = folder.run(&[&["schedule"], args].concat());
    (ran.out + &ran.err, ran.code)
}

fn done(folder: &Folder, args: &[&str]) -> String {
    let (said, code) = ask(folder, args);
    assert_eq!(code, Some(0), "{said}");
    said
}

#[test]
fn a_person_follows_a_run() {
    let folder = folder("a_person_follows_a_run");
    let state = ["--state", "s.json"];
    let at = |now: &'static str, args: &[&'static str]| {
        done(&folder, &[args, &state[..], &["--now", now]].concat())
    };
    assert_eq!(
        at("2026-02-13T05:00:00Z", &["begin", "backup"]),
        "slots of `backup` count from `backup/2026-02-13` on\n"
    );
    assert_eq!(
        at("2026-02-13T05:00:00Z", &["due", "backup"]),
        "nothing changes before 2026-02-13T06:00:00Z, when `backup/2026-02-13` opens\n"
    );
    let open = "2026-02-13T06:10:00Z";
    assert_eq!(
        at(open, &["due", "schedule.backup"]),
        "`backup/2026-02-13` may start until 2026-02-13T07:00:00Z: it has not run\n  \
         claim: backup/2026-02-13/1\n  tasks: dump, upload\n"
    );
    let claim = "backup/2026-02-13/1";
    assert_eq!(
        at(open, &["record", "backup", "started", claim]),
        "`backup/2026-02-13` is running\n"
    );
    at(open, &["record", "backup", "task", claim, "--task", "dump", "--success"]);
    at(open, &["record", "backup", "task", claim, "--task", "upload", "--failed"]);
    assert_eq!(
        at(open, &["record", "backup", "finished", claim]),
        "`backup/2026-02-13` is failed\n"
    );
    assert_eq!(
        at("2026-02-13T12:00:00Z", &["missed", "backup"]),
        "`backup/2026-02-13` was missed, and may start now: it failed, and 2 attempts are left\n"
    );
    at(open, &["record", "backup", "manual", "2026-02-13"]);
    at(open, &["record", "backup", "finished", "2026-02-13", "--success"]);
    assert_eq!(at("2026-02-13T12:00:00Z", &["missed", "backup"]), "nothing was missed\n");
    assert_eq!(at("2026-08-01T00:00:00Z", &["forget", "backup"]), "1 forgotten, 0 kept\n");
}

#[test]
fn slots_are_a_table() {
    let folder = folder("slots_are_a_table");
    let slots = ["slots", "report", "--from", "2026-02-01T00:00:00Z", "--for", "10d"];
    assert_eq!(
        done(&folder, &slots),
        "schedule.report, 2 slots from 2026-02-01T00:00:00Z to 2026-02-11T00:00:00Z, on the clocks of UTC
  slot               on its clock      opens                 may start until
  report/2026-02-02  2026-02-02T09:00  2026-02-02T09:00:00Z  2026-02-02T10:00:00Z
  report/2026-02-09  2026-02-09T09:00  2026-02-09T09:00:00Z  2026-02-09T10:00:00Z\n"
    );
    assert_eq!(
        done(&folder, &["keep-until", "report", "2026-02-02"]),
        "what is remembered of `report/2026-02-02` is needed until 2026-02-16T09:00:00Z\n"
    );
}

#[test]
fn a_script_asks_by_the_exit_code() {
    let folder = folder("a_script_asks_by_the_exit_code");
    let now = ["--state", "s.json", "--now", "2026-02-13T06:10:00Z"];
    done(&folder, &[&["begin", "backup"], &now[..]].concat());
    let due = [&["due", "backup", "--detailed-exitcode"], &now[..]].concat();
    assert_eq!(ask(&folder, &due).1, Some(2));
    let skip = [&["record", "backup", "skipped", "2026-02-13"], &now[..]].concat();
    done(&folder, &skip);
    assert_eq!(ask(&folder, &due).1, Some(0));
}

#[test]
fn what_is_refused_changes_nothing() {
    let folder = folder("what_is_refused_changes_nothing");
    let now = ["--now", "2026-02-13T06:10:00Z"];
    let refused = |args: &[&str], sentence: &str| {
        let before = std::fs::read_to_string(folder.path("s.json")).ok();
        let (said, code) = ask(&folder, &[args, &now[..]].concat());
        assert_eq!(code, Some(1), "{said}");
        // On the terminal the help stands on a line of its own.
        let whole = sentence.split("; ").all(|part| said.contains(part));
        assert!(whole, "{said}");
        assert_eq!(std::fs::read_to_string(folder.path("s.json")).ok(), before);
    };
    let state = ["--state", "s.json"];
    let with = |args: &[&'static str]| [args, &state[..]].concat();
    let begin =
        "there is no state `s.json`; begin one: housekeep schedule begin backup --state s.json";
    refused(&with(&["due", "backup"]), begin);
    refused(&with(&["missed", "backup"]), begin);
    refused(&with(&["forget", "backup"]), begin);
    refused(&with(&["record", "backup", "started", "2026-02-13"]), begin);
    done(&folder, &[&with(&["begin", "backup"])[..], &now].concat());
    refused(&with(&["begin", "backup"]), "there is a state `s.json` already");
    refused(
        &with(&["due", "report"]),
        "the state is of the schedule `backup`, and not of `report`",
    );
    refused(
        &with(&["due", "bakcup"]),
        "the policy has no schedule `bakcup`; did you mean `backup`?",
    );
    refused(
        &with(&["record", "backup", "start", "2026-02-13"]),
        "`start` is no event; did you mean `started`?",
    );
    refused(&with(&["record", "backup", "started", "2026-02-31"]), "`2026-02-31` names no slot");
    folder.write(
        "s.json",
        "{\"housekeep\": 1, \"kind\": \"health-state\", \"now\": null, \"checks\": {}}",
    );
    refused(&with(&["due", "backup"]), "this is no state of a schedule");
    folder.write("s.json", "{\"housekeep\": 1, \"kin");
    refused(
        &with(&["record", "backup", "started", "2026-02-13"]),
        "this is no state of a schedule",
    );
    for (args, sentence) in [
        (&["due", "backup", "--state", "-"][..], "there is no state `-`"),
        (&["next", "backup", "--after", "report/2026-02-02"], "is of the schedule `report`"),
    ] {
        refused(args, sentence);
    }
    let (said, code) = ask(&folder, &["slots", "backup", "--from", "2026-02-13T06:10:00Z"]);
    assert_eq!(code, Some(64), "{said}");
}

#[test]
fn processes_at_once_lose_no_event() {
    let folder = folder("processes_at_once_lose_no_event");
    let state = ["--state", "s.json"];
    done(&folder, &[&["begin", "backup", "--since", "2026-02-01"], &state[..]].concat());
    for round in 0..6 {
        let children: Vec<Child> = (1..=8)
            .map(|n| {
                let slot = format!("2026-02-{:02}", round * 4 + n % 8 + 1);
                let event = if n % 2 == 0 { "manual" } else { "skipped" };
                let args = ["schedule", "record", "backup", event, &slot];
                let now = ["--now", "2026-03-01T00:00:00Z"];
                let mut command = folder.command(&[&args[..], &state, &now].concat());
                command.stdout(std::process::Stdio::null()).spawn().unwrap()
            })
            .collect();
        for mut child in children {
            assert!(child.wait().unwrap().success());
        }
        let text = folder.read("s.json");
        let state = State::from_json(text.as_bytes()).unwrap();
        // Each round names eight days, of which four are those of the round before.
        assert_eq!(state.runs().count(), 8 + round * 4, "{text}");
    }
}
