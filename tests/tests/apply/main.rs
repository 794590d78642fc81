//! Export, apply, verify and restore on real servers, by the machine of core and a driver of the tests'.

#![cfg(test)]

mod facturapi;
mod hazards;
mod injected;
mod keys;
mod lanes;
mod rules;
mod values;
mod verify;

use housekeep::apply::{Applied, Apply, Export, Reading, Restore};
use housekeep::plan::{Detail, Plan};
use housekeep::policy::Policy;
use housekeep::time::Instant;
use housekeep_tests::database::{Database, servers};
use housekeep_tests::driver::Driver;
use postgres::Client;

const NOW: &str = "2026-02-13T03:00:00Z";

const RUNS: &str = r#"
[table.runs]
children = [{ table = "steps", key = "run_id" }]

[dedupe.runs]
table  = "runs"
key    = ["task"]
time   = "at"
window = "10m"
"#;

/// A table of runs, and what hangs on it: of each of twenty tasks three runs within ten minutes, and
/// two steps of each.
const TABLES: &str = "
    CREATE TABLE runs (id bigint PRIMARY KEY, task text, at timestamptz, note text);
    CREATE TABLE steps (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
        run_id bigint NOT NULL REFERENCES runs (id), name text);
    CREATE INDEX ON steps (run_id);
    INSERT INTO runs SELECT n, 'T' || n % 20, timestamptz '2026-02-12 00:00Z'
        + n % 20 * interval '1 hour' + n / 20 * interval '4 minutes', 'note ' || n
    FROM generate_series(0, 59) n;
    INSERT INTO steps (run_id, name) SELECT id, 'step' FROM runs, generate_series(1, 2);
";

fn now() -> Instant {
    Instant::parse(NOW).unwrap()
}

/// A database with tables, the policy about them, and a driver.
struct World {
    database: Database,
    policy: Policy,
    driver: Driver,
}

impl World {
    fn new(server: &str, tables: &str, policy: &str) -> Self {
        let database = Database::new(server);
        database.connect().batch_execute(tables).unwrap();
        let driver = Driver::new(&database.url());
        Self { database, policy: Policy::from_toml(policy).unwrap(), driver }
    }

    fn plan(&mut self, rule: &str) -> Plan {
        let reading = Reading::new(&self.policy, rule).unwrap();
        self.driver.run(reading.plan(now(), Detail::Drops)).unwrap()
    }

    fn export(&mut self, rule: &str, plan: &Plan) {
        let export = Export::new(&self.policy, rule, now()).unwrap();
        let export = export.of_plan(plan.clone()).unwrap();
        self.driver.run(export.machine()).unwrap();
        self.driver.files = std::mem::take(&mut self.driver.written);
    }

    fn applying(&self, plan: &Plan) -> Apply {
        Apply::new(plan.clone(), &self.policy, None, now()).unwrap()
    }

    fn apply(&mut self, plan: &Plan) -> Result<Applied, housekeep::Error> {
        let apply = self.applying(plan);
        self.driver.run(apply.machine())
    }

    fn restore(&mut self) {
        self.driver.run(Restore::new().for_real().machine()).unwrap();
    }

    fn connect(&self) -> Client {
        self.database.connect()
    }

    /// Every row of a table, as text.
    fn rows(&self, table: &str) -> Vec<String> {
        let rows = format!("SELECT t::text FROM {table} AS t ORDER BY 1");
        self.connect().query(&rows, &[]).unwrap().iter().map(|row| row.get(0)).collect()
    }
}

/// Runs of which a plan drops forty, and the export of these.
fn ready(server: &str) -> (World, Plan) {
    let mut world = World::new(server, TABLES, RUNS);
    let plan = world.plan("runs");
    assert_eq!(plan.drop_count(), 40);
    world.export("runs", &plan);
    (world, plan)
}

/// What is asked on every server there is.
fn on_each_server(mut test: impl FnMut(&str)) {
    servers().iter().for_each(|server| test(server));
}

fn json(answer: &Applied) -> serde_json::Value {
    serde_json::from_str(&answer.to_json()).unwrap()
}
