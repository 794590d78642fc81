//! A sweep as text.

use clap::builder::styling::Style;
use housekeep::dedupe::{GapCount, Mode, ModeCounts, Sweep};
use housekeep::policy::DedupeRule;
use housekeep::time::Instant;

use super::table::{self, Heading, Holds, bar_width};
use super::{DIM, MARKED, dedupe_title, grouped};

/// What each window would drop, for whoever is about to choose one.
pub(crate) fn show(sweep: &Sweep, rule: &DedupeRule, now: Instant) -> String {
    let mut out = dedupe_title(rule, "as of", now);
    out.push_str(&format!(
        "  total {}   eligible {}\n\n",
        grouped(sweep.total),
        grouped(sweep.eligible),
    ));
    out.push_str(&windows(sweep, rule));
    out.push('\n');
    let own = if rule.rule().get_mode() == Mode::Forever { ", as the rule does," } else { "" };
    let forever = cell(sweep.forever);
    out.push_str(&format!("  forever, which leaves one row per key,{own} drops {forever}\n"));
    out.push_str(&match sweep.smallest {
        Some(smallest) => format!("  the smallest window that drops anything is {smallest}\n"),
        None => "  no window drops anything: no two rows that count share a key\n".into(),
    });
    out.push_str(&gaps(&sweep.gaps));
    out
}

fn windows(sweep: &Sweep, rule: &DedupeRule) -> String {
    let headings = [
        Heading("", Holds::Word),
        Heading("window", Holds::Number),
        Heading("anchor", Holds::Number),
        Heading("chain", Holds::Number),
        Heading("tumbling", Holds::Number),
    ];
    let (mode, window) = (rule.rule().get_mode(), rule.rule().get_window());
    let mut has_open = false;
    let mut has_own = false;
    let mut rows = Vec::with_capacity(sweep.windows.len());
    for counts in &sweep.windows {
        let is_own = mode != Mode::Forever && counts.window == window;
        let modes = [counts.anchor, counts.chain, counts.tumbling];
        has_open |= modes.iter().any(|mode| mode.open > 0);
        has_own |= is_own;
        let mark = if is_own { "*" } else { "" };
        let style = if is_own { MARKED } else { Style::new() };
        let cells = [mark.to_owned(), counts.window.to_string()].into_iter();
        rows.push((style, cells.chain(modes.map(cell)).collect()));
    }
    let mut out = table::lines(&headings, &rows);
    if has_own {
        let note = format!("* the rule as it is: {} with a window of {window}", mode.as_str());
        out.push_str(&format!("  {MARKED}{note}{MARKED:#}\n"));
    }
    if has_open {
        let note = "(n) rows left alone because their cluster may still grow";
        out.push_str(&format!("  {DIM}{note}{DIM:#}\n"));
    }
    out
}

fn cell(counts: ModeCounts) -> String {
    match counts.open {
        0 => grouped(counts.drop),
        open => format!("{} ({})", grouped(counts.drop), grouped(open)),
    }
}

/// The histogram of gaps between neighbours of one key.
fn gaps(gaps: &[GapCount]) -> String {
    if gaps.is_empty() {
        return String::new();
    }
    let most = gaps.iter().map(|gap| gap.count).max().unwrap_or(1).max(1);
    let rows = gaps.iter().map(|gap| {
        let range = match gap.upto {
            Some(upto) if gap.over.as_micros() == 0 => format!("up to {upto}"),
            Some(upto) => format!("{} to {upto}", gap.over),
            None => format!("over {}", gap.over),
        };
        (Style::new(), vec![range, grouped(gap.count), bar(gap.count, most)])
    });
    let headings = [
        Heading("gap between neighbours of a key", Holds::Number),
        Heading("count", Holds::Number),
        Heading("", Holds::Word),
    ];
    format!("\n{}", table::lines(&headings, &rows.collect::<Vec<_>>()))
}

/// A bar of blocks, to an eighth of a block. What is there at all can be seen.
fn bar(count: u64, most: u64) -> String {
    const PARTS: [&str; 8] = ["", "▏", "▎", "▍", "▌", "▋", "▊", "▉"];
    let whole = bar_width() as u128 * 8;
    let eighths = (u128::from(count) * whole / u128::from(most)).max(u128::from(count > 0));
    let eighths = usize::try_from(eighths).unwrap_or(0);
    format!("{}{}", "█".repeat(eighths / 8), PARTS.get(eighths % 8).copied().unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_longest_bar_fills_the_width_and_the_shortest_is_seen() {
        assert_eq!(bar(7, 7).chars().count(), bar_width());
        assert_eq!(bar(1, u64::MAX), "▏");
        assert_eq!(bar(0, 7), "");
    }
}
