//! The machine of core that decides every step of what is done in a database. The drivers, in Python,
//! carry the steps out.

use std::sync::{Mutex, PoisonError};

use housekeep::apply::{self, Answer, Outcome, Param, Rows};
use housekeep::{Code, Error};
use pyo3::prelude::*;
use pyo3::pybacked::PyBackedStr;
use pyo3::types::{PyBytes, PyList};

use crate::error::raised;
use crate::plan::Plan;

/// Decides every step, and does none itself.
#[pyclass(frozen, module = "housekeep._core")]
pub(crate) struct Machine(Mutex<Option<apply::Machine<Answer>>>);

/// One thing that a driver does.
#[pyclass(frozen, module = "housekeep._core")]
#[derive(Default)]
pub(crate) struct Step {
    /// What it is, in a word.
    #[pyo3(get)]
    kind: &'static str,
    /// A statement, the name of a file, or a question.
    #[pyo3(get)]
    text: String,
    params: Vec<Param>,
    data: Vec<u8>,
    /// Whether a file is whole then.
    #[pyo3(get)]
    is_whole: bool,
    /// How long to wait, in seconds.
    #[pyo3(get)]
    seconds: f64,
    machines: Vec<Py<Machine>>,
}

impl<T: Into<Answer> + 'static> From<apply::Machine<T>> for Machine {
    fn from(machine: apply::Machine<T>) -> Self {
        Self(Mutex::new(Some(machine.of_any_answer())))
    }
}

impl Machine {
    fn with<T: Send>(
        &self,
        py: Python<'_>,
        work: impl FnOnce(&mut Option<apply::Machine<Answer>>) -> T + Send,
    ) -> T {
        py.detach(|| work(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner)))
    }

    fn feed(&self, py: Python<'_>, outcome: Outcome) {
        self.with(py, |machine| machine.as_mut().map(|machine| machine.feed(outcome)));
    }
}

#[pymethods]
impl Machine {
    /// Puts back what an export holds and the database lacks; unless it is for real, only looks.
    #[staticmethod]
    fn restore(for_real: bool) -> Self {
        let restore = apply::Restore::new();
        if for_real { restore.for_real().machine().into() } else { restore.machine().into() }
    }

    /// The next step; none once all is done.
    fn next_step(&self, py: Python<'_>) -> PyResult<Option<Step>> {
        let step = self.with(py, |machine| machine.as_mut()?.next_step());
        step.map(|step| Step::new(py, step)).transpose()
    }

    /// It is done.
    fn done(&self, py: Python<'_>) {
        self.feed(py, Outcome::Done);
    }

    /// The rows that a statement gave.
    fn rows(&self, py: Python<'_>, rows: Vec<Vec<Option<PyBackedStr>>>) {
        let mut all = Rows::new();
        for row in rows {
            all.push(row.iter().map(Option::as_deref));
        }
        self.feed(py, Outcome::Rows(all));
    }

    /// What was read of a file.
    fn read(&self, py: Python<'_>, data: &[u8]) {
        self.feed(py, Outcome::Bytes(data.to_vec()));
    }

    /// What a person typed.
    fn answer(&self, py: Python<'_>, answer: String) {
        self.feed(py, Outcome::Answer(answer));
    }

    /// The server refused.
    fn refused(&self, py: Python<'_>, sqlstate: String, message: String) {
        self.feed(py, Outcome::Refused { sqlstate, message });
    }

    /// The connection is gone.
    fn lost(&self, py: Python<'_>, why: String) {
        self.feed(py, Outcome::Lost(why));
    }

    /// The driver could not do it, for a reason of its own, which it raises itself.
    fn failed(&self, py: Python<'_>, why: String) {
        self.feed(py, Outcome::Failed(Error::host(Code::IoWrite, why, None)));
    }

    /// How many rows have gone, and of how many.
    #[getter]
    fn progress(&self, py: Python<'_>) -> (u64, u64) {
        self.with(py, |machine| machine.as_ref().map_or((0, 0), apply::Machine::progress))
    }

    /// The answer, once there is no further step: a plan, or a document as JSON.
    fn finish<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        let answer = self.with(py, |machine| machine.take().map(apply::Machine::finish));
        match answer.transpose().map_err(raised)? {
            Some(Answer::Plan(plan)) => Ok(Bound::new(py, Plan::from(*plan))?.into_any()),
            Some(Answer::Document(json)) => Ok(json.into_pyobject(py)?.into_any()),
            Some(Answer::Nothing) | None => Ok(py.None().into_bound(py)),
        }
    }
}

impl Step {
    fn new(py: Python<'_>, step: apply::Step) -> PyResult<Self> {
        let of = |kind, text: &str| Step { kind, text: text.to_owned(), ..Step::default() };
        Ok(match step {
            apply::Step::Begin(isolation) => of("begin", isolation.begin()),
            apply::Step::Exec(statement) => {
                Step { params: statement.params, ..of("exec", &statement.sql) }
            }
            apply::Step::Persist(file) => {
                Step { data: file.bytes, is_whole: file.is_whole, ..of("persist", &file.name) }
            }
            apply::Step::Read(name) => of("read", &name),
            apply::Step::Confirm(question) => of("confirm", &question.text),
            apply::Step::Commit(_) => of("commit", "COMMIT"),
            apply::Step::Rollback => of("rollback", "ROLLBACK"),
            apply::Step::Reconnect => of("reconnect", ""),
            apply::Step::Sleep(time) => {
                Step { seconds: time.as_micros() as f64 / 1e6, ..of("sleep", "") }
            }
            apply::Step::Together(machines) => {
                let machines = machines.into_iter().map(|own| Py::new(py, Machine::from(own)));
                Step { machines: machines.collect::<PyResult<_>>()?, ..of("together", "") }
            }
        })
    }
}

#[pymethods]
impl Step {
    /// The parameters of a statement: texts, and lists of texts and nulls.
    #[getter]
    fn params<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyList>> {
        let list = PyList::empty(py);
        for param in &self.params {
            match param {
                Param::Text(text) => list.append(text)?,
                Param::Texts(texts) => list.append(texts)?,
            }
        }
        Ok(list)
    }

    /// What is written at the end of a file.
    #[getter]
    fn data<'py>(&self, py: Python<'py>) -> Bound<'py, PyBytes> {
        PyBytes::new(py, &self.data)
    }

    /// What is carried out at the same time.
    #[getter]
    fn machines(&self, py: Python<'_>) -> Vec<Py<Machine>> {
        self.machines.iter().map(|machine| machine.clone_ref(py)).collect()
    }
}
