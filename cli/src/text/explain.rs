//! An explanation as text: the sentence, then the evidence.

use housekeep::wire::{Explanation, Neighbour};

use super::{BOLD, DIM, ids, plain, short};

/// What becomes of one row, and why.
pub(crate) fn show(answer: &Explanation) -> String {
    let mut out = format!("{BOLD}{}{BOLD:#}\n", plain(&answer.sentence));
    let mut line = |name: &str, value: &str| {
        out.push_str(&format!("  {DIM}{name:<8}{DIM:#}  {value}\n"));
    };
    line("rule", &format!("{}.{}", answer.family, answer.rule));
    line("decision", &format!("{} ({})", answer.decision, answer.why));
    if let Some(time) = answer.time {
        line("time", &time.to_string());
    }
    let neighbours = [
        ("keeper", &answer.keeper),
        ("via", &answer.via),
        ("older", &answer.older),
        ("newer", &answer.newer),
    ];
    for (name, found) in neighbours {
        if let Some(found) = found {
            line(name, &neighbour(found));
        }
    }
    for reason in &answer.reasons {
        line("reason", &format!("{}: {}", plain(&reason.rule), plain(&reason.phrase())));
    }
    if let Some(due) = answer.due_at {
        line("due", &due.to_string());
    }
    if !answer.drops.is_empty() {
        line("drops", &ids(&answer.drops));
    }
    out
}

fn neighbour(found: &Neighbour) -> String {
    format!("{}  {}  {} away", short(&found.id), found.time, found.gap)
}
