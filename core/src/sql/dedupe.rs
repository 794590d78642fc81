//! Duplicates, in every mode.

use super::Drops;
use super::clock::Clock;
use super::condition;
use super::names::{id_value, of_policy, quoted, tie};
use super::write::Writer;
use crate::dedupe::{Keep, Mode, NullKey};
use crate::policy::{DedupeRule, TableTree};
use crate::time::Instant;

/// The rows of a table that are duplicates of one that stays.
pub(super) fn drops(rule: &DedupeRule, tree: &TableTree, now: Instant, out: &mut Writer) -> Drops {
    let own = rule.rule();
    let clock = Clock::new(rule.time(), rule.needs());
    let keys: Vec<String> = (1..=rule.key().len()).map(|n| format!("k{n}")).collect();
    let by = keys.join(", ");
    let newest_first = "at DESC, tie DESC, id DESC";
    let oldest_first = "at, tie, id";
    let (from_kept_end, to_kept_end) = match own.get_keep() {
        Keep::Newest => (newest_first, oldest_first),
        Keep::Oldest => (oldest_first, newest_first),
    };

    let mut with = vec![counted(rule, tree, &clock, now, out)];
    let open_from = own.open_from(now).map(|micros| match Instant::checked(micros) {
        Some(at) => format!("< {}", clock.moment(at, out)),
        // Before all time: everything is open.
        None => "IS NULL".into(),
    });
    let mut push = |name: &str, select: String| with.push(format!("{name} AS (\n{select}\n)"));
    let window = clock.span(own.get_window());
    let groups = match own.get_mode() {
        Mode::Forever => {
            push("groups", "  SELECT * FROM counted".into());
            by.clone()
        }
        Mode::Tumbling => {
            let closed = open_from.map(|open| format!("\n  WHERE at {open}")).unwrap_or_default();
            let bucket = clock.bucket(own.get_window());
            push("groups", format!("  SELECT *, {bucket} AS bucket\n  FROM counted{closed}"));
            format!("{by}, bucket")
        }
        Mode::Anchor | Mode::Chain => {
            // A gap longer than the window ends a run of rows.
            push(
                "gaps",
                format!(
                    "  SELECT *, at - lag(at) OVER (PARTITION BY {by} ORDER BY {oldest_first}) <= {window} AS is_near\n  FROM counted"
                ),
            );
            push(
                "runs",
                format!(
                    "  SELECT *, count(*) FILTER (WHERE is_near IS NOT TRUE)\n    \
                     OVER (PARTITION BY {by} ORDER BY {oldest_first}) AS run\n  FROM gaps"
                ),
            );
            match open_from {
                None => push("groups", "  SELECT * FROM runs".into()),
                Some(open) => {
                    // A run that may still grow is left alone.
                    push(
                        "ended",
                        format!(
                            "  SELECT *, max(at) OVER (PARTITION BY {by}, run) AS newest\n  FROM runs"
                        ),
                    );
                    push("groups", format!("  SELECT * FROM ended\n  WHERE newest {open}"));
                }
            }
            format!("{by}, run")
        }
    };
    let is_recursive = own.get_mode() == Mode::Anchor;
    if is_recursive {
        for (name, select) in walk(&groups, from_kept_end, &window, own.get_keep()) {
            push(name, select);
        }
    } else {
        // All but the first of each group go, for the first.
        push(
            "ranked",
            format!(
                "  SELECT id, version, at, tie,\n    \
                 first_value(id) OVER from_kept_end AS keeper_id,\n    \
                 row_number() OVER from_kept_end AS place\n  FROM groups\n  \
                 WINDOW from_kept_end AS (PARTITION BY {groups} ORDER BY {from_kept_end})"
            ),
        );
        push("drops", "  SELECT * FROM ranked\n  WHERE place > 1".into());
    }
    // From the far end on: what is nearer to the kept end is what drops it, in a chain.
    Drops { with, is_recursive, last: "drops", has_keeper: true, order: to_kept_end }
}

/// The rows that the rule compares.
fn counted(
    rule: &DedupeRule,
    tree: &TableTree,
    clock: &Clock,
    now: Instant,
    out: &mut Writer,
) -> String {
    let own = rule.rule();
    let mut columns = vec![
        format!("{} AS id", id_value("", rule.id())),
        "ctid AS version".into(),
        format!("{} AS at", clock.at()),
        format!("{} AS tie", tie(rule.id(), rule.needs())),
    ];
    let keys = rule.key().iter().zip(1..);
    columns.extend(keys.map(|(name, n)| format!("{} AS k{n}", quoted(name))));
    let mut which = condition::all(rule.only(), out);
    which.push(clock.is_known());
    which.push(clock.is_by(now.saturating_add(own.get_skew()), out));
    if own.get_null_key() != NullKey::Equal {
        // Left alone, or like no other.
        which.extend(rule.key().iter().map(|name| format!("{} IS NOT NULL", quoted(name))));
    }
    format!(
        "counted AS (\n  SELECT {}\n  FROM {}\n  WHERE {}\n)",
        columns.join(",\n    "),
        of_policy(tree.name()),
        which.join("\n    AND "),
    )
}

/// From keeper to keeper, over the rows of a run as arrays: the next one is the first that is farther away
/// than the window.
fn walk(
    groups: &str,
    from_kept_end: &str,
    window: &str,
    keep: Keep,
) -> [(&'static str, String); 3] {
    let gap = match keep {
        Keep::Newest => "times[keeper] - times[place]",
        Keep::Oldest => "times[place] - times[keeper]",
    };
    let next = format!(
        "(\n      SELECT min(place) FROM generate_series(keeper + 1, cardinality(times)) AS place\n      \
         WHERE {gap} > {window}\n    )"
    );
    let array = |name: &str| format!("array_agg({name} ORDER BY {from_kept_end})");
    let lists = format!(
        "  SELECT {} AS ids,\n    {} AS versions,\n    {} AS times,\n    {} AS ties\n  FROM groups\n  \
         GROUP BY {groups}\n  HAVING count(*) > 1",
        array("id"),
        array("version"),
        array("at"),
        array("tie"),
    );
    let walk = format!(
        "  SELECT ids, versions, times, ties, 1 AS keeper\n  FROM lists\n  UNION ALL\n  SELECT ids, versions, times, ties, next.keeper\n  \
         FROM walk CROSS JOIN LATERAL (\n    SELECT {next} AS keeper\n  ) AS next\n  \
         WHERE next.keeper IS NOT NULL"
    );
    let drops = format!(
        "  SELECT ids[place] AS id, versions[place] AS version, times[place] AS at, ties[place] AS tie,\n    \
         ids[keeper] AS keeper_id\n  FROM walk CROSS JOIN LATERAL generate_series(keeper + 1, cardinality(times)) AS place\n  \
         WHERE {gap} <= {window}"
    );
    [("lists", lists), ("walk", walk), ("drops", drops)]
}
