//! What hangs on rows that go: by the keys that the database has, and by those that only the policy knows.

use housekeep::apply::{Export, Step, Way};
use housekeep::plan::Plan;
use postgres::error::SqlState;

use super::hazards::{beside, meanwhile, says};
use super::{RUNS, TABLES, World, json, now, on_each_server, ready};

/// Runs, their steps, and a file of each step; and what the keys do when rows go to which they point.
fn with_files(server: &str, acts: &str) -> (World, Plan) {
    let tables = format!(
        "{TABLES}
         CREATE TABLE files (path text PRIMARY KEY,
             step_id bigint NOT NULL REFERENCES steps (id){acts});
         CREATE INDEX ON files (step_id);
         INSERT INTO files SELECT 'file ' || id, id FROM steps;"
    );
    let tables = tables.replace("REFERENCES runs (id)", &format!("REFERENCES runs (id){acts}"));
    let policy = RUNS.replace(
        "[dedupe.runs]",
        "[table.steps]\nchildren = [{ table = \"files\", key = \"step_id\" }]\n[dedupe.runs]",
    );
    let mut world = World::new(server, &tables, &policy);
    let plan = world.plan("runs");
    world.export("runs", &plan);
    (world, plan)
}

#[test]
fn a_child_that_arrives_is_no_orphan() {
    on_each_server(|server| {
        // With a foreign key it has to wait, and then it is refused; before the lock it is in no export.
        let (mut world, plan) = ready(server);
        let child = "INSERT INTO steps (run_id, name) VALUES (3, 'late')";
        let code = meanwhile(&mut world, &plan, "confirm", child);
        assert_eq!(code.as_deref(), Some("apply.no_export"));
        assert_eq!(world.rows("runs").len(), 60);

        // After those that are there have gone, and before what they hang on, it keeps that; also where the key is
        // looked at when it is committed.
        for key in [
            "",
            "ALTER TABLE steps ALTER CONSTRAINT steps_run_id_fkey DEFERRABLE INITIALLY DEFERRED",
            "ALTER TABLE steps DROP CONSTRAINT steps_run_id_fkey,
                 ADD FOREIGN KEY (run_id) REFERENCES runs (id) ON DELETE RESTRICT",
        ] {
            let (mut world, plan) = ready(server);
            world.connect().batch_execute(key).unwrap();
            let code = meanwhile(&mut world, &plan, "DELETE FROM \"public\".\"runs\"", child);
            assert_eq!(code.as_deref(), Some("apply.no_export"));
            assert_eq!((world.rows("runs").len(), world.rows("steps").len()), (60, 121));
        }

        // Without one that holds it arrives in the midst of it, and all is rolled back.
        for without in [
            "ALTER TABLE steps DROP CONSTRAINT steps_run_id_fkey",
            "ALTER TABLE runs DISABLE TRIGGER ALL; ALTER TABLE steps DISABLE TRIGGER ALL",
            "DO $$ BEGIN
                EXECUTE format('ALTER DATABASE %I SET session_replication_role = replica', current_database());
             END $$",
        ] {
            let (mut world, plan) = ready(server);
            world.connect().batch_execute(without).unwrap();
            world.driver.reconnect();
            let code = meanwhile(&mut world, &plan, "DELETE FROM \"public\".\"runs\"", child);
            assert_eq!(code.as_deref(), Some("apply.not_verified"), "{without}");
            assert_eq!(world.rows("runs").len(), 60);
            assert_eq!(world.rows("steps").len(), 121);
        }
    });
}

/// A child that nobody checks may be on its way when what it hangs on goes: it is seen once it is there.
#[test]
fn a_child_that_is_not_checked_is_an_orphan() {
    on_each_server(|server| {
        let (mut world, plan) = ready(server);
        let mut other = world.connect();
        other.batch_execute("ALTER TABLE steps DISABLE TRIGGER ALL").unwrap();
        let apply = world.applying(&plan);
        let error = world.driver.run_with(apply.machine(), |_, step| {
            if says(step).contains("DELETE FROM \"public\".\"runs\"") {
                let child = "BEGIN; INSERT INTO steps (run_id, name) VALUES (3, 'late')";
                other.batch_execute(child).unwrap();
            } else if says(step).contains("IMMEDIATE") {
                other.batch_execute("COMMIT").unwrap();
            }
            None
        });
        let code = error.map_err(|error| error.code().as_str()).unwrap_err();
        assert_eq!((code, world.rows("runs").len()), ("apply.not_verified", 60));
    });
}

#[test]
fn what_hangs_on_a_child_cannot_arrive_and_be_taken_along() {
    let cascade = " ON DELETE CASCADE";
    on_each_server(|server| {
        let (mut world, plan) = with_files(server, cascade);
        let mut other = world.connect();
        other.batch_execute("SET lock_timeout = '200ms'").unwrap();
        let arrive = "INSERT INTO files SELECT 'late', min(id) FROM steps WHERE run_id = 3";
        let mut said = Vec::new();
        let apply = world.applying(&plan);
        let applied = world.driver.run_with(apply.machine(), |_, step| {
            // Those of the children that are there are gone already.
            if says(step).contains("DELETE FROM \"public\".\"steps\"") {
                let error = other.batch_execute(arrive).unwrap_err();
                said.push(error.code().cloned());
            }
            None
        });
        assert_eq!(json(&applied.unwrap())["outcome"], "applied");
        assert_eq!(said, [Some(SqlState::LOCK_NOT_AVAILABLE)]);
        assert_eq!((world.rows("steps").len(), world.rows("files").len()), (40, 40));
        assert!(!world.rows("files").concat().contains("late"));
    });
}

/// A child that comes to hang on another row stays, with all that hangs on it.
#[test]
fn a_child_that_moves_keeps_what_hangs_on_it() {
    let moves =
        "UPDATE steps SET run_id = 59 WHERE id = (SELECT min(id) FROM steps WHERE run_id = 3)";
    on_each_server(|server| {
        for acts in ["", " ON DELETE CASCADE"] {
            // Before it is locked.
            let (mut world, plan) = with_files(server, acts);
            let code = meanwhile(&mut world, &plan, "confirm", moves);
            assert_eq!(code, None);
            assert_eq!((world.rows("steps").len(), world.rows("files").len()), (41, 41));
            let orphans = "SELECT 1 FROM steps LEFT JOIN files ON step_id = id WHERE path IS NULL";
            assert!(world.connect().query(orphans, &[]).unwrap().is_empty());

            // Afterwards it waits.
            let (mut world, plan) = with_files(server, acts);
            let mut other = world.connect();
            other.batch_execute("SET lock_timeout = '50ms'").unwrap();
            let mut said = Vec::new();
            let apply = world.applying(&plan);
            let applied = world.driver.run_with(apply.machine(), |_, step| {
                if says(step).contains("DELETE FROM") {
                    said.push(other.batch_execute(moves).map_err(|error| error.code().cloned()));
                }
                None
            });
            assert_eq!(json(&applied.unwrap())["outcome"], "applied");
            assert_eq!(said[..2], vec![Err(Some(SqlState::LOCK_NOT_AVAILABLE)); 2]);
            assert_eq!((world.rows("steps").len(), world.rows("files").len()), (40, 40));
        }
    });
}

/// A child may be replaced by another of the same values, on which more hangs.
#[test]
fn a_child_that_was_replaced_takes_nothing_along() {
    on_each_server(|server| {
        let (mut world, plan) = with_files(server, " ON DELETE CASCADE");
        let untied = "ALTER TABLE steps DROP CONSTRAINT steps_run_id_fkey";
        world.connect().batch_execute(untied).unwrap();
        let url = world.database.url();
        let mut other = None;
        let apply = world.applying(&plan);
        let applied = world.driver.run_with(apply.machine(), |_, step| {
            let says = says(step);
            if other.is_none() && says.contains("steps") && says.contains("FOR UPDATE") {
                let replace = "CREATE TEMP TABLE old AS SELECT * FROM steps WHERE run_id = 3;
                     DELETE FROM steps WHERE run_id = 3;
                     INSERT INTO steps OVERRIDING SYSTEM VALUE SELECT * FROM old;
                     INSERT INTO files SELECT 'late', min(id) FROM old";
                let sql = format!("BEGIN; {replace}; SELECT pg_sleep(1); COMMIT");
                other = Some(beside(&url, sql));
            }
            None
        });
        other.unwrap().join().unwrap().unwrap();
        let error = applied.unwrap_err();
        assert_eq!(error.code().as_str(), "apply.not_verified", "{error}");
        assert!(world.rows("files").concat().contains("late"));
        assert_eq!(world.rows("runs").len(), 60);
    });
}

/// What arrives unchecked below rows that go could go with them, unseen.
#[test]
fn a_key_that_acts_has_to_be_checked_at_both_tables() {
    on_each_server(|server| {
        for table in ["steps", "files"] {
            let (mut world, plan) = with_files(server, " ON DELETE CASCADE");
            let disable = format!("ALTER TABLE {table} DISABLE TRIGGER ALL");
            world.connect().batch_execute(&disable).unwrap();
            let error = world.apply(&plan).unwrap_err();
            assert_eq!(error.code().as_str(), "apply.undeclared_key", "{error}");
            assert!(error.message().contains(&format!("rows of public.{table} go")), "{error}");
            assert_eq!(world.rows("runs").len(), 60);
        }
    });
}

#[test]
fn a_key_that_acts_has_to_be_checked_at_each_partition() {
    let notes = "CREATE TABLE notes (run bigint REFERENCES runs (id) ON DELETE CASCADE)
             PARTITION BY HASH (run);
         CREATE TABLE notes_0 PARTITION OF notes FOR VALUES WITH (MODULUS 1, REMAINDER 0);
         INSERT INTO notes VALUES (3);";
    let declared = "children = [{ table = \"notes\", key = \"run\" }, ";
    on_each_server(|server| {
        let policy = RUNS.replace("children = [", declared);
        let mut world = World::new(server, &format!("{TABLES}{notes}"), &policy);
        let plan = world.plan("runs");
        world.export("runs", &plan);
        let mut other = world.connect();
        other.batch_execute("ALTER TABLE notes_0 DISABLE TRIGGER ALL").unwrap();
        let error = world.apply(&plan).unwrap_err();
        assert!(error.message().contains("rows of public.notes go"), "{error}");
        other.batch_execute("ALTER TABLE notes_0 ENABLE TRIGGER ALL").unwrap();
        assert_eq!(json(&world.apply(&plan).unwrap())["outcome"], "applied");
    });
}

/// What has no triggers cannot act.
#[test]
fn a_key_that_is_not_enforced_does_not_act() {
    on_each_server(|server| {
        let (mut world, plan) = ready(server);
        let mut other = world.connect();
        let version = other.query_one("SHOW server_version_num", &[]).unwrap();
        let enforced = if version.get::<_, &str>(0) < "180000" { "" } else { "NOT ENFORCED" };
        let key = format!(
            "ALTER TABLE steps DROP CONSTRAINT steps_run_id_fkey,
                 ADD FOREIGN KEY (run_id) REFERENCES runs (id) ON DELETE CASCADE {enforced}"
        );
        other.batch_execute(&key).unwrap();
        assert_eq!(json(&world.apply(&plan).unwrap())["outcome"], "applied");
        assert_eq!((world.rows("runs").len(), world.rows("steps").len()), (20, 40));
    });
}

/// An id is asked for as what it is, and not as what a child can hold of it.
#[test]
fn ids_are_not_cut_to_the_columns_of_children() {
    on_each_server(|server| {
        for (ty, goes, stays, held) in
            [("text", "abcd", "abc", "varchar(3)"), ("bigint", "3000000000", "3", "integer")]
        {
            let tables = format!(
                "CREATE TABLE runs (id {ty} PRIMARY KEY, task text, at timestamptz);
                 CREATE TABLE steps (id int PRIMARY KEY, run_id {held} REFERENCES runs (id));
                 INSERT INTO runs VALUES ('{goes}', 'T', '2026-02-12 00:00Z'),
                     ('{stays}', 'T', '2026-02-12 00:01Z');
                 INSERT INTO steps VALUES (1, '{stays}')"
            );
            let mut world = World::new(server, &tables, RUNS);
            let plan = world.plan("runs");
            assert_eq!(plan.drop_count(), 1);
            // An export of all covers whatever would go.
            let export = Export::new(&world.policy, "runs", now()).unwrap();
            world.driver.run(export.machine()).unwrap();
            world.driver.files = std::mem::take(&mut world.driver.written);
            let applied = json(&world.apply(&plan).unwrap());
            assert_eq!(applied["removed"][0]["rows"], 0);
            assert_eq!((world.rows("runs").len(), world.rows("steps").len()), (1, 1));
        }
    });
}

/// Of two keys of a table, which share a column, either may be the one by which a row hangs.
#[test]
fn keys_may_share_columns() {
    let tables = "CREATE TABLE runs (tenant text, id bigint, task text, at timestamptz,
             PRIMARY KEY (tenant, id));
         CREATE TABLE links (id int PRIMARY KEY, tenant text, a bigint, b bigint,
             FOREIGN KEY (tenant, a) REFERENCES runs (tenant, id),
             FOREIGN KEY (tenant, b) REFERENCES runs (tenant, id));
         INSERT INTO runs SELECT 'acme', n, 'T', timestamptz '2026-02-12 00:00Z' + n * interval '1 min'
         FROM generate_series(1, 3) n;
         INSERT INTO links VALUES (1, 'acme', 3, 1), (2, 'acme', 2, 3), (3, 'acme', 3, 3);";
    let links =
        r#"{ table = "links", key = ["tenant", "a"] }, { table = "links", key = ["tenant", "b"] }"#;
    let policy = RUNS
        .replace("[table.runs]", "[table.runs]\nid = [\"tenant\", \"id\"]")
        .replace(r#"{ table = "steps", key = "run_id" }"#, links);
    on_each_server(|server| {
        let mut world = World::new(server, tables, &policy);
        let plan = world.plan("runs");
        world.export("runs", &plan);
        assert_eq!(json(&world.apply(&plan).unwrap())["outcome"], "applied");
        assert_eq!((world.rows("runs").len(), world.rows("links").len()), (1, 1));
    });
}

/// Rows of two tables may look alike.
#[test]
fn rows_that_look_alike_are_counted_in_each_table() {
    let alike = ["likes", "shares"].map(|table| {
        format!(
            "CREATE TABLE {table} (id int PRIMARY KEY, run_id bigint REFERENCES runs (id));
             INSERT INTO {table} VALUES (1, 3), (2, 59);"
        )
    });
    let children =
        ["likes", "shares"].map(|table| format!("{{ table = \"{table}\", key = \"run_id\" }}, "));
    on_each_server(|server| {
        let policy = RUNS.replace("children = [", &format!("children = [{}", children.concat()));
        let mut world = World::new(server, &format!("{TABLES}{}", alike.concat()), &policy);
        let plan = world.plan("runs");
        world.export("runs", &plan);
        let mut asked = String::new();
        let apply = world.applying(&plan);
        let applied = world.driver.run_with(apply.machine(), |_, step| {
            if let Step::Confirm(question) = step {
                asked.clone_from(&question.text);
            }
            None
        });
        assert_eq!(json(&applied.unwrap())["outcome"], "applied");
        for count in ["80 of public.steps", "1 of public.likes", "1 of public.shares"] {
            assert!(asked.contains(count), "{asked}");
        }
    });
}

/// A key that cascades over another column would take rows that nobody captured.
#[test]
fn a_key_has_to_point_to_the_id() {
    on_each_server(|server| {
        let (mut world, plan) = ready(server);
        let mut other = world.connect();
        let mut refused = |sql: &str| {
            other.batch_execute(sql).unwrap();
            let error = world.driver.run(world.applying(&plan).machine()).unwrap_err();
            other.batch_execute("DROP TABLE marks").unwrap();
            assert_eq!(error.code().as_str(), "apply.undeclared_key");
            error.to_string()
        };
        let message = refused(
            "ALTER TABLE runs ADD code text UNIQUE;
             CREATE TABLE marks (run text REFERENCES runs (code) ON DELETE CASCADE)",
        );
        assert!(message.contains("public.marks(run) points to public.runs(code)"), "{message}");
        assert!(message.contains(r#"say `id = "code"`"#), "{message}");
        let message = refused(
            "ALTER TABLE runs ADD UNIQUE (task, id);
             CREATE TABLE marks (task text, run bigint,
                FOREIGN KEY (task, run) REFERENCES runs (task, id) ON DELETE CASCADE)",
        );
        assert!(message.contains(r#"say `id = ["task","id"]`"#), "{message}");
        assert_eq!(world.rows("runs").len(), 60);
    });
}

/// A key may point to the table whose partition it is that rows go from: so do they, and what is to fire there.
#[test]
fn what_hangs_on_all_partitions_hangs_on_each() {
    let tables = TABLES
        .replace(
            "CREATE TABLE runs (id bigint PRIMARY KEY, task text, at timestamptz, note text);",
            "CREATE TABLE whole (id bigint PRIMARY KEY, task text, at timestamptz, note text)
                 PARTITION BY RANGE (id);
             CREATE TABLE runs PARTITION OF whole FOR VALUES FROM (0) TO (1000);",
        )
        .replace("REFERENCES runs (id)", "REFERENCES whole (id) ON DELETE CASCADE");
    on_each_server(|server| {
        let undeclared = RUNS.replace("children = [{ table = \"steps\", key = \"run_id\" }]", "");
        let mut world = World::new(server, &tables, &undeclared);
        let plan = world.plan("runs");
        world.export("runs", &plan);
        let error = world.apply(&plan).unwrap_err();
        assert_eq!(error.code().as_str(), "apply.undeclared_key", "{error}");
        assert_eq!((world.rows("runs").len(), world.rows("steps").len()), (60, 120));

        let mut world = World::new(server, &tables, RUNS);
        let before = (world.rows("runs"), world.rows("steps"));
        let plan = world.plan("runs");
        world.export("runs", &plan);
        assert_eq!(json(&world.apply(&plan).unwrap())["outcome"], "applied");
        assert_eq!((world.rows("runs").len(), world.rows("steps").len()), (20, 40));
        world.restore();
        assert_eq!((world.rows("runs"), world.rows("steps")), before);

        let swallow = "CREATE FUNCTION swallow() RETURNS trigger LANGUAGE plpgsql AS
                 'BEGIN RETURN CASE WHEN OLD.id = 3 THEN NULL ELSE OLD END; END';
             CREATE TRIGGER swallow BEFORE DELETE ON whole FOR EACH ROW EXECUTE FUNCTION swallow();
             CREATE CONSTRAINT TRIGGER told AFTER DELETE ON runs DEFERRABLE
                 FOR EACH ROW EXECUTE FUNCTION swallow();";
        world.connect().batch_execute(swallow).unwrap();
        let error = world.apply(&plan).unwrap_err();
        assert_eq!(error.code().as_str(), "apply.not_verified", "{error}");
        let dry = world.applying(&plan).way(Way::DryRun);
        let dry = json(&world.driver.run(dry.machine()).unwrap());
        assert!(dry["warnings"].to_string().contains("triggers that fire: swallow, told"), "{dry}");
    });
}

/// Rows that no rule condemns would go with rows of their own table.
#[test]
fn a_table_that_hangs_on_itself_by_another_name_is_refused() {
    let tables = TABLES.replace("note text);", "note text, again bigint REFERENCES runs (id));");
    let policy =
        RUNS.replace("children = [", "children = [{ table = \"public.runs\", key = \"again\" }, ");
    on_each_server(|server| {
        let mut world = World::new(server, &tables, &policy);
        let plan = world.plan("runs");
        let error = world.apply(&plan).unwrap_err();
        assert_eq!(error.code().as_str(), "policy.conflict", "{error}");
        assert_eq!(world.rows("runs").len(), 60);
    });
}

/// A key may point to one table alone of those that hold the rows.
#[test]
fn what_hangs_on_a_partition_hangs_on_the_whole() {
    let tables = TABLES.replace(
        "CREATE TABLE runs (id bigint PRIMARY KEY, task text, at timestamptz, note text);",
        "CREATE TABLE runs (id bigint PRIMARY KEY, task text, at timestamptz, note text)
             PARTITION BY RANGE (id);
         CREATE TABLE first PARTITION OF runs FOR VALUES FROM (0) TO (1000) PARTITION BY RANGE (id);
         CREATE TABLE lowest (id bigint NOT NULL, note text, at timestamptz, task text);
         ALTER TABLE first ATTACH PARTITION lowest FOR VALUES FROM (0) TO (500);",
    );
    on_each_server(|server| {
        for of in ["first", "lowest"] {
            let mut world = World::new(server, &tables, RUNS);
            let notes = format!(
                "CREATE TABLE notes (run bigint REFERENCES {of} (id) ON DELETE CASCADE);
                 INSERT INTO notes VALUES (3)"
            );
            world.connect().batch_execute(&notes).unwrap();
            let plan = world.plan("runs");
            world.export("runs", &plan);
            let error = world.apply(&plan).unwrap_err();
            assert_eq!(error.code().as_str(), "apply.undeclared_key", "{error}");
            assert!(error.message().contains("public.notes(run)"), "{error}");
            assert_eq!((world.rows("runs").len(), world.rows("notes").len()), (60, 1));

            // The policy says so.
            let notes = "{ table = \"notes\", key = \"run\" }, { table = \"steps\"";
            let policy = RUNS.replace("{ table = \"steps\"", notes);
            world.policy = housekeep::policy::Policy::from_toml(&policy).unwrap();
            world.export("runs", &plan);
            assert_eq!(json(&world.apply(&plan).unwrap())["outcome"], "applied");
            assert_eq!((world.rows("runs").len(), world.rows("notes").len()), (20, 0));
        }
    });
}

/// Rows of a table that inherits have columns that are not seen in the other, and would be put back there.
#[test]
fn tables_from_which_others_inherit_are_refused() {
    on_each_server(|server| {
        let (mut world, plan) = ready(server);
        let inherit = "CREATE TABLE special (extra text) INHERITS (steps);
             INSERT INTO special VALUES (1000, 3, 'step', 'unseen')";
        world.connect().batch_execute(inherit).unwrap();
        let error = world.apply(&plan).unwrap_err();
        assert_eq!(error.code().as_str(), "apply.no_table", "{error}");
        let export = Export::new(&world.policy, "runs", now()).unwrap();
        let error = world.driver.run(export.machine()).unwrap_err();
        assert!(error.message().contains("inherit from `public.steps`"), "{error}");
        assert_eq!((world.rows("runs").len(), world.rows("special").len()), (60, 1));
    });
}
