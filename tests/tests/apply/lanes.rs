//! Parts of a plan, each in a transaction, and several at a time.

use std::collections::BTreeSet;

use housekeep::apply::{Machine, Outcome, Step};
use housekeep_tests::database::servers;
use serde_json::Value;

use super::{RUNS, TABLES, World, json, on_each_server, ready};

/// The first column of rows as they are in files whose names end like this.
fn ids(world: &World, file: &str) -> Vec<String> {
    let files = world.driver.written.iter().filter(|(name, _)| name.ends_with(file));
    let text = |bytes: &Vec<u8>| String::from_utf8(bytes.clone()).unwrap();
    let lines: Vec<String> = files
        .flat_map(|(_, bytes)| text(bytes).lines().map(str::to_owned).collect::<Vec<_>>())
        .collect();
    let rows = lines.iter().filter_map(|line| {
        let row: Value = serde_json::from_str(line.trim_end_matches(',')).ok()?;
        Some(row.get("id")?.as_str()?.to_owned())
    });
    rows.collect()
}

#[test]
fn lanes_side_by_side_remove_what_one_does() {
    on_each_server(|server| {
        let (mut world, plan) = ready(server);
        let before = (world.rows("runs"), world.rows("steps"));
        for jobs in [2, 5] {
            let apply = world.applying(&plan).batch(3).jobs(jobs);
            let applied = json(&world.driver.run_side_by_side(apply.machine()).unwrap());
            assert_eq!(applied["outcome"], "applied");
            assert_eq!(applied["removed"][1]["rows"], 40);
            assert_eq!((world.rows("runs").len(), world.rows("steps").len()), (20, 40));
            // Of each task two rows make way for one, and go together: four in a transaction.
            let transactions = applied["transactions"].as_array().unwrap();
            assert_eq!(transactions.len(), 10);
            assert_eq!(
                transactions.iter().map(Value::to_string).collect::<BTreeSet<_>>().len(),
                10
            );
            let dropped: BTreeSet<String> = plan.drop_ids().map(|id| id.to_string()).collect();
            assert_eq!(ids(&world, "/runs.json").into_iter().collect::<BTreeSet<_>>(), dropped);
            assert_eq!(applied["manifest"], "manifest.json");
            let kept = std::mem::take(&mut world.driver.written);
            let again = world.applying(&plan).jobs(jobs);
            let again = json(&world.driver.run_side_by_side(again.machine()).unwrap());
            assert_eq!(
                (&again["outcome"], &again["manifest"]),
                (&"already_applied".into(), &Value::Null)
            );
            // What all of them removed is put back as one.
            let export = std::mem::replace(&mut world.driver.files, kept);
            world.restore();
            assert_eq!((world.rows("runs"), world.rows("steps")), before);
            world.driver.files = export;
        }
    });
}

#[test]
fn parts_go_in_the_order_in_which_rows_lie() {
    let (mut world, plan) = ready(&servers()[0]);
    let exported = String::from_utf8(world.driver.files["runs.json"].clone()).unwrap();
    let planned: Vec<String> = plan.drop_ids().map(|id| id.to_string()).collect();
    let apply = world.applying(&plan).batch(10);
    world.driver.run(apply.machine()).unwrap();
    // The table was filled in the order of ids; the plan is in that of tasks, as texts.
    let first: Vec<u32> =
        ids(&world, "batch-0001/runs.json").iter().map(|id| id.parse().unwrap()).collect();
    let tasks: BTreeSet<u32> = first.iter().map(|id| id % 20).collect();
    assert_eq!(tasks, (0..5).collect());
    assert_ne!(
        planned[..10].iter().map(|id| id.parse::<u32>().unwrap() % 20).collect::<BTreeSet<_>>(),
        tasks
    );
    assert!(exported.lines().nth(1).unwrap().starts_with(r#"{"id":"0""#), "{exported}");
}

#[test]
fn a_lane_that_fails_ends_the_others_after_their_part() {
    let (mut world, plan) = ready(&servers()[0]);
    world.connect().batch_execute("UPDATE runs SET task = 'other' WHERE id = 7").unwrap();
    let apply = world.applying(&plan).batch(1).jobs(3);
    let error = world.driver.run_side_by_side(apply.machine()).unwrap_err();
    assert_eq!(error.code().as_str(), "apply.rows_changed");
    let left = world.rows("runs").len();
    assert!((20..60).contains(&left), "{left}");
    let committed = format!("; {} of 20 transactions were committed", (60 - left) / 2);
    assert!(error.message().contains(&committed), "{error}");
    assert!(error.message().ends_with("is kept by manifest.json"), "{error}");
    // So far as it came, it is put back as one.
    let kept = std::mem::take(&mut world.driver.written);
    let export = std::mem::replace(&mut world.driver.files, kept);
    world.restore();
    assert_eq!((world.rows("runs").len(), world.rows("steps").len()), (60, 120));
    world.driver.files = export;
    let apply = world.applying(&plan).batch(1).jobs(3).skip_changed(true);
    let applied = json(&world.driver.run_side_by_side(apply.machine()).unwrap());
    assert_eq!((&applied["outcome"], &applied["changed"]), (&"applied".into(), &1.into()));
    assert_eq!(world.rows("runs").len(), 21);
}

/// What each of them fails for is told.
#[test]
fn several_lanes_that_fail_are_all_told() {
    let (mut world, plan) = ready(&servers()[0]);
    let mut machine = world.applying(&plan).batch(14).jobs(2).machine();
    while let Some(step) = machine.next_step() {
        let outcome = match step {
            Step::Together(mut lanes) => {
                // Each has taken its part when the first fails.
                let begin = lanes.iter_mut().filter_map(Machine::next_step);
                assert_eq!(begin.count(), 2);
                for (lane, n) in lanes.iter_mut().zip(1..) {
                    lane.feed(Outcome::Refused {
                        sqlstate: "XX000".into(),
                        message: format!("no {n}"),
                    });
                    assert!(lane.next_step().is_none());
                }
                Outcome::Done
            }
            step => world.driver.carry_out(step),
        };
        machine.feed(outcome);
    }
    let message = machine.finish().unwrap_err().message().to_owned();
    let told = message.split("; and of another part: ").map(|part| part.contains("refuses: no "));
    assert_eq!(told.collect::<Vec<_>>(), [true, true], "{message}");
    assert_eq!(world.rows("runs").len(), 60);
}

#[test]
fn lanes_that_a_host_leaves_are_missed() {
    let (mut world, plan) = ready(&servers()[0]);
    let apply = world.applying(&plan).batch(4).jobs(2);
    let leave = |_, step: &Step| matches!(step, Step::Together(_)).then_some(Outcome::Done);
    let error = world.driver.run_with(apply.machine(), leave).unwrap_err();
    assert_eq!(error.code().as_str(), "apply.driver");
    assert_eq!(world.rows("runs").len(), 60);
    // A host that cannot connect so often says so, and nothing is begun.
    let apply = world.applying(&plan).batch(4).jobs(2);
    let refuse = |_, step: &Step| {
        matches!(step, Step::Together(_)).then(|| Outcome::Lost("too many connections".into()))
    };
    let error = world.driver.run_with(apply.machine(), refuse).unwrap_err();
    assert_eq!(error.code().as_str(), "apply.connection");
    assert_eq!(world.rows("runs").len(), 60);
}

#[test]
fn whatever_goes_wrong_at_any_step_each_part_goes_or_stays() {
    let (mut world, plan) = ready(&servers()[0]);
    let before = (world.rows("runs"), world.rows("steps"));
    let refused =
        |sqlstate: &str| Outcome::Refused { sqlstate: sqlstate.into(), message: "injected".into() };
    let outcomes: [fn() -> Outcome; 2] =
        [|| Outcome::Lost("injected".into()), || Outcome::Bytes(Vec::new())];
    let apply = world.applying(&plan).batch(14).jobs(2);
    world.driver.run(apply.machine()).unwrap();
    let steps = world.driver.log.len();
    world.restore();
    let mut partly = 0;
    for at in 0..steps {
        for kind in 0..3 {
            let apply = world.applying(&plan).batch(14).jobs(2);
            let answer = world.driver.run_with(apply.machine(), |n, step| {
                let outcome =
                    outcomes.get(kind).map_or_else(|| refused("XX000"), |outcome| outcome());
                (n == at && !matches!(step, Step::Read(_))).then_some(outcome)
            });
            world.driver.reconnect();
            let (runs, left) = (world.rows("runs"), world.rows("steps"));
            assert_eq!(left.len(), 2 * runs.len(), "step {at}: {answer:?}");
            // What is gone was kept first.
            let kept: BTreeSet<String> = ids(&world, "/runs.json").into_iter().collect();
            assert!(kept.len() >= 60 - runs.len(), "step {at}: {kept:?}");
            assert!(answer.is_err() || runs.len() == 20, "step {at}: {answer:?}");
            partly += usize::from((21..60).contains(&runs.len()));
            let apply = world.applying(&plan).batch(14).jobs(2);
            world.driver.run(apply.machine()).unwrap();
            assert_eq!(world.rows("runs").len(), 20);
            world.restore();
            assert_eq!((world.rows("runs"), world.rows("steps")), before);
        }
    }
    assert!(steps > 60 && partly > 40, "{steps} steps, {partly} ended between");
}

#[test]
fn how_the_last_runs_come_out_is_foretold_of_the_whole_plan() {
    let policy = RUNS
        .replace("[table.runs]", "[table.runs]\noutcome = { column = \"note\", ok = [\"done\"] }");
    let tables =
        TABLES.replace("'note ' || n", "CASE WHEN n % 3 = 0 THEN 'failed' ELSE 'done' END");
    for jobs in [1, 4] {
        let mut world = World::new(&servers()[0], &tables, &policy);
        let plan = world.plan("runs");
        world.export("runs", &plan);
        let dry = world.applying(&plan).way(housekeep::apply::Way::DryRun);
        let dry = json(&world.driver.run(dry.machine()).unwrap());
        let apply = world.applying(&plan).batch(2).jobs(jobs);
        let applied = json(&world.driver.run_side_by_side(apply.machine()).unwrap());
        let failed = world.rows("runs").iter().filter(|row| row.contains("failed")).count();
        let outcomes = &applied["outcomes"];
        assert_eq!(outcomes["of"], 20);
        assert_eq!(outcomes["failed_after"], failed, "{jobs}: {outcomes}");
        assert_eq!(outcomes["failed_predicted"], failed);
        assert_eq!(dry["outcomes"]["failed_predicted"], failed);
        assert_eq!(dry["outcomes"]["failed_before"], outcomes["failed_before"]);
    }
}

#[test]
fn the_last_runs_may_go_by_others() {
    let policy = RUNS
        .replace("[table.runs]", "[table.runs]\noutcome = { column = \"note\", ok = [\"done\"] }");
    let mut world = World::new(&servers()[0], TABLES, &policy);
    let plan = world.plan("runs");
    world.export("runs", &plan);
    let mut other = world.connect();
    let apply = world.applying(&plan);
    let applied = world.driver.run_with(apply.machine(), |_, step| {
        if matches!(step, Step::Exec(own) if own.sql.contains("IMMEDIATE")) {
            let newer = "INSERT INTO runs VALUES (99, 'new', now(), 'new')";
            let goes = "DELETE FROM runs WHERE id = 98";
            other.batch_execute(&format!("{newer}; {goes}")).unwrap();
        }
        if matches!(step, Step::Begin(_)) {
            other
                .batch_execute(
                    "INSERT INTO runs VALUES (98, 'new', now(), 'new')
                ON CONFLICT DO NOTHING",
                )
                .unwrap();
        }
        None
    });
    let outcomes = &json(&applied.unwrap())["outcomes"];
    assert_eq!((&outcomes["of"], &outcomes["failed_after"]), (&20.into(), &Value::Null));
}

/// Of a rule that sums what is newer, an old row is condemned by one that goes itself: the oldest have to go first,
/// however they lie in the table.
#[test]
fn what_becomes_of_a_row_by_others_is_no_matter_of_order() {
    let tables =
        "CREATE TABLE items (id int PRIMARY KEY, at timestamptz NOT NULL, size bigint NOT NULL);
        INSERT INTO items SELECT n, timestamptz '2026-02-12 00:00Z' - n * interval '1 hour',
            CASE n WHEN 0 THEN 900 WHEN 1 THEN 500 ELSE 2 END FROM generate_series(0, 40) n;";
    let policy = "[retention.items]\ntable = \"items\"\ntime = \"at\"\nsize = \"size\"\n\
                  limit = { bytes = \"1000B\" }\n";
    for jobs in [1, 3] {
        let mut world = World::new(&servers()[0], tables, policy);
        let plan = world.plan("items");
        assert_eq!(plan.drop_count(), 40);
        world.export("items", &plan);
        let apply = world.applying(&plan).batch(3).jobs(jobs);
        let applied = json(&world.driver.run_side_by_side(apply.machine()).unwrap());
        assert_eq!((&applied["outcome"], &applied["changed"]), (&"applied".into(), &0.into()));
        assert_eq!(world.rows("items").len(), 1);
        let warned = applied["warnings"].to_string().contains("one transaction goes at a time");
        assert_eq!(warned, jobs > 1, "{applied}");
    }
}
