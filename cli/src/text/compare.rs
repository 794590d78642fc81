//! A comparison as text.

use housekeep::policy::DedupeRule;
use housekeep::time::Instant;
use housekeep::wire;

use super::{BOLD, dedupe_title, grouped, ids, short};
use crate::args;

/// The ids on which two rules differ.
pub(crate) fn show(
    answer: &wire::Compare,
    rule: &DedupeRule,
    args: &args::Compare,
    now: Instant,
) -> String {
    let changes: Vec<_> = args.changes.iter().map(|change| short(change)).collect();
    let changes = changes.join(" ");
    let mut out = dedupe_title(rule, "compared at", now);
    out.push_str(&format!("  both drop {}\n", grouped(answer.both)));
    let sides = [("as it is", &answer.only_a), (changes.as_str(), &answer.only_b)];
    let width = sides.iter().map(|(name, _)| name.chars().count()).max().unwrap_or(0);
    for (name, only) in sides {
        let count = grouped(only.len() as u64);
        let list = if only.is_empty() { String::new() } else { format!(": {}", ids(only)) };
        out.push_str(&format!("  only {BOLD}{name:width$}{BOLD:#}  drops {count}{list}\n"));
    }
    if answer.only_a.is_empty() && answer.only_b.is_empty() {
        out.push_str("\nthe two drop the same rows\n");
    }
    out
}
