//! An event, and what it makes of what is remembered.

use std::sync::Arc;

use thiserror::Error;

use super::{Done, Rerun, Run, RunState, Schedule, SlotId, State};
use crate::error::{Code, Error, Leaf, quoted};
use crate::suggest;
use crate::time::Instant;
use crate::words::words;

/// Something that happened to the run of a slot.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Event {
    /// Of which slot.
    pub slot: SlotId,
    /// Of which of its runs, from 1: the last part of a claim. Without it, of the last; a start without
    /// it is the next one, unless one runs.
    pub nth: Option<u32>,
    /// When.
    pub at: Instant,
    /// What.
    pub what: What,
}

/// What happened to a run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum What {
    /// It started.
    Started,
    /// A person started it: on any day, whatever the windows say, and it uses up no attempt.
    Manual,
    /// One of its tasks ended.
    Task {
        /// The task.
        name: Arc<str>,
        /// Whether it succeeded.
        success: bool,
    },
    /// It ended. What is not said follows from its tasks.
    Finished {
        /// Whether all of it was completed.
        completed: Option<bool>,
        /// Whether all of it succeeded.
        success: Option<bool>,
    },
    /// Its host ended before it did.
    Abandoned,
    /// It is not to run.
    Skipped,
    /// It was announced.
    Noticed,
}

words! {
    /// The word for what happened.
    EventWord {
        /// [`What::Started`].
        #[default]
        Started = "started",
        /// [`What::Manual`].
        Manual = "manual",
        /// [`What::Task`].
        Task = "task",
        /// [`What::Finished`].
        Finished = "finished",
        /// [`What::Abandoned`].
        Abandoned = "abandoned",
        /// [`What::Skipped`].
        Skipped = "skipped",
        /// [`What::Noticed`].
        Noticed = "noticed",
    }
}

impl What {
    /// From its word and what a host knows of it: the name of a task that ended, and of that or of a whole
    /// run whether it was completed and whether it succeeded.
    ///
    /// # Errors
    /// `state.bad_event` for a word that is none, for a task without its name or without whether it
    /// succeeded, and for what says more than its word means.
    pub fn read(
        word: &str,
        task: Option<&str>,
        completed: Option<bool>,
        success: Option<bool>,
    ) -> Result<Self, Error> {
        let known = EventWord::ALL.iter().copied();
        let Some(event) = known.clone().find(|event| event.as_str() == word) else {
            let known = known.map(EventWord::as_str).collect();
            return Err(BadEvent::Word { word: word.to_owned(), known }.into());
        };
        let given = [
            (task.is_some(), event == EventWord::Task, "the name of a task"),
            (completed.is_some(), event == EventWord::Finished, "whether it was completed"),
            (
                success.is_some(),
                matches!(event, EventWord::Task | EventWord::Finished),
                "whether it succeeded",
            ),
        ];
        if let Some((_, _, what)) = given.into_iter().find(|(is, may, _)| *is && !may) {
            return Err(BadEvent::TooMuch { event: event.as_str(), what }.into());
        }
        Ok(match event {
            EventWord::Started => What::Started,
            EventWord::Manual => What::Manual,
            EventWord::Task => {
                let missing = |what| BadEvent::TooLittle { what };
                What::Task {
                    name: task.ok_or_else(|| missing("the name of a task"))?.into(),
                    success: success.ok_or_else(|| missing("whether it succeeded"))?,
                }
            }
            EventWord::Finished => What::Finished { completed, success },
            EventWord::Abandoned => What::Abandoned,
            EventWord::Skipped => What::Skipped,
            EventWord::Noticed => What::Noticed,
        })
    }
}

/// What cannot be recorded.
#[derive(Debug, Error)]
enum BadEvent {
    #[error("{} is no event", quoted(.word))]
    Word { word: String, known: Vec<&'static str> },
    #[error("`{event}` does not say {what}")]
    TooMuch { event: &'static str, what: &'static str },
    #[error("`task` says {what}, and it is not given")]
    TooLittle { what: &'static str },
    #[error("{} is no slot of the schedule", quoted(&.0.to_string()))]
    NoSlot(SlotId),
    #[error("{} names a time, and the schedule has one slot a day", quoted(&.0.to_string()))]
    Time(SlotId),
    #[error("{} names no time, and the schedule has several slots a day", quoted(&.0.to_string()))]
    NoTime(SlotId),
    #[error("the run of {} never started", quoted(&.0.to_string()))]
    NotStarted(SlotId),
    #[error("the schedule has no task {}", quoted(.name))]
    NoTask { name: String, known: Vec<String> },
    #[error("it is not said whether the run of {} succeeded", quoted(&.0.to_string()))]
    NoOutcome(SlotId),
}

impl Leaf for BadEvent {
    fn code(&self) -> Code {
        Code::StateBadEvent
    }

    fn help(&self) -> Option<String> {
        Some(match self {
            BadEvent::Word { word, known } => return suggest::help(word, known.iter().copied()),
            BadEvent::TooMuch { .. } => "leave it out".into(),
            BadEvent::TooLittle { .. } => "add it".into(),
            BadEvent::NoSlot(_) => {
                "a person may run any day: record `manual`, and then how it ended".into()
            }
            BadEvent::Time(id) => format!("write {}", quoted(&id.date.to_string())),
            BadEvent::NoTime(id) => {
                format!("add the time, such as {}", quoted(&format!("{}T14:00", id.date)))
            }
            BadEvent::NotStarted(_) => "record `started` or `manual` first".into(),
            BadEvent::NoTask { name, known } => {
                return suggest::help(name, known.iter().map(String::as_str));
            }
            BadEvent::NoOutcome(_) => "say whether it succeeded".into(),
        })
    }
}

impl Schedule {
    /// Remembers an event. Saying it twice is saying it once, and what is done stays done.
    ///
    /// # Errors
    /// `state.bad_event` for a slot or task that the schedule does not have, for the task or end of a run
    /// that never started, and for an end of which nothing says whether it succeeded;
    /// `policy.unknown_date` for a day that the calendar is not known for, unless a person runs it.
    pub fn record(&self, mut state: State, event: &Event) -> Result<State, Error> {
        self.check(&state, event)?;
        let run = state.runs.entry(event.slot).or_default();
        self.apply(run, event)?;
        Ok(state)
    }

    fn check(&self, state: &State, event: &Event) -> Result<(), Error> {
        let id = event.slot;
        match (id.time, self.has_times()) {
            (Some(_), false) => return Err(BadEvent::Time(id).into()),
            (None, true) => return Err(BadEvent::NoTime(id).into()),
            _ => {}
        }
        if let What::Task { name, .. } = &event.what
            && !self.tasks.contains(name)
        {
            let known = self.tasks.iter().map(ToString::to_string).collect();
            return Err(BadEvent::NoTask { name: name.to_string(), known }.into());
        }
        let run = state.run(id);
        // A day may be declared closed while it is run, and a person runs any.
        if event.what != What::Manual && run.is_none() && self.slot(id)?.is_none() {
            return Err(BadEvent::NoSlot(id).into());
        }
        let needs_start = matches!(event.what, What::Task { .. } | What::Abandoned);
        if needs_start && run.is_none_or(|run| run.tries == 0) {
            return Err(BadEvent::NotStarted(id).into());
        }
        Ok(())
    }

    fn apply(&self, run: &mut Run, event: &Event) -> Result<(), Error> {
        let (at, is_done) = (event.at, run.state == RunState::Done);
        let is_running = run.state == RunState::Running;
        // What is said of an earlier run than the last comes too late.
        let is_last = event.nth.is_none_or(|nth| nth == run.tries);
        match &event.what {
            What::Noticed => run.noticed_at = run.noticed_at.or(Some(at)),
            What::Manual if is_done => run.manual_at = run.manual_at.max(Some(at)),
            _ if is_done => {}
            What::Started => {
                let next = if is_running { run.tries } else { run.tries.saturating_add(1) };
                self.start(run, event.nth.unwrap_or(next), at);
            }
            What::Manual => {
                let is_same = run.manual_at == Some(at);
                let next = if is_same { run.tries } else { run.tries.saturating_add(1) };
                if self.start(run, event.nth.unwrap_or(next), at) {
                    run.uncounted = run.uncounted.saturating_add(1);
                    (run.by_hand, run.manual_at) = (true, Some(at));
                }
            }
            What::Task { name, success } if is_running && is_last => {
                run.tasks.insert(Arc::clone(name), *success);
            }
            What::Task { .. } => {}
            What::Finished { completed, success } => {
                // What is remembered of tasks is the last run's, and says nothing of another.
                let ended = |name: &Arc<str>| run.tasks.get(name).copied().filter(|_| is_last);
                let ended = self.outcome(ended, event.slot, *completed, *success)?;
                self.finish(run, event.nth, at, ended);
            }
            What::Abandoned if is_running && is_last => {
                run.state = RunState::Abandoned;
                // A person's run is not counted in any case.
                run.uncounted = run.uncounted.saturating_add(u32::from(!run.by_hand));
            }
            What::Abandoned => {}
            What::Skipped => run.state = RunState::Skipped,
        }
        Ok(())
    }

    /// Whether it is a start that is not known yet.
    fn start(&self, run: &mut Run, nth: u32, at: Instant) -> bool {
        if nth <= run.tries {
            return false;
        }
        match self.rerun {
            Rerun::All => run.tasks.clear(),
            Rerun::Failed => run.tasks.retain(|_, success| *success),
        }
        (run.state, run.tries, run.started_at) = (RunState::Running, nth, Some(at));
        (run.by_hand, run.completed_at) = (false, None);
        (run.all_completed, run.all_success) = (None, None);
        true
    }

    /// Whether a run that ends was completed, and succeeded, where it is known of each task that `ended`
    /// whether it succeeded.
    fn outcome(
        &self,
        ended: impl Fn(&Arc<str>) -> Option<bool>,
        id: SlotId,
        completed: Option<bool>,
        success: Option<bool>,
    ) -> Result<(bool, bool), Error> {
        let has_tasks = !self.tasks.is_empty();
        let none_failed = self.tasks.iter().all(|name| ended(name) != Some(false));
        let all_ended = || has_tasks && self.tasks.iter().all(|name| ended(name).is_some());
        Ok(match (completed, success) {
            // Who says how all of it came out says that it came to an end.
            (completed, Some(success)) => (completed.unwrap_or(true), success && none_failed),
            (completed, None) if has_tasks => {
                (completed.unwrap_or_else(all_ended), all_ended() && none_failed)
            }
            (Some(false), None) => (false, false),
            (_, None) => return Err(BadEvent::NoOutcome(id).into()),
        })
    }

    fn finish(&self, run: &mut Run, nth: Option<u32>, at: Instant, ended: (bool, bool)) {
        let (completed, success) = ended;
        let nth = nth.unwrap_or(run.tries).max(1);
        let is_done = completed && (success || self.done == Done::Completed);
        let is_new = nth > run.tries || (run.state == RunState::Running && nth == run.tries);
        if !is_done && !is_new {
            return;
        }
        // Even where only its end is known, or where it took so long that another has begun since.
        run.state = if is_done { RunState::Done } else { RunState::Failed };
        run.tries = run.tries.max(nth);
        run.completed_at = completed.then_some(at);
        (run.all_completed, run.all_success) = (Some(completed), Some(success));
    }
}
