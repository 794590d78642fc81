//! The parts in which a plan is applied, each in a transaction.

use crate::plan::Plan;

/// Cuts a plan into parts of so many rows, or a few more: what one row stays for goes together. Each part is of
/// places in the plan; those that come first in `order` are in the first.
///
/// Rows are ordered as they lie in the table, so that a part touches few of its pages. In the order of their keys
/// every part would touch them all.
pub(super) fn cut(plan: &Plan, most: usize, order: &[usize]) -> Vec<Vec<usize>> {
    let count = usize::try_from(plan.drop_count()).unwrap_or(usize::MAX);
    let units = units(plan, count);
    let mut is_taken = vec![false; units.len()];
    let mut parts = Vec::new();
    let mut part = Vec::new();
    // What the order does not name is gone already, or there is no order.
    for place in order.iter().copied().chain(0..count) {
        let unit = units.partition_point(|start| *start <= place).saturating_sub(1);
        let (Some(start), Some(is_taken)) = (units.get(unit), is_taken.get_mut(unit)) else {
            continue;
        };
        if !std::mem::replace(is_taken, true) {
            part.extend(*start..units.get(unit + 1).copied().unwrap_or(count));
        }
        if part.len() >= most.max(1) {
            parts.push(std::mem::take(&mut part));
        }
    }
    if !part.is_empty() {
        parts.push(part);
    }
    parts
}

/// Where in the plan those begin that go together.
fn units(plan: &Plan, count: usize) -> Vec<usize> {
    let Some(plan) = plan.dedupe() else { return (0..count).collect() };
    let mut keeper = None;
    let mut begins = |place: &usize| {
        let own = plan.keeper_at(*place);
        let is_other = keeper != own;
        keeper = own;
        is_other
    };
    (0..count).filter(|place| begins(place)).collect()
}
