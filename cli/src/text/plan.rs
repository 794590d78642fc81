//! A plan as text.

use std::path::Path;

use clap::builder::styling::Style;
use housekeep::dedupe::{Mode, Skipped};
use housekeep::plan::{DropEntry, Plan, Reason};
use housekeep::policy::DedupeRule;

use super::table::{self, Heading, Holds};
use super::{BOLD, CAREFUL, DIM, GOOD, SHOWN_ROWS, grouped, plain, roughly, short, title};
use crate::args;

/// A plan, for the people who review it.
pub(crate) fn show(plan: &Plan, rule: &DedupeRule, args: &args::Plan) -> String {
    let mut out = title(rule, "planned at", plan.planned_at());
    out.push_str(&format!(
        "  total {}   eligible {}   keep {}   {BOLD}drop {}{BOLD:#}\n",
        grouped(plan.total()),
        grouped(plan.eligible()),
        grouped(plan.keep()),
        grouped(plan.drop_count()),
    ));
    out.push_str(&skipped(plan.skipped()));
    out.push('\n');
    if plan.drop_count() == 0 {
        out.push_str(&nearest(plan, rule));
        let input = plain(&args.asked.input.display().to_string()).into_owned();
        out.push_str(&format!(
            "{DIM}see what other windows would drop: housekeep sweep {} --input {input}{DIM:#}\n",
            rule.name(),
        ));
    } else {
        out.push_str(&drops(plan, rule));
        out.push('\n');
        out.push_str(&advice(plan));
    }
    if let Some(path) = &args.output {
        out.push_str(&written(path));
    }
    out
}

/// Why rows were left alone, and how many.
fn skipped(skipped: Skipped) -> String {
    let found = [
        (skipped.null_time, "without a time"),
        (skipped.null_key, "with a null in the key"),
        (skipped.future, "in the future"),
        (skipped.not_only, "not what the rule is about"),
        (skipped.open, "in clusters that may still grow"),
    ];
    let found = found.iter().filter(|(count, _)| *count > 0);
    let found: Vec<_> = found.map(|(count, why)| format!("{} {why}", grouped(*count))).collect();
    match skipped.total() {
        0 => String::new(),
        total => format!("  skipped {}: {}\n", grouped(total), found.join(", ")),
    }
}

fn drops(plan: &Plan, rule: &DedupeRule) -> String {
    let headings = [
        Heading("drop", Holds::Text),
        Heading("kept instead", Holds::Text),
        Heading("when", Holds::Word),
        Heading("gap", Holds::Number),
        Heading("key", Holds::Text),
        Heading("why", Holds::Text),
    ];
    let rows = plan.drops().take(SHOWN_ROWS).map(|drop| (Style::new(), row(&drop, rule)));
    let mut out = table::lines(&headings, &rows.collect::<Vec<_>>());
    let more = plan.drop_count().saturating_sub(SHOWN_ROWS as u64);
    if more > 0 {
        let more = grouped(more);
        out.push_str(&format!("  {DIM}… and {more} more; --format json lists all{DIM:#}\n"));
    }
    out
}

fn row(drop: &DropEntry<'_>, rule: &DedupeRule) -> Vec<String> {
    let key: Vec<_> = drop.key.iter().map(|(_, value)| short(&value.to_string())).collect();
    let window = rule.rule().get_window();
    let why = match drop.reason {
        Reason::WithinWindow => format!("within {window}"),
        Reason::Chained { via, .. } if via == drop.keeper_id => format!("within {window}"),
        Reason::Chained { via, gap } => {
            format!("{} from {}", roughly(gap), short(&via.to_string()))
        }
        Reason::SameBucket { start } => format!("same {window} from {start}"),
        Reason::SameKey => "same key".into(),
    };
    vec![
        short(&drop.id.to_string()),
        short(&drop.keeper_id.to_string()),
        drop.time.to_string(),
        roughly(drop.gap).to_string(),
        key.join(" · "),
        why,
    ]
}

fn advice(plan: &Plan) -> String {
    let (style, what) =
        if plan.is_advised() { (GOOD, "apply") } else { (CAREFUL, "do not apply yet") };
    format!("{style}{what}{style:#}: {}\n", plan.advice())
}

fn nearest(plan: &Plan, rule: &DedupeRule) -> String {
    let Some((id, other, gap)) = plan.nearest() else {
        let why = match plan.skipped().open {
            0 => "nothing comes near: no two rows that count share a key",
            _ => "all that is near each other may still grow",
        };
        return format!("nothing to drop; {why}\n");
    };
    let (id, other, window) = (short(id), short(other), rule.rule().get_window());
    let apart = match rule.rule().get_mode() {
        Mode::Tumbling => format!("{gap} apart, in different buckets of {window}"),
        _ => format!("{gap} apart, and the window is {window}"),
    };
    format!("nothing to drop; the nearest are {id} and {other}, {apart}\n")
}

fn written(path: &Path) -> String {
    format!("written to {}\n", plain(&path.display().to_string()))
}
