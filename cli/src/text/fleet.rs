//! How many snapshots are, as text.

use housekeep::columns::Cell;
use housekeep::health::Status;
use housekeep::report::{Counts, Fleet, FleetRow};

use super::health::style;
use super::table::{self, Heading, Holds};
use super::{GOOD, SHOWN_ROWS, grouped, more, short};

/// The word for the worst, how many have which status, and the worst rows.
pub(crate) fn show(fleet: &Fleet) -> String {
    let status = fleet.status();
    let style = if status == Status::Ok { GOOD } else { style(status) }.bold();
    let mut out = format!("{style}{}{style:#}\n", status.overall());
    let total = grouped(fleet.total());
    out.push_str(&format!("  rows {total}   at {}\n", fleet.now()));
    let whole = std::iter::once(("all".to_owned(), fleet.counts()));
    let named = |(name, codes): (&str, &[u8])| (short(name), Counts::of(codes));
    let groups = fleet.groups().map(named).map(|(name, counts)| (format!("group {name}"), counts));
    let lines = whole.chain(fleet.checks().map(named)).chain(groups);
    let lines: Vec<_> = lines.map(|(name, counts)| line(name, &counts)).collect();
    let number = |status: Status| Heading(status.as_str(), Holds::Number);
    let numbers = [Status::Ok, Status::Warn, Status::Unknown, Status::Crit].map(number);
    let headings: Vec<_> = [Heading("check", Holds::Text)].into_iter().chain(numbers).collect();
    out.push_str(&format!("\n{}", table::lines(&headings, &lines)));
    let counts = fleet.counts();
    let bad = counts.warn + counts.unknown + counts.crit;
    if bad > 0 {
        let rows: Vec<_> = fleet.worst(SHOWN_ROWS).iter().map(row).collect();
        let headings = [
            Heading("row", Holds::Number),
            Heading("id", Holds::Text),
            Heading("status", Holds::Word),
            Heading("why", Holds::Text),
        ];
        out.push_str(&format!("\n{}{}", table::lines(&headings, &rows), more(bad)));
    }
    out
}

fn line(name: String, counts: &Counts) -> (clap::builder::styling::Style, Vec<String>) {
    let each = counts.each();
    let worst = each.iter().rev().find(|(_, count)| *count > 0).map_or(Status::Ok, |own| own.0);
    let cells = each.iter().map(|(_, count)| grouped(*count));
    (style(worst), std::iter::once(name).chain(cells).collect())
}

fn row(found: &FleetRow<'_>) -> (clap::builder::styling::Style, Vec<String>) {
    let bad = |(name, status): &(&str, Status)| format!("{} {}", short(name), status.as_str());
    // A row may be bad by what it is made of alone.
    let why: Vec<String> = found.checks.iter().map(bad).collect();
    let id = match found.id {
        Cell::Missing | Cell::Null => String::new(),
        id => short(&id.to_string()),
    };
    let number = grouped(u64::from(found.row) + 1);
    (style(found.status), vec![number, id, found.status.as_str().into(), why.join(", ")])
}
