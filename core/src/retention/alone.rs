//! Items that are decided by themselves: nothing of the rule counts others, and nothing groups them.

#[cfg(feature = "documents")]
use super::Edge;
#[cfg(feature = "documents")]
use super::aged::{Aged, Ages};
use super::decide::{Judges, append};
use super::judge::{Among, Judge};
use super::{Decision, Drop, Fate, Items, Rule, Skipped};
use crate::control::Steps;
use crate::error::Error;
use crate::groups::Rows;
use crate::groups::blocks::{each_row, read_blocks};
use crate::time::Instant;

#[cfg(feature = "documents")]
impl Rule {
    /// Whether there is a keep rule, of its own or of an override.
    pub(crate) fn has_keeps(&self) -> bool {
        std::iter::once(self).chain(&self.overrides).any(|rule| !rule.keeps.is_empty())
    }

    /// Its overrides, in their order.
    pub(crate) fn overrides(&self) -> &[Rule] {
        &self.overrides
    }

    /// Which times are over the limit of age, if there is one.
    pub(crate) fn over_limit(&self, now: Instant) -> Option<Ages> {
        let age = self.limit.age?;
        Some(Aged::new(age, self.limit.edge, self.zone, now).ages())
    }

    /// Which times the floor of age no longer protects, if there is one.
    pub(crate) fn over_floor(&self, now: Instant) -> Option<Ages> {
        Some(Aged::new(self.floor.age?, Edge::At, self.zone, now).ages())
    }

    /// How many it lets be, how many bytes, and how many the floor protects.
    pub(crate) fn counts(&self) -> (Option<u64>, Option<u64>, u64) {
        (self.limit.count, self.limit.bytes, self.floor.count)
    }

    /// Whether what becomes of an item depends on how many others there are.
    pub(crate) fn counts_others(&self) -> bool {
        !matches!(self.counts(), (None, None, 0))
    }
}

impl Rule {
    /// Whether what becomes of an item does not depend on others.
    pub(crate) fn decides_alone(&self) -> bool {
        std::iter::once(self).chain(&self.overrides).all(|rule| {
            let counts = rule.limit.count.is_some() || rule.limit.bytes.is_some();
            !counts && rule.floor.count == 0 && rule.keeps.is_empty()
        })
    }
}

/// What one thread finds out.
#[derive(Default)]
struct Lane {
    skipped: Skipped,
    keep: u64,
    blocked: u64,
    oldest_kept: Option<(Instant, u32)>,
    drops: Vec<Drop>,
}

/// Decides items of one group.
pub(super) fn decide_alone<R: Rows>(
    items: &Items<'_, R>,
    rule: &Rule,
    now: Instant,
    steps: &Steps<'_>,
) -> Result<Decision, Error> {
    let rows = &items.rows;
    let judges = Judges::new(items, rule, now);
    let lanes = read_blocks(
        rows.len(),
        steps,
        |_| Lane::default(),
        |start, count, lane| {
            each_row(rows, start, count, |row, _, time, flags| {
                if lane.skipped.decides(flags, time > now.as_micros()) {
                    let under = items.override_of(row, rule);
                    lane.decide(items, judges.under(under), under, row, time);
                }
            });
        },
    )?;
    let mut decision = Decision { total: u64::from(rows.len()), ..Decision::default() };
    let mut oldest_kept = None;
    for lane in lanes {
        decision.skipped.add(&lane.skipped);
        decision.keep += lane.keep;
        decision.blocked += lane.blocked;
        if let Some((at, row)) = lane.oldest_kept {
            items.keep_older(&mut oldest_kept, at, row);
        }
        append(&mut decision.drops, lane.drops);
    }
    decision.oldest_kept.extend(oldest_kept.map(|(_, row)| row));
    steps.advance(rows.len() as usize)?;
    Ok(decision)
}

impl Lane {
    fn decide<R: Rows>(
        &mut self,
        items: &Items<'_, R>,
        judge: &Judge<'_, R>,
        under: Option<u16>,
        row: u32,
        time: i64,
    ) {
        // Rows that are decided have a time in the years that are taken.
        let at = Instant::checked(time).unwrap_or(Instant::MIN);
        let place = (!items.is_held(row)).then_some(0);
        match judge.fate(row, at, &Among { place, ..Among::default() }) {
            (Fate::Dropped, Some(broken)) => return self.drops.push(Drop { row, under, broken }),
            (Fate::Blocked, _) => self.blocked += 1,
            _ => self.keep += 1,
        }
        items.keep_older(&mut self.oldest_kept, at, row);
    }
}
