//! Items that are decided by themselves: nothing of the rule counts others, and nothing groups them.

use super::decide::{Decision, Drop};
use super::judge::{Among, at};
use super::{Fate, Items, Rule, Skipped};
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
        self.parts().all(|(_, rule)| {
            let counts = rule.limit.count.is_some() || rule.limit.bytes.is_some();
            !counts && rule.floor.count == 0 && rule.keeps.is_empty()
        })
    }

    /// The rule that decides an item under one of its overrides, or under none.
    fn part(&self, under: Option<u16>) -> &Self {
        under.and_then(|place| self.overrides.get(usize::from(place))).unwrap_or(self)
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
                lane.decide(items, rule, now, pack(0, time, row));
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
        Drop { row, under: items.override_of(row, rule), broken: super::Broken::Age }
    });
    decision.drops = drops.collect();
    steps.advance(rows.len() as usize)?;
    Ok(decision)
}

impl Lane {
    fn decide<R: Rows>(&mut self, items: &Items<'_, R>, rule: &Rule, now: Instant, entry: Entry) {
        let (row, at) = (entry::row(entry), at(entry));
        let own = rule.part(items.override_of(row, rule));
        let place = (!items.is_held(row)).then_some(0);
        let among = Among { place, ..Among::default() };
        match among.judge(items, own, now, row, at).fate() {
            Fate::Dropped => return self.gone.push(entry),
            Fate::Blocked => self.blocked += 1,
            _ => self.keep += 1,
        }
        items.keep_older(&mut self.oldest_kept, at, row);
    }
}
