//! What came of rows of a database as text.

use std::path::Path;

use housekeep::apply::{Applied, Done, Exported, Restored, Verification};

use super::table::{self, Heading, Holds};
use super::{BOLD, CAREFUL, DIM, grouped, plain, short};

/// What came of applying a plan, and where what was removed is kept.
pub(crate) fn applied(answer: &Applied, kept: Option<&Path>) -> String {
    let (database, table) = answer.place();
    let (planned, gone, changed) = answer.counts();
    let mut out = format!(
        "{BOLD}{}{BOLD:#} in {}\n  planned {}   gone already {}   changed {}\n",
        plain(table),
        plain(database),
        grouped(planned),
        grouped(gone),
        grouped(changed),
    );
    let verb = match answer.outcome() {
        Done::DryRun => "would remove",
        Done::Rehearsed => "removed, and rolled back,",
        Done::Applied => "removed",
        Done::AlreadyApplied => "",
    };
    if !verb.is_empty() {
        for count in answer.removed() {
            out.push_str(&format!("  {verb} {} of {}\n", grouped(count.rows), plain(&count.table)));
        }
    }
    if let Some(last) = answer.outcomes() {
        let after = last.failed_after.unwrap_or(last.failed_predicted);
        out.push_str(&format!(
            "  of the last {} {} had failed, and now {after}\n",
            last.of, last.failed_before
        ));
    }
    for statement in answer.statements() {
        out.push('\n');
        for line in statement.lines() {
            out.push_str(&format!("  {DIM}{}{DIM:#}\n", plain(line)));
        }
    }
    out.push('\n');
    out.push_str(&match (answer.outcome(), kept) {
        (Done::DryRun, _) => "nothing was touched\n".to_owned(),
        (Done::Rehearsed, _) => "all of it was rolled back\n".to_owned(),
        (Done::AlreadyApplied, _) => {
            "all of it had gone before: there is nothing to do\n".to_owned()
        }
        (Done::Applied, None) => String::new(),
        (Done::Applied, Some(kept)) => {
            let kept = kept.display().to_string();
            format!("{DIM}bring them back: housekeep restore {}{DIM:#}\n", plain(&kept))
        }
    });
    out
}

/// What came of an export.
pub(crate) fn exported(answer: &Exported, folder: &Path) -> String {
    let mut out = format!("{BOLD}{}{BOLD:#}\n", plain(&folder.display().to_string()));
    for count in answer.tables() {
        out.push_str(&format!("  {} of {}\n", grouped(count.rows), plain(&count.table)));
    }
    out
}

/// What came of a restore.
pub(crate) fn restored(answer: &Restored) -> String {
    let verb = if answer.is_dry() { "would restore" } else { "restored" };
    let mut out = String::new();
    for own in answer.tables() {
        out.push_str(&format!(
            "{BOLD}{}{BOLD:#}\n  {verb} {}   there already {}\n",
            plain(&own.table),
            grouped(own.restored),
            grouped(own.identical),
        ));
    }
    if answer.is_dry() {
        out.push_str("\nnothing was touched; do it: --confirm yes-restore\n");
    }
    out
}

/// What a verification found.
pub(crate) fn verified(answer: &Verification) -> String {
    let (rule, database, table) = answer.place();
    let (rows, drops, several) = answer.counts();
    let mut out = format!(
        "{BOLD}{}{BOLD:#} on {} in {}\n  rows {}   to drop {}   keys with several rows {}\n",
        plain(rule),
        plain(table),
        plain(database),
        grouped(rows),
        grouped(drops),
        grouped(several),
    );
    for count in answer.orphans() {
        out.push_str(&format!("  orphans in {}: {}\n", plain(&count.table), grouped(count.rows)));
    }
    for index in answer.missing_indexes() {
        out.push_str(&format!("  {CAREFUL}missing index{CAREFUL:#}: {}\n", plain(index)));
    }
    if !answer.top().is_empty() {
        let headings = [Heading("most rows", Holds::Text), Heading("rows", Holds::Number)];
        let row = |count: &housekeep::apply::KeyCount| {
            let key = count.key.as_deref().map_or_else(|| "null".to_owned(), short);
            (clap::builder::styling::Style::new(), vec![key, grouped(count.rows)])
        };
        let rows: Vec<_> = answer.top().iter().map(row).collect();
        out.push_str(&format!("\n{}", table::lines(&headings, &rows)));
    }
    out
}
