//! A delete of some of the rows that go, with all that hangs on them.

use super::Drops;
use super::names::{id_value, of_policy, quoted, tuple};
use crate::policy::TableTree;

/// Removes no more than `batch` rows of the table, those first whose going changes nothing for the rest.
///
/// A row that was changed since the statement began has another version, and is left for the next run. A row
/// that stays for another is locked until the end, so that not both go.
pub(super) fn delete(drops: &Drops, tree: &TableTree, batch: u32) -> String {
    let Drops { last, order, has_keeper, .. } = drops;
    let (table, id) = (of_policy(tree.name()), id_value("t.", tree.id()));
    let mut with = vec![drops.with()];
    let keeper = if *has_keeper { ", keeper_id" } else { "" };
    with.push(format!(
        "batch AS MATERIALIZED (\n  SELECT id, version{keeper} FROM {last}\n  ORDER BY {order}\n  LIMIT {batch}\n)"
    ));
    let mut which = String::new();
    if *has_keeper {
        with.push(format!(
            "kept AS MATERIALIZED (\n  SELECT {id} AS id FROM {table} AS t\n  \
             WHERE {id} IN (SELECT keeper_id FROM batch)\n  FOR SHARE\n)"
        ));
        which = "\n    AND batch.keeper_id IN (SELECT id FROM kept)".into();
    }
    let (named, names) = (named("t.", tree.id()), names(tree.id()));
    with.push(format!(
        "doomed AS MATERIALIZED (\n  SELECT {named} FROM {table} AS t JOIN batch\n    \
         ON {id} = batch.id AND t.ctid = batch.version{which}\n  ORDER BY {names}\n  FOR UPDATE OF t\n)"
    ));
    let mut count = 0;
    children(tree, "doomed", &mut count, &mut with);
    format!(
        "{}\nDELETE FROM {table}\nWHERE {} IN (SELECT {names} FROM doomed)\nRETURNING {} AS id",
        with.join(",\n"),
        tuple(tree.id()),
        id_value("", tree.id()),
    )
}

/// What hangs on rows that go goes with them, and what hangs on that.
fn children(tree: &TableTree, above: &str, count: &mut u32, with: &mut Vec<String>) {
    for (key, child) in tree.children() {
        *count += 1;
        let name = format!("child_{count}");
        let returned =
            if child.children().len() > 0 { named("", child.id()) } else { "1 AS id".into() };
        with.push(format!(
            "{name} AS (\n  DELETE FROM {}\n  WHERE {} IN (SELECT {} FROM {above})\n  RETURNING {returned}\n)",
            of_policy(child.name()),
            tuple(key),
            names(tree.id()),
        ));
        children(child, &name, count, with);
    }
}

/// The columns of an id, by [`names`] of their own.
fn named(of: &str, id: &[String]) -> String {
    match id {
        [one] => format!("{of}{} AS id", quoted(one)),
        several => {
            let all =
                several.iter().zip(1..).map(|(name, n)| format!("{of}{} AS id{n}", quoted(name)));
            all.collect::<Vec<_>>().join(", ")
        }
    }
}

fn names(id: &[String]) -> String {
    if id.len() == 1 {
        return "id".into();
    }
    (1..=id.len()).map(|n| format!("id{n}")).collect::<Vec<_>>().join(", ")
}
