//! Files that have outlived their use: planned, applied, restored.

#![cfg(any(target_os = "linux", target_os = "macos"))]
#![expect(clippy::unwrap_used, reason = "a test that cannot run has failed")]

mod common;

use std::collections::BTreeSet;
use std::fs::{self, File};
use std::io::Write;
use std::os::unix::fs::symlink;
use std::process::{Command, Stdio};
use std::time::{Duration, SystemTime};

use common::Folder;

const POLICY: &str = r#"
[retention.temp]
files = "temp/*"
limit = { age = "24h" }

[retention.agent_logs]
files = "/logs/agents/**"
limit = { age = "8d", edge = "at" }

[retention.maintenance_log]
files = "maintenance.log*"
limit = { count = 5, bytes = "50MiB" }
floor = { count = 1 }

[retention.rows]
time = "at"
limit = { age = "1d" }
"#;

const DAY: u64 = 86_400;

/// A folder with the policy, and a file for each name and age in seconds.
fn folder(test: &str, files: &[(&str, u64)]) -> Folder {
    let folder = Folder::new(test);
    folder.write("housekeep.toml", POLICY);
    for (name, age) in files {
        make(&folder, name, *age);
    }
    folder
}

fn make(folder: &Folder, name: &str, age: u64) {
    let path = folder.path(name);
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(&path, name).unwrap();
    let at = SystemTime::now() - Duration::from_secs(age);
    File::options().write(true).open(path).unwrap().set_modified(at).unwrap();
}

/// Everything below a folder that is a file or a link.
fn all(folder: &Folder, below: &str) -> BTreeSet<String> {
    find(folder, &[below, "!", "-type", "d"])
}

fn find(folder: &Folder, args: &[&str]) -> BTreeSet<String> {
    let mut find = Command::new("find");
    let out = find.current_dir(folder.path("")).args(args).arg("-print0").output().unwrap();
    assert!(out.status.success());
    let text = String::from_utf8(out.stdout).unwrap();
    text.split('\0').filter(|name| !name.is_empty()).map(str::to_owned).collect()
}

fn plan(folder: &Folder, rule: &str, files: &str) -> serde_json::Value {
    let args = ["plan", rule, "--files", files, "--output", "plan.json", "--format", "json"];
    let ran = folder.run(&args);
    // Links are warned of.
    assert_eq!(ran.code, Some(0), "{}", ran.err);
    serde_json::from_str(&ran.out).unwrap()
}

fn ids(plan: &serde_json::Value) -> BTreeSet<String> {
    let ids = plan["drop_ids"].as_array().unwrap().iter();
    ids.map(|id| id.as_str().unwrap().to_owned()).collect()
}

#[test]
fn it_removes_what_find_would() {
    // Ages around eight days, to the second as far as two clocks allow, and far from it.
    let near: Vec<u64> = [0i64, 7, 8, 9]
        .iter()
        .flat_map(|days| [-3600i64, -20, 20, 3600].map(|more| days * DAY as i64 + more))
        .map(|age| u64::try_from(age.max(0)).unwrap())
        .collect();
    let folder = Folder::new("it_removes_what_find_would");
    folder.write("housekeep.toml", POLICY);
    for (n, age) in near.into_iter().chain((0..200).map(|n| n * 7919 * 13 % (20 * DAY))).enumerate()
    {
        let name = match n % 4 {
            0 => format!("logs/{n}.log"),
            1 => format!("logs/deep/er/{n} with a\nnewline"),
            2 => format!("logs/.hidden/{n}"),
            _ => format!("logs/ä{n}"),
        };
        make(&folder, &name, age);
    }
    let found = find(&folder, &["logs", "-type", "f", "-mtime", "+7"]);
    let planned = plan(&folder, "agent_logs", "logs");
    let planned: BTreeSet<String> = ids(&planned).iter().map(|id| format!("logs/{id}")).collect();
    assert!(found.len() > 50);
    assert_eq!(planned, found);

    let before = all(&folder, "logs");
    let said = folder.run(&["apply", "plan.json", "--files", "logs", "--trash", "trash"]).done();
    assert!(said.contains(&format!("removed {}", found.len())), "{said}");
    let left: BTreeSet<String> = before.difference(&found).cloned().collect();
    assert_eq!(all(&folder, "logs"), left);
    // Once more: all are gone already, and that is no error.
    let said = folder.run(&["apply", "plan.json", "--files", "logs", "--trash", "trash"]).done();
    assert!(said.contains(&format!("gone already {}", found.len())), "{said}");
    folder.run(&["restore", "trash", "--confirm", "yes-restore"]).done();
    assert_eq!(all(&folder, "logs"), before);
}

#[test]
fn links_and_what_they_lead_to_stay() {
    let old = 3 * DAY;
    let folder = folder(
        "links_and_what_they_lead_to_stay",
        &[("temp/old", old), ("temp/new", 60), ("temp/sub/old", old), ("outside/old", old)],
    );
    symlink(folder.path("outside"), folder.path("temp/folder")).unwrap();
    symlink(folder.path("outside/old"), folder.path("temp/file")).unwrap();
    symlink("old", folder.path("temp/inner")).unwrap();
    let planned = plan(&folder, "temp", "temp");
    assert_eq!(ids(&planned), ["old".to_owned()].into());
    folder.run(&["apply", "plan.json", "--files", "temp", "--confirm", "yes-delete"]).done();
    let left = ["temp/file", "temp/folder", "temp/inner", "temp/new", "temp/sub/old"];
    assert_eq!(all(&folder, "temp"), left.map(str::to_owned).into());
    assert!(folder.path("outside/old").exists());
}

#[test]
fn a_file_that_changed_since_is_left_alone() {
    let old = 3 * DAY;
    let folder = folder("a_file_that_changed_since", &[("temp/a", old), ("temp/b", old)]);
    plan(&folder, "temp", "temp");
    make(&folder, "temp/a", 60);
    let args = ["apply", "plan.json", "--files", "temp", "--confirm", "yes-delete"];
    let dry = [args.as_slice(), &["--dry-run"]].concat();
    let said = folder.run(&dry).done();
    assert!(said.contains("would remove 1") && said.contains("nothing was touched"), "{said}");
    assert_eq!(all(&folder, "temp").len(), 2);
    let said = folder.run(&args).done();
    assert!(said.contains("removed 1") && said.contains("changed 1"), "{said}");
    assert_eq!(all(&folder, "temp"), ["temp/a".to_owned()].into());
}

#[test]
fn with_a_full_disk_all_goes_at_once_and_the_newest_logs_stay() {
    let folder = folder("with_a_full_disk", &[("temp/a", 60), ("temp/b", 5)]);
    let args = ["plan", "temp", "--files", "temp", "--set", "limit.age=0s", "--format", "json"];
    let planned = serde_json::from_str(&folder.run(&args).done()).unwrap();
    assert_eq!(ids(&planned), ["a".to_owned(), "b".to_owned()].into());
    for n in 0..8 {
        make(&folder, &format!("logs/maintenance.log.{n}"), n * 3600 + 60);
    }
    make(&folder, "logs/other.log", 90 * DAY);
    let planned = plan(&folder, "maintenance_log", "logs");
    let gone = ["maintenance.log.5", "maintenance.log.6", "maintenance.log.7"];
    assert_eq!(ids(&planned), gone.map(str::to_owned).into());
}

#[test]
fn nothing_goes_without_a_word() {
    let folder = folder("nothing_goes_without_a_word", &[("temp/a", 3 * DAY)]);
    plan(&folder, "temp", "temp");
    let err = folder.run(&["apply", "plan.json", "--files", "temp"]).failed(64);
    assert!(err.contains("--trash DIR, or --confirm yes-delete"), "{err}");
    let confirmed = ["apply", "plan.json", "--files", "temp", "--confirm", "yes-delete"];
    let other = [confirmed.as_slice(), &["--plan-sha256", "00"]].concat();
    let err = folder.run(&other).failed(3);
    assert!(err.contains("the plan's digest is"), "{err}");
    make(&folder, "other/a", 3 * DAY);
    let elsewhere = ["apply", "plan.json", "--files", "other", "--confirm", "yes-delete"];
    folder.run(&elsewhere).failed(1);
    let text = fs::read_to_string(folder.path("plan.json")).unwrap();
    folder.write("edited.json", text.replace("\"a\"", "\"b\""));
    folder.run(&["apply", "edited.json", "--files", "temp", "--confirm", "yes-delete"]).failed(3);
    assert_eq!(all(&folder, "temp").len() + all(&folder, "other").len(), 2);
}

const REQUIRES: &str = r#"
[check.backup]
value   = "age(last_backup)"
expect  = "< 24h"
missing = "breach"

[apply]
require_checks = ["backup"]
"#;

/// A report of the checks, by metrics, as it was made at an instant.
fn report(folder: &Folder, name: &str, metrics: &str, now: &str) {
    folder.write("metrics.json", metrics);
    let args = ["health", "--metrics", "metrics.json", "--format", "json", "--now", now];
    folder.write(name, folder.run(&args).out);
}

#[test]
fn what_the_policy_requires_has_to_be_ok_first() {
    let folder = folder("what_the_policy_requires", &[("temp/a", 3 * DAY)]);
    plan(&folder, "temp", "temp");
    folder.write("housekeep.toml", [POLICY, REQUIRES].concat());
    report(&folder, "ok.json", r#"{"last_backup": "2026-02-13T01:00:00Z"}"#, common::NOW);
    report(&folder, "bad.json", r#"{"last_backup": "2026-02-11T01:00:00Z"}"#, common::NOW);
    let args = ["apply", "plan.json", "--files", "temp", "--confirm", "yes-delete", "--now"];
    let ask = |now: &str, more: &[&str]| folder.run(&[&args[..], &[now], more].concat());

    // Without a report, also where it would only be said, and before anybody is asked.
    for more in [&[][..], &["--dry-run"]] {
        let err = ask(common::NOW, more).failed(3);
        assert!(
            err.contains("the policy requires that `backup` is ok, and no report says so"),
            "{err}"
        );
        assert!(err.contains("help: give what `housekeep health --format json` printed"), "{err}");
    }
    folder.run(&["apply", "plan.json", "--files", "temp"]).failed(3);
    let err = ask(common::NOW, &["--health", "bad.json"]).failed(3);
    assert!(err.contains("`backup` is crit: 2d2h, and `< 24h` is expected"), "{err}");
    assert!(err.contains("--> bad.json"), "{err}");
    let err = ask("2026-02-13T04:00:01Z", &["--health", "ok.json"]).failed(3);
    assert!(err.contains("the report is of 2026-02-13T03:00:00Z, 1h1s ago"), "{err}");
    let err = ask(common::NOW, &["--health", "plan.json"]).failed(1);
    assert!(err.contains("this is no report of checks"), "{err}");
    let err = ask(common::NOW, &["--health", "nowhere.json"]).failed(1);
    assert!(err.contains("cannot read `nowhere.json`"), "{err}");
    let json = ask(common::NOW, &["--health", "bad.json", "--format", "json"]).failed(3);
    assert!(json.contains("\"code\": \"report.not_ok\""), "{json}");
    assert_eq!(all(&folder, "temp").len(), 1);

    let said = ask("2026-02-13T04:00:00Z", &["--health", "ok.json", "--dry-run"]).done();
    assert!(said.contains("would remove 1"), "{said}");
    let piped = [&args[..], &[common::NOW, "--health", "-"]].concat();
    let said = folder.feed(&piped, folder.read("ok.json").as_bytes()).done();
    assert!(said.contains("removed 1"), "{said}");
}

#[test]
fn a_policy_that_is_not_there_requires_nothing_unless_it_is_named() {
    let folder = folder("a_policy_that_is_not_there", &[("temp/a", 3 * DAY)]);
    plan(&folder, "temp", "temp");
    let args = ["apply", "plan.json", "--files", "temp", "--confirm", "yes-delete", "--dry-run"];
    let ask = |more: &[&str]| folder.run(&[&args[..], more].concat());
    // It has no checks, so it requires none.
    ask(&[]).done();
    folder.write("housekeep.toml", "[");
    ask(&[]).failed(1);
    fs::remove_file(folder.path("housekeep.toml")).unwrap();
    ask(&[]).done();
    for named in ["housekeep.toml", "other.toml"] {
        let err = ask(&["--policy", named]).failed(1);
        assert!(err.contains(&format!("there is no policy `{named}`")), "{err}");
    }
    // Who gives a report wants it to be judged.
    folder.write("report.json", "{}");
    let err = ask(&["--health", "report.json"]).failed(1);
    assert!(err.contains("there is no policy `housekeep.toml`"), "{err}");
    // A link that leads nowhere is not the same as none.
    symlink("nowhere.toml", folder.path("housekeep.toml")).unwrap();
    ask(&[]).failed(1);
    let both = ["apply", "-", "--files", "temp", "--health", "-"];
    let err = folder.run(&both).failed(64);
    assert!(err.contains("cannot both be the standard input"), "{err}");
    assert_eq!(all(&folder, "temp").len(), 1);
}

/// What a person sees who types this at the question, on a terminal.
#[cfg(target_os = "linux")]
fn typed(folder: &Folder, answer: &str) -> String {
    let command = format!(
        "'{}' apply plan.json --files temp; echo ended with $?",
        env!("CARGO_BIN_EXE_housekeep"),
    );
    let mut script = Command::new("script");
    script.args(["--quiet", "--command", &command, "/dev/null"]).current_dir(folder.path(""));
    script.stdin(Stdio::piped()).stdout(Stdio::piped());
    let mut child = script.spawn().unwrap();
    child.stdin.take().unwrap().write_all(format!("{answer}\n").as_bytes()).unwrap();
    String::from_utf8(child.wait_with_output().unwrap().stdout).unwrap()
}

#[test]
#[cfg(target_os = "linux")]
fn a_person_has_to_type_it_out() {
    let folder = folder("a_person_has_to_type_it_out", &[("temp/a", 3 * DAY)]);
    plan(&folder, "temp", "temp");
    let said = typed(&folder, "yes");
    assert!(said.contains("1 file of 6B below temp go for good"), "{said}");
    assert!(said.contains("nothing was removed") && said.contains("ended with 64"), "{said}");
    assert_eq!(all(&folder, "temp").len(), 1);
    let said = typed(&folder, "yes-delete");
    assert!(said.contains("gone for good") && said.contains("ended with 0"), "{said}");
    assert_eq!(all(&folder, "temp").len(), 0);
}

#[test]
fn what_is_asked_of_the_wrong_rule_is_said() {
    let folder = folder("what_is_asked_of_the_wrong_rule", &[("temp/a", 60)]);
    let err = folder.run(&["plan", "rows", "--files", "temp"]).failed(64);
    assert!(err.contains("the rule says no `files`"), "{err}");
    let err = folder.run(&["plan", "temp"]).failed(64);
    assert!(err.contains("such as --files temp"), "{err}");
    let err = folder.run(&["plan", "rows"]).failed(64);
    assert!(err.contains("--input FILE"), "{err}");
    folder.write("rows.json", r#"[{"id": 1, "at": "2020-01-01T00:00:00Z"}]"#);
    folder.run(&["plan", "rows", "--input", "rows.json", "--output", "rows-plan.json"]).done();
    let err = folder.run(&["apply", "rows-plan.json", "--files", "temp", "--trash", "t"]).failed(1);
    assert!(err.contains("retention.rows is no plan of files"), "{err}");
    let said = folder.run(&["explain", "temp", "a", "--files", "temp"]).done();
    assert!(said.contains("`a` is kept: it is over no limit, until"), "{said}");
}
