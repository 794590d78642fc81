//! Every item's decision, with all that speaks for it.

use super::claims::Claim;
use super::due::due;
use super::judge::{Judge, Judged, Scratch, at};
use super::{Broken, Fate, Items, Rule};
use crate::control::{Control, Steps};
use crate::error::Error;
use crate::groups::entry::{self, Entry, pack};
use crate::groups::whole::for_each_group;
use crate::groups::{Block, Rows, Standing};
use crate::time::Instant;

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
    for row in 0..rows.len() {
        let ground = class(rows, row).err().unwrap_or(Ground::Future);
        all.push(left_alone(items, rule, row, ground));
    }
    steps.advance(all.len())?;
    let decides = |(): &mut (), flags: u8, _| flags & Standing::LEFT_ALONE == 0;
    let (found, _) = for_each_group(rows, &steps, decides, |found: &mut Vec<Verdict>, group| {
        for_group(items, rule, now, group, found);
    })?;
    for verdict in found.into_iter().flatten() {
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
    if let Err(ground) = class(rows, row) {
        return left_alone(items, rule, row, ground);
    }
    let alike = (0..rows.len()).filter(|&other| rows.same_key(row, other));
    let entries = alike.filter_map(|other| Some(pack(0, class(rows, other).ok()?, other)));
    let mut group: Vec<Entry> = entries.collect();
    group.sort_by(|&a, &b| {
        let ids = || rows.cmp_id(entry::row(a), entry::row(b));
        entry::time(a).cmp(&entry::time(b)).then_with(ids)
    });
    let mut found = Vec::new();
    for_group(items, rule, now, &group, &mut found);
    let own = found.into_iter().find(|verdict| verdict.row == row);
    own.unwrap_or_else(|| left_alone(items, rule, row, Ground::Future))
}

fn left_alone<R: Rows>(items: &Items<'_, R>, rule: &Rule, row: u32, ground: Ground) -> Verdict {
    let under = items.override_of(row, rule);
    Verdict { row, under, fate: Fate::Skipped, grounds: vec![ground], due: None }
}

/// The item's time, or why no rule decides it.
fn class<R: Rows>(rows: &R, row: u32) -> Result<i64, Ground> {
    let mut block = Block::default();
    block.reset(1);
    rows.load(row, &mut block);
    let (_, time, flags) = block.rows().next().unwrap_or_default();
    if flags & Standing::EXCLUDED != 0 {
        Err(Ground::Unmatched)
    } else if flags & Standing::NULL_TIME != 0 {
        Err(Ground::NullTime)
    } else {
        Ok(time)
    }
}

/// Decides a group, future items and all, which comes in order of time and id, from the oldest on.
fn for_group<R: Rows>(
    items: &Items<'_, R>,
    rule: &Rule,
    now: Instant,
    group: &[Entry],
    found: &mut Vec<Verdict>,
) {
    for (under, own) in rule.parts() {
        let falls_under = |entry: &&Entry| items.override_of(entry::row(**entry), rule) == under;
        let part: Vec<Entry> = group.iter().filter(falls_under).copied().collect();
        let present = part.partition_point(|&entry| at(entry) <= now);
        let due = due(items, own, now, &part);
        let mut verdicts: Vec<Verdict> = part
            .iter()
            .map(|&entry| Verdict {
                under,
                ..left_alone(items, rule, entry::row(entry), Ground::Future)
            })
            .collect();
        let mut claims: Vec<Vec<Claim>> = vec![Vec::new(); present];
        let mut told = |place: usize, claim| {
            if let Some(claims) = claims.get_mut(place) {
                claims.push(claim);
            }
        };
        let mut judged = Vec::with_capacity(present);
        let decided = part.get(..present).unwrap_or_default();
        let judge = Judge::new(items, own, now);
        judge.group(decided, &mut Scratch::default(), &mut told, |one| judged.push(*one));
        // They came from the newest on.
        for (one, verdict) in judged.iter().rev().zip(&mut verdicts) {
            let claims = one.place.and_then(|place| claims.get(place as usize));
            verdict.fate = one.fate();
            verdict.grounds = grounds(one, own, claims.map_or(&[], Vec::as_slice));
        }
        for (verdict, due) in verdicts.iter_mut().zip(due) {
            let stays = matches!(verdict.fate, Fate::Kept | Fate::Skipped);
            verdict.due = due.filter(|_| stays);
        }
        found.append(&mut verdicts);
    }
}

/// What speaks for the fate of an item.
fn grounds(one: &Judged, rule: &Rule, claims: &[Claim]) -> Vec<Ground> {
    match (one.fate(), one.broken) {
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
                    _ => grounds.extend(claims.iter().copied().map(Ground::Claimed)),
                }
            }
            grounds
        }
    }
}
