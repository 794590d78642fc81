//! Items that are decided by themselves: nothing of the rule counts others, and nothing groups them.

use super::decide::Judges;
use super::judge::{Among, Judge, at};
use super::{Broken, Decision, Drop, Fate, Items, Rule, Skipped};
use crate::control::Steps;
use crate::error::Error;
use crate::groups::Rows;
use crate::groups::blocks::{each_row, read_blocks};
use crate::groups::entry::{self, Entry, pack};
use crate::groups::whole::in_time;
use crate::time::Instant;

impl Rule {
    /// Whether what becomes of an item does not depend on others.
    pub(super) fn decides_alone(&self) -> bool {
        std::iter::once(self).chain(&self.overrides).all(|rule| {
            let counts = rule.limit.count.is_some() || rule.limit.bytes.is_some();
            !counts && rule.floor.count == 0 && rule.keeps.is_empty()
        })
    }
}

/// What one thread finds out.
struct Lane {
    skipped: Skipped,
    keep: u64,
    blocked: u64,
    oldest_kept: Option<(Instant, u32)>,
    gone: Vec<Entry>,
}

/// Decides items of one group. Only those that go are put in order.
pub(super) fn decide_alone<R: Rows>(
    items: &Items<'_, R>,
    rule: &Rule,
    now: Instant,
    steps: &Steps<'_>,
) -> Result<Decision, Error> {
    let rows = &items.rows;
    let judges = Judges::new(items, rule, now);
    let new = |count| Lane {
        skipped: Skipped::default(),
        keep: 0,
        blocked: 0,
        oldest_kept: None,
        gone: Vec::with_capacity(count),
    };
    let lanes = read_blocks(rows.len(), steps, new, |start, count, lane| {
        each_row(rows, start, count, |row, _, time, flags| {
            if lane.skipped.decides(flags, time > now.as_micros()) {
                let judge = judges.under(items.override_of(row, rule));
                lane.decide(items, judge, pack(0, time, row));
            }
        });
    })?;
    let mut decision = Decision { total: u64::from(rows.len()), ..Decision::default() };
    let mut oldest_kept = None;
    let mut gone = Vec::with_capacity(lanes.len());
    for lane in lanes {
        decision.skipped.add(&lane.skipped);
        decision.keep += lane.keep;
        decision.blocked += lane.blocked;
        if let Some((at, row)) = lane.oldest_kept {
            items.keep_older(&mut oldest_kept, at, row);
        }
        gone.push(lane.gone);
    }
    decision.oldest_kept.extend(oldest_kept.map(|(_, row)| row));
    let gone = in_time(rows, gone)?;
    let drops = gone.into_iter().map(|entry| {
        let row = entry::row(entry);
        Drop { row, under: items.override_of(row, rule), broken: Broken::Age }
    });
    decision.drops = drops.collect();
    steps.advance(rows.len() as usize)?;
    Ok(decision)
}

impl Lane {
    fn decide<R: Rows>(&mut self, items: &Items<'_, R>, judge: &Judge<'_, R>, entry: Entry) {
        let (row, at) = (entry::row(entry), at(entry));
        let place = (!items.is_held(row)).then_some(0);
        let among = Among { place, ..Among::default() };
        match judge.item(row, at, &among).fate() {
            Fate::Dropped => return self.gone.push(entry),
            Fate::Blocked => self.blocked += 1,
            _ => self.keep += 1,
        }
        items.keep_older(&mut self.oldest_kept, at, row);
    }
}
