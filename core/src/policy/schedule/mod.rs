//! The schedules of a policy, checked, and what may be asked of each.

mod build;

use std::sync::Arc;

use thiserror::Error;

use self::build::calendars;
use super::document::{PolicyDocument, ScheduleDocument};
use super::subject::check_name;
use crate::error::{Code, Error, Leaf, quoted};
use crate::schedule::{Event, Schedule, SlotId, State, What};
use crate::time::Instant;
use crate::wire::{DueAnswer, KeepAnswer, MissedAnswer, NextAnswer, SlotsAnswer};

/// A schedule of a policy, ready to be asked. Cloning shares it.
#[derive(Clone, Debug)]
pub struct ScheduleRule(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    name: Arc<str>,
    schedule: Schedule,
    mutes: Vec<String>,
}

/// What is asked of the wrong schedule, or in a wrong way.
#[derive(Debug, Error)]
enum BadAsk {
    #[error("the state is of the schedule {}, and not of {}", quoted(.of), quoted(.name))]
    OtherState { of: String, name: String },
    #[error("{} is of the schedule {}, and not of {}", quoted(.text), quoted(.of), quoted(.name))]
    OtherSlot { text: String, of: String, name: String },
    #[error("{} ends in no number of a run", quoted(.0))]
    Number(String),
}

impl Leaf for BadAsk {
    fn code(&self) -> Code {
        match self {
            BadAsk::OtherState { .. } => Code::StateOther,
            BadAsk::OtherSlot { .. } | BadAsk::Number(_) => Code::StateBadEvent,
        }
    }

    fn help(&self) -> Option<String> {
        Some(match self {
            BadAsk::OtherState { of, .. } | BadAsk::OtherSlot { of, .. } => {
                format!("ask {} about it", quoted(of))
            }
            BadAsk::Number(_) => "write a claim, such as `execute/2026-03-06/1`".into(),
        })
    }
}

/// All schedules of a policy, in the order of their names.
pub(super) fn check(policy: &PolicyDocument) -> Result<Vec<ScheduleRule>, Error> {
    let known = calendars(&policy.calendar)?;
    let check = |(name, given): (&String, &ScheduleDocument)| {
        let base = format!("schedule.{name}");
        check_name(name, &base)?;
        let schedule = given.check(&known).map_err(|error| error.under(&base))?;
        let (name, mutes) = (name.as_str().into(), given.mutes.clone());
        Ok(ScheduleRule(Arc::new(Inner { name, schedule, mutes })))
    };
    policy.schedule.iter().map(check).collect()
}

impl ScheduleRule {
    /// The name, without its family.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.0.name
    }

    /// What a run is made of, in its order. Without tasks a run is one thing.
    pub fn tasks(&self) -> impl ExactSizeIterator<Item = &str> {
        self.0.schedule.tasks.iter().map(|name| &**name)
    }

    /// The schedule itself, for slots without a name.
    #[must_use]
    pub fn schedule(&self) -> &Schedule {
        &self.0.schedule
    }

    /// The checks and groups of which nobody is told while a window is open.
    #[must_use]
    pub fn mutes(&self) -> &[String] {
        &self.0.mutes
    }

    /// A state in which nothing happened yet. Slots from this one on count.
    #[must_use]
    pub fn state(&self, since: impl Into<SlotId>) -> State {
        State::new(since).of(Arc::clone(&self.0.name))
    }

    /// A state that begins now: the slots count that may start now, and all that come.
    ///
    /// # Errors
    /// `policy.unknown_date` if the calendar is not known for the days from now on.
    pub fn begin(&self, now: Instant) -> Result<State, Error> {
        Ok(self.state(self.schedule().first_open(now)?))
    }

    /// The first slot that opens after an instant.
    ///
    /// # Errors
    /// `policy.unknown_date` if the calendar would have to be asked of a day that it is not known for.
    pub fn next(&self, now: Instant) -> Result<NextAnswer, Error> {
        let slot = self.schedule().next(now)?;
        Ok(NextAnswer { rule: self.clone(), slot })
    }

    /// The first slot after another, which is named as [`ScheduleRule::read_slot`] says.
    ///
    /// # Errors
    /// As [`ScheduleRule::next`]; `state.bad_event` for what names no slot.
    pub fn next_after(&self, slot: &str) -> Result<NextAnswer, Error> {
        let (slot, _) = self.read_slot(slot)?;
        let slot = self.schedule().next_after(slot)?;
        Ok(NextAnswer { rule: self.clone(), slot })
    }

    /// The slots that open from an instant until before another.
    ///
    /// # Errors
    /// As [`ScheduleRule::next`].
    pub fn slots(&self, from: Instant, to: Instant) -> Result<SlotsAnswer, Error> {
        let slots = self.schedule().slots(from, to)?;
        Ok(SlotsAnswer { rule: self.clone(), from, to, slots })
    }

    /// What is due now, and if nothing is, when to ask again.
    ///
    /// # Errors
    /// As [`ScheduleRule::next`]; `state.other` for the state of another schedule.
    pub fn due(&self, state: &State, now: Instant) -> Result<DueAnswer, Error> {
        self.check_state(state)?;
        let due = self.schedule().due(state, now)?;
        Ok(DueAnswer { rule: self.clone(), now, due })
    }

    /// What was missed, or failed, and what becomes of it.
    ///
    /// # Errors
    /// As [`ScheduleRule::due`].
    pub fn missed(&self, state: &State, now: Instant) -> Result<MissedAnswer, Error> {
        self.check_state(state)?;
        let missed = self.schedule().missed(state, now)?;
        Ok(MissedAnswer { rule: self.clone(), now, missed })
    }

    /// Remembers that something happened to a run. `slot` names it as [`ScheduleRule::read_slot`] says.
    ///
    /// # Errors
    /// `state.other` for the state of another schedule, and those of [`Schedule::record`].
    pub fn record(
        &self,
        state: State,
        what: What,
        slot: &str,
        at: Instant,
    ) -> Result<State, Error> {
        self.check_state(&state)?;
        let (slot, nth) = self.read_slot(slot)?;
        let state = state.of(Arc::clone(&self.0.name));
        self.schedule().record(state, &Event { slot, nth, at, what })
    }

    /// When what is remembered of a slot may be forgotten: see [`Schedule::keep_until`]. `slot` names it as
    /// [`ScheduleRule::read_slot`] says.
    ///
    /// # Errors
    /// `state.bad_event` for what names no slot.
    pub fn keep_until(&self, slot: &str) -> Result<KeepAnswer, Error> {
        let (slot, _) = self.read_slot(slot)?;
        let until = self.schedule().keep_until(slot);
        Ok(KeepAnswer { rule: self.clone(), slot, until })
    }

    /// The same state without what may be forgotten.
    ///
    /// # Errors
    /// `state.other` for the state of another schedule.
    pub fn forget(&self, state: State, now: Instant) -> Result<State, Error> {
        self.check_state(&state)?;
        Ok(self.schedule().forget(state, now))
    }

    /// What is remembered of one slot as JSON on one line, for a host that stores each by itself; none if
    /// that is nothing.
    ///
    /// # Errors
    /// `state.other` for the state of another schedule; `state.bad_event` for what names no slot.
    pub fn run_json(&self, state: &State, slot: &str) -> Result<Option<String>, Error> {
        self.check_state(state)?;
        Ok(state.run_json(self.read_slot(slot)?.0))
    }

    /// The same state with what [`ScheduleRule::run_json`] gave of a slot.
    ///
    /// # Errors
    /// As [`ScheduleRule::run_json`]; `state.syntax` for a text that it did not give.
    pub fn with_run(&self, state: State, slot: &str, text: &[u8]) -> Result<State, Error> {
        self.check_state(&state)?;
        state.with_run(self.read_slot(slot)?.0, text)
    }

    /// Reads what names a slot: `2026-03-06` or `2026-03-06T14:00`; with the schedule before it,
    /// `execute/2026-03-06`; or a claim, which also says which of its runs, `execute/2026-03-06/1`.
    ///
    /// # Errors
    /// `state.bad_event` for anything else, and for what is of another schedule.
    pub fn read_slot(&self, text: &str) -> Result<(SlotId, Option<u32>), Error> {
        let mut parts = text.split('/');
        let (first, second, third) = (parts.next().unwrap_or_default(), parts.next(), parts.next());
        let Some(slot) = second else { return Ok((first.parse()?, None)) };
        if first != self.name() {
            let (of, name) = (first.to_owned(), self.name().to_owned());
            return Err(BadAsk::OtherSlot { text: text.to_owned(), of, name }.into());
        }
        let nth = third.map(|nth| nth.parse().ok().filter(|nth| *nth > 0));
        match (nth, parts.next()) {
            (None, _) => Ok((slot.parse()?, None)),
            (Some(Some(nth)), None) => Ok((slot.parse()?, Some(nth))),
            _ => Err(BadAsk::Number(text.to_owned()).into()),
        }
    }

    /// A slot's name, with the schedule's before it.
    #[must_use]
    pub fn key(&self, slot: SlotId) -> String {
        format!("{}/{slot}", self.name())
    }

    /// What a host claims before it starts a run, so that no other starts it.
    #[must_use]
    pub fn claim(&self, slot: SlotId, nth: u32) -> String {
        format!("{}/{slot}/{nth}", self.name())
    }

    fn check_state(&self, state: &State) -> Result<(), Error> {
        match state.schedule() {
            Some(of) if of != self.name() => {
                let (of, name) = (of.to_owned(), self.name().to_owned());
                Err(BadAsk::OtherState { of, name }.into())
            }
            _ => Ok(()),
        }
    }
}
