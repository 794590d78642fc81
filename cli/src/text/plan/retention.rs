//! What a plan says of what has outlived its use, as text.

use clap::builder::styling::Style;
use housekeep::plan::RetentionPlan;
use housekeep::size::Size;
use housekeep::wire::{Citation, Decision, Key, Stay};

use crate::text::table::{self, Heading, Holds};
use crate::text::{CAREFUL, DIM, SHOWN_ROWS, more, plain, short};

/// What goes and, if the plan says it, what stays.
pub(super) fn show(plan: &RetentionPlan) -> String {
    let skipped = plan.skipped();
    let mut out = super::skipped(&[
        (skipped.null_time, "without a time"),
        (skipped.future, "in the future"),
        (skipped.unmatched, "not what the rule is about"),
    ]);
    out.push('\n');
    if plan.drop_count() == 0 {
        out.push_str("nothing to remove\n");
    } else {
        out.push_str(&drops(plan));
    }
    if let Some(keeps) = plan.keeps() {
        out.push('\n');
        out.push_str(&stays(keeps));
    }
    out
}

fn drops(plan: &RetentionPlan) -> String {
    let shown = plan.drops().take(SHOWN_ROWS).map(|drop| {
        let line = Line {
            size: drop.size,
            group: &drop.group,
            when: Some(drop.time.to_string()),
            why: why(&drop.reasons),
        };
        (Style::new(), short(&drop.id), line.cells())
    });
    let shown: Vec<_> = shown.collect();
    table("remove", &[], &shown) + &more(plan.drop_count())
}

fn stays(keeps: &[Stay<'_>]) -> String {
    let shown = keeps.iter().take(SHOWN_ROWS).map(|stay| {
        let line = Line {
            size: stay.size,
            group: &stay.group,
            when: stay.time.map(|time| time.to_string()),
            why: why(&stay.reasons),
        };
        let style = match stay.decision {
            Decision::Keep => Style::new(),
            Decision::Block => CAREFUL,
            Decision::Skip => DIM,
        };
        let mut cells = line.cells();
        cells.push(stay.due_at.map(|due| due.to_string()).unwrap_or_default());
        (style, short(&stay.id), cells)
    });
    let shown: Vec<_> = shown.collect();
    table("stays", &[Heading("until", Holds::Word)], &shown) + &more(keeps.len() as u64)
}

/// What is said of an item besides its id.
struct Line<'a> {
    size: Option<u64>,
    group: &'a Key<'a>,
    when: Option<String>,
    why: String,
}

impl Line<'_> {
    fn cells(self) -> Vec<String> {
        let group: Vec<_> = self.group.iter().map(|(_, value)| short(&value.to_string())).collect();
        let size = self.size.map(|size| Size::new(size).to_string()).unwrap_or_default();
        vec![self.when.unwrap_or_default(), size, group.join(" · "), self.why]
    }
}

fn why(reasons: &[Citation<'_>]) -> String {
    let phrases: Vec<String> = reasons.iter().map(Citation::phrase).collect();
    plain(&phrases.join("; ")).into_owned()
}

/// A table of items; columns that say nothing of any of them are left out.
fn table(name: &'static str, more: &[Heading], rows: &[(Style, String, Vec<String>)]) -> String {
    let headings = [
        Heading("when", Holds::Word),
        Heading("size", Holds::Number),
        Heading("group", Holds::Text),
        Heading("why", Holds::Text),
    ];
    let all: Vec<Heading> = headings.into_iter().chain(more.iter().copied()).collect();
    let says = |place: usize| {
        rows.iter().any(|(.., cells)| cells.get(place).is_some_and(|c| !c.is_empty()))
    };
    let used: Vec<usize> = (0..all.len()).filter(|place| says(*place)).collect();
    let mut shown = vec![Heading(name, Holds::Text)];
    shown.extend(used.iter().filter_map(|place| all.get(*place).copied()));
    let lines: Vec<_> = rows
        .iter()
        .map(|(style, id, cells)| {
            let cells = used.iter().filter_map(|place| cells.get(*place).cloned());
            (*style, std::iter::once(id.clone()).chain(cells).collect())
        })
        .collect();
    table::lines(&shown, &lines)
}
