//! What has outlived its use, by limits, floors and holds.

use super::clock::Clock;
use super::names::{id_value, of_policy, quoted, tie};
use super::write::Writer;
use super::{Drops, NoSql, condition};
use crate::error::Error;
use crate::policy::{RetentionRule, TableTree};
use crate::retention::Rule;
use crate::time::Instant;

/// The rows of a table that have outlived their use.
pub(super) fn drops(
    rule: &RetentionRule,
    tree: &TableTree,
    now: Instant,
    out: &mut Writer,
) -> Result<Drops, Error> {
    let own = rule.rule();
    if own.has_keeps() {
        return Err(NoSql::Keeps(format!("retention.{}", rule.name())).into());
    }
    let clock = Clock::new(rule.time(), rule.needs());
    let parts = rule.parts();
    // Which override an item falls under: the first whose conditions hold.
    let whens: Vec<String> = parts
        .overrides
        .iter()
        .zip(1..)
        .map(|((when, _), n)| format!("WHEN {} THEN {n}", condition::holds(when, out)))
        .collect();
    let under = match whens.as_slice() {
        [] => "0".into(),
        whens => format!("CASE {} ELSE 0 END", whens.join(" ")),
    };
    let own_parts =
        || std::iter::once(&parts.base).chain(parts.overrides.iter().map(|(_, part)| part));
    let held: Vec<String> =
        own_parts()
            .map(|part| {
                if part.hold.is_empty() {
                    "false".into()
                } else {
                    condition::holds(&part.hold, out)
                }
            })
            .collect();
    let may_go: Vec<String> =
        own_parts().map(|part| condition::holds(&part.require, out)).collect();
    let mut columns = vec![
        format!("{} AS id", id_value("", rule.id())),
        "ctid AS version".into(),
        format!("{} AS at", clock.at()),
        format!("{} AS tie", tie(rule.id(), rule.needs())),
        format!("{} AS under", under),
        format!("{} AS is_held", by_override(&under, &held)),
        format!("{} AS may_go", by_override(&under, &may_go)),
    ];
    let ages: Vec<[String; 2]> = rules(own)
        .map(|own| {
            let limit =
                own.over_limit(now).map_or("false".into(), |ages| clock.is_aged(&ages, out));
            let floor = own.over_floor(now).map_or("true".into(), |ages| clock.is_aged(&ages, out));
            [limit, floor]
        })
        .collect();
    let of = |n: usize| ages.iter().filter_map(|pair| pair.get(n).cloned()).collect::<Vec<_>>();
    columns.push(format!("{} AS is_old", by_override(&under, &of(0))));
    columns.push(format!("{} AS is_grown", by_override(&under, &of(1))));
    let groups: Vec<String> = (1..=rule.by().len()).map(|n| format!("g{n}")).collect();
    columns.extend(
        rule.by().iter().zip(&groups).map(|(name, group)| format!("{} AS {group}", quoted(name))),
    );
    if let Some(size) = rule.size() {
        // What is not said, or is less than nothing, counts as nothing.
        columns.push(format!("GREATEST(COALESCE({}, 0), 0) AS size", quoted(size)));
    }
    let mut which = condition::all(rule.matches(), out);
    which.push(clock.is_known());
    which.push(clock.is_by(now, out));
    let items = format!(
        "items AS (\n  SELECT {}\n  FROM {}\n  WHERE {}\n)",
        columns.join(",\n    "),
        of_policy(tree.name()),
        which.join("\n    AND "),
    );
    let mut with = vec![items];
    let counts = rules(own).any(Rule::counts_others);
    let over = if counts {
        let by: Vec<&str> = groups.iter().map(String::as_str).chain(["under"]).collect();
        let by = by.join(", ");
        let newest_first = "at DESC, tie DESC, id DESC";
        let bytes = rule.size().map(|_| {
            format!(
                ",\n    sum(size) OVER (PARTITION BY {by}, is_held ORDER BY {newest_first} ROWS UNBOUNDED PRECEDING) AS bytes"
            )
        });
        with.push(format!(
            "ranked AS (\n  SELECT *,\n    row_number() OVER (PARTITION BY {by} ORDER BY {newest_first}) AS rank,\n    \
             row_number() OVER (PARTITION BY {by}, is_held ORDER BY {newest_first}) AS place{}\n  FROM items\n)",
            bytes.unwrap_or_default(),
        ));
        let broken: Vec<String> = rules(own)
            .map(|own| {
                let (count, bytes, floor) = own.counts();
                let over = [
                    Some("is_old".to_owned()),
                    count.map(|count| format!("place > {count}")),
                    bytes.map(|bytes| format!("bytes > {bytes}")),
                ];
                let over: Vec<String> = over.into_iter().flatten().collect();
                let floor = if floor > 0 { format!(" AND rank > {floor}") } else { String::new() };
                format!("({}){floor}", over.join(" OR "))
            })
            .collect();
        ("ranked", by_override("under", &broken))
    } else {
        ("items", "is_old".into())
    };
    with.push(format!(
        "drops AS (\n  SELECT id, version, at, tie\n  FROM {}\n  WHERE NOT is_held AND may_go AND is_grown\n    AND {}\n)",
        over.0, over.1,
    ));
    // The oldest first: whatever part of them has gone, the rest is decided the same.
    Ok(Drops { with, is_recursive: false, last: "drops", has_keeper: false, order: "at, tie, id" })
}

/// The rule itself, and then each of its overrides.
fn rules(rule: &Rule) -> impl Iterator<Item = &Rule> {
    std::iter::once(rule).chain(rule.overrides())
}

/// What holds of an item, by the override it falls under.
fn by_override(under: &str, each: &[String]) -> String {
    match each {
        [] => "true".into(),
        [first, rest @ ..] if rest.iter().all(|own| own == first) => first.clone(),
        [first, rest @ ..] => {
            let whens: Vec<String> =
                rest.iter().zip(1..).map(|(own, n)| format!("WHEN {n} THEN {own}")).collect();
            format!("CASE {under} {} ELSE {first} END", whens.join(" "))
        }
    }
}
