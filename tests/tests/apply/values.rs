//! Values survive export, removal and restore exactly, and so do names.

use super::{World, json, on_each_server};

const POLICY: &str = r#"
[table."Order"]
id = "Select"
children = [{ table = 'od"d.child', key = "From" }]

[retention.all]
table = "Order"
time = "at"
limit = { age = "1d" }
"#;

const TABLES: &str = r#"
CREATE TYPE mood AS ENUM ('so so', 'it''s "fine"');
CREATE TYPE pair AS (a int, b text);
CREATE DOMAIN small AS int CHECK (VALUE < 100);
CREATE SCHEMA "od""d";
CREATE TABLE "Order" (
    "Select" uuid PRIMARY KEY, at timestamptz NOT NULL, big bigint, exact numeric(40, 10), any_exact numeric,
    f8 float8, f4 float4, bytes bytea, ints int[], texts text[][], pair pair, mood mood, small small, json json, jsonb jsonb,
    span interval, day date, tod time, ts timestamp, old timestamptz, "quo""ted" text, chars char(5), bits bit(3),
    net inet, ran int4range, money money, flag boolean, xs "char", twice bigint GENERATED ALWAYS AS (big / 2) STORED,
    serial serial, identity int GENERATED ALWAYS AS IDENTITY
);
CREATE TABLE "od""d".child ("to" int, "From" uuid REFERENCES "Order" ("Select"), "grün" text, PRIMARY KEY ("to", "From"));
CREATE INDEX ON "od""d".child ("From");
INSERT INTO "Order" VALUES
    ('00000000-0000-0000-0000-000000000001', '2026-01-01 00:00:00.000001Z', 9223372036854775807, 1234567890.1000000000, 'NaN',
     'NaN', 'Infinity', '\x00ff10', '{1,NULL,3}', '{{a,"b c"},{"",NULL}}', '(1,"x, ""y""")', 'it''s "fine"', 99, '{"a":1,"a":2 }', 'null',
     '1 year 2 mons -3 days 04:05:06.000007', '0044-03-15 BC', '23:59:59.999999', '2026-01-01 00:00:00.123456', '0044-03-15 00:00:00Z BC',
     E'a\nb\t"q" ''s'' \\ 😀', 'ab', '101', '10.0.0.1', '[1,5)', '12.34', true, 'x', DEFAULT, DEFAULT, DEFAULT),
    ('00000000-0000-0000-0000-000000000002', '2026-01-02Z', -9223372036854775808, -0.0000000001, '1e100',
     '-Infinity', '1e-30', '', '{}', NULL, '(,)', NULL, NULL, 'null', NULL,
     '-00:00:00.000001', 'infinity', '00:00', '-infinity', 'infinity',
     '', '', '000', '::1/64', 'empty', '-0.01', false, '', DEFAULT, DEFAULT, DEFAULT),
    ('00000000-0000-0000-0000-000000000003', '2026-01-03Z', NULL, NULL, '0.10', 0.1, 0.1, NULL, NULL, NULL, NULL, NULL, NULL,
     '[]', '"null"', NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, DEFAULT, DEFAULT, DEFAULT);
INSERT INTO "od""d".child VALUES (1, '00000000-0000-0000-0000-000000000001', 'a'), (2, '00000000-0000-0000-0000-000000000001', NULL);
"#;

#[test]
fn values_and_names_survive_exactly() {
    on_each_server(|server| {
        let mut world = World::new(server, TABLES, POLICY);
        let order = |world: &World| world.rows("\"Order\"");
        let child = |world: &World| world.rows("\"od\"\"d\".child");
        let before = (order(&world), child(&world));
        let plan = world.plan("all");
        assert_eq!(plan.drop_count(), 3);
        world.export("all", &plan);
        let applied = json(&world.apply(&plan).unwrap());
        assert_eq!(applied["removed"][0]["rows"], 2);
        assert!(order(&world).is_empty() && child(&world).is_empty());
        // Numbers that were given are not given again.
        let mut other = world.connect();
        other
            .batch_execute(
                "SELECT setval(pg_get_serial_sequence('\"Order\"', 'serial'), 1, false);
                 SELECT setval(pg_get_serial_sequence('\"Order\"', 'identity'), 70)",
            )
            .unwrap();
        world.restore();
        assert_eq!((order(&world), child(&world)), before);
        let next = "SELECT nextval(pg_get_serial_sequence('\"Order\"', 'serial'))::text || ' '
            || nextval(pg_get_serial_sequence('\"Order\"', 'identity'))::text";
        let next: String = other.query_one(next, &[]).unwrap().get(0);
        assert_eq!(next, "4 71");
        // Once more changes nothing; a row that is another keeps it from being restored.
        world.restore();
        assert_eq!((order(&world), child(&world)), before);
        other.batch_execute("UPDATE \"Order\" SET chars = 'other' WHERE small = 99").unwrap();
        let restore = housekeep::apply::Restore::new().for_real();
        let error = world.driver.run(restore.machine()).unwrap_err();
        assert_eq!(error.code().as_str(), "apply.rows_differ");
    });
}

#[test]
fn a_target_that_is_another_is_refused_before_anything_is_restored() {
    on_each_server(|server| {
        for (change, code) in [
            ("ALTER TABLE \"Order\" DROP COLUMN tod", "apply.no_table"),
            ("ALTER TABLE \"Order\" ALTER COLUMN day TYPE timestamp", "apply.no_table"),
            ("ALTER TABLE \"Order\" ADD COLUMN new int NOT NULL", "apply.no_table"),
            ("ALTER TABLE \"Order\" ADD COLUMN new int NOT NULL DEFAULT 1", ""),
        ] {
            let mut world = World::new(server, TABLES, POLICY);
            let plan = world.plan("all");
            world.export("all", &plan);
            world.apply(&plan).unwrap();
            world.connect().batch_execute(change).unwrap();
            let restore = housekeep::apply::Restore::new().for_real();
            let answer = world.driver.run(restore.machine());
            let found = answer.err().map(|error| error.code().as_str()).unwrap_or_default();
            assert_eq!(found, code, "{change}");
        }
    });
}
