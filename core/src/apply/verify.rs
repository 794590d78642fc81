//! The order of events of a verification: whether a table is as its rule would leave it.

use std::collections::BTreeSet;

use super::catalog;
use super::export::table_of;
use super::read::read_rows;
use super::report::{KeyCount, TableCount, Verification};
use super::rows::Row;
use super::session;
use super::step::Isolation;
use super::survey::{Node, Survey, survey};
use super::talk::{Machine, Talk};
use super::trouble::Trouble;
use crate::Control;
use crate::dedupe;
use crate::error::Error;
use crate::policy::{ExpectedIndexes, Policy, Rule, TableTree};
use crate::retention;
use crate::sql::names::{of_policy, quoted};
use crate::time::Instant;
use crate::wire::VERSION;

/// How many values are listed.
const TOP: usize = 10;

/// What is verified.
#[derive(Clone, Debug)]
pub struct Verify {
    rule: Rule,
    tree: TableTree,
    expected: Vec<ExpectedIndexes>,
    now: Instant,
}

impl Verify {
    /// The table of a rule, and what hangs on it; and the indexes that the policy expects of any table.
    ///
    /// # Errors
    /// `policy.unknown_rule`; `apply.no_table` for a rule of no table.
    pub fn new(policy: &Policy, rule: &str, now: Instant) -> Result<Self, Error> {
        let rule = policy.rule(rule)?.clone();
        let tree = table_of(policy, &rule)?;
        Ok(Self { rule, tree, expected: policy.indexes()?, now })
    }

    /// What verifies it.
    #[must_use]
    pub fn machine(self) -> Machine<Verification> {
        Machine::new(|talk| async move {
            talk.begin(Isolation::Snapshot).await?;
            let found = self.run(&talk).await;
            talk.end_reading(&found).await;
            Ok(found?)
        })
    }

    async fn run(&self, talk: &Talk) -> Result<Verification, Trouble> {
        session::set(talk, session::LOCK_TIMEOUT).await?;
        let survey = survey(talk, &self.tree).await?;
        let root = survey.root().ok_or(super::trouble::BadHost::NoText)?;
        let table = read_rows(talk, root, self.rule.needs()).await?.finish()?;
        let control = Control::new();
        let (drops, key) = match &self.rule {
            Rule::Dedupe(rule) => {
                let rows = rule.rows(&table)?;
                (dedupe::decide(&rows, rule.rule(), self.now, &control)?.drops.len(), rule.key())
            }
            Rule::Retention(rule) => {
                let items = rule.items(&table)?;
                let decided = retention::decide(&items, rule.rule(), self.now, &control)?;
                (decided.drops.len(), rule.by())
            }
        };
        Ok(Verification {
            housekeep: VERSION,
            kind: "verified",
            rule: self.rule.full_name(),
            database: survey.fingerprint.database.clone(),
            table: survey.fingerprint.table.clone(),
            rows: u64::from(table.rows()),
            drops: drops as u64,
            several: several(talk, root, key).await?,
            top: top(talk, root, key).await?,
            orphans: orphans(talk, &survey).await?,
            missing_indexes: missing_indexes(talk, &survey, &self.expected).await?,
        })
    }
}

/// How many keys have several rows.
async fn several(talk: &Talk, root: &Node, key: &[String]) -> Result<u64, Trouble> {
    if key.is_empty() {
        return Ok(0);
    }
    let columns: Vec<String> = key.iter().map(|name| quoted(name)).collect();
    let sql = format!(
        "SELECT pg_catalog.count(*)::text FROM (\n  SELECT 1 FROM {} GROUP BY {} HAVING pg_catalog.count(*) > 1\n) AS several",
        root.facts.relation.sql(),
        columns.join(", "),
    );
    talk.count(sql, Vec::new()).await
}

/// The values of the first column of the key that have the most rows.
async fn top(talk: &Talk, root: &Node, key: &[String]) -> Result<Vec<KeyCount>, Trouble> {
    let Some(first) = key.first() else { return Ok(Vec::new()) };
    let sql = format!(
        "SELECT {column}::text AS key, pg_catalog.count(*)::text AS rows FROM {}\nGROUP BY {column}\n\
         ORDER BY pg_catalog.count(*) DESC, {column}::text COLLATE \"C\"\nLIMIT {TOP}",
        root.facts.relation.sql(),
        column = quoted(first),
    );
    let rows = talk.rows(sql, Vec::new()).await?;
    let count = |row: Row<'_>| {
        let rows = row.get(1).and_then(|count| count.parse().ok()).unwrap_or(0);
        KeyCount { key: row.get(0).map(str::to_owned), rows }
    };
    Ok(rows.iter().map(count).collect())
}

/// Rows of each child that point to nothing.
async fn orphans(talk: &Talk, survey: &Survey) -> Result<Vec<TableCount>, Trouble> {
    let mut all = Vec::new();
    for node in &survey.nodes {
        let Some((place, key)) = &node.parent else { continue };
        let Some(above) = survey.nodes.get(*place) else { continue };
        let holds = key.iter().map(|key| format!("child.{} IS NOT NULL", quoted(key)));
        let same = key.iter().zip(&above.id);
        let same = same.map(|(key, id)| format!("parent.{} = child.{}", quoted(id), quoted(key)));
        let and = |all: Vec<String>| all.join(" AND ");
        let sql = format!(
            "SELECT pg_catalog.count(*)::text FROM {} AS child\nWHERE {} AND NOT EXISTS (\n  \
             SELECT FROM {} AS parent WHERE {}\n)",
            node.facts.relation.sql(),
            and(holds.collect()),
            above.facts.relation.sql(),
            and(same.collect()),
        );
        let rows = talk.count(sql, Vec::new()).await?;
        all.push(TableCount { table: node.facts.relation.to_string(), rows });
    }
    Ok(all)
}

/// What makes the indexes that the policy expects, of whatever table, and those of the keys by which children
/// hang on their parents, as far as they are missing.
async fn missing_indexes(
    talk: &Talk,
    survey: &Survey,
    expected: &[ExpectedIndexes],
) -> Result<Vec<String>, Trouble> {
    let names: Vec<(String, String)> =
        expected.iter().map(|own| (own.table.clone(), of_policy(&own.table))).collect();
    let mut missing: BTreeSet<String> =
        survey.nodes.iter().filter_map(Node::missing_key_index).collect();
    for (facts, own) in catalog::read(talk, &names).await?.iter().zip(expected) {
        for index in &own.indexes {
            index.iter().try_for_each(|name| facts.column(name).map(drop))?;
            if !facts.has_index(index) {
                missing.insert(facts.create_index(index));
            }
        }
    }
    Ok(missing.into_iter().collect())
}
