//! A restoration as text.

use clap::builder::styling::Style;

use super::table::{self, Heading, Holds};
use super::{BOLD, CAREFUL, SHOWN_ROWS, grouped, plain, short};
use crate::files::{Outcome, Restoration};

/// What became of the files of a trash, and of each that stayed.
pub(crate) fn show(answer: &Restoration) -> String {
    let trash = plain(&answer.trash.display().to_string()).into_owned();
    let Some(folder) = &answer.folder else {
        return format!("nothing to restore: {trash} holds no file\n");
    };
    let mut out = format!("{BOLD}{trash}{BOLD:#} to {}\n", plain(&folder.display().to_string()));
    let restored = if answer.is_dry { "would restore" } else { "restored" };
    out.push_str(&format!(
        "  {restored} {}   in the way {}   failed {}\n",
        grouped(answer.restored),
        grouped(answer.in_the_way),
        grouped(answer.failed),
    ));
    out.push_str(&stayed(answer));
    out.push('\n');
    out.push_str(&last(answer));
    out
}

/// The files that stay in the trash, and why.
fn stayed(answer: &Restoration) -> String {
    let why = |outcome| match outcome {
        &Outcome::Restored => None,
        Outcome::InTheWay(why) | Outcome::Failed(why) => Some(why),
    };
    let stayed = answer.files.iter().filter_map(|(id, outcome)| Some((id, why(outcome)?)));
    let row = |(id, why): (&String, &String)| (Style::new(), vec![short(id), plain(why).into()]);
    let rows: Vec<_> = stayed.take(SHOWN_ROWS).map(row).collect();
    if rows.is_empty() {
        return String::new();
    }
    let headings = [Heading("stays", Holds::Text), Heading("why", Holds::Text)];
    let all = answer.in_the_way + answer.failed;
    format!("\n{}{}", table::lines(&headings, &rows), super::more(all))
}

/// What there is to do now.
fn last(answer: &Restoration) -> String {
    if answer.is_dry {
        return "nothing was touched; --confirm yes-restore does it\n".into();
    }
    if answer.is_emptied {
        return "the trash is empty, and gone\n".into();
    }
    let why = match answer.in_the_way + answer.failed {
        0 => "but could not be removed",
        _ => "with what could not be restored; take away what is in the way, and run it again",
    };
    format!("{CAREFUL}the trash stays{CAREFUL:#}, {why}\n")
}
