//! How every slot stands that has opened and is still spoken of: each in one way.

use super::keep::MARGIN;
use super::{End, IfMissed, RunState, Schedule, Slot, State};
use crate::error::Error;
use crate::time::{Duration, Instant};

/// How a slot stands that has opened.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Standing {
    /// It is done.
    Done,
    /// Somebody said that it is not to run.
    Skipped,
    /// It runs.
    Running,
    /// It failed as often as it may.
    GaveUp,
    /// Its window is open, and it may start.
    Due,
    /// Its window is over, and it may start as a missed run.
    Missed,
    /// Its window is over, and it runs no more.
    Dropped,
}

impl Schedule {
    /// The slots that have opened and are spoken of, each as it stands, in their order.
    ///
    /// # Errors
    /// `policy.unknown_date` if its calendar would have to be asked of a day that it is not known for.
    pub fn standings(&self, state: &State, now: Instant) -> Result<Vec<(Slot, Standing)>, Error> {
        let mut found = Vec::new();
        // When each of them opened, the last first.
        let mut opens: Vec<Instant> = Vec::new();
        let long_ago = now.saturating_sub(self.longest_window()).saturating_sub(MARGIN);
        for slot in self.opened_by(now) {
            let slot = slot?;
            if slot.id < state.since {
                break;
            }
            let taken_over = opens.len().checked_sub(self.reach()).and_then(|n| opens.get(n));
            let taken_over = taken_over.copied();
            opens.push(slot.open);
            let is_over = |at: Instant| at.saturating_add(MARGIN) <= now;
            if taken_over.is_some_and(is_over) {
                if slot.open <= long_ago {
                    break;
                }
                if is_over(slot.cutoff) {
                    continue;
                }
            }
            found.push((slot, self.standing(state, &slot, taken_over.is_some(), now)));
        }
        found.reverse();
        Ok(found)
    }

    fn standing(&self, state: &State, slot: &Slot, is_taken_over: bool, now: Instant) -> Standing {
        if let Some(run) = state.run(slot.id) {
            match run.state {
                RunState::Done => return Standing::Done,
                RunState::Skipped => return Standing::Skipped,
                _ if run.is_live(self.stale, now) => return Standing::Running,
                _ if run.attempts() >= self.attempts => return Standing::GaveUp,
                _ => {}
            }
        }
        match self.if_missed {
            _ if now < slot.cutoff => Standing::Due,
            IfMissed::Latest | IfMissed::Each if !is_taken_over => Standing::Missed,
            _ => Standing::Dropped,
        }
    }

    /// No window is longer.
    pub(super) fn longest_window(&self) -> Duration {
        let ends = self.overrides.values().filter_map(|change| change.end);
        let lengths = ends.chain([self.end]).map(|end| match end {
            End::For(length) => length,
            // A day, another that a zone repeats, and what its clocks are changed by.
            End::Until(_) => Duration::from_mins(3 * 24 * 60),
        });
        lengths.max().unwrap_or_default()
    }
}
