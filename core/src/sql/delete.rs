//! A delete of some of the rows that go, with all that hangs on them.

use super::Drops;
use super::names::{of_policy, quoted};
use crate::policy::TableTree;

/// Removes no more than `batch` rows of the table, those first whose going changes nothing for the rest.
///
/// A row that was changed since the statement began has another version, and is left for the next run. A row
/// that stays for another is locked until the end, so that not both go.
pub(super) fn delete(drops: &Drops, tree: &TableTree, batch: u32) -> String {
    let Drops { last, order, has_keeper, .. } = drops;
    let (table, id) = (of_policy(tree.name()), quoted(tree.id()));
    let mut with = vec![drops.with()];
    let keeper = if *has_keeper { ", keeper_id" } else { "" };
    with.push(format!(
        "batch AS MATERIALIZED (\n  SELECT id, version{keeper} FROM {last}\n  ORDER BY {order}\n  LIMIT {batch}\n)"
    ));
    let mut which = String::new();
    if *has_keeper {
        with.push(format!(
            "kept AS MATERIALIZED (\n  SELECT t.{id} AS id FROM {table} AS t\n  \
             WHERE t.{id} IN (SELECT keeper_id FROM batch)\n  FOR SHARE\n)"
        ));
        which = "\n    AND batch.keeper_id IN (SELECT id FROM kept)".into();
    }
    with.push(format!(
        "doomed AS MATERIALIZED (\n  SELECT t.{id} AS id FROM {table} AS t JOIN batch\n    \
         ON t.{id} = batch.id AND t.ctid = batch.version{which}\n  ORDER BY t.{id}\n  FOR UPDATE OF t\n)"
    ));
    let mut names = 0;
    children(tree, "doomed", &mut names, &mut with);
    format!(
        "{}\nDELETE FROM {table}\nWHERE {id} IN (SELECT id FROM doomed)\nRETURNING {id} AS id",
        with.join(",\n")
    )
}

/// What hangs on rows that go goes with them, and what hangs on that.
fn children(tree: &TableTree, above: &str, names: &mut u32, with: &mut Vec<String>) {
    for (key, child) in tree.children() {
        *names += 1;
        let name = format!("child_{names}");
        let returned = if child.children().len() > 0 { quoted(child.id()) } else { "1".into() };
        with.push(format!(
            "{name} AS (\n  DELETE FROM {}\n  WHERE {} IN (SELECT id FROM {above})\n  RETURNING {returned} AS id\n)",
            of_policy(child.name()),
            quoted(key),
        ));
        children(child, &name, names, with);
    }
}
