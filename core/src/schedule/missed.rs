//! What was missed: the slots that are not done though their windows are over.

use super::{CatchUp, Offer, RunState, Schedule, Slot, SlotId, Standing, State};
use crate::error::Error;
use crate::time::Instant;

/// What was missed, or failed, and what becomes of it. Together with the slots that are due these are
/// all that have opened, are spoken of and are not done: each once.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Missed {
    /// What may start now, the oldest first.
    pub runs: Vec<Offer>,
    /// What may start when these have, or when a window is open again.
    pub deferred: Vec<Slot>,
    /// What runs, whatever its window; a host that wakes and finds its own says that it is abandoned.
    pub running: Vec<Running>,
    /// What failed as often as it may.
    pub gave_up: Vec<Slot>,
    /// What runs no more, and is still spoken of.
    pub dropped: Vec<Slot>,
}

/// A run that has started and not ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Running {
    /// Of which slot, or of which other day, if a person runs it.
    pub id: SlotId,
    /// Which of its runs it is, from 1.
    pub nth: u32,
    /// When it started.
    pub started_at: Instant,
    /// When it counts as failed.
    pub stale_at: Instant,
    /// Whether a person started it.
    pub by_hand: bool,
}

impl Schedule {
    /// What was missed.
    ///
    /// # Errors
    /// `policy.unknown_date` if its calendar would have to be asked of a day that it is not known for.
    pub fn missed(&self, state: &State, now: Instant) -> Result<Missed, Error> {
        let standings = self.standings(state, now)?;
        let may_start =
            self.catch_up == CatchUp::Any || standings.iter().any(|(slot, _)| slot.may_start(now));
        let most = if may_start { usize::try_from(self.max).unwrap_or(usize::MAX) } else { 0 };
        let mut missed = Missed { running: self.running(state, now), ..Missed::default() };
        for (slot, standing) in standings {
            match standing {
                Standing::Missed if missed.runs.len() < most => {
                    missed.runs.push(self.offer(state, slot));
                }
                Standing::Missed => missed.deferred.push(slot),
                Standing::GaveUp => missed.gave_up.push(slot),
                Standing::Dropped => missed.dropped.push(slot),
                Standing::Done | Standing::Skipped | Standing::Running | Standing::Due => {}
            }
        }
        Ok(missed)
    }

    /// What runs, and not for too long.
    pub(super) fn running(&self, state: &State, now: Instant) -> Vec<Running> {
        let running = state.runs().filter(|(_, run)| run.state == RunState::Running);
        let running = running.filter_map(|(id, run)| {
            let (started_at, stale_at) = (run.started_at?, run.stale_at(self.stale)?);
            let by_hand = run.by_hand;
            Some(Running { id, nth: run.tries, started_at, stale_at, by_hand })
        });
        running.filter(|running| now < running.stale_at).collect()
    }
}
