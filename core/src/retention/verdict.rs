//! Every item's decision, with all that speaks for it.

use super::claims::Claim;
use super::decide::{Judges, Split};
use super::due::due;
use super::judge::{Judge, Judged, Scratch, at};
use super::{Broken, Fate, Items, Rule};
use crate::control::{Control, Steps};
use crate::error::Error;
use crate::groups::entry::{self, Entry, pack};
use crate::groups::whole::for_each_group;
use crate::groups::{Block, Rows, Standing};
use crate::time::Instant;

/// Rows that are read at once.
const BLOCK: u32 = 1024;

/// What becomes of one item, and why.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Verdict {
    /// Its row.
    pub row: u32,
    /// The override it falls under, if any.
    pub under: Option<u16>,
    /// What becomes of it.
    pub fate: Fate,
    /// Why. Of an item that stays, each ground would be enough, but for several claims under another
    /// overlap than [`Overlap::Shared`](super::Overlap::Shared).
    pub grounds: Vec<Ground>,
    /// The first instant at which it would go, if no other items came and none went; none if it never
    /// would, or goes already, or if that was too much to find out: see [`verdicts`].
    pub due: Option<Instant>,
}

/// Why an item stays, or goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ground {
    /// It is held.
    Held,
    /// It is among the newest, which the floor counts.
    Newest {
        /// Its place among all, the newest being 1.
        place: u32,
    },
    /// It is younger than the floor.
    Young,
    /// A keep rule claims it.
    Claimed(Claim),
    /// It is within all limits, and there are no keep rules.
    Within,
    /// It would go for this.
    Broken(Broken),
    /// It may not go yet.
    Required,
    /// The rule is not about it.
    Unmatched,
    /// It has no time.
    NullTime,
    /// It is in the future.
    Future,
}

/// Decides every item, with all grounds; they come in the order of the rows.
///
/// To know when items are due takes a decision for each future item of their group and, under another
/// overlap than [`Overlap::Shared`](super::Overlap::Shared), for each moment at which one leaves a
/// window. Of groups where that is more than some ten million steps, what is due late is not said.
///
/// # Errors
/// `cancelled` if the caller asked to stop.
pub fn verdicts<R: Rows>(
    items: &Items<'_, R>,
    rule: &Rule,
    now: Instant,
    control: &Control<'_>,
) -> Result<Vec<Verdict>, Error> {
    let rows = &items.rows;
    let steps = Steps::new(control, u64::from(rows.len()) * 3);
    let mut all = Vec::with_capacity(rows.len() as usize);
    let mut block = Block::default();
    while all.len() < rows.len() as usize {
        let start = u32::try_from(all.len()).unwrap_or(u32::MAX);
        block.reset((rows.len() - start).min(BLOCK) as usize);
        rows.load(start, &mut block);
        for (row, (_, _, flags)) in (start..).zip(block.rows()) {
            all.push(left_alone(items, rule, row, left_out(flags)));
        }
        steps.advance(block.flags.len())?;
    }
    let decides = |(): &mut (), flags: u8, _| left_out(flags).is_none();
    let judges = Judges::new(items, rule, now);
    let (found, _) = for_each_group(rows, &steps, decides, |found: &mut Found, group| {
        found.group(items, &judges, group);
    })?;
    for verdict in found.into_iter().flat_map(|found| found.verdicts) {
        if let Some(place) = all.get_mut(verdict.row as usize) {
            *place = verdict;
        }
    }
    Ok(all)
}

/// Decides one item, by the items of its group alone: what becomes of other groups does not matter.
#[must_use]
pub fn verdict<R: Rows>(items: &Items<'_, R>, rule: &Rule, now: Instant, row: u32) -> Verdict {
    let rows = &items.rows;
    let mut block = Block::default();
    let mut load = |row: u32| {
        block.reset(1);
        rows.load(row, &mut block);
        block.rows().next().map(|(_, time, flags)| (time, left_out(flags))).unwrap_or_default()
    };
    let (_, left_out) = load(row);
    let mut group: Vec<Entry> = Vec::new();
    if left_out.is_none() {
        for other in (0..rows.len()).filter(|&other| rows.same_key(row, other)) {
            if let (time, None) = load(other) {
                group.push(pack(0, time, other));
            }
        }
    }
    group.sort_by(|&a, &b| {
        let ids = || rows.cmp_id(entry::row(a), entry::row(b));
        entry::time(a).cmp(&entry::time(b)).then_with(ids)
    });
    let mut found = Found::default();
    found.group(items, &Judges::new(items, rule, now), &group);
    let own = found.verdicts.into_iter().find(|verdict| verdict.row == row);
    own.unwrap_or_else(|| left_alone(items, rule, row, left_out))
}

/// The verdict of an item that no rule decides.
fn left_alone<R: Rows>(
    items: &Items<'_, R>,
    rule: &Rule,
    row: u32,
    ground: Option<Ground>,
) -> Verdict {
    let under = items.override_of(row, rule);
    Verdict { row, under, fate: Fate::Skipped, grounds: ground.into_iter().collect(), due: None }
}

/// Why no rule decides an item of these flags, whenever it is.
fn left_out(flags: u8) -> Option<Ground> {
    if flags & Standing::EXCLUDED != 0 {
        Some(Ground::Unmatched)
    } else if flags & Standing::NULL_TIME != 0 {
        Some(Ground::NullTime)
    } else {
        None
    }
}

/// Verdicts, and room for one group.
#[derive(Default)]
struct Found {
    verdicts: Vec<Verdict>,
    split: Split,
    scratch: Scratch,
    judged: Vec<Judged>,
    claims: Vec<(u32, Claim)>,
}

impl Found {
    /// Decides a group, future items and all, which comes in order of time and id, from the oldest on.
    fn group<R: Rows>(&mut self, items: &Items<'_, R>, judges: &Judges<'_, R>, group: &[Entry]) {
        let mut split = std::mem::take(&mut self.split);
        split.each(items, judges.rule, group, |under, part| {
            self.part(items, judges.under(under), under, part);
        });
        self.split = split;
    }

    /// Decides those items of a group that one rule decides.
    fn part<R: Rows>(
        &mut self,
        items: &Items<'_, R>,
        judge: &Judge<'_, R>,
        under: Option<u16>,
        part: &[Entry],
    ) {
        let Self { verdicts, scratch, judged, claims, .. } = self;
        let (rule, now) = (judge.rule, judge.now);
        let (present, future) =
            part.split_at(part.partition_point(|&entry| at(entry) <= now).min(part.len()));
        judged.clear();
        claims.clear();
        let mut told = |place: usize, claim| {
            claims.push((u32::try_from(place).unwrap_or(u32::MAX), claim));
        };
        judge.group(present, scratch, &mut told, |row, at, among| {
            judged.push(judge.item(row, at, among));
        });
        // Those of one item keep their order.
        claims.sort_by_key(|(place, _)| *place);
        let due = due(items, rule, now, part);
        let (of_present, of_future) = due.split_at(present.len().min(due.len()));

        // They came from the newest on.
        let mut claims = claims.as_slice();
        for (one, due) in judged.iter().zip(of_present.iter().rev()) {
            let own = claims.iter().take_while(|(place, _)| Some(*place) == one.place).count();
            let (own, others) = claims.split_at(own);
            claims = others;
            let due = due.filter(|_| one.fate == Fate::Kept);
            verdicts.push(Verdict {
                row: one.row,
                under,
                fate: one.fate,
                grounds: grounds(one, rule, own),
                due,
            });
        }
        for (&entry, &due) in future.iter().zip(of_future) {
            let (row, grounds) = (entry::row(entry), vec![Ground::Future]);
            verdicts.push(Verdict { row, under, fate: Fate::Skipped, grounds, due });
        }
    }
}

/// What speaks for the fate of an item.
fn grounds(one: &Judged, rule: &Rule, claims: &[(u32, Claim)]) -> Vec<Ground> {
    match (one.fate, one.broken) {
        (Fate::Dropped, Some(broken)) => vec![Ground::Broken(broken)],
        (Fate::Blocked, Some(broken)) => vec![Ground::Broken(broken), Ground::Required],
        (_, broken) => {
            let mut grounds = Vec::new();
            if one.place.is_none() {
                grounds.push(Ground::Held);
            }
            if one.is_newest {
                grounds.push(Ground::Newest { place: one.rank.saturating_add(1) });
            }
            if one.is_young {
                grounds.push(Ground::Young);
            }
            if one.place.is_some() && broken.is_none() {
                match rule.keeps.as_slice() {
                    [] => grounds.push(Ground::Within),
                    _ => grounds.extend(claims.iter().map(|(_, claim)| Ground::Claimed(*claim))),
                }
            }
            grounds
        }
    }
}
