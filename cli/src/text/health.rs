//! A report of checks as text.

use clap::builder::styling::Style;
use housekeep::health::{Grouped, Status};
use housekeep::report::{CheckReport, Report};

use super::table::{self, Heading, Holds};
use super::{BAD, CAREFUL, DIM, GOOD, MARKED, SHOWN_ROWS, grouped, more, plain, short};

/// The word for the whole, then what is not ok, and why; all checks if that is asked for.
pub(crate) fn show(report: &Report, is_verbose: bool) -> String {
    let bad: Vec<_> = report.checks().filter(|own| own.verdict().status != Status::Ok).collect();
    let style = match report.status() {
        Status::Ok => GOOD.bold(),
        other => style(other).bold(),
    };
    let mut out = format!("{style}{}{style:#}\n", report.word());
    out.push_str(&format!(
        "  checks {}   not ok {}   at {}\n",
        grouped(report.checks().len() as u64),
        grouped(bad.len() as u64),
        report.now(),
    ));
    if is_verbose {
        out.push_str(&checks(report.checks().map(|check| row(&check, is_verbose)), is_verbose));
    } else {
        let shown = bad.iter().take(SHOWN_ROWS).map(|check| row(check, is_verbose));
        out.push_str(&checks(shown, is_verbose));
        out.push_str(&more(bad.len() as u64));
    }
    out.push_str(&groups(report));
    if let Some(at) = report.next_change() {
        out.push_str(&format!("\n{DIM}next change{DIM:#} {at}, if nothing new is measured\n"));
    }
    out
}

/// What is not ok stands out.
pub(super) fn style(status: Status) -> Style {
    match status {
        Status::Ok => Style::new(),
        Status::Warn => CAREFUL,
        Status::Unknown => MARKED,
        Status::Crit => BAD,
    }
}

fn checks(rows: impl Iterator<Item = (Style, Vec<String>)>, is_verbose: bool) -> String {
    let since = is_verbose.then_some(Heading("since", Holds::Word));
    let first = [Heading("check", Holds::Text), Heading("status", Holds::Word)];
    let headings = first.into_iter().chain(since).chain([Heading("why", Holds::Text)]);
    section(&headings.collect::<Vec<_>>(), &rows.collect::<Vec<_>>())
}

fn row(check: &CheckReport<'_>, is_verbose: bool) -> (Style, Vec<String>) {
    let name = match check.instance() {
        Some(instance) => format!("{} of {}", short(check.name()), short(instance)),
        None => short(check.name()),
    };
    let verdict = check.verdict();
    let since = is_verbose.then(|| verdict.since.to_string());
    let first = [name, verdict.status.as_str().to_owned()];
    let why = plain(&check.why()).into_owned();
    (style(verdict.status), first.into_iter().chain(since).chain([why]).collect())
}

fn groups(report: &Report) -> String {
    let headings =
        [Heading("group", Holds::Text), Heading("status", Holds::Word), Heading("", Holds::Text)];
    let row = |group: &Grouped| {
        let critical = report.is_critical(&group.group).then(|| "critical".to_owned());
        let cap = group.uncapped.map(|status| format!("{} without its cap", status.as_str()));
        let notes: Vec<String> = critical.into_iter().chain(cap).collect();
        let cells = vec![short(&group.group), group.status.as_str().into(), notes.join(", ")];
        (style(group.status), cells)
    };
    section(&headings, &report.groups().iter().map(row).collect::<Vec<_>>())
}

/// A table below an empty line; nothing if it has no rows.
fn section(headings: &[Heading], rows: &[(Style, Vec<String>)]) -> String {
    if rows.is_empty() {
        return String::new();
    }
    format!("\n{}", table::lines(headings, rows))
}
