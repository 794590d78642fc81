//! What is remembered of the runs of a schedule.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::SlotId;
use crate::time::{Duration, Instant};
use crate::words::words;

/// What is remembered of the runs of one schedule: nothing else decides but the rule and now.
///
/// It begins with the first slot that counts: an empty store does not mean that everything was missed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct State {
    /// The schedule's name, if it has one: another one's state would say that nothing was missed.
    pub(crate) schedule: Option<Arc<str>>,
    pub(crate) since: SlotId,
    pub(crate) runs: BTreeMap<SlotId, Run>,
}

words! {
    /// How the run of a slot is.
    RunState {
        /// It did not start; it is remembered that it was announced.
        #[default]
        Announced = "announced",
        /// It started, and did not end yet.
        Running = "running",
        /// It ended, and is not done.
        Failed = "failed",
        /// Its host ended before it did.
        Abandoned = "abandoned",
        /// Somebody said that it is not to run.
        Skipped = "skipped",
        /// It is done, and stays so.
        Done = "done",
    }
}

/// What is remembered of one slot.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Run {
    /// How it is.
    pub state: RunState,
    /// How often it started.
    pub tries: u32,
    /// How many of these use up no attempt: its host crashed, or a person started it.
    pub uncounted: u32,
    /// Whether a person started it last.
    pub by_hand: bool,
    /// When it started last.
    pub started_at: Option<Instant>,
    /// When all of it was completed.
    pub completed_at: Option<Instant>,
    /// Whether all of it was completed, as it ended last.
    pub all_completed: Option<bool>,
    /// Whether all of it succeeded, as it ended last.
    pub all_success: Option<bool>,
    /// The tasks that ended, and whether they succeeded.
    pub tasks: BTreeMap<Arc<str>, bool>,
    /// When it was announced.
    pub noticed_at: Option<Instant>,
    /// When a person started it last.
    pub manual_at: Option<Instant>,
}

impl State {
    /// Nothing happened yet, and slots from this one on count. A day means all of its slots.
    #[must_use]
    pub fn new(since: impl Into<SlotId>) -> Self {
        Self { schedule: None, since: since.into(), runs: BTreeMap::new() }
    }

    /// The same, of the schedule of this name.
    #[must_use]
    pub fn of(self, schedule: impl Into<Arc<str>>) -> Self {
        Self { schedule: Some(schedule.into()), ..self }
    }

    /// The name of the schedule that it is of, if that is known.
    #[must_use]
    pub fn schedule(&self) -> Option<&str> {
        self.schedule.as_deref()
    }

    /// The first slot that counts.
    #[must_use]
    pub fn since(&self) -> SlotId {
        self.since
    }

    /// What is remembered of each slot, in their order.
    pub fn runs(&self) -> impl Iterator<Item = (SlotId, &Run)> {
        self.runs.iter().map(|(id, run)| (*id, run))
    }

    /// What is remembered of a slot.
    #[must_use]
    pub fn run(&self, id: SlotId) -> Option<&Run> {
        self.runs.get(&id)
    }
}

impl Run {
    /// When it becomes stale, if it runs.
    pub(super) fn stale_at(&self, stale: Duration) -> Option<Instant> {
        let started = self.started_at.filter(|_| self.state == RunState::Running);
        started.map(|at| at.saturating_add(stale))
    }

    /// Whether it runs, and for not too long.
    pub(super) fn is_live(&self, stale: Duration, now: Instant) -> bool {
        self.stale_at(stale).is_some_and(|at| now < at)
    }

    /// Whether nothing is to be done about it any more.
    pub(super) fn is_settled(&self) -> bool {
        matches!(self.state, RunState::Done | RunState::Skipped)
    }

    /// The attempts that are used up, if it does not run.
    pub(super) fn attempts(&self) -> u32 {
        self.tries.saturating_sub(self.uncounted)
    }
}
