//! What a rule is in SQL drops the same rows as core: on random tables, and batch by batch.

#![cfg(test)]

mod dedupe;
mod retention;
mod scenarios;

use std::collections::BTreeSet;

use housekeep::Control;
use housekeep::formats::Format;
use housekeep::plan::{Detail, Plan, Source};
use housekeep::policy::Policy;
use housekeep::sql::Sql;
use housekeep::time::Instant;
use housekeep_tests::database::Database;
use postgres::Client;
use postgres::types::ToSql;
use serde_json::{Value, json};

/// A database, and a table in it that holds the rows of each case in turn.
struct Table {
    client: Client,
    name: &'static str,
    is_pair: bool,
    /// It is there for as long as this is.
    _database: Database,
}

/// The ways in which a row is named, the last of them by two columns together.
const IDS: [&str; 4] = ["bigint", "text", "uuid", "pair"];

/// The columns of an id of some type.
fn id_columns(ty: &str) -> String {
    match ty {
        "pair" => "site text, no bigint, PRIMARY KEY (no, site)".into(),
        ty => format!("id {ty} PRIMARY KEY"),
    }
}

/// What a rule says of it.
fn id_setting(ty: &str) -> Value {
    if ty == "pair" { json!(["site", "no"]) } else { json!("id") }
}

/// A row that is named by a number, as an id of some type.
fn named(ty: &str, number: i64, mut row: Value) -> Value {
    if ty == "pair" {
        row["site"] = ["", "b\"\\\n\u{1}", "é, ]"][number.rem_euclid(3) as usize].into();
        row["no"] = number.div_euclid(3).into();
    } else {
        row["id"] = id_of(ty, number);
    }
    row
}

fn id_of(ty: &str, number: i64) -> Value {
    match ty {
        "bigint" => json!(number),
        // By their bytes in another order than by their numbers, and than in any language.
        "text" => json!(format!("{}{number}", if number % 2 == 0 { "a" } else { "B" })),
        _ => json!(format!("{:08x}-0000-4000-8000-{:012x}", number as u32, number.unsigned_abs())),
    }
}

impl Table {
    fn new(server: &str, name: &'static str, columns: &str) -> Self {
        let database = Database::new(server);
        let mut client = database.connect();
        client.batch_execute(&format!("CREATE TABLE \"{name}\" ({columns})")).unwrap();
        Self { client, name, is_pair: columns.contains("site text"), _database: database }
    }

    /// Puts these rows in the place of all others.
    fn fill(&mut self, rows: &[Value]) {
        let name = self.name;
        self.client.batch_execute(&format!("TRUNCATE \"{name}\" CASCADE")).unwrap();
        let insert = format!(
            "INSERT INTO \"{name}\" SELECT * FROM json_populate_recordset(NULL::\"{name}\", $1::text::json)"
        );
        self.client.execute(&insert, &[&Value::from(rows).to_string()]).unwrap();
    }

    /// The rows of a statement, each column as text.
    fn ask(&mut self, sql: &Sql) -> Vec<Vec<String>> {
        let values: Vec<&(dyn ToSql + Sync)> =
            sql.values.iter().map(|value| value as &(dyn ToSql + Sync)).collect();
        let rows = self.client.query(&sql.text, &values);
        let rows = rows.unwrap_or_else(|error| panic!("{error:?}\n{}", sql.text));
        let text = |row: &postgres::Row, place: usize| -> String {
            match row.columns()[place].type_().name() {
                "int8" => row.get::<_, i64>(place).to_string(),
                "uuid" => row.get::<_, AnyUuid>(place).0,
                _ => row.get(place),
            }
        };
        rows.iter().map(|row| (0..row.len()).map(|place| text(row, place)).collect()).collect()
    }

    fn ids(&mut self) -> BTreeSet<String> {
        let id = if self.is_pair {
            "'[' || to_json(site) || ',' || to_json(no::text) || ']'"
        } else {
            "id::text"
        };
        let all = format!("SELECT {id} FROM \"{}\"", self.name);
        self.client.query(&all, &[]).unwrap().iter().map(|row| row.get(0)).collect()
    }
}

struct AnyUuid(String);

impl<'a> postgres::types::FromSql<'a> for AnyUuid {
    fn from_sql(
        _: &postgres::types::Type,
        raw: &'a [u8],
    ) -> Result<Self, Box<dyn std::error::Error + Sync + Send>> {
        let bytes: [u8; 16] = raw.try_into()?;
        Ok(Self(housekeep::columns::Cell::Uuid(bytes).to_string()))
    }

    fn accepts(ty: &postgres::types::Type) -> bool {
        ty.name() == "uuid"
    }
}

fn plan(policy: &Policy, rule: &str, rows: &[Value], now: Instant) -> Plan {
    let rule = policy.rule(rule).unwrap();
    let text = Value::from(rows).to_string();
    let table = Format::Json.read(rule.needs(), &mut text.as_bytes()).unwrap();
    rule.plan(&table, now, Source::new(), Detail::Drops, &Control::new()).unwrap()
}

/// Holds the query to the plan, and deletes in batches to what the plan leaves.
fn same(table: &mut Table, policy: &Policy, rule: &str, rows: &[Value], now: Instant) -> usize {
    table.fill(rows);
    let plan = plan(policy, rule, rows, now);
    let expected: BTreeSet<Vec<String>> = match plan.dedupe() {
        Some(own) => {
            own.drops().map(|drop| vec![drop.id.to_string(), drop.keeper_id.to_string()]).collect()
        }
        None => plan.drop_ids().map(|id| vec![id.to_string()]).collect(),
    };
    for inline in [true, false] {
        let statements = match inline {
            true => policy.to_sql(rule, now, None),
            false => policy.statements(rule, now, None),
        };
        let statements = statements.unwrap();
        assert!(!inline || statements.select().values.is_empty());
        let found: BTreeSet<Vec<String>> = table.ask(statements.select()).into_iter().collect();
        assert_eq!(found, expected, "{rule} at {now}:\n{}\n{rows:?}", statements.select().text);
    }

    // Stopped between two batches, and gone on with.
    let all = table.ids();
    let gone: BTreeSet<String> = expected.into_iter().map(|mut row| row.swap_remove(0)).collect();
    let batch = (1 + rows.len() % 4).max(rows.len() / 20);
    let batch = u32::try_from(batch).unwrap();
    let delete = policy.statements(rule, now, Some(batch)).unwrap();
    let mut removed = BTreeSet::new();
    loop {
        let some = table.ask(delete.delete());
        assert!(some.len() <= batch as usize);
        if some.is_empty() {
            break;
        }
        removed.extend(some.into_iter().flatten());
    }
    assert_eq!(removed, gone, "{rule} at {now}:\n{}\n{rows:?}", delete.delete().text);
    assert_eq!(table.ids(), all.difference(&gone).cloned().collect());
    gone.len()
}
