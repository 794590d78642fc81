//! A run that may start now.

use std::sync::Arc;

use super::{Rerun, Run, RunState, Schedule, Slot, State};

/// A run that may start now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Offer {
    /// Of which slot.
    pub slot: Slot,
    /// Which of its runs it would be, from 1.
    pub nth: u32,
    /// How many attempts are left, this one included.
    pub left: u32,
    /// The tasks that it is made of now, in their order.
    pub tasks: Vec<Arc<str>>,
    /// Why it is not done yet.
    pub why: Undone,
}

/// Why a slot is not done.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Undone {
    /// It never started.
    New,
    /// It failed.
    Failed,
    /// Its host ended before it did.
    Abandoned,
    /// It started, and for too long nothing was heard of it.
    Stale,
}

impl Undone {
    /// The word in documents.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Undone::New => "new",
            Undone::Failed => "failed",
            Undone::Abandoned => "abandoned",
            Undone::Stale => "stale",
        }
    }
}

impl Schedule {
    /// The next run of a slot that may start.
    pub(super) fn offer(&self, state: &State, slot: Slot) -> Offer {
        let none = Run::default();
        let run = state.run(slot.id).unwrap_or(&none);
        let has_succeeded = |name: &Arc<str>| {
            self.rerun == Rerun::Failed && run.tasks.get(name).copied().unwrap_or_default()
        };
        Offer {
            slot,
            nth: run.tries.saturating_add(1),
            left: self.attempts.saturating_sub(run.attempts()),
            tasks: self.tasks.iter().filter(|name| !has_succeeded(name)).cloned().collect(),
            why: match run.state {
                RunState::Failed => Undone::Failed,
                RunState::Abandoned => Undone::Abandoned,
                RunState::Running => Undone::Stale,
                RunState::Announced | RunState::Skipped | RunState::Done => Undone::New,
            },
        }
    }
}
