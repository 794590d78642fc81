//! A plan as text: what every plan says, then what its family says.

mod dedupe;
mod retention;

use std::path::Path;

use housekeep::plan::{Plan, RetentionPlan};
use housekeep::policy::Rule;

use super::{BOLD, grouped, plain, title};
use crate::args;

/// A plan, for the people who review it.
pub(crate) fn show(plan: &Plan, rule: &Rule, args: &args::Plan) -> String {
    let mut out = title(&rule.full_name(), plan.table(), "planned at", plan.planned_at());
    let blocked = match plan.retention().map_or(0, RetentionPlan::blocked) {
        0 => String::new(),
        blocked => format!("   blocked {}", grouped(blocked)),
    };
    out.push_str(&format!(
        "  total {}   eligible {}   keep {}{blocked}   {BOLD}drop {}{BOLD:#}\n",
        grouped(plan.total()),
        grouped(plan.eligible()),
        grouped(plan.keep()),
        grouped(plan.drop_count()),
    ));
    if let (Some(plan), Rule::Dedupe(rule)) = (plan.dedupe(), rule) {
        out.push_str(&dedupe::show(plan, rule, args));
    }
    if let Some(plan) = plan.retention() {
        out.push_str(&retention::show(plan));
    }
    if let Some(path) = &args.output {
        out.push_str(&written(path));
    }
    out
}

/// Why rows were left alone, and how many.
fn skipped(why: &[(u64, &str)]) -> String {
    let found = why.iter().filter(|(count, _)| *count > 0);
    let said: Vec<_> = found.map(|(count, why)| format!("{} {why}", grouped(*count))).collect();
    match why.iter().map(|(count, _)| count).sum() {
        0 => String::new(),
        total => format!("  skipped {}: {}\n", grouped(total), said.join(", ")),
    }
}

fn written(path: &Path) -> String {
    format!("written to {}\n", plain(&path.display().to_string()))
}
