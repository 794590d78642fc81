//! Long work without the GIL: other Python threads go on meanwhile, and Ctrl-C stops it.

use std::any::Any;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{RecvTimeoutError, sync_channel};
use std::thread;
use std::time::Duration;

use housekeep::{Control, Error};
use pyo3::exceptions::PyRuntimeError;
use pyo3::prelude::*;

use crate::error::raised;

/// Fewer rows are decided before anybody could press a key.
const WATCHED_ROWS: u32 = 100_000;
/// How often a signal is looked for.
const WATCH: Duration = Duration::from_millis(50);

/// Does work over this many rows without the GIL.
pub(crate) fn run<T: Send>(
    py: Python<'_>,
    rows: u32,
    threads: usize,
    work: impl FnOnce(&Control<'_>) -> Result<T, Error> + Send,
) -> PyResult<T> {
    let stop = AtomicBool::new(false);
    let cancel = || stop.load(Ordering::Relaxed);
    let control = Control::new().threads(threads).map_err(raised)?.cancel(&cancel);
    let work = move || catch_unwind(AssertUnwindSafe(|| work(&control)));
    if rows < WATCHED_ROWS {
        return settled(py.detach(work));
    }
    py.detach(|| {
        thread::scope(|scope| {
            let (sender, done) = sync_channel(1);
            let started = thread::Builder::new().spawn_scoped(scope, move || sender.send(work()));
            started.map_err(|error| PyRuntimeError::new_err(error.to_string()))?;
            let mut interrupted = None;
            loop {
                match done.recv_timeout(WATCH) {
                    Ok(answer) => return interrupted.map_or_else(|| settled(answer), Err),
                    Err(RecvTimeoutError::Timeout) if interrupted.is_none() => {
                        interrupted = interrupted_now();
                        stop.store(interrupted.is_some(), Ordering::Relaxed);
                    }
                    Err(RecvTimeoutError::Timeout) => {}
                    Err(RecvTimeoutError::Disconnected) => return Err(internal("it was lost")),
                }
            }
        })
    })
}

fn settled<T>(answer: Result<Result<T, Error>, Box<dyn Any + Send>>) -> PyResult<T> {
    match answer {
        Ok(answer) => answer.map_err(raised),
        Err(panic) => {
            let said = panic.downcast_ref::<&str>().copied();
            let said = said.or_else(|| panic.downcast_ref::<String>().map(String::as_str));
            Err(internal(said.unwrap_or("it did not say why")))
        }
    }
}

/// A fault of housekeep's own. Not a panic: that is none of Python's ordinary exceptions, and
/// would end a service that guards itself against those.
fn internal(said: &str) -> PyErr {
    PyRuntimeError::new_err(format!("housekeep has failed, which is a bug of its own: {said}"))
}

/// What a signal's handler raised, if there was one.
fn interrupted_now() -> Option<PyErr> {
    Python::attach(|py| py.check_signals().err())
}

/// Panics while it works, so that the tests can see what becomes of it.
#[cfg(debug_assertions)]
#[pyfunction]
#[expect(clippy::panic, reason = "that is what it is for")]
pub(crate) fn _panic(py: Python<'_>, rows: u32) -> PyResult<()> {
    run(py, rows, 1, |_| panic!("forced"))
}
