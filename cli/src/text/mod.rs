//! Answers as text for people. What is shown is core's; how it is laid out is decided here.

pub(crate) mod apply;
pub(crate) mod compare;
pub(crate) mod explain;
pub(crate) mod fleet;
pub(crate) mod health;
pub(crate) mod plan;
pub(crate) mod restore;
pub(crate) mod rows;
pub(crate) mod schedule;
pub(crate) mod sweep;
mod table;

use std::borrow::Cow;

use clap::builder::styling::{AnsiColor, Style};
use housekeep::health::Mute;
use housekeep::policy::DedupeRule;
use housekeep::time::{Duration, Instant};

use crate::policy::PolicyFile;

const BOLD: Style = Style::new().bold();
const DIM: Style = Style::new().dimmed();
const GOOD: Style = AnsiColor::Green.on_default();
const MARKED: Style = AnsiColor::Cyan.on_default();
const CAREFUL: Style = AnsiColor::Yellow.on_default();
const BAD: Style = AnsiColor::Red.on_default();
/// A value that is longer is cut: JSON has all of it.
const SHOWN_CHARS: usize = 48;
/// Longer lists are cut: JSON has all of them.
const SHOWN_ROWS: usize = 20;

/// Text of somebody else's, in which nothing moves the cursor or hides what stands there.
pub(crate) fn plain(text: &str) -> Cow<'_, str> {
    let is_unseen = |c: char| c.is_control() || ('\u{200b}'..='\u{206f}').contains(&c);
    if !text.contains(is_unseen) {
        return Cow::Borrowed(text);
    }
    Cow::Owned(text.chars().map(|c| if is_unseen(c) { '\u{fffd}' } else { c }).collect())
}

/// The same, and cut where it is long.
fn short(text: &str) -> String {
    let text = plain(text);
    match text.char_indices().nth(SHOWN_CHARS) {
        None => text.into_owned(),
        Some((end, _)) => format!("{}…", text.get(..end).unwrap_or_default()),
    }
}

/// A count with its thousands apart.
fn grouped(count: u64) -> String {
    let digits = count.to_string();
    let mut out = String::with_capacity(digits.len() * 4 / 3);
    for (n, digit) in digits.chars().enumerate() {
        if n > 0 && (digits.len() - n).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

/// A duration as people say it: from a minute on in whole seconds. JSON has all of it.
fn roughly(gap: Duration) -> Duration {
    const SECOND: i64 = 1_000_000;
    let micros = gap.as_micros();
    let cut = if micros < 60 * SECOND { micros } else { micros - micros % SECOND };
    Duration::from_micros(cut).unwrap_or(gap)
}

/// How many there are besides those that are shown.
fn more(count: u64) -> String {
    match count.saturating_sub(SHOWN_ROWS as u64) {
        0 => String::new(),
        more => format!("  {DIM}… and {} more; --format json lists all{DIM:#}\n", grouped(more)),
    }
}

/// What the answer is about.
fn title(rule: &str, table: Option<&str>, what: &str, at: Instant) -> String {
    let table = table.map(|table| format!(" on {}", short(table))).unwrap_or_default();
    format!("{BOLD}{rule}{BOLD:#}{table}, {what} {at}\n")
}

/// The same, of a dedupe rule.
fn dedupe_title(rule: &DedupeRule, what: &str, at: Instant) -> String {
    title(&format!("dedupe.{}", rule.name()), rule.table(), what, at)
}

/// Some ids, and how many more there are.
fn ids(ids: &[String]) -> String {
    let shown: Vec<String> = ids.iter().take(SHOWN_ROWS).map(|id| short(id)).collect();
    let mut out = shown.join(", ");
    if let Some(more) = ids.len().checked_sub(SHOWN_ROWS).filter(|more| *more > 0) {
        out.push_str(&format!(" … and {} more; --format json lists all", grouped(more as u64)));
    }
    out
}

/// That a policy is sound, and what is in it.
pub(crate) fn validate(file: &PolicyFile) -> String {
    let rules: Vec<String> = file.policy.rules().collect();
    let word = if rules.len() == 1 { "rule" } else { "rules" };
    format!("{}: {} {word}: {}\n", plain(&file.name), rules.len(), rules.join(", "))
}

/// That somebody is on a check: from an instant on, or none if somebody was already.
pub(crate) fn acknowledge(check: &str, instance: Option<&str>, at: Option<Instant>) -> String {
    let of = instance.map(|own| format!(" of `{}`", plain(own))).unwrap_or_default();
    let check = format!("`{}`{of}", plain(check));
    match at {
        Some(at) => format!(
            "{check} is acknowledged at {at}: nobody else is called until it gets worse or is raised anew\n"
        ),
        None => format!("{check} was acknowledged before: nothing is different\n"),
    }
}

/// That nobody is told of some checks.
pub(crate) fn mute(mute: &Mute) -> String {
    let who = match mute.of.as_slice() {
        all if all.iter().any(|name| name == "*") => "all checks are".into(),
        [one] => format!("`{}` is", plain(one)),
        several => format!("{} are", names(several)),
    };
    let Mute { from, until, .. } = mute;
    format!("{who} muted from {from} until {until}: what is still so then is told then\n")
}

/// That the host was down, and goes on.
pub(crate) fn resume(down: Instant, now: Instant) -> String {
    if down >= now {
        return format!("it was evaluated at {down} last: no time was lost\n");
    }
    let lost = now.distance(down);
    format!(
        "nothing was evaluated from {down} until {now}: for what has to last, these {lost} do not count\n"
    )
}

/// Names as they stand in a sentence.
pub(crate) fn names(all: &[String]) -> String {
    let quoted: Vec<String> = all.iter().map(|name| format!("`{}`", plain(name))).collect();
    match quoted.split_last() {
        Some((last, others)) if !others.is_empty() => format!("{} and {last}", others.join(", ")),
        _ => quoted.concat(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn thousands_stand_apart() {
        assert_eq!(grouped(0), "0");
        assert_eq!(grouped(999), "999");
        assert_eq!(grouped(1000), "1,000");
        assert_eq!(grouped(u64::MAX), "18,446,744,073,709,551,615");
    }

    #[test]
    fn a_long_gap_is_said_in_seconds() {
        let said = |micros| roughly(Duration::from_micros(micros).unwrap()).to_string();
        assert_eq!(said(245_765_261), "4m5s");
        assert_eq!(said(59_999_999), "59s999ms999us");
        assert_eq!(said(0), "0s");
    }

    #[test]
    fn nothing_unseen_is_shown() {
        assert_eq!(plain("a\u{1b}[31mb\u{202e}\n"), "a\u{fffd}[31mb\u{fffd}\u{fffd}");
        assert_eq!(short(&"x".repeat(1_000_000)).chars().count(), SHOWN_CHARS + 1);
    }
}
