//! What only a process has: pipes, devices, and a terminal that is none.

#![expect(clippy::unwrap_used, reason = "a test that cannot run has failed")]

mod common;

use std::fs::File;
use std::io::Read;
use std::process::{Command, Stdio};

use common::{CSV, Folder, JSON, NOW};

/// Rows enough for a plan of more than a pipe holds.
fn many_rows() -> String {
    let mut csv = String::from("id,task_id,commit_hash,started_at\n");
    for n in 0..20_000 {
        csv.push_str(&format!("{n},task-{},4a65fc1,2026-02-13T01:00:00Z\n", n / 2));
    }
    csv
}

/// Runs it with a stdout that is closed after its first bytes; gives exit code and stderr.
fn cut_short(mut command: Command) -> (Option<i32>, String) {
    command.stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().unwrap();
    let mut first = [0; 1];
    child.stdout.take().unwrap().read_exact(&mut first).unwrap();
    let output = child.wait_with_output().unwrap();
    (output.status.code(), String::from_utf8(output.stderr).unwrap())
}

#[test]
fn a_closed_stdout_is_no_error() {
    let folder = Folder::new("a_closed_stdout_is_no_error");
    folder.write("runs.csv", many_rows());
    let plan = ["plan", "runs", "--input", "runs.csv", "--now", NOW, "--format", "json"];
    assert_eq!(cut_short(folder.command(&["schema"])), (Some(0), String::new()));
    assert_eq!(cut_short(folder.command(&["completions", "bash"])), (Some(0), String::new()));
    assert_eq!(cut_short(folder.command(&["--help"])), (Some(0), String::new()));
    assert_eq!(cut_short(folder.command(&plan)), (Some(0), String::new()));
    // What was asked for is still said.
    let detailed = [&plan[..], &["--detailed-exitcode"]].concat();
    assert_eq!(cut_short(folder.command(&detailed)), (Some(2), String::new()));
}

#[test]
#[cfg(target_os = "linux")]
fn a_full_disk_is_an_error() {
    let folder = Folder::new("a_full_disk_is_an_error");
    folder.write("runs.csv", CSV);
    for format in ["text", "json"] {
        let plan = ["plan", "runs", "--input", "runs.csv", "--now", NOW, "--format", format];
        let full = File::options().write(true).open("/dev/full").unwrap();
        let output = folder.command(&plan).stdout(full).output().unwrap();
        assert_eq!(output.status.code(), Some(1));
        let err = String::from_utf8(output.stderr).unwrap();
        assert!(err.contains("cannot write `stdout`: no space is left"), "{err}");
    }
}

#[test]
fn a_pipe_gets_no_colours_and_no_progress() {
    let folder = Folder::new("a_pipe_gets_no_colours_and_no_progress");
    folder.write("runs.csv", CSV);
    let rows = ["runs", "--input", "runs.csv", "--now", NOW];
    for command in ["plan", "sweep"] {
        let out = folder.run(&[&[command], &rows[..]].concat()).done();
        assert!(!out.contains('\u{1b}'), "{out}");
    }
    let err = folder.run(&["plan", "runs", "--input", "nowhere.csv"]).failed(1);
    assert!(err.starts_with("error: ") && !err.contains('\u{1b}'), "{err}");
    let forced = folder
        .command(&["plan", "runs", "--input", "runs.csv", "--now", NOW])
        .env("CLICOLOR_FORCE", "1")
        .output()
        .unwrap();
    assert!(String::from_utf8(forced.stdout).unwrap().contains("\u{1b}[1m"));
}

#[test]
fn stdin_is_looked_at() {
    let folder = Folder::new("stdin_is_looked_at");
    let data = format!("{{\"data\": {JSON}, \"next\": null}}");
    let lines = JSON.trim_matches(['[', ']', '\n']).replace("},", "}");
    let marked = format!("\u{feff}{JSON}");
    let plan = ["plan", "runs", "--input", "-", "--now", NOW, "--format", "json"];
    for input in [JSON, &data, &lines, &marked] {
        let out = folder.feed(&plan, input.as_bytes()).done();
        assert!(out.contains("\"drop_ids\": [\n    \"1\"\n  ]"), "{input}\n{out}");
        assert!(out.contains("\"stdin\": \"sha256:"), "{out}");
    }
    let err = folder.feed(&plan[..6], CSV.as_bytes()).failed(1);
    assert!(err.contains("cannot tell the format of `stdin`"), "{err}");
    let err = folder.feed(&plan[..6], b"").failed(1);
    assert!(err.contains("the input is empty"), "{err}");
    let named = [&plan[..], &["--input-format", "csv"]].concat();
    assert!(folder.feed(&named, CSV.as_bytes()).done().contains("\"drop\": 1,"));
}

#[test]
fn the_digest_is_of_all_bytes() {
    let folder = Folder::new("the_digest_is_of_all_bytes");
    let csv = many_rows();
    folder.write("runs.csv", &csv);
    let named = ["--now", NOW, "--format", "json", "--input-format", "csv"];
    let by_file =
        folder.run(&[&["plan", "runs", "--input", "runs.csv"], &named[..]].concat()).done();
    let by_pipe =
        folder.feed(&[&["plan", "runs", "--input", "-"], &named[..]].concat(), csv.as_bytes());
    let digest = |plan: &str| {
        let at = plan.find("sha256:").unwrap();
        plan[at..at + "sha256:".len() + 64].to_owned()
    };
    assert_eq!(digest(&by_file), digest(&by_pipe.done()));
    // What `sha256sum` says, the line break after the rows included.
    folder.write("one.json", "[]\n");
    let one =
        folder.run(&["plan", "runs", "--input", "one.json", "--now", NOW, "--format", "json"]);
    let empty = "sha256:37517e5f3dc66819f61f5a7bb8ace1921282415f10551d2defa5c3eb0985b570";
    assert_eq!(digest(&one.done()), empty);
}

#[test]
fn a_bad_row_is_reported_before_the_pipe_ends() {
    let folder = Folder::new("a_bad_row_is_reported_before_the_pipe_ends");
    let mut command = folder.command(&["plan", "runs", "--input", "-", "--input-format", "csv"]);
    command.stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::piped());
    let mut child = command.spawn().unwrap();
    let mut stdin = child.stdin.take().unwrap();
    let mut csv = String::from("id,task_id,commit_hash,started_at\n1,a,b,yesterday\n");
    csv.push_str(&"2,a,b,2026-02-13T01:00:00Z\n".repeat(20_000));
    std::io::Write::write_all(&mut stdin, csv.as_bytes()).ok();
    // The pipe stays open, and the program ends all the same.
    let output = child.wait_with_output().unwrap();
    drop(stdin);
    assert_eq!(output.status.code(), Some(1));
    assert!(String::from_utf8(output.stderr).unwrap().contains("`yesterday` is no time"));
}
