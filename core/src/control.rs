//! How a long decision is run: threads, progress, and stopping it.

use std::sync::{Mutex, PoisonError};

use thiserror::Error;

use crate::bounds::THREADS;
use crate::error::{Code, Error, Leaf};

/// How a decision is run. It never changes the answer.
#[derive(Clone, Copy)]
pub struct Control<'a> {
    threads: usize,
    progress: Option<&'a (dyn Fn(Progress) + Sync)>,
    cancel: Option<&'a (dyn Fn() -> bool + Sync)>,
}

/// How far a decision has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Progress {
    /// Steps done: each row counts once per stage.
    pub done: u64,
    /// Steps in all.
    pub of: u64,
}

/// The caller asked to stop.
#[derive(Debug, Error)]
#[error("stopped as asked; nothing was decided")]
struct Cancelled;

impl Leaf for Cancelled {
    fn code(&self) -> Code {
        Code::Cancelled
    }
}

impl<'a> Control<'a> {
    /// One thread, silent, never stopped.
    #[must_use]
    pub fn new() -> Self {
        Self { threads: 1, progress: None, cancel: None }
    }

    /// On this many threads.
    ///
    /// # Errors
    /// `policy.out_of_range` for none, or more than 1024.
    pub fn threads(mut self, threads: usize) -> Result<Self, Error> {
        self.threads = THREADS.check(threads)?;
        Ok(self)
    }

    /// Calls `progress` now and then, from any thread, but one call at a time: it never goes back,
    /// and the last call before an answer says that all is done.
    #[must_use]
    pub fn progress(mut self, progress: &'a (dyn Fn(Progress) + Sync)) -> Self {
        self.progress = Some(progress);
        self
    }

    /// Asks `cancel` now and then, from any thread, and stops once it says yes.
    #[must_use]
    pub fn cancel(mut self, cancel: &'a (dyn Fn() -> bool + Sync)) -> Self {
        self.cancel = Some(cancel);
        self
    }
}

/// The steps of one decision, counted across its threads.
pub(crate) struct Steps<'a> {
    control: Control<'a>,
    done: Mutex<u64>,
    of: u64,
}

impl<'a> Steps<'a> {
    pub(crate) fn new(control: &Control<'a>, of: u64) -> Self {
        Self { control: *control, done: Mutex::new(0), of }
    }

    pub(crate) fn threads(&self) -> usize {
        self.control.threads
    }

    /// After each piece of work: reports it, and fails if the caller wants to stop.
    pub(crate) fn advance(&self, steps: usize) -> Result<(), Error> {
        if let Some(progress) = self.control.progress {
            // Held while the caller is told, so that what it is told never goes back.
            let mut done = self.done.lock().unwrap_or_else(PoisonError::into_inner);
            *done = (*done + steps as u64).min(self.of);
            progress(Progress { done: *done, of: self.of });
        }
        match self.control.cancel {
            Some(cancel) if cancel() => Err(Cancelled.into()),
            _ => Ok(()),
        }
    }
}

/// Works on every item, each on a thread of its own; the results come in the items' order.
pub(crate) fn side_by_side<T: Send, A: Send>(
    items: Vec<T>,
    work: impl Fn(T) -> Result<A, Error> + Sync,
) -> Result<Vec<A>, Error> {
    if items.len() <= 1 {
        return items.into_iter().map(work).collect();
    }
    let work = &work;
    std::thread::scope(|scope| {
        let threads: Vec<_> =
            items.into_iter().map(|item| scope.spawn(move || work(item))).collect();
        // A panic is a bug of ours: it goes on in the caller's thread, where a host can catch it.
        let join = |thread: std::thread::ScopedJoinHandle<'_, _>| match thread.join() {
            Ok(result) => result,
            Err(panic) => std::panic::resume_unwind(panic),
        };
        threads.into_iter().map(join).collect()
    })
}

impl Default for Control<'_> {
    fn default() -> Self {
        Self::new()
    }
}

impl std::fmt::Debug for Control<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Control").field("threads", &self.threads).finish_non_exhaustive()
    }
}
