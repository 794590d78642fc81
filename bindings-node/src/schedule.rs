//! Schedules: which run is due, which were missed, and what is remembered.

use housekeep::policy::ScheduleRule;
use housekeep::schedule::{State, What};
use napi::bindgen_prelude::{BigInt, Either, Env, Uint8ArraySlice};
use napi_derive::napi;

use crate::ask::moment;
use crate::error::guarded;
use crate::policy::Policy;

/// A schedule of a policy, as a handle.
#[napi]
pub struct Schedule(ScheduleRule);

/// What is remembered of its runs, as a handle.
#[napi]
pub struct ScheduleState(State);

/// What happened, besides its word: what a host knows of it.
#[napi(object)]
pub struct EventTerms {
    /// What happened, in a word.
    pub event: String,
    /// The task that ended.
    pub task: Option<String>,
    /// Whether all of a run was completed.
    pub completed: Option<bool>,
    /// Whether a run or task succeeded.
    pub success: Option<bool>,
}

/// The schedule of this name.
#[napi]
pub fn schedule(env: &Env, policy: &Policy, name: String) -> napi::Result<Schedule> {
    guarded(env, || Ok(Schedule(policy.0.schedule(&name)?.clone())))
}

/// Reads a state that was written as JSON.
#[napi]
pub fn parse_schedule_state(env: &Env, json: Uint8ArraySlice<'_>) -> napi::Result<ScheduleState> {
    guarded(env, || Ok(ScheduleState(State::from_json(&json)?)))
}

#[napi]
impl Schedule {
    /// Its name.
    #[napi]
    pub fn name(&self, env: &Env) -> napi::Result<String> {
        guarded(env, || Ok(self.0.name().to_owned()))
    }

    /// What a run is made of.
    #[napi]
    pub fn tasks(&self, env: &Env) -> napi::Result<Vec<String>> {
        guarded(env, || Ok(self.0.tasks().map(str::to_owned).collect()))
    }

    /// A state that begins now.
    #[napi]
    pub fn begin(&self, env: &Env, now: Either<BigInt, String>) -> napi::Result<ScheduleState> {
        guarded(env, || Ok(ScheduleState(self.0.begin(moment(now)?)?)))
    }

    /// A state that begins with a slot.
    #[napi]
    pub fn state(&self, env: &Env, since: String) -> napi::Result<ScheduleState> {
        guarded(env, || Ok(ScheduleState(self.0.state(self.0.read_slot(&since)?.0))))
    }

    /// The first slot after an instant.
    #[napi]
    pub fn next(&self, env: &Env, now: Either<BigInt, String>) -> napi::Result<String> {
        guarded(env, || Ok(self.0.next(moment(now)?)?.to_json()))
    }

    /// The first slot after another.
    #[napi]
    pub fn next_after(&self, env: &Env, slot: String) -> napi::Result<String> {
        guarded(env, || Ok(self.0.next_after(&slot)?.to_json()))
    }

    /// The slots of a time.
    #[napi]
    pub fn slots(
        &self,
        env: &Env,
        from: Either<BigInt, String>,
        to: Either<BigInt, String>,
    ) -> napi::Result<String> {
        guarded(env, || Ok(self.0.slots(moment(from)?, moment(to)?)?.to_json()))
    }

    /// What is due.
    #[napi]
    pub fn due(
        &self,
        env: &Env,
        state: &ScheduleState,
        now: Either<BigInt, String>,
    ) -> napi::Result<String> {
        guarded(env, || Ok(self.0.due(&state.0, moment(now)?)?.to_json()))
    }

    /// What was missed.
    #[napi]
    pub fn missed(
        &self,
        env: &Env,
        state: &ScheduleState,
        now: Either<BigInt, String>,
    ) -> napi::Result<String> {
        guarded(env, || Ok(self.0.missed(&state.0, moment(now)?)?.to_json()))
    }

    /// The state, in which something happened to a run.
    #[napi]
    pub fn record(
        &self,
        env: &Env,
        state: &ScheduleState,
        terms: EventTerms,
        slot: String,
        now: Either<BigInt, String>,
    ) -> napi::Result<ScheduleState> {
        guarded(env, || {
            let EventTerms { event, task, completed, success } = terms;
            let what = What::read(&event, task.as_deref(), completed, success)?;
            Ok(ScheduleState(self.0.record(state.0.clone(), what, &slot, moment(now)?)?))
        })
    }

    /// Until when what is remembered of a slot is needed.
    #[napi]
    pub fn keep_until(&self, env: &Env, slot: String) -> napi::Result<String> {
        guarded(env, || Ok(self.0.keep_until(&slot)?.to_json()))
    }

    /// The state without what is not needed any more.
    #[napi]
    pub fn forget(
        &self,
        env: &Env,
        state: &ScheduleState,
        now: Either<BigInt, String>,
    ) -> napi::Result<ScheduleState> {
        guarded(env, || Ok(ScheduleState(self.0.forget(state.0.clone(), moment(now)?)?)))
    }

    /// What is remembered of one slot, as a document.
    #[napi]
    pub fn run_json(
        &self,
        env: &Env,
        state: &ScheduleState,
        slot: String,
    ) -> napi::Result<Option<String>> {
        guarded(env, || Ok(self.0.run_json(&state.0, &slot)?))
    }

    /// The state, with what was remembered of one slot.
    #[napi]
    pub fn with_run(
        &self,
        env: &Env,
        state: &ScheduleState,
        slot: String,
        json: Uint8ArraySlice<'_>,
    ) -> napi::Result<ScheduleState> {
        guarded(env, || Ok(ScheduleState(self.0.with_run(state.0.clone(), &slot, &json)?)))
    }
}

#[napi]
impl ScheduleState {
    /// As a document.
    #[napi]
    pub fn to_json(&self, env: &Env) -> napi::Result<String> {
        guarded(env, || Ok(self.0.to_json()))
    }

    /// Whether the two remember the same.
    #[napi]
    pub fn equals(&self, env: &Env, other: &ScheduleState) -> napi::Result<bool> {
        guarded(env, || Ok(self.0 == other.0))
    }
}
