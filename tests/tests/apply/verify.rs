//! What a verification finds, of the table of a rule and of others that the policy names.

use housekeep::apply::{Verification, Verify};
use housekeep::policy::Policy;

use super::{RUNS, TABLES, World, now, on_each_server};

/// A table that no rule is about.
const OTHER: &str = "
[table.tasks]
indexes = [[\"status\", \"at\"], [\"at\"]]
";

fn verify(world: &mut World) -> Result<Verification, housekeep::Error> {
    let verify = Verify::new(&world.policy, "runs", now()).unwrap();
    world.driver.run(verify.machine())
}

/// E10
#[test]
fn indexes_are_missed_wherever_the_policy_expects_them() {
    on_each_server(|server| {
        let mut world = World::new(server, TABLES, &format!("{RUNS}{OTHER}"));
        let mut other = world.connect();
        // What the policy names has to be there.
        let error = verify(&mut world).unwrap_err();
        assert_eq!(error.code().as_str(), "apply.no_table");
        assert!(error.message().contains("`tasks`"), "{error}");
        other.batch_execute("CREATE TABLE tasks (status text, at timestamptz)").unwrap();
        let mut missing = |sql: &str| {
            other.batch_execute(sql).unwrap();
            let found = verify(&mut world).unwrap();
            found.missing_indexes().map(str::to_owned).collect::<Vec<_>>()
        };
        let (both, one) = (
            r#"CREATE INDEX CONCURRENTLY ON "public"."tasks" ("status", "at");"#,
            r#"CREATE INDEX CONCURRENTLY ON "public"."tasks" ("at");"#,
        );
        assert_eq!(missing(""), [one, both]);
        // One that begins with these columns will do, and one that holds not every row will not.
        assert_eq!(missing("CREATE INDEX ON tasks (at, status)"), [both]);
        assert_eq!(missing("CREATE INDEX ON tasks (status, at) WHERE status > 'a'"), [both]);
        assert!(missing("CREATE INDEX ON tasks (status, at)").is_empty());
        // That of a key by which children hang on their parents is expected without being named.
        let key = r#"CREATE INDEX CONCURRENTLY ON "public"."steps" ("run_id");"#;
        assert_eq!(missing("DROP INDEX steps_run_id_idx"), [key]);

        world.policy =
            Policy::from_toml(&format!("{RUNS}{OTHER}").replace("\"at\"]]", "\"when\"]]")).unwrap();
        let error = verify(&mut world).unwrap_err();
        assert!(error.message().contains("no column `when`"), "{error}");
    });
}
