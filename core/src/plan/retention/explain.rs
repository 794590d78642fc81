//! One item's decision in one sentence, with the evidence.

use super::{Decided, ItemRows, RetentionPlan};
use crate::columns::Table;
use crate::error::{Error, quoted};
use crate::groups::Rows;
use crate::plan::is_id;
use crate::policy::{Family, RetentionRule};
use crate::retention::{self, Fate, Ground};
use crate::time::Instant;
use crate::wire::{Citation, Decision, Explanation};

impl RetentionRule {
    /// What becomes of the item with this id, and why: for items that go, stay or are left alone.
    ///
    /// # Errors
    /// A `rows.*` error for a table that the rule cannot read. An id that no item has is no error.
    pub fn explain(&self, table: &Table, id: &str, now: Instant) -> Result<Explanation, Error> {
        let items = self.items(table)?;
        let rows = items.rows();
        let Some(row) = (0..rows.len()).find(|&row| is_id(&rows.id().cell(row), id)) else {
            return Ok(Explanation::unknown_id(Family::Retention, self.name(), id));
        };
        let verdict = retention::verdict(&items, self.rule(), now, row);
        let decided = Decided {
            rule: self.clone(),
            now,
            rows: ItemRows::new(self, rows.id().clone(), table)?,
            drops: Vec::new(),
            oldest_kept: Vec::new(),
        };
        let stay = decided.stay(&verdict);
        let decision = match verdict.fate {
            Fate::Dropped => "drop",
            _ => stay.decision.as_str(),
        };
        let mut answer = explained(self.name(), id, decision, stay.reasons);
        answer.time = stay.time;
        answer.due_at = stay.due_at;
        answer.sentence.push_str(&until(stay.due_at));
        if verdict.grounds.contains(&Ground::Unmatched) {
            answer.sentence.push_str(&self.not_matched(table, row));
        }
        Ok(answer)
    }

    /// The condition that the item does not meet.
    fn not_matched(&self, table: &Table, row: u32) -> String {
        let failed = self.matches().iter().find_map(|(name, test)| {
            let cell = table.column(name)?.cell(row);
            (!test.matches(&cell)).then(|| format!(": its {name} is {}", quoted(&cell.to_string())))
        });
        failed.unwrap_or_default()
    }
}

impl RetentionPlan {
    /// What becomes of an id that the plan knows.
    pub(in crate::plan) fn explain(&self, rule: &str, id: &str) -> Option<Explanation> {
        let is_asked = |other: &str| is_id(&crate::columns::Cell::Text(other), id);
        let place = self.drop_ids().position(|other| is_id(&other, id));
        if let Some(drop) = place.and_then(|place| self.drop_at(place)) {
            let reasons = drop.reasons.into_iter().map(Citation::into_owned).collect();
            let mut answer = explained(rule, id, "drop", reasons);
            answer.time = Some(drop.time);
            return Some(answer);
        }
        let stay = self.keeps()?.iter().find(|stay| is_asked(&stay.id))?;
        let mut answer = explained(rule, id, stay.decision.as_str(), stay.reasons.clone());
        answer.time = stay.time;
        answer.due_at = stay.due_at;
        answer.sentence.push_str(&until(stay.due_at));
        Some(answer)
    }
}

fn explained(
    rule: &str,
    id: &str,
    decision: &'static str,
    reasons: Vec<Citation<'static>>,
) -> Explanation {
    let why = reasons.first().map(|reason| reason.why.clone()).unwrap_or_default();
    let mut answer = Explanation::new(Family::Retention, rule, id, decision, why);
    let fate = match decision {
        "drop" => "is removed",
        decision if decision == Decision::Block.as_str() => "would be removed, and stays",
        decision if decision == Decision::Skip.as_str() => "is left alone",
        _ => "is kept",
    };
    let phrases: Vec<String> = reasons.iter().map(Citation::phrase).collect();
    answer.sentence = format!("{} {fate}: {}", quoted(id), phrases.join("; "));
    answer.reasons = reasons;
    answer
}

fn until(due: Option<Instant>) -> String {
    due.map(|due| format!(", until {due}")).unwrap_or_default()
}
