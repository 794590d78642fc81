//! Schedules: which run is due, which were missed, and what is remembered.

use std::hash::{DefaultHasher, Hash, Hasher};

use housekeep::policy::ScheduleRule;
use housekeep::schedule::{self, State, What};
use housekeep::wire;
use pyo3::exceptions::PyTypeError;
use pyo3::intern;
use pyo3::prelude::*;
use pyo3::pybacked::PyBackedBytes;
use pyo3::types::{PyDate, PyDateTime, PyDict, PyString, PyTuple, PyType};

use crate::error::raised;
use crate::health::Several;
use crate::policy::Policy;
use crate::record::record;
use crate::rows::bytes;
use crate::time::Time;

record! {
    /// One occasion of a schedule: when it may start.
    Slot {
        /// Its name: `execute/2026-03-06`, or `execute/2026-03-06T14:00` where a day has several.
        slot: String,
        /// What the clocks of the zone show, or skip, as it opens.
        nominal: String,
        /// The first instant at which it may start.
        open: Time,
        /// The first instant at which it may start no more.
        cutoff: Time,
        /// The end of its window: it is over at this instant.
        close: Time,
        /// When it is announced, if it is.
        notice_at: Option<Time>,
    }
}

record! {
    /// A run that may start now.
    Offer {
        /// What a host claims before it starts it: `execute/2026-03-06/1`.
        claim: String,
        /// The slot.
        slot: Slot,
        /// How many attempts are left, this one included.
        left: u32,
        /// The tasks that it is made of now, in their order.
        tasks: Several<String>,
        /// Why it is not done yet: `new`, `failed`, `abandoned` or `stale`.
        why: String,
        /// The same in a sentence.
        sentence: String,
    }
}

record! {
    /// A slot that is not done, and does not start now.
    Undone {
        /// The slot.
        slot: Slot,
        /// The setting that decides.
        rule: String,
        /// How it bears on this, in a word.
        why: String,
        /// The same in a sentence.
        sentence: String,
    }
}

record! {
    /// A run that has started and not ended.
    Running {
        /// What its host claimed.
        claim: String,
        /// The slot's name, or that of another day, if a person runs it.
        slot: String,
        /// When it started.
        started_at: Time,
        /// When it counts as failed.
        stale_at: Time,
        /// Whether a person started it.
        by_hand: bool,
        /// The same in a sentence.
        sentence: String,
    }
}

record! {
    /// Until when nothing changes, if nothing new is recorded.
    Wait {
        /// The first instant at which something does; none if nothing ever does.
        until: Option<Time>,
        /// What: `opens`, `notice`, `closes`, `stale`, `calendar` or `never`.
        why: String,
        /// Of which slot.
        slot: Option<String>,
    }
}

record! {
    /// What is due.
    Due {
        /// When that was asked.
        now: Time,
        /// What is: `run`, `notice` or `wait`.
        due: String,
        /// The run that may start, if one may.
        run: Option<Offer>,
        /// The slot that is to be announced, if one is.
        notice: Option<Slot>,
        /// When to ask again, if nothing is due.
        wait: Option<Wait>,
        /// The same in a sentence.
        sentence: String,
    } + json
}

record! {
    /// What was missed, or failed, and what becomes of it.
    Missed {
        /// When that was asked.
        now: Time,
        /// What may start now, the oldest first.
        runs: Several<Offer>,
        /// What may start when these have, or when a window is open again.
        deferred: Several<Undone>,
        /// What runs: a host that wakes and finds its own says that it is abandoned.
        running: Several<Running>,
        /// What failed as often as it may.
        gave_up: Several<Undone>,
        /// What runs no more, and is still spoken of.
        dropped: Several<Undone>,
    } + json
}

record! {
    /// The first slot after an instant, or after another slot.
    NextSlot {
        /// The slot; none if none ever comes.
        slot: Option<Slot>,
    } + json
}

record! {
    /// The slots of a time.
    Slots {
        /// From when on they open.
        from_: Time,
        /// Before when they open.
        to: Time,
        /// The slots, in their order.
        slots: Several<Slot>,
    } + json
}

record! {
    /// Until when what is remembered of a slot has to be kept.
    KeepUntil {
        /// The slot's name.
        slot: String,
        /// From when on nothing depends on it.
        until: Time,
    } + json
}

record! {
    /// What is remembered of one slot.
    Run {
        /// How it is: `announced`, `running`, `failed`, `abandoned`, `skipped` or `done`.
        state: String,
        /// How often it started.
        tries: u32,
        /// How many of these use up no attempt: its host crashed, or a person started it.
        uncounted: u32,
        /// Whether a person started it last.
        by_hand: bool,
        /// When it started last.
        started_at: Option<Time>,
        /// When all of it was completed.
        completed_at: Option<Time>,
        /// Whether all of it was completed, as it ended last.
        all_completed: Option<bool>,
        /// Whether all of it succeeded, as it ended last.
        all_success: Option<bool>,
        /// The tasks that ended, each with whether it succeeded.
        tasks: Several<(String, bool)>,
        /// When it was announced.
        noticed_at: Option<Time>,
        /// When a person started it last.
        manual_at: Option<Time>,
    }
}

fn slot(rule: &ScheduleRule, slot: schedule::Slot) -> Slot {
    Slot {
        slot: rule.key(slot.id),
        nominal: slot.nominal(),
        open: Time(slot.open),
        cutoff: Time(slot.cutoff),
        close: Time(slot.close),
        notice_at: slot.notice_at.map(Time),
    }
}

fn offer(rule: &ScheduleRule, offer: &schedule::Offer, sentence: String) -> Offer {
    Offer {
        claim: rule.claim(offer.slot.id, offer.nth),
        slot: slot(rule, offer.slot),
        left: offer.left,
        tasks: Several(offer.tasks.iter().map(ToString::to_string).collect()),
        why: offer.why.as_str().into(),
        sentence,
    }
}

fn undone(rule: &ScheduleRule, slots: Vec<wire::UndoneSlot>) -> Several<Undone> {
    let each = slots.into_iter().map(|undone| Undone {
        slot: slot(rule, undone.slot),
        rule: undone.reason.rule.into(),
        why: undone.reason.why.into(),
        sentence: undone.sentence,
    });
    Several(each.collect())
}

impl From<wire::DueAnswer> for Due {
    fn from(answer: wire::DueAnswer) -> Self {
        let rule = answer.rule();
        let (mut run, mut notice, mut wait) = (None, None, None);
        match &answer.due {
            schedule::Due::Run(own) => run = Some(offer(rule, own, answer.sentence())),
            schedule::Due::Notice(own) => notice = Some(slot(rule, *own)),
            schedule::Due::Wait(own) => {
                wait = Some(Wait {
                    until: own.until.map(Time),
                    why: own.why.as_str().into(),
                    slot: own.slot.map(|slot| rule.key(slot)),
                });
            }
        }
        let (now, due, sentence) = (Time(answer.now), answer.word().into(), answer.sentence());
        Self { now, due, run, notice, wait, sentence, json: answer.to_json() }
    }
}

impl From<wire::MissedAnswer> for Missed {
    fn from(answer: wire::MissedAnswer) -> Self {
        let (rule, missed) = (answer.rule(), &answer.missed);
        let runs = missed.runs.iter().map(|own| offer(rule, own, answer.sentence(own)));
        let running = missed.running.iter().map(|run| Running {
            claim: rule.claim(run.id, run.nth),
            slot: rule.key(run.id),
            started_at: Time(run.started_at),
            stale_at: Time(run.stale_at),
            by_hand: run.by_hand,
            sentence: answer.running_sentence(run),
        });
        Self {
            now: Time(answer.now),
            runs: Several(runs.collect()),
            deferred: undone(rule, answer.deferred()),
            running: Several(running.collect()),
            gave_up: undone(rule, answer.gave_up()),
            dropped: undone(rule, answer.dropped()),
            json: answer.to_json(),
        }
    }
}

impl From<wire::NextAnswer> for NextSlot {
    fn from(answer: wire::NextAnswer) -> Self {
        let own = answer.slot.map(|own| slot(answer.rule(), own));
        Self { slot: own, json: answer.to_json() }
    }
}

impl From<&schedule::Run> for Run {
    fn from(run: &schedule::Run) -> Self {
        let tasks = run.tasks.iter().map(|(name, success)| (name.to_string(), *success));
        Self {
            state: run.state.as_str().into(),
            tries: run.tries,
            uncounted: run.uncounted,
            by_hand: run.by_hand,
            started_at: run.started_at.map(Time),
            completed_at: run.completed_at.map(Time),
            all_completed: run.all_completed,
            all_success: run.all_success,
            tasks: Several(tasks.collect()),
            noticed_at: run.noticed_at.map(Time),
            manual_at: run.manual_at.map(Time),
        }
    }
}

/// What names a slot: text, a `date`, or an answer that has a claim or a slot.
pub(crate) struct Named(String);

impl FromPyObject<'_, '_> for Named {
    type Error = PyErr;

    fn extract(given: Borrowed<'_, '_, PyAny>) -> PyResult<Self> {
        let py = given.py();
        if let Ok(text) = given.cast::<PyString>() {
            return Ok(Self(text.to_str()?.to_owned()));
        }
        // A datetime is a date, too, and says more than that.
        if given.cast::<PyDate>().is_ok() && given.cast::<PyDateTime>().is_err() {
            return Ok(Self(given.call_method0(intern!(py, "isoformat"))?.extract()?));
        }
        for name in [intern!(py, "claim"), intern!(py, "slot")] {
            if let Ok(own) = given.getattr(name) {
                return own.extract();
            }
        }
        let class = given.get_type().name()?;
        Err(PyTypeError::new_err(format!(
            "a slot is text such as `2026-03-06`, a date, a Slot or an Offer, not {class}"
        )))
    }
}

/// What is remembered of the runs of one schedule.
#[pyclass(frozen, module = "housekeep._core")]
pub(crate) struct ScheduleState(State);

#[pymethods]
impl ScheduleState {
    /// Reads what `to_json` wrote.
    #[classmethod]
    fn from_json(_: &Bound<'_, PyType>, text: &Bound<'_, PyAny>) -> PyResult<Self> {
        State::from_json(&document(text)?).map(Self).map_err(raised)
    }

    /// The state as canonical JSON.
    fn to_json(&self) -> String {
        self.0.to_json()
    }

    /// The first slot that counts, without the schedule's name.
    #[getter]
    fn since(&self) -> String {
        self.0.since().to_string()
    }

    /// What is remembered of each slot, by its name without the schedule's.
    #[getter]
    fn runs<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyDict>> {
        let runs = PyDict::new(py);
        for (id, run) in self.0.runs() {
            runs.set_item(id.to_string(), Run::from(run))?;
        }
        Ok(runs)
    }

    fn __repr__(&self) -> String {
        let (since, runs) = (self.0.since(), self.0.runs().count());
        match self.0.schedule() {
            Some(schedule) => format!("<ScheduleState of {schedule} since {since}: runs {runs}>"),
            None => format!("<ScheduleState since {since}: runs {runs}>"),
        }
    }

    fn __eq__(&self, py: Python<'_>, other: &Bound<'_, PyAny>) -> PyResult<Py<PyAny>> {
        let Ok(other) = other.cast::<Self>() else { return Ok(py.NotImplemented()) };
        let equal = self.0 == other.get().0;
        Ok(equal.into_pyobject(py)?.to_owned().into_any().unbind())
    }

    fn __hash__(&self) -> u64 {
        let mut hasher = DefaultHasher::new();
        self.0.to_json().hash(&mut hasher);
        hasher.finish()
    }

    fn __reduce__<'py>(slf: &Bound<'py, Self>) -> PyResult<(Bound<'py, PyAny>, (String,))> {
        Ok((slf.get_type().getattr("from_json")?, (slf.get().to_json(),)))
    }
}

fn document(text: &Bound<'_, PyAny>) -> PyResult<PyBackedBytes> {
    match bytes(text)? {
        Some(read) => Ok(read),
        None => {
            let class = text.get_type().name()?;
            Err(PyTypeError::new_err(format!("a state is text or bytes, not {class}")))
        }
    }
}

/// A schedule of a policy. It remembers nothing: the host keeps the state.
#[pyclass(frozen, module = "housekeep._core")]
pub(crate) struct Schedule {
    pub(crate) rule: ScheduleRule,
    pub(crate) policy: Py<Policy>,
}

#[pymethods]
#[expect(clippy::needless_pass_by_value, reason = "a slot comes as the text it was made into")]
impl Schedule {
    /// The name, without its family.
    #[getter]
    fn name(&self) -> &str {
        self.rule.name()
    }

    /// What a run is made of, in its order.
    #[getter]
    fn tasks<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyTuple>> {
        PyTuple::new(py, self.rule.tasks())
    }

    /// A state that begins now: the slots count that may start now, and all that come.
    #[pyo3(signature = (*, now))]
    fn begin(&self, now: Time) -> PyResult<ScheduleState> {
        self.rule.begin(now.0).map(ScheduleState).map_err(raised)
    }

    /// A state in which nothing happened yet, and slots from this one on count.
    fn state(&self, since: Named) -> PyResult<ScheduleState> {
        let (since, _) = self.rule.read_slot(&since.0).map_err(raised)?;
        Ok(ScheduleState(self.rule.state(since)))
    }

    /// The first slot that opens after an instant.
    #[pyo3(signature = (*, now))]
    fn next(&self, now: Time) -> PyResult<NextSlot> {
        self.rule.next(now.0).map(NextSlot::from).map_err(raised)
    }

    /// The first slot after another.
    fn next_after(&self, slot: Named) -> PyResult<NextSlot> {
        self.rule.next_after(&slot.0).map(NextSlot::from).map_err(raised)
    }

    /// The slots that open from an instant until before another.
    #[pyo3(signature = (*, from_, to))]
    fn slots(&self, from_: Time, to: Time) -> PyResult<Slots> {
        let answer = self.rule.slots(from_.0, to.0).map_err(raised)?;
        let slots = answer.slots.iter().map(|own| slot(&self.rule, *own)).collect();
        Ok(Slots { from_, to, slots: Several(slots), json: answer.to_json() })
    }

    /// What is due now, and if nothing is, when to ask again.
    #[pyo3(signature = (state, *, now))]
    fn due(&self, state: &Bound<'_, ScheduleState>, now: Time) -> PyResult<Due> {
        self.rule.due(&state.get().0, now.0).map(Due::from).map_err(raised)
    }

    /// What was missed, or failed, and what becomes of it.
    #[pyo3(signature = (state, *, now))]
    fn missed(&self, state: &Bound<'_, ScheduleState>, now: Time) -> PyResult<Missed> {
        self.rule.missed(&state.get().0, now.0).map(Missed::from).map_err(raised)
    }

    /// The same state, in which something happened to a run.
    #[pyo3(signature = (state, event, slot, *, now, task = None, success = None, completed = None))]
    fn record(
        &self,
        state: &Bound<'_, ScheduleState>,
        event: &str,
        slot: Named,
        now: Time,
        task: Option<&str>,
        success: Option<bool>,
        completed: Option<bool>,
    ) -> PyResult<ScheduleState> {
        let what = What::read(event, task, completed, success).map_err(raised)?;
        let state = self.rule.record(state.get().0.clone(), what, &slot.0, now.0);
        state.map(ScheduleState).map_err(raised)
    }

    /// Until when what is remembered of a slot has to be kept.
    fn keep_until(&self, slot: Named) -> PyResult<KeepUntil> {
        let answer = self.rule.keep_until(&slot.0).map_err(raised)?;
        let (slot, until) = (self.rule.key(answer.slot), Time(answer.until));
        Ok(KeepUntil { slot, until, json: answer.to_json() })
    }

    /// The same state without what may be forgotten.
    #[pyo3(signature = (state, *, now))]
    fn forget(&self, state: &Bound<'_, ScheduleState>, now: Time) -> PyResult<ScheduleState> {
        let state = self.rule.forget(state.get().0.clone(), now.0);
        state.map(ScheduleState).map_err(raised)
    }

    /// What is remembered of one slot as JSON, for a host that stores each by itself.
    fn run_json(&self, state: &Bound<'_, ScheduleState>, slot: Named) -> PyResult<Option<String>> {
        self.rule.run_json(&state.get().0, &slot.0).map_err(raised)
    }

    /// The same state with what `run_json` gave of a slot.
    fn with_run(
        &self,
        state: &Bound<'_, ScheduleState>,
        slot: Named,
        text: &Bound<'_, PyAny>,
    ) -> PyResult<ScheduleState> {
        let state = self.rule.with_run(state.get().0.clone(), &slot.0, &document(text)?);
        state.map(ScheduleState).map_err(raised)
    }

    fn __repr__(&self) -> String {
        format!("<Schedule {}>", self.rule.name())
    }

    fn __reduce__<'py>(slf: &Bound<'py, Self>) -> PyResult<(Bound<'py, PyAny>, (String,))> {
        let own = slf.get();
        let made = own.policy.bind(slf.py()).getattr("schedule")?;
        Ok((made, (own.rule.name().to_owned(),)))
    }
}
