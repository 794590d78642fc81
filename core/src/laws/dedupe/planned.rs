//! A plan, and what the laws ask about it.

use std::collections::BTreeSet;

use crate::control::Control;
use crate::dedupe::{self, Decision, NullKey, Rule, Skipped};
use crate::groups::Rows;
use crate::laws::model::{Left, left_alone};
use crate::laws::rows::{Subset, read};
use crate::laws::{Broken, Law, Row};
use crate::time::Instant;

/// A decision, beside what the rows are.
pub(super) struct Planned<'a, R> {
    rows: &'a R,
    rule: Rule,
    facts: Vec<Row>,
    pub(super) left: Vec<Option<Left>>,
    pub(super) decision: Decision,
}

/// What was decided, without the order in which it stands: kept, left alone, and each drop with
/// its keeper.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Outcome {
    keep: u64,
    skipped: Skipped,
    drops: BTreeSet<(u32, u32)>,
}

/// Asks the kernel; rows that it refuses break the law.
pub(super) fn decide<R: Rows>(
    law: Law,
    rows: &R,
    rule: &Rule,
    now: Instant,
) -> Result<Decision, Broken> {
    dedupe::decide(rows, rule, now, &Control::new())
        .map_err(|error| Broken { law, says: format!("the rows are refused: {error}") })
}

/// The outcome of plans of parts, added up, in the numbers of the whole.
pub(super) fn outcome_of<R: Rows>(
    law: Law,
    parts: &[Subset<'_, R>],
    rule: &Rule,
    now: Instant,
) -> Result<Outcome, Broken> {
    let mut sum = Outcome::default();
    for part in parts {
        let Decision { keep, drops, skipped, .. } = decide(law, part, rule, now)?;
        sum.keep += keep;
        sum.skipped.add(&skipped);
        let drops = drops.iter().map(|drop| (part.number(drop.row), part.number(drop.keeper)));
        sum.drops.extend(drops);
    }
    Ok(sum)
}

/// At most `most` of them, from all over.
pub(super) fn spread<T>(items: Vec<T>, most: usize) -> Vec<T> {
    let step = items.len().div_ceil(most).max(1);
    items.into_iter().step_by(step).collect()
}

/// The number of the bucket that a time is in; one of no length holds one instant.
pub(super) fn bucket(at: Instant, rule: &Rule) -> i64 {
    at.as_micros().div_euclid(rule.get_window().as_micros().max(1))
}

impl<'a, R: Rows> Planned<'a, R> {
    pub(super) fn new(law: Law, rows: &'a R, rule: &Rule, now: Instant) -> Result<Self, Broken> {
        let decision = decide(law, rows, rule, now)?;
        let facts = read(rows);
        let left = left_alone(&facts, rule, now);
        Ok(Self { rows, rule: rule.clone(), facts, left, decision })
    }

    #[expect(clippy::indexing_slicing, reason = "the laws ask for rows below `len`")]
    pub(super) fn fact(&self, row: u32) -> &Row {
        &self.facts[row as usize]
    }

    /// Every time that a row has, wherever it stands.
    pub(super) fn times(&self) -> impl Iterator<Item = Instant> {
        self.facts.iter().filter_map(|row| row.time)
    }

    /// The time of a row that is compared with others.
    pub(super) fn time(&self, row: u32) -> Instant {
        self.fact(row).time.unwrap_or(Instant::MIN)
    }

    fn left(&self, row: u32) -> Option<Left> {
        self.left.get(row as usize).copied().flatten()
    }

    /// Whether the rule decides the row now.
    pub(super) fn is_closed(&self, row: u32) -> bool {
        self.left(row).is_none()
    }

    /// The rows that go.
    pub(super) fn dropped(&self) -> BTreeSet<u32> {
        self.decision.drops.iter().map(|drop| drop.row).collect()
    }

    /// The compared rows by key, in order.
    pub(super) fn keys(&self) -> Vec<Vec<u32>> {
        let distinct = self.rule.get_null_key() == NullKey::Distinct;
        let order = |row: u32| {
            let Row { id, key, time, .. } = self.fact(row);
            let alone = distinct && key.contains(&None);
            ((key, alone.then_some(*id)), time, id)
        };
        let compared = |row: &u32| matches!(self.left(*row), None | Some(Left::Open));
        let mut rows: Vec<u32> = (0..self.rows.len()).filter(compared).collect();
        rows.sort_by(|&a, &b| order(a).cmp(&order(b)));
        rows.chunk_by(|&a, &b| order(a).0 == order(b).0).map(<[u32]>::to_vec).collect()
    }

    /// The gaps between neighbours of one key, in microseconds.
    pub(super) fn gaps(&self) -> BTreeSet<i64> {
        let mut gaps = BTreeSet::new();
        for key in self.keys() {
            let pairs = key.iter().zip(key.iter().skip(1));
            gaps.extend(pairs.map(|(&a, &b)| self.time(a).distance(self.time(b)).as_micros()));
        }
        gaps
    }

    pub(super) fn outcome(&self) -> Outcome {
        Outcome {
            keep: self.decision.keep,
            skipped: self.decision.skipped,
            drops: self.decision.drops.iter().map(|drop| (drop.row, drop.keeper)).collect(),
        }
    }

    /// A row, for a message.
    pub(super) fn show(&self, row: u32) -> String {
        let id = self.rows.id_text(row);
        match self.fact(row).time {
            Some(at) => format!("`{id}` at {at}"),
            None => format!("`{id}` without a time"),
        }
    }

    pub(super) fn show_all(&self, rows: &[u32]) -> String {
        let shown: Vec<String> = rows.iter().map(|row| self.show(*row)).collect();
        shown.join(", ")
    }
}
