//! What a plan says of duplicates, as text.

use std::path::Path;

use clap::builder::styling::Style;
use housekeep::dedupe::{Mode, Skipped};
use housekeep::plan::{DedupePlan, DropEntry, Reason};
use housekeep::policy::DedupeRule;

use crate::args;
use crate::text::table::{self, Heading, Holds};
use crate::text::{CAREFUL, DIM, GOOD, SHOWN_ROWS, more, plain, roughly, short};

/// What a plan says of duplicates, for the people who review it.
pub(super) fn show(plan: &DedupePlan, rule: &DedupeRule, args: &args::Plan) -> String {
    let mut out = skipped(plan.skipped());
    out.push('\n');
    if plan.drop_count() == 0 {
        out.push_str(&nearest(plan, rule));
        let input = args.place.input.as_deref().unwrap_or(Path::new("-"));
        let input = plain(&input.display().to_string()).into_owned();
        out.push_str(&format!(
            "{DIM}see what other windows would drop: housekeep sweep {} --input {input}{DIM:#}\n",
            rule.name(),
        ));
    } else {
        out.push_str(&drops(plan, rule));
        out.push('\n');
        out.push_str(&advice(plan));
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
    super::skipped(&found)
}

fn drops(plan: &DedupePlan, rule: &DedupeRule) -> String {
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
    out.push_str(&more(plan.drop_count()));
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

fn advice(plan: &DedupePlan) -> String {
    let (style, what) =
        if plan.is_advised() { (GOOD, "apply") } else { (CAREFUL, "do not apply yet") };
    format!("{style}{what}{style:#}: {}\n", plan.advice())
}

fn nearest(plan: &DedupePlan, rule: &DedupeRule) -> String {
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
