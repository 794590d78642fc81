//! What happens beside an apply, with real connections: each time all of it goes, or nothing.

use std::thread::{self, JoinHandle};
use std::time::Duration;

use housekeep::apply::{Apply, Outcome, Step, Way};
use housekeep::plan::Plan;
use postgres::error::SqlState;

use super::{RUNS, TABLES, World, json, now, on_each_server, ready};
use housekeep_tests::database::servers;

/// The code of the error that an apply ends with, while something is done before its first step of a kind.
pub(super) fn meanwhile(world: &mut World, plan: &Plan, when: &str, sql: &str) -> Option<String> {
    let mut other = world.connect();
    let mut is_done = false;
    let apply = world.applying(plan);
    let answer = world.driver.run_with(apply.machine(), |_, step| {
        if !is_done && says(step).contains(when) {
            other.batch_execute(sql).unwrap();
            is_done = true;
        }
        None
    });
    assert!(is_done, "there was no step like {when}");
    answer.err().map(|error| error.code().as_str().to_owned())
}

pub(super) fn says(step: &Step) -> String {
    match step {
        Step::Exec(statement) => statement.sql.clone(),
        Step::Confirm(_) => "confirm".into(),
        Step::Commit(_) => "commit".into(),
        _ => String::new(),
    }
}

#[test]
fn runs_that_arrive_meanwhile_break_nothing() {
    on_each_server(|server| {
        let (mut world, plan) = ready(server);
        let arrive = "INSERT INTO runs SELECT max(id) + 1, 'T1', now(), 'new' FROM runs";
        let mut other = world.connect();
        let apply = world.applying(&plan);
        // A new run of a busy key before every single step.
        let applied = world.driver.run_with(apply.machine(), |_, _| {
            other.batch_execute(arrive).unwrap();
            None
        });
        assert_eq!(json(&applied.unwrap())["outcome"], "applied");
        let rows = world.rows("runs");
        assert!(rows.len() > 40 && plan.drop_ids().len() == 40);
        assert_eq!(rows.iter().filter(|row| !row.contains("new")).count(), 20);
    });
}

#[test]
fn a_keeper_that_goes_or_a_row_that_changes_keeps_all_of_it() {
    on_each_server(|server| {
        for sql in [
            "DELETE FROM steps WHERE run_id = 59; DELETE FROM runs WHERE id = 59",
            "UPDATE runs SET at = at + interval '1 hour' WHERE id = 59",
            "UPDATE runs SET task = 'other' WHERE id = 19",
            "UPDATE runs SET at = at - interval '1 second' WHERE id = 19",
        ] {
            let (mut world, plan) = ready(server);
            let code = meanwhile(&mut world, &plan, "confirm", sql);
            assert_eq!(code.as_deref(), Some("apply.rows_changed"), "{sql}");
            assert!(world.rows("runs").len() >= 59);
            let apply = world.applying(&plan).skip_changed(true);
            let applied = json(&world.driver.run(apply.machine()).unwrap());
            let changed = applied["changed"].as_u64().unwrap();
            assert!((1..=2).contains(&changed), "{applied}");
            assert_eq!(applied["removed"][1]["rows"].as_u64().unwrap(), 40 - changed);
        }
    });
}

/// Rows that are not locked before they go are judged by what their removal gives back.
#[test]
fn a_row_that_changes_at_the_last_moment_keeps_all_of_it() {
    on_each_server(|server| {
        for (sql, expected) in [
            ("UPDATE runs SET task = 'other' WHERE id = 19", "apply.rows_changed"),
            ("UPDATE runs SET at = at - interval '1 second' WHERE id = 19", "apply.rows_changed"),
            ("UPDATE runs SET note = 'other' WHERE id = 19", "apply.no_export"),
        ] {
            let (mut world, plan) = ready(server);
            let code = meanwhile(&mut world, &plan, "DELETE FROM", sql);
            assert_eq!(code.as_deref(), Some(expected), "{sql}");
            assert_eq!((world.rows("runs").len(), world.rows("steps").len()), (60, 120));
        }
        // What goes at the last moment is seen to be gone, and the others go.
        let (mut world, plan) = ready(server);
        let mut other = world.connect();
        let (mut begins, mut is_done) = (0, false);
        let apply = world.applying(&plan);
        let applied = world.driver.run_with(apply.machine(), |_, step| {
            begins += u32::from(matches!(step, Step::Begin(_)));
            if !is_done && says(step).contains("DELETE FROM") {
                is_done = true;
                let gone = "DELETE FROM steps WHERE run_id = 3; DELETE FROM runs WHERE id = 3";
                other.batch_execute(gone).unwrap();
            }
            None
        });
        let applied = json(&applied.unwrap());
        assert_eq!((&applied["gone"], &applied["removed"][1]["rows"]), (&1.into(), &39.into()));
        assert_eq!((begins, &applied["manifest"]), (3, &"try-2/manifest.json".into()));
    });
}

#[test]
fn rows_that_are_gone_are_left_out() {
    on_each_server(|server| {
        let (mut world, plan) = ready(server);
        let mut other = world.connect();
        other
            .batch_execute("DELETE FROM steps WHERE run_id = 3; DELETE FROM runs WHERE id = 3")
            .unwrap();
        let applied = json(&world.apply(&plan).unwrap());
        assert_eq!((&applied["gone"], &applied["removed"][1]["rows"]), (&1.into(), &39.into()));
        let again = json(&world.apply(&plan).unwrap());
        assert_eq!(again["outcome"], "already_applied");
    });
}

/// What is seen of keys and triggers holds until the end.
#[test]
fn tables_stay_as_they_were_seen() {
    on_each_server(|server| {
        let (mut world, plan) = ready(server);
        let mut other = world.connect();
        let mut refused = 0;
        let apply = world.applying(&plan);
        let applied = world.driver.run_with(apply.machine(), |_, step| {
            if says(step).contains("DELETE FROM") {
                let change = "SET lock_timeout = '20ms'; ALTER TABLE runs DISABLE TRIGGER ALL";
                let error = other.batch_execute(change).unwrap_err();
                assert_eq!(error.code(), Some(&SqlState::LOCK_NOT_AVAILABLE));
                refused += 1;
            }
            None
        });
        assert_eq!(json(&applied.unwrap())["outcome"], "applied");
        assert_eq!(refused, 2);
    });
}

#[test]
fn a_trigger_that_swallows_a_delete_is_found_out() {
    on_each_server(|server| {
        let (mut world, plan) = ready(server);
        let mut other = world.connect();
        other
            .batch_execute(
                "CREATE FUNCTION keep() RETURNS trigger LANGUAGE plpgsql AS
                    $$ BEGIN IF OLD.id = 3 THEN RETURN NULL; END IF; RETURN OLD; END $$;
                 CREATE TRIGGER keep BEFORE DELETE ON runs FOR EACH ROW EXECUTE FUNCTION keep()",
            )
            .unwrap();
        for way in [Way::Rehearse, Way::Apply] {
            let apply = world.applying(&plan).way(way);
            let error = world.driver.run(apply.machine()).unwrap_err();
            assert_eq!(error.code().as_str(), "apply.not_verified");
            assert_eq!((world.rows("runs").len(), world.rows("steps").len()), (60, 120));
        }
        let dry = world.applying(&plan).way(Way::DryRun);
        let dry = json(&world.driver.run(dry.machine()).unwrap());
        assert_eq!(dry["warnings"][0], "public.runs has triggers that fire: keep");
    });
}

/// What a trigger puts back, or takes besides, is found out, wherever it fires.
#[test]
fn a_trigger_that_does_more_is_found_out() {
    on_each_server(|server| {
        for (on, does) in [
            ("runs", "INSERT INTO runs SELECT OLD.*"),
            ("steps", "DELETE FROM steps WHERE run_id = 59; DELETE FROM runs WHERE id = 59"),
        ] {
            let (mut world, plan) = ready(server);
            let mut other = world.connect();
            let trigger = format!(
                "CREATE FUNCTION more() RETURNS trigger LANGUAGE plpgsql AS
                    $$ BEGIN IF pg_trigger_depth() = 1 THEN {does}; END IF; RETURN NULL; END $$;
                 CREATE TRIGGER more AFTER DELETE ON {on} FOR EACH ROW EXECUTE FUNCTION more()"
            );
            other.batch_execute(&trigger).unwrap();
            world.export("runs", &plan);
            let before = (world.rows("runs"), world.rows("steps"));
            let error = world.apply(&plan).unwrap_err();
            assert_eq!(error.code().as_str(), "apply.not_verified", "{on}: {error}");
            assert_eq!((world.rows("runs"), world.rows("steps")), before, "{on}");
        }
    });
}

/// What is put off until the commit is done before, so that it is proved as well, and rehearsed.
#[test]
fn a_trigger_that_is_put_off_is_found_out() {
    on_each_server(|server| {
        let (mut world, plan) = ready(server);
        let trigger = "CREATE FUNCTION more() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
                 DELETE FROM steps WHERE run_id = 59; DELETE FROM runs WHERE id = 59; RETURN NULL;
             END $$;
             CREATE CONSTRAINT TRIGGER more AFTER DELETE ON runs DEFERRABLE INITIALLY DEFERRED
                 FOR EACH ROW WHEN (OLD.id = 3) EXECUTE FUNCTION more()";
        world.connect().batch_execute(trigger).unwrap();
        for way in [Way::Rehearse, Way::Apply] {
            let apply = world.applying(&plan).way(way);
            let error = world.driver.run(apply.machine()).unwrap_err();
            assert_eq!(error.code().as_str(), "apply.not_verified", "{error}");
            assert_eq!((world.rows("runs").len(), world.rows("steps").len()), (60, 120));
        }
    });
}

/// Rows that stay for others to go, such as those that a floor counts, stay until these have gone.
#[test]
fn rows_that_are_counted_cannot_go_meanwhile() {
    let tables =
        "CREATE TABLE items (id int PRIMARY KEY, at timestamptz NOT NULL, kind text NOT NULL);
        INSERT INTO items SELECT n, timestamptz '2026-01-12 00:00Z' - n * interval '1 day', 'a'
        FROM generate_series(0, 9) n;";
    let policy = "[retention.items]\ntable = \"items\"\ntime = \"at\"\nby = [\"kind\"]\n\
                  limit = { age = \"7d\" }\nfloor = { count = 3 }\n";
    on_each_server(|server| {
        let mut world = World::new(server, tables, policy);
        let plan = world.plan("items");
        assert_eq!(plan.drop_count(), 7);
        world.export("items", &plan);
        let mut other = world.connect();
        let mut said = None;
        let apply = world.applying(&plan);
        let applied = world.driver.run_with(apply.machine(), |_, step| {
            if says(step).contains("DELETE FROM") {
                let goes = "SET lock_timeout = '50ms'; DELETE FROM items WHERE id = 0";
                said = other.batch_execute(goes).unwrap_err().code().cloned();
            }
            None
        });
        assert_eq!(json(&applied.unwrap())["outcome"], "applied");
        assert_eq!((said, world.rows("items").len()), (Some(SqlState::LOCK_NOT_AVAILABLE), 3));
    });
}

/// A row that came in place of a planned one is another.
#[test]
fn a_row_that_was_replaced_stays() {
    let tables = "CREATE TABLE items (id int PRIMARY KEY, at timestamptz NOT NULL);
        INSERT INTO items SELECT n, timestamptz '2026-01-12 00:00Z' - n * interval '1 day'
        FROM generate_series(0, 9) n;";
    let policy = "[retention.items]\ntable = \"items\"\ntime = \"at\"\n\
                  limit = { age = \"7d\" }\nfloor = { count = 3 }\n";
    let mut world = World::new(&servers()[0], tables, policy);
    let plan = world.plan("items");
    world.export("items", &plan);
    let url = world.database.url();
    let mut other = None;
    let apply = world.applying(&plan);
    let applied = world.driver.run_with(apply.machine(), |_, step| {
        if other.is_none() && says(step).contains("FOR UPDATE") {
            let replace = "DELETE FROM items WHERE id = 9;
                 INSERT INTO items VALUES (9, '2026-01-03 00:00Z')";
            other = Some(beside(&url, format!("BEGIN; {replace}; SELECT pg_sleep(1); COMMIT")));
        }
        None
    });
    other.unwrap().join().unwrap().unwrap();
    let applied = json(&applied.unwrap());
    assert_eq!((&applied["gone"], &applied["removed"][0]["rows"]), (&1.into(), &6.into()));
    assert_eq!(world.rows("items").len(), 4);
}

#[test]
fn rows_that_a_policy_of_the_servers_hides_are_an_error() {
    on_each_server(|server| {
        let (mut world, plan) = ready(server);
        let mut other = world.connect();
        let role = format!("hidden_{}", world.database.name());
        other
            .batch_execute(&format!(
                "CREATE ROLE {role} LOGIN PASSWORD 'x'; GRANT ALL ON ALL TABLES IN SCHEMA public TO {role};
                 ALTER TABLE runs ENABLE ROW LEVEL SECURITY;
                 CREATE POLICY half ON runs USING (id > 30)"
            ))
            .unwrap();
        let url = world.database.url();
        let place = url.rsplit_once('@').unwrap().1.to_owned();
        let files = std::mem::take(&mut world.driver.files);
        world.driver =
            housekeep_tests::driver::Driver::new(&format!("postgres://{role}:x@{place}"));
        world.driver.files = files;
        let error = world.apply(&plan).unwrap_err();
        assert_eq!(error.code().as_str(), "apply.database", "{error}");
        assert!(error.message().contains("42501"), "{error}");
        assert_eq!(world.rows("runs").len(), 60);
        let dropped = format!("DROP OWNED BY {role}; DROP ROLE {role}");
        other.batch_execute(&dropped).unwrap();
    });
}

#[test]
fn locks_of_others_are_waited_for_and_then_it_ends() {
    on_each_server(|server| {
        let (mut world, plan) = ready(server);
        let mut other = world.connect();
        let mut holder = other.transaction().unwrap();
        holder.execute("SELECT 1 FROM runs WHERE id = 3 FOR UPDATE", &[]).unwrap();
        let mut begins = 0;
        let apply = world.applying(&plan).lock_timeout("50ms".parse().unwrap_or_default());
        let error = world
            .driver
            .run_with(apply.machine(), |_, step| {
                begins += u32::from(matches!(step, Step::Begin(_)));
                None
            })
            .unwrap_err();
        assert!(error.message().contains("55P03"), "{error}");
        // To look, and then three times.
        assert_eq!(begins, 4);
        holder.rollback().unwrap();
        assert_eq!(json(&world.apply(&plan).unwrap())["outcome"], "applied");
    });
}

#[test]
fn a_deadlock_is_tried_again() {
    on_each_server(|server| {
        // We hold the rows that go, and it a keeper: each wants what the other has.
        let (mut world, plan) = ready(server);
        let url = world.database.url();
        let (mut other, mut begins) = (None, 0);
        let apply = world.applying(&plan).skip_changed(true);
        let apply = apply.lock_timeout("20s".parse().unwrap_or_default());
        let applied = world.driver.run_with(apply.machine(), |_, step| {
            begins += u32::from(matches!(step, Step::Begin(_)));
            if other.is_none() && says(step).contains("FOR SHARE") {
                let both = "UPDATE runs SET note = 'x' WHERE id = 59;
                     UPDATE runs SET note = 'x' WHERE id = 19";
                other = Some(beside(&url, format!("BEGIN; {both}; ROLLBACK")));
            }
            None
        });
        assert_eq!(json(&applied.unwrap())["outcome"], "applied");
        // To look, to be told of the deadlock, and again.
        assert_eq!(begins, 3);
        other.unwrap().join().unwrap().unwrap();
    });
}

/// Who changes a row and then its children meets those who remove the children first: they do not wait for him.
#[test]
fn others_do_not_end_in_a_deadlock() {
    on_each_server(|server| {
        let (mut world, plan) = ready(server);
        let url = world.database.url();
        let (mut other, mut begins) = (None, 0);
        let apply = world.applying(&plan);
        let applied = world.driver.run_with(apply.machine(), |_, step| {
            begins += u32::from(matches!(step, Step::Begin(_)));
            if other.is_none() && says(step).contains("DELETE FROM \"public\".\"runs\"") {
                let both = "UPDATE runs SET note = 'note 3' WHERE id = 3;
                     UPDATE steps SET name = 'step' WHERE run_id = 3";
                // It is told before we would be, and it would be the one that is ended.
                let sooner = "SET deadlock_timeout = '600ms'";
                other = Some(beside(&url, format!("{sooner}; BEGIN; {both}; COMMIT")));
            }
            None
        });
        assert_eq!(json(&applied.unwrap())["outcome"], "applied");
        // To look, not to wait, and again.
        assert_eq!((begins, world.rows("runs").len()), (3, 20));
        other.unwrap().join().unwrap().unwrap();
    });
}

/// Begins statements over a connection of their own, which is told of a deadlock late; and waits until they wait.
pub(super) fn beside(url: &str, sql: String) -> JoinHandle<Result<(), postgres::Error>> {
    let mut client = postgres::Client::connect(url, postgres::NoTls).unwrap();
    client.batch_execute("SET deadlock_timeout = '10s'").unwrap();
    let running = thread::spawn(move || client.batch_execute(&sql));
    thread::sleep(Duration::from_millis(300));
    running
}

#[test]
fn a_commit_whose_answer_is_lost_is_settled() {
    on_each_server(|server| {
        // The server's process ends before it commits: then it is done again.
        let (mut world, plan) = ready(server);
        let mut other = world.connect();
        let mut commits = 0;
        let apply = world.applying(&plan);
        let applied = world.driver.run_with(apply.machine(), |_, step| {
            commits += u32::from(matches!(step, Step::Commit(_)));
            if commits != 1 || !matches!(step, Step::Commit(_)) {
                return None;
            }
            let end = "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity
                WHERE datname = current_database() AND state = 'idle in transaction'";
            other.batch_execute(end).unwrap();
            Some(Outcome::Lost("cut".into()))
        });
        assert_eq!(json(&applied.unwrap())["outcome"], "applied");
        assert_eq!((commits, world.rows("runs").len()), (2, 20));
        // It commits, and the connection ends before it says so: then it is not.
        let (mut world, plan) = ready(server);
        let apply = world.applying(&plan);
        let applied = json(&world.driver.run_losing_commits(apply.machine()).unwrap());
        assert_eq!(applied["outcome"], "applied");
        assert_eq!(applied["transactions"].as_array().unwrap().len(), 1);
        assert_eq!(world.rows("runs").len(), 20);
        assert_eq!(json(&world.apply(&plan).unwrap())["outcome"], "already_applied");
    });
}

/// A server that starts again takes longer than a moment.
#[test]
fn a_server_is_waited_for() {
    let (mut world, plan) = ready(&servers()[0]);
    for (refusals, expected) in [(5, None), (1000, Some("apply.connection"))] {
        let (mut cut, mut refused) = (false, 0);
        let apply = world.applying(&plan);
        let applied = world.driver.run_with(apply.machine(), |_, step| {
            let is_lost = match step {
                Step::Exec(_) => !cut && says(step).contains("DELETE FROM"),
                Step::Reconnect => refused < refusals,
                _ => false,
            };
            cut |= is_lost;
            refused += u32::from(matches!(step, Step::Reconnect) && is_lost);
            is_lost.then(|| Outcome::Lost("starting up".into()))
        });
        let code = applied.err().map(|error| error.code().as_str());
        assert_eq!(code, expected);
        assert_eq!(world.rows("runs").len(), if code.is_none() { 20 } else { 60 });
        // What was said to be lost is there still, with its transaction.
        world.driver.reconnect();
        world.restore();
    }
}

#[test]
fn a_connection_that_is_cut_at_any_step_leaves_all_of_it_or_nothing() {
    on_each_server(|server| {
        let (mut world, plan) = ready(server);
        let before = (world.rows("runs"), world.rows("steps"));
        let mut other = world.connect();
        let (mut cut, mut applied) = (0, 0);
        for at in 0.. {
            let apply = world.applying(&plan);
            let mut steps = 0;
            let answer = world.driver.run_with(apply.machine(), |n, _| {
                steps = n;
                if n == at {
                    let end = "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity
                        WHERE datname = current_database() AND pid <> pg_backend_pid()";
                    other.batch_execute(end).unwrap();
                }
                None
            });
            match answer {
                // What is cut before anything was done is not tried again: nothing is lost by asking anew.
                Err(error) => {
                    assert_eq!(error.code().as_str(), "apply.connection", "step {at}: {error}");
                    assert_eq!((world.rows("runs"), world.rows("steps")), before, "step {at}");
                    world.driver.reconnect();
                }
                Ok(answer) => {
                    assert_eq!(json(&answer)["outcome"], "applied", "step {at}");
                    assert_eq!((world.rows("runs").len(), world.rows("steps").len()), (20, 40));
                    world.driver.reconnect();
                    world.restore();
                    applied += 1;
                }
            }
            if steps < at {
                break;
            }
            cut += 1;
        }
        assert!(cut > 30 && applied > 20, "{cut} were cut, {applied} were applied");
    });
}

#[test]
fn plans_of_elsewhere_or_made_by_hand_are_refused() {
    on_each_server(|server| {
        let (mut world, plan) = ready(server);
        // Another database with the same tables.
        let mut elsewhere = World::new(server, TABLES, RUNS);
        elsewhere.driver.files.clone_from(&world.driver.files);
        let error = elsewhere.apply(&plan).unwrap_err();
        assert_eq!(error.code().as_str(), "apply.other_database");
        // A plan of rows that are no duplicates, with a digest that is right.
        let rows = r#"[{"id": 0, "task": "T0", "at": "2026-02-12T00:00:00Z"},
            {"id": 25, "task": "T0", "at": "2026-02-12T00:04:00Z"}]"#;
        let rule = world.policy.rule("runs").unwrap();
        let table = housekeep::formats::Format::Json.read(rule.needs(), &mut rows.as_bytes());
        let made = rule.plan(
            &table.unwrap(),
            now(),
            plan.source().clone(),
            housekeep::plan::Detail::Drops,
            &housekeep::Control::new(),
        );
        let made = made.unwrap();
        assert_eq!(made.drop_count(), 1);
        world.export("runs", &made);
        let error = world.apply(&made).unwrap_err();
        assert_eq!(error.code().as_str(), "apply.rows_changed");
        assert_eq!(world.rows("runs").len(), 60);
        // One that was edited is not even read.
        let text = plan.to_json().replace("\"drop\": 40", "\"drop\": 41");
        assert_eq!(Plan::from_json(&text).unwrap_err().code().as_str(), "plan.altered");
        // A rule that is another by now.
        let other = housekeep::policy::Policy::from_toml(&RUNS.replace("10m", "9m")).unwrap();
        let error = Apply::new(plan, &other, None, now()).unwrap_err();
        assert_eq!(error.code().as_str(), "apply.stale_plan");
    });
}

#[test]
fn an_old_plan_is_refused_unless_it_may_be_that_old() {
    on_each_server(|server| {
        let (mut world, plan) = ready(server);
        let day = housekeep::time::Duration::from_mins(24 * 60);
        let later = now().saturating_add(day).saturating_add("1us".parse().unwrap());
        let apply = || Apply::new(plan.clone(), &world.policy, None, later).unwrap();
        let error = world.driver.run(apply().machine()).unwrap_err();
        assert_eq!(error.code().as_str(), "apply.stale_plan");
        assert!(world.driver.log.is_empty(), "nothing is asked of the database");
        let week = apply().oldest("7d".parse().unwrap());
        assert_eq!(json(&world.driver.run(week.machine()).unwrap())["outcome"], "applied");
    });
}
