//! Every mode of dedupe and the kinds of retention, over ids of each type: applied, verified, put back.

use housekeep::apply::Verify;

use super::{World, json, now, on_each_server};

/// How a row is named: the columns of its id, their names and values, and the columns that hold it.
struct Id {
    columns: &'static str,
    names: &'static str,
    made: &'static str,
    key: &'static str,
    holds: &'static str,
    policy: [&'static str; 2],
}

const ONE: Id = Id {
    columns: "id bigint",
    names: "id",
    made: "n",
    key: "log bigint",
    holds: "log",
    policy: [r#""id""#, r#""log""#],
};

/// Of two columns, in another order than those of the keys.
const TWO: Id = Id {
    columns: "site text, no smallint",
    names: "no, site",
    made: r#"CASE n % 3 WHEN 0 THEN E'a"\\\n\u0001é' WHEN 1 THEN '' ELSE '[,]' END, n / 3"#,
    key: "log_site text, log_no smallint",
    holds: "log_no, log_site",
    policy: [r#"["site", "no"]"#, r#"["log_site", "log_no"]"#],
};

const IDS: [Id; 4] = [
    ONE,
    Id { columns: "id text", made: "'it''s \"' || n", key: "log text", ..ONE },
    Id { columns: "id uuid", made: "md5(n::text)::uuid", key: "log uuid", ..ONE },
    TWO,
];

impl Id {
    /// What stands for its parts in a text.
    fn put(&self, text: &str) -> String {
        let [id, key] = self.policy;
        let parts = [
            ("ID", self.columns),
            ("NAMES", self.names),
            ("MADE", self.made),
            ("KEY", self.key),
            ("HOLDS", self.holds),
            ("OWN", id),
            ("THEIRS", key),
        ];
        let put =
            |text: String, (mark, part): (&str, &str)| text.replace(&format!("<{mark}>"), part);
        parts.into_iter().fold(text.to_owned(), put)
    }
}

/// Eight tenants, of each a row every three minutes for an hour, with what hangs on it, and on that.
const TABLES: &str = "
    CREATE TABLE logs (<ID>, tenant text, at timestamptz, held boolean, size bigint, PRIMARY KEY (<NAMES>));
    CREATE TABLE parts (id int PRIMARY KEY, <KEY>, FOREIGN KEY (<HOLDS>) REFERENCES logs (<NAMES>));
    CREATE TABLE notes (id int PRIMARY KEY, part int REFERENCES parts (id), text text);
    CREATE INDEX ON parts (<HOLDS>);
    CREATE INDEX ON notes (part);
    INSERT INTO logs SELECT <MADE>, 'tenant ' || n % 8, timestamptz '2026-02-01 00:00Z'
        + n / 8 * interval '3 minutes', n % 8 = 7, 100 + n FROM generate_series(0, 159) n;
    INSERT INTO parts SELECT n, <MADE> FROM generate_series(0, 159) n;
    INSERT INTO notes SELECT n, n, 'note' FROM generate_series(0, 159) n;
";

const POLICY: &str = r#"
[table.logs]
id = <OWN>
children = [{ table = "parts", key = <THEIRS> }]

[table.parts]
children = [{ table = "notes", key = "part" }]

[dedupe.anchor]
table = "logs"
key = ["tenant"]
time = "at"
window = "7m"

[dedupe.oldest]
table = "logs"
key = ["tenant"]
time = "at"
window = "7m"
keep = "oldest"

[dedupe.chain]
table = "logs"
key = ["tenant"]
time = "at"
window = "4m"
mode = "chain"

[dedupe.chain_oldest]
table = "logs"
key = ["tenant"]
time = "at"
window = "4m"
mode = "chain"
keep = "oldest"

[dedupe.tumbling]
table = "logs"
key = ["tenant"]
time = "at"
window = "10m"
mode = "tumbling"

[dedupe.forever]
table = "logs"
key = ["tenant"]
time = "at"
mode = "forever"

[retention.age]
table = "logs"
time = "at"
limit = { age = "10d" }
hold = { held = true }

[retention.count]
table = "logs"
time = "at"
by = ["tenant"]
limit = { count = 5, bytes = "1KiB" }
floor = { count = 2 }

[retention.periods]
table = "logs"
time = "at"
by = ["tenant"]
keep = [{ every = "hour", count = 3 }, { every = "day", count = 7, oldest = true }]
"#;

const RULES: [&str; 9] =
    ["anchor", "oldest", "chain", "chain_oldest", "tumbling", "forever", "age", "count", "periods"];

#[test]
fn every_rule_is_applied_verified_and_put_back() {
    on_each_server(|server| {
        for id in IDS {
            let mut world = World::new(server, &id.put(TABLES), &id.put(POLICY));
            let all = |world: &World| ["logs", "parts", "notes"].map(|table| world.rows(table));
            let before = all(&world);
            for rule in RULES {
                for batch in [None, Some(9)] {
                    let plan = world.plan(rule);
                    let count = plan.drop_count();
                    assert!(count > 20, "{rule} drops {count}");
                    world.export(rule, &plan);
                    let mut apply = world.applying(&plan);
                    if let Some(rows) = batch {
                        apply = apply.batch(rows);
                    }
                    let applied = json(&world.driver.run(apply.machine()).unwrap());
                    assert_eq!(applied["outcome"], "applied", "{rule}");
                    for table in 0..3 {
                        assert_eq!(applied["removed"][table]["rows"], count, "{rule}");
                        assert_eq!(all(&world)[table].len() as u64, 160 - count, "{rule}");
                    }
                    let verify = Verify::new(&world.policy, rule, now()).unwrap();
                    let found = world.driver.run(verify.machine()).unwrap();
                    assert!(found.is_clean(), "{rule}: {found:?}");
                    world.restore();
                    assert_eq!(all(&world), before, "{rule} in batches of {batch:?}");
                }
            }
        }
    });
}
