//! The machine: a protocol that is written as one `async fn`, and polled by hand. It runs on no runtime:
//! where it awaits an outcome, it hands out the step, and goes on when the outcome is fed.

use std::fmt;
use std::future::{Future, poll_fn};
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll, Waker};

use super::rows::Rows;
use super::step::{File, Isolation, Outcome, Param, Question, Statement, Step};
use super::trouble::{BadHost, Trouble};
use crate::error::Error;
use crate::time::Duration;
use crate::wire;

type Protocol<T> = Pin<Box<dyn Future<Output = Result<T, Error>> + Send>>;

/// Decides every step of something that is done in a database, and does none itself.
///
/// A host takes a step, does it, and feeds what came of it, until there is none: then there is an answer.
pub struct Machine<T> {
    protocol: Option<Protocol<T>>,
    talk: Talk,
    answer: Option<Result<T, Error>>,
    is_asked: bool,
}

/// Where a protocol and its host meet.
#[derive(Clone, Debug, Default)]
pub(super) struct Talk(Arc<Mutex<Slot>>);

/// Rows of a select that are taken some at a time, within a transaction.
pub(super) struct Cursor<'t> {
    talk: &'t Talk,
    name: String,
}

#[derive(Debug, Default)]
struct Slot {
    step: Option<Step>,
    outcome: Option<Outcome>,
    progress: (u64, u64),
}

impl<T> Machine<T> {
    pub(super) fn new<F>(protocol: impl FnOnce(Talk) -> F) -> Self
    where
        F: Future<Output = Result<T, Error>> + Send + 'static,
    {
        let talk = Talk::default();
        let protocol: Protocol<T> = Box::pin(protocol(talk.clone()));
        Self { protocol: Some(protocol), talk, answer: None, is_asked: false }
    }

    pub(super) fn map<U>(self, change: impl FnOnce(T) -> U + Send + 'static) -> Machine<U>
    where
        T: 'static,
    {
        let Self { protocol, talk, answer, is_asked } = self;
        // It ends where it has an answer, so that one of the two is left.
        match (protocol, answer) {
            (Some(protocol), _) => {
                let protocol: Protocol<U> = Box::pin(async move { protocol.await.map(change) });
                Machine { protocol: Some(protocol), talk, answer: None, is_asked }
            }
            (None, answer) => {
                let answer = answer.map(|answer| answer.map(change));
                Machine { protocol: None, talk, answer, is_asked }
            }
        }
    }

    /// The next step; none once all is done. A step whose outcome was not fed is not given again: the
    /// machine ends there.
    pub fn next_step(&mut self) -> Option<Step> {
        if self.is_asked {
            self.end(Err(BadHost::NotFed.into()));
        }
        let protocol = self.protocol.as_mut()?;
        match protocol.as_mut().poll(&mut Context::from_waker(Waker::noop())) {
            Poll::Ready(answer) => {
                self.end(answer);
                None
            }
            Poll::Pending => {
                let step = self.talk.slot(|slot| slot.step.take());
                self.is_asked = step.is_some();
                if step.is_none() {
                    self.end(Err(BadHost::NotFed.into()));
                }
                step
            }
        }
    }

    /// What came of the last step.
    pub fn feed(&mut self, outcome: Outcome) {
        self.is_asked = false;
        self.talk.slot(|slot| slot.outcome = Some(outcome));
    }

    /// How many rows have gone, and of how many, for a bar.
    #[must_use]
    pub fn progress(&self) -> (u64, u64) {
        self.talk.slot(|slot| slot.progress)
    }

    /// The answer, once there is no further step.
    ///
    /// # Errors
    /// What the machine stopped for.
    pub fn finish(self) -> Result<T, Error> {
        self.answer.unwrap_or_else(|| Err(BadHost::NotFed.into()))
    }

    fn end(&mut self, answer: Result<T, Error>) {
        self.protocol = None;
        self.is_asked = false;
        self.answer.get_or_insert(answer);
    }
}

impl Cursor<'_> {
    /// The next rows; none at its end.
    pub(super) async fn fetch(&self, rows: usize) -> Result<Rows, Trouble> {
        let fetch = format!("FETCH FORWARD {rows} FROM {}", self.name);
        self.talk.rows(fetch, Vec::new()).await
    }

    pub(super) async fn close(self) -> Result<(), Trouble> {
        self.talk.rows(format!("CLOSE {}", self.name), Vec::new()).await.map(drop)
    }
}

impl<T> fmt::Debug for Machine<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Machine").field("is_done", &self.protocol.is_none()).finish_non_exhaustive()
    }
}

impl Talk {
    fn slot<R>(&self, with: impl FnOnce(&mut Slot) -> R) -> R {
        with(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }

    pub(super) fn progress(&self, done: u64, of: u64) {
        self.slot(|slot| slot.progress = (done, of));
    }

    async fn ask(&self, step: Step) -> Outcome {
        self.slot(|slot| (slot.step, slot.outcome) = (Some(step), None));
        poll_fn(|_| match self.slot(|slot| slot.outcome.take()) {
            Some(outcome) => Poll::Ready(outcome),
            None => Poll::Pending,
        })
        .await
    }

    /// A step of which there is nothing to say but that it is done.
    async fn order(&self, step: Step) -> Result<(), Trouble> {
        match self.ask(step).await {
            Outcome::Done | Outcome::Rows(_) => Ok(()),
            other => Err(Trouble::of(other)),
        }
    }

    /// The rows of a statement.
    pub(super) async fn rows(
        &self,
        sql: impl Into<String>,
        params: Vec<Param>,
    ) -> Result<Rows, Trouble> {
        match self.ask(Step::Exec(Statement { sql: sql.into(), params })).await {
            Outcome::Rows(rows) => Ok(rows),
            Outcome::Done => Ok(Rows::new()),
            other => Err(Trouble::of(other)),
        }
    }

    /// The one text of a statement that gives one.
    pub(super) async fn text(
        &self,
        sql: impl Into<String>,
        params: Vec<Param>,
    ) -> Result<String, Trouble> {
        let rows = self.rows(sql, params).await?;
        rows.text().map(str::to_owned).ok_or_else(|| BadHost::NoText.into())
    }

    /// The one number of a statement that gives one.
    pub(super) async fn count(
        &self,
        sql: impl Into<String>,
        params: Vec<Param>,
    ) -> Result<u64, Trouble> {
        self.text(sql, params).await?.parse().map_err(|_| BadHost::NoText.into())
    }

    /// Opens a cursor, so that no more rows are held than are fetched at once.
    pub(super) async fn open(&self, select: &str) -> Result<Cursor<'_>, Trouble> {
        // Some drivers remember what columns a statement has: so that of another select is another.
        let digest: String = wire::sha256(select.as_bytes()).chars().take(16).collect();
        let name = format!("housekeep_{digest}");
        let declare = format!("DECLARE {name} NO SCROLL CURSOR FOR\n{select}");
        self.rows(declare, Vec::new()).await?;
        Ok(Cursor { talk: self, name })
    }

    pub(super) async fn begin(&self, isolation: Isolation) -> Result<(), Trouble> {
        self.order(Step::Begin(isolation)).await
    }

    pub(super) async fn commit(&self, verified: super::prove::Verified) -> Result<(), Trouble> {
        self.order(Step::Commit(verified)).await
    }

    /// Whatever becomes of it, the transaction is over.
    pub(super) async fn roll_back(&self) {
        self.ask(Step::Rollback).await;
    }

    /// The end of a transaction that only read: there is none left where the connection is gone.
    pub(super) async fn end_reading<T>(&self, read: &Result<T, Trouble>) {
        if !matches!(read, Err(Trouble::Lost(_))) {
            self.roll_back().await;
        }
    }

    pub(super) async fn reconnect(&self) -> Result<(), Trouble> {
        self.order(Step::Reconnect).await
    }

    pub(super) async fn sleep(&self, time: Duration) -> Result<(), Trouble> {
        self.order(Step::Sleep(time)).await
    }

    pub(super) async fn persist(&self, file: File) -> Result<(), Trouble> {
        self.order(Step::Persist(file)).await
    }

    /// Machines that are carried out side by side.
    pub(super) async fn together(&self, machines: Vec<Machine<()>>) -> Result<(), Trouble> {
        self.order(Step::Together(machines)).await
    }

    pub(super) async fn read(&self, name: &str) -> Result<Vec<u8>, Trouble> {
        match self.ask(Step::Read(name.to_owned())).await {
            Outcome::Bytes(bytes) => Ok(bytes),
            other => Err(Trouble::of(other)),
        }
    }

    pub(super) async fn answer(&self, question: Question) -> Result<String, Trouble> {
        match self.ask(Step::Confirm(question)).await {
            Outcome::Answer(answer) => Ok(answer),
            other => Err(Trouble::of(other)),
        }
    }
}
