//! A report of checks as text.

use clap::builder::styling::Style;
use housekeep::health::{Escalation, Grouped, Status};
use housekeep::report::{CheckReport, Report};
use housekeep::time::Instant;

use super::table::{self, Heading, Holds};
use super::{BAD, CAREFUL, DIM, GOOD, MARKED, SHOWN_ROWS, grouped, more, plain, short};

/// The word for the whole, then what is not ok, and why; all checks if that is asked for. What is to be
/// told is that of another report, which may have more.
pub(crate) fn show(report: &Report, tells: &Report, is_verbose: bool) -> String {
    let bad: Vec<_> = report.checks().filter(|own| own.verdict().status != Status::Ok).collect();
    let style = match report.status() {
        Status::Ok => GOOD.bold(),
        other => style(other).bold(),
    };
    let mut out = format!("{style}{}{style:#}\n", report.word());
    let muted = report.checks().filter(|own| own.verdict().muted.is_some()).count();
    let muted = match muted {
        0 => String::new(),
        muted => format!("   muted {}", grouped(muted as u64)),
    };
    out.push_str(&format!(
        "  checks {}   not ok {}{muted}   at {}\n",
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
    if is_verbose {
        out.push_str(&escalations(report));
    }
    out.push_str(&told(tells));
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

fn name(check: &CheckReport<'_>) -> String {
    match check.instance() {
        Some(instance) => format!("{} of {}", short(check.name()), short(instance)),
        None => short(check.name()),
    }
}

fn row(check: &CheckReport<'_>, is_verbose: bool) -> (Style, Vec<String>) {
    let verdict = check.verdict();
    let since = is_verbose.then(|| verdict.since.to_string());
    let first = [name(check), verdict.status.as_str().to_owned()];
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

/// Who was called about what is raised, who is next, and by when something has to be done.
fn escalations(report: &Report) -> String {
    let headings = [
        Heading("raised", Holds::Text),
        Heading("severity", Holds::Text),
        Heading("called", Holds::Text),
        Heading("next", Holds::Text),
        Heading("to do", Holds::Text),
    ];
    let now = report.now();
    let row = |check: CheckReport<'_>| {
        let own = check.verdict().escalation.as_ref()?;
        let called = own.called.iter().map(|call| short(&call.who)).collect::<Vec<_>>();
        let next = own.next.as_ref().map(|call| format!("{} at {}", short(&call.who), call.at));
        let severity = short(check.severity().unwrap_or_default());
        let cells = vec![
            name(&check),
            severity,
            called.join(", "),
            next.unwrap_or_default(),
            to_do(own, now),
        ];
        Some((style(check.verdict().status), cells))
    };
    filled(&headings, &report.checks().filter_map(row).collect::<Vec<_>>())
}

/// What is to be told now: all of it, for it is said once.
fn told(report: &Report) -> String {
    let headings = [
        Heading("to tell", Holds::Text),
        Heading("change", Holds::Word),
        Heading("call", Holds::Text),
        Heading("action", Holds::Text),
        Heading("to do", Holds::Text),
    ];
    let now = report.now();
    let row = |check: CheckReport<'_>| {
        let told = check.action(now)?;
        let change = match (told.from, told.to) {
            (from, to) if from == to => format!("still {}", to.as_str()),
            (from, to) => format!("{} → {}", from.as_str(), to.as_str()),
        };
        let calls = told.calls.iter().map(|who| short(who)).collect::<Vec<_>>();
        let to_do = check.verdict().escalation.as_ref().map(|own| to_do(own, now));
        let cells = vec![
            name(&check),
            change,
            calls.join(", "),
            told.action.map(short).unwrap_or_default(),
            to_do.unwrap_or_default(),
        ];
        let style = if told.to == Status::Ok { GOOD } else { style(told.to) };
        Some((style, cells))
    };
    filled(&headings, &report.checks().filter_map(row).collect::<Vec<_>>())
}

/// What somebody has to do next about what is raised, and by when.
fn to_do(escalation: &Escalation, now: Instant) -> String {
    let what = match escalation.acknowledge_by {
        Some(_) => "acknowledge",
        None => "resolve",
    };
    let late = |by: Instant| if by <= now { ", overdue" } else { "" };
    escalation.due().map(|by| format!("{what} by {by}{}", late(by))).unwrap_or_default()
}

/// A table without the columns that are empty.
fn filled(headings: &[Heading], rows: &[(Style, Vec<String>)]) -> String {
    let is_filled =
        |n: usize| rows.iter().any(|(_, cells)| cells.get(n).is_some_and(|cell| !cell.is_empty()));
    let shown: Vec<usize> = (0..headings.len()).filter(|n| is_filled(*n)).collect();
    let headings: Vec<Heading> = shown.iter().filter_map(|n| headings.get(*n).copied()).collect();
    let cells = |cells: &[String]| shown.iter().filter_map(|n| cells.get(*n).cloned()).collect();
    let rows: Vec<_> = rows.iter().map(|(style, own)| (*style, cells(own))).collect();
    section(&headings, &rows)
}

/// A table below an empty line; nothing if it has no rows.
fn section(headings: &[Heading], rows: &[(Style, Vec<String>)]) -> String {
    if rows.is_empty() {
        return String::new();
    }
    format!("\n{}", table::lines(headings, rows))
}
