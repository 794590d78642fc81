//! Files: what is written, what it may replace, and what is read back.

mod common;

use std::fs;

use common::{CSV, Folder, NOW};

const PLAN: [&str; 6] = ["plan", "runs", "--input", "runs.csv", "--now", NOW];

fn folder(test: &str) -> Folder {
    let folder = Folder::new(test);
    folder.write("runs.csv", CSV);
    folder
}

fn output(file: &str) -> Vec<&str> {
    [&PLAN[..], &["--output", file]].concat()
}

#[test]
fn the_plan_is_written_whole_and_nothing_else_stays() {
    let folder = folder("the_plan_is_written_whole_and_nothing_else_stays");
    folder.write("plan.json", "something older, and longer than nothing");
    let out = folder.run(&output("plan.json")).done();
    assert!(out.ends_with("written to plan.json\n"), "{out}");
    let json = folder.run(&[&PLAN[..], &["--format", "json"]].concat()).done();
    assert_eq!(folder.read("plan.json"), json);
    assert_eq!(folder.names(), ["housekeep.toml", "plan.json", "runs.csv"]);
}

#[test]
fn a_plan_that_is_refused_leaves_the_file_as_it_was() {
    let folder = folder("a_plan_that_is_refused_leaves_the_file_as_it_was");
    folder.write("plan.json", "older");
    let refused = [&output("plan.json")[..], &["--set", "guard.max_drops=0"]].concat();
    folder.run(&refused).failed(3);
    assert_eq!(folder.read("plan.json"), "older");
    assert_eq!(folder.names(), ["housekeep.toml", "plan.json", "runs.csv"]);
}

#[test]
fn a_plan_is_not_written_where_it_cannot_be() {
    let folder = folder("a_plan_is_not_written_where_it_cannot_be");
    fs::create_dir(folder.path("folder")).unwrap();
    let err = folder.run(&output("folder")).failed(1);
    assert!(err.contains("cannot write `folder`: it is a directory"), "{err}");
    let err = folder.run(&output("nowhere/plan.json")).failed(1);
    assert!(err.contains("cannot write `nowhere/plan.json`: there is no such folder"), "{err}");
    // Nor over what it is made from.
    for own in ["runs.csv", "./housekeep.toml", "folder/../runs.csv"] {
        let err = folder.run(&output(own)).failed(64);
        assert!(err.contains("names a file that the plan is made from"), "{err}");
    }
    assert_eq!(folder.read("runs.csv"), CSV);
}

#[test]
#[cfg(unix)]
fn links_and_devices_are_written_through_and_rights_stay() {
    use std::os::unix::fs::{PermissionsExt, symlink};

    let folder = folder("links_and_devices_are_written_through_and_rights_stay");
    folder.write("real.json", "older");
    fs::set_permissions(folder.path("real.json"), PermissionsExt::from_mode(0o600)).unwrap();
    symlink("real.json", folder.path("link.json")).unwrap();
    folder.run(&output("link.json")).done();
    assert!(fs::symlink_metadata(folder.path("link.json")).unwrap().is_symlink());
    let mode = fs::metadata(folder.path("real.json")).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
    assert!(folder.read("real.json").starts_with("{\n  \"housekeep\": 1,"));
    // Replaced, and not written to, this would be the end of /dev/null.
    folder.run(&output("/dev/null")).done();
    assert!(!fs::metadata("/dev/null").unwrap().is_file());
}

#[test]
fn a_plan_is_read_back_and_explained() {
    let folder = folder("a_plan_is_read_back_and_explained");
    folder.run(&output("plan.json")).done();
    let out = folder.run(&["explain", "plan.json", "1"]).done();
    assert!(out.starts_with("`1` is dropped: `2` has the same"), "{out}");
    let by_rule = ["explain", "dedupe.runs", "1", "--input", "runs.csv", "--now", NOW];
    assert_eq!(folder.run(&by_rule).done(), out);
    let out = folder.run(&["explain", "plan.json", "2"]).done();
    assert!(out.starts_with("`2` is kept: 1 row is dropped for it"), "{out}");
    let plan = folder.read("plan.json");
    let out = folder.feed(&["explain", "-", "3", "--format", "json"], plan.as_bytes()).done();
    assert!(out.contains("\"decision\": \"absent\""), "{out}");

    folder.write("altered.json", plan.replace("\"keep\": 2", "\"keep\": 3"));
    let err = folder.run(&["explain", "altered.json", "1"]).failed(3);
    assert!(err.contains("the plan is not what its digest says"), "{err}");
    let err = folder.run(&["explain", "altered.json", "1", "--format", "json"]).failed(3);
    assert!(err.contains("\"code\": \"plan.altered\""), "{err}");
    folder.write("bytes.json", b"\xff\xfe");
    let err = folder.run(&["explain", "bytes.json", "1"]).failed(1);
    assert!(err.contains("cannot read `bytes.json`: it is not UTF-8"), "{err}");
}

#[test]
fn exit_codes_say_whether_there_is_something_to_drop() {
    let folder = folder("exit_codes_say_whether_there_is_something_to_drop");
    let detailed = [&PLAN[..], &["--detailed-exitcode"]].concat();
    assert_eq!(folder.run(&detailed).code, Some(2));
    let none = [&detailed[..], &["--set", "window=1m"]].concat();
    assert_eq!(folder.run(&none).code, Some(0));
}

#[test]
fn two_runs_say_the_same() {
    let folder = folder("two_runs_say_the_same");
    for command in ["plan", "sweep"] {
        for format in ["text", "json"] {
            let run = [&[command], &PLAN[1..], &["--format", format]].concat();
            assert_eq!(folder.run(&run).done(), folder.run(&run).done());
        }
    }
}

#[test]
fn a_policy_of_any_shape_is_answered() {
    let folder = folder("a_policy_of_any_shape_is_answered");
    let long = "x".repeat(1_000_000);
    let policies = [
        ("long.toml", format!("[dedupe.runs]\nkey = [\"a\"]\ntime = \"b\"\nwindow = \"{long}\"\n")),
        (
            "crlf.toml",
            "[dedupe.runs]\r\nkey = [\"a\"]\r\ntime = \"b\"\r\nwidnow = \"c\"\r\n".into(),
        ),
        (
            "wide.toml",
            "[dedupe.\"ü ü\"]\nkey = [\"日本\"]\ntime = \"b\"\nwidnow = \"\\u001b[31m\"\n".into(),
        ),
        ("open.toml", "[dedupe.runs]\nkey = \"\"\"\na\nb\n".into()),
        ("open.json", "{\"dedupe\": {\"runs\": {\"key\": [\"a\",\n\n".into()),
        ("list.json", "[]".into()),
    ];
    for (name, policy) in policies {
        folder.write(name, policy);
        let err = folder.run(&["validate", "--policy", name]).failed(1);
        assert!(err.starts_with("error: ") && err.len() < 5000, "{name}: {err}");
        assert!(err.contains(&format!("--> {name}:")), "{name}: {err}");
        assert!(!err.contains('\u{1b}'), "{name}: {err}");
    }
    folder.write("bytes.toml", b"# \xff\n");
    let err = folder.run(&["validate", "--policy", "bytes.toml"]).failed(1);
    assert!(err.contains("it is not UTF-8"), "{err}");
}
