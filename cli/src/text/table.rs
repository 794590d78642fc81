//! Tables: columns two spaces apart, as wide as the terminal if there is one.

use clap::builder::styling::Style;
use comfy_table::{CellAlignment, ColumnConstraint, ContentArrangement, Table, presets};
use console::Term;

use super::BOLD;

/// How far a table stands from the left.
const MARGIN: usize = 2;
/// A terminal that is narrower breaks the lines itself.
const NARROWEST: u16 = 72;

/// What stands in a column.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Holds {
    /// Text, which may take several lines where the terminal is narrow.
    Text,
    /// Short text, which stays on one line.
    Word,
    /// The same, flush right.
    Number,
}

/// A column: its heading, and what stands below it.
#[derive(Clone, Copy, Debug)]
pub(super) struct Heading(pub(super) &'static str, pub(super) Holds);

/// The lines of a table. Each row has a style for the whole of it.
pub(super) fn lines(headings: &[Heading], rows: &[(Style, Vec<String>)]) -> String {
    let mut table = Table::new();
    table.load_style(presets::NOTHING);
    table.set_header(headings.iter().map(|heading| heading.0));
    for (_, cells) in rows {
        table.add_row(cells.iter().map(String::as_str));
    }
    for (column, Heading(_, holds)) in table.column_iter_mut().zip(headings) {
        column.set_padding((0, 2));
        if *holds != Holds::Text {
            column.set_constraint(ColumnConstraint::ContentWidth);
        }
        if *holds == Holds::Number {
            column.set_cell_alignment(CellAlignment::Right);
        }
    }
    if let Some(width) = width() {
        table.set_content_arrangement(ContentArrangement::Dynamic);
        table.set_width(width);
    }
    // A row may take several lines; only where each takes one is it known whose a line is.
    let drawn: Vec<String> = table.lines().collect();
    let is_even = drawn.len() == rows.len() + 1;
    let mut out = String::new();
    for (n, line) in drawn.iter().enumerate() {
        let style = match n.checked_sub(1) {
            None => BOLD,
            Some(n) => rows.get(n).filter(|_| is_even).map_or(Style::new(), |row| row.0),
        };
        let line = line.trim_end();
        out.push_str(&format!("{:MARGIN$}{style}{line}{style:#}\n", ""));
    }
    out
}

/// What a table may take of the terminal's width; none if stdout is no terminal.
fn width() -> Option<u16> {
    let term = Term::stdout();
    let (_, columns) = term.size_checked().filter(|_| term.is_term())?;
    Some(columns.saturating_sub(2).max(NARROWEST))
}

/// How many characters a bar may take.
pub(super) fn bar_width() -> usize {
    usize::from(width().unwrap_or(80)).saturating_sub(36).clamp(10, 40)
}
