//! The program on real servers: the runbook, what it refuses, and what is left of it when it is killed.

#![cfg(any(target_os = "linux", target_os = "macos"))]
#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a test that cannot run has failed"
)]

mod common;

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;
use std::process::{Command, Output, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use common::{Folder, NOW};
use housekeep_tests::database::{Database, servers};

const SCENARIOS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../tests/scenarios");

/// El Ruso's database, with so many runs, and a folder with his policy.
fn elruso(test: &str, server: &str, runs: u32) -> (Database, Folder) {
    of_system("elruso", "policy.toml", test, server, runs)
}

/// The database of a system, with so many rows of what it makes most of, and a folder with a policy of it.
fn of_system(
    system: &str,
    policy: &str,
    test: &str,
    server: &str,
    rows: u32,
) -> (Database, Folder) {
    let database = Database::new(server);
    let read = |file: &str| fs::read_to_string(format!("{SCENARIOS}/{system}/{file}")).unwrap();
    let mut client = database.connect();
    client.batch_execute(&read("schema.sql")).unwrap();
    client.batch_execute(&read("fill.sql").replace(":rows", &rows.to_string())).unwrap();
    let folder = Folder::new(test);
    folder.write("housekeep.toml", read(policy));
    (database, folder)
}

fn command(folder: &Folder, database: &Database, arguments: &[&str]) -> Command {
    let mut command = folder.command(arguments);
    command.env("DATABASE_URL", database.url()).args(["--now", NOW]);
    command
}

fn run(folder: &Folder, database: &Database, arguments: &[&str]) -> Output {
    let ran = command(folder, database, arguments).output().unwrap();
    assert!(ran.status.success(), "{arguments:?}: {}", String::from_utf8_lossy(&ran.stderr));
    ran
}

/// The one text of a query.
fn ask(database: &Database, sql: &str) -> String {
    database.connect().query_one(sql, &[]).unwrap().get(0)
}

fn count(database: &Database) -> String {
    ask(
        database,
        "SELECT (SELECT count(*) FROM run_logs) || ' ' || (SELECT count(*) FROM run_steps)
            || ' ' || (SELECT count(*) FROM file_changes)",
    )
}

/// The same once the server has ended what a killed program had begun, which it notices in time.
fn settled(database: &Database) -> String {
    let others = "SELECT count(*)::text FROM pg_stat_activity
        WHERE datname = current_database() AND application_name = 'housekeep'";
    while ask(database, others) != "0" {
        thread::sleep(Duration::from_millis(1));
    }
    count(database)
}

/// What `pg_dump` writes of the data, with the rows of each table in their order: those of a heap have none.
fn dump(database: &Database) -> Vec<String> {
    let programs = std::env::var("HOUSEKEEP_TEST_POSTGRES_BIN").unwrap_or_default();
    let program = Path::new(&programs).join("pg_dump");
    let arguments = ["--data-only", "--restrict-key=x", &database.url()];
    let dumped = Command::new(program).args(arguments).output().unwrap();
    assert!(dumped.status.success(), "{}", String::from_utf8_lossy(&dumped.stderr));
    let text = String::from_utf8(dumped.stdout).unwrap();
    let mut lines: Vec<String> = Vec::new();
    let mut copied: Option<Vec<String>> = None;
    for line in text.lines() {
        match &mut copied {
            None => {
                copied = line.starts_with("COPY ").then(Vec::new);
                lines.push(line.into());
            }
            Some(rows) if line == "\\." => {
                rows.sort();
                lines.append(rows);
                lines.push(line.into());
                copied = None;
            }
            Some(rows) => rows.push(line.into()),
        }
    }
    assert!(lines.len() > 1000, "{} lines were dumped", lines.len());
    lines
}

fn sha256(folder: &Folder) -> String {
    let plan: serde_json::Value = serde_json::from_str(&folder.read("plan.json")).unwrap();
    plan["sha256"].as_str().unwrap().to_owned()
}

/// A plan, and the export of its rows.
fn planned(folder: &Folder, database: &Database) -> String {
    run(folder, database, &["plan", "runs", "--output", "plan.json"]);
    run(folder, database, &["export", "runs", "--plan", "plan.json", "--out", "backup"]);
    sha256(folder)
}

/// What the README shows of the runbook is what is printed, and in the end all is as it was (E4, E5, E6, E9).
#[test]
fn the_runbook_of_the_readme_is_true() {
    let readme = fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/../README.md")).unwrap();
    let start = readme.find("```text\n$ housekeep plan runs").unwrap() + "```text\n".len();
    let shown = &readme[start..];
    let shown = &shown[..shown.find("```").unwrap()];
    for server in servers() {
        let (database, folder) = elruso("runbook", &server, 200);
        let before = dump(&database);
        let mut printed = String::new();
        let commands: Vec<&str> =
            shown.lines().filter_map(|line| line.strip_prefix("$ housekeep ")).collect();
        assert!(commands.len() > 5);
        for line in commands {
            let digest = fs::read_to_string(folder.path("plan.json")).ok().map(|_| sha256(&folder));
            let full = line.replace("5f0c…", digest.as_deref().unwrap_or_default());
            let arguments: Vec<&str> = full.split(' ').collect();
            let ran = run(&folder, &database, &arguments);
            printed.push_str(&format!("$ housekeep {line}\n"));
            let text = String::from_utf8(ran.stdout).unwrap().replace(database.name(), "elruso");
            printed.push_str(&text);
        }
        if std::env::var_os("HOUSEKEEP_BLESS").is_some() {
            let blessed = readme.replace(shown, &printed);
            fs::write(concat!(env!("CARGO_MANIFEST_DIR"), "/../README.md"), blessed).unwrap();
        } else {
            assert_eq!(printed, shown);
        }
        assert_eq!(dump(&database), before);
    }
}

#[test]
fn a_person_is_asked_and_without_one_it_has_to_be_said() {
    let server = servers().remove(0);
    let (database, folder) = elruso("asked", &server, 400);
    let sha256 = planned(&folder, &database);
    let all = count(&database);
    let typed = |line: &str| {
        let mut command = Command::new("python3");
        command
            .arg(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/common/typed.py"))
            .args([line, env!("CARGO_BIN_EXE_housekeep"), "apply", "plan.json"])
            .args(["--export", "backup", "--now", NOW])
            .current_dir(folder.path("."))
            .env("DATABASE_URL", database.url());
        let ran = command.output().unwrap();
        (ran.status.code(), String::from_utf8(ran.stdout).unwrap())
    };
    let (code, shown) = typed("yes");
    assert_eq!(code, Some(3), "{shown}");
    assert!(shown.contains("`yes-delete` was not typed"), "{shown}");
    assert_eq!(count(&database), all);

    // Nobody is there to be asked.
    for (arguments, said) in [
        (vec![], "nobody can be asked here"),
        (vec!["--confirm", "yes-delete"], "--plan-sha256"),
        (vec!["--confirm", "yes-delete", "--plan-sha256", "0"], "was expected"),
    ] {
        let arguments = [vec!["apply", "plan.json", "--export", "backup"], arguments].concat();
        let ran = command(&folder, &database, &arguments).output().unwrap();
        let told = String::from_utf8_lossy(&ran.stderr).into_owned();
        assert!(told.contains(said), "{arguments:?}: {told}");
        assert!(matches!(ran.status.code(), Some(3 | 64)), "{told}");
        assert_eq!(count(&database), all);
    }
    // Without an export nothing is even asked.
    let ran = command(&folder, &database, &["apply", "plan.json"]).output().unwrap();
    assert_eq!(ran.status.code(), Some(64));

    let (code, shown) = typed("yes-delete");
    assert_eq!(code, Some(0), "{shown}");
    assert!(shown.contains(&sha256) && shown.contains("of public.run_logs in the database"));
    assert!(shown.contains("and with them"), "{shown}");
    assert_ne!(count(&database), all);
}

/// Killed at random moments, each time nothing or all is gone, what is gone was written down, and running it
/// again finishes.
#[test]
fn killed_at_any_moment_nothing_is_lost() {
    const KILLS: u32 = 200;
    let server = servers().remove(0);
    let (database, folder) = elruso("killed", &server, 400);
    let sha256 = planned(&folder, &database);
    let plan: serde_json::Value = serde_json::from_str(&folder.read("plan.json")).unwrap();
    let dropped: BTreeSet<String> =
        plan["drop_ids"].as_array().unwrap().iter().map(|id| id.as_str().unwrap().into()).collect();
    let all = count(&database);
    let apply = ["apply", "plan.json", "--export", "backup", "--confirm", "yes-delete"];
    let apply = [&apply[..], &["--plan-sha256", &sha256]].concat();
    let restore = ["restore", "backup", "--confirm", "yes-restore"];

    let timed = || {
        let begun = Instant::now();
        run(&folder, &database, &apply);
        begun.elapsed()
    };
    let mut whole = timed();
    let gone = count(&database);
    assert_ne!(gone, all);
    run(&folder, &database, &restore);
    assert_eq!(count(&database), all);

    let (mut nothing, mut everything) = (0, 0);
    for n in 0..KILLS {
        // Moments that are spread over all of it and a little more, each another; how long it takes changes with
        // the table, whose dead rows grow, and with what else the machine does.
        let moment = whole.mul_f64(1.3 * f64::from((n * 73) % KILLS) / f64::from(KILLS));
        let mut child = command(&folder, &database, &apply).stdout(Stdio::null()).spawn().unwrap();
        thread::sleep(moment);
        child.kill().unwrap();
        child.wait().unwrap();
        let now = settled(&database);
        assert!(now == all || now == gone, "after {moment:?}: {now}");
        if now == gone {
            everything += 1;
            let kept = folder.names_in("backup").into_iter().any(|name| {
                let file = folder.path(&format!("backup/{name}/run_logs.json"));
                let rows: Option<Vec<serde_json::Value>> =
                    fs::read_to_string(file).ok().and_then(|text| serde_json::from_str(&text).ok());
                let ids = rows.map(|rows| {
                    rows.iter().map(|row| row["id"].as_str().unwrap().to_owned()).collect()
                });
                ids.as_ref() == Some(&dropped)
            });
            assert!(kept, "what is gone was not written down");
            run(&folder, &database, &apply);
        } else {
            nothing += 1;
            whole = timed();
        }
        assert_eq!(count(&database), gone);
        run(&folder, &database, &restore);
        assert_eq!(count(&database), all);
    }
    assert!(nothing > 20 && everything > 5, "{nothing} and {everything}");
}

#[test]
fn what_batches_removed_is_put_back_from_where_it_is_said_to_be() {
    let server = servers().remove(0);
    let (database, folder) = elruso("kept", &server, 400);
    let sha256 = planned(&folder, &database);
    let all = dump(&database);
    let apply = ["apply", "plan.json", "--export", "backup", "--confirm", "yes-delete"];
    let apply = [&apply[..], &["--plan-sha256", &sha256, "--batch", "3", "--jobs", "2"]].concat();
    let said = run(&folder, &database, &apply);
    let said = String::from_utf8(said.stdout).unwrap();
    let (_, hint) = said.split_once("housekeep restore ").unwrap();
    assert_eq!(hint.trim(), "backup/apply-1");
    assert!(dump(&database) != all);
    assert!(folder.names_in("backup/apply-1").len() > 3);
    // What one of the transactions removed, and then all.
    let restore = ["restore", "backup/apply-1/batch-0002", "--confirm", "yes-restore"];
    run(&folder, &database, &restore);
    assert!(dump(&database) != all);
    let restore = ["restore", "backup/apply-1", "--confirm", "yes-restore", "--format", "json"];
    let restored = run(&folder, &database, &restore);
    let restored: serde_json::Value = serde_json::from_slice(&restored.stdout).unwrap();
    assert!(restored["tables"][0]["identical"].as_u64().unwrap() >= 3, "{restored}");
    assert_eq!(dump(&database), all);
}

#[test]
fn batches_that_are_killed_are_finished_by_running_it_again() {
    let server = servers().remove(0);
    let (database, folder) = elruso("batches", &server, 1500);
    let sha256 = planned(&folder, &database);
    let all = count(&database);
    let apply = ["apply", "plan.json", "--export", "backup", "--confirm", "yes-delete", "--batch"];
    let apply = [&apply[..], &["1", "--plan-sha256", &sha256]].concat();
    let together = [&apply[..], &["--jobs", "3"]].concat();
    let mut left = all.clone();
    for n in 0..10 {
        let apply = if n % 2 == 0 { &apply } else { &together };
        let mut child = command(&folder, &database, apply).stdout(Stdio::null()).spawn().unwrap();
        // As soon as something of this run is seen to be gone.
        while count(&database) == left {
            assert!(child.try_wait().unwrap().is_none(), "ended, and {left} are left");
        }
        child.kill().unwrap();
        child.wait().unwrap();
        left = settled(&database);
    }
    run(&folder, &database, &together);
    run(&folder, &database, &["restore", "backup", "--confirm", "yes-restore"]);
    assert_eq!(count(&database), all);
}

#[test]
fn rows_that_two_columns_name_go_and_come_back() {
    for server in servers() {
        let (database, folder) = of_system("facturapi", "webhooks.toml", "webhooks", &server, 600);
        let all = dump(&database);
        run(&folder, &database, &["plan", "webhooks", "--output", "plan.json"]);
        let plan: serde_json::Value = serde_json::from_str(&folder.read("plan.json")).unwrap();
        let first = plan["drop_ids"][0].as_str().unwrap();
        let parts: [String; 2] = serde_json::from_str(first).unwrap();
        assert_eq!(parts[0], "acme", "{first}");
        let told = run(&folder, &database, &["explain", "plan.json", first]);
        assert!(String::from_utf8_lossy(&told.stdout).contains("is dropped"), "{told:?}");
        run(&folder, &database, &["export", "webhooks", "--plan", "plan.json", "--out", "backup"]);
        let sha256 = sha256(&folder);
        let apply = ["apply", "plan.json", "--export", "backup", "--confirm", "yes-delete"];
        run(&folder, &database, &[&apply[..], &["--plan-sha256", &sha256]].concat());
        let left = ask(&database, "SELECT count(*)::text FROM webhook_events");
        assert_eq!(left, (600 - plan["drop"].as_u64().unwrap()).to_string());
        run(&folder, &database, &["verify", "webhooks"]);
        run(&folder, &database, &["restore", "backup", "--confirm", "yes-restore"]);
        assert_eq!(dump(&database), all);
    }
}

/// E11
#[test]
fn whatever_is_wrong_is_said_in_a_sentence() {
    for server in servers() {
        let (database, folder) = elruso("wrong", &server, 200);
        let url = database.url();
        let place = url.rsplit_once('@').unwrap().1.to_owned();
        let (host, name) = place.rsplit_once('/').unwrap();
        let refused = |url: &str, policy: &str, said: &str, code: i32| {
            folder.write("other.toml", policy);
            let arguments = ["plan", "runs", "--database", url, "--policy", "other.toml"];
            let ran = folder.run(&arguments);
            assert!(ran.err.contains(said), "{said}: {}", ran.err);
            assert!(ran.err.contains("help: "), "{}", ran.err);
            assert_eq!(ran.code, Some(code), "{}", ran.err);
            for secret in ["p@ss", "p%40ss", "hunter"] {
                assert!(!ran.err.contains(secret), "{}", ran.err);
            }
        };
        let policy = folder.read("housekeep.toml");
        let wrong = format!("postgres://housekeep:hunter2@{place}");
        refused(&wrong, &policy, "does not take the password of `housekeep`", 1);
        refused(&format!("postgres://housekeep@{place}"), &policy, "for a password", 1);
        refused("postgres://housekeep:hunter2@127.0.0.1:1/x", &policy, "cannot be reached", 1);
        refused("postgres://housekeep:hunter2@nowhere.invalid/x", &policy, "cannot be reached", 1);
        refused(&url.replace(name, "nothing_here"), &policy, "has no database `nothing_here`", 1);
        refused("postgres://a:hunter2@[", &policy, "the database URL cannot be read", 1);
        refused(&format!("{url}?sslmode=never"), &policy, "`never` is no sslmode", 1);
        refused(&format!("{url}?sslmode=require"), &policy, "cannot be reached", 1);
        refused(&url, &policy.replace("\"run_logs\"", "\"run_log\""), "has no table `run_log`", 1);
        refused(&url, &policy.replace("\"started_at\"", "\"begun\""), "has no column `begun`", 1);

        let role = format!("poor_{name}");
        let mut client = database.connect();
        client.batch_execute(&format!("CREATE ROLE {role} LOGIN PASSWORD 'hunter2'")).unwrap();
        let poor = format!("postgres://{role}:hunter2@{host}/{name}");
        refused(&poor, &policy, "permission denied for table run_logs", 1);
        client.batch_execute(&format!("DROP ROLE {role}")).unwrap();

        let mut bare = folder.command(&["export", "runs", "--out", "out"]);
        let ran = bare.env_remove("DATABASE_URL").output().unwrap();
        let told = String::from_utf8_lossy(&ran.stderr).into_owned();
        assert!(told.contains("set DATABASE_URL, or give --database URL"), "{told}");
        assert_eq!(ran.status.code(), Some(64));
    }
}

#[test]
fn a_standby_is_read_and_not_written_to() {
    let server = servers().remove(0);
    let standby = std::env::var("HOUSEKEEP_TEST_STANDBY_DATABASE_URL").unwrap();
    let (database, folder) = elruso("standby", &server, 200);
    let url = format!("{}/{}", standby.rsplit_once('/').unwrap().0, database.name());
    // It follows by itself.
    let arguments = ["plan", "runs", "--database", &url, "--output", "plan.json", "--now", NOW];
    let begun = Instant::now();
    while folder.run(&arguments).code != Some(0) {
        assert!(begun.elapsed() < Duration::from_secs(20), "the standby does not follow");
        thread::sleep(Duration::from_millis(100));
    }
    let export = ["export", "runs", "--plan", "plan.json", "--out", "backup", "--database", &url];
    let ran = folder.run(&export);
    assert_eq!(ran.code, Some(0), "{}", ran.err);
    let sha256 = sha256(&folder);
    let apply = ["apply", "plan.json", "--export", "backup", "--database", &url, "--now", NOW];
    let said = ["--confirm", "yes-delete", "--plan-sha256", &sha256];
    let ran = folder.run(&[&apply[..], &said[..]].concat());
    assert_eq!(ran.code, Some(3), "{}", ran.err);
    assert!(ran.err.contains("give the primary's URL"), "{}", ran.err);
    // What was made of the standby is applied to the primary: it is the same system.
    run(&folder, &database, &[&["apply", "plan.json", "--export", "backup"][..], &said].concat());
}
