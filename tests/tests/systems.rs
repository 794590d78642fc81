//! The table of what five teams do (`scenarios/README.md`): every rule of theirs is there, is said where the
//! table says it, and is shown where it leads; and no policy says what no team wrote down.

#![cfg(test)]

use std::collections::BTreeSet;
use std::fs;

use housekeep_tests::corpus::{cases, root};
use toml::Table;

/// The systems in their order, each with the letter and the number of its rules.
const SYSTEMS: [(&str, char, usize); 5] = [
    ("elruso", 'E', 11),
    ("facturapi", 'F', 11),
    ("tradeul", 'T', 7),
    ("pymerp", 'P', 7),
    ("agentes", 'A', 6),
];

/// A row of the table.
struct Row {
    id: String,
    policy: BTreeSet<String>,
    beside: String,
    shown_by: Vec<String>,
}

fn rows() -> Vec<Row> {
    let text = fs::read_to_string(root().join("scenarios/README.md")).unwrap();
    let cells =
        |line: &str| line.trim_matches('|').split('|').map(|cell| cell.trim().to_owned()).collect();
    let is_row = |line: &&str| {
        line.starts_with("| ") && line.as_bytes().get(3).is_some_and(u8::is_ascii_digit)
    };
    text.lines()
        .filter(is_row)
        .map(|line| {
            let cells: Vec<String> = cells(line);
            let [id, _, policy, beside, shown_by] = cells.try_into().unwrap();
            Row {
                id,
                policy: between(&policy, '`', '`').into_iter().collect(),
                beside,
                shown_by: between(&shown_by, '(', ')'),
            }
        })
        .collect()
}

fn between(text: &str, open: char, close: char) -> Vec<String> {
    let mut found = Vec::new();
    let mut rest = text;
    while let Some((_, after)) = rest.split_once(open) {
        let (inside, after) = after.split_once(close).unwrap();
        found.push(inside.to_owned());
        rest = after;
    }
    found
}

#[test]
fn every_rule_has_a_row() {
    let ids: Vec<String> = rows().into_iter().map(|row| row.id).collect();
    let all = SYSTEMS
        .iter()
        .flat_map(|(_, letter, count)| (1..=*count).map(move |n| format!("{letter}{n}")));
    assert_eq!(ids, all.collect::<Vec<_>>());
}

#[test]
fn policies_say_what_the_table_says_and_nothing_else() {
    let rows = rows();
    for (system, letter, _) in SYSTEMS {
        let text =
            fs::read_to_string(root().join(format!("scenarios/{system}/policy.toml"))).unwrap();
        let policy: Table = text.parse().unwrap();
        let mut said = BTreeSet::new();
        for row in rows.iter().filter(|row| row.id.starts_with(letter)) {
            assert!(!row.policy.is_empty() || !row.beside.is_empty(), "{} is nobody's", row.id);
            for path in &row.policy {
                assert!(holds(&policy, path), "{}: {system} has no {path}", row.id);
                said.insert(path.split('.').take(2).collect::<Vec<_>>().join("."));
            }
        }
        for (family, rules) in &policy {
            let names = rules.as_table().into_iter().flat_map(Table::keys);
            let paths: Vec<String> = names.map(|name| format!("{family}.{name}")).collect();
            let paths = if paths.is_empty() { vec![family.clone()] } else { paths };
            for path in paths {
                assert!(said.contains(&path), "no row names {path} of {system}");
            }
        }
    }
}

/// Whether a policy says something at a path.
fn holds(policy: &Table, path: &str) -> bool {
    let mut names = path.split('.');
    let first = names.next().and_then(|name| policy.get(name));
    first.is_some_and(|first| names.try_fold(first, |value, name| value.get(name)).is_some())
}

#[test]
fn every_row_leads_to_what_shows_it() {
    let folder = root().join("scenarios");
    let cases = cases();
    for row in rows() {
        assert!(!row.shown_by.is_empty(), "{} is shown by nothing", row.id);
        for link in &row.shown_by {
            let path = folder.join(link).canonicalize().unwrap();
            let text = fs::read_to_string(&path).unwrap();
            let shows = if link.ends_with(".toml") {
                let names =
                    cases.iter().filter(|case| case.shows.contains(&row.id)).map(|case| &case.name);
                let named = |quote: char, name: &str| {
                    text.contains(&format!("name = {quote}{name}{quote}"))
                };
                names.into_iter().any(|name| named('"', name) || named('\'', name))
            } else {
                text.split(|c: char| !c.is_ascii_alphanumeric()).any(|word| word == row.id)
            };
            assert!(shows, "{link} does not show {}", row.id);
        }
    }
}
