//! A removal of files as text.

use clap::builder::styling::Style;
use housekeep::size::Size;

use super::table::{self, Heading, Holds};
use super::{BOLD, CAREFUL, DIM, SHOWN_ROWS, grouped, plain, short};
use crate::files::{Fate, Removal};

/// What became of the files of a plan, and of each that was not removed.
pub(crate) fn show(answer: &Removal) -> String {
    let removed = if answer.is_dry { "would remove" } else { "removed" };
    let mut out = format!(
        "{BOLD}{}{BOLD:#}\n  {removed} {} ({})   gone already {}   changed {}   failed {}\n",
        plain(&answer.folder.display().to_string()),
        grouped(answer.removed),
        Size::new(answer.removed_bytes),
        grouped(answer.gone),
        grouped(answer.changed),
        grouped(answer.failed),
    );
    out.push_str(&stayed(answer));
    out.push('\n');
    out.push_str(&last(answer));
    out
}

/// The files that are still there, and why.
fn stayed(answer: &Removal) -> String {
    let why = |fate| match fate {
        &Fate::Removed | &Fate::Gone => None,
        Fate::Changed(why) => Some((Style::new(), why)),
        Fate::Failed(why) => Some((CAREFUL, why)),
    };
    let stayed = answer.files.iter().filter_map(|(id, fate)| Some((id, why(fate)?)));
    let row = |(id, (style, why)): (&String, (Style, &String))| {
        (style, vec![short(id), plain(why).into()])
    };
    let rows: Vec<_> = stayed.take(SHOWN_ROWS).map(row).collect();
    if rows.is_empty() {
        return String::new();
    }
    let headings = [Heading("stays", Holds::Text), Heading("why", Holds::Text)];
    let all = answer.changed + answer.failed;
    format!("\n{}{}", table::lines(&headings, &rows), super::more(all))
}

/// What there is to do now.
fn last(answer: &Removal) -> String {
    if answer.is_dry {
        return "nothing was touched\n".into();
    }
    match &answer.trash {
        Some(trash) => {
            let trash = plain(&trash.display().to_string()).into_owned();
            format!("{DIM}bring them back: housekeep restore {trash}{DIM:#}\n")
        }
        None => "gone for good\n".into(),
    }
}
