//! What is remembered of the runs of a schedule, as a document.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde::{Deserialize, Serialize};
use thiserror::Error;

use crate::error::{Code, Error, Leaf, quoted};
use crate::schedule::{Run, RunState, SlotId, State};
use crate::time::Instant;
use crate::wire::{VERSION, canonical};

const KIND: &str = "schedule-state";

#[derive(Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
struct StateDocument {
    housekeep: u32,
    kind: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    schedule: Option<String>,
    since: SlotId,
    runs: BTreeMap<SlotId, RunDocument>,
}

#[derive(Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
struct RunDocument {
    state: RunState,
    #[serde(default, skip_serializing_if = "is_zero")]
    tries: u32,
    #[serde(default, skip_serializing_if = "is_zero")]
    uncounted: u32,
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    by_hand: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    started_at: Option<Instant>,
    #[serde(skip_serializing_if = "Option::is_none")]
    completed_at: Option<Instant>,
    #[serde(skip_serializing_if = "Option::is_none")]
    all_completed: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    all_success: Option<bool>,
    /// Whether each task that ended succeeded.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    tasks: BTreeMap<String, bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    noticed_at: Option<Instant>,
    #[serde(skip_serializing_if = "Option::is_none")]
    manual_at: Option<Instant>,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde hands over the field as it is")]
fn is_zero(count: &u32) -> bool {
    *count == 0
}

/// What cannot be read as a state.
#[derive(Debug, Error)]
enum NotAState {
    #[error("this is no state of a schedule: {0}")]
    Syntax(String),
    #[error("this is a document of kind {}, and a state of a schedule was expected", quoted(.0))]
    Kind(String),
    #[error("the state is of version {0}, and this program reads version {VERSION}")]
    Version(u32),
    #[error("the run of {} is {state}, and it is not said when it started", quoted(.slot))]
    NoStart { slot: String, state: &'static str },
}

impl Leaf for NotAState {
    fn code(&self) -> Code {
        match self {
            NotAState::Version(_) => Code::StateVersion,
            _ => Code::StateSyntax,
        }
    }

    fn help(&self) -> Option<String> {
        Some(match self {
            NotAState::NoStart { .. } => "give its `started_at`".into(),
            _ => "give what was recorded last, or begin a state: say since when slots count".into(),
        })
    }
}

impl State {
    /// Reads what [`State::to_json`] wrote, whatever its white space.
    ///
    /// # Errors
    /// `state.syntax` for anything else, `state.version` for that of another version of the format.
    pub fn from_json(text: &[u8]) -> Result<Self, Error> {
        let document: StateDocument =
            serde_json::from_slice(text).map_err(|error| NotAState::Syntax(error.to_string()))?;
        if document.housekeep != VERSION {
            return Err(NotAState::Version(document.housekeep).into());
        }
        if document.kind != KIND {
            return Err(NotAState::Kind(document.kind).into());
        }
        let state = Self::new(document.since);
        let state = match document.schedule {
            Some(schedule) => state.of(schedule),
            None => state,
        };
        let runs = document.runs.into_iter().map(|(id, run)| Ok((id, run.read(id)?)));
        Ok(Self { runs: runs.collect::<Result<_, NotAState>>()?, ..state })
    }

    /// As canonical JSON.
    #[must_use]
    pub fn to_json(&self) -> String {
        canonical(&StateDocument {
            housekeep: VERSION,
            kind: KIND.to_owned(),
            schedule: self.schedule().map(str::to_owned),
            since: self.since(),
            runs: self.runs().map(|(id, run)| (id, run.into())).collect(),
        })
    }

    /// What is remembered of one slot as JSON on one line, for a host that stores each by itself; none if
    /// that is nothing.
    #[must_use]
    pub fn run_json(&self, id: SlotId) -> Option<String> {
        let run = RunDocument::from(self.run(id)?);
        // Its fields are numbers, words and instants: none of them can fail to be written.
        serde_json::to_string(&run).ok()
    }

    /// The same, with what [`State::run_json`] gave of a slot.
    ///
    /// # Errors
    /// `state.syntax` for anything else.
    pub fn with_run(mut self, id: SlotId, text: &[u8]) -> Result<Self, Error> {
        let run: RunDocument =
            serde_json::from_slice(text).map_err(|error| NotAState::Syntax(error.to_string()))?;
        self.runs.insert(id, run.read(id)?);
        Ok(self)
    }
}

impl RunDocument {
    fn read(self, id: SlotId) -> Result<Run, NotAState> {
        if self.state == RunState::Running && self.started_at.is_none() {
            let (slot, state) = (id.to_string(), self.state.as_str());
            return Err(NotAState::NoStart { slot, state });
        }
        let tasks = self.tasks.into_iter().map(|(name, success)| (Arc::from(name), success));
        Ok(Run {
            state: self.state,
            tries: self.tries,
            uncounted: self.uncounted,
            by_hand: self.by_hand,
            started_at: self.started_at,
            completed_at: self.completed_at,
            all_completed: self.all_completed,
            all_success: self.all_success,
            tasks: tasks.collect(),
            noticed_at: self.noticed_at,
            manual_at: self.manual_at,
        })
    }
}

impl From<&Run> for RunDocument {
    fn from(run: &Run) -> Self {
        let tasks = run.tasks.iter().map(|(name, success)| (name.to_string(), *success));
        Self {
            state: run.state,
            tries: run.tries,
            uncounted: run.uncounted,
            by_hand: run.by_hand,
            started_at: run.started_at,
            completed_at: run.completed_at,
            all_completed: run.all_completed,
            all_success: run.all_success,
            tasks: tasks.collect(),
            noticed_at: run.noticed_at,
            manual_at: run.manual_at,
        }
    }
}
